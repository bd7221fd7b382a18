"""What a list ordered to be paid is no message: workers fetch it from the cell's ledger by its digest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from time import sleep
from uuid import UUID

import psycopg
import pytest

from edge.kafka.settings import KafkaSettings
from ledger.app import build
from ledger.ledger import Ledger
from ledger.payment_months.receiving import Sender, freeze
from ledger.settings import Settings
from projections.topic import documents
from projections.topic.cells import Cell
from projections.topic.documents import NoDocument
from tests.http.running import serving
from tests.ledger_database import COUNTY, LedgerDatabase, accepted, adopt_standard, command, enrol
from tests.payment_documents import digest_of, line, list_document
from tests.postgres import Server
from tests.topic import (
    TopicCell,
    caught_up,
    from_the_feed,
    header,
    on_topic,
    relaying,
    until,
    working,
)

LIST, HOME = UUID(int=7), UUID(int=1)
JULY = "2026-07"
DOCUMENT = list_document(line(HOME, {JULY: 44_000}), month=JULY, lists_version=0)


@pytest.fixture
def url(ledger_database: LedgerDatabase) -> Iterator[str]:
    """Where the cell's ledger answers."""
    with serving(build(Settings(dsn=ledger_database.dsn("ledger_service")))) as url:
        yield url


@pytest.fixture
def cell(ledger_database: LedgerDatabase, server: Server, url: str) -> Iterator[TopicCell]:
    """The cell, with a database for its projections."""
    with server.fresh_database() as dsn:
        yield TopicCell(ledger_database, Cell("cell-9", dsn, url))


def freeze_a_list(ledger: Ledger) -> None:
    """A household, and a list with its line."""
    setting = {
        "area": COUNTY, "setting": "lists.first_month", "value": JULY,
        "effective": "2026-01", "decided_on": "2026-01-02",
    }  # fmt: skip
    for outcome in ledger.process(
        [adopt_standard(), enrol(household=HOME), command("AdoptPolicy", setting)]
    ):
        accepted(outcome)
    freeze(ledger, BytesIO(DOCUMENT), Sender("clerk", "k-1"), LIST)


def without_verifications(sums: dict[str, str]) -> dict[str, str]:
    """The checksums of what facts make: lists are computed again for comparison when nothing else is due."""
    return {table: sum_ for table, sum_ in sums.items() if table != "payment_lists.verifications"}


def equal_to_the_feeds(cell: TopicCell, server: Server) -> bool:
    """Whether the projections are what a rebuild makes of the ledger's view."""
    from_feed = without_verifications(from_the_feed(cell, server))
    return without_verifications(cell.checksums()) == from_feed


def listed(cell: TopicCell) -> list[tuple[UUID, int]]:
    """The lines that the projections have of lists: household and fen."""
    with psycopg.connect(cell.cell.projections_dsn) as connection:
        return connection.execute(
            "select subject, sum(fen)::bigint from payment_lists.parts group by subject"
        ).fetchall()


def test_the_lines_of_a_list_are_fetched_by_their_digest_and_never_carried(
    cell: TopicCell, ledger: Ledger, kafka: KafkaSettings, server: Server
) -> None:
    freeze_a_list(ledger)
    with relaying(cell.ledger, kafka), working([cell], kafka):
        until(lambda: cell.reached() == cell.head(), "the list is not projected")
        messages = on_topic(kafka)
    assert listed(cell) == [(HOME, 44_000)]
    [frozen] = [m for m in messages if header(m, "ce_type") == "assistance.PaymentListFrozen.v1"]
    assert digest_of(DOCUMENT).encode() in (frozen.value or b"")
    assert str(HOME).encode() not in (frozen.value or b"")
    assert equal_to_the_feeds(cell, server)


def test_a_ledger_that_does_not_answer_is_waited_for(
    cell: TopicCell, ledger: Ledger, kafka: KafkaSettings, server: Server
) -> None:
    freeze_a_list(ledger)
    before = cell.head() - 1
    away = replace(cell, cell=replace(cell.cell, ledger_url="http://127.0.0.1:9"))
    with relaying(cell.ledger, kafka):
        caught_up(cell.ledger)
        with working([away], kafka):
            sleep(2)
            assert cell.reached() <= before
        with working([cell], kafka):
            until(lambda: cell.reached() == cell.head(), "nobody asked again")
    assert listed(cell) == [(HOME, 44_000)]
    assert equal_to_the_feeds(cell, server)


class _False(BaseHTTPRequestHandler):
    """Answers with what was not asked for."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(DOCUMENT.replace(b"44000", b"44001"))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_document_with_another_digest_is_not_believed() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _False) as false:
        Thread(target=false.serve_forever, daemon=True).start()
        with pytest.raises(NoDocument, match="another digest"):
            list(documents.parts(f"http://127.0.0.1:{false.server_port}", digest_of(DOCUMENT)))
        false.shutdown()


def test_a_document_that_is_not_there_is_said_to_be_missing(url: str) -> None:
    with pytest.raises(NoDocument, match="does not give document"):
        list(documents.parts(url, "0" * 64))
