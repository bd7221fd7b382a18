"""Every aid is checked: the verification of means that an enrolment or a recognition rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ledger.errors import Refused
from ledger.fact import Fact
from ledger.households.facts import (
    ExitRevoked,
    GracePeriodStarted,
    HouseholdExited,
    IncomeReassessed,
    MeansVerified,
    RecognitionRecorded,
)
from ledger.households.household import Household
from ledger.households.rules import INTERIM_MEASURES, since
from ledger.ids import version_in
from ledger.timeline import rank_of
from ledger.world import World


@since(INTERIM_MEASURES)
def means_verified(household: Household, fact: Any, world: World) -> None:
    """No enrolment without a verification on record: every aid must be checked."""
    found = verifications(household, fact)
    if fact.verification is not None:
        named = _named(household, fact.verification, world)
        elsewhere = version_in(household.id, fact.verification) is None
        found = [named] if named and (elsewhere or any(named is own for own in found)) else []
    if not any(verified.decided_on <= fact.decided_on for verified in found):
        raise Refused(
            "means_verified",
            "No verification of means that counts for this decision is on record on or before it.",
            "Record VerifyMeans first (a return needs its own), or name another stream's in "
            "`verification`.",
            fact.effective,
        )


def _named(household: Household, fact: str, world: World) -> Fact | None:
    stream = UUID(fact.partition(":")[0])
    owner = household if stream == household.id else world.household(stream)
    version = version_in(stream, fact) or 0
    found = owner.facts[version - 1] if 0 < version <= owner.version else None
    return found if isinstance(found, MeansVerified) else None


def verifications(household: Household, fact: Fact) -> list[Fact]:
    """Return the verifications since the last exit: a return needs its own.

    Those recorded or made after it count. A correction may rest on what its first fact rested on.
    """
    found = _since_exit(household, household.facts)
    return found + (_since_exit(household, household.facts[: fact.rank - 1]) if fact.rank else [])


def _since_exit(household: Household, facts: Sequence[Fact]) -> list[Fact]:
    revoked = {
        rank_of(facts, version_in(household.id, fact.exit) or 0)
        for fact in facts
        if isinstance(fact, ExitRevoked)
    }
    last, ended_on = 0, None
    for version, fact in enumerate(facts, 1):
        if (
            isinstance(fact, HouseholdExited | GracePeriodStarted)
            and rank_of(facts, version) not in revoked
        ):
            last, ended_on = version, fact.decided_on
    return [
        fact for version, fact in enumerate(facts, 1)
        if isinstance(fact, MeansVerified)
        and (ended_on is None or version > last or fact.decided_on > ended_on)
    ]  # fmt: skip


@since(INTERIM_MEASURES)
def means_verified_for_recognition(
    household: Household, fact: RecognitionRecorded, world: World
) -> None:
    """Recognitions that depend on income are verified as enrolments are."""
    if fact.recognition in ("marginal", "rigid"):
        means_verified(household, fact, world)


def verification_named(household: Household, fact: IncomeReassessed, world: World) -> None:
    """What a reassessment names as its verification is one."""
    if fact.verification is not None and _named(household, fact.verification, world) is None:
        raise Refused(
            "names_a_fact",
            "`verification` names no MeansVerified.",
            "Name the verification by its id, <stream>:<version>; the history lists it.",
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
