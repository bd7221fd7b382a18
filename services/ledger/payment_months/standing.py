"""Where a list has to stand for what is asked of it."""

from __future__ import annotations

from ledger.errors import Refused
from ledger.payment_months.payment_lists import PaymentList, Status


def refuse_unless(listed: PaymentList, status: Status) -> None:
    """Raise Refused (list_frozen, list_approved) when a list stands elsewhere."""
    if listed.status != status:
        raise Refused(
            f"list_{status}",
            f"The list is {listed.status}, not {status}.",
            "A frozen list is approved or rejected; an approved one is sent, reported on, its failed "
            "lines re-issued or closed, or it is cancelled before it is sent. Freeze a new list for "
            "what is due.",
            listed.frozen.month,
        )
