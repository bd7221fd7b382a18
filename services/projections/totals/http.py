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
from projections.totals.totals import Level, ListedAfter, Measure, Scope

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
OfMeasure = Annotated[
    Literal["entitled"] | Measure,
    Query(description="Entitled by the rules; listed, by lists that count; or paid, by results."),
]

TOTAL = {
    "month": None, "area": None, "programme": None, "households": 235, "persons": 480,
    "person_times": 4102, "household_months": 2011, "entitled_fen": 164_233_100,
    "listed_fen": 164_233_100, "paid_fen": 163_900_000,
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
LISTED = {
    "month": "2026-07", "household": "018f4b5e-0000-7000-8000-000000000001", "area": "140403001",
    "programme": "dibao.urban", "fen": 3_500, "list": "0192a1b0-0000-7000-8000-000000000001",
    "reference_id": "5c1f0a62-6c1e-8d0a-9b0e-2f3f6f1f7c11",
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
        return questions.scope_or_month(
            projections.today, first, last, effective_on, area, programme
        )

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
        description="What households are entitled to, or by `measure` what lists ordered for a month,"
        " or what of it was paid: one household, month and list each. With"
        " `Accept: application/x-ndjson` all lines are streamed, a line each.",
        responses=_examples(),
    )
    def lines(
        request: Request,
        scope: Scope = Depends(scope_asked),
        as_of: AsOf = Depends(as_of_asked),
        measure: OfMeasure = "entitled",
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        if measure != "entitled":
            return _listed(projections, request, scope, as_of, measure, limit, cursor)
        if wants_ndjson(request):
            return stream(as_of, map(_with_month, questions.lines(projections, scope, as_of)))
        after: tuple[date, UUID] | None = None
        if cursor is not None:
            position, month, household = read_cursor(cursor, int, date, UUID)
            as_of, after = AsOf(position), (month, household)
        found = questions.page_of_lines(projections, scope, as_of, after, limit)
        return respond(as_of, {**_months(scope), **_page(found, limit, as_of)})

    return routes


def _listed(
    projections: Projections, request: Request, scope: Scope, as_of: AsOf, measure: Measure,
    limit: int, cursor: str | None,
) -> Response:  # fmt: skip
    """Return what lists ordered, or what of it was paid, line by line."""
    if wants_ndjson(request):
        rows = questions.lines_listed(projections, scope, as_of, measure)
        return stream(as_of, map(_with_month, rows))
    after: ListedAfter | None = None
    if cursor is not None:
        position, *last = read_cursor(cursor, int, date, UUID, UUID)
        as_of, after = AsOf(position), ListedAfter(*last)
    found = questions.page_of_lines_listed(projections, scope, as_of, measure, after, limit)
    row = found[-1] if len(found) == limit else None
    more = row and write_cursor(as_of.position, row["month"], row["household"], row["list"])
    return respond(
        as_of, {**_months(scope), "lines": [_with_month(row) for row in found], "next": more}
    )


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


def _examples() -> dict[int | str, dict[str, Any]]:
    asked = {"position": 1204, "from": "2026-07", "to": "2026-07", "next": None}
    examples = {
        "entitled": {"summary": "What is due by the rules", "value": {**asked, "lines": [LINE]}},
        "listed": {"summary": "listed, or paid", "value": {**asked, "lines": [LISTED]}},
    }
    return {
        200: {"description": "The answer.", "content": {"application/json": {"examples": examples}}}
    }


def _example(answer: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "The answer.", "content": {"application/json": {"example": answer}}}
    }
