"""Projections from Kafka: the same as from the ledger's own view, whatever is killed or repeated."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from edge.kafka.settings import KafkaSettings
from ledger.ledger import Ledger
from projections import rebuild
from projections.checksums import checksums
from projections.topic import rebuilding
from projections.topic.cells import Cell
from tests.integration.test_relay import some_facts
from tests.ledger_database import LedgerDatabase, accepted, verify
from tests.postgres import Server
from tests.topic import TopicCell, relaying, until, working


@pytest.fixture
def cell(ledger_database: LedgerDatabase, server: Server) -> Iterator[TopicCell]:
    """A cell whose projections have a database of their own."""
    with server.fresh_database() as dsn:
        yield TopicCell(ledger_database, Cell("cell-9", dsn, "http://127.0.0.1:9"))


def from_the_feed(cell: TopicCell, server: Server) -> dict[str, str]:
    """The checksums of a rebuild from the ledger's view, in a database that is dropped again."""
    with server.fresh_database() as dsn:
        rebuild.install(dsn, cell.ledger.superuser)
        with psycopg.connect(dsn) as connection:
            return checksums(connection)


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
