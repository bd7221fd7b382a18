"""GET /v1/totals and the lines behind each figure."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
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
from projections.projections import AsOf, Projections, month_text
from projections.totals import totals as questions
from projections.totals.totals import Level, Scope

First = Annotated[
    str | None, Query(alias="from", description="First month, YYYY-MM.", examples=["2023-01"])
]
Last = Annotated[str | None, Query(alias="to", description="Last month.", examples=["2023-09"])]
Programme = Annotated[
    str | None,
    Query(
        description="A programme; `dibao` takes in its urban and rural kinds.", examples=["dibao"]
    ),
]
Group = Literal["month", "area", "programme"]
Groups = Annotated[list[Group] | None, Query(description="One row a month, area or programme.")]
AreaLevel = Annotated[
    Level | None, Query(description="With by=area: the level of the areas. Default: county.")
]

TOTAL = {
    "month": None, "area": None, "programme": None, "households": 235, "persons": 480,
    "person_times": 4102, "household_months": 2011, "entitled_fen": 164_233_100,
}  # fmt: skip
LINE = {
    "household": "018f4b5e-0000-7000-8000-000000000001", "month": "2023-01", "area": "140403001",
    "stood_in": "140403001", "programme": "dibao.urban", "spell": 1, "single_person": False, "members": 3,
    "covered": 2, "income_fen": 60_000, "tier": None, "care_form": None, "mode": "gap", "period": "month",
    "standard_fen": 74_000, "standard_area": "140403",
    "standard": "5f0f7a52-6a56-5c0e-9d0c-2f3f6f1f7c11:1", "rate_fen": 74_000, "base_fen": "108000.0000",
    "supplements_fen": "0.0000", "rounding": "half_up_fen", "entitled_fen": 108_000, "base_zero": False,
    "suspended": False, "in_grace": False, "no_rate": False,
}  # fmt: skip


def router(projections: Projections) -> APIRouter:
    """Serve the totals and their lines."""
    routes = APIRouter(tags=["totals"])
    as_of_asked = as_of_parameters(projections)

    def scope_asked(
        first: First = None,
        last: Last = None,
        effective_on: EffectiveOn = None,
        area: Area = None,
        programme: Programme = None,
    ) -> Scope:
        return questions.scope_or_month(projections, first, last, effective_on, area, programme)

    @routes.get(
        "/v1/totals",
        summary="Households, persons, person-times and the amount entitled",
        responses=_example(
            {"position": 1204, "from": "2023-01", "to": "2023-09", "totals": [TOTAL]}
        ),
    )
    def totals(
        scope: Scope = Depends(scope_asked),
        as_of: AsOf = Depends(as_of_asked),
        by: Groups = None,
        level: AreaLevel = None,
    ) -> Response:
        groups = by or []
        rows = questions.totals(
            projections, scope, as_of,
            by_month="month" in groups,
            by_programme="programme" in groups,
            by_level=_level(groups, level),
        )  # fmt: skip
        return respond(as_of, {**_months(scope), "totals": [_with_month(row) for row in rows]})

    @routes.get(
        "/v1/totals/lines",
        summary="The lines behind the totals: one household and month each",
        description="With `Accept: application/x-ndjson` all lines are streamed, a line each.",
        responses=_example(
            {"position": 1204, "from": "2023-01", "to": "2023-01", "lines": [LINE], "next": None}
        ),
    )
    def lines(
        request: Request,
        scope: Scope = Depends(scope_asked),
        as_of: AsOf = Depends(as_of_asked),
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        if wants_ndjson(request):
            return stream(as_of, map(_with_month, questions.lines(projections, scope, as_of)))
        after: tuple[date, UUID] | None = None
        if cursor is not None:
            position, month, household = read_cursor(cursor, int, date, UUID)
            as_of, after = AsOf(position), (month, household)
        found = questions.page_of_lines(projections, scope, as_of, after, limit)
        return respond(as_of, {**_months(scope), **_page(found, limit, as_of)})

    return routes


def _page(found: list[Row], limit: int, as_of: AsOf) -> dict[str, Any]:
    last = found[-1] if len(found) == limit else None
    after = last and write_cursor(as_of.position, last["month"], last["household"])
    return {"lines": [_with_month(row) for row in found], "next": after}


def _level(by: list[Group], level: Level | None) -> Level | None:
    if level is not None and "area" not in by:
        raise BadParameter("`level` needs `by=area`.", parameter="level")
    return (level or "county") if "area" in by else None


def _months(scope: Scope) -> dict[str, str]:
    return {"from": month_text(scope.first), "to": month_text(scope.last)}


def _with_month(row: Row) -> Row:
    return row | {"month": row["month"] and month_text(row["month"])}


def _example(answer: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "The answer.", "content": {"application/json": {"example": answer}}}
    }
