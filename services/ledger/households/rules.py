"""The refusals, one function a rule. A rule looks and raises; it never changes anything.

Rules of procedure hold by `decided_on`: a fact decided before the rule existed, or imported from an
older system and marked `migrated`, is recorded without it and becomes a lead. The others hold always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from ledger.errors import Refused
from ledger.fact import Fact
from ledger.households.facts import (
    ApplicationAccepted,
    ApplicationReceived,
    ApplicationRefused,
    ApplicationWithdrawn,
    HouseholdEnrolled,
    HouseholdExited,
    MeansVerified,
    Member,
    MemberCoverStopped,
    MemberDied,
    PaymentSuspended,
    RecognitionRecorded,
    WorkRefused,
)
from ledger.households.household import Household
from ledger.ids import version_in
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
        raise Refused("one_head", "A household has exactly one head.", "Give one member the role `head`.")
    if not any(member.covered for member in members):
        raise Refused("someone_covered", "No member is covered.", "Cover a member, or do not enrol.")


@since(INTERIM_MEASURES)
def means_verified(household: Household, fact: Any, world: World) -> None:
    """No enrolment without a verification on record: every aid must be checked."""
    if fact.verification is not None:
        found = _verification(household, fact.verification, world)
        if found and found.decided_on <= fact.decided_on:
            return
    elif any(v.decided_on <= fact.decided_on for v in verifications_since_exit(household)):
        return
    raise Refused(
        "means_verified",
        "No verification of means is on record on or before the decision.",
        "Record VerifyMeans first, or name another stream's in `verification`.",
        getattr(fact, "effective", None),
    )


def _verification(household: Household, fact: str, world: World) -> Fact | None:
    stream = UUID(fact.partition(":")[0])
    owner = household if stream == household.id else world.household(stream)
    version = version_in(stream, fact) or 0
    found = owner.facts[version - 1] if 0 < version <= owner.version else None
    return found if isinstance(found, MeansVerified) else None


def verifications_since_exit(household: Household) -> Iterable[Fact]:
    """Return the verifications recorded after the last exit: a return needs its own."""
    found: list[Fact] = []
    for fact in household.facts:
        if isinstance(fact, HouseholdExited):
            found = []
        elif isinstance(fact, MeansVerified):
            found.append(fact)
    return found


def standard_in_force(household: Household, fact: Any, world: World) -> None:
    """No enrolment into a programme without a standard in force; a tier is one of the standard's."""
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
    tier = fact.tier if hasattr(fact, "tier") else state.tier
    _refuse_foreign_tier(tier, standard.tiers, fact.effective)


def _refuse_foreign_tier(tier: str | None, tiers: dict[str, int], month: str) -> None:
    if tiers and tier not in tiers:
        raise Refused(
            "tier_of_standard",
            f"The standard in force has the tiers {', '.join(sorted(tiers))}; the household needs one of them.",
            "Give one of these tiers.",
            month,
        )


def measured(household: Household, fact: RecognitionRecorded, world: World) -> None:
    """A recognition needs what it is measured by."""
    if fact.recognition == "marginal":
        standards = (world.standard(fact.area, p, fact.effective) for p in ("dibao.urban", "dibao.rural"))
        if any(standards) and world.policy(fact.area, "marginal.multiple_bp", fact.effective):
            return
        needed = "a dibao standard in force"
    elif fact.recognition == "rigid":
        wanted = ("rigid.disposable_income_fen_year", "rigid.spending_share_bp")
        if all(world.policy(fact.area, setting, fact.effective) for setting in wanted):
            return
        needed = " and ".join(wanted)
    else:
        return
    raise Refused(
        "measured",
        f"A {fact.recognition} household is measured by {needed}; {fact.area} has none in {fact.effective}.",
        "Adopt it for the area or a wider one first.",
        fact.effective,
    )


@since(INTERIM_MEASURES)
def means_verified_for_recognition(household: Household, fact: RecognitionRecorded, world: World) -> None:
    """Recognitions that depend on income are verified as enrolments are."""
    if fact.recognition in ("marginal", "rigid"):
        means_verified(household, fact, world)


def recognition_lasts(household: Household, fact: RecognitionRecorded, world: World) -> None:
    """A recognition does not end before it starts."""
    if fact.until is not None and fact.until < fact.effective:
        raise Refused("recognition_lasts", "`until` is before `effective`.", "Mend the months.", fact.until)


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


@since(LAW)
def single_person_of_marginal(household: Household, fact: HouseholdEnrolled, world: World) -> None:
    """A single-person enrolment is of a member of a marginal household (Law 21)."""
    if not fact.single_person:
        return
    month = fact.effective or ""
    beside = world.household(fact.beside) if fact.beside else None
    if beside is None or not recognised(beside, "marginal", month, fact.members[0].person):
        raise Refused(
            "single_person_of_marginal",
            "A single-person enrolment names, in `beside`, a marginal household that the person belongs to.",
            "Record the household's recognition as marginal first, then name its stream.",
            month,
        )


def recognised(household: Household, recognition: str, month: str, person: UUID | None = None) -> bool:
    """Tell whether a recognition is in force in a month (for one of its persons, when given)."""
    return any(
        person is None or person in fact.persons for fact in household.recognitions(recognition, month)
    )


def one_member_alone(household: Household, fact: HouseholdEnrolled, world: World) -> None:
    """A single-person enrolment has one member; `beside` is of single-person enrolments alone."""
    if fact.single_person and len(fact.members) != 1:
        raise Refused("single_person_alone", "A single-person enrolment has one member.", "List the one.")


def exit_reasoned(household: Household, fact: HouseholdExited, world: World) -> None:
    """An exit has a coded reason and a legal basis; `other` says in words what it is."""
    if fact.reason == "other" and not fact.text:
        raise Refused("exit_reasoned", "The reason `other` needs its text.", "Say in `text` what it is.")
    if fact.reason == "grace_ended":
        raise Refused(
            "exit_reasoned",
            "`grace_ended` follows from a grace period by itself.",
            "Start the grace period, or give the reason for which the household leaves now.",
        )
    if fact.reason == "merged" and fact.went_to is None:
        raise Refused(
            "exit_reasoned", "`merged` names in went_to where to.", "Use MergeHouseholds on the survivor."
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
            "death_dated", "died_on, learned_on and decided_on are not in this order.", "Mend the dates."
        )


def refusals_on_record(household: Household, fact: MemberCoverStopped, world: World) -> None:
    """Who refuses work is stopped after three refusals on record, and only that member's share."""
    if fact.reason != "work_refused":
        return
    spell = household.state_at(fact.effective).spell
    refused = [
        f for _, f in household.all_of(WorkRefused)
        if isinstance(f, WorkRefused) and f.person == fact.person and f.spell == spell
        and f.decided_on <= fact.decided_on
    ]
    area = household.state_at(fact.effective).area or ""
    needed = int(world.policy(area, "work.refusals", fact.effective)) if area else 3
    if len(refused) < needed:
        raise Refused(
            "three_refusals",
            f"{len(refused)} refusals of work by this member are on record; {needed} are needed.",
            "Record each refusal with RecordWorkRefusal; stop only that member's share.",
            fact.effective,
        )


def only_the_share(household: Household, fact: PaymentSuspended, world: World) -> None:
    """A refusal of work never stops more than that member's share."""
    if fact.reason == "work_refused":
        raise Refused(
            "only_the_share",
            "A refusal of work stops that member's share alone, never the household's payment.",
            "Use StopMemberCover for the member after three refusals.",
            fact.effective,
        )


def means_add_up(household: Household, fact: MeansVerified, world: World) -> None:
    """The counted income is what the items less the deductions give, never below zero."""
    if not fact.items:
        return
    counted = max(0, sum(i.fen for i in fact.items) - sum(d.fen for d in fact.deductions))
    if counted != fact.income_fen:
        raise Refused(
            "means_add_up",
            f"Items less deductions give {counted} fen, income_fen says {fact.income_fen}.",
            "Mend the items, the deductions or the counted income.",
        )


def application_open(household: Household, fact: Fact, world: World) -> None:
    """What follows an application needs one that is open: received, and neither refused nor withdrawn."""
    received: set[str] = set()
    for earlier in household.facts:
        if isinstance(earlier, ApplicationReceived):
            received = {"received"}
        elif isinstance(earlier, ApplicationAccepted):
            received.add("accepted")
        elif isinstance(earlier, ApplicationRefused | ApplicationWithdrawn):
            received = set()
    if not received and not fact.corrects:
        raise Refused(
            "application_open",
            "No application is open on this stream.",
            "Record ReceiveApplication first.",
        )
