"""The grace period: payment goes on for some months after a member finds work."""

from __future__ import annotations

from ledger.errors import Refused
from ledger.households.facts import GracePeriodStarted, IncomeReassessed, TierChanged
from ledger.households.household import Household
from ledger.households.rules import INTERIM_MEASURES, since
from ledger.months import months_between
from ledger.timeline import named, rank_of
from ledger.world import World

LAST_MONTH = "2099-12"
"""The last month that can be written; cover that ends after it could not be."""


@since(INTERIM_MEASURES)
def grace_within_limits(household: Household, fact: GracePeriodStarted, world: World) -> None:
    """No grace period without employment, none past the limit."""
    if fact.employed_on is None or fact.employed_on > fact.decided_on:
        raise Refused(
            "grace_needs_employment",
            "A grace period follows employment: employed_on is missing or after the decision.",
            "Give the day on which the member started to work.",
            fact.effective,
        )
    area = household.state_at(fact.effective).area
    months = months_between(fact.effective, fact.until)
    limit = int(world.policy(area, "grace.months", fact.effective)) if area else months
    if months > limit:
        raise Refused(
            "grace_limit",
            f"The grace period lasts {months} months; the limit is {limit}.",
            "End it within the limit, or adopt grace.months for the area.",
            fact.until,
        )


def grace_sound(household: Household, fact: GracePeriodStarted, world: World) -> None:
    """A grace period lasts a month at least, is for a member, and defers what it names."""
    if not fact.effective <= fact.until < LAST_MONTH:
        raise Refused(
            "grace_limit",
            f"The grace period would last from {fact.effective} to {fact.until}.",
            "Give as `until` the last paid month, `effective` or a later one.",
            fact.until,
        )
    if fact.person not in household.state_at(fact.effective).members:
        raise Refused(
            "member_there",
            "The person employed is no member in that month.",
            "Name a member.",
            fact.effective,
        )
    _refuse_other_deferral(household, fact)


def _refuse_other_deferral(household: Household, fact: GracePeriodStarted) -> None:
    version = named(
        household.id, household.facts, fact.defers, "defers", IncomeReassessed, TierChanged
    )
    deferred = household.facts[rank_of(household.facts, version) - 1]
    if deferred.spell != fact.spell:
        raise Refused(
            "grace_defers",
            "The reassessment that the grace period defers is of another spell.",
            "Name the reassessment that the work led to.",
            fact.effective,
        )
