"""`list approve`, `reject`, `cancel`, `export`, `results`, `close`: what is done with a frozen list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, BinaryIO
from uuid import UUID

import typer

from assistance import settings
from assistance.commands.act_options import (
    Actor,
    DecidedOn,
    IfVersion,
    Key,
    ListId,
    Note,
    Reason,
    fen,
    sender,
)
from assistance.commands.options import Data, Json
from assistance.payment_months import approving, reporting, sending
from assistance.payment_months.open_cell import OpenCell, both_services
from assistance.payment_months.reporting import Reported
from assistance.payment_months.sending import whole_file
from assistance.results import FORMATS as RESULT_FORMATS
from assistance.showing import progress, say, write_json
from ledger.answers import Accepted
from ledger.money import yuan
from ledger.payment_months.receiving import Sender
from projections.payment_lists.exports import FORMATS, Accounts, Exported, Payer, read_accounts

Results = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        dir_okay=False,
        help="What the payment system reported; - is standard input.",
    ),
]
CODES = ("payee_died", "household_gone", "settled_otherwise", "other")


def register(group: typer.Typer) -> None:
    """Add the commands to the group `list`."""
    for command in (approve, reject, cancel, export, results, close):
        group.command(command.__name__)(command)


def approve(
    list_id: ListId, actor: Actor, data: Data = None, decided_on: DecidedOn = None,
    if_version: IfVersion = None, key: Key = None, json: Json = False,
) -> None:  # fmt: skip
    """Approve a list that somebody else froze, once it is computed again and is the same."""
    by = sender(actor, key, decided_on, if_version)
    with both_services(settings.read(data)) as both, progress("verifying"):
        accepted = approving.approve(both, list_id, by)
    tell(accepted, f"Approved list {list_id}: it may be paid.", json=json)


def reject(
    list_id: ListId, actor: Actor, reason: Reason, note: Note = None, data: Data = None,
    decided_on: DecidedOn = None, if_version: IfVersion = None, key: Key = None, json: Json = False,
) -> None:  # fmt: skip
    """Reject a frozen list: it counts as never listed."""
    by = sender(actor, key, decided_on, if_version)
    accepted = _record(data, "RejectPaymentList", by, list=list_id, reason=reason, note=note)
    tell(accepted, f"Rejected list {list_id}: it counts as never listed.", json=json)


def cancel(
    list_id: ListId, actor: Actor, reason: Reason, note: Note = None, data: Data = None,
    decided_on: DecidedOn = None, if_version: IfVersion = None, key: Key = None, json: Json = False,
) -> None:  # fmt: skip
    """Cancel an approved list that nobody was sent: it counts as never listed."""
    by = sender(actor, key, decided_on, if_version)
    accepted = _record(data, "CancelPaymentList", by, list=list_id, reason=reason, note=note)
    tell(accepted, f"Cancelled list {list_id}: it counts as never listed.", json=json)


def _record(data: Path | None, command: str, by: Sender, **said: Any) -> Accepted:
    with both_services(settings.read(data)) as both:
        return both.record(command, said, by)


def tell(accepted: Accepted, words: str, *, json: bool) -> None:
    """Write the ledger's answer for programs, or words for people."""
    if json:
        write_json(accepted.written)
    else:
        say(words)


def export(
    list_id: ListId, actor: Actor,
    format_name: Annotated[
        str, typer.Option("--format", help="ndjson, csv, xlsx, g2p, payment_hub or govstack.")
    ],
    to: Annotated[Path, typer.Option("--to", dir_okay=False, help="The file; - is standard output.")],
    data: Data = None,
    accounts: Annotated[
        Path | None,
        typer.Option("--accounts", help="CSV with person,account; for g2p, payment_hub and govstack.",
                     exists=True, dir_okay=False),
    ] = None,
    payer: Annotated[str, typer.Option("--payer", help="The account that pays.")] = "",
    payer_name: Annotated[str, typer.Option("--payer-name", help="Its name, for people.")] = "",
    provider: Annotated[str, typer.Option("--provider", help="Of g2p: who holds the accounts.")] = "",
    payment_mode: Annotated[
        str, typer.Option("--payment-mode", help="How the payment system is to pay.")
    ] = "closedloop",
    decided_on: DecidedOn = None, if_version: IfVersion = None, key: Key = None, json: Json = False,
) -> None:  # fmt: skip
    """Record that an approved list is sent, and write it; again, it is the same bytes."""
    if format_name not in FORMATS:
        raise typer.BadParameter(f"--format takes {', '.join(FORMATS)}.")
    if FORMATS[format_name].needs_accounts and not (accounts and payer):
        raise typer.BadParameter(f"--format {format_name} needs --accounts and --payer.")
    by = sender(actor, key, decided_on, if_version)
    known = _accounts(accounts)
    payer_ = Payer(payer, payer_name, provider, payment_mode)
    with both_services(settings.read(data)) as both, progress("exporting"):
        exported = _export(both, list_id, format_name, to, by, known, payer_)
    if json and str(to) != "-":
        write_json({"list": list_id, "format": format_name, "file": str(to), **exported._asdict()})
    else:
        say(f"Sent list {list_id}: {exported.lines:,} lines, {yuan(exported.total_fen)} yuan.")


def _accounts(file: Path | None) -> Accounts | None:
    if file is None:
        return None
    with file.open("rb") as source:
        return read_accounts(source)


def _export(
    both: OpenCell, list_id: UUID, format_name: str, to: Path, by: Sender,
    accounts: Accounts | None, payer: Payer,
) -> Exported:  # fmt: skip
    if str(to) == "-":
        out = sys.stdout.buffer
        exported = sending.export(both, list_id, format_name, out, by, accounts, payer)
        out.flush()
        return exported
    with whole_file(to) as file:
        return sending.export(both, list_id, format_name, file, by, accounts, payer)


def results(
    list_id: ListId, file: Results, actor: Actor,
    format_name: Annotated[str, typer.Option("--format", help="csv, g2p or ndjson.")],
    data: Data = None,
    lines: Annotated[
        int | None, typer.Option("--lines", help="How many lines its cover sheet says.", min=0)
    ] = None,
    total: Annotated[
        str | None, typer.Option("--total", help="The total that its cover sheet says, yuan.")
    ] = None,
    decided_on: DecidedOn = None, if_version: IfVersion = None, key: Key = None, json: Json = False,
) -> None:  # fmt: skip
    """Record what became of a list's lines, from a payment system's file: all of it, or nothing."""
    if format_name not in RESULT_FORMATS:
        raise typer.BadParameter(f"--format takes {', '.join(RESULT_FORMATS)}.")
    by = sender(actor, key, decided_on, if_version)
    total_fen = None if total is None else fen(total, "--total")
    with both_services(settings.read(data)) as both, progress("recording"), _open(file) as source:
        reported = reporting.record_results(
            both, list_id, source, format_name, by, lines, total_fen
        )
    if json:
        write_json(reported)
    else:
        say(_counts(reported))


def _open(file: Path) -> BinaryIO:
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}.") from None


def _counts(reported: Reported) -> str:
    return (
        f"Recorded {reported.lines:,} results of list {reported.list}, {yuan(reported.total_fen)} yuan: "
        f"{reported.succ:,} paid, {reported.rjct:,} rejected, {reported.pdng:,} pending, "
        f"{reported.returned:,} returned."
    )


def close(
    list_id: ListId,
    reference: Annotated[
        UUID, typer.Argument(metavar="REFERENCE", help="The line's reference id.")
    ],
    actor: Actor,
    reason: Annotated[str, typer.Option("--reason", help=f"{', '.join(CODES[:-1])} or other.")],
    note: Note = None, data: Data = None, decided_on: DecidedOn = None, if_version: IfVersion = None,
    key: Key = None, json: Json = False,
) -> None:  # fmt: skip
    """Close a failed line: it is not paid again."""
    if reason not in CODES:
        raise typer.BadParameter(f"--reason takes {', '.join(CODES)}.")
    by = sender(actor, key, decided_on, if_version)
    with both_services(settings.read(data)) as both:
        accepted = reporting.close(both, list_id, reference, reason, note, by)
    tell(accepted, f"Closed line {reference} of list {list_id}.", json=json)
