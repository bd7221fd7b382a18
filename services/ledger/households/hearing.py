"""Nobody's aid is reduced or stopped unheard (Law 48)."""

from __future__ import annotations

from ledger.errors import Refused
from ledger.fact import Fact
from ledger.households.facts import (
    EnrolmentRevoked,
    GracePeriodStarted,
    HouseholdExited,
    HouseholdsMerged,
    HouseholdSplit,
    MemberDied,
    OpinionHeard,
)
from ledger.households.household import Household
from ledger.households.rules import LAW
from ledger.households.state import State, fold
from ledger.timeline import Entry, effective_of
from ledger.world import World


def refuse_unheard(household: Household, fact: Fact, after: list[Entry], world: World) -> None:
    """Refuse a reduction or stop without an opinion heard on or before the decision (Law 48).

    What is a reduction is read off the states with and without the fact, in the month from which it
    holds. A hearing serves the next decision of its kind; a correction may rest on the first one's.
    """
    if fact.decided_on < LAW or fact.migrated or _needs_none(household, fact):
        return
    month = effective_of(fact)
    unheard = _reductions(household, fact, after, month, world) - _heard(household, fact)
    if unheard:
        kinds = " and ".join(sorted(unheard)).replace("_", " ")
        raise Refused(
            "opinion_heard",
            f"The decision means: {kinds}; the household was not heard on it on or before {fact.decided_on}.",
            "Record HearOpinion (heard, or invited and silent) with `intended` naming it (Law 48).",
            month,
        )


def _needs_none(household: Household, fact: Fact) -> bool:
    """A death, and a voluntary exit's signed request, need no hearing; nor does what is no stop."""
    match fact:
        case MemberDied() | HouseholdSplit() | HouseholdsMerged():
            return True
        case HouseholdExited():
            if fact.reason == "voluntary":
                return fact.signed_request_on is not None and fact.signed_request_on <= fact.decided_on
            if fact.reason == "merged":
                return True
            alive = household.state_at(fact.effective).covered
            return fact.reason == "death" and len(alive) <= 1
    return False


def _reductions(
    household: Household, fact: Fact, after: list[Entry], month: str | None, world: World
) -> set[str]:
    if isinstance(fact, GracePeriodStarted | EnrolmentRevoked):
        return {"exit"}
    if month is None:
        return set()
    was, now = household.state_at(month), fold(after, month)
    if not was.on_roll:
        return set()
    if not now.on_roll:
        return {"exit"}
    return _smaller(was, now) | ({"lower_tier"} if _lower_tier(was, now, month, world) else set())


def _smaller(was: State, now: State) -> set[str]:
    found = set()
    if now.suspended and not was.suspended:
        found.add("suspension")
    if now.income_fen > was.income_fen and set(was.members) >= set(now.members):
        found.add("higher_income")
    if was.covered - now.covered:
        found.add("member_lost")
    both = set(was.members) & set(now.members)
    if any(was.members[p].supplements - now.members[p].supplements for p in both):
        found.add("supplement_lost")
    return found


def _lower_tier(was: State, now: State, month: str, world: World) -> bool:
    standard = world.standard(now.area or "", now.programme or "", month) if now.area else None
    if standard is None or was.tier == now.tier or was.tier is None:
        return False
    return standard.tiers.get(now.tier or "", 0) < standard.tiers.get(was.tier, 0)


def _heard(household: Household, fact: Fact) -> set[str]:
    """Return what the household was heard on since the last fact of the same type in the spell."""
    heard: set[str] = set()
    for earlier in household.facts:
        if earlier.spell != fact.spell:
            continue
        if isinstance(earlier, OpinionHeard):
            if earlier.decided_on <= fact.decided_on:
                heard |= set(earlier.intended)
        elif type(earlier) is type(fact) and fact.corrects is None:
            heard = set()
    return heard
