"""Documents of results are read strictly: each bad line is named, with what is wrong."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

import pytest

from ledger.errors import Malformed
from ledger.payment_months.results_document import read_results_document
from tests.payment_documents import ended, reported, results_document, written
from tests.rules.given import named

FIRST, SECOND, THIRD = (UUID(int=n) for n in (1, 2, 3))
LIST = named("list")


def refuses(content: bytes, number: int, detail: str) -> None:
    """Expect a document to be refused for a line, and why."""
    with pytest.raises(Malformed) as refused:
        read_results_document(BytesIO(content))
    [error] = refused.value.extra["errors"]
    assert error["line"] == number, error
    assert detail in error["detail"], error


def test_results_are_counted_by_status() -> None:
    content = results_document(
        LIST,
        reported(FIRST, "succ", 5, "2026-08-15T02:00:00Z"),
        reported(SECOND, "rjct", 7),
        reported(THIRD, "returned", 11, "2026-08-15T02:00:00Z"),
        reported(UUID(int=4), "pdng", 13),
        reported(UUID(int=5), "succ", 17),
    )
    found = read_results_document(BytesIO(content))
    assert found.list == LIST
    assert found.counts == (2, 22, 1, 7, 1, 13, 1, 11)
    assert (found.document.lines, found.document.total_fen) == (5, 53)
    assert found.document.kind == "payment_results"


def test_a_reference_id_twice_is_refused() -> None:
    twice = results_document(LIST, reported(FIRST, "succ", 1), reported(FIRST, "rjct", 1))
    refuses(twice, 3, "is there twice")


def test_results_out_of_order_are_refused() -> None:
    head = {"document": "payment_results", "list": str(LIST)}
    rows = [reported(SECOND, "succ", 1), reported(FIRST, "succ", 1)]
    refuses(ended(head, rows), 3, "out of order")


RESULTS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown status": ({"status": "paid"}, "/status"),
    "rejected without a reason": ({"status": "rjct"}, "`reason`"),
    "returned without a reason": ({"status": "returned"}, "`reason`"),
    "paid with a reason": ({"reason": "rjct.x"}, "`reason`"),
    "a reason in words": ({"status": "rjct", "reason": "Wrong account"}, "/reason"),
    "an amount below zero": ({"amount_fen": -1}, "/amount_fen"),
    "an instant elsewhere": ({"at": "2026-08-15T10:00:00+08:00"}, "UTC"),
    "an instant without zone": ({"at": "2026-08-15T10:00:00"}, "/at"),
    "an instant written otherwise": ({"at": "2026-08-15T10:00:00+00:00"}, "canonical"),
    "no instant": ({"at": "yesterday"}, "/at"),
    "no reference": ({"reference_id": "1"}, "/reference_id"),
}


@pytest.mark.parametrize(("changed", "detail"), RESULTS.values(), ids=RESULTS)
def test_a_result_that_is_not_as_it_should_be_is_refused(
    changed: dict[str, Any], detail: str
) -> None:
    head = {"document": "payment_results", "list": str(LIST)}
    row = reported(FIRST, "succ", 1) | changed
    refuses(written([head, row, {"lines": 1, "total_fen": 1}]), 2, detail)


def test_results_cut_in_half_are_refused() -> None:
    content = results_document(LIST, reported(FIRST, "succ", 1), reported(SECOND, "rjct", 1))
    for size in range(1, len(content)):
        with pytest.raises(Malformed):
            read_results_document(BytesIO(content[:size]))
