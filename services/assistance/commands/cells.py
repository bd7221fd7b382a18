"""`cells list`, `cells totals`, `cells exits`, `cells leads`: what all cells answer together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from assistance import settings
from assistance.commands.options import Area, First, Json, KnownAt, Last, Programme, instant
from assistance.commands.questions import EXIT_COLUMNS, EXIT_COUNT_COLUMNS, Limit, level_of, months
from assistance.showing import plain, say, show
from projections.app import cells_of
from projections.cells import exits as exit_questions
from projections.cells import leads as lead_questions
from projections.cells import sums
from projections.cells.cells import Cells
from projections.cells.positions import Positions
from projections.exits.exits import Groups
from projections.settings import cells_settings
from projections.totals import totals as total_questions
from projections.totals.totals import Scope

Asked = Annotated[
    str | None,
    typer.Option(
        "--positions", help="As an earlier answer named them, every cell's: cell-1:1204,cell-2:998."
    ),
]
By = Annotated[
    list[str] | None,
    typer.Option("--by", help="cell, month, programme, or an area level: county, town, village."),
]
LEAD_COLUMNS = (
    "person", "month", "last_month", "cell", "household", "other_cell", "other_household",
)  # fmt: skip


def register(cells: typer.Typer) -> None:
    """Add the commands to the command line."""
    cells.command("list")(list_cells)
    for command in (totals, exits, leads):
        cells.command(command.__name__)(command)


def list_cells(positions: Asked = None, known_at: KnownAt = None, json: Json = False) -> None:
    """The cells of PROJECTIONS_CELLS, and the position that each has come to."""
    with asked(positions, known_at) as (_, as_of):
        show(as_of.rows(), json=json, title="Cells")


def totals(
    area: Area = None, programme: Programme = None, first: First = None, last: Last = None,
    by: By = None, positions: Asked = None, known_at: KnownAt = None, json: Json = False,
) -> None:  # fmt: skip
    """The totals of all cells, added up."""
    with asked(positions, known_at) as (cells, as_of):
        scope, groups = _scope(cells, first, last, area, programme), set(by or [])
        rows = sums.totals(
            cells, scope, as_of, by_cell="cell" in groups, by_month="month" in groups,
            by_programme="programme" in groups, by_level=level_of(groups - {"cell"}),
        )  # fmt: skip
        show(map(plain, rows), json=json, title=_title("Totals", scope))


def exits(
    area: Area = None, programme: Programme = None, first: First = None, last: Last = None,
    positions: Asked = None, known_at: KnownAt = None,
    counts: Annotated[bool, typer.Option("--counts", help="Counts by reason and month.")] = False,
    limit: Limit = None, json: Json = False,
) -> None:  # fmt: skip
    """The exits of all cells, each with its cell."""
    with asked(positions, known_at) as (cells, as_of):
        scope = _scope(cells, first, last, area, programme)
        rows: Iterator[Mapping[str, Any]] = (
            iter(sums.exit_counts(cells, scope, as_of, Groups(month=True, reason=True)))
            if counts
            else exit_questions.exits(cells, scope, as_of, limit=limit)
        )
        show(map(plain, rows), json=json, title=_title("Exits", scope),
             columns=EXIT_COUNT_COLUMNS if counts else ("cell", *EXIT_COLUMNS))  # fmt: skip


def leads(
    area: Area = None, programme: Programme = None, first: First = None, last: Last = None,
    positions: Asked = None, known_at: KnownAt = None, limit: Limit = None, json: Json = False,
) -> None:  # fmt: skip
    """Persons whom the rolls of two cells cover in the same months."""
    with asked(positions, known_at) as (cells, as_of):
        scope = _scope(cells, first, last, area, programme)
        rows = lead_questions.covered_in_two_cells(cells, scope, as_of, limit=limit)
        show(rows, json=json, title=_title("Covered in two cells", scope), columns=LEAD_COLUMNS)


@contextmanager
def asked(positions: str | None, known_at: str | None) -> Iterator[tuple[Cells, Positions]]:
    """Open the cells of PROJECTIONS_CELLS, and say as of which positions they answer.

    Their projections are as others keep them up: nothing is projected here.
    """
    with cells_of(cells_settings(settings.read().environment)) as cells:
        as_of = cells.as_of(positions, instant(known_at))
        say(f"As of --positions {as_of}")
        yield cells, as_of


def _scope(
    cells: Cells, first: str | None, last: str | None, area: str | None, programme: str | None
) -> Scope:
    return total_questions.scope(*months(cells.today, first, last), area, programme)


def _title(what: str, scope: Scope) -> str:
    return f"{what}, {scope.first:%Y-%m} to {scope.last:%Y-%m}"
