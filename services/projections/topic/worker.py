"""A worker: one of a group that shares the partitions of the events topic, and folds them into each cell."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack

import psycopg

from edge.kafka.consuming import KAFKA_ERRORS
from edge.kafka.settings import KafkaSettings
from edge.measures import Measure, Sample, count, counts
from projections import catalogue
from projections.topic import course
from projections.topic.cells import Cell
from projections.topic.course import Course, Pace
from projections.topic.folding import LeftBehind
from projections.topic.membership import Membership
from projections.topic.messages import Event

RETRY_SECONDS = 0.5
OUTAGES: tuple[type[Exception], ...] = (*course.OUTAGES, LeftBehind, *KAFKA_ERRORS)
_log = logging.getLogger(__name__)


class Worker:
    """Folds the partitions that the group gives it, until it is told to stop."""

    def __init__(
        self,
        cells: Sequence[Cell],
        kafka: KafkaSettings,
        known_types: Sequence[str] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.kafka = kafka
        self.known = frozenset(known_types or catalogue.known_types())
        self.courses = {cell.name: Course(cell, pace or Pace()) for cell in cells}
        self.lag: Mapping[str, int] = {}
        self.assignments = 0
        """How often the group shared out its partitions anew."""
        self._strangers = Counter({"": 0})
        self._errors = 0

    def run(self, stop: threading.Event) -> None:
        """Fold until `stop` is set; goes on after every outage of Kafka, a database or a ledger.

        A cell that cannot go on is set aside and tried again, while the others go on. When all of them need
        people, there is nothing left to do: raises UnknownFactType, MissingFact, Unreadable, NotInstalled or
        what else one of them met.
        """
        with ExitStack() as stack:
            for one in self.courses.values():
                stack.callback(one.close)
            while not stop.is_set():
                if not self._open():
                    stop.wait(RETRY_SECONDS)
                    continue
                try:
                    with ExitStack() as membership:
                        Membership(self, membership).run(stop)
                except OUTAGES as error:
                    self._errors += 1
                    said = str(error) or type(error).__name__
                    _log.warning("the worker goes on in a moment: %s", said)
                    stop.wait(RETRY_SECONDS)

    def _open(self) -> bool:
        """Try the cells that are not open; tell whether one is: else partitions are left to others."""
        for one in self.courses.values():
            if one.due():
                with one.trying():
                    one.open()
        self.refuse_hopeless()
        return any(one.up for one in self.courses.values())

    def refuse_hopeless(self) -> None:
        """Raise what a cell met when all of them need people, and none is being tried again."""
        down = [one.trouble for one in self.courses.values() if one.trouble and not one.up]
        if len(down) == len(self.courses) and all(trouble.needs_people for trouble in down):
            raise down[0].error

    def give_up(self) -> None:
        """Raise an outage that a cell met, when none is up."""
        for one in self.courses.values():
            if one.trouble and not one.trouble.needs_people:
                raise one.trouble.error

    def count_stranger(self, event: Event) -> None:
        """Count a message of a source that is no cell here, or that says of no cell that it is its own."""
        self._strangers[event.cell] += 1
        if event.wrong and not event.cell:
            _log.error("%s It names no cell, and was passed over.", event.wrong.detail)

    def measures(self) -> Iterable[Measure]:
        """Return what was applied, by cell."""
        applied = {name: one.applied for name, one in self.courses.items()}
        yield counts("projections_facts_total", "Facts applied.", "cell", applied)
        about = "Messages of sources that are no cell here; without a source those that name none."
        yield counts("projections_strangers_total", about, "source", self._strangers.copy())
        errors = self._errors + sum(one.failures for one in self.courses.values())
        yield count("projections_errors_total", "Times that folding was broken off.", errors)
        about = "Times that the group shared out its partitions anew."
        yield count("projections_assignments_total", about, self.assignments)
        about = "Messages that are not applied yet, of the partitions that are ours."
        yield _gauge("projections_lag", about, self.lag)
        about = "The cell's position that all its partitions have reached."
        yield _gauge("projections_cell_position", about, self.positions())
        yield from self._trouble()

    def _trouble(self) -> Iterator[Measure]:
        troubles = {name: one.trouble for name, one in self.courses.items()}
        about = "1 while a cell is set aside, or was a moment ago, 0 while it goes on."
        down = {name: int(t is not None) for name, t in troubles.items()}
        yield _gauge("projections_cell_down", about, down)
        people = {name: int(t is not None and t.needs_people) for name, t in troubles.items()}
        about = "1 while a cell waits for what people must see to; the log says what."
        yield _gauge("projections_cell_needs_people", about, people)

    def positions(self) -> dict[str, int]:
        """Return each cell's position, those left out whose database does not answer."""
        found = {}
        for name, one in self.courses.items():
            if (
                one.trouble
                and not one.up
                and isinstance(one.trouble.error, psycopg.OperationalError)
            ):
                continue  # else each asking would wait for every database that is gone
            try:
                with psycopg.connect(one.cell.projections_dsn, connect_timeout=3) as connection:
                    row = connection.execute(
                        "select min(position) from projections.partitions"
                    ).fetchone()
            except psycopg.Error:
                continue
            found[name] = int(row[0] or 0) if row else 0
        return found

    def not_ready(self) -> str | None:
        """Return why no cell at all can be worked on, or None; of one cell a measure says it."""
        down = [name for name, one in self.courses.items() if one.trouble and not one.up]
        if len(down) < len(self.courses):
            return None
        return f"These cells are set aside: {', '.join(sorted(down))}."


def _gauge(name: str, about: str, values: Mapping[str, int]) -> Measure:
    samples = [Sample(n, {"cell": cell}) for cell, n in sorted(values.items())]
    return Measure(name, "gauge", about, samples)
