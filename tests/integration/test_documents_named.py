"""Documents and the commands that name them, in one process: taken whole, once, or not at all."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

import pytest

from ledger.errors import LedgerError, Malformed, NotFound, Refused, StaleVersion
from ledger.ids import PAYMENT_LISTS
from ledger.ledger import Ledger
from ledger.payment_months.list_document import read_list_document
from ledger.payment_months.receiving import Sender, freeze, record_results, stored_lists
from ledger.payment_months.results_document import read_results_document
from tests.ledger_database import COUNTY, LedgerDatabase, accepted, command
from tests.payment_documents import (
    digest_of,
    freeze_data,
    line,
    list_document,
    references,
    reported,
    results_data,
    results_document,
)

LIST, OTHER_LIST = UUID(int=7), UUID(int=8)
HOME, OTHER = UUID(int=1), UUID(int=2)
JULY = "2026-07"
SMALL = list_document(line(HOME, {JULY: 78_000}), line(OTHER, {JULY: 50_000}), month=JULY)


def put(ledger: Ledger, content: bytes) -> None:
    """Store a list's document."""
    ledger.documents.put(read_list_document(BytesIO(content)), BytesIO(content))


def stored(database: LedgerDatabase) -> list[tuple[Any, ...]]:
    """The documents on record."""
    return database.ask("select digest from ledger.documents order by digest")


@pytest.fixture
def listing(ledger: Ledger) -> Ledger:
    """A ledger whose county lists payments from July 2026 on."""
    setting = {
        "area": COUNTY, "setting": "lists.first_month", "value": JULY,
        "effective": "2026-01", "decided_on": "2026-01-02",
    }  # fmt: skip
    accepted(ledger.process([command("AdoptPolicy", setting)])[0])
    return ledger


def clerk(key: str = "k-1", **how: Any) -> Sender:
    """A clerk who sends a document."""
    return Sender("clerk", key, **how)


def an_approved_list(ledger: Ledger) -> list[tuple[UUID, int]]:
    """Freeze and approve a list; return its lines' reference ids and amounts."""
    freeze(ledger, BytesIO(SMALL), clerk(), LIST)
    approve = {"decided_on": "2026-08-04", "list": str(LIST), "document": digest_of(SMALL)}
    accepted(ledger.process([command("ApprovePaymentList", approve, actor="approver")])[0])
    return references(LIST, SMALL)


def test_a_list_is_frozen_in_process(listing: Ledger, ledger_database: LedgerDatabase) -> None:
    taken = freeze(listing, BytesIO(SMALL), clerk(), LIST)
    assert (taken.list, taken.version, taken.position) == (LIST, 1, 2)
    assert (taken.document, taken.lines, taken.total_fen) == (digest_of(SMALL), 2, 128_000)
    assert [fact.id for fact in taken.facts] == [f"{PAYMENT_LISTS}:1"]
    assert len(stored(ledger_database)) == 1


def test_a_refused_freeze_stores_nothing(ledger: Ledger, ledger_database: LedgerDatabase) -> None:
    before = ledger_database.counts()
    with pytest.raises(Refused, match="no first listed month"):
        freeze(ledger, BytesIO(SMALL), clerk(), LIST)
    with pytest.raises(Malformed):
        freeze(ledger, BytesIO(SMALL[:-1]), clerk(), LIST)
    assert stored(ledger_database) == []
    assert ledger_database.counts() == before


def test_a_trial_stores_nothing(listing: Ledger, ledger_database: LedgerDatabase) -> None:
    before = ledger_database.counts()
    taken = freeze(listing, BytesIO(SMALL), clerk(dry_run=True), LIST)
    assert taken.position is None
    assert stored(ledger_database) == []
    assert ledger_database.counts() == before


def test_the_same_key_and_document_get_the_first_answer(
    listing: Ledger, ledger_database: LedgerDatabase
) -> None:
    first = freeze(listing, BytesIO(SMALL), clerk())
    before = ledger_database.counts()
    assert freeze(listing, BytesIO(SMALL), clerk()) == first
    assert freeze(listing, BytesIO(SMALL), clerk(decided_on=listing.today())) == first
    assert ledger_database.counts() == before


def test_the_same_key_with_another_document_is_refused(
    listing: Ledger, ledger_database: LedgerDatabase
) -> None:
    freeze(listing, BytesIO(SMALL), clerk())
    with pytest.raises(LedgerError) as refused:
        freeze(listing, BytesIO(list_document(month=JULY)), clerk())
    assert refused.value.name == "key-reused"
    assert len(stored(ledger_database)) == 1


def test_a_document_on_record_is_frozen_by_a_command_of_its_own(listing: Ledger) -> None:
    put(listing, SMALL)
    data = freeze_data(SMALL, LIST, decided_on="2026-08-03")
    assert accepted(listing.process([command("FreezePaymentList", data)])[0]).version == 1


def test_two_officers_cannot_miss_each_other(ledger_database: LedgerDatabase) -> None:
    with ledger_database.ledger() as one, ledger_database.ledger() as other:
        setting = {
            "area": "14", "setting": "lists.first_month", "value": JULY,
            "effective": "2026-01", "decided_on": "2026-01-02",
        }  # fmt: skip
        accepted(one.process([command("AdoptPolicy", setting)])[0])
        put(one, SMALL)
        runs = [
            (
                ledger,
                [command("FreezePaymentList", freeze_data(SMALL, id_, decided_on="2026-08-03"))],
            )
            for ledger, id_ in ((one, LIST), (other, OTHER_LIST))
        ]
        outcomes = [outcome for [outcome] in ledger_database.race(*runs)]
        assert sorted(type(outcome).__name__ for outcome in outcomes) == [
            "Accepted",
            "StaleVersion",
        ]
        assert stored_lists(one).version == 1


def test_an_officer_who_froze_approves_under_no_key(listing: Ledger) -> None:
    freeze(listing, BytesIO(SMALL), clerk(), LIST)
    approve = {"decided_on": "2026-08-04", "list": str(LIST), "document": digest_of(SMALL)}
    [outcome] = listing.process([command("ApprovePaymentList", approve, actor="clerk")])
    assert isinstance(outcome, Refused)
    assert outcome.rule == "approved_by_another"


def test_who_freezes_and_approves_in_one_batch_is_seen(listing: Ledger) -> None:
    put(listing, SMALL)
    freezing = command(
        "FreezePaymentList", freeze_data(SMALL, LIST, decided_on="2026-08-03"), actor="clerk"
    )
    approve = {"decided_on": "2026-08-04", "list": str(LIST), "document": digest_of(SMALL)}
    own = command("ApprovePaymentList", approve, actor="clerk")
    another = command("ApprovePaymentList", approve, actor="approver")
    outcomes = listing.process([freezing, own, another])
    assert [type(one).__name__ for one in outcomes] == ["Accepted", "Refused", "Accepted"]


def test_results_are_recorded_in_process_and_by_a_command(
    listing: Ledger, ledger_database: LedgerDatabase
) -> None:
    (first, fen), (second, other_fen) = an_approved_list(listing)
    content = results_document(LIST, reported(first, "rjct", fen))
    taken = record_results(listing, BytesIO(content), clerk("k-2"))
    assert (taken.list, taken.version, taken.lines) == (LIST, 3, 1)
    more = results_document(LIST, reported(second, "succ", other_fen))
    listing.documents.put(read_results_document(BytesIO(more)).document, BytesIO(more))
    data = results_data(more, decided_on="2026-08-20")
    assert accepted(listing.process([command("RecordPaymentResults", data)])[0]).version == 4
    assert [fact.document for fact in stored_lists(listing).list_of(LIST).results] == [  # type: ignore[union-attr]
        digest_of(content), digest_of(more),
    ]  # fmt: skip
    assert len(stored(ledger_database)) == 3


def test_refused_results_store_nothing(listing: Ledger, ledger_database: LedgerDatabase) -> None:
    (first, fen), _ = an_approved_list(listing)
    for row, error in (
        (reported(UUID(int=99), "succ", 1), Refused),
        (reported(first, "returned", fen), Refused),
    ):
        with pytest.raises(error):
            record_results(listing, BytesIO(results_document(LIST, row)), clerk("k-2"))
    elsewhere = results_document(OTHER_LIST, reported(first, "succ", fen))
    with pytest.raises(NotFound):
        record_results(listing, BytesIO(elsewhere), clerk("k-2"))
    with pytest.raises(Malformed, match="another list"):
        record_results(listing, BytesIO(elsewhere), clerk("k-2"), LIST)
    good = results_document(LIST, reported(first, "succ", fen))
    with pytest.raises(StaleVersion):
        record_results(listing, BytesIO(good), clerk("k-2", expected_version=1), LIST)
    assert len(stored(ledger_database)) == 1


def test_a_failed_line_is_reissued_in_process_and_never_twice(listing: Ledger) -> None:
    (first, fen), _ = an_approved_list(listing)
    record_results(
        listing, BytesIO(results_document(LIST, reported(first, "rjct", fen))), clerk("k-2")
    )
    again = line(HOME, {JULY: fen}, reissues=first)

    def reissue(version: int) -> bytes:
        return list_document(
            again, kind="reissue", reissues=str(LIST), month=JULY, lists_version=version
        )

    taken = freeze(listing, BytesIO(reissue(3)), clerk("k-3"), OTHER_LIST)
    assert taken.total_fen == fen
    with pytest.raises(Refused, match="re-issued already"):
        freeze(listing, BytesIO(reissue(4)), clerk("k-4"))


def test_an_order_of_a_recovery_names_the_version_on_every_way(listing: Ledger) -> None:
    an_approved_list(listing)
    parts = [{"month": JULY, "fen": 1}]
    order = {
        "decided_on": "2026-08-20", "recovery": str(OTHER), "household": str(HOME),
        "ground": "fraud", "legal_basis": "Law 60", "parts": parts, "position": 3,
    }  # fmt: skip
    silent, stale, right = (
        command("OrderRecovery", order, expected_version=version) for version in (None, 1, 2)
    )
    outcomes = [listing.process([one])[0] for one in (silent, stale, right)]
    names = [one.name if isinstance(one, LedgerError) else "" for one in outcomes]
    assert names == ["version-missing", "stale-version", "not-found"]
