"""From an application to the decision upon it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from ledger.fact import AreaCode, Code, Fact, Text, recorded
from ledger.ids import FactId
from ledger.money import Fen
from ledger.programmes import Level, Programme, Recognition


class IncomeItem(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One income of one member, in fen a month."""

    person: UUID
    kind: Literal["wage", "business", "property", "transfer", "support", "other"]
    fen: Fen


class Deduction(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is left out of the income: an exemption, rigid spending, the cost of working."""

    kind: Literal[
        "exempt_income", "medical", "disability", "education", "care", "work_cost", "other"
    ]
    fen: Fen


@recorded("assistance.ApplicationReceived.v1", command="ReceiveApplication")
class ApplicationReceived(Fact, frozen=True, kw_only=True):
    """Somebody applied, or the grid or an alert found the household first (Law 39)."""

    area: AreaCode
    channel: Literal["counter", "online", "proactive", "transfer"]
    applied_for: Programme | Recognition | None = None
    persons: Annotated[list[UUID], Meta(max_length=50)] = []
    grid: Annotated[
        Code | None, Meta(description="Proactive: the grid that found the household.")
    ] = None
    alert: Annotated[
        UUID | None, Meta(description="Proactive: the alert that found the household.")
    ] = None
    transfer_from: Annotated[
        UUID | None, Meta(description="Transfer: the household's former stream.")
    ] = None


@recorded("assistance.ApplicationAccepted.v1", command="AcceptApplication")
class ApplicationAccepted(Fact, frozen=True, kw_only=True):
    """The application was accepted: the clock of working days starts."""

    clock: Annotated[
        Literal["regular", "special", "delegated"],
        Meta(description="30, 45 or 20 working days by default; policy settings deadline.*"),
    ] = "regular"
    relative_of_staff: bool = False


@recorded("assistance.MeansVerified.v1", command="VerifyMeans")
class MeansVerified(Fact, frozen=True, kw_only=True):
    """Income and assets were checked: every aid must be checked."""

    income_fen: Annotated[Fen, Meta(description="The household's counted income a month.")]
    items: Annotated[list[IncomeItem], Meta(max_length=200)] = []
    deductions: Annotated[list[Deduction], Meta(max_length=50)] = []
    assets_within_limits: bool = True
    sources: Annotated[
        list[Code], Meta(max_length=30, description="Registers that were asked.")
    ] = []


@recorded("assistance.OpinionPosted.v1", command="PostOpinion")
class OpinionPosted(Fact, frozen=True, kw_only=True):
    """The opinion on the application was posted, 7 days by default."""

    days: Annotated[int, Meta(ge=1, le=60)] = 7
    place: Text | None = None


@recorded("assistance.ObjectionRaised.v1", command="RaiseObjection")
class ObjectionRaised(Fact, frozen=True, kw_only=True):
    """Somebody objected to what was posted or published."""

    ground: Code


@recorded("assistance.AppraisalHeld.v1", command="HoldAppraisal")
class AppraisalHeld(Fact, frozen=True, kw_only=True):
    """Neighbours' appraisal of a contested application."""

    outcome: Literal["supported", "not_supported"]
    attended: Annotated[int, Meta(ge=0, le=10_000)]


@recorded("assistance.ApplicationRefused.v1", command="RefuseApplication")
class ApplicationRefused(Fact, frozen=True, kw_only=True):
    """The application was refused, with reason and basis."""

    reason: Code
    legal_basis: Text
    decided_by: Level


@recorded("assistance.ApplicationWithdrawn.v1", command="WithdrawApplication")
class ApplicationWithdrawn(Fact, frozen=True, kw_only=True):
    """The applicant withdrew."""

    reason: Code | None = None


@recorded("assistance.DecisionPublished.v1", command="PublishDecision")
class DecisionPublished(Fact, frozen=True, kw_only=True):
    """A decision was published: name, number of members and amount, nothing else."""

    decision: FactId | None = None
    place: Text | None = None
    until: date | None = None
