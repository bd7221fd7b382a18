"""Households that split and merge: what follows on the other stream."""

from __future__ import annotations

from ledger.errors import Refused
from ledger.fact import Fact
from ledger.households.facts import (
    HouseholdEnrolled,
    HouseholdExited,
    HouseholdsMerged,
    HouseholdSplit,
)
from ledger.households.household import Household
from ledger.world import World


def split_allowed(household: Household, fact: HouseholdSplit, world: World) -> None:
    """The new household's stream is new."""
    if fact.new_household == household.id or world.get(Household, fact.new_household).version:
        raise Refused(
            "split_is_new",
            "The stream named in new_household has facts already.",
            "Choose a new id for the new household.",
            fact.effective,
        )


def split(household: Household, fact: HouseholdSplit, world: World) -> tuple[Household, Fact]:
    """Return the new household and its enrolment, in the programme and area of the old one."""
    state = household.state_at(fact.effective)
    new = world.get(Household, fact.new_household)
    enrolled = HouseholdEnrolled(
        decided_on=fact.decided_on,
        effective=fact.effective,
        spell=1,
        migrated=fact.migrated,
        programme=state.programme,  # type: ignore[arg-type]  # on the roll, so it has one
        area=state.area or "",
        income_fen=fact.new_income_fen,
        tier=fact.new_tier,
        members=fact.members,
        decided_by=fact.decided_by,
        legal_basis=fact.legal_basis,
        came_from=household.id,
    )
    return new, enrolled


def merge_allowed(household: Household, fact: HouseholdsMerged, world: World) -> None:
    """The absorbed household is on the roll, and its members are the ones named."""
    absorbed = world.household(fact.absorbed)
    state = absorbed.state_at(fact.effective)
    if fact.absorbed == household.id or not state.on_roll:
        raise Refused(
            "merge_on_roll",
            "The absorbed household is not on the roll in that month.",
            "Merge two households of which both are on the roll; others are members who join.",
            fact.effective,
        )
    if {m.person for m in fact.members} - set(state.members):
        raise Refused(
            "member_there",
            "A person listed is no member of the absorbed household in that month.",
            "List the absorbed household's members.",
            fact.effective,
        )


def merge(household: Household, fact: HouseholdsMerged, world: World) -> tuple[Household, Fact]:
    """Return the absorbed household and its exit, reason merged, so that its members' cover is free."""
    exited = HouseholdExited(
        decided_on=fact.decided_on,
        effective=fact.effective,
        migrated=fact.migrated,
        reason="merged",
        legal_basis=fact.legal_basis,
        decided_by=fact.decided_by,
        went_to=household.id,
    )
    return world.household(fact.absorbed), exited
