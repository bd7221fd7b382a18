"""Recognitions: what they are measured by, how long they last, who is enrolled beside them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec.structs import replace

from ledger.errors import Refused
from ledger.households.facts import HouseholdEnrolled, RecognitionEnded, RecognitionRecorded
from ledger.households.household import Household
from ledger.households.rules import INTERIM_MEASURES, LAW, since
from ledger.months import shift
from ledger.world import World


def lasting(fact: Any, world: World) -> Any:
    """Return a recognition with the last month that policy gives it, when it names none itself."""
    if not isinstance(fact, RecognitionRecorded) or fact.until or fact.recognition != "rigid":
        return fact
    months = int(world.policy(fact.area, "rigid.months", fact.effective))
    return replace(fact, until=min(shift(fact.effective, months - 1), "2099-12"))


@since(INTERIM_MEASURES)
def measured(household: Household, fact: RecognitionRecorded, world: World) -> None:
    """A recognition needs what it is measured by."""
    if fact.recognition == "marginal":
        standards = (
            world.standard(fact.area, p, fact.effective) for p in ("dibao.urban", "dibao.rural")
        )
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
        f"A {fact.recognition} household is measured by {needed}; {fact.area} has none in "
        f"{fact.effective}.",
        "Adopt it for the area or a wider one first.",
        fact.effective,
    )


def recognition_lasts(household: Household, fact: RecognitionRecorded, world: World) -> None:
    """A recognition does not end before it starts."""
    if fact.until is not None and fact.until < fact.effective:
        raise Refused(
            "recognition_lasts", "`until` is before `effective`.", "Mend the months.", fact.until
        )


def recognition_in_force(household: Household, fact: RecognitionEnded, world: World) -> None:
    """Only a recognition in force is ended."""
    if household.recognised(fact.recognition, fact.effective, fact.rank) is None:
        raise Refused(
            "recognition_in_force",
            f"No recognition as {fact.recognition} is in force in {fact.effective}.",
            "Give a month in which it is in force.",
            fact.effective,
        )


@since(LAW)
def single_person_of_marginal(household: Household, fact: HouseholdEnrolled, world: World) -> None:
    """A single-person enrolment is of a member of a marginal household (Law 21)."""
    if not fact.single_person:
        return
    month = fact.effective or ""
    if fact.beside is None or not _marginal(
        world.household(fact.beside), month, fact.members[0].person
    ):
        raise Refused(
            "single_person_of_marginal",
            "A single-person enrolment names, in `beside`, the marginal household of the person.",
            "Record the household's recognition as marginal first, then name its stream.",
            month,
        )


def _marginal(household: Household, month: str, person: UUID) -> bool:
    found = household.recognised("marginal", month)
    return found is not None and person in found.persons
