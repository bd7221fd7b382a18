"""Freezing in one go: a list is computed, put into the ledger, and computed anew when somebody was first."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import UUID

from assistance.payment_months.open_cell import OpenCell
from ledger.errors import StaleVersion
from ledger.payment_months import list_document, receiving
from ledger.payment_months.facts import PaymentListFrozen
from ledger.payment_months.receiving import Sender, Taken
from projections.payment_lists import computing
from projections.payment_lists.computing import Asked
from projections.projections import AsOf, Projections

ATTEMPTS = 4
"""How often a list is computed anew, when another one was frozen or a recovery ordered meanwhile."""

Ask = Callable[[Projections, AsOf], Asked]
"""Says which list is wanted, as known at a position."""


@dataclass(frozen=True)
class Frozen:
    """A list that was frozen: its lines, their sum in fen, its digest, where it was computed."""

    list: UUID
    lines: int
    total_fen: int
    document: str
    computed_at: int
    position: int | None


def freeze(both: OpenCell, ask: Ask, sender: Sender, list_id: UUID | None = None) -> Frozen:
    """Compute a list as everything recorded so far has it, and freeze it.

    The document streams through a file. Sent again under the same key it is computed where it was, so
    that it gets the first answer. Raises StaleVersion when others were first again and again.
    """
    for _ in range(ATTEMPTS - 1):
        with suppress(StaleVersion):
            return _freeze(both, ask, sender, list_id)
    return _freeze(both, ask, sender, list_id)


def _freeze(both: OpenCell, ask: Ask, sender: Sender, list_id: UUID | None) -> Frozen:
    first = both.ledger.accepted_fact(sender.actor, sender.key)
    as_of = AsOf(first.position) if isinstance(first, PaymentListFrozen) else both.now()
    with TemporaryFile() as file:
        asked = ask(both.projections, as_of)
        for part in computing.document(both.projections, asked, as_of):
            file.write(part)
        return _answer(receiving.freeze(both.ledger, file, sender, list_id), as_of.position)


def freeze_document(
    both: OpenCell, document: BinaryIO, sender: Sender, list_id: UUID | None = None
) -> Frozen:
    """Freeze a list from a document that was computed before, as it is.

    Raises StaleVersion when another list was frozen, or a recovery ordered, since it was computed.
    """
    taken = receiving.freeze(both.ledger, document, sender, list_id)
    document.seek(0)
    head = list_document.decode_head(document.readline().rstrip(b"\n"))
    return _answer(taken, head.position)


def _answer(taken: Taken, computed_at: int) -> Frozen:
    return Frozen(
        taken.list, taken.lines, taken.total_fen, taken.document, computed_at, taken.position
    )
