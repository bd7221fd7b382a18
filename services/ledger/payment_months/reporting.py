"""What payment systems report of an approved list's lines, and failed lines that are closed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from ledger.documents import Documents
from ledger.errors import Refused
from ledger.payment_months import list_document
from ledger.payment_months.facts import PaymentLineClosed, PaymentResultsRecorded
from ledger.payment_months.payment_lists import PaymentList, PaymentLists
from ledger.payment_months.results_document import (
    FAILED,
    KIND,
    Counts,
    Tally,
    decode_head,
    decode_line,
    reference_in,
)
from ledger.world import World

TURNS: dict[str | None, tuple[str, ...]] = {
    None: ("succ", "rjct", "pdng"),
    "pdng": ("succ", "rjct", "pdng"),
    "succ": ("succ", "returned"),
    "rjct": ("rjct",),
    "returned": ("returned",),
}
"""What may be reported of a line after what; the same again changes nothing."""


class Reported(NamedTuple):
    """What was reported of a line last, and its amount in fen; the number of the line that says so."""

    status: str
    amount_fen: int
    number: int


def refuse_other_results(listed: PaymentList, fact: PaymentResultsRecorded, world: World) -> None:
    """Refuse results that are not those of their document, or not of this list's lines.

    Raises Refused; the lines were checked already when the document came with the command.
    """
    document = world.document(fact.document, KIND)
    agrees = decode_head(document.head).list == fact.list
    agrees &= (document.lines, document.total_fen) == (fact.lines, fact.total_fen)
    if agrees and not world.was_checked(fact.document, listed.version):
        counts = check_results(listed, world.documents.lines(fact.document), world.documents)
        agrees = all(getattr(fact, name) == value for name, value in counts._asdict().items())
    if not agrees:
        raise Refused(
            "as_its_document",
            "The document of results says otherwise of its list, its lines or its totals.",
            "Send the document itself: the command is made from what it says.",
            listed.frozen.month,
        )


def check_results(listed: PaymentList, lines: Iterable[bytes], documents: Documents) -> Counts:
    """Check the lines of a document of results against the list's, and return them by status.

    Raises Refused: `known_line` for a reference id that the list has not, `line_amount` for another
    amount, `line_turn` for a status that cannot follow the last one. It keeps the lines in memory.
    """
    found: dict[bytes, Reported] = {}
    tally = Tally()
    for number, raw in enumerate(lines, 2):
        line = decode_line(raw)
        found[reference_in(raw)] = Reported(line.status, line.amount_fen, number)
        tally.add(line)
    _refuse_unknown(listed, found, documents)
    before = last_reported(listed, documents, found)
    for reference, now in found.items():
        last = before.get(reference)
        if now.status not in TURNS[last and last.status]:
            raise _turn(listed, now, last.status if last else "not reported on")
    return tally.counts


def last_reported(
    listed: PaymentList, documents: Documents, wanted: Container[bytes]
) -> dict[bytes, Reported]:
    """Return what was last reported of the lines wanted, by reference id as text."""
    found: dict[bytes, Reported] = {}
    for fact in listed.results:
        for number, raw in enumerate(documents.lines(fact.document), 2):
            reference = reference_in(raw)
            if reference in wanted:
                line = decode_line(raw)
                found[reference] = Reported(line.status, line.amount_fen, number)
    return found


def references_of(
    listed: PaymentList, documents: Documents
) -> Iterator[tuple[bytes, list_document.Line]]:
    """Yield the reference id as text of each line of a list, and the line."""
    for raw in documents.lines(listed.frozen.document):
        line = list_document.decode_line(raw)
        yield str(list_document.reference_of(listed.frozen.list, line)).encode(), line


def _refuse_unknown(
    listed: PaymentList, reported: dict[bytes, Reported], documents: Documents
) -> None:
    known: set[bytes] = set()
    for reference, line in references_of(listed, documents):
        if now := reported.get(reference):
            known.add(reference)
            if now.amount_fen != line.amount_fen:
                raise Refused(
                    "line_amount",
                    f"Line {now.number} reports another amount than the list has for it.",
                    "Report each line with the amount that was listed, in fen.",
                    listed.frozen.month,
                )
    if unknown := [now.number for reference, now in reported.items() if reference not in known]:
        raise Refused(
            "known_line",
            f"Line {min(unknown)} names no line of the list; {len(unknown)} such lines in all.",
            "Report under the reference ids of the list's own export.",
            listed.frozen.month,
        )


def _turn(listed: PaymentList, now: Reported, before: str) -> Refused:
    return Refused(
        "line_turn",
        f"Line {now.number} reports {now.status}, but the line is {before}.",
        "A pending line may be paid or rejected, a paid one returned; what failed is re-issued on a "
        "list of its own.",
        listed.frozen.month,
    )


def refuse_closing(
    lists: PaymentLists, listed: PaymentList, fact: PaymentLineClosed, world: World
) -> None:
    """Refuse to close a line that has not failed, or that is closed or re-issued already."""
    month = listed.frozen.month
    if fact.reason == "other" and fact.note is None:
        raise Refused(
            "reason_in_words", "The reason `other` says nothing.", "Give it in `note`.", month
        )
    reference = str(fact.reference_id).encode()
    last = last_reported(listed, world.documents, {reference}).get(reference)
    if last is None or last.status not in FAILED:
        raise refuse_unfailed(month, "The line", last)
    if last.amount_fen != fact.amount_fen:
        raise Refused(
            "line_amount",
            "The line has another amount.",
            "Name the amount that was listed, in fen.",
            month,
        )
    if fact.reference_id in listed.closed:
        raise refuse_settled(month, "The line", "closed")
    if reference in reissued(lists, fact.list, world.documents, {reference}):
        raise refuse_settled(month, "The line", "re-issued")


def reissued(
    lists: PaymentLists, list_id: UUID, documents: Documents, wanted: Container[bytes]
) -> set[bytes]:
    """Return which lines of a list, of those wanted, are on a standing list that re-issues them."""
    return {
        reference
        for one in lists.reissues_of(list_id)
        for raw in documents.lines(one.frozen.document)
        if (reference := list_document.reissued_in(raw)) in wanted
    }


def refuse_unfailed(month: str, what: str, last: Reported | None) -> Refused:
    """Return the refusal of a line that was neither rejected nor returned."""
    stands = last.status if last else "not reported on"
    return Refused(
        "failed_line",
        f"{what} is {stands}: it has not failed.",
        "Record the results first; only a rejected or returned line is re-issued or closed.",
        month,
    )


def refuse_settled(month: str, what: str, how: str) -> Refused:
    """Return the refusal of a failed line that is re-issued or closed already."""
    return Refused(
        "settled_once",
        f"{what} is {how} already.",
        "A failed line is re-issued once, or closed. Reject the list that re-issues it, if it is wrong.",
        month,
    )
