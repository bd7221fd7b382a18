"""What was listed, reported, re-issued and ordered back, kept in plain books beside the ledger's.

The machine of payment months writes down here what was accepted; the model computes from it what the next
list has to say. Nothing is read from the ledger's stream of lists or from the projections' tables.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from uuid import UUID

Status = Literal["frozen", "approved", "rejected", "cancelled"]
Parts = dict[str, int]
"""By month: fen."""

NEXT: dict[str | None, tuple[str, ...]] = {
    None: ("succ", "rjct", "pdng"),
    "pdng": ("succ", "rjct", "pdng"),
    "succ": ("returned", "succ"),
    "rjct": ("rjct",),
    "returned": ("returned",),
}
"""What may be reported of a line after what."""


class Line(NamedTuple):
    """One household and head on a list."""

    household: UUID
    head: str
    area: str
    payee: UUID | None
    parts: tuple[tuple[str, int], ...]
    reissues: UUID | None = None

    @property
    def amount_fen(self) -> int:
        """The sum of its parts, in fen."""
        return sum(fen for _, fen in self.parts)


def reference_of(list_id: UUID, line: Line) -> UUID:
    """Return a line's deterministic id: UUID version 8 of a SHA-256."""
    text = f"{line.reissues or f'{list_id}:{line.household}:{line.head}'}"
    text += f":{list_id}" if line.reissues else ""
    half = bytearray(hashlib.sha256(text.encode()).digest()[:16])
    half[6] = half[6] & 0x0F | 0x80
    half[8] = half[8] & 0x3F | 0x80
    return UUID(bytes=bytes(half))


@dataclass
class Listed:
    """A frozen list, what it orders, and what came of it."""

    id: UUID
    kind: Literal["monthly", "reissue"]
    area: str
    programme: str | None
    month: str
    lines: list[Line]
    document: bytes
    version: int
    position: int
    """At which it was computed."""
    reissues: UUID | None = None
    status: Status = "frozen"
    sent: bool = False
    reported: dict[UUID, str] = field(default_factory=dict)
    results: int = 0
    closed: set[UUID] = field(default_factory=set)

    @property
    def standing(self) -> bool:
        """Whether it counts as listed."""
        return self.status in ("frozen", "approved")

    @property
    def by_reference(self) -> dict[UUID, Line]:
        """Its lines by the ids under which payment systems know them."""
        return {reference_of(self.id, line): line for line in self.lines}

    def failed(self) -> list[UUID]:
        """Return the references of lines that failed, closed or re-issued or not."""
        return sorted(r for r, status in self.reported.items() if status in ("rjct", "returned"))

    def state_of(self, reference: UUID) -> str:
        """Return where a line stands: paid, failed, returned, closed, or pending."""
        if reference in self.closed:
            return "closed"
        states = {"succ": "paid", "rjct": "failed", "returned": "returned"}
        return states.get(self.reported.get(reference, ""), "pending")


@dataclass
class Recovery:
    """What a household was ordered to pay back, and what came of it."""

    id: UUID
    household: UUID
    parts: Parts
    version: int
    order: str
    """The id of the fact that ordered it, or corrected it last."""
    receipts: dict[str, int] = field(default_factory=dict)
    """By the id of the first fact of the chain."""
    waivers: dict[str, int] = field(default_factory=dict)

    @property
    def ordered_fen(self) -> int:
        """What was ordered back in all."""
        return sum(self.parts.values())

    @property
    def balance_fen(self) -> int:
        """What is still to come in."""
        return self.ordered_fen - sum(self.receipts.values()) - sum(self.waivers.values())

    def received(self) -> Parts:
        """Return what came in by month: the oldest is filled first."""
        left, found = sum(self.receipts.values()), {}
        for month, fen in sorted(self.parts.items()):
            found[month] = min(left, fen)
            left -= found[month]
        return found


class Books:
    """Every list and recovery of one place."""

    def __init__(self) -> None:
        self.lists: dict[UUID, Listed] = {}
        self.recoveries: dict[UUID, Recovery] = {}

    def standing(self, kind: str = "monthly") -> Iterator[Listed]:
        """Yield the lists of a kind that count, in the order of their freezes."""
        return (one for one in self.lists.values() if one.standing and one.kind == kind)

    def listed(self, household: UUID) -> Parts:
        """Return what is listed for a household, by month."""
        found: Parts = {}
        for one in self.standing():
            for line in one.lines:
                for month, fen in line.parts if line.household == household else ():
                    found[month] = found.get(month, 0) + fen
        return found

    def claimed(self, household: UUID) -> tuple[Parts, Parts]:
        """Return what a household was ordered to pay back and what of it came in, by month."""
        ordered: Parts = {}
        received: Parts = {}
        for recovery in self.recoveries.values():
            if recovery.household == household:
                _add(ordered, recovery.parts)
                _add(received, recovery.received())
        return ordered, received

    def last_line(self, household: UUID) -> Line | None:
        """Return the line of the last list that a household stood on."""
        lines = [line for one in self.standing() for line in one.lines]
        return next((line for line in reversed(lines) if line.household == household), None)

    def households(self) -> set[UUID]:
        """Return the households of which the books say anything."""
        named = {line.household for one in self.lists.values() for line in one.lines}
        return named | {recovery.household for recovery in self.recoveries.values()}

    def reissuable(self, failed: Listed) -> list[tuple[UUID, Line]]:
        """Return the failed lines of a list that are neither closed nor on a list again."""
        again = {
            line.reissues for one in self.standing("reissue") for line in one.lines
        }  # fmt: skip
        lines = failed.by_reference
        return [(r, lines[r]) for r in failed.failed() if r not in failed.closed | again]

    def chains(self) -> Iterator[list[tuple[Listed, UUID]]]:
        """Yield for each line of a monthly list the references under which it was ever issued."""
        again: dict[UUID, list[tuple[Listed, UUID]]] = {}
        for one in self.lists.values():
            for reference, line in one.by_reference.items():
                if line.reissues:
                    again.setdefault(line.reissues, []).append((one, reference))
        for one in self.lists.values():
            if one.kind == "monthly":
                for reference in one.by_reference:
                    yield _followed((one, reference), again)


def _followed(
    first: tuple[Listed, UUID], again: dict[UUID, list[tuple[Listed, UUID]]]
) -> list[tuple[Listed, UUID]]:
    found = [first]
    for one in found:
        found.extend(again.get(one[1], ()))
    return found


def _add(parts: Parts, more: Parts) -> None:
    for month, fen in more.items():
        parts[month] = parts.get(month, 0) + fen
