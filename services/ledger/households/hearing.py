"""Nobody's aid is reduced or stopped unheard (Law 48)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ledger.errors import Refused
from ledger.fact import Fact
from ledger.households.facts import (
    EnrolmentRevoked,
    ExitRevoked,
    HouseholdExited,
    HouseholdsMerged,
    HouseholdSplit,
    MemberDied,
    OpinionHeard,
)
from ledger.households.household import Household, standing
from ledger.households.rules import LAW
from ledger.households.state import State, fold, states_at
from ledger.timeline import Entry, effective_of, latest_of_chains
from ledger.world import World


class Change(NamedTuple):
    """A fact, with the timelines before and after it."""

    fact: Fact
    before: Sequence[Entry]
    after: Sequence[Entry]


def refuse_unheard(household: Household, fact: Fact, after: list[Entry], world: World) -> None:
    """Refuse a reduction or stop without an opinion heard on or before the decision (Law 48).

    What is a reduction is read off the timelines with and without the fact, in every month. A
    hearing serves the first decision that it allows; a correction may rest on that of what it
    corrects.
    """
    if fact.decided_on < LAW or fact.migrated:
        return
    unheard = _reductions(Change(fact, household.entries, after), world)
    if unheard:
        heard = _heard(household, fact, world)
        unheard = {kind: month for kind, month in unheard.items() if kind not in heard}
    if unheard:
        kinds = " and ".join(sorted(unheard)).replace("_", " ")
        raise Refused(
            "opinion_heard",
            f"The decision means: {kinds}; the household was not heard on it on or before "
            f"{fact.decided_on}.",
            "Record HearOpinion (heard, or invited and silent) with `intended` naming it (Law 48).",
            min(unheard.values()),
        )


def _reductions(change: Change, world: World) -> dict[str, str]:
    """Return what a fact takes from the household: each kind, with the first such month."""
    if _needs_none(change):
        return {}
    found: dict[str, str] = {}
    months = _months(change)
    timelines = states_at(change.before, months), states_at(change.after, months)
    for month, was, now in zip(months, *timelines, strict=True):
        for kind in _smaller(change.fact, was, now, month, world):
            found.setdefault(kind, month)
    if isinstance(change.fact, HouseholdsMerged) and _left_behind(change.fact, world):
        found.setdefault("member_lost", change.fact.effective)
    return found


def _needs_none(change: Change) -> bool:
    """A death, a voluntary exit's signed request, and what an appeal led to need no hearing."""
    match change.fact:
        case MemberDied():
            return True
        case ExitRevoked() as fact:
            return fact.appeal is not None
        case HouseholdExited(reason="voluntary") as fact:
            return fact.signed_request_on is not None and fact.signed_request_on <= fact.decided_on
        case HouseholdExited(reason="death") as fact:
            state = fold(change.before, fact.effective)
            return len(state.members) == 1 or not state.covered
    return False


def _months(change: Change) -> list[str]:
    """Return the months in which the two timelines may differ: from the first change to the last."""
    pairs = zip(change.before, change.after, strict=False)
    same = next((n for n, (was, now) in enumerate(pairs) if was != now), None)
    if same is None:
        same = min(len(change.before), len(change.after))
    rest = (*change.before[same:], *change.after[same:])
    return sorted({entry.effective for entry in rest})


def _smaller(fact: Fact, was: State, now: State, month: str, world: World) -> set[str]:
    if not was.on_roll:
        return set()
    if not now.on_roll:
        return {"exit"}
    moved = (
        {m.person for m in fact.members if m.covered} if isinstance(fact, HouseholdSplit) else set()
    )
    both = was.covered & now.covered
    supplements = any(was.members[p].supplements - now.members[p].supplements for p in both)
    found = {
        "suspension": now.suspended and not was.suspended,
        "member_lost": bool(was.covered - now.covered - moved),
        "supplement_lost": supplements,
        "higher_income": _higher_income(was, now, month, world),
        "lower_tier": _lower_tier(was, now, month, world),
    }
    return {kind for kind, is_so in found.items() if is_so}


def _higher_income(was: State, now: State, month: str, world: World) -> bool:
    """A higher income; one that comes with a new member, only when the amount falls by it."""
    if now.income_fen <= was.income_fen:
        return False
    if not set(now.members) - set(was.members):
        return True
    standard = world.standard(now.area or "", now.programme or "", month)
    if standard is None or standard.mode != "gap" or not was.tested or not now.tested:
        return False
    periods = 12 if standard.period == "year" else 1
    before, after = (
        len(s.covered) * max(0, s.tested * standard.amount_fen - periods * s.income_fen)
        for s in (was, now)
    )
    return after * was.tested < before * now.tested


def _lower_tier(was: State, now: State, month: str, world: World) -> bool:
    if was.tier == now.tier or was.tier is None:
        return False
    standard = world.standard(now.area or "", now.programme or "", month)
    if standard is None:
        return False
    return standard.tiers.get(now.tier or "", 0) < standard.tiers.get(was.tier, 0)


def _left_behind(fact: HouseholdsMerged, world: World) -> bool:
    """Tell whether somebody whom the absorbed household covers is not covered by the survivor."""
    covered = world.household(fact.absorbed).state_at(fact.effective).covered
    return bool(covered - {member.person for member in fact.members if member.covered})


def _heard(household: Household, fact: Fact, world: World) -> set[str]:
    """Return what the household was heard on; a correction may rest on its first fact's hearing."""
    heard = _unspent(household, fact, household.version, world)
    return heard | _unspent(household, fact, fact.rank - 1, world) if fact.rank else heard


def _unspent(household: Household, fact: Fact, version: int, world: World) -> set[str]:
    """Return the kinds heard, by a version, of which no decision has made use since."""
    said = latest_of_chains(household.facts[:version])
    unspent: set[str] = set()
    for number, earlier in enumerate(household.facts[:version], 1):
        if (earlier.spell or 0) < (fact.spell or 0):
            continue  # what was heard in one spell does not serve a later one
        if isinstance(earlier, OpinionHeard):
            hearing = said[number] if earlier.rank is None else None
            if isinstance(hearing, OpinionHeard) and hearing.decided_on <= fact.decided_on:
                unspent |= set(hearing.intended)
        elif unspent and (
            effective_of(earlier) is not None or isinstance(earlier, ExitRevoked | EnrolmentRevoked)
        ):
            unspent -= _reductions(_change(household, number), world).keys()
    return unspent


def _change(household: Household, version: int) -> Change:
    facts = household.facts[:version]
    return Change(facts[-1], standing(household.id, facts[:-1]), standing(household.id, facts))
