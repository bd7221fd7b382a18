"""A document and the command that names it, in one go: checked, tried, stored, and then recorded.

HTTP and the command line come through here. A refusal stores nothing; a document on record already is
not stored again; the same key and document get the first answer again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import BinaryIO
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ledger.answers import Accepted, RecordedFact
from ledger.commands import Command, read_command
from ledger.documents import Checked, Document, Received, lines_of
from ledger.errors import LedgerError, Malformed, Unprocessed
from ledger.fact import Fact
from ledger.ids import PAYMENT_LISTS, derived_id
from ledger.ledger import GONE, Ledger
from ledger.payment_months import list_document
from ledger.payment_months.facts import PaymentListFrozen, PaymentResultsRecorded
from ledger.payment_months.list_document import ListHead, read_list_document
from ledger.payment_months.payment_lists import PaymentLists
from ledger.payment_months.reissuing import check_lines
from ledger.payment_months.reporting import check_results
from ledger.payment_months.results_document import ReadResults, read_results_document
from ledger.store.streams import StoredStreams

Decide = Callable[[Command], Accepted]
"""Has a command decided and returns its answer; raises the LedgerError that says no."""

Lines = Callable[[], Iterator[bytes]]
"""Reads the lines of a document from its start, as often as it is called."""


@dataclass(frozen=True)
class Sender:
    """Who sends a document, and how: as the parts of a command's envelope.

    `decided_on` left out is today; `digest` is the SHA-256 (hex) of what the sender sent, checked when
    given; `version_required` refuses to change a known list without `expected_version`.
    """

    actor: str
    key: str
    decided_on: date | None = None
    expected_version: int | None = None
    version_required: bool = False
    dry_run: bool = False
    digest: str | None = None


class Taken(Struct, frozen=True):
    """What became of a document: its list at its version, the facts recorded, what it holds."""

    list: UUID
    version: int
    position: int | None
    facts: Sequence[RecordedFact]
    document: str
    lines: int
    total_fen: int


def freeze(
    ledger: Ledger,
    file: BinaryIO,
    sender: Sender,
    list_id: UUID | None = None,
    decide: Decide | None = None,
) -> Taken:
    """Freeze a list from its document, read from the file's start; the list's id may be left out.

    `decide` is given where a writer runs on the ledger; else the ledger decides in this process.
    Raises Malformed with the line for a document that is not as it should be, and whatever the
    command is answered with: Refused, StaleVersion, VersionMissing, KeyReused, Unprocessed.
    """
    document = read_list_document(file)
    _refuse_other_bytes(document, sender)
    with _database():
        first = ledger.accepted_fact(sender.actor, sender.key)
        if isinstance(first, PaymentListFrozen):
            list_id = list_id or first.list
        head = list_document.decode_head(document.head)
        said = {n: getattr(head, n) for n in ListHead.__struct_fields__ if n != "document"}
        fact = PaymentListFrozen(
            decided_on=_day(ledger, sender, first),
            list=list_id or derived_id(f"{sender.actor}\n{sender.key}"),
            document=document.digest, lines=document.lines, total_fen=document.total_fen, **said,
        )  # fmt: skip
        lines = partial(lines_of, file)
        checked = None if first else _reissue(ledger, head, document, lines, sender)
        received = Received(document, lines, checked)
        return _record(ledger, file, _command("FreezePaymentList", fact, sender), received,
                       first is not None, decide or _in_process(ledger))  # fmt: skip


def record_results(
    ledger: Ledger,
    file: BinaryIO,
    sender: Sender,
    list_id: UUID | None = None,
    decide: Decide | None = None,
) -> Taken:
    """Record what became of a list's lines, from a document of results read from the file's start.

    `list_id`, where given, has to be the document's. For `decide` and the errors see `freeze`.
    """
    read = read_results_document(file)
    _refuse_other_bytes(read.document, sender)
    if list_id not in (None, read.list):
        raise Malformed(
            "The document is of another list.",
            errors=[
                {"line": 1, "detail": "`list` is not the list of the path", "pointer": "/list"}
            ],
        )
    with _database():
        first = ledger.accepted_fact(sender.actor, sender.key)
        fact = PaymentResultsRecorded(
            decided_on=_day(ledger, sender, first), list=read.list,
            document=read.document.digest, lines=read.document.lines,
            total_fen=read.document.total_fen, **read.counts._asdict(),
        )  # fmt: skip
        lines = partial(lines_of, file)
        checked = None if first else _results(ledger, read, lines, sender)
        received = Received(read.document, lines, checked)
        return _record(ledger, file, _command("RecordPaymentResults", fact, sender), received,
                       first is not None, decide or _in_process(ledger))  # fmt: skip


def stored_lists(ledger: Ledger) -> PaymentLists:
    """Return the lists and recoveries as they are on record now; the caller's own copy."""
    return StoredStreams(ledger.datastore).get(PaymentLists, PAYMENT_LISTS)


def _record(
    ledger: Ledger,
    file: BinaryIO,
    command: Command,
    received: Received,
    known: bool,
    decide: Decide,
) -> Taken:
    """Try the command, store the document, record; a command answered before is only asked again."""
    command = replace(command, received=received)
    trial = replace(command, dry_run=True)
    if command.dry_run:
        return _taken(decide(trial), received.document)
    if not known:
        decide(trial)
        ledger.documents.put(received.document, file)
    return _taken(decide(command), received.document)


def _taken(accepted: Accepted, document: Document) -> Taken:
    listed: UUID = getattr(accepted.events[0].fact, "list")  # noqa: B009  both facts have it
    return Taken(
        listed, accepted.version, accepted.position, accepted.facts,
        document.digest, document.lines, document.total_fen,
    )  # fmt: skip


def _command(name: str, fact: Fact, sender: Sender) -> Command:
    """Return the command as its line would be read: the same key and data are the same command."""
    return read_command(
        name, msgspec.json.encode(fact), key=sender.key, actor=sender.actor,
        expected_version=sender.expected_version, version_required=sender.version_required,
        dry_run=sender.dry_run,
    )  # fmt: skip


def _day(ledger: Ledger, sender: Sender, first: Fact | None) -> date:
    """Return the day of the decision: as given, or as first answered, or today."""
    return sender.decided_on or (first.decided_on if first else ledger.today())


def _reissue(
    ledger: Ledger, head: ListHead, document: Document, lines: Lines, sender: Sender
) -> Checked | None:
    """Check a re-issue's lines before the writer sees it; what it refuses anyway is left to it."""
    if head.reissues is None:
        return None
    lists = stored_lists(ledger)
    failed = lists.list_of(head.reissues)
    if failed is None or failed.status != "approved":
        return None
    if head.lists_version != lists.version or _is_stale(sender, lists.version):
        return None
    check_lines(lists, failed, lines(), ledger.documents)
    return Checked(document.digest, lists.version)


def _results(ledger: Ledger, read: ReadResults, lines: Lines, sender: Sender) -> Checked | None:
    """Check lines of results before the writer sees them; what it refuses anyway is left to it."""
    listed = stored_lists(ledger).list_of(read.list)
    if listed is None or listed.status != "approved" or _is_stale(sender, listed.version):
        return None
    check_results(listed, lines(), ledger.documents)
    return Checked(read.document.digest, listed.version)


def _is_stale(sender: Sender, version: int) -> bool:
    """Tell whether the command will be refused for the version that it names, or does not name."""
    if sender.expected_version is None:
        return sender.version_required and version > 0
    return sender.expected_version != version


def _refuse_other_bytes(document: Document, sender: Sender) -> None:
    if sender.digest not in (None, document.digest):
        raise Malformed(
            "The document that came is not the one that was sent: its SHA-256 is another.",
            errors=[{"in": "header", "parameter": "Content-Digest", "detail": "Is of other bytes"}],
        )


def _in_process(ledger: Ledger) -> Decide:
    def decide(command: Command) -> Accepted:
        (outcome,) = ledger.process([command])
        if isinstance(outcome, LedgerError):
            raise outcome
        return outcome

    return decide


@contextmanager
def _database() -> Iterator[None]:
    """Say that nobody knows yet what became of it, when the database goes away."""
    try:
        yield
    except GONE as error:
        raise Unprocessed("Send it again with the same key.") from error
