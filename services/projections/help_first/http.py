"""GET /v1/help-first: grants of help-first aid, those with paperwork due, and counts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from projections.database import Row
from projections.help_first import help_first as questions
from projections.help_first.help_first import Asked, State
from projections.pages import (
    Area,
    Cursor,
    Limit,
    as_of_parameters,
    read_cursor,
    respond,
    stream,
    wants_ndjson,
    write_cursor,
)
from projections.projections import AsOf, Projections, day_of

On = Annotated[
    str | None,
    Query(
        description="The day on which things are looked at. Default: today.",
        examples=["2026-08-20"],
    ),
]
OfState = Annotated[State | None, Query(description="Only grants in this state.")]

GRANT = {
    "grant_id": "018f4b5e-0000-7000-8000-000000000009",
    "state": "outstanding",
    "area": "140403001",
    "emergency_area": "140403001",
    "cause": "flood",
    "emergency": "flood-2026",
    "level": "town",
    "granted_on": "2026-07-20",
    "recipients": 3,
    "household": None,
    "persons": [],
    "cash_fen": 200_000,
    "kind_fen": 30_000,
    "amount_fen": 230_000,
    "unjustified_fen": 0,
    "ended_on": "2026-08-03",
    "due_on": "2026-08-17",
    "overdue_working_days": 3,
    "emergency_for_days": 31,
    "emergency_too_long": False,
    "completed_on": None,
    "converted_on": None,
    "unjustified_on": None,
    "facts": ["018f4b5e-0000-7000-8000-000000000009:1", "018f4b5e-0000-7000-8000-000000000009:2"],
}
COUNT = {
    "state": "outstanding",
    "grants": 12,
    "recipients": 31,
    "overdue": 2,
    "emergency_too_long": 0,
    "cash_fen": 2_400_000,
    "kind_fen": 90_000,
    "unjustified_fen": 0,
}


def router(projections: Projections) -> APIRouter:
    """Serve help-first grants."""
    routes = APIRouter(tags=["help-first"])
    as_of_asked = as_of_parameters(projections)

    def asked_of(on: On = None, area: Area = None) -> Asked:
        return questions.asked(projections, None if on is None else day_of(on, "on"), area)

    @routes.get(
        "/v1/help-first/outstanding",
        summary="Help-first grants whose paperwork is due, the earliest due day first",
        description="The clock of working days starts when the emergency has ended (Law 50).",
        responses=_example({"position": 1204, "on": "2026-08-20", "grants": [GRANT], "next": None}),
    )
    def outstanding(
        request: Request,
        asked: Asked = Depends(asked_of),
        as_of: AsOf = Depends(as_of_asked),
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        return _grants(projections, request, asked, as_of, "outstanding", limit, cursor)

    @routes.get(
        "/v1/help-first/counts",
        summary="How many help-first grants are in which state, and what was given",
        responses=_example({"position": 1204, "on": "2026-08-20", "counts": [COUNT]}),
    )
    def counts(asked: Asked = Depends(asked_of), as_of: AsOf = Depends(as_of_asked)) -> Response:
        rows = questions.counts(projections, asked, as_of)
        return respond(as_of, {"on": asked.on, "counts": rows})

    @routes.get(
        "/v1/help-first",
        summary="Help-first grants with what became of them",
        description="With `Accept: application/x-ndjson` all of them are streamed, a line each.",
        responses=_example({"position": 1204, "on": "2026-08-20", "grants": [GRANT], "next": None}),
    )
    def grants(
        request: Request,
        asked: Asked = Depends(asked_of),
        as_of: AsOf = Depends(as_of_asked),
        state: OfState = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        return _grants(projections, request, asked, as_of, state, limit, cursor)

    return routes


def _grants(
    projections: Projections,
    request: Request,
    asked: Asked,
    as_of: AsOf,
    state: State | None,
    limit: int,
    cursor: str | None,
) -> Response:
    if wants_ndjson(request):
        rows = questions.grants(projections, asked, as_of, state=state)
        return stream(as_of, map(_without_key, rows))
    after: tuple[date, UUID] | None = None
    if cursor is not None:
        position, on, day, grant = read_cursor(cursor, int, date, date, UUID)
        as_of, asked, after = AsOf(position), Asked(on, asked.area), (day, grant)
    found = list(questions.grants(projections, asked, as_of, state=state, after=after, limit=limit))
    last = found[-1] if len(found) == limit else None
    onward = last and write_cursor(as_of.position, asked.on, last["sort_day"], last["grant_id"])
    body = {"on": asked.on, "grants": [_without_key(row) for row in found], "next": onward}
    return respond(as_of, body)


def _without_key(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "sort_day"}


def _example(answer: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "The answer.", "content": {"application/json": {"example": answer}}}
    }
