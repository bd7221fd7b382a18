"""Two cells on one topic, side by side: each its ledger and its database of projections."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import sleep
from uuid import UUID, uuid4

import psycopg

from edge.kafka.settings import KafkaSettings
from edge.measures import Measure
from ledger.commands import Command
from ledger.ledger import Ledger
from ledger.relay.relay import WATERMARK_SECONDS
from projections import catalogue
from projections.topic.cells import Cell
from projections.topic.course import Pace
from projections.topic.worker import Worker
from tests.ledger_database import (
    LedgerDatabase,
    accepted,
    enrol,
    migrate_and_load_areas,
    verify,
)
from tests.postgres import Server
from tests.topic import TopicCell, caught_up, relaying, until

QUICK = Pace(first=0.1, most=0.5, people=1.0, lasting=1.0)
NOBODY = "http://127.0.0.1:9"
VERIFIED = "assistance.MeansVerified.v1"
BEFORE = [one for one in catalogue.known_types() if one != VERIFIED]
"""The types that a release knows from before means were verified."""


@dataclass(frozen=True)
class LiveCell(TopicCell):
    """A cell with a ledger at work."""

    books: Ledger

    def record(self, commands: Sequence[Command]) -> None:
        """Have commands accepted."""
        for outcome in self.books.process(commands):
            accepted(outcome)

    def enrol(self, number: int) -> list[UUID]:
        """Enrol households; their ids."""
        ids = [uuid4() for _ in range(number)]
        self.record([enrol(household=one) for one in ids])
        return ids

    def verify(self, households: Sequence[UUID]) -> None:
        """Verify the means of households once more."""
        self.record([verify(one, decided_on="2023-02-05") for one in households])

    def relayed(self, kafka: KafkaSettings) -> None:
        """Have all facts on the topic, with the watermark behind them."""
        with relaying(self.ledger, kafka, self.cell.name):
            caught_up(self.ledger)
            sleep(3 * WATERMARK_SECONDS)

    def all_there(self) -> bool:
        """Whether everything recorded is projected."""
        return self.reached() == self.head()

    @contextmanager
    def disk_full(self) -> Iterator[None]:
        """Its projections take nothing in for the time of a `with` block."""
        with psycopg.connect(self.cell.projections_dsn, autocommit=True) as connection:
            connection.execute("""
                create function projections.full() returns trigger language plpgsql as
                $$ begin raise exception 'disk full' using errcode = '53100'; end $$;
                create trigger disk_full before insert on register.facts
                execute function projections.full()""")
            yield
            connection.execute("drop function projections.full cascade")


@contextmanager
def live_cell(server: Server, name: str) -> Iterator[LiveCell]:
    """A cell of a name, taken away at the end."""
    with (
        server.fresh_database(prepare=migrate_and_load_areas) as facts,
        server.fresh_database() as projections,
        LedgerDatabase(facts).ledger() as ledger,
    ):
        yield LiveCell(LedgerDatabase(facts), Cell(name, projections, NOBODY), ledger)


def run_for(worker: Worker, seconds: float) -> None:
    """Run a worker here, for so long or until it raises."""
    stop = threading.Event()
    timer = threading.Timer(seconds, stop.set)
    timer.start()
    try:
        worker.run(stop)
    finally:
        timer.cancel()


def measured(worker: Worker, name: str) -> dict[str, float]:
    """A measure of a worker, by cell."""
    found: list[Measure] = [one for one in worker.measures() if one.name == name]
    return {one.labels["cell"]: one.value for one in found[0].samples}


@contextmanager
def relays(cells: Sequence[LiveCell], kafka: KafkaSettings) -> Iterator[None]:
    """A relay for each."""
    with ExitStack() as stack:
        for one in cells:
            stack.enter_context(relaying(one.ledger, kafka, one.cell.name))
        yield


def wait(worker: Worker, name: str, cell: str, value: float) -> None:
    """Wait until a measure of a cell has a value."""
    until(lambda: measured(worker, name).get(cell) == value, f"{name} of {cell} is not {value}")
