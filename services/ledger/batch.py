"""POST /v1/commands:batch: command lines as NDJSON, decided in order, a verdict for each."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from ledger.errors import Malformed
from ledger.http import NDJSON, NDJSON_TYPES, Headers, actor_of, headers_of, require_type
from ledger.lines import (
    MAX_LINE,
    Chunk,
    NumberedLine,
    Verdict,
    is_command,
    read_lines,
    verdict_line,
)
from ledger.openapi import BATCH
from ledger.writer import Writer

CHUNK = 500
"""Lines decided in one append."""

IN_MEMORY = 1 << 20
"""Bytes of verdicts kept in memory; what is more waits on disk."""


def router(writer: Writer) -> APIRouter:
    """Serve the batch."""
    routes = APIRouter()

    @routes.post("/v1/commands:batch", tags=["commands"], **BATCH)
    async def batch(request: Request) -> Response:
        headers = headers_of(request.scope)
        require_type(headers, *NDJSON_TYPES)
        if request.scope["query_string"]:
            raise Malformed(
                "The batch takes no parameters: a line is tried without recording at its own path.",
                errors=[{"in": "query", "detail": "Takes no parameters"}],
            )
        verdicts = await _decide(writer, request.stream(), _actor_for_lines(headers))
        return StreamingResponse(_parts(verdicts), media_type=NDJSON)

    return routes


def _actor_for_lines(headers: Headers) -> str | None:
    """Return who acts where a line names nobody."""
    return actor_of(headers) if b"x-actor" in headers else None


async def _decide(writer: Writer, body: AsyncIterable[bytes], actor: str | None) -> IO[bytes]:
    """Decide every line before the first verdict goes out.

    A client that sends all before it reads would otherwise wait for a server that waits for it.
    """
    verdicts = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed when it was sent
    try:
        async for chunk in _chunks(body):
            verdicts.writelines(await _decide_lines(writer, chunk, actor))
    except BaseException:
        verdicts.close()
        raise
    verdicts.seek(0)
    return verdicts


async def _decide_lines(
    writer: Writer, chunk: list[NumberedLine], actor: str | None
) -> list[bytes]:
    lines = read_lines(chunk, actor)
    commands = [line.command for line in lines if line.command is not None]
    outcomes = iter(await writer.submit_all(commands) if commands else ())
    return [verdict_line(Verdict(line.number, line.error or next(outcomes))) for line in lines]


def _parts(file: IO[bytes], size: int = 1 << 16) -> Iterator[bytes]:
    with file:
        while part := file.read(size):
            yield part


async def _chunks(body: AsyncIterable[bytes]) -> AsyncIterator[list[NumberedLine]]:
    gathered = Chunk(CHUNK)
    async for line in _lines(body):
        if gathered.add(line):
            yield gathered.take()
    if gathered.lines:
        yield gathered.take()


async def _lines(body: AsyncIterable[bytes]) -> AsyncIterator[NumberedLine]:
    """Yield numbered lines that are not blank; of one that is too long, enough to be refused."""
    rest, before = b"", 0
    async for part in body:
        *lines, rest = (rest + part).split(b"\n")
        for number, line in enumerate(lines, before + 1):
            if is_command(line):
                yield number, line
        before += len(lines)
        rest = rest[: MAX_LINE + 1]
    if is_command(rest):
        yield before + 1, rest
