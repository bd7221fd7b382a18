"""What a cell takes: `python -m tests.benchmarks.scaling [HOUSEHOLDS]` prints the figures of
docs/explanation/scale.md, each measured on one imported county."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psycopg

from assistance.importing import import_lines
from edge.kafka.settings import EVENTS
from ledger.ledger import Ledger
from ledger.relay.relay import WATERMARK_SECONDS
from ledger.relay.tails import backlog
from projections import rebuild
from projections.topic import rebuilding
from projections.topic.cells import Cell
from tests.benchmarks.cluster import Cluster, running
from tests.benchmarks.county import first_month, lines
from tests.benchmarks.messaging import CELL, REACHED, decide, environment_of, number, until
from tests.faults.processes import Process
from tests.kafka import own_broker, with_topics
from tests.topic import write_cells

HOUSEHOLDS = 50_000
PARTITIONS = 12
ALONE = 40


class Figure(NamedTuple):
    """A figure, in words and with its unit."""

    name: str
    value: float
    unit: str


class Scale:
    """One county on one broker."""

    def __init__(self, cluster: Cluster, stack: ExitStack, households: int) -> None:
        self._cluster = cluster
        self._households = households
        self._broker = stack.enter_context(own_broker())
        self._folder = Path(stack.enter_context(TemporaryDirectory(prefix="assistance-")))
        self._ledger = stack.enter_context(cluster.database())
        self._topics = with_topics(self._broker.servers, events=PARTITIONS)
        self._facts = 0

    def figures(self) -> Iterator[Figure]:
        """Yield the figures, in the order in which a county moves in."""
        empty = self._size(self._ledger)
        seconds = _timed(self._import)
        yield Figure("facts", self._facts, "facts")
        yield Figure("facts a household", self._facts / self._households, "facts")
        yield Figure("import", self._facts / seconds, "facts/s")
        yield self._per_fact("the ledger's database", self._size(self._ledger) - empty)
        yield Figure("relay", self._facts / self._relayed(), "facts/s")
        yield self._per_fact("the topic", self._on_disk())
        yield Figure("disk: a fact on its own, watermarks too", self._alone(), "bytes/fact")
        yield from self._from_the_feed()
        for workers in (1, 2):
            yield from self._from_kafka(workers)

    def _import(self) -> None:
        with closing(Ledger(self._cluster.ledger(self._ledger))) as ledger:
            source = io.BytesIO(b"".join(lines(self._households)))
            done = import_lines(ledger, source, self._folder / "rejected", None, lambda _: None)
            self._facts = done.facts

    def _relayed(self) -> float:
        dsn = self._cluster.dsn(self._ledger, "ledger_service")
        start = time.perf_counter()
        environment = {**environment_of(self._topics), "LEDGER_DSN": dsn}
        with Process("relay", ["ledger", "relay"], environment, self._folder / "relay"):
            until(lambda: not backlog(dsn)["facts"])
            seconds = time.perf_counter() - start
            time.sleep(2 * WATERMARK_SECONDS)  # the partitions are told of the last facts
            return seconds

    def _alone(self) -> float:
        """Return what a fact adds to the topic that comes after a pause: every partition is told of it."""
        before = self._on_disk()
        dsn = self._cluster.dsn(self._ledger, "ledger_service")
        environment = {**environment_of(self._topics), "LEDGER_DSN": dsn}
        with (
            Process("relay", ["ledger", "relay"], environment, self._folder / "relay"),
            closing(Ledger(self._cluster.ledger(self._ledger))) as ledger,
        ):
            for n in range(ALONE):
                self._facts += decide(ledger, [first_month(f"alone-{n}", "2024-01")])
                time.sleep(2 * WATERMARK_SECONDS)
            until(lambda: not backlog(dsn)["facts"])
            time.sleep(2 * WATERMARK_SECONDS)
        return (self._on_disk() - before) / ALONE

    def _from_the_feed(self) -> Iterator[Figure]:
        with self._cluster.database("template0") as name:
            dsn = self._cluster.dsn(name)
            empty = self._size(name)
            feed = self._cluster.dsn(self._ledger)
            seconds = _timed(lambda: rebuild.install(dsn, feed))
            yield Figure("rebuild from the feed", self._facts / seconds, "facts/s")
            yield self._per_fact("the projections' database", self._size(name) - empty)

    def _from_kafka(self, workers: int) -> Iterator[Figure]:
        with self._cluster.database("template0") as name:
            cell = Cell(CELL, self._cluster.dsn(name), "http://127.0.0.1:9")
            rebuilding.install(cell, self._topics)
            seconds = _timed(lambda: self._catch_up(cell, workers))
            yield Figure(f"{workers} worker(s) from the start", self._facts / seconds, "facts/s")
            seconds = _timed(lambda: rebuilding.rebuild(cell, self._topics))
            yield Figure("rebuild from the topic", self._facts / seconds, "facts/s")

    def _catch_up(self, cell: Cell, workers: int) -> None:
        file = write_cells(self._folder / "cells.toml", [cell])
        environment = {**environment_of(self._topics), "PROJECTIONS_CELLS": str(file)}
        words = ["projections", "run", "--source", "kafka"]
        with ExitStack() as stack:
            for n in range(workers):
                one = Process(f"worker-{n}", words, environment, self._folder / f"worker-{n}")
                stack.enter_context(one)
            until(lambda: number(cell.projections_dsn, REACHED) >= self._facts)

    def _on_disk(self) -> int:
        folders = self._broker.folder.glob(f"data/{self._topics.topic(EVENTS)}-*")
        return sum(file.stat().st_size for one in folders for file in one.glob("*.log"))

    def _size(self, name: str) -> int:
        with psycopg.connect(self._cluster.dsn(name), autocommit=True) as admin:
            admin.execute("vacuum analyze")
        return number(self._cluster.dsn(name), "select pg_database_size(current_database())")

    def _per_fact(self, where: str, size: int) -> Figure:
        return Figure(f"disk: {where}", size / self._facts, "bytes/fact")


def _timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    """Print each figure as it is measured."""
    households = int(sys.argv[1]) if len(sys.argv) > 1 else HOUSEHOLDS
    with running() as cluster, ExitStack() as stack:
        for name, value, unit in Scale(cluster, stack, households).figures():
            print(f"{name:40} {value:14,.2f} {unit}", flush=True)


if __name__ == "__main__":
    main()
