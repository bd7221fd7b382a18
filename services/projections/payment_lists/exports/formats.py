"""The formats in which a payment list leaves, and the check that comes before the first byte."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from projections.errors import BadParameter
from projections.payment_lists.exports import (
    comma_separated,
    g2p_connect,
    govstack,
    ndjson,
    payment_hub,
    spreadsheet,
)
from projections.payment_lists.exports.accounts import Accounts, Gaps
from projections.payment_lists.exports.lines import Heading, Line
from projections.payment_lists.exports.payer import Payer, transfer

Write = Callable[[Heading, Iterable[Line], Accounts | None, Payer | None], Iterator[bytes]]


@dataclass(frozen=True)
class Format:
    """A format: its name, how its files are called and announced, and what it needs to be written.

    `write(heading, lines, accounts, payer)` returns the bytes in chunks of about 64 KiB: the same list,
    accounts and payer give the same bytes. Accounts and payer are for formats that move money.
    """

    name: str
    media_type: str
    extension: str
    needs_accounts: bool
    write: Write

    def file_name(self, heading: Heading) -> str:
        """Return a name for the file: month, area, list and format."""
        return f"{heading.month}-{heading.area}-{heading.list}.{self.name}.{self.extension}"


class Exported(NamedTuple):
    """What an export will hold: its lines, without those of zero, and their sum in fen."""

    lines: int
    total_fen: int


_ALL = (
    Format("ndjson", "application/x-ndjson", "ndjson", False, ndjson.write),
    Format("csv", "text/csv; charset=utf-8", "csv", False, comma_separated.write),
    Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
        False,
        spreadsheet.write,
    ),
    Format("g2p", "application/x-ndjson", "ndjson", True, g2p_connect.write),
    Format("payment_hub", "text/csv; charset=utf-8", "csv", True, payment_hub.write),
    Format("govstack", "application/json", "json", True, govstack.write),
)
FORMATS: Mapping[str, Format] = MappingProxyType({one.name: one for one in _ALL})


def format_named(name: str) -> Format:
    """Return a format; BadParameter lists those that there are."""
    if name not in FORMATS:
        raise BadParameter(f"`format` must be one of {', '.join(FORMATS)}.", parameter="format")
    return FORMATS[name]


def check(
    format_: Format,
    lines: Iterable[Line],
    accounts: Accounts | None = None,
    payer: Payer | None = None,
) -> Exported:
    """Go through the lines before the sending is recorded; return what will be exported.

    Raises BadParameter without the accounts or the payer that the format needs, BadFile when a payee
    has no account.
    """
    gaps = Gaps(transfer(accounts, payer).accounts) if format_.needs_accounts else None
    count = total = 0
    for line in lines:
        if line.amount_fen:
            count, total = count + 1, total + line.amount_fen
            if gaps:
                gaps.note(line)
    if gaps:
        gaps.refuse()
    return Exported(count, total)
