"""NDJSON for machines: the heading, a line each, and how many lines and fen there were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from projections.payment_lists.exports.accounts import Accounts
from projections.payment_lists.exports.lines import Heading, Line, instant_text, payable
from projections.payment_lists.exports.payer import Payer
from projections.payment_lists.exports.streams import chunked, json_line


def write(
    heading: Heading,
    lines: Iterable[Line],
    accounts: Accounts | None = None,
    payer: Payer | None = None,
) -> Iterator[bytes]:
    """Return the export in chunks; the last line tells whoever reads it that nothing is missing."""
    return chunked(_written(heading, lines))


def _written(heading: Heading, lines: Iterable[Line]) -> Iterator[bytes]:
    yield json_line(_head(heading))
    for line in payable(heading, lines):
        yield json_line(_line(line))
    yield json_line({"lines": heading.lines, "total_fen": heading.total_fen})


def _head(heading: Heading) -> dict[str, Any]:
    head = {
        "document": "payment_list_export",
        "list": heading.list,
        "kind": heading.kind,
        "area": heading.area,
        "programme": heading.programme,
        "month": heading.month,
        "digest": heading.document,
        "sent_at": instant_text(heading.sent_at),
        "sender": heading.sender,
    }
    return {key: value for key, value in head.items() if value is not None}


def _line(line: Line) -> dict[str, Any]:
    said = {
        "reference_id": line.reference_id,
        "grant": line.grant,
        "household": line.household,
        "head": line.head,
        "area": line.area,
        "payee": line.payee,
        "amount_fen": line.amount_fen,
        "parts": [{"month": month, "fen": fen} for month, fen in line.parts],
        "reissues": line.reissues,
    }
    return {key: value for key, value in said.items() if value is not None}
