"""A worker: one of a group that shares the partitions of the events topic, and folds them into each cell."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from time import monotonic

import psycopg

from edge.kafka.consuming import KAFKA_ERRORS, Consumer, Message, Partition
from edge.kafka.settings import EVENTS, KafkaSettings
from edge.measures import Measure, Sample, count, counts
from projections import catalogue
from projections.database import Database
from projections.errors import UnknownFactType
from projections.payment_lists import verifying
from projections.register import intervals
from projections.runner import RUNNER_LOCK
from projections.topic.cells import Cell
from projections.topic.documents import NoDocument
from projections.topic.folding import Fold, LeftBehind, Part
from projections.topic.messages import Event, known_part, read

GROUP = "assistance.projections"
POLL_SECONDS = 0.5
MOST = 4_000
"""Messages of one poll, and so of one transaction in a cell."""

IDLE_SECONDS = 5.0
"""How often the offsets move on in cells of which nothing came."""

RETRY_SECONDS = 0.5
OUTAGES: tuple[type[Exception], ...] = (
    psycopg.OperationalError, NoDocument, LeftBehind, *KAFKA_ERRORS,
)  # fmt: skip
_log = logging.getLogger(__name__)


class Worker:
    """Folds the partitions that the group gives it, until it is told to stop."""

    def __init__(
        self, cells: Sequence[Cell], kafka: KafkaSettings, known_types: Sequence[str] | None = None
    ) -> None:
        self._cells = cells
        self._kafka = kafka
        self._known = frozenset(known_types or catalogue.known_types())
        self._applied: Counter[str] = Counter()
        self._strangers: Counter[str] = Counter()
        self._errors = 0
        self.lag: Counter[str] = Counter()
        self.assignments = 0
        """How often the group shared out its partitions anew."""

    def run(self, stop: threading.Event) -> None:
        """Fold until `stop` is set; goes on after every outage of Kafka, a database or a ledger.

        Raises UnknownFactType, MissingFact, Unreadable or NotInstalled: these need people.
        """
        while not stop.is_set():
            try:
                with ExitStack() as stack:
                    _Membership(self, stack).run(stop)
            except OUTAGES as error:
                self._errors += 1
                _log.warning(
                    "the worker goes on in a moment: %s", str(error) or type(error).__name__
                )
                stop.wait(RETRY_SECONDS)

    def measures(self) -> Iterable[Measure]:
        """Return what was applied, by cell."""
        yield counts("projections_facts_total", "Facts applied.", "cell", self._applied.copy())
        about = "Messages of sources that are no cell here."
        yield counts("projections_strangers_total", about, "source", self._strangers.copy())
        yield count("projections_errors_total", "Times that folding was broken off.", self._errors)
        about = "Times that the group shared out its partitions anew."
        yield count("projections_assignments_total", about, self.assignments)
        behind = [Sample(n, {"cell": name}) for name, n in self.lag.copy().items()]
        about = "Messages that are not applied yet, of the partitions that are ours."
        yield Measure("projections_lag", "gauge", about, behind)
        positions = [Sample(n, {"cell": name}) for name, n in self.positions().items()]
        about = "The cell's position that all its partitions have reached."
        yield Measure("projections_cell_position", "gauge", about, positions)

    def positions(self) -> dict[str, int]:
        """Return each cell's position, those left out whose database does not answer."""
        found = {}
        for cell in self._cells:
            try:
                with psycopg.connect(cell.projections_dsn, connect_timeout=3) as connection:
                    row = connection.execute(
                        "select min(position) from projections.partitions"
                    ).fetchone()
            except psycopg.Error:
                continue
            found[cell.name] = int(row[0] or 0) if row else 0
        return found

    def not_ready(self) -> str | None:
        """Return which cell's database does not answer, or None."""
        missing = {cell.name for cell in self._cells} - self.positions().keys()
        return f"These cells cannot be reached: {', '.join(sorted(missing))}." if missing else None


class _Membership:
    """One membership of the group, from joining to the next outage."""

    def __init__(self, worker: Worker, stack: ExitStack) -> None:
        self._worker = worker
        self._folds = {
            cell.name: stack.enter_context(closing(Fold(cell))) for cell in worker._cells
        }
        self._databases = {
            cell.name: stack.enter_context(Database(cell.projections_dsn, connections=1))
            for cell in worker._cells
        }
        # Where each cell goes on, partition by partition: as its database has it.
        self._next: dict[str, dict[int, int]] = {name: {} for name in self._folds}
        self._idle_since = self._looked = monotonic()
        self._consumer = stack.enter_context(
            Consumer(worker._kafka, [EVENTS], self._assigned, group=GROUP, let_go=self._let_go)
        )

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if monotonic() > self._looked + IDLE_SECONDS:
                self._look()
            found = self._consumer.poll(POLL_SECONDS, MOST)
            if found:
                self._apply(found)
            else:
                self._keep_up()

    def _look(self) -> None:
        """See how far behind each cell is."""
        ends = self._consumer.ends(self._consumer.assigned())
        self._worker.lag = Counter(
            {
                name: sum(end - offsets.get(p.number, end) for p, end in ends.items())
                for name, offsets in self._next.items()
            }
        )
        self._looked = monotonic()

    def _assigned(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Go on where the cell that is furthest behind goes on."""
        topic_partitions = self._consumer.partitions(EVENTS)
        for name, fold in self._folds.items():
            offsets = fold.offsets(topic_partitions)
            self._next[name] |= {p.number: offsets[p.number] for p in partitions}
        self._worker.assignments += 1
        return {p: min(offsets[p.number] for offsets in self._next.values()) for p in partitions}

    def _let_go(self, partitions: Collection[Partition]) -> None:
        for offsets in self._next.values():
            for partition in partitions:
                offsets.pop(partition.number, None)

    def _apply(self, found: Mapping[Partition, Sequence[Message]]) -> None:
        ends = {partition.number: m[-1].offset + 1 for partition, m in found.items() if m}
        events = self._by_cell(found)
        all_cells = monotonic() - self._idle_since > IDLE_SECONDS
        for name in self._folds if all_cells else events:
            self._apply_to(name, events.get(name, {}), ends)
        if all_cells:
            self._idle_since = monotonic()

    def _by_cell(
        self, found: Mapping[Partition, Sequence[Message]]
    ) -> dict[str, dict[int, list[Event]]]:
        """Sort what came by cell and partition; what a cell has applied before is left out."""
        sorted_out: dict[str, dict[int, list[Event]]] = {}
        for partition, messages in found.items():
            for event in map(read, messages):
                if event.cell not in self._next:
                    self._worker._strangers[event.cell] += 1
                elif event.offset >= self._next[event.cell].get(partition.number, 0):
                    mine = sorted_out.setdefault(event.cell, {})
                    mine.setdefault(partition.number, []).append(event)
        return sorted_out

    def _apply_to(
        self, name: str, events: Mapping[int, list[Event]], ends: Mapping[int, int]
    ) -> None:
        """Bring a cell what came for it, up to the first fact that is not known here."""
        unknown: UnknownFactType | None = None
        parts: dict[int, Part] = {}
        taken: list[Event] = []
        for number, end in ends.items():
            some, stranger = known_part(events.get(number, []), self._worker._known)
            if stranger and stranger.fact:
                unknown = UnknownFactType(stranger.fact.type, stranger.fact.position)
            moved = stranger.offset if stranger else end
            if moved > (believed := self._next[name][number]):
                reached = max((event.reached for event in some), default=0)
                parts[number] = Part(believed, moved, reached)
                taken += some
        if parts:
            self._worker._applied[name] += self._folds[name].apply(taken, parts).facts
            self._next[name] |= {number: part.moved for number, part in parts.items()}
        if unknown:
            raise unknown

    def _keep_up(self) -> None:
        """When nothing comes: make what is kept for speed, and verify frozen lists; one worker does."""
        for name, fold in self._folds.items():
            locked = "select pg_try_advisory_lock(%s)", (RUNNER_LOCK,)
            row = fold.connection.execute(*locked).fetchone()
            if not row or not row[0]:
                continue
            try:
                if not intervals.refresh(fold.connection):
                    verifying.verify_next(fold.connection, self._databases[name])
            finally:
                fold.connection.execute("select pg_advisory_unlock(%s)", (RUNNER_LOCK,))
