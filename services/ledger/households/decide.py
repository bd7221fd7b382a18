"""The verb of households: place a fact in its spell, ask the rules, keep the covers, record."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from ledger.errors import NotFound, Refused
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
    IncomeReassessed,
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
from ledger.households.grace import grace_sound, grace_within_limits
from ledger.households.hearing import refuse_unheard
from ledger.households.household import UNBOUND, Household, standing
from ledger.households.joining import follows, merge, merge_allowed, split, split_allowed
from ledger.households.means import (
    means_add_up,
    means_verified,
    means_verified_for_recognition,
    verification_named,
)
from ledger.households.order import refuse_new_breaches
from ledger.households.recognising import (
    lasting,
    measured,
    recognition_in_force,
    recognition_lasts,
    single_person_of_marginal,
)
from ledger.households.references import (
    appeal_lodged,
    decision_on_stream,
    enrolment_to_revoke,
    exit_to_revoke,
    not_of_revoked,
)
from ledger.households.rules import (
    Rule,
    application_open,
    area_known,
    death_dated,
    delegated,
    exit_reasoned,
    members_sound,
    one_member_alone,
    standard_in_force,
)
from ledger.households.state import fold
from ledger.households.work import (
    of_a_member,
    only_the_share,
    refusals_on_record,
    refuses_an_offer,
)
from ledger.months import month_of, shift
from ledger.timeline import Entry, corrected_rank, effective_of, latest_of_chains, named, rank_of
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
    GracePeriodStarted: (grace_sound, delegated, grace_within_limits),
    HouseholdExited: (exit_reasoned, delegated),
    ExitRevoked: (exit_to_revoke,),
    EnrolmentRevoked: (enrolment_to_revoke,),
    IncomeReassessed: (verification_named,),
    HouseholdSplit: (members_sound, split_allowed, delegated),
    HouseholdsMerged: (merge_allowed, delegated),
    WorkOffered: (of_a_member,),
    WorkRefused: (of_a_member, refuses_an_offer),
    NoticeServed: (decision_on_stream,),
    AppealLodged: (decision_on_stream,),
    AppealDecided: (appeal_lodged,),
    RecognitionRecorded: (
        area_known, recognition_lasts, measured, delegated, means_verified_for_recognition,
    ),
    RecognitionEnded: (recognition_in_force,),
}  # fmt: skip
"""Which rules a fact meets, in the order in which they are asked."""


OPENS = (ApplicationReceived, MeansVerified, HouseholdEnrolled, RecognitionRecorded)
"""What may be the first fact of a household; anything else names one that must be there, unless an older
system's records begin with it (`migrated`)."""


def decide(household: Household, asked: Fact, world: World) -> None:
    """Record what a command asks for, with what follows from it on other streams, or refuse it.

    Raises Refused naming the rule, the month in which it breaks and the way out; NotFound for a
    household that the fact names and that is not there.
    """
    if not (household.version or asked.migrated or isinstance(asked, OPENS)):
        raise NotFound(
            f"There is no household {household.id}. What is first recorded of one is ReceiveApplication, "
            "VerifyMeans, EnrolHousehold or RecordRecognition."
        )
    fact = place(household, asked, world)
    if not household.facts and isinstance(fact, HouseholdEnrolled):
        _enrol_first(household, fact, world)
        return
    after = _ask(household, fact, world)
    refuse_unheard(household, fact, after, world)
    if isinstance(fact, HouseholdsMerged) and follows(household, fact):
        _absorb(*merge(household, fact, world), world)
    moved_out = isinstance(fact, HouseholdSplit) and follows(household, fact)
    _record(household, fact, world, after)
    if isinstance(fact, HouseholdSplit) and moved_out:
        new, enrolled = split(household, fact, world)
        standard_in_force(new, enrolled, world)
        _record(new, enrolled, world)


def _enrol_first(household: Household, fact: HouseholdEnrolled, world: World) -> None:
    """Record an enrolment with nothing before it: no order that it could break, nobody to be heard.

    What an older system hands over is made of these.
    """
    for rule in RULES[HouseholdEnrolled]:
        rule(household, fact, world)
    household.trigger(fact)
    spans = [(fact.effective or "", None)]
    for member in fact.members:
        if member.covered:
            person = world.person(member.person)
            person.keep(
                household.id, spans, lambda _, __: fact.programme, fact.decided_on, fact.spell
            )


def _ask(household: Household, fact: Fact, world: World) -> list[Entry]:
    """Ask the rules, and return the timeline with the fact."""
    for rule in RULES.get(type(fact), ()):
        rule(household, fact, world)
    after = standing(household.id, [*household.facts, fact])
    refuse_new_breaches(household.entries, after)
    return after


def _absorb(household: Household, exited: Fact, world: World) -> None:
    """Record the absorbed household's exit, so that its members' cover is free.

    The hearing that it may need is the merger's.
    """
    fact = place(household, exited, world)
    _record(household, fact, world, _ask(household, fact, world))


def _record(
    household: Household, fact: Fact, world: World, after: list[Entry] | None = None
) -> None:
    """Trigger a fact and keep the persons' covers equal to what the household's timeline says."""
    if effective_of(fact) is None and not isinstance(fact, ExitRevoked | EnrolmentRevoked):
        household.trigger(fact)
        return
    entries, before = household.entries, household.covers()
    household.trigger_in(after or standing(household.id, [*household.facts, fact]), fact)
    covers = household.covers()
    if before == covers:
        return

    def programme_at(month: str, taken: bool) -> Any:
        now = household.programme_at(month)
        return now if taken else fold(entries, month).programme or now

    for person in [*(p for p in before if p not in covers), *covers]:
        spans = covers.get(person, [])
        if before.get(person) != spans:
            world.person(person).keep(
                household.id, spans, programme_at, fact.decided_on, fact.spell
            )


def place(household: Household, fact: Any, world: World) -> Any:
    """Return the fact with its month, its spell and, for a correction, its rank."""
    rank = corrected_rank(household.id, household.facts, fact)
    not_of_revoked(household, fact, rank)
    set_by_us: dict[str, Any] = {"rank": rank} if rank else {}
    month = effective_of(fact)
    if month is None and isinstance(fact, HouseholdEnrolled | MemberDied):
        month = set_by_us["effective"] = _month_left_out(household, fact, rank, world)
    set_by_us["spell"] = _spell(household, fact, month, rank)
    return lasting(replace(fact, **set_by_us), world)


def _month_left_out(
    household: Household, fact: HouseholdEnrolled | MemberDied, rank: int | None, world: World
) -> str:
    """The first paid month follows the decision by policy; a death counts from the month after it.

    A correction of an enrolment that leaves the month out keeps the one on record.
    """
    if isinstance(fact, MemberDied):
        return shift(month_of(fact.died_on), 1)
    if rank:
        return effective_of(latest_of_chains(household.facts)[rank]) or ""
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
            return household.facts[
                _target(household, fact.exit, "exit", HouseholdExited, GracePeriodStarted) - 1
            ].spell
        case EnrolmentRevoked():
            return household.facts[
                _target(household, fact.enrolment, "enrolment", HouseholdEnrolled) - 1
            ].spell
    if month is None or isinstance(fact, UNBOUND):
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
