"""Who is covered in two cells: a lead that no cell can see alone."""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations, dropwhile, groupby, islice
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from projections.cells.cells import Begun, Cells
from projections.cells.positions import Positions
from projections.database import Row
from projections.projections import Projections, month_text
from projections.totals.totals import Scope

CODE = "covered_in_two_cells"
PLACES = ("household", "area", "programme")


class AfterLead(NamedTuple):
    """The last lead of a page."""

    person: UUID
    month: str
    cell: str
    household: UUID
    other_cell: str
    other_household: UUID


KEY = (UUID, str, str, UUID, str, UUID)
"""What an AfterLead is made of, as a cursor has it."""


def covered_in_two_cells(
    cells: Cells,
    scope: Scope,
    positions: Positions,
    *,
    after: AfterLead | None = None,
    limit: int | None = None,
) -> Iterator[Row]:
    """Return each person whom the rolls of two cells cover in the same months of a scope.

    Within a cell the ledger refuses it; no ledger sees another's rolls. Whoever left one roll before the
    other began is no lead. A row has code, person, month and last_month (both included, YYYY-MM), cell,
    household, area and programme, the same of the other cell, and the reason in a sentence; in order of
    persons. An area or a programme is that of one of the two at least. Every cell has answered on return.
    """

    def covered(of: Projections) -> Iterator[Row]:
        # Whoever is covered here may be covered outside of the scope's area there.
        parameters = Scope(scope.first, scope.last).parameters(positions[of.source])
        given = {"cell": of.source, "from_person": after and after.person}
        return of.stream("cells", "covered", parameters | given)

    def leads() -> Generator[Row]:
        with cells.rows(covered) as stays:
            found = _leads(heapq.merge(*stays, key=itemgetter("person")), scope)
            rest = dropwhile(lambda row: after is not None and key(row) <= after, found)
            yield from islice(rest, limit)

    return Begun(leads())


def _leads(stays: Iterator[Row], scope: Scope) -> Iterator[Row]:
    """Yield the leads among the stays of all cells, which come in order of persons."""
    for _, of_person in groupby(stays, key=itemgetter("person")):
        yield from _pairs(list(of_person), scope)


def key(row: Row) -> AfterLead:
    """Return where a lead stands among the others."""
    return AfterLead(*(row[name] for name in AfterLead._fields))


def _pairs(stays: Sequence[Row], scope: Scope) -> list[Row]:
    """Return the leads of one person, in order."""
    if len(stays) < 2:
        return []
    found = [
        _lead(*sorted((one, other), key=itemgetter("cell")))
        for one, other in combinations(stays, 2)
        if one["cell"] != other["cell"]
        and max(one["month"], other["month"]) < min(one["until"], other["until"])
        and (_inside(one, scope) or _inside(other, scope))
    ]
    return sorted(found, key=key)


def _inside(stay: Row, scope: Scope) -> bool:
    programme: str = stay["programme"]
    return (scope.area is None or stay["area"].startswith(scope.area)) and (
        scope.programme in (None, programme, programme.partition(".")[0])
    )


def _lead(one: Row, other: Row) -> Row:
    month = month_text(max(one["month"], other["month"]))
    last_month = month_text(_before(min(one["until"], other["until"])))
    return {
        "code": CODE,
        "person": one["person"],
        "month": month,
        "last_month": last_month,
        "cell": one["cell"],
        **{name: one[name] for name in PLACES},
        "other_cell": other["cell"],
        **{f"other_{name}": other[name] for name in PLACES},
        "reason": f"Covered from {month} to {last_month} in {_told(one)} and in {_told(other)}.",
    }


def _before(month: date) -> date:
    return month - timedelta(days=1)


def _told(stay: Row) -> str:
    return f"{stay['cell']} ({stay['programme']}, household {stay['household']})"
