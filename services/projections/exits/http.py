"""GET /v1/exits, the departures of persons, and the counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from projections.database import Row
from projections.errors import BadParameter
from projections.exits import exits as questions
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
from projections.totals.totals import Level, Scope, scope_or_month

First = Annotated[
    str | None,
    Query(alias="from", description="First month of exits, YYYY-MM.", examples=["2023-01"]),
]
Last = Annotated[str | None, Query(alias="to", description="Last month.", examples=["2023-09"])]
Programme = Annotated[
    str | None,
    Query(
        description="A programme; `dibao` takes in its urban and rural kinds.", examples=["dibao"]
    ),
]
Reason = Annotated[str | None, Query(description="A coded reason.", examples=["death"])]
Group = Literal["month", "area", "programme", "reason"]
Groups = Annotated[
    list[Group] | None, Query(description="One row a month, area, programme or reason.")
]
AreaLevel = Annotated[
    Level | None, Query(description="With by=area: the level of the areas. Default: county.")
]

HOUSEHOLD = "018f4b5e-0000-7000-8000-000000000001"
PERSON = "018f4b5e-0000-7000-8000-000000000002"
EXIT = {
    "household": HOUSEHOLD,
    "spell": 1,
    "since": "2021-03",
    "month": "2023-05",
    "reason": "employment",
    "derived": False,
    "text": None,
    "legal_basis": "Law 48",
    "decided_on": "2023-04-20",
    "recorded_at": "2023-04-20T03:04:05Z",
    "decided_by": "county",
    "actor": "decider-7",
    "migrated": False,
    "exit": f"{HOUSEHOLD}:17",
    "programme": "dibao.urban",
    "area": "140403001",
    "stood_in": "140403001",
    "members": 2,
    "covered": 2,
    "persons": [PERSON],
    "last_fen": 85_400,
    "hearing": "heard",
    "heard_on": "2023-04-10",
    "heard_by": f"{HOUSEHOLD}:16",
    "notified_on": "2023-04-22",
    "notice": f"{HOUSEHOLD}:18",
    "grace_from": None,
    "grace_until": None,
    "returned": None,
    "months_away": None,
    "went_to": None,
}
DEPARTURE = {
    "month": "2023-05",
    "household": HOUSEHOLD,
    "person": PERSON,
    "spell": 1,
    "type": "assistance.MemberDied.v1",
    "reason": "death",
    "legal_basis": None,
    "decided_on": "2023-04-20",
    "recorded_at": "2023-04-20T03:04:05Z",
    "actor": "decider-7",
    "fact": f"{HOUSEHOLD}:17",
    "died_on": "2023-04-11",
    "programme": "dibao.urban",
    "area": "140403001",
    "stood_in": "140403001",
    "hearing": "not_needed",
    "heard_on": None,
    "returned": None,
    "went_to": None,
}
COUNT = {
    "month": None,
    "area": None,
    "programme": None,
    "reason": "employment",
    "exits": 12,
    "persons": 25,
    "unheard": 0,
    "unnotified": 1,
    "after_grace": 4,
    "returned": 2,
    "last_fen": 640_000,
    "roll_households": 2011,
    "roll_persons": 4102,
    "rate": 0.005967,
}


def router(projections: Projections) -> APIRouter:
    """Serve the exits."""
    routes = APIRouter(tags=["exits"])
    as_of_asked = as_of_parameters(projections)

    def scope_asked(
        first: First = None,
        last: Last = None,
        effective_on: EffectiveOn = None,
        area: Area = None,
        programme: Programme = None,
    ) -> Scope:
        return scope_or_month(projections.today, first, last, effective_on, area, programme)

    @routes.get(
        "/v1/exits",
        summary="Who left the rolls: when, why, on what basis, heard and notified or not",
        description="With `Accept: application/x-ndjson` all exits are streamed, a line each.",
        responses=_example(
            {"position": 1204, "from": "2023-05", "to": "2023-05", "exits": [EXIT], "next": None}
        ),
    )
    def exits(
        request: Request,
        scope: Scope = Depends(scope_asked),
        as_of: AsOf = Depends(as_of_asked),
        reason: Reason = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        if wants_ndjson(request):
            found = questions.exits(projections, scope, as_of, reason=reason)
            return stream(as_of, map(_readable, found))
        after: tuple[date, UUID, int] | None = None
        if cursor is not None:
            position, month, household, spell = read_cursor(cursor, int, date, UUID, int)
            as_of, after = AsOf(position), (month, household, spell)
        rows = list(
            questions.exits(projections, scope, as_of, reason=reason, after=after, limit=limit)
        )
        page = _page("exits", rows, limit, as_of, ("month", "household", "spell"))
        return respond(as_of, {**_months(scope), **page})

    _serve_departures(routes, projections, scope_asked, as_of_asked)
    _serve_counts(routes, projections, scope_asked, as_of_asked)
    return routes


def _serve_departures(
    routes: APIRouter, projections: Projections, scope_asked: Any, as_of_asked: Any
) -> None:
    @routes.get(
        "/v1/exits/departures",
        summary="Persons whose cover ended while their household was on a roll",
        description="With `Accept: application/x-ndjson` all of them are streamed, a line each.",
        responses=_example(
            {
                "position": 1204,
                "from": "2023-05",
                "to": "2023-05",
                "departures": [DEPARTURE],
                "next": None,
            }
        ),
    )
    def departures(
        request: Request,
        scope: Scope = Depends(scope_asked),
        as_of: AsOf = Depends(as_of_asked),
        reason: Reason = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        if wants_ndjson(request):
            found = questions.departures(projections, scope, as_of, reason=reason)
            return stream(as_of, map(_readable, found))
        after: tuple[date, UUID, UUID] | None = None
        if cursor is not None:
            position, month, household, person = read_cursor(cursor, int, date, UUID, UUID)
            as_of, after = AsOf(position), (month, household, person)
        rows = list(
            questions.departures(projections, scope, as_of, reason=reason, after=after, limit=limit)
        )
        page = _page("departures", rows, limit, as_of, ("month", "household", "person"))
        return respond(as_of, {**_months(scope), **page})


def _serve_counts(
    routes: APIRouter, projections: Projections, scope_asked: Any, as_of_asked: Any
) -> None:
    @routes.get(
        "/v1/exits/counts",
        summary="Exits counted by area, month, programme and reason, with rates against the roll",
        responses=_example(
            {"position": 1204, "from": "2023-01", "to": "2023-09", "counts": [COUNT]}
        ),
    )
    def counts(
        scope: Scope = Depends(scope_asked),
        as_of: AsOf = Depends(as_of_asked),
        by: Groups = None,
        level: AreaLevel = None,
    ) -> Response:
        groups = by or []
        if level is not None and "area" not in groups:
            raise BadParameter("`level` needs `by=area`.", parameter="level")
        rows = questions.counts(
            projections, scope, as_of,
            by_month="month" in groups,
            by_programme="programme" in groups,
            by_reason="reason" in groups,
            by_level=(level or "county") if "area" in groups else None,
        )  # fmt: skip
        return respond(as_of, {**_months(scope), "counts": [_readable(row) for row in rows]})


def _page(
    name: str, found: list[Row], limit: int, as_of: AsOf, key: tuple[str, ...]
) -> dict[str, Any]:
    last = found[-1] if len(found) == limit else None
    after = last and write_cursor(as_of.position, *(last[part] for part in key))
    return {name: [_readable(row) for row in found], "next": after}


def _months(scope: Scope) -> dict[str, str]:
    return {"from": month_text(scope.first), "to": month_text(scope.last)}


def _readable(row: Row) -> Row:
    months = ("month", "since", "grace_from", "grace_until", "returned")
    return row | {key: month_text(row[key]) for key in months if isinstance(row.get(key), date)}


def _example(answer: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "The answer.", "content": {"application/json": {"example": answer}}}
    }
