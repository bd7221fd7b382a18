"""One membership of the workers' group: what is read, for which cells, from which offsets on.

All cells are read for at once, from where the one that is furthest behind goes on; the others skip what
they have seen. A cell that comes back from far behind would keep the others from what is new, so that the
two take turns: messages are then read for those in front, and for all of them, alternately.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from time import monotonic

from edge.kafka.consuming import Consumer, Message, Partition
from edge.kafka.settings import EVENTS, KafkaSettings
from projections.register.intervals import AT_ONCE, FEW_HOUSEHOLDS
from projections.topic.course import Course
from projections.topic.courses import Courses
from projections.topic.messages import Event, read_all

GROUP = "assistance.projections"
POLL_SECONDS = 0.5
MOST = 4_000
"""Messages of one poll, and so of one transaction in a cell."""

IDLE_SECONDS = 5.0
"""How often the offsets move on in cells of which nothing came, and lag is looked at."""

KEEP_UP_SECONDS = 5.0
KEEP_UP_AT_ONCE = 0.5
"""How often, and for how long, what is kept for speed is made while facts keep coming."""

TURN_SECONDS = 1.0
FRONT_SECONDS = 0.1
"""How long either has its turn, unless nothing is there for those in front for a moment."""

HOPE_SECONDS = 30.0
"""How long a worker whose cells are all set aside stays a member, before others get its partitions."""


class Membership:
    """One membership, from joining to the next outage of Kafka, or of all cells."""

    def __init__(self, courses: Courses, kafka: KafkaSettings, stack: ExitStack) -> None:
        self._courses = courses
        # From which offset on the consumer reads: what a cell has not seen before that it is not given.
        self._at: dict[Partition, int] = {}
        self._looked = self._settled = self._kept_up = self._hopeful = monotonic()
        self._order = deque(courses.of.values())
        self._for_front, self._turned = False, 0.0
        for course in courses.of.values():
            course.let_go(list(course.seen))
        self._consumer = stack.enter_context(
            Consumer(kafka, [EVENTS], self._assigned, group=GROUP, let_go=self._let_go)
        )
        # Asked here and never again: it is for good, and in a rebalance the client cannot be asked.
        self._partitions = self._consumer.partitions(EVENTS)

    def run(self, stop: threading.Event) -> None:
        """Read and apply until `stop` is set; raises what all cells together cannot go on with."""
        while not stop.is_set():
            self._bring_back()
            self._courses.refuse_hopeless()
            self._steer()
            if monotonic() > self._looked + IDLE_SECONDS:
                self._look()
            found = self._consumer.poll(FRONT_SECONDS if self._for_front else POLL_SECONDS, MOST)
            self._apply(found)
            self._settle()
            self._keep_up(quiet=not found and not self._for_front)
            if self._for_front and not found:
                self._turned = 0.0

    def _assigned(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Go on where the cell that is furthest behind goes on."""
        self._at |= dict.fromkeys(partitions, 0)
        for course in self._courses.up():
            with course.trying():
                course.go_on([p.number for p in partitions], self._partitions)
        self._courses.assignments += 1
        self._looked = 0.0
        self._at |= self._lowest(self._courses.up(), partitions)
        return self._at

    def _let_go(self, partitions: Collection[Partition]) -> None:
        for partition in partitions:
            self._at.pop(partition, None)
        for course in self._courses.of.values():
            course.let_go([partition.number for partition in partitions])
        self._looked = 0.0

    def _bring_back(self) -> None:
        """Try the cells that were set aside, each in its time."""
        for course in self._courses.of.values():
            if course.due():
                with course.trying():
                    course.open()
                    course.go_on([p.number for p in self._at], self._partitions)

    def _steer(self) -> None:
        """Read on where those go on for whom it now is."""
        up = self._courses.up()
        if up:
            self._hopeful = monotonic()
        elif monotonic() > self._hopeful + HOPE_SECONDS:
            self._courses.give_up()
        lowest = self._lowest(self._whose_turn(up), self._at)
        self._consumer.seek({p: n for p, n in lowest.items() if n != self._at[p]})
        self._at |= lowest
        (self._consumer.resume if up else self._consumer.pause)(self._at)

    def _whose_turn(self, up: Sequence[Course]) -> Sequence[Course]:
        """Return the cells that are not far behind and all of them in turn; all when each is in front."""
        front = self._in_front(up)
        if len(front) == len(up):
            self._for_front = False
        elif monotonic() > self._turned + TURN_SECONDS:
            self._for_front, self._turned = not self._for_front, monotonic()
        return front if self._for_front else up

    def _in_front(self, up: Sequence[Course]) -> list[Course]:
        """Return the cells that are not far behind, or all when each is in some partition."""
        heads = {p.number: max((c.seen[p.number] for c in up), default=0) for p in self._at}
        return [course for course in up if course.behind(heads) <= MOST] or list(up)

    def _lowest(
        self, courses: Sequence[Course], partitions: Collection[Partition]
    ) -> dict[Partition, int]:
        """Return from which offset on messages are read for some cells; nothing when there are none."""
        if not courses:
            return {}
        return {p: min(course.seen[p.number] for course in courses) for p in partitions}

    def _look(self) -> None:
        """See how far behind each cell is; of one of which that is not known, nothing is said."""
        ends = {p.number: end for p, end in self._consumer.ends(self._at).items()}
        self._courses.lag = {
            name: course.behind(ends)
            for name, course in self._courses.of.items()
            if ends.keys() <= course.seen.keys()
        }
        self._looked = monotonic()

    def _apply(self, found: Mapping[Partition, Sequence[Message]]) -> None:
        """Give each cell what came for it, of the partitions in which it is no further behind."""
        events = self._by_cell(found)
        read = {p: messages[-1].offset + 1 for p, messages in found.items() if p in self._at}
        for name, course in self._courses.of.items():
            if course.up:
                ends = {
                    p.number: max(end, course.seen[p.number])
                    for p, end in read.items()
                    if course.seen[p.number] >= self._at[p]
                }
                with course.trying():
                    course.take(events.get(name, {}), ends, self._courses.known)
        self._at |= read

    def _by_cell(
        self, found: Mapping[Partition, Sequence[Message]]
    ) -> dict[str, dict[int, list[Event]]]:
        """Sort what came by cell and partition; what a cell has seen before is left out."""
        sorted_out: dict[str, dict[int, list[Event]]] = {}
        for partition, messages in found.items():
            for event in read_all(messages):
                course = self._courses.of.get(event.cell)
                if course is None:
                    self._courses.count_stranger(event)
                elif event.offset >= course.seen.get(partition.number, 0):
                    mine = sorted_out.setdefault(event.cell, {})
                    mine.setdefault(partition.number, []).append(event)
        return sorted_out

    def _settle(self) -> None:
        """Let the databases know, now and then, what was read in which nothing was theirs."""
        if monotonic() > self._settled + IDLE_SECONDS:
            for course in self._courses.up():
                with course.trying():
                    course.settle()
            self._settled = monotonic()

    def _keep_up(self, quiet: bool) -> None:
        """Make what is kept for speed, and verify lists: when nothing comes, else a little on a clock."""
        now = monotonic()
        if not quiet and now < self._kept_up + KEEP_UP_SECONDS:
            return
        until = now if quiet else now + KEEP_UP_AT_ONCE
        for _ in range(len(self._order)):
            self._order.rotate(-1)
            course = self._order[-1]
            if course.up:
                with course.trying():
                    course.keep_up(AT_ONCE if quiet else FEW_HOUSEHOLDS, until)
            if not quiet and monotonic() >= until:
                break
        self._kept_up = monotonic()
