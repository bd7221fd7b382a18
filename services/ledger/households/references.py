"""Rules about what a fact names: other facts of the stream, members, recognitions."""

from __future__ import annotations

from typing import Any

from ledger.errors import Refused
from ledger.fact import Fact
from ledger.households.facts import (
    AppealLodged,
    EnrolmentRevoked,
    ExitRevoked,
    GracePeriodStarted,
    HouseholdExited,
    RecognitionEnded,
)
from ledger.households.household import Household
from ledger.ids import version_in
from ledger.timeline import named, rank_of
from ledger.world import World


def decision_on_stream(household: Household, fact: Any, world: World) -> None:
    """A notice, a publication and an appeal are of a decision on this stream."""
    if fact.decision is not None:
        named(household.id, household.facts, fact.decision, "decision", Fact)


def appeal_lodged(household: Household, fact: Any, world: World) -> None:
    """Only an appeal that was lodged is decided."""
    named(household.id, household.facts, fact.appeal, "appeal", AppealLodged)


def exit_to_revoke(household: Household, fact: ExitRevoked, world: World) -> None:
    """An exit is revoked once."""
    rank = _rank(household, fact.exit, "exit", HouseholdExited, GracePeriodStarted)
    if fact.corrects is None and rank in _revoked_ranks(household):
        raise Refused("revoked_once", "That exit is revoked already.", "Nothing needs to be done.")


def not_of_revoked(household: Household, fact: Fact, rank: int | None) -> None:
    """What was revoked is out for good: it is not corrected, a new fact is recorded instead."""
    if rank is None:
        return
    spells = {f.spell for f in household.facts if isinstance(f, EnrolmentRevoked)}
    if rank in _revoked_ranks(household) or household.facts[rank - 1].spell in spells - {None}:
        raise Refused(
            "revoked_stays_out",
            "What the correction names was revoked.",
            "Record a new fact instead of a correction.",
        )
    if isinstance(fact, ExitRevoked | EnrolmentRevoked):
        raise Refused(
            "revocation_stands",
            "A revocation cannot be corrected.",
            "Record the exit or the enrolment anew.",
        )


def _revoked_ranks(household: Household) -> set[int]:
    return {
        rank_of(household.facts, version_in(household.id, fact.exit) or 0)
        for fact in household.facts
        if isinstance(fact, ExitRevoked)
    }


def _rank(household: Household, fact: str, what: str, *types: type[Fact]) -> int:
    return rank_of(household.facts, named(household.id, household.facts, fact, what, *types))


def of_a_member(household: Household, fact: Any, world: World) -> None:
    """Work is offered to, and refused by, a member of a household on the roll."""
    if fact.person not in household.latest().members:
        raise Refused(
            "member_there",
            "The person is no member of this household.",
            "Name one of its members.",
        )


def recognition_in_force(household: Household, fact: RecognitionEnded, world: World) -> None:
    """Only a recognition in force is ended."""
    if not household.recognitions(fact.recognition, fact.effective):
        raise Refused(
            "recognition_in_force",
            f"No recognition as {fact.recognition} is in force in {fact.effective}.",
            "Give a month in which it is in force.",
            fact.effective,
        )
