"""Making a cell's projections anew from the start of the topic, beside the live ones, to where those are."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from edge.kafka.consuming import Consumer, Partition
from edge.kafka.settings import EVENTS, KafkaSettings
from projections import catalogue, locks, sql
from projections.rebuild import Progress, lock, outdated, silent
from projections.shadows import Shadows
from projections.topic.cells import Cell
from projections.topic.folding import Fold, bounded
from projections.topic.messages import Event, known_part, read_all

POLL_SECONDS = 1.0
MOST = 20_000
PASSES = 10
"""How often the live projections are caught up with, at most, before they are kept waiting for the rest."""


def install(cell: Cell, kafka: KafkaSettings) -> bool:
    """Make a cell's projections when they are missing or another version made them; tell whether."""
    stale = bool(outdated(bounded(cell.projections_dsn)))
    if stale:
        rebuild(cell, kafka)
    return stale


def rebuild(cell: Cell, kafka: KafkaSettings, progress: Progress | None = None) -> int:
    """Make every projection of a cell anew; return how many facts were applied.

    Raises AlreadyRunning when somebody else does, UnknownFactType, MissingFact or Unreadable when the
    topic has what cannot be applied; the live projections stay then as they are.
    """
    fold = Fold(cell)
    try:
        lock(fold.connection)
        with Consumer(kafka, [EVENTS], _from_the_start) as consumer:
            return _Rebuild(fold, consumer, progress or silent).run()
    finally:
        fold.close()


def _from_the_start(_: Collection[Partition]) -> Mapping[Partition, int]:
    return {}


class _Rebuild:
    """One rebuild on its way."""

    def __init__(self, fold: Fold, consumer: Consumer, progress: Progress) -> None:
        self._fold = fold
        self._connection = fold.connection
        self._consumer = consumer
        self._progress = progress
        self._projections = catalogue.projections()
        self._shadows = Shadows(fold.connection, self._projections)
        self._known = frozenset(catalogue.known_types())
        self._goals: dict[int, int] = {}
        self._at: dict[int, int] = {}
        self._waiting: dict[int, list[Event]] = {}
        self._facts = 0

    def run(self) -> int:
        self._shadows.make()
        # What comes twice is told by what was applied: it is looked up by its index from the start.
        self._shadows.finish()
        for _ in range(PASSES):
            if self._catch_up() <= MOST:
                break
        with self._connection.transaction():
            locks.alone(self._connection)
            self._catch_up()
            self._shadows.swap(0)
        self._shadows.drop("_old")
        return self._facts

    def _catch_up(self) -> int:
        """Apply everything before the offsets at which the live projections now are; return of how many.

        What is counted are messages: as many as come in the meantime are left for another pass.
        """
        begun = sum(self._at.values())
        self._goals = self._fold.offsets(self._consumer.partitions(EVENTS))
        self._apply_waiting()
        while behind := self._behind():
            # Whatever lies beyond the goals would be held in memory until they move.
            self._consumer.pause(self._consumer.assigned() - behind)
            self._consumer.resume(behind)
            for partition, messages in self._consumer.poll(POLL_SECONDS, MOST).items():
                mine = self._waiting.setdefault(partition.number, [])
                mine += [e for e in read_all(messages) if e.cell == self._fold.cell.name]
                self._at[partition.number] = messages[-1].offset + 1
            self._apply_waiting()
            self._progress(sum(self._at.values()), sum(self._goals.values()))
        return sum(self._at.values()) - begun

    def _behind(self) -> set[Partition]:
        """Return the partitions of which more must be read."""
        return {
            partition
            for partition in self._consumer.assigned()
            if self._at.get(partition.number, 0) < self._goals.get(partition.number, 0)
        }

    def _apply_waiting(self) -> None:
        """Apply what was read, but for what the live projections have not applied yet."""
        due: list[Event] = []
        for number, events in self._waiting.items():
            goal = self._goals.get(number, 0)
            known, obstacle = known_part([e for e in events if e.offset < goal], self._known)
            if obstacle:
                raise obstacle.error
            due += known
            self._waiting[number] = [e for e in events if e.offset >= goal]
        facts = [event.fact for event in due if event.fact]
        with self._connection.transaction():
            self._facts += self._fold.load(self._projections, "_next", facts).facts
            self._connection.execute(sql.query("", "forget"))
