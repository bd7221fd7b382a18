"""A cell's course in a worker: where it goes on in each partition, and what is in its way.

What goes wrong with a cell sets this cell aside and no other. An outage is over by itself and is tried
again soon; an unknown type, a lost fact, an unreadable message or tables of another version need people,
and are tried again now and then, as they are seen to elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

import psycopg

from projections.database import Database
from projections.errors import ProjectionError, Unreachable
from projections.loading import one_row
from projections.payment_lists import verifying
from projections.register import intervals
from projections.runner import RUNNER_LOCK
from projections.topic.cells import Cell
from projections.topic.documents import NoDocument
from projections.topic.folding import Fold, Part, bounded
from projections.topic.messages import Event, known_part

OUTAGES: tuple[type[Exception], ...] = (
    psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction, NoDocument, Unreachable,
)  # fmt: skip
LOCKS_WAIT = "set lock_timeout = '5s'"
"""How long a cell may let the others wait, while its tables are swapped."""

SHARE = 5
"""What failed is tried again after so many times as long as it took: others have the rest of the time."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """After how many seconds a cell that was set aside is tried again.

    first, most  after an outage: each failure doubles the wait, up to the most
    people       after what people must see to
    lasting      without a failure for so long, a cell counts as well again
    """

    first: float = 0.5
    most: float = 10.0
    people: float = 60.0
    lasting: float = 10.0


class Trouble(NamedTuple):
    """What is wrong with a cell, how often in a row it was, and when it is tried again."""

    error: Exception
    needs_people: bool
    times: int
    again: float


class Course:
    """One cell in one worker; its database is open unless it is set aside."""

    def __init__(self, cell: Cell, pace: Pace) -> None:
        self.cell = cell
        self.trouble: Trouble | None = None
        self.failures = 0
        self.applied = 0
        self.seen: dict[int, int] = {}
        """By partition: before which offset nothing is left to do for the cell; unknown ones lack."""
        self._believed: dict[int, int] = {}
        """The same as its database has it: behind where nothing came."""
        self._pace = pace
        self._opened = 0.0
        self._fold: Fold | None = None
        self._database: Database | None = None

    @property
    def up(self) -> bool:
        """Whether the cell takes part."""
        return self._fold is not None

    def due(self) -> bool:
        """Tell whether a cell that is set aside, or was never opened, is to be tried now."""
        return not self.up and (self.trouble is None or monotonic() >= self.trouble.again)

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Set the cell aside when what is done within fails for a reason that is the cell's own."""
        began = monotonic()
        try:
            yield
        except (ProjectionError, psycopg.Error) as error:
            self._set_aside(error, monotonic() - began)

    def open(self) -> None:
        """Connect to the cell's database."""
        self._opened = monotonic()
        self._fold = Fold(self.cell)
        self._fold.connection.execute(LOCKS_WAIT)
        self._database = Database(bounded(self.cell.projections_dsn), connections=1)
        self._database.open()

    def close(self) -> None:
        """Close what is open, be it broken or not."""
        if self._database:
            self._database.close()
        if self._fold:
            self._fold.close()
        self._database = self._fold = None

    def go_on(self, numbers: Collection[int], partitions: int) -> None:
        """Go on with some of a topic's partitions, where the cell's database says."""
        offsets = self._open_fold().offsets(partitions)
        self._believed |= {number: offsets[number] for number in numbers}
        self.seen |= {number: offsets[number] for number in numbers}

    def let_go(self, numbers: Collection[int]) -> None:
        """Forget partitions that others have from now on."""
        for number in numbers:
            self._believed.pop(number, None)
            self.seen.pop(number, None)

    def take(
        self, events: Mapping[int, Sequence[Event]], ends: Mapping[int, int], known: Collection[str]
    ) -> None:
        """Apply what was read of partitions up to some ends, as far as nothing is in the way.

        Raises what is, once everything before it is applied.
        """
        parts: dict[int, Part] = {}
        taken: list[Event] = []
        wrong: ProjectionError | None = None
        for number, end in ends.items():
            some, obstacle = known_part(events.get(number, ()), known)
            wrong = obstacle.error if obstacle else wrong
            moved = obstacle.offset if obstacle else end
            reached = max((event.reached for event in some), default=0)
            parts[number] = Part(self._believed[number], moved, reached)
            taken += some
        if taken or wrong:
            self._apply(taken, parts)
        self.seen |= {n: part.moved for n, part in parts.items() if part.moved > self.seen[n]}
        if wrong:
            raise wrong

    def settle(self) -> None:
        """Let the database know what was read where nothing was the cell's; forget what trouble is over."""
        parts = {number: Part(self._believed[number], n, 0) for number, n in self.seen.items()}
        self._apply((), parts)
        if self.trouble and monotonic() > self._opened + self._pace.lasting:
            self.trouble = None
            _log.info("%s is well again", self.cell.name)

    def keep_up(self, most: int, until: float) -> None:
        """Make again what is kept for speed, and verify a frozen list; one worker at a time does.

        Takes up to `most` households at once, again and again until an instant.
        """
        connection = self._open_fold().connection
        if not one_row(connection, "select pg_try_advisory_lock(%s)", (RUNNER_LOCK,))[0]:
            return
        try:
            while intervals.refresh(connection, most) and monotonic() < until:
                pass
            if self._database:
                verifying.verify_next(connection, self._database)
        finally:
            if not connection.closed:
                connection.execute("select pg_advisory_unlock(%s)", (RUNNER_LOCK,))

    def behind(self, offsets: Mapping[int, int]) -> int:
        """Return how many messages lie between what the cell has seen and some offsets."""
        return sum(max(0, at - self.seen.get(number, at)) for number, at in offsets.items())

    def _open_fold(self) -> Fold:
        if self._fold is None:
            raise Unreachable(f"{self.cell.name} is set aside.")
        return self._fold

    def _apply(self, events: Sequence[Event], parts: Mapping[int, Part]) -> None:
        moving = {number: part for number, part in parts.items() if part.moved > part.believed}
        if moving:
            self.applied += self._open_fold().apply(events, moving).facts
            self._believed |= {number: part.moved for number, part in moving.items()}

    def _set_aside(self, error: Exception, took: float) -> None:
        self.close()
        self.failures += 1
        needs_people = not isinstance(error, OUTAGES)
        times = self.trouble.times + 1 if self.trouble else 1
        wait = min(self._pace.first * 2 ** min(times - 1, 20), self._pace.most)
        wait = max(self._pace.people if needs_people else wait, SHARE * took)
        self.trouble = Trouble(error, needs_people, times, monotonic() + wait)
        words = "%s is set aside, and tried again in %.1f s: %s"
        said = str(error) or type(error).__name__
        level = logging.ERROR if needs_people else logging.WARNING
        _log.log(level, words, self.cell.name, wait, said)
