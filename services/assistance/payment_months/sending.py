"""Sending a list: all that can be wrong is looked at first, then the sending is recorded, then written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO
from uuid import UUID

from assistance.payment_months.open_cell import OpenCell
from ledger.payment_months.receiving import Sender
from projections.errors import BadParameter
from projections.payment_lists import exporting
from projections.payment_lists.exports import Accounts, Exported, Payer


def export(
    both: OpenCell,
    list_id: UUID,
    format_name: str,
    out: BinaryIO,
    sender: Sender,
    accounts: Accounts | None = None,
    payer: Payer | None = None,
) -> Exported:
    """Record that a list is sent, and write it: the same bytes again when it is sent again.

    Raises NotFound, NotSent for a list that is not approved, BadParameter and BadFile for accounts and
    payer, before anything is recorded or written.
    """
    ready = exporting.ready_to_send(
        both.projections, list_id, format_name, accounts, payer, both.now()
    )
    both.record("SendPaymentList", {"list": list_id, "format": ready.format.name}, sender)
    for chunk in exporting.export(both.projections, ready, both.now()):
        out.write(chunk)
    return ready.exported


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be written: it has its name only once all of it is there, else there is none.

    Only its owner may read it, since it may hold accounts. Raises BadParameter where none can be made.
    """
    try:
        descriptor, beside = mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise BadParameter(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
