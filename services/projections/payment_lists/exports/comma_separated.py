"""CSV for people: UTF-8 with a mark, lines end as RFC 4180 says, no cell is taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from projections.payment_lists.exports import tables
from projections.payment_lists.exports.accounts import Accounts
from projections.payment_lists.exports.given_files import begins_like_a_formula
from projections.payment_lists.exports.lines import Heading, Line, payable, yuan
from projections.payment_lists.exports.payer import Payer
from projections.payment_lists.exports.streams import chunked

_MARK = b"\xef\xbb\xbf"


class _Row:
    """What csv.writer writes a row to: it hands the row back."""

    def write(self, text: str) -> str:
        return text


def write(
    heading: Heading,
    lines: Iterable[Line],
    accounts: Accounts | None = None,
    payer: Payer | None = None,
) -> Iterator[bytes]:
    """Return the export in chunks: a row a line, amounts in yuan and in fen."""
    return chunked(_written(heading, lines))


def neutral(text: str) -> str:
    """Return a text cell so that no spreadsheet takes it for a formula: an apostrophe goes before it."""
    return f"'{text}" if begins_like_a_formula(text) else text


def _written(heading: Heading, lines: Iterable[Line]) -> Iterator[bytes]:
    writer = csv.writer(_Row())
    yield _MARK + str(writer.writerow(tables.COLUMNS)).encode()
    for line in payable(heading, lines):
        cells = (
            *map(neutral, tables.texts_before(line)),
            *map(yuan, tables.amounts(heading, line)),
            line.amount_fen,
            *map(neutral, tables.texts_after(line)),
        )
        yield str(writer.writerow(cells)).encode()
