"""How answers look over HTTP: the position they are as of, opaque cursors, rows as JSON."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse

from projections.errors import BadParameter
from projections.projections import AsOf, Projections

NDJSON = "application/x-ndjson"
MOST_ROWS = 1_000
_CHUNK = 1 << 16

KnownAt = Annotated[
    str | None,
    Query(
        description="An instant: only facts recorded up to it count. Default: now.",
        examples=["2026-07-11T00:00:00Z"],
    ),
]
Position = Annotated[
    int | None,
    Query(
        ge=0, le=2**63 - 1, description="Only facts up to this position count; not with known_at."
    ),
]
MinPosition = Annotated[
    int | None,
    Query(
        ge=0,
        le=2**63 - 1,
        description="Wait a bounded time until this position is projected, else 503.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows a page.")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]
Area = Annotated[
    str | None,
    Query(description="An area's code; it takes in every code inside it.", examples=["140403"]),
]
EffectiveOn = Annotated[
    str | None,
    Query(
        description="A day: the question is about its month. Default: today.",
        examples=["2026-07-11"],
    ),
]


def as_of_parameters(projections: Projections) -> Callable[..., AsOf]:
    """Return a FastAPI dependency that reads known_at, position and min_position."""

    def asked(
        known_at: KnownAt = None, position: Position = None, min_position: MinPosition = None
    ) -> AsOf:
        instant = None if known_at is None else instant_of(known_at)
        return projections.as_of(position=position, known_at=instant, min_position=min_position)

    return asked


def instant_of(text: str) -> datetime:
    """Return an instant as `known_at` has it; BadParameter when it is none."""
    try:
        # A plus sign that was not escaped arrives as a space.
        return datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise BadParameter(
            "`known_at` must be an instant with a zone, for example 2026-07-11T00:00:00Z.",
            parameter="known_at",
        ) from error


def respond(as_of: AsOf, body: Mapping[str, Any]) -> Response:
    """Return a body with the position that it is as of, in it and in the header Ledger-Position."""
    return written({"position": as_of.position, **body}, _headers(as_of))


def stream(as_of: AsOf, rows: Iterable[Mapping[str, Any]]) -> Response:
    """Return rows as NDJSON, as they come, without a limit."""
    return streamed(rows, _headers(as_of))


def written(body: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    """Return a body as JSON."""
    content = msgspec.json.encode(body)
    return Response(content, media_type="application/json", headers=dict(headers))


def streamed(rows: Iterable[Mapping[str, Any]], headers: Mapping[str, str]) -> Response:
    """Return rows as NDJSON, as they come."""
    return StreamingResponse(_chunks(rows), media_type=NDJSON, headers=dict(headers))


def wants_ndjson(request: Request) -> bool:
    """Tell whether the caller's Accept asks for NDJSON."""
    return NDJSON in request.headers.get("accept", "")


def write_cursor(*parts: object) -> str:
    """Return an opaque cursor for the last row's key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def read_cursor(cursor: str, *types: Any) -> tuple[Any, ...]:
    """Return the parts of a cursor, each of its type; BadParameter when it is not one of ours."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = msgspec.json.decode(base64.b64decode(padded, "-_", validate=True))
        if not isinstance(parts, list) or len(parts) != len(types):
            raise ValueError(cursor)
        return tuple(msgspec.convert(part, kind) for part, kind in zip(parts, types, strict=True))
    except (ValueError, binascii.Error, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BadParameter(
            "`cursor` is none that this service gave out; start without one.", parameter="cursor"
        ) from error


def _headers(as_of: AsOf) -> dict[str, str]:
    return {"Ledger-Position": str(as_of.position)}


def _chunks(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    encoder = msgspec.json.Encoder()
    held = bytearray()
    for row in rows:
        held += encoder.encode(row)
        held += b"\n"
        if len(held) >= _CHUNK:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
