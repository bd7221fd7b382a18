"""GET /v1/households/{household}/history and /state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from projections.database import Row
from projections.household_histories import changes, histories
from projections.pages import (
    Cursor,
    Limit,
    as_of_parameters,
    read_cursor,
    respond,
    stream,
    wants_ndjson,
    write_cursor,
)
from projections.projections import AsOf, Projections, day_of, month_text

Household = Annotated[
    UUID, Path(description="The household's id.", examples=["018f4b5e-0000-7000-8000-000000000001"])
]
Month = Annotated[
    str | None, Query(description="YYYY-MM. Default: this month.", examples=["2023-02"])
]
EffectiveOn = Annotated[
    str | None,
    Query(
        description="A day: the history is told as of its month. Default: with everything to come.",
        examples=["2023-09-30"],
    ),
]
Detail = Annotated[
    Literal["facts", "full"],
    Query(description="`full` adds what each fact changed, the monthly amounts and the chain."),
]

HOUSEHOLD = "018f4b5e-0000-7000-8000-000000000001"
FACT = {
    "id": f"{HOUSEHOLD}:4",
    "position": 812,
    "type": "assistance.HouseholdEnrolled.v1",
    "stream": HOUSEHOLD,
    "effective": "2023-02",
    "decided_on": "2023-01-10",
    "recorded_at": "2023-01-10T03:04:05Z",
    "actor": "decider-7",
    "spell": 1,
    "reason": None,
    "legal_basis": "Law 18",
    "instrument": None,
    "evidence": [f"{HOUSEHOLD}:3"],
    "corrects": None,
    "corrected_by": None,
    "revoked_by": None,
    "data": {"effective": "2023-02", "decided_on": "2023-01-10", "income_fen": 35_000},
}
SPELL = {
    "spell": 1,
    "from": "2023-02",
    "to": None,
    "exit_reason": None,
    "enrolment": f"{HOUSEHOLD}:4",
    "exit": None,
    "single_person": False,
    "grace_from": None,
    "grace_until": None,
}
STATE = {
    "household": HOUSEHOLD,
    "month": "2023-02",
    "on_roll": True,
    "spell": 1,
    "single_person": False,
    "programme": "dibao.urban",
    "area": "140403001",
    "stood_in": "140403001",
    "income_fen": 35_000,
    "tier": None,
    "care_form": None,
    "suspended": False,
    "in_grace": False,
    "head": "018f4b5e-0000-7000-8000-000000000002",
    "members": 2,
    "covered": 2,
    "persons_tested": [
        "018f4b5e-0000-7000-8000-000000000002",
        "018f4b5e-0000-7000-8000-000000000003",
    ],
    "persons_covered": [
        "018f4b5e-0000-7000-8000-000000000002",
        "018f4b5e-0000-7000-8000-000000000003",
    ],
    "standard": "5f0f7a52-6a56-5c0e-9d0c-2f3f6f1f7c11:1",
    "standard_fen": 60_200,
    "period": "month",
    "mode": "gap",
    "base_fen": "85400.0000",
    "supplements_fen": "0.0000",
    "entitled_fen": 85_400,
    "base_zero": False,
    "recognitions": [],
}


def router(projections: Projections) -> APIRouter:
    """Serve histories and states of households."""
    routes = APIRouter(tags=["households"])
    as_of_asked = as_of_parameters(projections)

    @routes.get(
        "/v1/households/{household}/history",
        summary="Every fact of a household, with its spells",
        description="With `Accept: application/x-ndjson` the facts alone are streamed.",
        responses=_example(
            {
                "position": 1204,
                "household": HOUSEHOLD,
                "facts": [FACT],
                "spells": [SPELL],
                "next": None,
            }
        ),
    )
    def history(
        request: Request,
        household: Household,
        as_of: AsOf = Depends(as_of_asked),
        effective_on: EffectiveOn = None,
        detail: Detail = "facts",
        limit: Limit = 1_000,
        cursor: Cursor = None,
    ) -> Response:
        month = effective_on and month_text(day_of(effective_on, "effective_on"))
        question = histories.asked(household, month)
        after = 0
        if cursor is not None:
            position, after = read_cursor(cursor, int, int)
            as_of = AsOf(position)
        told = histories.history(projections, question, as_of)
        known = told["facts"]
        told |= {"facts": known} if wants_ndjson(request) else _page(known, after, limit, as_of)
        if detail == "full":
            changes.add_changes(projections, question, told["facts"], known)
        if wants_ndjson(request):
            return stream(as_of, told["facts"])
        if detail == "full":
            told |= changes.sums(projections, question, as_of, told | {"facts": known})
        return respond(as_of, told)

    @routes.get(
        "/v1/households/{household}/state",
        summary="What holds for a household in a month, and the amount",
        responses=_example({"position": 1204, **STATE}),
    )
    def state(
        household: Household, as_of: AsOf = Depends(as_of_asked), month: Month = None
    ) -> Response:
        asked = month or month_text(projections.today())
        return respond(as_of, changes.state(projections, household, asked, as_of))

    return routes


def _page(facts: list[Row], after: int, limit: int, as_of: AsOf) -> Mapping[str, Any]:
    rest = [fact for fact in facts if fact["position"] > after]
    page = rest[:limit]
    more = write_cursor(as_of.position, page[-1]["position"]) if len(rest) > limit else None
    return {"facts": page, "next": more}


def _example(answer: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "The answer.", "content": {"application/json": {"example": answer}}}
    }
