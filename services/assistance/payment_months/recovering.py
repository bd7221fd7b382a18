"""Overpayments got back: a person orders what the formula leaves open, all of it or some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from assistance.payment_months.open_cell import OpenCell
from ledger.answers import Accepted
from ledger.ids import new_id
from ledger.payment_months.facts import RecoveryOrdered
from ledger.payment_months.receiving import Sender
from projections.errors import NotFound
from projections.payment_lists import computing
from projections.projections import AsOf, month_text


class Order(NamedTuple):
    """Why a household has to pay back: `ground` and `legal_basis`, in words where it is `other`."""

    household: UUID
    ground: str
    legal_basis: str
    note: str | None = None


class Ordered(NamedTuple):
    """A recovery that was ordered: what of which month, in fen."""

    recovery: UUID
    parts: Mapping[str, int]
    accepted: Accepted


def order(
    both: OpenCell, asked: Order, parts: Mapping[str, int], sender: Sender, recovery: UUID | None = None
) -> Ordered:  # fmt: skip
    """Order months back, fen by month, as everything recorded so far has them."""
    first = both.ledger.accepted_fact(sender.actor, sender.key)
    if isinstance(first, RecoveryOrdered):
        as_of, recovery = AsOf(first.position), recovery or first.recovery
    else:
        as_of, recovery = both.now(), recovery or new_id()
    data = {
        **asked._asdict(), "recovery": recovery, "position": as_of.position,
        "parts": [{"month": month, "fen": fen} for month, fen in sorted(parts.items())],
    }  # fmt: skip
    seen = replace(sender, expected_version=computing.lists_version(both.projections, as_of))
    return Ordered(recovery, dict(parts), both.record("OrderRecovery", data, seen))


def overpaid(both: OpenCell, household: UUID, area: str, month: str, as_of: AsOf) -> dict[str, int]:
    """Return what a household was overpaid up to a month, fen by month; NotFound when it was not."""
    found = dict(_overpaid(both, household, area, month, as_of))
    if not found:
        raise NotFound(f"Nothing is overpaid to household {household} in {area} up to {month}.")
    return found


def _overpaid(
    both: OpenCell, household: UUID, area: str, month: str, as_of: AsOf
) -> Iterator[tuple[str, int]]:
    asked = computing.monthly(area, month)
    for row in computing.overpayments(both.projections, asked, as_of):
        if row["household"] == household:
            yield month_text(row["month"]), row["overpaid_fen"]
