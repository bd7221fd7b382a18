"""Acts of procedure: they change no amount by themselves."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from ledger.fact import Code, Fact, Text, recorded
from ledger.ids import FactId
from ledger.months import Month

Reduction = Literal[
    "exit", "suspension", "lower_tier", "higher_income", "supplement_lost", "member_lost"
]
"""A decision against the household, before which it must be heard (Law 48)."""


@recorded("assistance.WorkOffered.v1", command="OfferWork")
class WorkOffered(Fact, frozen=True, kw_only=True):
    """Suitable work was offered to a member who can work."""

    person: UUID
    work: Code | None = None


@recorded("assistance.WorkRefused.v1", command="RecordWorkRefusal")
class WorkRefused(Fact, frozen=True, kw_only=True):
    """A member refused the work offered, without good reason."""

    person: UUID
    offer: FactId | None = None


@recorded("assistance.ReviewCompleted.v1", command="CompleteReview")
class ReviewCompleted(Fact, frozen=True, kw_only=True):
    """The periodic re-check was done."""

    outcome: Literal["unchanged", "raised", "lowered", "exit"]
    unstable: Annotated[bool, Meta(description="Income is unstable or a member can work.")] = False
    next_due: Month | None = None


@recorded("assistance.OpinionHeard.v1", command="HearOpinion")
class OpinionHeard(Fact, frozen=True, kw_only=True):
    """The household was heard, or invited and silent, before a decision against it (Law 48)."""

    intended: Annotated[list[Reduction], Meta(min_length=1, max_length=6)]
    manner: Literal["heard", "invited_silent"]


@recorded("assistance.NoticeServed.v1", command="ServeNotice")
class NoticeServed(Fact, frozen=True, kw_only=True):
    """The household was told in writing of a decision."""

    decision: FactId
    manner: Literal["in_person", "post", "electronic", "posted_publicly"] = "in_person"


@recorded("assistance.AppealLodged.v1", command="LodgeAppeal")
class AppealLodged(Fact, frozen=True, kw_only=True):
    """The household appealed against a decision."""

    decision: FactId
    body: Text


@recorded("assistance.AppealDecided.v1", command="DecideAppeal")
class AppealDecided(Fact, frozen=True, kw_only=True):
    """The appeal was decided; what follows from it is a fact of its own."""

    appeal: FactId
    outcome: Literal["upheld", "overturned", "varied"]
    reason: Code | None = None
