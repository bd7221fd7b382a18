"""Projections from Kafka: the same as from the ledger's own view, whatever is killed or repeated."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from edge.kafka.settings import KafkaSettings
from ledger.ledger import Ledger
from projections.topic import rebuilding
from projections.topic.cells import Cell
from tests.integration.test_relay import some_facts
from tests.ledger_database import LedgerDatabase, accepted, verify
from tests.postgres import Server
from tests.topic import TopicCell, from_the_feed, relaying, until, working


@pytest.fixture
def cell(ledger_database: LedgerDatabase, server: Server) -> Iterator[TopicCell]:
    """A cell whose projections have a database of their own."""
    with server.fresh_database() as dsn:
        yield TopicCell(ledger_database, Cell("cell-9", dsn, "http://127.0.0.1:9"))


def test_projections_from_kafka_are_those_from_the_feed(
    cell: TopicCell, ledger: Ledger, kafka: KafkaSettings, server: Server
) -> None:
    households = some_facts(ledger, 20)
    with relaying(cell.ledger, kafka), working([cell], kafka):
        until(lambda: cell.reached() == cell.head(), "the first facts are not projected")
        for outcome in ledger.process([verify(h, decided_on="2023-02-05") for h in households]):
            accepted(outcome)
        until(lambda: cell.reached() == cell.head(), "later facts are not projected")
    assert cell.checksums() == from_the_feed(cell, server)
    rebuilding.rebuild(cell.cell, kafka)
    assert cell.checksums() == from_the_feed(cell, server)
