"""Facts of an area's stream: standards, policies, area grants, codes that gave way."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from ledger.fact import AreaCode, Code, FactOfMonth, Text, recorded
from ledger.money import Fen
from ledger.programmes import CareForm, Programme, Recognition, SelfCare

Tier = Annotated[
    str, Meta(pattern=r"^[A-Z][0-9]?$(?!\n)", max_length=2, description="A tier's letter.")
]

PolicyValue = bool | int | str | list[str] | dict[str, int | str]
"""The value of a policy setting; its shape is declared in contracts/policy-settings.json."""


@recorded("assistance.StandardAdopted.v1", command="AdoptStandard")
class StandardAdopted(FactOfMonth, frozen=True, kw_only=True):
    """A place adopted the amount per person that it guarantees (Law 18)."""

    area: AreaCode
    programme: Programme
    period: Annotated[Literal["month", "year"], Meta(description="What the amounts are per.")]
    mode: Annotated[
        Literal["gap", "tiered", "full"],
        Meta(description="How an amount follows from the standard."),
    ]
    amount_fen: Annotated[Fen, Meta(description="The standard per person and period, in fen.")]
    tiers: Annotated[
        dict[Tier, Fen], Meta(description="Tiered: fen per covered person and period.")
    ] = {}
    by_care_form: Annotated[
        dict[CareForm, Fen],
        Meta(description="Tekun: the basic standard by care form, where it differs."),
    ] = {}
    care: Annotated[
        dict[SelfCare, Fen],
        Meta(description="Tekun: care allowance by self-care ability, fen and period."),
    ] = {}
    kind: Annotated[
        Literal["standard", "guideline"],
        Meta(description="A guideline is never a standard in force."),
    ] = "standard"
    adopted_by: Annotated[Text, Meta(description="The adopting body.")]
    announced_on: date | None = None
    instrument: Annotated[Text | None, Meta(description="The document's number.")] = None


@recorded("assistance.StandardEnded.v1", command="EndStandard")
class StandardEnded(FactOfMonth, frozen=True, kw_only=True):
    """A place's own standard ended: the wider area's holds from the month on."""

    area: AreaCode
    programme: Programme
    kind: Literal["standard", "guideline"] = "standard"
    instrument: Text | None = None


@recorded("assistance.PolicyAdopted.v1", command="AdoptPolicy")
class PolicyAdopted(FactOfMonth, frozen=True, kw_only=True):
    """A place adopted one policy setting; settings inherit singly from the wider areas."""

    area: AreaCode
    setting: Annotated[Code, Meta(description="A name of contracts/policy-settings.json.")]
    value: Annotated[PolicyValue, Meta(description="As that setting's schema says.")]
    instrument: Text | None = None


@recorded("assistance.PolicyEnded.v1", command="EndPolicy")
class PolicyEnded(FactOfMonth, frozen=True, kw_only=True):
    """A place's own setting ended: the wider area's, or the default, holds from the month on."""

    area: AreaCode
    setting: Code
    instrument: Text | None = None


@recorded("assistance.AreaGrantAdopted.v1", command="AdoptAreaGrant")
class AreaGrantAdopted(FactOfMonth, frozen=True, kw_only=True):
    """An amount for everyone on the given rolls in the month `effective` (Law 32)."""

    area: AreaCode
    head: Literal["price_subsidy", "festival", "heating", "electricity", "other"]
    rolls: Annotated[list[Programme | Recognition], Meta(min_length=1, max_length=14)]
    per: Literal["person", "household"]
    amount_fen: Fen
    instrument: Text | None = None


@recorded("assistance.AreaReplaced.v1", command="ReplaceArea")
class AreaReplaced(FactOfMonth, frozen=True, kw_only=True):
    """An area's code gave way to another from the month on."""

    area: AreaCode
    successor: AreaCode
    instrument: Text | None = None
