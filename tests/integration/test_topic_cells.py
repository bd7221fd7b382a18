"""Cells on one topic: what stops one stops no other, and each goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest

from edge.kafka.settings import EVENTS, KafkaSettings
from projections.app import prepare_cells
from projections.errors import CannotStart, UnknownFactType
from projections.topic import membership, rebuilding
from projections.topic.cells import Cell
from projections.topic.messages import Unreadable
from projections.topic.worker import Worker
from tests.ledger_database import adopt_standard
from tests.postgres import Server
from tests.topic import event, from_the_feed, running, send, until
from tests.topic_cells import (
    BEFORE,
    NOBODY,
    QUICK,
    LiveCell,
    live_cell,
    measured,
    relays,
    run_for,
    wait,
)

Two = tuple[LiveCell, LiveCell]


@pytest.fixture
def two(server: Server, kafka: KafkaSettings) -> Iterator[Two]:
    """Two cells whose projections are made, with some households each."""
    with live_cell(server, "cell-a") as one, live_cell(server, "cell-b") as other:
        for each in (one, other):
            rebuilding.install(each.cell, kafka)
            each.record([adopt_standard()])
            each.enrol(3)
        yield one, other


def worker_of(cells: Two, kafka: KafkaSettings, **more: Any) -> Worker:
    """A worker for cells."""
    return Worker([one.cell for one in cells], kafka, pace=QUICK, **more)


def test_a_cell_whose_database_is_gone_stops_no_other(two: Two, kafka: KafkaSettings) -> None:
    one, _ = two
    gone = Cell("cell-gone", "host=127.0.0.1 port=9 dbname=x", NOBODY)
    with relays([one], kafka), running(Worker([gone, one.cell], kafka, pace=QUICK)) as worker:
        until(one.all_there, "the other cell stands")
        wait(worker, "projections_cell_down", "cell-gone", 1)
        assert measured(worker, "projections_cell_needs_people") == {"cell-gone": 0, "cell-a": 0}
        assert measured(worker, "projections_cell_position").keys() == {"cell-a"}
        assert "cell-gone" not in measured(worker, "projections_lag")
        assert worker.not_ready() is None


def test_a_worker_starts_though_a_cell_cannot_be_prepared(two: Two, kafka: KafkaSettings) -> None:
    one, other = two
    gone = Cell("cell-gone", "host=127.0.0.1 port=9 dbname=x", NOBODY)
    prepare_cells([gone, one.cell, other.cell], kafka)
    with pytest.raises(CannotStart, match="cannot be reached"):
        prepare_cells([gone], kafka)


def test_a_cell_with_a_fact_of_an_unknown_type_stops_no_other(
    two: Two, kafka: KafkaSettings, server: Server
) -> None:
    one, other = two
    one.verify(one.enrol(3))
    with relays(two, kafka), running(worker_of(two, kafka, known_types=BEFORE)) as worker:
        wait(worker, "projections_cell_needs_people", "cell-a", 1)
        before = one.reached()
        other.enrol(200)
        until(other.all_there, "the other cell stands")
        assert one.reached() == before < one.head()
    # The release that knows the type goes on where each of them was.
    with relays(two, kafka), running(worker_of(two, kafka)) as worker:
        until(lambda: one.all_there() and other.all_there(), "something is not projected")
        assert measured(worker, "projections_cell_down") == {"cell-a": 0, "cell-b": 0}
    for each in two:
        assert each.checksums() == from_the_feed(each, server)


def test_a_cell_that_cannot_write_is_left_behind_and_comes_back(
    two: Two, kafka: KafkaSettings, server: Server
) -> None:
    one, other = two
    with relays(two, kafka), running(worker_of(two, kafka)) as worker:
        until(lambda: one.all_there() and other.all_there(), "the first facts are not projected")
        stood = one.reached()
        with one.disk_full():
            one.verify(one.enrol(5))
            other.verify(other.enrol(5))
            until(other.all_there, "the other cell stands")
            wait(worker, "projections_cell_down", "cell-a", 1)
            until(lambda: worker.lag["cell-a"] > 0 == worker.lag["cell-b"], "the lag is not told")
            assert one.reached() == stood
        until(one.all_there, "the cell does not come back")
        wait(worker, "projections_cell_down", "cell-a", 0)
        assert worker.assignments == 1
    for each in two:
        assert each.checksums() == from_the_feed(each, server)


def test_a_cell_that_comes_back_from_far_behind_does_not_hold_up_the_others(
    two: Two, kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So few that a backlog takes its time, however fast the disk.
    monkeypatch.setattr(membership, "MOST", 20)
    one, other = two
    with relays(two, kafka), running(worker_of(two, kafka)) as worker:
        with one.disk_full():
            for _ in range(10):
                one.enrol(500)
            until(lambda: other.all_there() and worker.lag["cell-a"] > 5_000, "no backlog")
        before = worker.courses["cell-a"].applied
        until(lambda: worker.courses["cell-a"].applied > before, "the cell does not come back")
        waited = [_time_to_project(other) for _ in range(3)]
        assert not one.all_there(), "the backlog is too small to tell anything"
        assert max(waited) < 5
        until(one.all_there, "the cell does not catch up")


def _time_to_project(cell: LiveCell) -> float:
    began = monotonic()
    cell.enrol(1)
    until(cell.all_there, "the cell in front stands")
    return monotonic() - began


def test_a_single_cell_that_needs_people_ends_the_worker(two: Two, kafka: KafkaSettings) -> None:
    one, _ = two
    one.verify(one.enrol(1))
    one.relayed(kafka)
    with pytest.raises(UnknownFactType, match="MeansVerified"):
        run_for(Worker([one.cell], kafka, BEFORE), 20)


def test_a_worker_ends_when_all_its_cells_need_people(two: Two, kafka: KafkaSettings) -> None:
    for each in two:
        each.verify(each.enrol(1))
        each.relayed(kafka)
    with pytest.raises(UnknownFactType):
        run_for(worker_of(two, kafka, known_types=BEFORE), 20)


def test_an_unreadable_message_stops_the_cell_that_it_names(
    two: Two, kafka: KafkaSettings, server: Server
) -> None:
    one, other = two
    for each in two:
        each.relayed(kafka)
    heads = [(name, value) for name, value in event("x", "HouseholdEnrolled", "cell-a")]
    send(kafka, EVENTS, (b"key", b"{}", heads))
    with relays(two, kafka), running(worker_of(two, kafka)) as worker:
        wait(worker, "projections_cell_needs_people", "cell-a", 1)
        other.enrol(5)
        until(other.all_there, "the other cell stands")
    assert other.checksums() == from_the_feed(other, server)
    rebuilding.rebuild(other.cell, kafka)
    assert other.checksums() == from_the_feed(other, server)
    with pytest.raises(Unreadable, match="no event of a cell"):
        run_for(Worker([one.cell], kafka), 20)


def test_a_message_that_names_no_cell_is_passed_over_and_counted(
    two: Two, kafka: KafkaSettings
) -> None:
    one, _ = two
    send(kafka, EVENTS, (b"key", b"{}", []), (b"key", b"{}", [("ce_source", b"\xff")]))
    one.relayed(kafka)
    with running(Worker([one.cell], kafka)) as worker:
        until(one.all_there, "the cell stands")
        strangers = [m for m in worker.measures() if m.name == "projections_strangers_total"]
        assert [(s.labels, s.value) for s in strangers[0].samples] == [({"source": ""}, 2)]
