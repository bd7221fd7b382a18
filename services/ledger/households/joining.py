"""Households that split and merge: what follows on the other stream."""

from __future__ import annotations

from typing import Any

from ledger.errors import Refused
from ledger.fact import Fact
from ledger.households.facts import (
    HouseholdEnrolled,
    HouseholdExited,
    HouseholdsMerged,
    HouseholdSplit,
)
from ledger.households.household import Household
from ledger.timeline import effective_of
from ledger.world import World


def follows(household: Household, fact: Fact) -> bool:
    """Tell whether a split or merger acts on the other stream: a correction has done so before."""
    was = household.facts[fact.rank - 1] if fact.rank else None
    match fact, was:
        case HouseholdSplit(), HouseholdSplit():
            return fact.new_household != was.new_household
        case HouseholdsMerged(), HouseholdsMerged():
            return fact.absorbed != was.absorbed
    return True


def _refuse_other_stream_left_behind(household: Household, fact: Fact) -> None:
    """A correction changes neither who moved nor when: the other stream's facts stand."""
    was = household.facts[(fact.rank or 0) - 1]
    if _moved(was) != _moved(fact):
        raise Refused(
            "other_household_stands",
            "A correction cannot change who moved between the households, when, or with which "
            "income: the other household's facts stand.",
            "Revoke the other household's enrolment or exit first, or correct it there.",
            effective_of(fact),
        )


def _moved(fact: Any) -> tuple[Any, ...]:
    split = isinstance(fact, HouseholdSplit)
    rest = (fact.members, fact.new_income_fen, fact.new_tier) if split else ()
    return (fact.effective, {member.person for member in fact.members}, *rest)


def split_allowed(household: Household, fact: HouseholdSplit, world: World) -> None:
    """The new household's stream is new."""
    if not follows(household, fact):
        _refuse_other_stream_left_behind(household, fact)
    elif fact.new_household == household.id or world.get(Household, fact.new_household).version:
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
        care_form=state.care_form,  # type: ignore[arg-type]  # as its facts said it
        members=fact.members,
        decided_by=fact.decided_by,
        legal_basis=fact.legal_basis,
        came_from=household.id,
    )
    return new, enrolled


def merge_allowed(household: Household, fact: HouseholdsMerged, world: World) -> None:
    """The absorbed household is on the roll; those named are its living members, each once."""
    if len({m.person for m in fact.members}) != len(fact.members):
        raise Refused("members_distinct", "A person is listed twice.", "List each member once.")
    if not follows(household, fact):
        _refuse_other_stream_left_behind(household, fact)
        return
    state = world.household(fact.absorbed).state_at(fact.effective)
    if fact.absorbed == household.id or not state.on_roll:
        raise Refused(
            "merge_on_roll",
            "The absorbed household is not on the roll in that month.",
            "Merge two households of which both are on the roll; others are members who join.",
            fact.effective,
        )
    living = {person for person, member in state.members.items() if member.died is None}
    if {m.person for m in fact.members} - living:
        raise Refused(
            "member_there",
            "A person listed is no living member of the absorbed household in that month.",
            "List the absorbed household's members.",
            fact.effective,
        )


def merge(household: Household, fact: HouseholdsMerged, world: World) -> tuple[Household, Fact]:
    """Return the absorbed household and its exit, reason merged: its members' cover is free."""
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
