"""Approving: with the digest that the projections computed themselves, never with the frozen one."""

from __future__ import annotations

import time
from uuid import UUID

from assistance.asking import catch_up
from assistance.payment_months.open_cell import OpenCell
from ledger.answers import Accepted
from ledger.payment_months.receiving import Sender
from projections.database import Row
from projections.errors import ProjectionError

WAIT_SECONDS = 120.0
"""How long an approval waits for a list to be computed again: longer than the largest one takes."""

POLL_SECONDS = 0.2


class Disputed(ProjectionError):
    """A list comes out otherwise when it is computed again; people have to find out why."""

    status = 409
    title = "The list is disputed"
    name = "disputed"


def approve(both: OpenCell, list_id: UUID, sender: Sender) -> Accepted:
    """Approve a list once it is verified; raises Disputed when it comes out otherwise."""
    found = verified(both, list_id)
    if not found["agrees"]:
        raise Disputed(
            f"List {list_id} comes out otherwise when it is computed again: see `assistance list "
            f"verify {list_id}`, reject it and freeze it anew."
        )
    data = {"list": list_id, "document": found["computed_document"]}
    return both.record("ApprovePaymentList", data, sender)


def verified(both: OpenCell, list_id: UUID) -> Row:
    """Return a list that the projections have computed again, by whichever process projects.

    Raises NotFound, ProjectionError when it takes too long.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while (found := both.list_now(list_id))["agrees"] is None:
        if time.monotonic() >= deadline:
            raise ProjectionError(
                f"List {list_id} was not computed again yet. Ask again; if that does not help, the "
                f"release that has calculation {found['calculation']} has to verify it."
            )
        catch_up(both.cell)
        if both.list_now(list_id)["agrees"] is None:
            time.sleep(POLL_SECONDS)
    return found
