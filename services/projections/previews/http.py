"""POST /v1/preview: what facts not yet recorded would change. Nothing is recorded."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from projections.errors import BadParameter
from projections.pages import MinPosition, respond
from projections.previews import previews
from projections.previews.hypothetical import SHAPE, shape_errors, wrong
from projections.previews.previews import Wanted
from projections.projections import AsOf, Projections
from projections.totals.totals import Level

MOST_BYTES = 1 << 20

_MONTH = {"type": "string", "description": "YYYY-MM.", "maxLength": 7}
BODY: dict[str, Any] = {
    "type": "object",
    "required": ["facts"],
    "additionalProperties": False,
    "properties": {
        "facts": SHAPE,
        "month": {**_MONTH, "description": "Of the roll. Default: the facts' first month."},
        "from": {**_MONTH, "description": "First month of households. Default: their first."},
        "to": {**_MONTH, "description": "Last month of households. Default: this month."},
        "level": {
            "enum": list(get_args(Level)),
            "description": "The level of the areas. Default: county.",
        },
    },
}

HOUSEHOLD = "018f4b5e-0000-7000-8000-000000000001"
ASKED = {
    "facts": [
        {
            "id": f"{HOUSEHOLD}:17",
            "type": "assistance.IncomeReassessed.v1",
            "data": {
                "effective": "2026-07", "decided_on": "2026-07-20", "actor": "decider-7",
                "command_id": "018f-reassess", "spell": 1, "income_fen": 60_000,
                "verification": f"{HOUSEHOLD}:16",
            },
        },
    ],
    "to": "2026-08",
}  # fmt: skip
FIGURE = {"households": 2011, "persons": 4102, "entitled_fen": 164_233_100}
ROLL = {
    "month": "2026-07", "area": "1404", "level": "county", "before": FIGURE,
    "after": {**FIGURE, "entitled_fen": 171_271_600}, "change_fen": 7_038_500, "gain": 2011,
    "lose": 0, "same": 0, "to_zero": 0, "from_zero": 0,
    "bands": [{"from_fen": 1_000, "to_fen": 5_000, "households": 2011, "change_fen": 7_038_500}],
    "areas": [
        {"area": "140403", "before": FIGURE, "after": {**FIGURE, "entitled_fen": 171_271_600},
         "change_fen": 7_038_500},
    ],
}  # fmt: skip
EXAMPLE = {
    "position": 1204,
    "facts": [
        {"id": f"{HOUSEHOLD}:17", "type": "assistance.IncomeReassessed.v1", "effective": "2026-07"},
    ],
    "roll": None, "area_grants": [], "list": None, "from": "2023-01", "to": "2026-08",
    "list_month": "2026-08", "households_touched": 1,
    "households": [
        {
            "household": HOUSEHOLD,
            "months": [
                {"month": "2026-07", "fen_before": 85_400, "fen_after": 60_400},
                {"month": "2026-08", "fen_before": 85_400, "fen_after": 60_400},
            ],
            "open_parts": [
                {"month": "2026-07", "fen_before": 0, "fen_after": -25_000},
                {"month": "2026-08", "fen_before": 85_400, "fen_after": 60_400},
            ],
        },
    ],
}  # fmt: skip
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer. `roll` is there for facts of areas, `households` for the others.",
        "content": {
            "application/json": {
                "examples": {
                    "household": {"value": EXAMPLE},
                    "standard": {"value": {**EXAMPLE, "facts": [], "roll": ROLL, "households": []}},
                }
            }
        },
    }
}


def router(projections: Projections) -> APIRouter:
    """Serve previews."""
    routes = APIRouter(tags=["previews"])

    @routes.post(
        "/v1/preview",
        summary="What facts not yet recorded would change: a roll, months, the next list",
        description="Takes facts as a command answers them with `dry_run=true`: `id`, `type` and `data`, in "
        "order. A standard, setting, area grant or code that gives way is held against the roll of "
        "`month`; what is about households is told month by month. Nothing is recorded.",
        responses=ANSWERS,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": BODY, "example": ASKED}},
            }
        },
    )
    def preview(body: bytes = Depends(_body), min_position: MinPosition = None) -> Response:
        facts, asked = _read(body)
        projections.as_of(min_position=min_position)
        found = previews.preview(projections, facts, asked)
        return respond(AsOf(found.pop("position")), found)

    return routes


async def _body(request: Request) -> bytes:
    held = bytearray()
    async for part in request.stream():
        held += part
        if len(held) > MOST_BYTES:
            raise BadParameter(f"The body has more than {MOST_BYTES} bytes.")
    return bytes(held)


def _read(body: bytes) -> tuple[object, Wanted]:
    try:
        asked = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadParameter("The body is no JSON in UTF-8.") from error
    if errors := shape_errors(BODY, asked):
        raise wrong(errors)
    month, first, last = (asked.get(name) for name in ("month", "from", "to"))
    return asked["facts"], previews.wanted(month, first, last, asked.get("level", "county"))
