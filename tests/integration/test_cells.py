"""Three cells on one topic: workers die and come while facts flow; the whole is the sum of the cells."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from edge.kafka.settings import KafkaSettings
from ledger.ledger import Ledger
from projections import rebuild
from projections.cells import exits, sums
from projections.cells.cells import Cells
from projections.cells.leads import covered_in_two_cells
from projections.checksums import checksums
from projections.database import Database
from projections.exits import exits as exits_of_one
from projections.exits.exits import Groups
from projections.projections import Projections
from projections.topic.cells import Cell
from projections.totals import totals as totals_of_one
from projections.totals.totals import scope
from tests.faults.processes import Process
from tests.kafka import with_topics
from tests.ledger_database import (
    LedgerDatabase,
    accepted,
    adopt_standard,
    command,
    enrol,
    migrate_and_load_areas,
    verify,
)
from tests.postgres import Server
from tests.topic import TopicCell, relaying, until, working_members, write_cells

NAMES = ("cell-1", "cell-2", "cell-3")
PARTITIONS = 6
WORKERS = 4
YEAR = scope("2023-01", "2023-12")


@pytest.fixture
def cells(server: Server) -> Iterator[dict[str, TopicCell]]:
    """Three cells: each its own ledger, and its own database of projections."""
    with ExitStack() as stack:
        yield {
            name: TopicCell(
                LedgerDatabase(
                    stack.enter_context(server.fresh_database(prepare=migrate_and_load_areas))
                ),
                Cell(name, stack.enter_context(server.fresh_database()), "http://127.0.0.1:9"),
            )
            for name in NAMES
        }


def leave(household: UUID, effective: str) -> Any:
    """The command by which a household leaves the roll."""
    data = {
        "decided_on": "2023-02-20", "effective": effective, "reason": "income_above_standard",
        "legal_basis": "Interim Measures 13", "decided_by": "county", "migrated": True,
    }  # fmt: skip
    return command("ExitHousehold", data, household)


class Flow(threading.Thread):
    """One cell's facts, as they come: households enrolled, verified, and some of them leave."""

    def __init__(self, cell: TopicCell, seed: int) -> None:
        super().__init__(daemon=True)
        self._cell = cell
        self._rng = random.Random(seed)
        self._told = threading.Event()
        self.households = 0
        self.exits = 0
        self.failed: BaseException | None = None

    def run(self) -> None:
        """Record facts until told to end; `failed` says why it could not."""
        try:
            with self._cell.ledger.ledger() as ledger:
                while not self._told.wait(0.1):
                    self._round(ledger)
        except BaseException as error:
            self.failed = error
            raise

    def _round(self, ledger: Ledger) -> None:
        ids = [uuid4() for _ in range(4)]
        acts = [
            enrol(*(uuid4() for _ in range(self._rng.randrange(1, 4))), household=h) for h in ids
        ]
        acts += [verify(h) for h in ids]
        acts += [leave(h, f"2023-{self._rng.randrange(3, 9):02d}") for h in ids[:1]]
        for outcome in ledger.process(acts):
            accepted(outcome)
        self.households += len(ids)
        self.exits += 1

    def end(self) -> None:
        """Let the round under way be recorded."""
        self._told.set()
        self.join(20)
        assert self.failed is None
        assert not self.is_alive()


class Workers:
    """Processes that project all cells; some are killed, others come."""

    def __init__(
        self, cells: Mapping[str, TopicCell], kafka: KafkaSettings, folder: Path, stack: ExitStack
    ) -> None:
        file = write_cells(folder / "cells.toml", [one.cell for one in cells.values()])
        self._environment = {
            "KAFKA_SERVERS": ",".join(kafka.servers),
            "KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
            "PROJECTIONS_CELLS": str(file),
        }
        self._folder, self._stack = folder, stack
        self._running: list[Process] = []
        self.started = 0

    def add(self) -> None:
        """Start another one."""
        self.started += 1
        name = f"worker-{self.started}"
        words = ["projections", "run", "--source", "kafka"]
        process = Process(name, words, self._environment, self._folder / f"{name}.log")
        self._running.append(self._stack.enter_context(process))

    def kill(self) -> None:
        """Kill the one that has been there the longest."""
        process = self._running.pop(0)
        assert process.running, "a worker ended by itself"
        process.kill()


def everything_recorded_is_projected(cells: Mapping[str, TopicCell]) -> None:
    """Wait until every cell has come to where its ledger now is."""
    heads = {name: one.head() for name, one in cells.items()}
    for name, one in cells.items():
        until(lambda one=one, name=name: one.reached() >= heads[name], f"{name} stands still")  # type: ignore[misc]


def some_who_are_covered_twice_and_some_who_moved(
    cells: Mapping[str, TopicCell],
) -> tuple[UUID, UUID]:
    """Record a person covered in cell-1 and cell-3, and one who left cell-1 for cell-2."""
    twice, mover, left = uuid4(), uuid4(), uuid4()
    acts = {
        "cell-1": [enrol(twice), enrol(mover, household=left), leave(left, "2023-04")],
        "cell-2": [enrol(mover, effective="2023-04")],
        "cell-3": [enrol(uuid4(), twice, effective="2023-03")],
    }
    for name, of_cell in acts.items():
        with cells[name].ledger.ledger() as ledger:
            for outcome in ledger.process([adopt_standard(), *of_cell]):
                accepted(outcome)
    return twice, mover


def answers(national: Cells, as_of: Any) -> list[Any]:
    """What is asked while facts flow, and again when they have ceased to."""
    return [
        sums.totals(national, YEAR, as_of, by_month=True),
        sums.exit_counts(national, YEAR, as_of, Groups(reason=True), by_cell=True),
        list(exits.exits(national, YEAR, as_of)),
        list(covered_in_two_cells(national, YEAR, as_of)),
    ]


def test_workers_die_and_come_while_facts_of_three_cells_flow_and_the_whole_is_the_sum_of_the_cells(
    cells: dict[str, TopicCell], broker: str, server: Server, tmp_path: Path
) -> None:
    kafka = with_topics(broker, events=PARTITIONS)
    twice, mover = some_who_are_covered_twice_and_some_who_moved(cells)
    flows = {name: Flow(one, n) for n, (name, one) in enumerate(cells.items())}
    with ExitStack() as stack:
        for name, one in cells.items():
            stack.enter_context(relaying(one.ledger, kafka, name))
            flows[name].start()
            stack.callback(flows[name].end)
        workers = Workers(cells, kafka, tmp_path, stack)
        for _ in range(WORKERS):
            workers.add()
        until(lambda: working_members(kafka) == WORKERS, "not every worker has partitions")
        everything_recorded_is_projected(cells)
        national = stack.enter_context(Cells([one.cell for one in cells.values()]))
        amid = national.as_of()
        told_amid = answers(national, amid)
        recorded = {name: flow.households for name, flow in flows.items()}
        for _ in range(2):
            workers.kill()
            sleep(0.5)
            workers.add()
        everything_recorded_is_projected(cells)
        until(lambda: working_members(kafka) == WORKERS, "not every worker has partitions")
        assert all(flow.households > recorded[name] for name, flow in flows.items())
        for flow in flows.values():
            flow.end()
        everything_recorded_is_projected(cells)
        assert answers(national, amid) == told_amid
        the_whole_is_the_sum(national, cells, server)
        now = national.as_of()
        leads = list(covered_in_two_cells(national, YEAR, now))
        assert [(row["person"], row["cell"], row["other_cell"], row["month"]) for row in leads] == [
            (twice, "cell-1", "cell-3", "2023-03")
        ]
        assert mover not in {row["person"] for row in leads}
        [counted] = sums.exit_counts(national, YEAR, now, Groups())
        assert counted["exits"] == 1 + sum(flow.exits for flow in flows.values())
    assert workers.started == WORKERS + 2


def the_whole_is_the_sum(national: Cells, cells: Mapping[str, TopicCell], server: Server) -> None:
    """Each cell is as a clean rebuild from its ledger's feed, and all together are their sum."""
    now = national.as_of()
    totals: list[dict[str, Any]] = []
    left: list[dict[str, Any]] = []
    for name, one in cells.items():
        with server.fresh_database() as clean:
            rebuild.install(clean, one.ledger.superuser)
            with psycopg.connect(clean) as connection:
                assert one.checksums() == checksums(connection), name
            with Database(clean, connections=1) as database:
                own = Projections(database, source=name)
                assert own.as_of() == now[name]
                totals += totals_of_one.totals(own, YEAR, now[name], by_month=True)
                left += [{"cell": name, **row} for row in exits_of_one.exits(own, YEAR, now[name])]
    found = sums.totals(national, YEAR, now, by_month=True)
    for row in found:
        of_month = [own for own in totals if own["month"] == row["month"]]
        assert len(of_month) == len(cells)
        for name in sums.TOTALS:
            assert row[name] == sum(own[name] for own in of_month), (row["month"], name)
    assert len(found) == 12
    order = ("month", "household", "spell", "cell")
    assert list(exits.exits(national, YEAR, now)) == sorted(
        left, key=lambda row: [row[name] for name in order]
    )
