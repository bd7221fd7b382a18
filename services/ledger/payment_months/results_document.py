"""A document of results: what payment systems reported of a list's lines, in canonical bytes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, BinaryIO, Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from ledger.documents import Document
from ledger.fact import Code
from ledger.money import Fen
from ledger.payment_months.canonical import Reading, bad_line, exactly, refuse_out_of_order

KIND = "payment_results"

Status = Literal["succ", "rjct", "pdng", "returned"]
"""What became of a line: paid, rejected, pending, or paid and then returned."""

FAILED = ("rjct", "returned")
"""What can be re-issued once, or closed."""


class ResultsHead(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """The first line of a document of results: the list that was reported on."""

    document: Literal["payment_results"]
    list: UUID


class ResultLine(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """What became of one line; `reason` stands where it failed."""

    reference_id: UUID
    status: Status
    amount_fen: Fen
    at: Annotated[datetime, Meta(tz=True)] | None = None
    reason: Code | None = None


class Counts(NamedTuple):
    """How many lines have each status, and their amounts in fen, as PaymentResultsRecorded has them."""

    succ: int = 0
    succ_fen: int = 0
    rjct: int = 0
    rjct_fen: int = 0
    pdng: int = 0
    pdng_fen: int = 0
    returned: int = 0
    returned_fen: int = 0


class ReadResults(NamedTuple):
    """A document of results that was read: what is known of it, its list, its lines by status."""

    document: Document
    list: UUID
    counts: Counts


_HEAD = msgspec.json.Decoder(ResultsHead)
_LINE = msgspec.json.Decoder(ResultLine)
_REFERENCE = slice(len(b'{"reference_id":"'), len(b'{"reference_id":"') + 36)
"""Where a line's reference id stands: lines are canonical, so always at the same place."""


def decode_head(head: bytes) -> ResultsHead:
    """Return the first line of a document on record."""
    return _HEAD.decode(head)


def decode_line(line: bytes) -> ResultLine:
    """Return a line of a document on record."""
    return _LINE.decode(line)


def reference_in(line: bytes) -> bytes:
    """Return the reference id of a line of a document on record as text, without decoding the rest."""
    return line[_REFERENCE]


def read_results_document(file: BinaryIO) -> ReadResults:
    """Read a document of results from its start, in constant memory.

    Raises Malformed with the number of the first line that is not as it should be, and why.
    """
    reading = Reading(file)
    first = reading.first()
    head = exactly(_HEAD, 1, first)
    last: int | None = None
    tally = Tally()
    for number, raw in reading.inner():
        line = exactly(_LINE, number, raw)
        _check_line(number, line)
        refuse_out_of_order(number, last, line.reference_id.int, "reference id")
        last = line.reference_id.int
        reading.add(line.amount_fen)
        tally.add(line)
    return ReadResults(reading.document(KIND, first), head.list, tally.counts)


def _check_line(number: int, line: ResultLine) -> None:
    if (line.reason is None) == (line.status in FAILED):
        raise bad_line(number, "`reason` stands with rjct and returned, and with no other status")
    if line.at is not None and line.at.utcoffset() != timedelta(0):
        raise bad_line(number, "`at` is not in UTC", "/at")


class Tally:
    """Counts lines by status."""

    def __init__(self, lines: Iterable[ResultLine] = ()) -> None:
        self._counts: dict[str, int] = {}
        for line in lines:
            self.add(line)

    def add(self, line: ResultLine) -> None:
        """Count a line."""
        counts = self._counts
        counts[line.status] = counts.get(line.status, 0) + 1
        fen = f"{line.status}_fen"
        counts[fen] = counts.get(fen, 0) + line.amount_fen

    @property
    def counts(self) -> Counts:
        """What was counted."""
        return Counts(**self._counts)
