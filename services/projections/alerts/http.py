"""GET /v1/alerts and GET /v1/referrals: what is open, by urgency and age."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from projections.alerts import alerts as questions
from projections.alerts.alerts import Asked, Department, Kind, Urgency
from projections.database import Row
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
    Query(description="The day on which they are open. Default: today.", examples=["2026-08-20"]),
]
OfKind = Annotated[Kind | None, Query(description="Only alerts of this kind.")]
OfUrgency = Annotated[Urgency | None, Query(description="Only alerts of this urgency.")]
ToDepartment = Annotated[Department | None, Query(description="Only referrals to this department.")]

ALERT = {
    "alert_id": "018f4b5e-0000-7000-8000-000000000011",
    "area": "140403001",
    "kind": "large_medical_bill",
    "urgency": "urgent",
    "raised_on": "2026-07-20",
    "open_for_days": 31,
    "household": "018f4b5e-0000-7000-8000-000000000001",
    "person": None,
    "amount_fen": 8_000_000,
    "source": "medical-insurance",
    "visits": 1,
    "last_visit_on": "2026-07-22",
    "found": "needs_help",
    "facts": ["018f4b5e-0000-7000-8000-000000000011:1", "018f4b5e-0000-7000-8000-000000000011:2"],
}
REFERRAL = {
    "referral_id": "018f4b5e-0000-7000-8000-000000000012",
    "area": "140403001",
    "department": "medical_insurance",
    "need": "medical_aid",
    "made_on": "2026-07-23",
    "open_for_days": 28,
    "household": "018f4b5e-0000-7000-8000-000000000001",
    "person": None,
    "alert": "018f4b5e-0000-7000-8000-000000000011",
    "answer": "accepted",
    "answered_on": "2026-07-30",
    "facts": ["018f4b5e-0000-7000-8000-000000000012:1", "018f4b5e-0000-7000-8000-000000000012:2"],
}


def router(projections: Projections) -> APIRouter:
    """Serve open alerts and referrals."""
    routes = APIRouter(tags=["alerts"])
    as_of_asked = as_of_parameters(projections)

    @routes.get(
        "/v1/alerts",
        summary="Open alerts, the most urgent first, of these the oldest",
        description="With `Accept: application/x-ndjson` all of them are streamed, a line each.",
        responses=_example({"position": 1204, "on": "2026-08-20", "alerts": [ALERT], "next": None}),
    )
    def alerts(
        request: Request,
        as_of: AsOf = Depends(as_of_asked),
        on: On = None,
        area: Area = None,
        kind: OfKind = None,
        urgency: OfUrgency = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        asked = questions.asked(projections, _day(on), area, kind=kind, urgency=urgency)
        if wants_ndjson(request):
            return stream(as_of, map(_shown, questions.alerts(projections, asked, as_of)))
        after: tuple[int, date, UUID] | None = None
        if cursor is not None:
            position, day, *key = read_cursor(cursor, int, date, int, date, UUID)
            as_of, asked = AsOf(position), Asked(day, asked.area, kind, urgency)
            after = (key[0], key[1], key[2])
        found = list(questions.alerts(projections, asked, as_of, after=after, limit=limit))
        keys = ("urgency_rank", "raised_on", "alert_id")
        return _page("alerts", found, keys, limit, asked, as_of)

    @routes.get(
        "/v1/referrals",
        summary="Open referrals, the oldest first",
        description="With `Accept: application/x-ndjson` all of them are streamed, a line each.",
        responses=_example(
            {"position": 1204, "on": "2026-08-20", "referrals": [REFERRAL], "next": None}
        ),
    )
    def referrals(
        request: Request,
        as_of: AsOf = Depends(as_of_asked),
        on: On = None,
        area: Area = None,
        department: ToDepartment = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        asked = questions.asked(projections, _day(on), area, department=department)
        if wants_ndjson(request):
            return stream(as_of, questions.referrals(projections, asked, as_of))
        after: tuple[date, UUID] | None = None
        if cursor is not None:
            position, day, *key = read_cursor(cursor, int, date, date, UUID)
            as_of, asked = AsOf(position), Asked(day, asked.area, department=department)
            after = (key[0], key[1])
        found = list(questions.referrals(projections, asked, as_of, after=after, limit=limit))
        return _page("referrals", found, ("made_on", "referral_id"), limit, asked, as_of)

    return routes


def _page(
    name: str, found: list[Row], keys: tuple[str, ...], limit: int, asked: Asked, as_of: AsOf
) -> Response:
    last = found[-1] if len(found) == limit else None
    onward = last and write_cursor(as_of.position, asked.on, *(last[key] for key in keys))
    return respond(as_of, {"on": asked.on, name: [_shown(row) for row in found], "next": onward})


def _shown(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "urgency_rank"}


def _day(on: str | None) -> date | None:
    return None if on is None else day_of(on, "on")


def _example(answer: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "The answer.", "content": {"application/json": {"example": answer}}}
    }
