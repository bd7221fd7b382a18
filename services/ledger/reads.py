"""What the ledger itself can be asked: a subject's version, a fact as stored, the known areas."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from eventsourcing.persistence import InterfaceError, OperationalError
from fastapi import APIRouter, Path, Query, Response
from psycopg import sql

from ledger.errors import NotFound, Unreachable
from ledger.fact import BY_TOPIC
from ledger.ids import area_stream
from ledger.ledger import Ledger
from ledger.openapi import answer
from ledger.store.queries import query
from ledger.subjects import SUBJECT_OF, SUBJECTS, Subject

JSON = "application/json"
_DIGITS = r"^[0-9]{0,12}$"

Version = Annotated[int, Path(ge=1, le=10**9, description="The fact's version in its stream.")]
Stream = Annotated[UUID, Path(description="The stream's id.")]
Code = Annotated[str, Path(pattern=r"^[0-9]{2,12}$", description="An area's code.")]
Prefix = Annotated[str, Query(pattern=_DIGITS, description="What the codes begin with.")]
After = Annotated[str, Query(pattern=_DIGITS, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Codes a page.")]

VERSION = {"subject": "018f3c2e-1a01-7b31-9c04-5d8e2f6a1001", "version": 3, "position": 1204}
AREA_KNOWN = {"code": "140403", "name": "Luzhou", "kind": "county"}
FACT = {"decided_on": "2023-02-01", "actor": "decider-7", "command_id": "018f", "spell": 1,
        "effective": "2023-03", "income_fen": 48000}  # fmt: skip


def router(ledger: Ledger) -> APIRouter:
    """Serve GET of every subject, of a fact, and of the areas."""
    routes = APIRouter()
    for subject in SUBJECTS:
        if subject.named is None:
            _add_subject(routes, ledger, subject)
    _add_areas(routes, ledger)

    @routes.get(
        "/v1/facts/{stream}:{version}",
        tags=["facts"],
        summary="A fact as stored and published, byte for byte",
        responses=answer(FACT, "Ledger-Fact-Type"),
        response_class=Response,
    )
    def fact(stream: Stream, version: Version) -> Response:
        row = _one(ledger, "fact", {"id": stream, "version": version})
        if row is None:
            raise NotFound(f"There is no fact {stream}:{version}.")
        headers = {"Ledger-Fact-Type": row["topic"]}
        return Response(bytes(row["state"]), media_type=JSON, headers=headers)

    return routes


def _add_areas(routes: APIRouter, ledger: Ledger) -> None:
    @routes.get(
        "/v1/areas",
        tags=["areas"],
        summary="Known area codes, by prefix, a page at a time",
        responses=answer({"areas": [AREA_KNOWN], "next": None}),
    )
    def areas(prefix: Prefix = "", after: After = "", limit: Limit = 100) -> Response:
        rows = _rows(ledger, "areas_under", {"prefix": prefix, "after": after, "limit": limit})
        more = rows[-1]["code"] if len(rows) == limit else None
        return _json({"areas": rows, "next": more})

    @routes.get(
        "/v1/areas/{code}",
        tags=["areas"],
        summary="An area, and the version of its standards and policies, as body and ETag",
        responses=answer(AREA_KNOWN | VERSION, "ETag"),
        operation_id="GetArea",
    )
    def area(code: Code) -> Response:
        found = _one(ledger, "areas_under", {"prefix": code, "after": "", "limit": 1})
        if found is None or found["code"] != code:
            raise NotFound(f"There is no area {code}; its file may not be loaded.")
        row = _one(ledger, "last_fact", {"id": area_stream(code)})
        return _versioned(area_stream(code), row, **found)


def _add_subject(routes: APIRouter, ledger: Ledger, subject: Subject) -> None:
    def version(stream: Stream) -> Response:
        row = _one(ledger, "last_fact", {"id": stream})
        if row is None or SUBJECT_OF[BY_TOPIC[row["topic"]].cls] is not subject:
            raise NotFound(f"There is no {subject.name} {stream}.")
        return _versioned(stream, row)

    routes.add_api_route(
        f"/v1/{subject.plural}/{{stream}}", version, methods=["GET"], tags=[subject.plural],
        summary=f"The {subject.name}'s current version, as body and ETag",
        responses=answer(VERSION, "ETag"), operation_id=f"Get{subject.name.capitalize()}",
    )  # fmt: skip


def _versioned(stream: UUID, row: dict[str, Any] | None, **more: Any) -> Response:
    """Return a subject with the version of its last fact: 0 when nothing is recorded of it."""
    version = row["originator_version"] if row else 0
    position = row["notification_id"] if row else None
    body = {**more, "subject": stream, "version": version, "position": position}
    return _json(body, {"ETag": f'"{version}"'})


def _json(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), media_type=JSON, headers=headers)


def _one(ledger: Ledger, name: str, values: dict[str, object]) -> dict[str, Any] | None:
    rows = _rows(ledger, name, values)
    return rows[0] if rows else None


def _rows(ledger: Ledger, name: str, values: dict[str, object]) -> list[dict[str, Any]]:
    """Ask the database; Unreachable when it does not answer."""
    try:
        with ledger.datastore.get_connection() as conn:
            return conn.execute(sql.SQL(query(name)), values).fetchall()
    except (OperationalError, InterfaceError) as error:
        raise Unreachable("Nothing is lost. Ask again in a moment.") from error
