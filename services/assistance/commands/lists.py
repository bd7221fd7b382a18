"""`list compute`, `freeze`, `verify`, `show`, `lines`, `lists`, `reconcile`: what is to be paid."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from assistance import settings
from assistance.asking import asked as asking
from assistance.commands.act_options import (
    Actor,
    DecidedOn,
    Grant,
    Key,
    Kind,
    ListArea,
    ListId,
    ListMonth,
    NewList,
    Reissues,
    asked,
    sender,
)
from assistance.commands.options import Data, Json, KnownAt, Position, Programme, instant
from assistance.payment_months import freezing
from assistance.payment_months.open_cell import both_services
from assistance.payment_months.sending import whole_file
from assistance.showing import OUT, plain, progress, say, show, write_json
from ledger.money import yuan
from projections.database import Row
from projections.payment_lists import computing, verifying
from projections.payment_lists import lists as on_record
from projections.payment_lists.lists import State
from projections.projections import first_of_month, month_text

# What a person sees, few enough for a terminal of 80 columns; --json has everything.
LIST_COLUMNS = ("list", "kind", "area", "month", "lines", "total_fen", "status")
LINE_COLUMNS = ("reference_id", "head", "area", "amount_fen", "state", "reason", "closed_for")
RECONCILED_COLUMNS = (
    "month", "kind", "lines", "listed_fen", "paid_fen", "failed_fen", "returned_fen", "pending_fen",
    "closed_fen", "reissued",
)  # fmt: skip
PAGE = 100


def register(group: typer.Typer) -> None:
    """Add the commands to the group `list`."""
    for command in (compute, freeze, verify, lines, lists, reconcile):
        group.command(command.__name__)(command)
    group.command("show")(show_list)


def compute(
    data: Data = None, kind: Kind = "monthly", area: ListArea = None, month: ListMonth = None,
    programme: Programme = None, grant: Grant = None, reissues: Reissues = None,
    position: Position = None, known_at: KnownAt = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write the list's document there; - is standard output."),
    ] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """What is to be paid: a list computed at a position, ready to be frozen."""
    ask = asked(kind, area, month, programme, grant, reissues)
    with asking(settings.read(data), position, instant(known_at)) as (projections, as_of):
        wanted = ask(projections, as_of)
        if out is not None:
            _write(computing.document(projections, wanted, as_of), out)
            return
        found = asdict(computing.summarise(projections, wanted, as_of))
        told = {"kind": wanted.kind, "area": wanted.area, "month": month_text(wanted.month)}
        show([{**told, "position": as_of.position, **found}], json=json, title="Computed")


def _write(document: Iterable[bytes], to: Path) -> None:
    with progress("writing") as bar:
        if str(to) == "-":
            for part in document:
                sys.stdout.buffer.write(part)
            sys.stdout.buffer.flush()
            return
        with whole_file(to) as file:
            for part in document:
                bar.advance(bar.task_ids[0], file.write(part))


def freeze(
    actor: Actor, data: Data = None, kind: Kind = "monthly", area: ListArea = None,
    month: ListMonth = None, programme: Programme = None, grant: Grant = None,
    reissues: Reissues = None,
    list_id: NewList = None, decided_on: DecidedOn = None, key: Key = None,
    document: Annotated[
        Path | None,
        typer.Option(
            "--document", exists=True, dir_okay=False,
            help="Freeze this document, as `list compute --out` wrote it, instead of computing one.",
        ),
    ] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Compute a list now and freeze it: what it orders then stands, and waits for approval."""
    by = sender(actor, key, decided_on)
    with both_services(settings.read(data)) as both, progress("freezing"):
        if document is not None:
            with document.open("rb") as file:
                frozen = freezing.freeze_document(both, file, by, list_id)
        else:
            ask = asked(kind, area, month, programme, grant, reissues)
            frozen = freezing.freeze(both, ask, by, list_id)
    if json:
        write_json(frozen)
    else:
        say(
            f"Froze list {frozen.list}: {frozen.lines:,} lines, {yuan(frozen.total_fen)} yuan, computed "
            f"at position {frozen.computed_at:,}, SHA-256 {frozen.document}. Another officer approves it."
        )


def verify(list_id: ListId, data: Data = None, json: Json = False) -> None:
    """Compute a frozen list again at its position: the same bytes? If not, which lines differ."""
    with asking(settings.read(data), None, None) as (projections, as_of), progress("computing"):
        found = on_record.find(projections, list_id, as_of)
        result = verifying.verify(projections, found)
        differing: list[Row] = []
        if not result.agrees:
            differing = [d._asdict() for d in verifying.differences(projections, found, as_of)]
    if json:
        write_json({**result._asdict(), "agrees": result.agrees, "differences": differing})
    else:
        say(f"List {list_id}: {'the same bytes' if result.agrees else 'comes out otherwise'}.")
        if differing:
            show(differing, json=False, title="Lines that differ")
    raise typer.Exit(0 if result.agrees else 5)


def show_list(list_id: ListId, data: Data = None, json: Json = False) -> None:
    """A list: what was ordered and by whom, whether it was verified, and what became of it."""
    with asking(settings.read(data), None, None) as (projections, as_of):
        found = plain(on_record.find(projections, list_id, as_of))
        reconciled = on_record.reconciliations(projections, as_of, list_id)
    if json:
        write_json({**found, "reconciliation": [plain(row) for row in reconciled]})
        return
    for name, value in found.items():
        if value is not None:
            OUT.print(f"{name.removesuffix('_fen').replace('_', ' '):>17}  {_told(name, value)}")
    if reconciled:
        show(map(plain, reconciled), json=False, title="What became of it",
             columns=RECONCILED_COLUMNS)  # fmt: skip


def _told(name: str, value: Any) -> str:
    if name.endswith("_fen"):
        return yuan(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def lines(
    list_id: ListId, data: Data = None,
    state: Annotated[
        str | None, typer.Option("--state", help="Only paid, failed, returned, pending or closed.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", help="At most so many lines; all, when left out.", min=1)
    ] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """The lines of a list, each with what became of it."""
    chosen = next((one for one in get_args(State) if one == state), None)
    if state is not None and chosen is None:
        raise typer.BadParameter(f"--state takes {', '.join(get_args(State))}.")
    with asking(settings.read(data), None, None) as (projections, as_of):
        on_record.find(projections, list_id, as_of)
        rows = on_record.states_of_lines(
            projections, list_id, as_of, chosen, limit=limit or on_record.NO_LIMIT
        )
        show(map(plain, rows), json=json, title=f"List {list_id}", columns=LINE_COLUMNS)


def lists(
    data: Data = None, area: ListArea = None, month: ListMonth = None, position: Position = None,
    known_at: KnownAt = None,
    limit: Annotated[int, typer.Option("--limit", help="At most so many.", min=1)] = PAGE,
    json: Json = False,
) -> None:  # fmt: skip
    """Payment lists, the latest first."""
    with asking(settings.read(data), position, instant(known_at)) as (projections, as_of):
        of = first_of_month(month) if month else None
        rows = on_record.page_of_lists(projections, as_of, area, of, limit=limit)
        show(map(plain, rows), json=json, title="Payment lists", columns=LIST_COLUMNS)


def reconcile(
    data: Data = None, area: ListArea = None, month: ListMonth = None, position: Position = None,
    known_at: KnownAt = None, json: Json = False,
) -> None:  # fmt: skip
    """Of each list: listed is paid, failed, returned, pending or closed, to the fen."""
    with asking(settings.read(data), position, instant(known_at)) as (projections, as_of):
        of = first_of_month(month) if month else None
        rows = on_record.reconciliations(projections, as_of, area=area, month=of)
        show(map(plain, rows), json=json, title="Reconciliation", columns=RECONCILED_COLUMNS)
