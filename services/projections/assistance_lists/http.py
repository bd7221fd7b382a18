"""GET /v1/households/{household}/assistance-list: what a household received in a month."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from projections.assistance_lists import assistance_lists as questions
from projections.pages import as_of_parameters, respond
from projections.projections import AsOf, Projections, month_text

Household = Annotated[
    UUID, Path(description="The household's id.", examples=["018f4b5e-0000-7000-8000-000000000001"])
]
Month = Annotated[
    str | None, Query(description="The month, YYYY-MM. Default: this one.", examples=["2026-07"])
]

ANSWER = {
    "position": 1204,
    "household": "018f4b5e-0000-7000-8000-000000000001",
    "month": "2026-07",
    "money_fen": 113_000,
    "lines": [
        {
            "department": "civil_affairs",
            "policy": "dibao.urban",
            "form": "money",
            "quantity": 108_000,
            "unit": "fen",
            "detail": {"base_fen": "108000.0000", "members": 3, "covered": 2},
            "facts": [
                "018f4b5e-0000-7000-8000-000000000001:4",
                "5f0f7a52-6a56-5c0e-9d0c-2f3f6f1f7c11:1",
            ],
        },
        {
            "department": "civil_affairs",
            "policy": "price_subsidy",
            "form": "money",
            "quantity": 5_000,
            "unit": "fen",
            "detail": {"per": "person", "persons": 2, "amount_fen": 2_500},
            "facts": ["5f0f7a52-6a56-5c0e-9d0c-2f3f6f1f7c11:3"],
        },
    ],
}


def router(projections: Projections) -> APIRouter:
    """Serve assistance lists."""
    routes = APIRouter(tags=["households"])
    as_of_asked = as_of_parameters(projections)

    @routes.get(
        "/v1/households/{household}/assistance-list",
        summary="What a household received in a month, policy by policy, department by department",
        responses={
            200: {"description": "The list.", "content": {"application/json": {"example": ANSWER}}}
        },
    )
    def assistance_list(
        household: Household, month: Month = None, as_of: AsOf = Depends(as_of_asked)
    ) -> Response:
        asked = month or month_text(projections.today())
        found = questions.assistance_list(projections, household, asked, as_of)
        body = {
            "household": household,
            "month": asked,
            "money_fen": found.money_fen,
            "lines": found.lines,
        }
        return respond(as_of, body)

    return routes
