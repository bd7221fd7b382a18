"""Failed lines on a list of their own: each as it was listed, never twice, never after it was closed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from ledger.documents import Documents
from ledger.errors import NotFound, Refused
from ledger.payment_months import list_document
from ledger.payment_months.facts import PaymentListFrozen
from ledger.payment_months.payment_lists import PaymentList, PaymentLists
from ledger.payment_months.reporting import (
    last_reported,
    references_of,
    refuse_settled,
    refuse_unfailed,
    reissued,
)
from ledger.payment_months.results_document import FAILED
from ledger.payment_months.standing import refuse_unless
from ledger.world import World


class Again(NamedTuple):
    """A line that is to be paid again: what it has to share with the one that failed."""

    subject: UUID
    head: str
    amount_fen: int
    number: int


def refuse_other_lines(
    lists: PaymentLists, fact: PaymentListFrozen, first: UUID, world: World
) -> None:
    """Refuse a re-issue of what did not fail on the list that it names, or is settled already."""
    failed = lists.list_of(first)
    if failed is None:
        raise NotFound(f"There is no payment list {first} to re-issue lines of.")
    refuse_unless(failed, "approved")
    if not failed.failed:
        raise Refused(
            "failed_lines",
            "No line of the list was reported as rejected or returned.",
            "Record the results first; only lines that failed are re-issued.",
            fact.month,
        )
    place = (failed.frozen.area, failed.frozen.programme, failed.frozen.month)
    if place != (fact.area, fact.programme, fact.month):
        raise Refused(
            "as_first_listed",
            "The list that failed has another area, programme or month.",
            "Re-issue lines for the area, programme and month for which they were listed.",
            fact.month,
        )
    if not world.was_checked(fact.document, lists.version):
        check_lines(lists, failed, world.documents.lines(fact.document), world.documents)


def check_lines(
    lists: PaymentLists, failed: PaymentList, lines: Iterable[bytes], documents: Documents
) -> None:
    """Check the lines of a re-issue against the list on which they failed.

    Raises Refused: `failed_line` where a line has not failed, `settled_once` where it is re-issued or
    closed already, `as_first_listed` where it is another. It keeps the lines in memory.
    """
    month = failed.frozen.month
    again = _lines_again(lines, month)
    before = last_reported(failed, documents, again)
    closed = {str(reference).encode() for reference in failed.closed}
    listed_again = reissued(lists, failed.frozen.list, documents, again)
    for reference, line in again.items():
        last = before.get(reference)
        what = f"What line {line.number} re-issues"
        if last is None or last.status not in FAILED:
            raise refuse_unfailed(month, what, last)
        if reference in closed or reference in listed_again:
            raise refuse_settled(month, what, "closed" if reference in closed else "re-issued")
    _refuse_changed(failed, again, documents)


def _lines_again(lines: Iterable[bytes], month: str) -> dict[bytes, Again]:
    again: dict[bytes, Again] = {}
    for number, raw in enumerate(lines, 2):
        line = list_document.decode_line(raw)
        reference = list_document.reissued_in(raw)
        if reference in again:
            raise refuse_settled(month, f"What line {number} re-issues", "re-issued")
        again[reference] = Again(line.subject, line.head, line.amount_fen, number)
    return again


def _refuse_changed(failed: PaymentList, again: dict[bytes, Again], documents: Documents) -> None:
    for reference, line in references_of(failed, documents):
        same = again.get(reference)
        if same and (same.subject, same.head, same.amount_fen) != (
            line.subject, line.head, line.amount_fen,
        ):  # fmt: skip
            raise Refused(
                "as_first_listed",
                f"Line {same.number} is of another household or grant, head or amount than the line "
                "that failed.",
                "Re-issue a line as it was listed; its payee alone may be another.",
                failed.frozen.month,
            )
