"""Facts of a grant's stream: help-first aid and what follows it, temporary aid, funeral aid."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from ledger.fact import AreaCode, Code, Fact, Text, recorded
from ledger.ids import FactId
from ledger.money import Fen
from ledger.programmes import Level

Persons = Annotated[list[UUID], Meta(max_length=50, description="Those known by id; may be none.")]
Cause = Literal[
    "fire", "flood", "earthquake", "traffic", "illness", "death", "job_lost", "education", "other"
]
Form = Literal["cash", "kind"]


@recorded("assistance.EmergencyAidGranted.v1", command="GrantEmergencyAid")
class EmergencyAidGranted(Fact, frozen=True, kw_only=True):
    """Help first: given at once where the emergency happened; the paperwork follows (Law 50)."""

    area: Annotated[AreaCode, Meta(description="Where the emergency happened (Law 37).")]
    cause: Cause
    form: Form
    amount_fen: Annotated[Fen, Meta(description="Cash, or the value of what was given in kind.")]
    goods: Text | None = None
    level: Annotated[Level, Meta(description="The level that granted.")]
    recipients: Annotated[int, Meta(ge=1, le=1000, description="How many persons were helped.")] = 1
    persons: Persons = []
    household: UUID | None = None
    emergency: Annotated[
        Code | None, Meta(description="The disaster's code, where many share one.")
    ] = None
    justification: Text | None = None
    collective_decision: Annotated[Text | None, Meta(description="The record of the meeting.")] = (
        None
    )


@recorded("assistance.EmergencyEnded.v1", command="EndEmergency")
class EmergencyEnded(Fact, frozen=True, kw_only=True):
    """The emergency ended on `decided_on`: the clock of the paperwork starts."""


@recorded("assistance.PaperworkCompleted.v1", command="CompletePaperwork")
class PaperworkCompleted(Fact, frozen=True, kw_only=True):
    """Application and check were made up for; here an unregistered recipient joins a household."""

    household: UUID | None = None
    persons: Persons = []
    verification: FactId | None = None


@recorded("assistance.AidInstalmentGranted.v1", command="GrantAidInstalment")
class AidInstalmentGranted(Fact, frozen=True, kw_only=True):
    """More aid on the same grant."""

    form: Form
    amount_fen: Fen
    goods: Text | None = None
    level: Level
    justification: Text | None = None
    collective_decision: Text | None = None


@recorded("assistance.AidConvertedToEnrolment.v1", command="ConvertAidToEnrolment")
class AidConvertedToEnrolment(Fact, frozen=True, kw_only=True):
    """The emergency turned out to last: the recipients were enrolled."""

    household: UUID
    enrolment: FactId | None = None


@recorded("assistance.AidFoundUnjustified.v1", command="FindAidUnjustified")
class AidFoundUnjustified(Fact, frozen=True, kw_only=True):
    """The check afterwards found that the aid was not due."""

    ground: Code
    amount_fen: Annotated[Fen, Meta(description="What was not due.")]


@recorded("assistance.TemporaryAidGranted.v1", command="GrantTemporaryAid")
class TemporaryAidGranted(Fact, frozen=True, kw_only=True):
    """One-off aid, emergency or expenditure type."""

    area: AreaCode
    type: Literal["emergency", "expenditure"]
    cause: Cause
    amount_fen: Fen
    recipients: Annotated[int, Meta(ge=1, le=1000)] = 1
    persons: Persons = []
    household: UUID | None = None
    simplified: Annotated[
        list[Code], Meta(max_length=20, description="Which checks were simplified.")
    ] = []
    decided_by: Level


@recorded("assistance.FuneralAidGranted.v1", command="GrantFuneralAid")
class FuneralAidGranted(Fact, frozen=True, kw_only=True):
    """Aid towards a funeral."""

    area: AreaCode
    person: UUID
    household: UUID | None = None
    died_on: date
    amount_fen: Fen
