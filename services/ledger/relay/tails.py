"""What the relay reads: three tails of the ledger, and how far each is on its topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from itertools import pairwise
from typing import Any, NamedTuple

import psycopg

from edge.closing import Closing
from edge.kafka.producing import MOST_BYTES, Outgoing
from ledger.relay import messages
from ledger.relay.messages import RecordedDeadLetter, RecordedFact, RecordedOutcome
from ledger.store.queries import query

MOST = 1_000
"""Messages of one tail in one chunk."""

HEADERS_BYTES = 600
"""More than the key and the headers of any message take."""

HERE = "ledger.relay"
TAILS: Mapping[str, tuple[Any, Any]] = {
    "facts": (RecordedFact, messages.of_fact),
    "outcomes": (RecordedOutcome, messages.of_outcome),
    "dead_letters": (RecordedDeadLetter, messages.of_dead_letter),
}
"""Each tail's name, the shape of its rows, and what makes a message of one."""


class Chunk(NamedTuple):
    """What comes next in each tail: messages, how many of each, and the positions that they end at.

    `closed` is the last position, as far as it is seen, behind which no fact of the same moment follows: what
    one append recorded has one moment. 0 where none is seen.
    """

    messages: Sequence[Outgoing]
    counts: Mapping[str, int]
    positions: Mapping[str, int]
    closed: int


class Tails(Closing):
    """Two connections to the ledger: one leads, notes and listens, the other reads, from a thread of its own.

    Who holds them and `leads` is the one relay.
    """

    def __init__(self, dsn: str, source: str) -> None:
        self._source = source
        self._connections = ExitStack()
        self._connection = self._connections.enter_context(closing(_connected(dsn)))
        self._reader = self._connections.enter_context(closing(_connected(dsn)))
        # Losing a checkpoint means to send again what has the same id; it need not wait for the disk.
        self._connection.execute("set synchronous_commit = off")

    def close(self) -> None:
        """Let go of the lead and the connections."""
        self._connections.close()

    def lead(self) -> Mapping[str, int] | None:
        """Take the lead, and return where the last leader noted that the tails are; None: somebody leads."""
        row = self._connection.execute(query("lead", HERE)).fetchone()
        if row is None or not row[0]:
            return None
        self._connection.execute("listen facts")
        return dict(self._connection.execute(query("checkpoints", HERE)).fetchall())

    def read(self, after: Mapping[str, int]) -> Chunk:
        """Return what comes after some positions: at most MOST of each tail, of MOST_BYTES in all."""
        found: list[Outgoing] = []
        counts: dict[str, int] = {}
        positions = dict(after)
        room = MOST_BYTES
        closed = 0
        for tail, (shape, message) in TAILS.items():
            rows = [shape._make(row) for row in self._rows(tail, after[tail])]
            for row in rows:
                one = message(row, self._source)
                room -= len(one.value) + HEADERS_BYTES
                if room < 0 and found:
                    break
                found.append(one)
                counts[tail], positions[tail] = counts.get(tail, 0) + 1, row[0]
            if tail == "facts":
                closed = _closed(rows, positions[tail])
        return Chunk(found, counts, positions, closed)

    def note(self, positions: Mapping[str, int]) -> None:
        """Note how far the tails are on their topics."""
        noted = {"tails": list(positions), "positions": list(positions.values())}
        self._connection.execute(query("note_relayed", HERE), noted)

    def wait(self, seconds: float) -> None:
        """Return when something was recorded, or after some seconds: news may be lost with a connection."""
        for _ in self._connection.notifies(timeout=seconds, stop_after=1):
            return

    def _rows(self, tail: str, after: int) -> list[tuple[Any, ...]]:
        with self._reader.cursor(binary=True) as cursor:
            asked = {"after": after, "most": MOST}
            return cursor.execute(query(tail, HERE), asked, prepare=True).fetchall()


def _closed(facts: Sequence[RecordedFact], position: int) -> int:
    """Return the last position that ends a moment, of facts not all of which are sent: up to `position`."""
    if len(facts) < MOST and (not facts or facts[-1].position == position):
        return position  # nothing more is recorded
    ends = (
        fact.position
        for fact, following in pairwise(facts)
        if fact.time != following.time and fact.position <= position
    )
    return max(ends, default=0)


def _connected(dsn: str) -> psycopg.Connection[Any]:
    connection = psycopg.connect(
        dsn, autocommit=True, application_name="ledger relay", connect_timeout=5,
        keepalives_idle=3, keepalives_interval=1, keepalives_count=3, tcp_user_timeout=6_000,
    )  # fmt: skip
    # The server, too, misses a machine that vanished in seconds, and gives its lead to the next.
    connection.execute(query("keep_alive", HERE))
    return connection


def backlog(dsn: str) -> dict[str, int]:
    """Return how many of each tail are not known to be on their topic: exact, tails have no gaps."""
    with psycopg.connect(dsn, connect_timeout=3) as connection:
        checkpoints: dict[str, int] = dict(
            connection.execute(query("checkpoints", HERE)).fetchall()
        )
        heads: dict[str, int] = dict(connection.execute(query("heads", HERE)).fetchall())
    return {tail: heads[tail] - checkpoints[tail] for tail in TAILS}
