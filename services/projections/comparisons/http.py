"""GET /v1/payment-lists:compare: two lists, or a month's list at two positions."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from projections.comparisons import comparisons
from projections.comparisons.comparisons import Comparison, Side
from projections.errors import BadParameter
from projections.pages import (
    Area,
    Cursor,
    Limit,
    MinPosition,
    read_cursor,
    respond,
    stream,
    wants_ndjson,
    write_cursor,
)
from projections.payment_lists import computing
from projections.projections import AsOf, Projections, month_text

MOST = 2**63 - 1

List = Annotated[UUID | None, Query(alias="list", description="A list; with `other`.")]
Other = Annotated[UUID | None, Query(description="The list that it is compared with.")]
Month = Annotated[
    str | None, Query(description="YYYY-MM; with `area` and both positions.", examples=["2026-08"])
]
Programme = Annotated[
    str | None, Query(description="One programme; `dibao` takes in its kinds. Default: all.")
]
Before = Annotated[
    int | None, Query(alias="position", ge=0, le=MOST, description="What was known here.")
]
After = Annotated[
    int | None,
    Query(alias="other_position", ge=0, le=MOST, description="What is known here. Default: now."),
]

HOUSEHOLD = "018f4b5e-0000-7000-8000-000000000001"
STANDARD = "6f0f7a52-6a56-8c0e-9d0c-1404ffffffff:3"
SIDE = {
    "list": None, "kind": "monthly", "area": "1404", "programme": None, "month": "2026-08",
    "position": 1190,
}  # fmt: skip
EXAMPLE = {
    "position": 1204,
    "before": SIDE,
    "after": {**SIDE, "position": 1204},
    "summary": {
        "before": {"lines": 2, "total_fen": 156_000},
        "after": {"lines": 2, "total_fen": 163_000},
        "subjects": 1, "lines": 1, "parts": 1, "fen_before": 78_000, "fen_after": 81_500,
        "by_cause": [
            {"causes": ["standard"], "subjects": 1, "parts": 1, "fen_before": 78_000,
             "fen_after": 81_500},
        ],
        "unexplained": 0,
    },
    "differences": [
        {
            "subject": HOUSEHOLD, "fen_before": 78_000, "fen_after": 81_500,
            "parts": [
                {"head": "dibao.urban", "month": "2026-08", "fen_before": 78_000,
                 "fen_after": 81_500, "causes": [STANDARD]},
            ],
            "lines": [],
            "causes": [
                {"id": STANDARD, "cause": "standard", "type": "assistance.StandardAdopted.v1",
                 "position": 1201, "effective": "2026-08"},
            ],
            "unexplained": 0,
        },
    ],
    "next": None,
}  # fmt: skip
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The answer.", "content": {"application/json": {"example": EXAMPLE}}}
}


def router(projections: Projections) -> APIRouter:
    """Serve comparisons."""
    routes = APIRouter(tags=["payment lists"])

    def asked(
        list_: List = None,
        other: Other = None,
        area: Area = None,
        programme: Programme = None,
        month: Month = None,
        position: Before = None,
        other_position: After = None,
        min_position: MinPosition = None,
    ) -> tuple[AsOf, Comparison]:
        as_of = projections.as_of(position=other_position, min_position=min_position)
        of_months = (area, programme, month, position, other_position)
        if list_ is not None or other is not None:
            return as_of, _of_lists(projections, as_of, list_, other, of_months)
        return as_of, _of_positions(projections, as_of, area, programme, month, position)

    @routes.get(
        "/v1/payment-lists:compare",
        summary="Two lists, or a month's list at two positions: what differs, and which facts caused it",
        description="Give `list` and `other`, or `area`, `month`, `position` and `other_position`. With "
        "`Accept: application/x-ndjson` all differences are streamed, a household or grant each.",
        responses=ANSWERS,
    )
    def compare(
        request: Request,
        asked: tuple[AsOf, Comparison] = Depends(asked),
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        as_of, comparison = asked
        if wants_ndjson(request):
            return stream(as_of, comparisons.entries(projections, comparison))
        after: UUID | None = None
        if cursor is not None:
            low, high, after = read_cursor(cursor, int, int, UUID)
            comparison = comparison.at(low, high)
        summary, found = comparisons.page(projections, comparison, after, limit)
        last = found[-1]["subject"] if len(found) == limit else None
        places = (comparison.before.position, comparison.after.position)
        return respond(as_of, {
            "before": _side(comparison.before), "after": _side(comparison.after),
            "summary": summary, "differences": found,
            "next": last and write_cursor(*places, last),
        })  # fmt: skip

    return routes


def _of_lists(
    projections: Projections, as_of: AsOf, list_: UUID | None, other: UUID | None,
    of_months: tuple[Any, ...],
) -> Comparison:  # fmt: skip
    if list_ is None or other is None:
        missing = "other" if other is None else "list"
        raise BadParameter("`list` and `other` are compared.", parameter=missing)
    if any(value is not None for value in of_months):
        raise BadParameter("Give two lists, or an area, a month and two positions, not both.")
    return comparisons.of_lists(projections, list_, other, as_of)


def _of_positions(
    projections: Projections, as_of: AsOf, area: str | None, programme: str | None,
    month: str | None, position: int | None,
) -> Comparison:  # fmt: skip
    if area is None or month is None or position is None:
        missing = "area" if area is None else "month" if month is None else "position"
        raise BadParameter(
            "Give `list` and `other`, or `area`, `month`, `position` and `other_position`.",
            parameter=missing,
        )
    before = projections.as_of(position=position)
    return comparisons.of_positions(computing.monthly(area, month, programme), before, as_of)


def _side(side: Side) -> dict[str, Any]:
    asked = side.asked
    return {
        "list": side.frozen, "kind": asked.kind, "area": asked.area, "programme": asked.programme,
        "month": month_text(asked.month), "position": side.position,
    }  # fmt: skip
