"""The verb of households: place a fact in its spell, ask the rules, keep the covers, record."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from ledger.errors import Refused
from ledger.fact import Fact
from ledger.households.facts import (
    AppealDecided,
    AppealLodged,
    ApplicationAccepted,
    ApplicationReceived,
    ApplicationRefused,
    ApplicationWithdrawn,
    AppraisalHeld,
    DecisionPublished,
    EnrolmentRevoked,
    ExitRevoked,
    GracePeriodStarted,
    HouseholdEnrolled,
    HouseholdExited,
    HouseholdMoved,
    HouseholdsMerged,
    HouseholdSplit,
    MeansVerified,
    MemberCoverStopped,
    MemberDied,
    NoticeServed,
    OpinionPosted,
    PaymentSuspended,
    ProgrammeChanged,
    RecognitionEnded,
    RecognitionRecorded,
    TierChanged,
    WorkOffered,
    WorkRefused,
)
from ledger.households.grace import grace_within_limits
from ledger.households.hearing import refuse_unheard
from ledger.households.household import Household, standing
from ledger.households.joining import merge, merge_allowed, split, split_allowed
from ledger.households.order import refuse_new_breaches
from ledger.households.references import (
    appeal_lodged,
    decision_on_stream,
    exit_to_revoke,
    not_of_revoked,
    of_a_member,
    recognition_in_force,
)
from ledger.households.rules import (
    Rule,
    application_open,
    area_known,
    death_dated,
    delegated,
    exit_reasoned,
    means_add_up,
    means_verified,
    means_verified_for_recognition,
    measured,
    members_sound,
    one_member_alone,
    only_the_share,
    recognition_lasts,
    refusals_on_record,
    single_person_of_marginal,
    standard_in_force,
)
from ledger.months import month_of, shift
from ledger.timeline import corrected_rank, effective_of, named, rank_of
from ledger.world import World

RULES: dict[type[Fact], tuple[Rule, ...]] = {
    ApplicationReceived: (area_known,),
    ApplicationAccepted: (application_open,),
    ApplicationRefused: (application_open, delegated),
    ApplicationWithdrawn: (application_open,),
    OpinionPosted: (application_open,),
    AppraisalHeld: (application_open,),
    MeansVerified: (means_add_up,),
    DecisionPublished: (decision_on_stream,),
    HouseholdEnrolled: (
        area_known, members_sound, one_member_alone, single_person_of_marginal,
        standard_in_force, delegated, means_verified,
    ),
    ProgrammeChanged: (standard_in_force, delegated),
    TierChanged: (standard_in_force,),
    HouseholdMoved: (area_known, standard_in_force),
    MemberDied: (death_dated,),
    MemberCoverStopped: (refusals_on_record,),
    PaymentSuspended: (only_the_share,),
    GracePeriodStarted: (delegated, grace_within_limits),
    HouseholdExited: (exit_reasoned, delegated),
    ExitRevoked: (exit_to_revoke,),
    HouseholdSplit: (members_sound, split_allowed, delegated),
    HouseholdsMerged: (merge_allowed, delegated),
    WorkOffered: (of_a_member,),
    WorkRefused: (of_a_member,),
    NoticeServed: (decision_on_stream,),
    AppealLodged: (decision_on_stream,),
    AppealDecided: (appeal_lodged,),
    RecognitionRecorded: (
        area_known, recognition_lasts, measured, delegated, means_verified_for_recognition,
    ),
    RecognitionEnded: (recognition_in_force,),
}  # fmt: skip
"""Which rules a fact meets, in the order in which they are asked. Adding a rule touches this line."""


def decide(household: Household, asked: Fact, world: World) -> None:
    """Record what a command asks for, with what follows from it on other streams, or refuse it.

    Raises Refused naming the rule, the month in which it breaks and the way out; NotFound for a
    household that the fact names and that is not there.
    """
    fact = place(household, asked, world)
    for rule in RULES.get(type(fact), ()):
        rule(household, fact, world)
    after = standing(household.id, [*household.facts, fact])
    refuse_new_breaches(household.entries, after)
    refuse_unheard(household, fact, after, world)
    if isinstance(fact, HouseholdsMerged):
        decide(*merge(household, fact, world), world)
    _record(household, fact, world)
    if isinstance(fact, HouseholdSplit):
        new, enrolled = split(household, fact, world)
        standard_in_force(new, enrolled, world)
        _record(new, enrolled, world)


def _record(household: Household, fact: Fact, world: World) -> None:
    """Trigger a fact and keep the persons' covers equal to what the household's timeline says."""
    changes_cover = effective_of(fact) is not None or isinstance(fact, ExitRevoked | EnrolmentRevoked)
    before = household.covers() if changes_cover else {}
    household.trigger(fact)
    if not changes_cover:
        return
    after = household.covers()
    programme: Any = household.latest().programme
    for person in [*(p for p in before if p not in after), *after]:
        if before.get(person) != after.get(person):
            spans = after.get(person, [])
            world.person(person).keep(household.id, programme, spans, fact.decided_on, fact.spell)


def place(household: Household, fact: Any, world: World) -> Any:
    """Return the fact with its month, its spell and, for a correction, its rank."""
    rank = corrected_rank(household.id, household.facts, fact)
    not_of_revoked(household, fact, rank)
    set_by_us: dict[str, Any] = {"rank": rank} if rank else {}
    month = effective_of(fact)
    if month is None and isinstance(fact, HouseholdEnrolled | MemberDied):
        month = set_by_us["effective"] = _month_left_out(fact, world)
    set_by_us["spell"] = _spell(household, fact, month, rank)
    return replace(fact, **set_by_us)


def _month_left_out(fact: HouseholdEnrolled | MemberDied, world: World) -> str:
    """The first paid month follows the decision by policy; a death counts from the month after it."""
    if isinstance(fact, MemberDied):
        return shift(month_of(fact.died_on), 1)
    decided = month_of(fact.decided_on)
    same = world.policy(fact.area, "first_month", decided) == "same"
    return decided if same else shift(decided, 1)


def _spell(household: Household, fact: Any, month: str | None, rank: int | None) -> int | None:
    if rank:
        return household.facts[rank - 1].spell
    match fact:
        case HouseholdEnrolled():
            return household.next_spell
        case ExitRevoked():
            return household.facts[_target(household, fact.exit, "exit", HouseholdExited, GracePeriodStarted) - 1].spell
        case EnrolmentRevoked():
            return household.facts[_target(household, fact.enrolment, "enrolment", HouseholdEnrolled) - 1].spell
        case RecognitionRecorded() | RecognitionEnded():
            return household.latest().spell
    if month is None:
        return household.latest().spell
    spell = household.state_at(month).spell
    if spell is None:
        raise Refused(
            "inside_spell",
            f"The household is on no roll by {month}.",
            "Enrol it first, or give a month of its spell.",
            month,
        )
    return spell


def _target(household: Household, fact: str, what: str, *types: type[Fact]) -> int:
    return rank_of(household.facts, named(household.id, household.facts, fact, what, *types))
