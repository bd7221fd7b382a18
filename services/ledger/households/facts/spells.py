"""Entering, leaving and returning: what makes a spell."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from ledger.fact import AreaCode, Code, Fact, FactOfMonth, Text, recorded
from ledger.ids import FactId
from ledger.money import Fen
from ledger.months import Month
from ledger.programmes import CareForm, Level, Programme, SelfCare, Supplement
from ledger.standards.facts import Tier

ExitReason = Literal[
    "income_above_standard",
    "assets_above_limit",
    "employment",
    "labour_regained",
    "obligor_able",
    "death",
    "declared_missing",
    "imprisonment",
    "compulsory_detention",
    "moved_away",
    "residence_ineligible",
    "joined_other_scheme",
    "aged_out",
    "household_changed",
    "merged",
    "split",
    "unreachable",
    "non_cooperation",
    "fraud",
    "voluntary",
    "grace_ended",
    "validity_expired",
    "other",
]


class Member(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A member of a household: always in the income test, covered or not."""

    person: UUID
    role: Literal["head", "spouse", "child", "parent", "grandchild", "sibling", "other"]
    covered: bool = True
    supplements: Annotated[list[Supplement], Meta(max_length=4)] = []
    self_care: SelfCare | None = None


Members = Annotated[list[Member], Meta(min_length=1, max_length=50)]


@recorded("assistance.HouseholdEnrolled.v1", command="EnrolHousehold")
class HouseholdEnrolled(Fact, frozen=True, kw_only=True):
    """A household entered a basic roll: a new spell, with all attributes anew."""

    effective: Annotated[
        Month | None,
        Meta(
            description="First paid month; left out, by policy first_month, "
            "the month after decided_on."
        ),
    ] = None
    programme: Programme
    area: AreaCode
    income_fen: Annotated[Fen, Meta(description="The household's counted income a month.")]
    tier: Tier | None = None
    members: Members
    single_person: Annotated[
        bool, Meta(description="A member of a marginal household alone (Law 21).")
    ] = False
    beside: Annotated[
        UUID | None, Meta(description="Single-person: the marginal household's stream.")
    ] = None
    care_form: CareForm | None = None
    decided_by: Level
    legal_basis: Text
    verification: FactId | None = None
    came_from: Annotated[
        UUID | None, Meta(description="The stream of which it was split, or from which it moved.")
    ] = None


@recorded("assistance.PaymentSuspended.v1", command="SuspendPayment")
class PaymentSuspended(FactOfMonth, frozen=True, kw_only=True):
    """Payment stops for a time; the household stays on the roll."""

    reason: Code
    legal_basis: Text


@recorded("assistance.PaymentResumed.v1", command="ResumePayment")
class PaymentResumed(FactOfMonth, frozen=True, kw_only=True):
    """Payment goes on."""

    reason: Code | None = None


@recorded("assistance.GracePeriodStarted.v1", command="StartGracePeriod")
class GracePeriodStarted(FactOfMonth, frozen=True, kw_only=True):
    """A member found work: payment goes on until `until`, then cover ends by itself."""

    person: UUID
    employed_on: date | None = None
    until: Annotated[Month, Meta(description="The last paid month.")]
    defers: Annotated[FactId, Meta(description="The reassessment of income or tier that waits.")]
    decided_by: Level


@recorded("assistance.HouseholdExited.v1", command="ExitHousehold")
class HouseholdExited(FactOfMonth, frozen=True, kw_only=True):
    """The household left the roll; `effective` is the first month not paid."""

    reason: ExitReason
    legal_basis: Text
    text: Annotated[Text | None, Meta(description="Required when the reason is `other`.")] = None
    signed_request_on: Annotated[
        date | None, Meta(description="Voluntary: the day of the signed request.")
    ] = None
    decided_by: Level
    went_to: Annotated[
        UUID | None, Meta(description="The stream into which it merged or was transferred.")
    ] = None


@recorded("assistance.ExitRevoked.v1", command="RevokeExit")
class ExitRevoked(Fact, frozen=True, kw_only=True):
    """An exit, or a grace period with the exit that it brings, is left out as if never decided."""

    exit: FactId
    reason: Code
    appeal: FactId | None = None


@recorded("assistance.EnrolmentRevoked.v1", command="RevokeEnrolment")
class EnrolmentRevoked(Fact, frozen=True, kw_only=True):
    """An enrolment is left out with every fact of its spell."""

    enrolment: FactId
    reason: Code
    legal_basis: Text
