"""An opened cell: its ledger to act on, and its projections, which know what was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from assistance.asking import catch_up, projections_of
from assistance.cell import Cell, opened
from assistance.importing import last_position
from assistance.settings import Settings
from ledger.answers import Accepted
from ledger.commands import read_command
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.payment_months.receiving import Sender
from projections.database import Row
from projections.payment_lists import lists
from projections.projections import AsOf, Projections


@dataclass(frozen=True)
class OpenCell:
    """Both services of a cell in this process."""

    cell: Cell
    ledger: Ledger
    projections: Projections

    def now(self) -> AsOf:
        """Return the position of the last fact recorded, once it is projected.

        Raises NotYetProjected when another process projects, and is behind for too long.
        """
        position = last_position(self.ledger)
        if self.projections.position() < position:
            catch_up(self.cell)
        return self.projections.as_of(min_position=position)

    def list_now(self, list_id: UUID) -> Row:
        """Return what is on record of a list; NotFound when nothing is."""
        return lists.find(self.projections, list_id, self.now())

    def record(
        self, command: str, data: Mapping[str, Any], sender: Sender, subject: UUID | None = None
    ) -> Accepted:
        """Have one command decided and recorded; raise the LedgerError that says no.

        The day of the decision is the sender's, or that of the first answer to the same key, or today.
        """
        first = self.ledger.accepted_fact(sender.actor, sender.key)
        day = sender.decided_on or (first.decided_on if first else self.ledger.today())
        read = read_command(
            command, msgspec.json.encode({"decided_on": day, **data}), key=sender.key,
            actor=sender.actor, subject=subject, expected_version=sender.expected_version,
        )  # fmt: skip
        (outcome,) = self.ledger.process([read])
        if isinstance(outcome, LedgerError):
            raise outcome
        return outcome


@contextmanager
def both_services(settings: Settings) -> Iterator[OpenCell]:
    """Open a cell to act on: everything recorded so far is projected, frozen lists are verified."""
    with opened(settings) as cell, services_of(cell) as both:
        yield both


@contextmanager
def services_of(cell: Cell) -> Iterator[OpenCell]:
    """Open both services of a cell."""
    with projections_of(cell) as projections, closing(Ledger(cell.ledger)) as ledger:
        yield OpenCell(cell, ledger, projections)
