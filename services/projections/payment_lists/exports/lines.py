"""What is exported: the lines of a payment list, and what stands over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from projections.errors import ProjectionError


class Line(NamedTuple):
    """One household, or one grant, and head on a list: amounts in fen, parts by month YYYY-MM.

    `subject` is the household, or the grant of help-first and temporary aid. `parts` sum to
    `amount_fen`; one below zero is an offset. `reissues` names the failed line that this one repeats.
    """

    reference_id: UUID
    subject: UUID
    household: UUID | None
    head: str
    area: str
    payee: UUID | None
    amount_fen: int
    parts: tuple[tuple[str, int], ...]
    reissues: UUID | None = None

    @property
    def grant(self) -> UUID | None:
        """The grant that the line pays, or None for a household's line."""
        return None if self.subject == self.household else self.subject


@dataclass(frozen=True)
class Heading:
    """What is said of a list as a whole.

    `document` is the SHA-256 of its canonical bytes, 64 hex digits; `lines` and `total_fen` count what
    is exported, lines of zero left out; `sent_at` is when the sending was recorded, so that the same
    sending gives the same bytes; `sender` is the cell's name.
    """

    list: UUID
    kind: str
    area: str
    programme: str | None
    month: str
    document: str
    lines: int
    total_fen: int
    sent_at: datetime
    sender: str


def payable(heading: Heading, lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines that are exported: those of zero are not.

    Raises ProjectionError when they come to another number or total than the heading says: what broke
    off must not pass for whole.
    """
    count = total = 0
    for line in lines:
        if line.amount_fen:
            count, total = count + 1, total + line.amount_fen
            yield line
    if (count, total) != (heading.lines, heading.total_fen):
        raise ProjectionError(
            f"List {heading.list} has {heading.lines} lines to pay, {heading.total_fen} fen; "
            f"{count} lines, {total} fen were read. The export is not whole: discard it."
        )


def yuan(fen: int) -> str:
    """Write fen as yuan with two decimals and nothing else: `129000` -> `1290.00`."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{rest:02d}"


def instant_text(instant: datetime) -> str:
    """Write an instant in UTC, ISO 8601 with Z; microseconds only when there are any."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
