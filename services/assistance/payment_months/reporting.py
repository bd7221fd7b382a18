"""What became of lines: a payment system's file is read, checked and recorded; failed lines are closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import UUID

from assistance.payment_months.open_cell import OpenCell
from assistance.results import Result, read_results, write_document
from ledger.answers import Accepted
from ledger.payment_months import receiving
from ledger.payment_months.receiving import Sender
from projections.errors import NotFound
from projections.payment_lists import lists
from projections.payment_lists.exports import Line


@dataclass
class Reported:
    """What a file of results said: lines by status, and the sum of all in fen."""

    list: UUID
    lines: int = 0
    total_fen: int = 0
    succ: int = 0
    rjct: int = 0
    pdng: int = 0
    returned: int = 0
    document: str = ""
    position: int | None = None


def record_results(
    both: OpenCell,
    list_id: UUID,
    source: BinaryIO,
    format_name: str,
    sender: Sender,
    lines: int | None = None,
    total_fen: int | None = None,
) -> Reported:
    """Record a file of results; `lines` and `total_fen` are what its cover sheet says, if it has one.

    Raises NotFound, BadFile with each line that is wrong, and what the ledger answers: all of the file
    is taken, or nothing.
    """
    reported = Reported(list_id)
    with TemporaryFile() as file:
        results = read_results(source, format_name, _amounts(both, list_id))
        write_document(list_id, _counted(results, reported), lines, total_fen, file)
        taken = receiving.record_results(both.ledger, file, sender, list_id)
    reported.lines, reported.total_fen = taken.lines, taken.total_fen
    reported.document, reported.position = taken.document, taken.position
    return reported


def _counted(results: Iterator[Result], reported: Reported) -> Iterator[Result]:
    for one in results:
        setattr(reported, one.status, getattr(reported, one.status) + 1)
        yield one


def _amounts(both: OpenCell, list_id: UUID) -> dict[UUID, int]:
    return {line.reference_id: line.amount_fen for line in listed(both, list_id)}


def listed(both: OpenCell, list_id: UUID) -> Iterator[Line]:
    """Yield the lines of a list; NotFound when there is no such list."""
    both.list_now(list_id)
    return lists.exported_lines(both.projections, list_id, both.now())


def close(
    both: OpenCell, list_id: UUID, reference: UUID, reason: str, note: str | None, sender: Sender
) -> Accepted:
    """Record that a failed line is not paid again; NotFound when the list has no such line."""
    found = (line.amount_fen for line in listed(both, list_id) if line.reference_id == reference)
    amount = next(found, None)
    if amount is None:
        raise NotFound(f"List {list_id} has no line {reference}.")
    data = {
        "list": list_id, "reference_id": reference, "amount_fen": amount, "reason": reason, "note": note,
    }  # fmt: skip
    return both.record("ClosePaymentLine", data, sender)
