"""GET /v1/temporary-aid."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from projections.pages import Area, EffectiveOn, as_of_parameters, respond
from projections.projections import AsOf, Projections, month_text
from projections.temporary_aid import temporary_aid as questions
from projections.totals.http import First, Last
from projections.totals.totals import scope_or_month

ROW = {
    "month": None,
    "type": "emergency",
    "grants": 812,
    "person_times": 1303,
    "granted_fen": 158_000_000,
}
ANSWER = {"position": 1204, "from": "2023-01", "to": "2023-09", "temporary_aid": [ROW]}


def router(projections: Projections) -> APIRouter:
    """Serve the totals of temporary assistance."""
    routes = APIRouter(tags=["temporary aid"])
    as_of_asked = as_of_parameters(projections)

    @routes.get(
        "/v1/temporary-aid",
        summary="Temporary assistance granted: grants, person-times and amount",
        responses={
            200: {
                "description": "The answer.",
                "content": {"application/json": {"example": ANSWER}},
            }
        },
    )
    def totals(
        first: First = None,
        last: Last = None,
        effective_on: EffectiveOn = None,
        area: Area = None,
        by_month: Annotated[bool, Query(description="One row a month and type.")] = False,
        as_of: AsOf = Depends(as_of_asked),
    ) -> Response:
        scope = scope_or_month(projections.today, first, last, effective_on, area, None)
        rows = questions.totals(projections, scope, as_of, by_month=by_month)
        told = [row | {"month": row["month"] and month_text(row["month"])} for row in rows]
        months = {"from": month_text(scope.first), "to": month_text(scope.last)}
        return respond(as_of, {**months, "temporary_aid": told})

    return routes
