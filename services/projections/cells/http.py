"""GET /v1/cells: which there are, and what all of them answer together.

The routes are there without PROJECTIONS_CELLS too, and then say that it is to be set: so the document of
the routes is the same wherever it is served.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from projections.cells import exits as exit_questions
from projections.cells import leads as lead_questions
from projections.cells import sums
from projections.cells.cells import Cells
from projections.cells.exits import AfterExit
from projections.cells.leads import AfterLead
from projections.cells.positions import Positions
from projections.database import Row
from projections.errors import BadParameter, NoCells
from projections.exits.exits import Groups
from projections.exits.http import COUNT, EXIT, Reason
from projections.pages import (
    Area,
    EffectiveOn,
    KnownAt,
    Limit,
    instant_of,
    read_cursor,
    streamed,
    wants_ndjson,
    write_cursor,
    written,
)
from projections.projections import month_text
from projections.totals.http import TOTAL, AreaLevel, First, Last, Programme
from projections.totals.totals import Level, Scope, scope_or_month

MOST_CHARACTERS = 20_000
"""Of the positions of all cells, in a parameter or a cursor."""

PositionsAsked = Annotated[
    str | None,
    Query(
        max_length=MOST_CHARACTERS,
        description="The positions that an earlier answer names, every cell's; not with known_at.",
        examples=["cell-1:1204,cell-2:998"],
    ),
]
Cursor = Annotated[
    str | None, Query(max_length=2 * MOST_CHARACTERS, description="`next` of the page before.")
]
Group = Literal["cell", "month", "area", "programme"]
TotalGroups = Annotated[
    list[Group] | None, Query(description="One row a cell, month, area or programme.")
]
ExitGroup = Literal["cell", "month", "area", "programme", "reason"]
ExitGroups = Annotated[
    list[ExitGroup] | None,
    Query(description="One row a cell, month, area, programme or reason."),
]

ANSWER = {"positions": "cell-1:1204,cell-2:998", "from": "2023-01", "to": "2023-09"}
LEAD = {
    "code": lead_questions.CODE,
    "person": "018f4b5e-0000-7000-8000-000000000002",
    "month": "2023-03",
    "last_month": "2023-09",
    "cell": "cell-1",
    "household": "018f4b5e-0000-7000-8000-000000000001",
    "area": "140403001",
    "programme": "dibao.urban",
    "other_cell": "cell-2",
    "other_household": "018f4b5e-0000-7000-8000-000000000007",
    "other_area": "140404001",
    "other_programme": "dibao.rural",
    "reason": "Covered from 2023-03 to 2023-09 in cell-1 (dibao.urban, household "
    "018f4b5e-0000-7000-8000-000000000001) and in cell-2 (dibao.rural, household "
    "018f4b5e-0000-7000-8000-000000000007).",
}


def router(cells: Cells | None) -> APIRouter:
    """Serve the questions over all cells; NoCells answers them where none are told of."""
    routes = APIRouter(tags=["cells"])

    def all_cells() -> Cells:
        if cells is None:
            raise NoCells(
                "This process knows of no cells. Set PROJECTIONS_CELLS to a TOML file of [[cells]], "
                "and start it again."
            )
        return cells

    def as_of_asked(
        known: Cells = Depends(all_cells),
        positions: PositionsAsked = None,
        known_at: KnownAt = None,
    ) -> Positions:
        return known.as_of(positions, None if known_at is None else instant_of(known_at))

    def scope_asked(
        known: Cells = Depends(all_cells),
        first: First = None,
        last: Last = None,
        effective_on: EffectiveOn = None,
        area: Area = None,
        programme: Programme = None,
    ) -> Scope:
        return scope_or_month(known.today, first, last, effective_on, area, programme)

    _serve_cells(routes, as_of_asked)
    _serve_totals(routes, all_cells, scope_asked, as_of_asked)
    _serve_exits(routes, all_cells, scope_asked, as_of_asked)
    _serve_counts(routes, all_cells, scope_asked, as_of_asked)
    _serve_leads(routes, all_cells, scope_asked, as_of_asked)
    return routes


Asked = Callable[..., Any]


def _serve_cells(routes: APIRouter, as_of_asked: Asked) -> None:
    @routes.get(
        "/v1/cells",
        summary="The cells, and the position that each has come to",
        responses=_example(
            {
                "positions": ANSWER["positions"],
                "cells": [
                    {"cell": "cell-1", "position": 1204},
                    {"cell": "cell-2", "position": 998},
                ],
            }
        ),
    )
    def cells(positions: Positions = Depends(as_of_asked)) -> Response:
        return _respond(positions, {"cells": positions.rows()})


def _serve_totals(
    routes: APIRouter, all_cells: Asked, scope_asked: Asked, as_of_asked: Asked
) -> None:
    @routes.get(
        "/v1/cells/totals",
        summary="The totals of all cells, added up",
        description="A household or person of two cells counts in each.",
        responses=_example({**ANSWER, "totals": [{"cell": None, **TOTAL}]}),
    )
    def totals_of_cells(
        cells: Cells = Depends(all_cells),
        scope: Scope = Depends(scope_asked),
        positions: Positions = Depends(as_of_asked),
        by: TotalGroups = None,
        level: AreaLevel = None,
    ) -> Response:
        groups = by or []
        rows = sums.totals(
            cells, scope, positions,
            by_cell="cell" in groups,
            by_month="month" in groups,
            by_programme="programme" in groups,
            by_level=_level("area" in groups, level),
        )  # fmt: skip
        return _respond(positions, {**_months(scope), "totals": [_readable(row) for row in rows]})


def _serve_exits(
    routes: APIRouter, all_cells: Asked, scope_asked: Asked, as_of_asked: Asked
) -> None:
    @routes.get(
        "/v1/cells/exits",
        summary="The exits of all cells, each with its cell",
        description="With `Accept: application/x-ndjson` all exits are streamed, a line each.",
        responses=_example({**ANSWER, "exits": [{"cell": "cell-1", **EXIT}], "next": None}),
    )
    def exits_of_cells(
        request: Request,
        cells: Cells = Depends(all_cells),
        scope: Scope = Depends(scope_asked),
        positions: Positions = Depends(as_of_asked),
        reason: Reason = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        if wants_ndjson(request):
            found = exit_questions.exits(cells, scope, positions, reason=reason)
            return streamed(map(_readable, found), _headers(positions))
        after: AfterExit | None = None
        if cursor is not None:
            text, *last = read_cursor(cursor, str, date, UUID, int, str)
            positions, after = cells.as_of(text), AfterExit(*last)
        rows = list(
            exit_questions.exits(cells, scope, positions, reason=reason, after=after, limit=limit)
        )
        key = [rows[-1][name] for name in AfterExit._fields] if len(rows) == limit else None
        return _page(positions, scope, "exits", [_readable(row) for row in rows], key)


def _serve_counts(
    routes: APIRouter, all_cells: Asked, scope_asked: Asked, as_of_asked: Asked
) -> None:
    @routes.get(
        "/v1/cells/exits/counts",
        summary="The exits of all cells counted, with rates against the roll of all cells",
        responses=_example({**ANSWER, "counts": [{"cell": None, **COUNT}]}),
    )
    def counts_of_cells(
        cells: Cells = Depends(all_cells),
        scope: Scope = Depends(scope_asked),
        positions: Positions = Depends(as_of_asked),
        by: ExitGroups = None,
        level: AreaLevel = None,
    ) -> Response:
        asked = by or []
        groups = Groups(
            "month" in asked,
            "programme" in asked,
            "reason" in asked,
            _level("area" in asked, level),
        )
        rows = sums.exit_counts(cells, scope, positions, groups, by_cell="cell" in asked)
        return _respond(positions, {**_months(scope), "counts": [_readable(row) for row in rows]})


def _serve_leads(
    routes: APIRouter, all_cells: Asked, scope_asked: Asked, as_of_asked: Asked
) -> None:
    @routes.get(
        "/v1/cells/leads",
        summary="Persons whom the rolls of two cells cover in the same months",
        description="An area or a programme is that of one of the two at least."
        " With `Accept: application/x-ndjson` all of them are streamed, a line each.",
        responses=_example({**ANSWER, "leads": [LEAD], "next": None}),
    )
    def leads_of_cells(
        request: Request,
        cells: Cells = Depends(all_cells),
        scope: Scope = Depends(scope_asked),
        positions: Positions = Depends(as_of_asked),
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        if wants_ndjson(request):
            found = lead_questions.covered_in_two_cells(cells, scope, positions)
            return streamed(found, _headers(positions))
        after: AfterLead | None = None
        if cursor is not None:
            text, *last = read_cursor(cursor, str, *lead_questions.KEY)
            positions, after = cells.as_of(text), AfterLead(*last)
        rows = list(
            lead_questions.covered_in_two_cells(cells, scope, positions, after=after, limit=limit)
        )
        key = lead_questions.key(rows[-1]) if len(rows) == limit else None
        return _page(positions, scope, "leads", rows, key)


def _page(positions: Positions, scope: Scope, name: str, rows: list[Row], key: Any) -> Response:
    onward = key and write_cursor(str(positions), *key)
    return _respond(positions, {**_months(scope), name: rows, "next": onward})


def _respond(positions: Positions, body: Mapping[str, Any]) -> Response:
    return written({"positions": str(positions), **body}, _headers(positions))


def _headers(positions: Positions) -> dict[str, str]:
    return {"Ledger-Positions": str(positions)}


def _level(by_area: bool, level: Level | None) -> Level | None:
    if level is not None and not by_area:
        raise BadParameter("`level` needs `by=area`.", parameter="level")
    return (level or "county") if by_area else None


def _months(scope: Scope) -> dict[str, str]:
    return {"from": month_text(scope.first), "to": month_text(scope.last)}


def _readable(row: Row) -> Row:
    months = ("month", "since", "grace_from", "grace_until", "returned")
    return row | {key: month_text(row[key]) for key in months if isinstance(row.get(key), date)}


def _example(answer: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "The answer.", "content": {"application/json": {"example": answer}}}
    }
