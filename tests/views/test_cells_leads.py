"""Who is covered in two cells: seen by nobody but over all of them."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

from projections.cells import leads as questions
from projections.cells.leads import covered_in_two_cells
from projections.database import Row
from projections.totals.totals import scope
from tests.postgres import on_every_server
from tests.views.conftest import SeveralCells
from tests.views.facts import AREA, covered_members, member, named

OTHER = "150101001"
PERSON = named("who is covered twice")


def enrolled(
    several: SeveralCells, cell: str, *persons: UUID, effective: str = "2023-01", **more: Any
) -> UUID:
    """A household of some persons in a cell, all covered."""
    return several.facts(cell).enrolled(
        effective=effective, members=covered_members(persons or (PERSON,)), **more
    )


def leads(
    several: SeveralCells, first: str = "2023-01", last: str = "2023-12", **more: Any
) -> list[Row]:
    """The leads of some months, as everything is known."""
    cells = several.asked()
    return list(covered_in_two_cells(cells, scope(first, last, **more), cells.as_of()))


def months(found: list[Row]) -> list[tuple[str, str]]:
    return [(row["month"], row["last_month"]) for row in found]


@on_every_server
def test_a_person_covered_in_two_cells_in_the_same_months_is_a_lead(several: SeveralCells) -> None:
    here = enrolled(several, "cell-1", PERSON, named("kin"))
    there = enrolled(
        several, "cell-3", named("other kin"), PERSON, effective="2023-04", area=OTHER,
        programme="tekun.rural",
    )  # fmt: skip
    enrolled(several, "cell-2", named("nobody's kin"))
    assert leads(several) == [
        {
            "code": "covered_in_two_cells", "person": PERSON, "month": "2023-04",
            "last_month": "2023-12", "cell": "cell-1", "household": here, "area": AREA,
            "programme": "dibao.urban", "other_cell": "cell-3", "other_household": there,
            "other_area": OTHER, "other_programme": "tekun.rural",
            "reason": f"Covered from 2023-04 to 2023-12 in cell-1 (dibao.urban, household {here})"
            f" and in cell-3 (tekun.rural, household {there}).",
        }
    ]  # fmt: skip
    assert leads(several, "2023-01", "2023-03") == []


def test_who_moved_between_cells_is_no_lead(several: SeveralCells) -> None:
    here = enrolled(several, "cell-1")
    several.facts("cell-1").exited(here, "2023-05", "moved_away")
    enrolled(several, "cell-2", effective="2023-05")
    assert leads(several) == []


def test_who_came_before_leaving_is_a_lead_for_the_months_between(several: SeveralCells) -> None:
    here = enrolled(several, "cell-1")
    several.facts("cell-1").exited(here, "2023-07", "moved_away")
    enrolled(several, "cell-2", effective="2023-05")
    assert months(leads(several)) == [("2023-05", "2023-06")]


def test_grace_covers_until_it_ends(several: SeveralCells) -> None:
    facts = several.facts("cell-1")
    here = enrolled(several, "cell-1", income=0)
    raised = facts.reassessed(here, "2023-04", 90_000)
    facts.grace(here, "2023-04", "2023-06", raised, PERSON)
    enrolled(several, "cell-2", effective="2023-05")
    assert months(leads(several)) == [("2023-05", "2023-06")]


def test_each_spell_is_a_lead_of_its_own(several: SeveralCells) -> None:
    facts = several.facts("cell-1")
    here = enrolled(several, "cell-1")
    facts.exited(here, "2023-04")
    facts.enrolled(here, effective="2023-08", members=covered_members([PERSON]))
    enrolled(several, "cell-2")
    assert months(leads(several)) == [("2023-01", "2023-03"), ("2023-08", "2023-12")]


def test_a_change_that_leaves_the_cover_as_it_is_does_not_split_a_lead(
    several: SeveralCells,
) -> None:
    several.facts("cell-1").standard("14", "dibao", 70_000, effective="2023-03")
    several.facts("cell-2").standard("14", "dibao", 70_000, effective="2023-06")
    here = enrolled(several, "cell-1")
    several.facts("cell-1").reassessed(here, "2023-05", 10_000)
    enrolled(several, "cell-2")
    assert months(leads(several)) == [("2023-01", "2023-12")]


def test_who_is_no_longer_covered_or_never_was_is_no_lead(several: SeveralCells) -> None:
    facts = several.facts("cell-1")
    stopped, never = named("stopped"), named("never covered")
    here = facts.enrolled(
        members=[*covered_members([named("head"), stopped]), member(never, covered=False)]
    )
    facts.of_member(here, "MemberCoverStopped", stopped, "2023-03", reason="work_refused")
    enrolled(several, "cell-2", stopped, never)
    assert [(row["person"], *months([row])) for row in leads(several)] == [
        (stopped, ("2023-01", "2023-02"))
    ]


def test_an_area_or_a_programme_is_that_of_one_of_the_two_at_least(several: SeveralCells) -> None:
    enrolled(several, "cell-1")
    enrolled(several, "cell-2", area=OTHER, programme="tekun.urban")
    for asked in (
        {"area": AREA}, {"area": "14"}, {"area": "150101"}, {"programme": "dibao"},
        {"programme": "tekun.urban"}, {"area": OTHER, "programme": "tekun"},
    ):  # fmt: skip
        assert months(leads(several, **asked)) == [("2023-01", "2023-12")], asked
    for asked in (
        {"area": "16"}, {"programme": "dibao.rural"}, {"area": OTHER, "programme": "dibao"},
    ):  # fmt: skip
        assert leads(several, **asked) == [], asked


def test_a_stay_counts_where_its_code_is_counted_once_that_gave_way(several: SeveralCells) -> None:
    enrolled(several, "cell-1")
    several.facts("cell-1").of_area("AreaReplaced", AREA, "2023-05", successor="140499009")
    enrolled(several, "cell-2", area=OTHER)
    assert [(row["area"], *months([row])) for row in leads(several)] == [
        (AREA, ("2023-01", "2023-04")), ("140499009", ("2023-05", "2023-12")),
    ]  # fmt: skip
    assert months(leads(several, area="140499")) == [("2023-05", "2023-12")]


def test_in_three_cells_each_two_are_a_lead(several: SeveralCells) -> None:
    for cell in several.views:
        enrolled(several, cell)
    assert [(row["cell"], row["other_cell"]) for row in leads(several)] == [
        ("cell-1", "cell-2"), ("cell-1", "cell-3"), ("cell-2", "cell-3"),
    ]  # fmt: skip


LIVES = 60
ALL_MONTHS = [f"2023-{n:02d}" for n in range(1, 13)]


def lived(several: SeveralCells, rng: random.Random) -> dict[UUID, dict[str, set[str]]]:
    """Record random lives; return in which months each person is covered in which cell."""
    covered: dict[UUID, dict[str, set[str]]] = {}
    for n in range(LIVES):
        person = named(f"random {n}")
        covered[person] = {}
        for cell in rng.sample(list(several.views), rng.randrange(1, 4)):
            begin, end = sorted(rng.sample(range(12), 2))
            household = enrolled(several, cell, person, effective=ALL_MONTHS[begin])
            covered[person][cell] = set(ALL_MONTHS[begin:])
            if rng.random() < 0.7:
                several.facts(cell).exited(household, ALL_MONTHS[end])
                covered[person][cell] = set(ALL_MONTHS[begin:end])
    return covered


def expected(covered: dict[UUID, dict[str, set[str]]]) -> set[tuple[UUID, str, str, str]]:
    return {
        (person, one, other, month)
        for person, of in covered.items()
        for one in of
        for other in of
        if one < other
        for month in of[one] & of[other]
    }


def told(found: list[Row]) -> list[tuple[UUID, str, str, str]]:
    return [
        (row["person"], row["cell"], row["other_cell"], month)
        for row in found
        for month in ALL_MONTHS
        if row["month"] <= month <= row["last_month"]
    ]


def test_leads_are_the_months_that_two_cells_share_now_and_at_earlier_positions(
    several: SeveralCells,
) -> None:
    rng = random.Random(17)
    before = expected(lived(several, rng))
    cells, year = several.asked(), scope("2023-01", "2023-12")
    positions = cells.as_of()
    found = list(covered_in_two_cells(cells, year, positions))
    assert len(told(found)) == len(set(told(found)))
    assert set(told(found)) == before
    assert found == sorted(found, key=questions.key)
    # What is kept for speed is later than these positions then: the answer is from assertions.
    for cell in several.views:
        several.facts(cell).enrolled(
            effective="2023-01", members=covered_members([named("random 1")])
        )
    several.asked()
    assert list(covered_in_two_cells(cells, year, positions)) == found
    assert list(covered_in_two_cells(cells, year, cells.as_of())) != found


def test_pages_of_leads_are_all_of_them_once(several: SeveralCells) -> None:
    lived(several, random.Random(23))
    cells, year = several.asked(), scope("2023-01", "2023-12")
    positions, found, after = cells.as_of(), [], None
    while page := list(covered_in_two_cells(cells, year, positions, after=after, limit=7)):
        found += page
        after = questions.key(page[-1])
    assert found == list(covered_in_two_cells(cells, year, positions))
    assert len(found) > 20
