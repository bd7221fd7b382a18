"""What the ledger itself can be asked: a subject's version, a fact as stored, the known areas."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query, Response
from psycopg import sql

from ledger.errors import NotFound
from ledger.ledger import Ledger
from ledger.store.queries import query
from ledger.subjects import AREA, SUBJECTS, Subject

JSON = "application/json"


def router(ledger: Ledger) -> APIRouter:
    """Serve GET of every subject, of a fact, and of the areas."""
    routes = APIRouter()
    for subject in SUBJECTS:
        if subject is not AREA:
            _add_subject(routes, ledger, subject)

    @routes.get("/v1/facts/{stream}:{version}", tags=["facts"], summary="A fact as stored and published")
    def fact(stream: UUID, version: int) -> Response:
        row = _one(ledger, "fact", {"id": stream, "version": version})
        if row is None:
            raise NotFound(f"There is no fact {stream}:{version}.")
        return Response(bytes(row["state"]), media_type=JSON, headers={"Ledger-Fact-Type": row["topic"]})

    @routes.get("/v1/areas", tags=["areas"], summary="Known area codes, by prefix, a page at a time")
    def areas(
        prefix: str = "", after: str = "", limit: Annotated[int, Query(ge=1, le=1000)] = 100
    ) -> dict[str, Any]:
        page = {"prefix": prefix, "after": after, "limit": limit}
        with ledger.datastore.get_connection() as conn:
            rows = conn.execute(query("areas_under"), page).fetchall()
        more = rows[-1]["code"] if len(rows) == limit else None
        return {"areas": rows, "next": more}

    return routes


def _one(ledger: Ledger, name: str, values: dict[str, object]) -> dict[str, Any] | None:
    with ledger.datastore.get_connection() as conn:
        return conn.execute(sql.SQL(query(name)), values).fetchone()


def _add_subject(routes: APIRouter, ledger: Ledger, subject: Subject) -> None:
    def version(stream: UUID) -> Response:
        row = _one(ledger, "last_fact", {"id": stream})
        if row is None:
            raise NotFound(f"There is no {subject.name} {stream}.")
        body = {"subject": stream, "version": row["originator_version"], "position": row["notification_id"]}
        etag = {"ETag": f'"{row["originator_version"]}"'}
        return Response(msgspec.json.encode(body), media_type=JSON, headers=etag)

    routes.add_api_route(
        f"/v1/{subject.plural}/{{stream}}", version, methods=["GET"], tags=[subject.plural],
        summary=f"The {subject.name}'s current version, as body and ETag", operation_id=f"Get{subject.name}",
    )  # fmt: skip
