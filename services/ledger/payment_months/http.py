"""Documents of lists and of results over HTTP, and what the ledger itself can be asked of them.

A body is streamed to disk, checked there, and named by its digest; only then is the command decided.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode
from collections.abc import AsyncIterable, Callable
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from ledger.answers import Accepted
from ledger.commands import Command
from ledger.documents import MAX_DOCUMENT
from ledger.errors import BadHeader, Malformed, NotFound, TooLarge, Unreachable
from ledger.http import (
    JSON,
    NDJSON,
    NDJSON_TYPES,
    Headers,
    actor_of,
    headers_of,
    key_of,
    require_type,
    version_of,
)
from ledger.ids import PAYMENT_LISTS
from ledger.ledger import GONE, Ledger
from ledger.payment_months import documented
from ledger.payment_months.payment_lists import PaymentList, Recovery
from ledger.payment_months.receiving import (
    Decide,
    Sender,
    Taken,
    freeze,
    record_results,
    stored_lists,
)
from ledger.store.queries import query
from ledger.writer import Writer

DIGEST = "Content-Digest"
IN_MEMORY = 1 << 20
"""Bytes of a body that are kept in memory; a longer one waits on disk."""

_SHA256 = re.compile(rb"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:$|,)")
_PARAMETERS = {"list", "decided_on", "dry_run"}

ListId = Annotated[UUID, Path(alias="list", description="The list's id.")]
NewList = Annotated[
    UUID | None,
    Query(alias="list", description="The id of the new list; left out, it follows from the key."),
]
DecidedOn = Annotated[date | None, Query(description="The day of the act; left out, today.")]
DryRun = Annotated[bool, Query(description="Check, decide and answer, and record nothing.")]
RecoveryId = Annotated[UUID, Path(alias="recovery", description="The recovery's id.")]
Digest = Annotated[
    str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the document, in hex.")
]

Take = Callable[..., Taken]


def router(ledger: Ledger, writer: Writer) -> APIRouter:
    """Serve documents in and out, and the version and standing of lists and recoveries."""
    routes = APIRouter()
    _add_receiving(routes, ledger, writer)
    _add_questions(routes, ledger)
    return routes


def _add_receiving(routes: APIRouter, ledger: Ledger, writer: Writer) -> None:
    @routes.post("/v1/payment-lists", tags=["payment-lists"], **documented.FREEZE)
    async def freeze_from_document(
        request: Request,
        list_id: NewList = None,
        decided_on: DecidedOn = None,
        dry_run: DryRun = False,
    ) -> Response:
        sender = _sender(request, decided_on, dry_run)
        taken = await _take(ledger, writer, request, freeze, sender, list_id)
        return _answer(taken, f"/v1/payment-lists/{taken.list}")

    @routes.post(
        "/v1/payment-lists/{list:uuid}/results", tags=["payment-lists"], **documented.RESULTS
    )
    async def record_results_from_document(
        request: Request, list_id: ListId, decided_on: DecidedOn = None, dry_run: DryRun = False
    ) -> Response:
        sender = _sender(request, decided_on, dry_run)
        taken = await _take(ledger, writer, request, record_results, sender, list_id)
        return _answer(taken, f"/v1/documents/{taken.document}")


def _add_questions(routes: APIRouter, ledger: Ledger) -> None:
    @routes.get("/v1/payment-lists/{list:uuid}", tags=["payment-lists"], **documented.LIST)
    def payment_list(list_id: ListId) -> Response:
        found, position = _look_up(ledger, lambda lists: lists.list_of(list_id))
        if found is None:
            raise NotFound(f"There is no payment list {list_id}.")
        return _versioned(_list_body(found, position), found.version)

    @routes.get("/v1/recoveries/{recovery:uuid}", tags=["recoveries"], **documented.RECOVERY)
    def recovery(recovery_id: RecoveryId) -> Response:
        found, position = _look_up(ledger, lambda lists: lists.recovery_of(recovery_id))
        if found is None:
            raise NotFound(f"There is no recovery {recovery_id}.")
        return _versioned(_recovery_body(found, position), found.version)

    @routes.get("/v1/documents/{digest}", tags=["documents"], **documented.DOCUMENT)
    def document(digest: Digest) -> Response:
        try:
            found = ledger.documents.find(digest)
        except GONE as error:
            raise Unreachable("Nothing is lost. Ask again in a moment.") from error
        if found is None:
            raise NotFound(f"There is no document {digest}.")
        headers = {"ETag": f'"{digest}"', "Content-Length": str(found.bytes)}
        return StreamingResponse(ledger.documents.parts(digest), media_type=NDJSON, headers=headers)


def _sender(request: Request, decided_on: date | None, dry_run: bool) -> Sender:
    """Read who sends a document and how: what is misspelled must not turn a trial into a command."""
    if unknown := set(request.query_params) - _PARAMETERS:
        raise Malformed(
            f"There are {len(unknown)} parameters that this path does not take.",
            errors=[{"in": "query", "detail": f"Takes {', '.join(sorted(_PARAMETERS))}"}],
        )
    headers = headers_of(request.scope)
    require_type(headers, *NDJSON_TYPES)
    return Sender(
        actor_of(headers), key_of(headers), decided_on, version_of(headers),
        version_required=True, dry_run=dry_run, digest=_digest_of(headers),
    )  # fmt: skip


def _digest_of(headers: Headers) -> str | None:
    """Return the SHA-256 that the Content-Digest header names, in hex (RFC 9530)."""
    given = headers.get(DIGEST.lower().encode())
    if given is None:
        return None
    found = _SHA256.search(given)
    if found is None:
        raise BadHeader(DIGEST, "Content-Digest takes `sha-256=:<base64>:` (RFC 9530).")
    return b64decode(found.group(1)).hex()


async def _take(
    ledger: Ledger,
    writer: Writer,
    request: Request,
    take: Take,
    sender: Sender,
    list_id: UUID | None,
) -> Taken:
    """Spool the body, and have it checked and recorded in a thread, through the writer."""
    decide = _through(writer, asyncio.get_running_loop())
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        await _spool(headers_of(request.scope), request.stream(), file)
        return await run_in_threadpool(take, ledger, file, sender, list_id, decide)


async def _spool(headers: Headers, body: AsyncIterable[bytes], file: IO[bytes]) -> None:
    """Write a body to a file; TooLarge as soon as it is known to have too many bytes."""
    declared = headers.get(b"content-length", b"")
    size = int(declared[:20]) if declared.isdigit() else 0
    if size <= MAX_DOCUMENT:
        size = 0
        async for part in body:
            size += len(part)
            if size > MAX_DOCUMENT:
                break
            file.write(part)
    if size > MAX_DOCUMENT:
        raise TooLarge(f"A document has at most {MAX_DOCUMENT} bytes.")


def _through(writer: Writer, loop: asyncio.AbstractEventLoop) -> Decide:
    """Have commands of another thread decided by the writer, in whose loop the answer comes."""

    def decide(command: Command) -> Accepted:
        return asyncio.run_coroutine_threadsafe(writer.submit(command), loop).result()

    return decide


def _answer(taken: Taken, location: str) -> Response:
    status = 200 if taken.position is None else 201
    headers = {"ETag": f'"{taken.version}"', "Location": location}
    return Response(msgspec.json.encode(taken), status, headers, JSON)


def _look_up(ledger: Ledger, ask: Callable[..., Any]) -> tuple[Any, int | None]:
    """Return what is asked of the lists as they are on record, and the position of its last fact."""
    try:
        found = ask(stored_lists(ledger))
        with ledger.datastore.get_connection() as conn:
            place = {"id": PAYMENT_LISTS, "version": found.version if found else 0}
            row = conn.execute(query("fact_position"), place).fetchone()
    except GONE as error:
        raise Unreachable("Nothing is lost. Ask again in a moment.") from error
    return found, row["notification_id"] if row else None


def _list_body(found: PaymentList, position: int | None) -> dict[str, Any]:
    frozen = found.frozen
    shared = ("list", "kind", "area", "programme", "month", "document", "lines", "total_fen",
              "reissues", "grant")  # fmt: skip
    return {
        **{name: getattr(frozen, name) for name in shared},
        "status": found.status,
        "sent": found.sent,
        "results": [fact.document for fact in found.results],
        "closed_lines": len(found.closed),
        "version": found.version,
        "position": position,
    }


def _recovery_body(found: Recovery, position: int | None) -> dict[str, Any]:
    return {
        "recovery": found.order.recovery,
        "household": found.order.household,
        "ground": found.order.ground,
        "status": "open" if found.balance_fen else "settled",
        "ordered_fen": found.ordered_fen,
        "received_fen": found.received_fen,
        "waived_fen": found.waived_fen,
        "balance_fen": found.balance_fen,
        "version": found.version,
        "position": position,
    }


def _versioned(body: dict[str, Any], version: int) -> Response:
    return Response(msgspec.json.encode(body), 200, {"ETag": f'"{version}"'}, JSON)
