"""The exits of all cells, one by one."""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterator
from datetime import date
from itertools import islice
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from projections.cells.cells import Begun, Cells
from projections.cells.positions import Positions
from projections.database import Row
from projections.exits import exits as questions
from projections.projections import Projections
from projections.totals.totals import Scope


class AfterExit(NamedTuple):
    """The last exit of a page."""

    month: date
    household: UUID
    spell: int
    cell: str


def exits(
    cells: Cells,
    scope: Scope,
    positions: Positions,
    *,
    reason: str | None = None,
    after: AfterExit | None = None,
    limit: int | None = None,
) -> Iterator[Row]:
    """Return the exits of all cells, as exits.exits has them, each with its `cell`, after a given one.

    In order of month, household, spell and cell; every cell has answered on return.
    """

    def of_cell(of: Projections) -> Iterator[Row]:
        found = questions.exits(
            of, scope, positions[of.source], reason=reason, after=_after(after, of.source),
            limit=limit,
        )  # fmt: skip
        return ({"cell": of.source, **row} for row in found)

    def all_exits() -> Generator[Row]:
        with cells.rows(of_cell) as rows:
            merged = heapq.merge(*rows, key=itemgetter(*AfterExit._fields))
            yield from islice(merged, limit)

    return Begun(all_exits())


def _after(after: AfterExit | None, cell: str) -> tuple[date, UUID, int] | None:
    """Return after which exit a cell goes on: one with the same key may stand in a later cell too."""
    if after is None:
        return None
    return after.month, after.household, after.spell - (cell > after.cell)
