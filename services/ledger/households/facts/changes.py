"""What changes while a household is on a roll."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from ledger.cover.facts import Digest
from ledger.fact import AreaCode, Code, Fact, FactOfMonth, Text, recorded
from ledger.households.facts.spells import Member, Members
from ledger.ids import FactId
from ledger.money import Fen
from ledger.months import Month
from ledger.programmes import CareForm, Level, Programme, SelfCare, Supplement
from ledger.standards.facts import Tier

NewIncome = Annotated[
    Fen, Meta(description="The household's counted income a month, from then on.")
]


@recorded("assistance.MemberJoined.v1", command="AddMember")
class MemberJoined(FactOfMonth, frozen=True, kw_only=True):
    """A member joined."""

    member: Member
    income_fen: NewIncome
    reason: Code | None = None


@recorded("assistance.MemberLeft.v1", command="RemoveMember")
class MemberLeft(FactOfMonth, frozen=True, kw_only=True):
    """A member left; no longer in the income test."""

    person: UUID
    income_fen: NewIncome
    reason: Code


@recorded("assistance.MemberDied.v1", command="RecordDeath")
class MemberDied(Fact, frozen=True, kw_only=True):
    """A member died: cover ends with that month; income and its test wait for a reassessment."""

    effective: Annotated[
        Month | None, Meta(description="The month after died_on; set by the ledger when left out.")
    ] = None
    person: UUID
    died_on: date
    learned_on: date | None = None


@recorded("assistance.MemberCoverStopped.v1", command="StopMemberCover")
class MemberCoverStopped(FactOfMonth, frozen=True, kw_only=True):
    """A member is no longer covered but stays in the income test."""

    person: UUID
    reason: Literal[
        "work_refused", "imprisonment", "compulsory_detention", "joined_other_scheme", "other"
    ]
    legal_basis: Text


@recorded("assistance.MemberCoverRestored.v1", command="RestoreMemberCover")
class MemberCoverRestored(FactOfMonth, frozen=True, kw_only=True):
    """A member is covered again."""

    person: UUID
    reason: Code | None = None


@recorded("assistance.HeadChanged.v1", command="ChangeHead")
class HeadChanged(FactOfMonth, frozen=True, kw_only=True):
    """Another member is the head of the household."""

    person: UUID


@recorded("assistance.PayeeDesignated.v1", command="DesignatePayee")
class PayeeDesignated(FactOfMonth, frozen=True, kw_only=True):
    """Whose account is paid; the account itself is never in a fact."""

    person: UUID
    account_digest: Digest


@recorded("assistance.IncomeReassessed.v1", command="ReassessIncome")
class IncomeReassessed(FactOfMonth, frozen=True, kw_only=True):
    """The counted income was assessed anew; members who died leave the income test."""

    income_fen: NewIncome
    verification: FactId | None = None
    reason: Code | None = None


@recorded("assistance.TierChanged.v1", command="ChangeTier")
class TierChanged(FactOfMonth, frozen=True, kw_only=True):
    """The household is in another tier."""

    tier: Tier
    reason: Code | None = None


@recorded("assistance.ProgrammeChanged.v1", command="ChangeProgramme")
class ProgrammeChanged(FactOfMonth, frozen=True, kw_only=True):
    """The household is on another basic roll, in the same spell."""

    programme: Programme
    tier: Tier | None = None
    legal_basis: Text
    decided_by: Level


@recorded("assistance.SupplementAssigned.v1", command="AssignSupplement")
class SupplementAssigned(FactOfMonth, frozen=True, kw_only=True):
    """A member belongs to a class for which there is extra aid (Law 20)."""

    person: UUID
    supplement: Supplement


@recorded("assistance.SupplementWithdrawn.v1", command="WithdrawSupplement")
class SupplementWithdrawn(FactOfMonth, frozen=True, kw_only=True):
    """A member no longer belongs to the class."""

    person: UUID
    supplement: Supplement
    reason: Code


@recorded("assistance.SelfCareAssessed.v1", command="AssessSelfCare")
class SelfCareAssessed(FactOfMonth, frozen=True, kw_only=True):
    """A member's self-care ability was assessed; the care allowance depends on it."""

    person: UUID
    self_care: SelfCare


@recorded("assistance.CareFormChanged.v1", command="ChangeCareForm")
class CareFormChanged(FactOfMonth, frozen=True, kw_only=True):
    """Support moved into or out of an institution."""

    care_form: CareForm


@recorded("assistance.HouseholdMoved.v1", command="MoveHousehold")
class HouseholdMoved(FactOfMonth, frozen=True, kw_only=True):
    """The household moved to another area of the same cell."""

    area: AreaCode


@recorded("assistance.HouseholdSplit.v1", command="SplitHousehold")
class HouseholdSplit(FactOfMonth, frozen=True, kw_only=True):
    """Members left together and form a household of their own, enrolled at once."""

    new_household: UUID
    members: Annotated[
        Members, Meta(description="The members of the new household, in their new roles.")
    ]
    income_fen: Annotated[Fen, Meta(description="Counted income a month of those who stay.")]
    new_income_fen: Annotated[Fen, Meta(description="Counted income a month of the new household.")]
    new_tier: Tier | None = None
    legal_basis: Text
    decided_by: Level


@recorded("assistance.HouseholdsMerged.v1", command="MergeHouseholds")
class HouseholdsMerged(FactOfMonth, frozen=True, kw_only=True):
    """Another household's members joined this one; the other one exits, reason merged."""

    absorbed: UUID
    members: Annotated[
        Members, Meta(description="The absorbed household's members, in their new roles.")
    ]
    income_fen: NewIncome
    legal_basis: Text
    decided_by: Level


@recorded("assistance.GridAssigned.v1", command="AssignGrid")
class GridAssigned(FactOfMonth, frozen=True, kw_only=True):
    """The household belongs to a grid and one responsible person."""

    grid: Code
    responsible: Annotated[
        str, Meta(min_length=1, max_length=80, description="The staff member's id.")
    ]
