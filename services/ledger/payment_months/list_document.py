"""A list's document: its lines in canonical bytes, read line by line and refused with the line's number.

The first line says what was computed, the last the number of lines and their sum; in between is a line
for each household (or grant) and head. Equal lists have equal bytes: keys stand in one order, what has
no value is left out, lines ascend, and each line is exactly what it is written as again.
"""

from __future__ import annotations

from typing import Annotated, BinaryIO, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from ledger.documents import Document
from ledger.fact import AreaCode
from ledger.ids import FactId, derived_id
from ledger.money import MAX_FEN, Fen
from ledger.months import Month
from ledger.payment_months.canonical import Reading, bad_line, exactly, refuse_out_of_order
from ledger.payment_months.facts.lists import ListKind, Position, Version
from ledger.programmes import Programme

KIND = "payment_list"

AreaGrantHead = Literal["price_subsidy", "festival", "heating", "electricity", "other"]
Head = Programme | AreaGrantHead | Literal["help_first", "temporary_aid", "funeral_aid"]
"""Under what a line is paid: the programme in the month, or what the grant is for."""

_HEADS: dict[str, frozenset[str]] = {
    "monthly": frozenset(
        ("dibao", "dibao.urban", "dibao.rural", "tekun", "tekun.urban", "tekun.rural")
    ),
    "area_grant": frozenset(("price_subsidy", "festival", "heating", "electricity", "other")),
    "help_first": frozenset(("help_first",)),
    "temporary_aid": frozenset(("temporary_aid", "funeral_aid")),
}
_GRANT = b'{"grant":'
_OF_GRANTS = ("help_first", "temporary_aid")


class ListHead(
    Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False
):
    """The first line of a list's document: what was computed, at which position, by which version."""

    document: Literal["payment_list"]
    kind: ListKind
    area: AreaCode
    programme: Programme | None = None
    month: Month
    position: Position
    lists_version: Version
    calculation: Annotated[int, Meta(ge=1, le=10**6)]
    reissues: UUID | None = None
    grant: FactId | None = None


class LinePart(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What a line pays for a month, in fen; below zero where an overpayment is offset."""

    month: Month
    fen: Annotated[int, Meta(ge=-MAX_FEN, le=MAX_FEN)]


Parts = Annotated[list[LinePart], Meta(min_length=1)]


class HouseholdLine(Struct, frozen=True, kw_only=True, omit_defaults=True,
                    forbid_unknown_fields=True):  # fmt: skip
    """What one household is paid under one head."""

    household: UUID
    head: Head
    area: AreaCode
    payee: UUID | None = None
    amount_fen: Fen
    parts: Parts
    reissues: UUID | None = None

    @property
    def subject(self) -> UUID:
        """The id under which the line stands."""
        return self.household


class GrantLine(Struct, frozen=True, kw_only=True, omit_defaults=True,
                forbid_unknown_fields=True):  # fmt: skip
    """What is paid on one grant of help-first or temporary aid."""

    grant: UUID
    household: UUID | None = None
    head: Head
    area: AreaCode
    payee: UUID | None = None
    amount_fen: Fen
    parts: Parts
    reissues: UUID | None = None

    @property
    def subject(self) -> UUID:
        """The id under which the line stands."""
        return self.grant


Line = HouseholdLine | GrantLine

_HEAD = msgspec.json.Decoder(ListHead)
_HOUSEHOLD_LINE = msgspec.json.Decoder(HouseholdLine)
_GRANT_LINE = msgspec.json.Decoder(GrantLine)


def decode_head(head: bytes) -> ListHead:
    """Return the first line of a document on record."""
    return _HEAD.decode(head)


def decode_line(line: bytes) -> Line:
    """Return a line of a document on record."""
    return (_GRANT_LINE if line.startswith(_GRANT) else _HOUSEHOLD_LINE).decode(line)


def reference_of(list_id: UUID, line: Line) -> UUID:
    """Return the id under which payment systems know a line: the same for every export of the list."""
    if line.reissues is not None:
        return derived_id(f"{line.reissues}:{list_id}")
    return derived_id(f"{list_id}:{line.subject}:{line.head}")


def reissued_in(line: bytes) -> bytes:
    """Return the reference id that a line of a re-issue on record ends with, as text."""
    return line[-38:-2]


def read_list_document(file: BinaryIO) -> Document:
    """Read a list's document from its start, in constant memory, and return what is known of it.

    Raises Malformed with the number of the first line that is not as it should be, and why.
    """
    reading = Reading(file)
    first = reading.first()
    head = exactly(_HEAD, 1, first)
    _check_head(head)
    last: tuple[int, str] | None = None
    for number, raw in reading.inner():
        line = _exact_line(number, raw)
        _check_line(head, number, line)
        place = (line.subject.int, line.head)
        refuse_out_of_order(number, last, place, "the household or grant and its head")
        last = place
        reading.add(line.amount_fen)
    return reading.document(KIND, first)


def _exact_line(number: int, raw: bytes) -> Line:
    if raw.startswith(_GRANT):
        return exactly(_GRANT_LINE, number, raw)
    return exactly(_HOUSEHOLD_LINE, number, raw)


def _check_head(head: ListHead) -> None:
    for field, kind in (("reissues", "reissue"), ("grant", "area_grant")):
        if (getattr(head, field) is None) == (head.kind == kind):
            raise bad_line(1, f"`{field}` stands in a list of kind {kind}, and in no other")


def _check_line(head: ListHead, number: int, line: Line) -> None:
    if head.kind == "reissue":
        if line.reissues is None:
            raise bad_line(number, "`reissues` is required: the reference id of the failed line")
    else:
        _check_first_line(head, number, line)
    _check_parts(head.month, number, line)


def _check_first_line(head: ListHead, number: int, line: Line) -> None:
    if line.reissues is not None:
        raise bad_line(number, "`reissues` stands in the lines of a re-issue alone")
    if isinstance(line, GrantLine) != (head.kind in _OF_GRANTS):
        raise bad_line(number, f"is of a grant, which a list of kind {head.kind} has not"
                       if isinstance(line, GrantLine) else "`grant` is required")  # fmt: skip
    if line.head not in _HEADS[head.kind]:
        raise bad_line(number, f"`head` is none of a list of kind {head.kind}")


def _check_parts(month: str, number: int, line: Line) -> None:
    last, total = "", 0
    for part in line.parts:
        if part.month <= last:
            raise bad_line(number, "`parts` do not ascend by month, each month once")
        if part.fen == 0:
            raise bad_line(number, "a part of no fen is left out")
        last = part.month
        total += part.fen
    if last > month:
        raise bad_line(number, f"`parts` go past {month}, the month of the list")
    if total != line.amount_fen:
        raise bad_line(number, "`amount_fen` is not the sum of its parts")
