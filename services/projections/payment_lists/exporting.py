"""A list on its way out: what is checked before the sending is recorded, and what is written after it.

    ready = ready_to_send(projections, list, "g2p", accounts, payer, as_of)   # raises; nothing is sent
    ...PaymentListSent is recorded by the ledger, and projected...
    for chunk in export(projections, ready, as_of): ...

The heading carries the instant of the first sending, so that a list that is sent again is the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from projections.errors import NotSent
from projections.payment_lists import lists
from projections.payment_lists.exports import (
    Accounts,
    Exported,
    Format,
    Heading,
    Payer,
    check,
    format_named,
)
from projections.projections import AsOf, Projections, month_text

SENDABLE = ("approved", "sent")


@dataclass(frozen=True)
class Ready:
    """A list, checked for a format: every payee has an account, and the lines come to this."""

    list: UUID
    format: Format
    accounts: Accounts | None
    payer: Payer | None
    exported: Exported


def ready_to_send(
    projections: Projections,
    list_id: UUID,
    format_name: str,
    accounts: Accounts | None,
    payer: Payer | None,
    as_of: AsOf,
) -> Ready:
    """Check everything that can be wrong before a first byte.

    Raises NotFound, NotSent for a list that is not approved, BadParameter and BadFile as the format says.
    """
    found = lists.find(projections, list_id, as_of)
    if found["status"] not in SENDABLE:
        raise NotSent(
            f"List {list_id} is {found['status']}; only an approved list is sent.",
            list_status=found["status"],
        )
    chosen = format_named(format_name)
    given = partial(lists.exported_lines, projections, list_id, as_of)
    return Ready(list_id, chosen, accounts, payer, check(chosen, given(), accounts, payer))


def heading(projections: Projections, ready: Ready, as_of: AsOf) -> Heading:
    """Return what stands over the export; NotSent while no sending of the list is on record."""
    found = lists.find(projections, ready.list, as_of)
    if found["sent_at"] is None or found["status"] not in SENDABLE:
        raise NotSent(
            f"List {ready.list} is {found['status']} and was not sent. Record its sending first "
            "(SendPaymentList), then ask with `min_position` of the answer.",
            list_status=found["status"],
        )
    return Heading(
        list=ready.list, kind=found["kind"], area=found["area"], programme=found["programme"],
        month=month_text(found["month"]), document=found["document"], lines=ready.exported.lines,
        total_fen=ready.exported.total_fen, sent_at=found["sent_at"], sender=projections.source,
    )  # fmt: skip


def export(projections: Projections, ready: Ready, as_of: AsOf) -> Iterator[bytes]:
    """Yield the bytes of an export in chunks; the first is made only once the sending is on record."""
    over = heading(projections, ready, as_of)
    lines = lists.exported_lines(projections, ready.list, as_of)
    yield from ready.format.write(over, lines, ready.accounts, ready.payer)
