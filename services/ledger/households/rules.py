"""The refusals, one function a rule. A rule looks and raises; it never changes anything.

Rules of procedure hold by `decided_on`: a fact decided before the rule existed, or imported from an
older system and marked `migrated`, is recorded without it and becomes a lead. The others hold
always.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from ledger.errors import Refused
from ledger.fact import Fact
from ledger.households.facts import (
    ApplicationReceived,
    ApplicationRefused,
    ApplicationWithdrawn,
    HouseholdEnrolled,
    HouseholdExited,
    HouseholdMoved,
    Member,
    MemberDied,
)
from ledger.households.household import Household
from ledger.months import month_of, shift
from ledger.world import World

INTERIM_MEASURES = date(2014, 5, 1)
"""The Interim Measures on Social Assistance took effect: means are verified before enrolment."""

LAW = date(2026, 7, 1)
"""The Social Assistance Law took effect."""

Rule = Callable[[Household, Any, World], None]


def since(day: date) -> Callable[[Rule], Rule]:
    """Make a rule one of procedure that exists since a day."""

    def procedure(rule: Rule) -> Rule:
        @wraps(rule)
        def checked(household: Household, fact: Fact, world: World) -> None:
            if fact.decided_on >= day and not fact.migrated:
                rule(household, fact, world)

        return checked

    return procedure


def area_known(household: Household, fact: Any, world: World) -> None:
    """The area is one that the reference data names."""
    world.require_area(fact.area)


def members_sound(household: Household, fact: Any, world: World) -> None:
    """Each person once, one head, at least one covered."""
    members: list[Member] = fact.members
    persons = [member.person for member in members]
    if len(set(persons)) != len(persons):
        raise Refused("members_distinct", "A person is listed twice.", "List each member once.")
    if sum(member.role == "head" for member in members) != 1:
        raise Refused(
            "one_head", "A household has exactly one head.", "Give one member the role `head`."
        )
    if not any(member.covered for member in members):
        raise Refused(
            "someone_covered", "No member is covered.", "Cover a member, or do not enrol."
        )


def standard_in_force(household: Household, fact: Any, world: World) -> None:
    """No enrolment into a programme without a standard in force; a tier is one of the standard's.

    A move asks for the standard only: a tier that the new area lacks is changed after it.
    """
    state = household.state_at(fact.effective)
    area = getattr(fact, "area", None) or state.area
    programme = getattr(fact, "programme", None) or state.programme
    if area is None or programme is None:
        return
    standard = world.standard(area, programme, fact.effective)
    if standard is None:
        raise Refused(
            "standard_in_force",
            f"No standard for {programme} is in force in {area} in {fact.effective}.",
            "Adopt one with AdoptStandard for the area or a wider one; a guideline does not count.",
            fact.effective,
        )
    if not isinstance(fact, HouseholdMoved):
        _refuse_foreign_tier(fact.tier, standard.tiers, fact.effective)


def _refuse_foreign_tier(tier: str | None, tiers: dict[str, int], month: str) -> None:
    if tiers and tier not in tiers:
        raise Refused(
            "tier_of_standard",
            f"The standard in force has the tiers {', '.join(sorted(tiers))}; this is another.",
            "Give one of these tiers.",
            month,
        )


@since(INTERIM_MEASURES)
def delegated(household: Household, fact: Any, world: World) -> None:
    """Nobody decides at a level to which the province has not delegated."""
    month = getattr(fact, "effective", None) or month_of(fact.decided_on)
    area = getattr(fact, "area", None) or household.state_at(month).area or _area_applied(household)
    if area is None or fact.decided_by not in ("town", "village"):
        return
    if fact.decided_by not in world.policy(area, "decision.delegated_levels", month):
        raise Refused(
            "delegated",
            f"Decisions are not delegated to the {fact.decided_by} in {area}.",
            "Let the county decide, or adopt decision.delegated_levels for the area.",
            month,
        )


def _area_applied(household: Household) -> str | None:
    areas = [fact.area for fact in household.facts if isinstance(fact, ApplicationReceived)]
    return areas[-1] if areas else None


def one_member_alone(household: Household, fact: HouseholdEnrolled, world: World) -> None:
    """A single-person enrolment has one member; `beside` is of single-person enrolments alone."""
    if fact.single_person and len(fact.members) != 1:
        raise Refused(
            "single_person_alone", "A single-person enrolment has one member.", "List the one."
        )
    if fact.beside is not None and not fact.single_person:
        raise Refused(
            "single_person_alone",
            "`beside` is of single-person enrolments alone.",
            "Leave it out, or enrol one member with single_person.",
        )


def exit_reasoned(household: Household, fact: HouseholdExited, world: World) -> None:
    """An exit has a coded reason and a legal basis; `other` says in words what it is."""
    if fact.reason == "other" and not fact.text:
        raise Refused(
            "exit_reasoned",
            "The reason `other` needs its text.",
            "Say in `text` what it is.",
            fact.effective,
        )
    if fact.reason == "grace_ended" and not fact.migrated:
        raise Refused(
            "exit_reasoned",
            "`grace_ended` follows from a grace period by itself.",
            "Start the grace period, or give the reason for which the household leaves now.",
            fact.effective,
        )
    if fact.reason == "merged" and fact.went_to is None and not fact.migrated:
        raise Refused(
            "exit_reasoned",
            "`merged` names in went_to where to.",
            "Use MergeHouseholds on the survivor.",
            fact.effective,
        )


def death_dated(household: Household, fact: MemberDied, world: World) -> None:
    """A death takes effect the month after it, and is learned of after it."""
    if fact.effective != shift(month_of(fact.died_on), 1):
        raise Refused(
            "death_dated",
            "A death takes effect from the month after died_on.",
            f"Leave `effective` out, or give {shift(month_of(fact.died_on), 1)}.",
            fact.effective,
        )
    if not fact.died_on <= (fact.learned_on or fact.decided_on) <= fact.decided_on:
        raise Refused(
            "death_dated",
            "died_on, learned_on and decided_on are not in this order.",
            "Mend the dates.",
        )


@since(INTERIM_MEASURES)
def application_open(household: Household, fact: Fact, world: World) -> None:
    """What follows an application needs an open one: neither refused nor withdrawn since."""
    if fact.corrects is not None:
        return
    is_open = False
    for earlier in household.facts:
        if isinstance(earlier, ApplicationReceived):
            is_open = True
        elif isinstance(earlier, ApplicationRefused | ApplicationWithdrawn):
            is_open = False
    if not is_open:
        raise Refused(
            "application_open",
            "No application is open on this stream.",
            "Record ReceiveApplication first.",
        )
