"""The grace period: payment goes on for some months after a member finds work."""

from __future__ import annotations

from ledger.errors import Refused
from ledger.households.facts import GracePeriodStarted, IncomeReassessed, TierChanged
from ledger.households.household import Household
from ledger.months import months_between
from ledger.timeline import named, rank_of
from ledger.world import World


def grace_within_limits(household: Household, fact: GracePeriodStarted, world: World) -> None:
    """No grace period without employment, none past the limit; it defers what it names."""
    if fact.employed_on is None or fact.employed_on > fact.decided_on:
        raise Refused(
            "grace_needs_employment",
            "A grace period follows employment: employed_on is missing or after the decision.",
            "Give the day on which the member started to work.",
            fact.effective,
        )
    state = household.state_at(fact.effective)
    if fact.person not in state.members:
        raise Refused(
            "member_there", "The person employed is no member in that month.", "Name a member.", fact.effective
        )
    _refuse_past_limit(state.area or "", fact, world)
    _refuse_other_deferral(household, fact)


def _refuse_past_limit(area: str, fact: GracePeriodStarted, world: World) -> None:
    months = months_between(fact.effective, fact.until)
    limit = int(world.policy(area, "grace.months", fact.effective))
    if not 1 <= months <= limit:
        raise Refused(
            "grace_limit",
            f"The grace period lasts {months} months; the limit is {limit}.",
            "End it within the limit, or adopt grace.months for the area.",
            fact.until,
        )


def _refuse_other_deferral(household: Household, fact: GracePeriodStarted) -> None:
    version = named(household.id, household.facts, fact.defers, "defers", IncomeReassessed, TierChanged)
    deferred = household.facts[rank_of(household.facts, version) - 1]
    if deferred.spell != fact.spell:
        raise Refused(
            "grace_defers",
            "The reassessment that the grace period defers is of another spell.",
            "Name the reassessment that the work led to.",
            fact.effective,
        )
