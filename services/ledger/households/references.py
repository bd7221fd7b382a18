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
)
from ledger.households.household import UNBOUND, Household
from ledger.ids import version_in
from ledger.timeline import effective_of, named, rank_of
from ledger.world import World


def decision_on_stream(household: Household, fact: Any, world: World) -> None:
    """A notice, a publication and an appeal are of a decision on this stream."""
    if fact.decision is not None:
        named(household.id, household.facts, fact.decision, "decision", Fact)


def appeal_lodged(household: Household, fact: Any, world: World) -> None:
    """Only an appeal that was lodged is decided."""
    named(household.id, household.facts, fact.appeal, "appeal", AppealLodged)


def exit_to_revoke(household: Household, fact: ExitRevoked, world: World) -> None:
    """An exit that stands is revoked, once; the appeal that it follows from is on record."""
    rank = _rank(household, fact.exit, "exit", HouseholdExited, GracePeriodStarted)
    if rank in _revoked_ranks(household) or fact.spell in _revoked_spells(household):
        raise Refused(
            "revoked_once",
            "That exit, or its whole spell, is revoked already.",
            "Nothing needs to be done.",
        )
    if fact.appeal is not None:
        named(household.id, household.facts, fact.appeal, "appeal", AppealLodged)


def enrolment_to_revoke(household: Household, fact: EnrolmentRevoked, world: World) -> None:
    """An enrolment is revoked once."""
    if fact.spell in _revoked_spells(household):
        raise Refused(
            "revoked_once", "That enrolment is revoked already.", "Nothing needs to be done."
        )


def not_of_revoked(household: Household, fact: Fact, rank: int | None) -> None:
    """What was revoked is out for good: it is not corrected, a new fact is recorded instead."""
    if rank is None:
        return
    if isinstance(fact, ExitRevoked | EnrolmentRevoked):
        raise Refused(
            "revocation_stands",
            "A revocation cannot be corrected.",
            "Record the exit or the enrolment anew.",
        )
    bound = effective_of(household.facts[rank - 1]) is not None and not isinstance(fact, UNBOUND)
    revoked = bound and household.facts[rank - 1].spell in _revoked_spells(household)
    if revoked or rank in _revoked_ranks(household):
        raise Refused(
            "revoked_stays_out",
            "What the correction names was revoked.",
            "Record a new fact instead of a correction.",
            effective_of(household.facts[rank - 1]),
        )


def _revoked_spells(household: Household) -> set[int | None]:
    return {fact.spell for fact in household.facts if isinstance(fact, EnrolmentRevoked)}


def _revoked_ranks(household: Household) -> set[int]:
    return {
        rank_of(household.facts, version_in(household.id, fact.exit) or 0)
        for fact in household.facts
        if isinstance(fact, ExitRevoked)
    }


def _rank(household: Household, fact: str, what: str, *types: type[Fact]) -> int:
    return rank_of(household.facts, named(household.id, household.facts, fact, what, *types))
