"""Help-first: no rule refuses the aid itself; only what cannot be meant is refused."""

from __future__ import annotations

from msgspec.structs import replace

from ledger.emergencies.facts import (
    AidConvertedToEnrolment,
    AidFoundUnjustified,
    EmergencyAidGranted,
    EmergencyEnded,
    FuneralAidGranted,
    PaperworkCompleted,
    TemporaryAidGranted,
)
from ledger.emergencies.grant import GRANTS, Grant
from ledger.errors import NotFound, Refused
from ledger.fact import Fact
from ledger.households.facts import HouseholdEnrolled
from ledger.timeline import corrected_rank, named
from ledger.world import World


def decide(grant: Grant, fact: Fact, world: World) -> None:
    """Record aid at once (Law 50), and later its end, paperwork and outcome.

    Delegation, ceilings and repeated causes refuse nothing: a missing justification is a lead.
    """
    rank = corrected_rank(grant.id, grant.facts, fact)
    if rank is None:
        _refuse_out_of_place(grant, fact)
    match fact:
        case EmergencyAidGranted():
            world.require_area(fact.area)
        case TemporaryAidGranted() | FuneralAidGranted():
            _refuse_misplaced(fact, world)
        case AidFoundUnjustified():
            _refuse_more_than_granted(grant, fact, rank)
        case PaperworkCompleted() if fact.household is not None:
            world.household(fact.household)
        case AidConvertedToEnrolment():
            _refuse_unenrolled(fact, world)
    grant.trigger(replace(fact, rank=rank) if rank else fact)


def _refuse_out_of_place(grant: Grant, fact: Fact) -> None:
    if isinstance(fact, GRANTS):
        if grant.version:
            raise Refused(
                "one_grant_a_stream",
                "This stream has its grant already.",
                "Choose a new id for a new grant, or use GrantAidInstalment for more of the same.",
            )
    elif not grant.version:
        raise NotFound(f"There is no grant {grant.id}; its first command is GrantEmergencyAid.")
    elif not grant.help_first:
        raise Refused(
            "follows_help_first",
            "Only help-first aid has an end of the emergency, paperwork and instalments.",
            "Name the stream of a help-first grant.",
        )
    elif isinstance(fact, EmergencyEnded) and grant.ended:
        raise Refused(
            "ended_once",
            "The emergency has ended already.",
            "Correct that fact if its day was wrong.",
        )


def _refuse_misplaced(fact: TemporaryAidGranted | FuneralAidGranted, world: World) -> None:
    world.require_area(fact.area)
    if fact.household is not None:
        world.household(fact.household)
    if isinstance(fact, FuneralAidGranted) and fact.died_on > fact.decided_on:
        raise Refused("death_dated", "died_on is after decided_on.", "Mend the dates.")


def _refuse_more_than_granted(grant: Grant, fact: AidFoundUnjustified, rank: int | None) -> None:
    if grant.unjustified_fen(leaving_out=rank) + fact.amount_fen > grant.granted_fen:
        raise Refused(
            "unjustified_within_grant",
            f"{grant.granted_fen} fen were granted; more cannot be found unjustified.",
            "Give at most what was granted.",
        )


def _refuse_unenrolled(fact: AidConvertedToEnrolment, world: World) -> None:
    household = world.household(fact.household)
    if fact.enrolment is not None:
        named(household.id, household.facts, fact.enrolment, "enrolment", HouseholdEnrolled)
    elif not any(isinstance(f, HouseholdEnrolled) for f in household.facts):
        raise Refused(
            "converted_to_enrolment",
            f"Household {fact.household} was never enrolled.",
            "Record EnrolHousehold first.",
        )
