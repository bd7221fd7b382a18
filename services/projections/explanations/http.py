"""GET /v1/households/{household}/explanation."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from projections.explanations.explanations import Explanation, explain_month
from projections.pages import as_of_parameters, respond
from projections.projections import AsOf, Projections, month_text

Household = Annotated[
    UUID, Path(description="The household's id.", examples=["018f4b5e-0000-7000-8000-000000000001"])
]
Month = Annotated[
    str | None, Query(description="YYYY-MM. Default: this month.", examples=["2023-02"])
]

HOUSEHOLD = "018f4b5e-0000-7000-8000-000000000001"
STEP = {
    "step": "base",
    "says": {"formula": "2 covered x (2 in the income test x 602.00 - 350.00) / 2"},
    "adds": 85_400,
    "fen": 85_400,
    "facts": [],
    "text": "The base amount is 2 covered x (2 in the income test x 602.00 - 350.00) / 2 = 854.00 yuan.",
}
EXPLANATION = {
    "position": 1204,
    "household": HOUSEHOLD,
    "month": "2023-02",
    "entitled_fen": 85_400,
    "steps": [STEP],
    "text": [STEP["text"]],
}
TEXT = f"""\
Household {HOUSEHOLD}, February 2023, as known at position 1204
1. In February 2023 the household is on the roll of urban dibao, enrolled from February 2023 on.
   [{HOUSEHOLD}:4]
"""
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer; what is less than a fen is a fraction as text, `126850/3`.",
        "content": {"application/json": {"example": EXPLANATION}, "text/plain": {"example": TEXT}},
    }
}


def router(projections: Projections) -> APIRouter:
    """Serve the explanations."""
    routes = APIRouter(tags=["explanations"])
    as_of_asked = as_of_parameters(projections)

    @routes.get(
        "/v1/households/{household}/explanation",
        summary="Why a household is entitled to its amount in a month, fact by fact",
        description="With `Accept: text/plain` as lines that can be read out.",
        responses=ANSWERS,
    )
    def explanation(
        request: Request,
        household: Household,
        as_of: AsOf = Depends(as_of_asked),
        month: Month = None,
    ) -> Response:
        asked = month or month_text(projections.today())
        explained = explain_month(projections, household, asked, as_of)
        if "text/plain" in request.headers.get("accept", ""):
            return _as_text(explained)
        return respond(as_of, explained.as_json())

    return routes


def _as_text(explained: Explanation) -> Response:
    headers = {"Ledger-Position": str(explained.position)}
    text = "".join(f"{line}\n" for line in explained.lines())
    return Response(text, media_type="text/plain", headers=headers)
