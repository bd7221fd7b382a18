"""A rebuild from the topic beside workers: in bounded time, in bounded memory, and equal to a clean one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest

from edge.kafka.settings import KafkaSettings
from projections.topic import rebuilding
from projections.topic.worker import Worker
from tests.kafka import PARTITIONS
from tests.ledger_database import adopt_standard
from tests.postgres import Server
from tests.topic import from_the_feed, relaying, running, until
from tests.topic_cells import QUICK, LiveCell, live_cell


@pytest.fixture
def cell(server: Server, kafka: KafkaSettings) -> Iterator[LiveCell]:
    """A cell whose projections are made."""
    with live_cell(server, "cell-a") as one:
        rebuilding.install(one.cell, kafka)
        one.record([adopt_standard()])
        yield one


@contextmanager
def load(cell: LiveCell) -> Iterator[None]:
    """Households are enrolled and verified, as fast as one ledger takes them, until the end."""
    stop = threading.Event()

    def record() -> None:
        while not stop.is_set():
            cell.verify(cell.enrol(50))

    thread = threading.Thread(target=record)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_rebuild_beside_two_workers_under_load_ends_and_equals_a_clean_one(
    cell: LiveCell, kafka: KafkaSettings, server: Server
) -> None:
    workers = [Worker([cell.cell], kafka, pace=QUICK) for _ in range(2)]
    with relaying(cell.ledger, kafka, "cell-a"), running(workers[0]), running(workers[1]):
        with load(cell):
            until(lambda: cell.reached() > 2_000, "the workers do not begin")
            took = []
            for _ in range(2):
                began = monotonic()
                assert rebuilding.rebuild(cell.cell, kafka) > 2_000
                took.append(monotonic() - began)
        assert max(took) < 60
        until(cell.all_there, "the workers do not go on")
    assert all(worker.courses["cell-a"].applied for worker in workers)
    assert cell.checksums() == from_the_feed(cell, server)


def test_a_rebuild_reads_no_more_than_a_poll_beyond_the_live_projections(
    cell: LiveCell, kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "MOST", 100)
    cell.enrol(20)
    with relaying(cell.ledger, kafka, "cell-a"), running(Worker([cell.cell], kafka)):
        until(cell.all_there, "the facts are not projected")
    before = cell.checksums()
    for _ in range(4):
        cell.enrol(500)
    cell.relayed(kafka)
    beyond = []
    rebuilding.rebuild(cell.cell, kafka, lambda read, goal: beyond.append(read - goal))
    assert max(beyond) < PARTITIONS * 100
    assert cell.checksums() == before
