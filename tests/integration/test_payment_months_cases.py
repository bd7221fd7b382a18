"""Payment months, case by case: what the machine of test_payment_months.py would seldom come to.

Each month's list is compared with the model, and everything that holds at the end is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from ledger.ids import fact_id
from tests.integration.life import (
    COUNTY,
    HOUSEHOLDS,
    PERSONS,
    PREFECTURE,
    TOWN,
    TOWN_2,
    Chance,
)
from tests.integration.payment_months_books import Listed, Parts, Recovery
from tests.integration.payment_months_cell import Cell
from tests.integration.payment_months_checks import check
from tests.integration.payment_months_office import Office
from tests.postgres import EMBEDDED_18, Servers

ANN, BOB, CARL = HOUSEHOLDS
FEN = 70_000
"""What one person without income is entitled to."""

DECISION = {"legal_basis": "Law 18", "decided_by": "county"}


class Case:
    """A prefecture that lists from January 2025 on, unless it says otherwise, and its officers."""

    def __init__(self, cell: Cell, first_listed: str = "2025-01") -> None:
        self.place = cell.place()
        self.office = Office(self.place)
        self.rules("lists.first_month", first_listed)

    def does(self, name: str, household: UUID | None, **data: Any) -> None:
        """Have something recorded, which has to be accepted."""
        accepted: list[bool] = []
        self.place.live(
            lambda life, _: accepted.append(life.attempt(name, household, data)), Chance(b"")
        )
        assert accepted == [True], name

    def rules(self, setting: str, value: str, area: str = PREFECTURE, **more: str) -> None:
        """Adopt a setting."""
        data = {"effective": "2024-01", "area": area, "setting": setting, "value": value}
        self.does("AdoptPolicy", None, **{**data, **more})

    def enrols(self, household: UUID, person: int, effective: str, area: str = TOWN) -> None:
        """Enrol a household of one person without income."""
        members = [{"person": str(PERSONS[person]), "role": "head"}]
        self.does(
            "EnrolHousehold", household, effective=effective, programme="dibao.urban", area=area,
            income_fen=0, members=members, **DECISION,
        )  # fmt: skip

    def merges(self, survivor: UUID, absorbed: UUID, person: int, effective: str) -> None:
        """Have a household absorb another of one person."""
        members = [{"person": str(PERSONS[person]), "role": "other"}]
        self.does(
            "MergeHouseholds", survivor, effective=effective, absorbed=str(absorbed), income_fen=0,
            members=members, **DECISION,
        )  # fmt: skip

    def exits(self, household: UUID, effective: str) -> None:
        """Have a household leave."""
        self.does("ExitHousehold", household, effective=effective, reason="voluntary", **DECISION)

    def pays(self, *months: str, area: str = PREFECTURE) -> dict[UUID, Parts]:
        """Freeze the lists of some months; return the parts of the last one by household."""
        listed: Listed | None = None
        for month in months:
            listed = self.office.freeze(self.place.code(area), None, month)
        assert listed
        of_life = {self.place.fresh.id(h): h for h in HOUSEHOLDS}
        return {of_life[line.household]: dict(line.parts) for line in listed.lines}

    def overpaid(self, month: str) -> dict[UUID, Parts]:
        """Return the open candidates, by household and month."""
        of_life = {self.place.fresh.id(h): h for h in HOUSEHOLDS}
        found = self.office.model.candidates(self.place.prefecture, None, month)
        return {of_life[household]: parts for household, parts in found.items()}

    def orders(self, household: UUID, parts: Parts) -> Recovery:
        """Order a recovery."""
        self.office.order(self.place.fresh.id(household), parts)
        return list(self.office.books.recoveries.values())[-1]


@pytest.fixture(scope="module")
def cell(servers: Servers) -> Iterator[Cell]:
    """A ledger and its projections."""
    with Cell(servers[EMBEDDED_18]) as cell:
        yield cell


def test_what_came_in_for_a_month_before_the_first_listed_one_is_not_paid_back(cell: Cell) -> None:
    case = Case(cell, first_listed="2025-02")
    case.enrols(ANN, 0, "2025-01")
    case.pays("2025-02")
    recovery = case.orders(ANN, {"2025-01": 1_000})
    case.office.receive(recovery, 600)
    assert case.pays("2025-03") == {ANN: {"2025-03": FEN}}
    check(case.office)


def test_a_first_listed_month_that_is_put_off_makes_no_candidates_of_what_was_listed(
    cell: Cell,
) -> None:
    case = Case(cell)
    case.enrols(ANN, 0, "2025-01")
    case.pays("2025-01", "2025-02")
    said = next(k for k in case.place.life.streams.by_id.values() if _says(k.facts, "2025-01"))
    version = next(n for n, fact in enumerate(said.facts, 1) if _says([fact], "2025-01"))
    case.rules("lists.first_month", "2025-03", corrects=fact_id(said.id, version))
    assert case.pays("2025-03") == {ANN: {"2025-03": FEN}}
    assert case.overpaid("2025-03") == {}
    check(case.office)


def _says(facts: Any, month: str) -> bool:
    return any(getattr(fact, "value", None) == month for fact in facts)


def test_a_merger_of_an_enrolment_that_was_revoked_settles_nothing(cell: Cell) -> None:
    case = Case(cell)
    case.enrols(ANN, 0, "2025-01")
    case.enrols(BOB, 1, "2025-01")
    case.pays("2025-01", "2025-02")
    case.merges(BOB, ANN, 0, "2025-02")
    case.pays("2025-03")
    revoked = {"enrolment": fact_id(BOB, 1), "reason": "error", "legal_basis": "Law 18"}
    case.does("RevokeEnrolment", BOB, **revoked)
    assert case.pays("2025-04") == {}
    assert case.overpaid("2025-04") == {
        ANN: {"2025-02": FEN},
        BOB: {"2025-01": FEN, "2025-02": FEN, "2025-03": 2 * FEN},
    }
    check(case.office)


def test_who_was_absorbed_twice_is_settled_with_each_survivor_in_turn(cell: Cell) -> None:
    case = Case(cell)
    for person, household in enumerate(HOUSEHOLDS):
        case.enrols(household, person, "2025-01")
    case.pays("2025-01", "2025-02")
    case.merges(BOB, ANN, 0, "2025-02")
    assert case.pays("2025-03") == {BOB: {"2025-03": 2 * FEN}, CARL: {"2025-03": FEN}}
    case.exits(BOB, "2025-04")
    case.enrols(ANN, 0, "2025-04")
    case.pays("2025-04", "2025-05")
    case.merges(CARL, ANN, 0, "2025-05")
    assert case.pays("2025-06") == {CARL: {"2025-06": 2 * FEN}}
    assert case.overpaid("2025-06") == {}
    check(case.office)


def test_what_was_listed_twice_for_who_merged_into_a_place_that_does_not_list_is_a_candidate(
    cell: Cell,
) -> None:
    case = Case(cell)
    case.rules("lists.first_month", "2025-06", area=TOWN_2)
    case.enrols(ANN, 0, "2025-01", area=TOWN)
    case.enrols(BOB, 1, "2025-01", area=TOWN_2)
    case.pays("2025-01", "2025-02")
    case.merges(BOB, ANN, 0, "2025-02")
    assert case.pays("2025-03") == {}
    assert case.overpaid("2025-03") == {BOB: {"2025-02": FEN}}
    check(case.office)


def test_arrears_of_who_left_before_a_code_gave_way_go_with_the_list_around_it(cell: Cell) -> None:
    case = Case(cell)
    case.enrols(ANN, 0, "2025-01", area=TOWN)
    case.pays("2025-01")
    case.exits(ANN, "2025-02")
    case.does("ReplaceArea", None, area=TOWN, successor=TOWN_2, effective="2025-02")
    case.does(
        "AdoptStandard", None, area=PREFECTURE, programme="dibao", period="month", mode="gap",
        amount_fen=FEN + 20_000, adopted_by="the government", effective="2025-01",
    )  # fmt: skip
    assert case.pays("2025-02", area=TOWN_2) == {}
    assert case.pays("2025-02", area=COUNTY) == {ANN: {"2025-01": 20_000}}
    check(case.office)
