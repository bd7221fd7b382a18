"""A worker: one of a group that shares the partitions of the events topic, and folds them into each cell."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing

import psycopg

from edge.kafka.consuming import KAFKA_ERRORS
from edge.kafka.settings import KafkaSettings
from edge.measures import Measure, Sample, count, counts
from projections import catalogue
from projections.topic import course
from projections.topic.cells import Cell
from projections.topic.course import Course, Pace
from projections.topic.courses import Courses
from projections.topic.folding import LeftBehind
from projections.topic.membership import Membership

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
        self._kafka = kafka
        self._courses = Courses(cells, known_types or catalogue.known_types(), pace or Pace())
        self._errors = 0

    @property
    def courses(self) -> Mapping[str, Course]:
        """Each cell's course, by its name."""
        return self._courses.of

    @property
    def lag(self) -> Mapping[str, int]:
        """By cell, how many messages are not applied yet, of the partitions that are ours."""
        return self._courses.lag

    @property
    def assignments(self) -> int:
        """How often the group shared out its partitions anew."""
        return self._courses.assignments

    def run(self, stop: threading.Event) -> None:
        """Fold until `stop` is set; goes on after every outage of Kafka, a database or a ledger.

        A cell that cannot go on is set aside and tried again, while the others go on. When all of them need
        people, there is nothing left to do: raises UnknownFactType, MissingFact, Unreadable, NotInstalled or
        what else one of them met.
        """
        with closing(self._courses):
            while not stop.is_set():
                if not self._courses.open():
                    stop.wait(RETRY_SECONDS)
                    continue
                try:
                    with ExitStack() as stack:
                        Membership(self._courses, self._kafka, stack).run(stop)
                except OUTAGES as error:
                    self._errors += 1
                    said = str(error) or type(error).__name__
                    _log.warning("the worker goes on in a moment: %s", said)
                    stop.wait(RETRY_SECONDS)

    def measures(self) -> Iterable[Measure]:
        """Return what was applied, by cell."""
        applied = {name: one.applied for name, one in self.courses.items()}
        yield counts("projections_facts_total", "Facts applied.", "cell", applied)
        about = "Messages of sources that are no cell here; without a source those that name none."
        yield counts("projections_strangers_total", about, "source", self._courses.strangers.copy())
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
