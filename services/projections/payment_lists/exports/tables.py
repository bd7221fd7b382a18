"""The columns of the exports for people, CSV and XLSX: the same in both."""

from __future__ import annotations

from uuid import UUID

from projections.payment_lists.exports.lines import Heading, Line, yuan

TEXTS_BEFORE = ("reference_id", "household", "grant", "head", "area", "payee")
YUAN = ("amount_yuan", "this_month_yuan", "arrears_yuan", "offset_yuan")
TEXTS_AFTER = ("months", "reissues")
COLUMNS = (*TEXTS_BEFORE, *YUAN, "amount_fen", *TEXTS_AFTER)


def texts_before(line: Line) -> tuple[str, ...]:
    """Return the cells that say whom the line pays, and for what."""
    return (
        str(line.reference_id),
        _text(line.household),
        _text(line.grant),
        line.head,
        line.area,
        _text(line.payee),
    )


def amounts(heading: Heading, line: Line) -> tuple[int, int, int, int]:
    """Return fen: the amount, and of it the list's month, arrears and offsets of other months."""
    this_month = sum(fen for month, fen in line.parts if month == heading.month)
    arrears = sum(fen for month, fen in line.parts if month != heading.month and fen > 0)
    offset = sum(fen for month, fen in line.parts if month != heading.month and fen < 0)
    return line.amount_fen, this_month, arrears, offset


def texts_after(line: Line) -> tuple[str, ...]:
    """Return the cells that say how much is of which month, in yuan, and what the line repeats."""
    return "; ".join(f"{month}: {yuan(fen)}" for month, fen in line.parts), _text(line.reissues)


def _text(value: UUID | None) -> str:
    return "" if value is None else str(value)
