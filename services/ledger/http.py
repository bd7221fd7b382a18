"""The ledger over HTTP: a path a command, the batch, the version of a subject, areas."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO
from uuid import UUID

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from ledger.commands import MAX_BODY, Command, check_body, read_command
from ledger.errors import Malformed, TooLarge, Unreadable
from ledger.fact import BY_COMMAND, FactType
from ledger.ids import area_stream
from ledger.lines import MAX_LINE, Verdict, read_lines, verdict_line
from ledger.openapi import operation
from ledger.subjects import AREA, SUBJECT_OF
from ledger.writer import Writer

_ENCODER = msgspec.json.Encoder()
_QUOTED = re.compile(r'^"([\x20-\x21\x23-\x7e]{1,200})"$')
_ETAG = re.compile(r'^"([0-9]{1,10})"$')
JSON = "application/json"


def router(writer: Writer) -> APIRouter:
    """Serve every command of the catalogue, POST /v1/commands:batch, and the subjects' versions."""
    routes = APIRouter()
    for name, kind in BY_COMMAND.items():
        _add_command(routes, writer, name, kind)
    routes.add_api_route(
        "/v1/commands:batch", _batch(writer), methods=["POST"], tags=["commands"],
        summary="Command lines as NDJSON, decided in order; an outcome a line",
    )  # fmt: skip
    return routes


def actor_of(request: Request) -> str:
    """Return who acts: the X-Actor header, until access control names the actor itself."""
    actor = request.headers.get("x-actor", "")
    if not 0 < len(actor) <= 120 or not actor.isprintable():
        raise Unreadable("The X-Actor header is required: the id of who acts, at most 120 characters.")
    return actor


def _key_of(request: Request) -> str:
    found = _QUOTED.match(request.headers.get("idempotency-key", ""))
    if found is None:
        raise Unreadable(
            'The Idempotency-Key header is required, a quoted string: Idempotency-Key: "a-key-of-yours".'
        )
    return found.group(1)


def _version_of(request: Request) -> int | None:
    given = request.headers.get("if-match")
    if given is None:
        return None
    found = _ETAG.match(given)
    if found is None:
        raise Unreadable('If-Match takes one strong ETag, the subject\'s version: If-Match: "3".')
    return int(found.group(1))


async def body_of(request: Request, most: int = MAX_BODY) -> bytes:
    """Return a request's body, refusing it as soon as it is larger than `most` bytes."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise TooLarge(f"The body has more than {most} bytes.")
        parts.append(part)
    return b"".join(parts)


def kebab(name: str) -> str:
    """Return a command's name as it stands in a path: EnrolHousehold -> enrol-household."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _add_command(routes: APIRouter, writer: Writer, name: str, kind: FactType) -> None:
    subject = SUBJECT_OF[kind.cls]
    extra = operation(name, kind)
    path = f"/v1/{subject.plural}/{{{subject.name}}}/{kebab(name)}"
    handler = _on_area(writer, name) if subject is AREA else _on_subject(writer, name)
    routes.add_api_route(
        path.replace(f"{{{subject.name}}}", "{subject}"), handler, methods=["POST"], status_code=201,
        tags=[subject.plural], summary=(kind.cls.__doc__ or "").strip().splitlines()[0],
        operation_id=name, openapi_extra=extra, response_class=Response,
    )  # fmt: skip


Handler = Callable[..., Awaitable[Response]]


def _on_subject(writer: Writer, name: str) -> Handler:
    async def handle(request: Request, subject: UUID, dry_run: bool = False) -> Response:
        command = await _read(request, name, subject, dry_run)
        return await _answer(writer, command)

    return handle


def _on_area(writer: Writer, name: str) -> Handler:
    async def handle(request: Request, subject: str, dry_run: bool = False) -> Response:
        command = await _read(request, name, None, dry_run)
        if command.subject != area_stream(subject):
            raise Malformed(
                "`area` in the body is not the area of the path.",
                errors=[{"pointer": "/area", "detail": "differs from the path"}],
            )
        return await _answer(writer, command)

    return handle


async def _read(request: Request, name: str, subject: UUID | None, dry_run: bool) -> Command:
    actor, key, version = actor_of(request), _key_of(request), _version_of(request)
    body = await body_of(request)
    check_body(body)
    return read_command(
        name, body, key=key, actor=actor, subject=subject, expected_version=version,
        version_required=True, dry_run=dry_run,
    )  # fmt: skip


async def _answer(writer: Writer, command: Command) -> Response:
    accepted = await writer.submit(command)
    status = 200 if command.dry_run else 201
    headers = {"ETag": f'"{accepted.version}"'}
    return Response(_ENCODER.encode(accepted), status, media_type=JSON, headers=headers)


def _batch(writer: Writer) -> Handler:
    async def handle(request: Request) -> Response:
        # Every line is decided before the first verdict goes out: a client that sends all before it
        # reads would otherwise wait for a server that waits for it.
        verdicts = SpooledTemporaryFile(max_size=1 << 20)
        async for chunk in _chunks(request):
            verdicts.writelines(await _decide_lines(writer, chunk, request.headers.get("x-actor")))
        verdicts.seek(0)
        return StreamingResponse(_parts(verdicts), media_type="application/x-ndjson")

    return handle


def _parts(file: IO[bytes], size: int = 1 << 16) -> Iterator[bytes]:
    with file:
        while part := file.read(size):
            yield part


async def _decide_lines(
    writer: Writer, chunk: list[tuple[int, bytes]], actor: str | None
) -> list[bytes]:
    lines = read_lines(chunk, actor)
    commands = [line.command for line in lines if line.command is not None]
    outcomes = iter(await writer.submit_all(commands) if commands else ())
    return [verdict_line(Verdict(line.number, line.error or next(outcomes))) for line in lines]


async def _chunks(request: Request, size: int = 500) -> AsyncIterator[list[tuple[int, bytes]]]:
    """Yield numbered lines of a streamed body, some at a time; a line is bounded in length."""
    rest, number, chunk = b"", 0, []
    async for part in request.stream():
        *lines, rest = (rest + part).split(b"\n")
        if len(rest) > MAX_LINE:
            raise TooLarge(f"Line {number + len(lines) + 1} has more than {MAX_LINE} bytes.")
        for line in lines:
            number += 1
            if line.strip():
                chunk.append((number, line))
        if len(chunk) >= size:
            yield chunk
            chunk = []
    if rest.strip():
        chunk.append((number + 1, rest))
    if chunk:
        yield chunk
