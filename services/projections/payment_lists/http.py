"""GET /v1/payment-lists and what is asked of a list; what is overpaid, and what is being got back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from io import BytesIO
from typing import Annotated, Any, BinaryIO
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from projections.database import Row
from projections.errors import BadFile
from projections.pages import (
    NDJSON,
    Area,
    Cursor,
    Limit,
    as_of_parameters,
    read_cursor,
    respond,
    stream,
    wants_ndjson,
    write_cursor,
)
from projections.payment_lists import computing, examples, exporting, lists, verifying
from projections.payment_lists.computing import Kind
from projections.payment_lists.exports import FORMATS, Payer, format_named, read_accounts
from projections.payment_lists.exports.accounts import LIMITS
from projections.payment_lists.lists import State
from projections.projections import AsOf, Projections, first_of_month, month_text

ListId = Annotated[UUID, Path(alias="list", description="The list's id.")]
OfKind = Annotated[Kind, Query(description="What is to be listed.")]
OfArea = Annotated[str, Query(alias="area", description="An area's code.", examples=["140403"])]
OfMonth = Annotated[str, Query(alias="month", description="YYYY-MM.", examples=["2026-08"])]
AnyMonth = Annotated[
    str | None, Query(alias="month", description="Of lists for this month alone, YYYY-MM.")
]
Programme = Annotated[
    str | None, Query(description="One programme; `dibao` takes in its kinds. Default: all.")
]
Grant = Annotated[str | None, Query(description="Of kind area_grant: the AreaGrantAdopted fact.")]
Reissues = Annotated[UUID | None, Query(description="Of kind reissue: the list with failed lines.")]
OfState = Annotated[State | None, Query(description="Only lines of this state.")]


def router(projections: Projections) -> APIRouter:
    """Serve payment lists."""
    routes = APIRouter(tags=["payment lists"])
    _add_computing(routes, projections)
    _add_lists(routes, projections)
    _add_export(routes, projections)
    _add_checks(routes, projections)
    _add_money_back(routes, projections)
    return routes


def _add_computing(routes: APIRouter, projections: Projections) -> None:
    as_of_asked = as_of_parameters(projections)

    @routes.get(
        "/v1/payment-lists:compute",
        summary="What is to be paid: a list computed at a position, ready to be frozen",
        description="With `Accept: application/x-ndjson` the document itself, byte for byte what "
        "POST /v1/payment-lists takes; else what it comes to. `lists_version` is what If-Match names.",
        responses=examples.of(examples.COMPUTED),
    )
    def compute(
        request: Request,
        kind: OfKind = "monthly",
        area: Area = None,
        month: AnyMonth = None,
        programme: Programme = None,
        grant: Grant = None,
        reissues: Reissues = None,
        as_of: AsOf = Depends(as_of_asked),
    ) -> Response:
        asked = computing.asked_for(
            projections, as_of, kind, area, month, programme, grant, reissues
        )
        if wants_ndjson(request):
            document = computing.document(projections, asked, as_of)
            headers = {"Ledger-Position": str(as_of.position)}
            return StreamingResponse(document, media_type=NDJSON, headers=headers)
        found = computing.summarise(projections, asked, as_of)
        return respond(as_of, {
            "kind": asked.kind, "area": asked.area, "programme": asked.programme,
            "month": month_text(asked.month), "calculation": asked.calculation, **asdict(found),
        })  # fmt: skip


def _add_lists(routes: APIRouter, projections: Projections) -> None:
    as_of_asked = as_of_parameters(projections)

    @routes.get(
        "/v1/payment-lists",
        summary="Payment lists with their acts, the latest first",
        responses=examples.of({"position": 1204, "lists": [examples.LIST], "next": None}),
    )
    def many(
        area: Area = None,
        month: AnyMonth = None,
        as_of: AsOf = Depends(as_of_asked),
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        after = None
        if cursor is not None:
            position, after = read_cursor(cursor, int, int)
            as_of = AsOf(position)
        found = lists.page_of_lists(projections, as_of, area, _month(month), after, limit)
        last = found[-1]["known_from"] if len(found) == limit else None
        more = last and write_cursor(as_of.position, last)
        return respond(as_of, {"lists": [_written(row) for row in found], "next": more})

    @routes.get(
        "/v1/payment-lists/{list}/summary",
        summary="A list: what was ordered, by whom, and what the projections computed themselves",
        responses=examples.of({"position": 1204, "list": examples.LIST}),
    )
    def one(list_: ListId, as_of: AsOf = Depends(as_of_asked)) -> Response:
        return respond(as_of, {"list": _written(lists.find(projections, list_, as_of))})

    @routes.get(
        "/v1/payment-lists/{list}/lines",
        summary="A list's lines, each with what became of it",
        description="With `Accept: application/x-ndjson` all lines are streamed, a line each.",
        responses=examples.of({"position": 1204, "lines": [examples.LINE], "next": None}),
    )
    def lines(
        request: Request,
        list_: ListId,
        state: OfState = None,
        as_of: AsOf = Depends(as_of_asked),
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        after = 0
        if cursor is not None:
            position, after = read_cursor(cursor, int, int)
            as_of = AsOf(position)
        lists.find(projections, list_, as_of)
        if wants_ndjson(request):
            return stream(as_of, lists.states_of_lines(projections, list_, as_of, state))
        found = [*lists.states_of_lines(projections, list_, as_of, state, after, limit)]
        last = found[-1]["ordinal"] if len(found) == limit else None
        return respond(as_of, {"lines": found, "next": last and write_cursor(as_of.position, last)})


def _add_export(routes: APIRouter, projections: Projections) -> None:
    as_of_asked = as_of_parameters(projections)

    @routes.post(
        "/v1/payment-lists/{list}/export",
        summary="An approved list whose sending is on record, in a format for payment systems or people",
        description="The body is the file of payees' accounts, `text/csv` with columns person,account, for "
        "g2p, payment_hub and govstack; empty for ndjson, csv and xlsx. It is kept nowhere.",
        openapi_extra={"requestBody": {"content": {"text/csv": {"example": examples.ACCOUNTS}}}},
        responses={
            200: {
                "description": "The export.",
                "content": {"application/x-ndjson": {"example": examples.EXPORTED}},
            }
        },
    )
    async def export(
        request: Request,
        list_: ListId,
        format_: Annotated[str, Query(alias="format", description="One of " + ", ".join(FORMATS))],
        payer_account: Annotated[str, Query(description="The account that is debited.")] = "",
        payer_name: Annotated[str, Query(description="Its name.")] = "",
        provider: Annotated[str, Query(description="Who holds the accounts, for g2p.")] = "",
        payment_mode: Annotated[str, Query(description="A mode set up there.")] = "closedloop",
        as_of: AsOf = Depends(as_of_asked),
    ) -> Response:
        payer = Payer(payer_account, payer_name, provider, payment_mode)
        accounts = await _accounts_of(request)
        return await run_in_threadpool(_export, accounts, list_, format_, payer, as_of)

    def _export(file: BinaryIO, list_: UUID, format_: str, payer: Payer, as_of: AsOf) -> Response:
        needs = format_named(format_).needs_accounts
        accounts = read_accounts(file) if needs else None
        ready = exporting.ready_to_send(projections, list_, format_, accounts, payer, as_of)
        name = ready.format.file_name(exporting.heading(projections, ready, as_of))
        headers = {
            "Ledger-Position": str(as_of.position),
            "Content-Disposition": f'attachment; filename="{name}"',
        }
        chunks = exporting.export(projections, ready, as_of)
        return StreamingResponse(chunks, media_type=ready.format.media_type, headers=headers)


def _add_checks(routes: APIRouter, projections: Projections) -> None:
    as_of_asked = as_of_parameters(projections)

    @routes.get(
        "/v1/payment-lists/{list}/verification",
        summary="A list computed again now, at its position, and whether the bytes are the same",
        responses=examples.of(examples.VERIFICATION),
    )
    def verification(list_: ListId, as_of: AsOf = Depends(as_of_asked)) -> Response:
        found = lists.find(projections, list_, as_of)
        result = verifying.verify(projections, found)
        differing = [] if result.agrees else verifying.differences(projections, found, as_of)
        return respond(as_of, {
            **result._asdict(), "agrees": result.agrees,
            "differences": [one._asdict() for one in differing],
        })  # fmt: skip

    @routes.get(
        "/v1/reconciliations",
        summary="Of each list: listed = paid + failed + returned + pending + closed, to the fen",
        responses=examples.of({"position": 1204, "reconciliations": [examples.RECONCILIATION]}),
    )
    def reconciliations(
        list_: Annotated[UUID | None, Query(alias="list", description="Of one list alone.")] = None,
        area: Area = None,
        month: AnyMonth = None,
        as_of: AsOf = Depends(as_of_asked),
    ) -> Response:
        found = lists.reconciliations(projections, as_of, list_, area, _month(month))
        return respond(as_of, {"reconciliations": [_written(row) for row in found]})


def _add_money_back(routes: APIRouter, projections: Projections) -> None:
    as_of_asked = as_of_parameters(projections)

    @routes.get(
        "/v1/overpayments",
        summary="What is overpaid up to a month, by household and month: candidates for a recovery",
        description="A person decides on each. With `Accept: application/x-ndjson` all are streamed.",
        responses=examples.of({"position": 1204, "overpayments": [examples.OVERPAYMENT]}),
    )
    def overpayments(
        request: Request,
        area: OfArea,
        month: OfMonth,
        programme: Programme = None,
        as_of: AsOf = Depends(as_of_asked),
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        after = None
        if cursor is not None:
            position, after = read_cursor(cursor, int, UUID)
            as_of = AsOf(position)
        asked = computing.monthly(area, month, programme)
        rows = map(_written, computing.overpayments(projections, asked, as_of, after))
        if wants_ndjson(request):
            return stream(as_of, rows)
        found, last = _whole_households(rows, limit)
        version = computing.lists_version(projections, as_of)
        more = last and write_cursor(as_of.position, last)
        return respond(as_of, {"lists_version": version, "overpayments": found, "next": more})

    @routes.get(
        "/v1/recoveries",
        summary="What is being got back: ordered, received, waived, and the balance",
        responses=examples.of({"position": 1204, "recoveries": [examples.RECOVERY], "next": None}),
    )
    def recoveries(
        household: Annotated[UUID | None, Query(description="Of one household alone.")] = None,
        as_of: AsOf = Depends(as_of_asked),
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        after = None
        if cursor is not None:
            position, after = read_cursor(cursor, int, UUID)
            as_of = AsOf(position)
        found = lists.recoveries(projections, as_of, household, after, limit)
        last = found[-1]["recovery"] if len(found) == limit else None
        more = last and write_cursor(as_of.position, last)
        return respond(as_of, {"recoveries": found, "next": more})


def _month(text: str | None) -> date | None:
    return None if text is None else first_of_month(text)


async def _accounts_of(request: Request) -> BinaryIO:
    """Return the body, in memory alone; BadFile once it is larger than accounts may be."""
    held = BytesIO()
    async for part in request.stream():
        held.write(part)
        if held.tell() > LIMITS.file:
            raise BadFile(f"The file of accounts has more than {LIMITS.file} bytes.")
    held.seek(0)
    return held


def _whole_households(rows: Any, limit: int) -> tuple[list[Row], UUID | None]:
    """Return rows up to the household with which the page is full, and that household if more follow."""
    found: list[Row] = []
    for row in rows:
        if len(found) >= limit and row["household"] != found[-1]["household"]:
            return found, found[-1]["household"]
        found.append(row)
    return found, None


def _written(row: Row) -> Row:
    return row | {"month": month_text(row["month"])} if isinstance(row["month"], date) else row
