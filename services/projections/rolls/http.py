"""GET /v1/rolls and the households on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from projections.database import Row
from projections.errors import BadParameter
from projections.pages import (
    Area,
    Cursor,
    EffectiveOn,
    Limit,
    as_of_parameters,
    read_cursor,
    respond,
    stream,
    wants_ndjson,
    write_cursor,
)
from projections.projections import AsOf, Projections, day_of, month_text
from projections.rolls import rolls as questions
from projections.rolls.rolls import Scope
from projections.totals.totals import Level

First = Annotated[
    str | None, Query(alias="from", description="First month, YYYY-MM.", examples=["2023-01"])
]
Last = Annotated[str | None, Query(alias="to", description="Last month.", examples=["2023-09"])]
Month = Annotated[
    str | None, Query(description="YYYY-MM. Default: this month.", examples=["2023-09"])
]
Roll = Annotated[
    str | None,
    Query(description="A programme, `dibao` or `tekun` with their kinds, or a recognition.",
          examples=["dibao"]),
]  # fmt: skip
ByRoll = Annotated[bool, Query(description="One row a roll; false: the basic rolls together.")]
ByLevel = Annotated[Level | None, Query(description="One row an area of this level.")]

ROLL = {
    "month": "2023-02",
    "area": None,
    "roll": "dibao.rural",
    "households": 235,
    "persons": 480,
    "new_households": 12,
    "new_persons": 25,
    "left_households": 3,
    "left_persons": 4,
    "moved_in_households": 1,
    "moved_in_persons": 2,
    "moved_out_households": 0,
    "moved_out_persons": 0,
    "proactive_households": 3,
    "proactive_persons": 5,
}
MEMBER = {
    "household": "018f4b5e-0000-7000-8000-000000000001",
    "roll": "dibao.urban",
    "area": "140403001",
    "stood_in": "140403001",
    "since": "2023-02",
    "spell": 1,
    "single_person": False,
    "tier": None,
    "income_fen": 35_000,
    "suspended": False,
    "members": 2,
    "persons": ["018f4b5e-0000-7000-8000-000000000002", "018f4b5e-0000-7000-8000-000000000003"],
}


def router(projections: Projections) -> APIRouter:
    """Serve the rolls and the households on them."""
    routes = APIRouter(tags=["rolls"])
    as_of_asked = as_of_parameters(projections)

    @routes.get(
        "/v1/rolls",
        summary="Households and persons on each roll, month by month: new, left, found proactively",
        responses=_example({"position": 1204, "from": "2023-01", "to": "2023-09", "rolls": [ROLL]}),
    )
    def rolls(
        as_of: AsOf = Depends(as_of_asked),
        first: First = None,
        last: Last = None,
        effective_on: EffectiveOn = None,
        area: Area = None,
        roll: Roll = None,
        by_roll: ByRoll = True,
        level: ByLevel = None,
    ) -> Response:
        scope = _scope(projections, (first, last, effective_on), area, roll)
        rows = questions.counts(projections, scope, as_of, by_roll=by_roll, by_level=level)
        months = {"from": month_text(scope.first), "to": month_text(scope.last)}
        return respond(as_of, {**months, "rolls": [_readable(row) for row in rows]})

    @routes.get(
        "/v1/rolls/members",
        summary="The households on the rolls in one month",
        description="With `Accept: application/x-ndjson` all of them are streamed, a line each.",
        responses=_example(
            {"position": 1204, "month": "2023-09", "members": [MEMBER], "next": None}
        ),
    )
    def members(
        request: Request,
        as_of: AsOf = Depends(as_of_asked),
        month: Month = None,
        area: Area = None,
        roll: Roll = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        asked = month or month_text(projections.today())
        scope = questions.scope(asked, asked, area, roll)
        if wants_ndjson(request):
            return stream(as_of, map(_readable, questions.members(projections, scope, as_of)))
        after: tuple[UUID, str] | None = None
        if cursor is not None:
            position, household, of_roll = read_cursor(cursor, int, UUID, str)
            as_of, after = AsOf(position), (household, of_roll)
        found = list(questions.members(projections, scope, as_of, after=after, limit=limit))
        return respond(as_of, {"month": asked, **_page(found, limit, as_of)})

    return routes


def _scope(
    projections: Projections,
    months: tuple[str | None, str | None, str | None],
    area: str | None,
    roll: str | None,
) -> Scope:
    first, last, effective_on = months
    if effective_on is not None and (first or last):
        raise BadParameter("Give `from` and `to`, or `effective_on`, not both.")
    if first is None and last is None:
        day = projections.today() if effective_on is None else day_of(effective_on, "effective_on")
        first = last = month_text(day)
    return questions.scope(first or last or "", last or first or "", area, roll)


def _page(found: list[Row], limit: int, as_of: AsOf) -> dict[str, Any]:
    last = found[-1] if len(found) == limit else None
    after = last and write_cursor(as_of.position, last["household"], last["roll"])
    return {"members": [_readable(row) for row in found], "next": after}


def _readable(row: Row) -> Row:
    months = {key: month_text(row[key]) for key in ("month", "since") if row.get(key)}
    return row | months


def _example(answer: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "The answer.", "content": {"application/json": {"example": answer}}}
    }
