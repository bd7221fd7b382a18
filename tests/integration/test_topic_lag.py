"""What the workers say of lag: the truth most of all when something is stuck, and 0 when all is done."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic, sleep

import psycopg
import pytest

from edge.kafka.settings import KafkaSettings
from projections.topic import membership, rebuilding
from projections.topic.course import Pace
from projections.topic.worker import Worker
from tests.ledger_database import adopt_standard
from tests.postgres import Server
from tests.topic import relaying, running, until
from tests.topic_cells import LiveCell, live_cell, measured


@pytest.fixture
def cell(server: Server, kafka: KafkaSettings) -> Iterator[LiveCell]:
    """A cell whose projections are made."""
    with live_cell(server, "cell-a") as one:
        rebuilding.install(one.cell, kafka)
        one.record([adopt_standard()])
        yield one


def test_the_lag_of_a_cell_that_takes_nothing_in_is_told_from_the_start(
    cell: LiveCell, kafka: KafkaSettings
) -> None:
    cell.enrol(50)
    cell.relayed(kafka)
    worker = Worker([cell.cell], kafka)
    with cell.disk_full(), running(worker):
        until(lambda: worker.assignments == 1, "no partition is assigned")
        assigned = monotonic()
        until(lambda: worker.lag.get("cell-a", 0) > 50, "nothing is said of the lag")
        assert monotonic() - assigned < membership.IDLE_SECONDS / 2
        sleep(2)
        assert measured(worker, "projections_lag")["cell-a"] > 50
        assert measured(worker, "projections_cell_down")["cell-a"] == 1


def test_the_lag_stays_told_while_a_worker_leaves_and_joins_again(
    cell: LiveCell, kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "HOPE_SECONDS", 0.5)
    cell.enrol(50)
    cell.relayed(kafka)
    worker = Worker([cell.cell], kafka, pace=Pace(first=1.0, most=1.0))
    with cell.disk_full(), running(worker):
        until(lambda: worker.lag.get("cell-a", 0) > 50, "nothing is said of the lag")
        said = [worker.lag["cell-a"]]
        while worker.assignments < 3:
            said.append(worker.lag["cell-a"])
            sleep(0.02)
        assert min(said) > 50


def test_a_cell_of_which_nothing_comes_has_no_lag_once_the_topic_is_silent(
    cell: LiveCell, kafka: KafkaSettings, server: Server
) -> None:
    with live_cell(server, "cell-silent") as silent:
        rebuilding.install(silent.cell, kafka)
        cell.enrol(50)
        worker = Worker([cell.cell, silent.cell], kafka)
        with relaying(cell.ledger, kafka, "cell-a"), running(worker):
            until(cell.all_there, "the facts are not projected")
            until(lambda: worker.lag == {"cell-a": 0, "cell-silent": 0}, "there is a lag")
            until(lambda: _offsets(silent) == _offsets(cell) > 50, "its offsets stand")


def _offsets(cell: LiveCell) -> int:
    with psycopg.connect(cell.cell.projections_dsn) as connection:
        row = connection.execute("select sum(next_offset) from projections.partitions").fetchone()
    return int(row[0]) if row else 0


def test_what_is_kept_for_speed_is_made_while_facts_trickle(
    cell: LiveCell, kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "KEEP_UP_SECONDS", 1.0)
    households = cell.enrol(5)
    with relaying(cell.ledger, kafka, "cell-a"), running(Worker([cell.cell], kafka)):
        until(cell.all_there, "the facts are not projected")
        kept = []
        for n in range(20):
            cell.verify([households[n % 5]])
            kept.append(_kept(cell))
            sleep(0.2)
    assert 5 in kept[10:], "no poll was empty, and nothing was made"


def _kept(cell: LiveCell) -> int:
    with psycopg.connect(cell.cell.projections_dsn) as connection:
        row = connection.execute("select count(*) from register.kept_households").fetchone()
    return int(row[0]) if row else 0
