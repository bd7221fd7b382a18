"""Questions over all cells: the sums of the cells' own answers, asked again with the same positions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from projections.cells import exits as exit_questions
from projections.cells import sums
from projections.cells.cells import Cells
from projections.cells.exits import AfterExit
from projections.database import Row
from projections.errors import BadParameter, NotInstalled, NotYetProjected, Unreachable
from projections.exits import exits as exits_of_one
from projections.exits.exits import Groups
from projections.topic.cells import Cell
from projections.totals import totals as totals_of_one
from projections.totals.totals import scope
from tests.postgres import Server, on_every_server
from tests.views.conftest import SeveralCells
from tests.views.facts import named

OTHER = "150101001"
YEAR = scope("2023-01", "2023-12")


def some_lives(several: SeveralCells) -> None:
    """Households in each cell, in two provinces and two programmes; some leave."""
    for n, cell in enumerate(several.views, 1):
        facts = several.facts(cell)
        facts.standard("14", "dibao", 70_000)
        facts.standard("15", "dibao", 60_000)
        for k in range(3 * n):
            household = facts.enrolled(
                effective=f"2023-{1 + k % 4:02d}", members=1 + k % 3, income=10_000 * (k % 3),
                programme=("dibao.urban", "dibao.rural")[k % 2], area=("140403001", OTHER)[k % 2],
            )  # fmt: skip
            if k % 3 == 0:
                facts.exited(household, f"2023-{6 + n + k % 2:02d}", ("employment", "death")[k % 2])


def added(tables: list[list[Row]], groups: tuple[str, ...], of: tuple[str, ...]) -> list[Row]:
    """The sums of rows of the same group, in any order."""
    found: dict[tuple[Any, ...], dict[str, int]] = {}
    for row in (row for table in tables for row in table):
        sums_ = found.setdefault(tuple(row[g] for g in groups), dict.fromkeys(of, 0))
        for name in of:
            sums_[name] += row[name]
    return [dict(zip(groups, key, strict=True)) | found[key] for key in found]


def in_order(rows: list[Row]) -> list[str]:
    return sorted(map(repr, (sorted(row.items()) for row in rows)))


@on_every_server
def test_totals_of_all_cells_are_the_sums_of_their_own(several: SeveralCells) -> None:
    some_lives(several)
    cells, names = several.asked(), ("month", "area", "programme")
    by: dict[str, Any]
    for by in ({}, {"by_month": True}, {"by_programme": True, "by_level": "province"}):
        found = sums.totals(cells, YEAR, cells.as_of(), **by)
        own = [
            totals_of_one.totals(of, YEAR, of.as_of(), **by)
            for of in map(several.own, several.views)
        ]
        sum_of_own = [{"cell": None, **row} for row in added(own, names, sums.TOTALS)]
        assert in_order(found) == in_order(sum_of_own)
        assert sum(row["household_months"] for row in found) > 0


def test_totals_by_cell_are_each_cells_own(several: SeveralCells) -> None:
    some_lives(several)
    cells = several.asked()
    found = sums.totals(cells, YEAR, cells.as_of(), by_cell=True)
    own = [
        {"cell": name, **row}
        for name, of in ((name, several.own(name)) for name in several.views)
        for row in totals_of_one.totals(of, YEAR, of.as_of())
    ]
    assert found == own


def test_without_facts_the_totals_are_one_row_of_zeros(several: SeveralCells) -> None:
    cells = several.asked()
    [row] = sums.totals(cells, YEAR, cells.as_of())
    assert {row[name] for name in sums.TOTALS} == {0}


@on_every_server
def test_exits_of_all_cells_are_their_own_in_order_each_with_its_cell(
    several: SeveralCells,
) -> None:
    some_lives(several)
    cells = several.asked()
    found = list(exit_questions.exits(cells, YEAR, cells.as_of()))
    own = [
        {"cell": name, **row}
        for name, of in ((name, several.own(name)) for name in several.views)
        for row in exits_of_one.exits(of, YEAR, of.as_of())
    ]
    assert found == sorted(own, key=lambda row: (row["month"], row["household"], row["spell"]))
    assert len(found) == 6


def test_exits_of_one_household_id_in_two_cells_are_both_on_the_pages(
    several: SeveralCells,
) -> None:
    for cell in several.views:
        facts = several.facts(cell)
        for name in ("one", "two"):
            facts.exited(facts.enrolled(named(name)), "2023-05")
    cells = several.asked()
    positions, found, after = cells.as_of(), [], None
    while page := list(exit_questions.exits(cells, YEAR, positions, after=after, limit=1)):
        found += page
        after = AfterExit(*(page[-1][name] for name in AfterExit._fields))
    assert found == list(exit_questions.exits(cells, YEAR, positions))
    assert len(found) == 6


def test_an_unknown_reason_is_wrong_for_all_cells(several: SeveralCells) -> None:
    cells = several.asked()
    with pytest.raises(BadParameter, match=r"^`reason` must be"):
        exit_questions.exits(cells, YEAR, cells.as_of(), reason="boredom")


def test_counts_of_exits_are_the_sums_and_their_rate_is_against_the_roll_of_all(
    several: SeveralCells,
) -> None:
    for n, cell in enumerate(several.views, 1):
        for _ in range(10 * n):
            several.facts(cell).enrolled()
    facts = several.facts("cell-1")
    facts.exited(facts.enrolled(), "2023-05", "employment")
    cells, may = several.asked(), scope("2023-05", "2023-05")
    [row] = sums.exit_counts(cells, may, cells.as_of(), Groups(month=True, reason=True))
    assert (row["cell"], row["exits"], row["reason"]) == (None, 1, "employment")
    # The cells without such an exit had sixty households less ten on their rolls.
    assert (row["roll_households"], row["roll_persons"]) == (61, 61)
    assert row["rate"] == round(1 / 61, 6)
    [row] = sums.exit_counts(cells, may, cells.as_of(), Groups(), by_cell=True)
    assert (row["cell"], row["exits"], row["roll_households"]) == ("cell-1", 1, 11)


def test_counts_of_exits_by_everything_are_the_sums_of_the_cells_own(
    several: SeveralCells,
) -> None:
    some_lives(several)
    cells = several.asked()
    by = Groups(month=True, programme=True, reason=True, level="province")
    found = sums.exit_counts(cells, YEAR, cells.as_of(), by)
    own = [
        exits_of_one.counts(of, YEAR, of.as_of(), by_month=True, by_programme=True,
                            by_reason=True, by_level="province")
        for of in map(several.own, several.views)
    ]  # fmt: skip
    names = ("month", "area", "programme", "reason")
    some = [{name: row[name] for name in (*names, *sums.EXITS)} for row in found]
    assert in_order(some) == in_order(added(own, names, sums.EXITS))


def test_asked_again_with_its_positions_an_answer_is_the_same(several: SeveralCells) -> None:
    some_lives(several)
    cells = several.asked()
    positions = cells.as_of()

    def answers() -> list[Any]:
        return [
            sums.totals(cells, YEAR, positions, by_month=True),
            sums.exit_counts(cells, YEAR, positions, Groups(reason=True)),
            list(exit_questions.exits(cells, YEAR, positions)),
        ]

    before = answers()
    some_lives(several)
    assert cells.as_of(str(positions)) == positions
    assert str(several.asked().as_of()) != str(positions)
    assert answers() == before


def test_positions_are_those_of_an_instant(several: SeveralCells) -> None:
    some_lives(several)
    cells = several.asked()
    at = several.facts("cell-1").at(4)
    assert str(cells.as_of(known_at=at)) == "cell-1:4,cell-2:4,cell-3:4"


def test_positions_name_every_cell_once(several: SeveralCells) -> None:
    cells = several.asked()
    assert str(cells.as_of("cell-3:0, cell-1:0, cell-2:0")) == "cell-1:0,cell-2:0,cell-3:0"
    for text in (
        "", "7", "cell-1:0", "cell-1:0,cell-2:0,cell-3:0,cell-4:0", "cell-1:0,cell-1:0,cell-2:0,cell-3:0",
        "cell-1:-1,cell-2:0,cell-3:0", f"cell-1:{2**63},cell-2:0,cell-3:0",
    ):  # fmt: skip
        with pytest.raises(BadParameter, match="`positions` must"):
            cells.as_of(text)


def test_a_cell_that_has_not_come_so_far_is_named(several: SeveralCells) -> None:
    with pytest.raises(NotYetProjected, match=r"^Cell cell-2: Position 7 is asked for"):
        several.asked().as_of("cell-1:0,cell-2:7,cell-3:0")


def test_a_cell_that_does_not_answer_is_named_and_there_is_no_answer_without_it(
    several: SeveralCells,
) -> None:
    away = Cell("cell-4", "host=127.0.0.1 port=9 dbname=nowhere", "")
    with (
        Cells([away, *several.listed], answer_seconds=1.0) as cells,
        pytest.raises(Unreachable, match=r"^Cell cell-4: The projections' database") as said,
    ):
        cells.as_of()
    assert said.value.extra == {"cell": "cell-4"}


def test_a_cell_that_went_away_behind_the_positions_is_named(
    several: SeveralCells, server: Server
) -> None:
    with server.fresh_database() as dsn:
        several.asked()
        with (
            pytest.raises(NotInstalled, match=r"^Cell cell-4: "),
            Cells([*several.listed, Cell("cell-4", dsn, "")], answer_seconds=1.0) as cells,
        ):
            cells.as_of()


def test_the_order_in_which_cells_are_listed_does_not_matter(several: SeveralCells) -> None:
    some_lives(several)
    cells = several.asked()
    with Cells(several.listed[::-1]) as other:
        assert str(other.as_of()) == str(cells.as_of())
        assert list(exit_questions.exits(other, YEAR, other.as_of())) == list(
            exit_questions.exits(cells, YEAR, cells.as_of())
        )


def test_a_fault_says_of_which_cell_it_is(several: SeveralCells) -> None:
    cells = several.asked()
    positions = cells.as_of()
    with psycopg.connect(several.views["cell-2"].dsn) as connection:
        connection.execute("drop table register.standings cascade")
    with pytest.raises(psycopg.errors.UndefinedTable) as fault:
        exit_questions.exits(cells, YEAR, positions)
    assert fault.value.__notes__ == ["cell-2"]


def test_more_questions_than_connections_take_turns(several: SeveralCells) -> None:
    some_lives(several)
    several.asked()
    with Cells(several.listed, connections=1) as cells, ThreadPoolExecutor(8) as pool:
        positions = cells.as_of()
        asked = [
            pool.submit(lambda: list(exit_questions.exits(cells, YEAR, positions)))
            for _ in range(24)
        ]
        answers = [one.result(30) for one in asked]
        assert answers == [answers[0]] * 24


def test_a_question_that_is_let_go_lets_the_next_one_in(several: SeveralCells) -> None:
    some_lives(several)
    several.asked()
    with Cells(several.listed, connections=1, answer_seconds=0.5) as cells:
        positions = cells.as_of()
        held = exit_questions.exits(cells, YEAR, positions)
        with pytest.raises(Unreachable, match="Too many questions"):
            exit_questions.exits(cells, YEAR, positions)
        next(held)
        del held
        assert len(list(exit_questions.exits(cells, YEAR, positions))) == 6
