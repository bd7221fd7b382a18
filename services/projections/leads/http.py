"""GET /v1/leads: every code with its number of leads, and the leads of one code."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from projections.database import Row
from projections.leads import leads as questions
from projections.leads.codes import LEADS
from projections.leads.leads import Asked
from projections.pages import (
    Area,
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
Since = Annotated[
    str | None, Query(description="Only leads that date from this day on.", examples=["2026-01-01"])
]
Code = Annotated[str, Path(description="A lead's code.", examples=["exit_unheard"])]
Cursor = Annotated[str | None, Query(max_length=1_000, description="`next` of the page before.")]

COUNT = {
    "code": "exit_unheard",
    "title": LEADS["exit_unheard"].title,
    "question": LEADS["exit_unheard"].question,
    "rule": "Law 48",
    "leads": 3,
}
ROW = {
    "code": "exit_unheard",
    "facts": ["018f4b5e-0000-7000-8000-000000000001:9"],
    "household": "018f4b5e-0000-7000-8000-000000000001",
    "person": None,
    "area": "140403001",
    "month": "2026-08",
    "day": "2026-07-20",
    "figures": {"month": "2026-08", "reason": "employment", "decided_on": "2026-07-20"},
    "reason": "Left from 2026-08 (employment), decided on 2026-07-20: neither heard nor invited "
    "before.",
}


def router(projections: Projections) -> APIRouter:
    """Serve leads."""
    routes = APIRouter(tags=["leads"])
    as_of_asked = as_of_parameters(projections)

    def asked_of(on: On = None, area: Area = None, since: Since = None) -> Asked:
        return questions.asked(projections, _day(on, "on"), area, _day(since, "since"))

    @routes.get(
        "/v1/leads",
        summary="Every kind of lead with the auditor's question, the rule, and how many there are",
        responses=_example({"position": 1204, "on": "2026-08-20", "leads": [COUNT]}),
    )
    def counts(asked: Asked = Depends(asked_of), as_of: AsOf = Depends(as_of_asked)) -> Response:
        rows = questions.counts(projections, asked, as_of)
        return respond(as_of, {"on": asked.on, "leads": rows})

    @routes.get(
        "/v1/leads/{code}",
        summary="The leads of one kind, each with its reason and the facts that raise it",
        description="With `Accept: application/x-ndjson` all of them are streamed, a line each.",
        responses=_example(
            {
                "position": 1204,
                "on": "2026-08-20",
                "code": "exit_unheard",
                "leads": [ROW],
                "next": None,
            }
        ),
    )
    def leads(
        request: Request,
        code: Code,
        asked: Asked = Depends(asked_of),
        as_of: AsOf = Depends(as_of_asked),
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        questions.lead_of(code)
        if wants_ndjson(request):
            return stream(as_of, map(_shown, questions.leads(projections, code, asked, as_of)))
        after: str | None = None
        if cursor is not None:
            position, on, after = read_cursor(cursor, int, date, str)
            as_of, asked = AsOf(position), Asked(on, asked.area, asked.since)
        found = list(questions.leads(projections, code, asked, as_of, after=after, limit=limit))
        last = found[-1] if len(found) == limit else None
        onward = last and write_cursor(as_of.position, asked.on, last["key"])
        rows = [_shown(row) for row in found]
        return respond(as_of, {"on": asked.on, "code": code, "leads": rows, "next": onward})

    return routes


def _shown(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "key"}


def _day(text: str | None, name: str) -> date | None:
    return None if text is None else day_of(text, name)


def _example(answer: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "The answer.", "content": {"application/json": {"example": answer}}}
    }
