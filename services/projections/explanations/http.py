"""GET /v1/households/{household}/explanation, and those of the lines of payment lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from projections.explanations.explanations import Explanation, explain_month
from projections.explanations.line_explanation import LineExplanation
from projections.explanations.lines import explain_household_on_list, explain_line
from projections.pages import as_of_parameters, respond
from projections.projections import AsOf, Projections, month_text

Household = Annotated[
    UUID, Path(description="The household's id.", examples=["018f4b5e-0000-7000-8000-000000000001"])
]
Month = Annotated[
    str | None, Query(description="YYYY-MM. Default: this month.", examples=["2023-02"])
]
ListId = Annotated[UUID, Path(alias="list", description="The list's id.")]
Reference = Annotated[UUID, Path(description="The line's reference id.")]

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
LIST, LINE = "0192a1b0-0000-7000-8000-000000000001", "5c1f0a62-6c1e-8d0a-9b0e-2f3f6f1f7c11"
FROZEN = "0a1f6c1d-0000-8000-8000-000000000001:3"
LISTED_STEP = {
    "step": "listed",
    "says": {"list": LIST, "listed_fen": 78_000, "household": HOUSEHOLD},
    "adds": -78_000,
    "fen": 3_500,
    "facts": [FROZEN],
    "text": "Ordered on the list for July 2026: 780.00 yuan.",
}
OF_LINE = {
    "position": 1204, "list": LIST, "kind": "monthly", "month": "2026-08", "computed_at": 1190,
    "reference_id": LINE,
    "subject": HOUSEHOLD, "household": HOUSEHOLD, "head": "dibao.urban", "area": "140403001",
    "amount_fen": 3_500, "steps": [],
    "parts": [{
        "month": "2026-07", "part_fen": 3_500, "households": [EXPLANATION], "steps": [LISTED_STEP],
    }],
    "text": [LISTED_STEP["text"]],
}  # fmt: skip
LINE_TEXT = f"""\
July 2026, on this line
1. By the rules 815.00 yuan is due for July 2026.
2. Ordered on the list for July 2026: 780.00 yuan.
   [{FROZEN}]
"""
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer; what is less than a fen is a fraction as text, `126850/3`.",
        "content": {"application/json": {"example": EXPLANATION}, "text/plain": {"example": TEXT}},
    }
}


def _of_lines(example: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    about = "The answer; what the steps of the parts add comes to the line's amount."
    content = {"application/json": {"example": example}, "text/plain": {"example": LINE_TEXT}}
    return {200: {"description": about, "content": content}}


def router(projections: Projections) -> APIRouter:
    """Serve the explanations."""
    routes = APIRouter(tags=["explanations"])
    _add_months(routes, projections)
    _add_lines(routes, projections)
    return routes


def _add_months(routes: APIRouter, projections: Projections) -> None:
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
        return _answer(request, as_of, [explained], explained.as_json())


def _add_lines(routes: APIRouter, projections: Projections) -> None:
    as_of_asked = as_of_parameters(projections)

    @routes.get(
        "/v1/payment-lists/{list}/lines/{reference}/explanation",
        summary="Why a line of a payment list orders its amount, month by month, fact by fact",
        description="At the position at which the list was computed. With `Accept: text/plain` as"
        " lines that can be read out.",
        responses=_of_lines(OF_LINE),
    )
    def line(
        request: Request, list_: ListId, reference: Reference, as_of: AsOf = Depends(as_of_asked)
    ) -> Response:
        explained = explain_line(projections, list_, reference, as_of)
        return _answer(request, as_of, [explained], explained.as_json())

    @routes.get(
        "/v1/payment-lists/{list}/households/{household}/explanation",
        summary="Why a household has its lines on a payment list, or none",
        description="With `Accept: text/plain` as lines that can be read out.",
        responses=_of_lines({"position": 1204, "lines": [OF_LINE]}),
    )
    def of_household(
        request: Request, list_: ListId, household: Household, as_of: AsOf = Depends(as_of_asked)
    ) -> Response:
        explained = explain_household_on_list(projections, list_, household, as_of)
        lines = [one.as_json() for one in explained]
        return _answer(request, as_of, explained, {"lines": lines})


def _answer(
    request: Request,
    as_of: AsOf,
    explained: Iterable[Explanation | LineExplanation],
    body: Mapping[str, Any],
) -> Response:
    """Return explanations as text where the caller asks for it, else as JSON."""
    if "text/plain" not in request.headers.get("accept", ""):
        return respond(as_of, body)
    text = "".join(f"{line}\n" for one in explained for line in one.lines())
    headers = {"Ledger-Position": str(as_of.position)}
    return Response(text, media_type="text/plain", headers=headers)
