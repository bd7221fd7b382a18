"""The runner: a batch of facts, every projection's apply.sql, the position, one commit.

All projections stand at one position, which is saved with what it led to: after a crash the runner goes
on where the last commit left it, and no fact counts twice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

import psycopg

from edge.closing import Closing
from projections import catalogue, locks
from projections.database import Database
from projections.errors import AlreadyRunning, NotInstalled
from projections.feed import Feed, Following
from projections.loading import Batch, Loader, one_row
from projections.payment_lists import verifying
from projections.register import intervals

_log = logging.getLogger(__name__)
END = 2**63 - 1
POLL_SECONDS = 1.0
RUNNER_LOCK = 0x61737369  # any number that no other part of the system locks


class Runner(Closing):
    """The one process that brings new facts into the live projections.

    Raises AlreadyRunning when there is another one, NotInstalled when install() has not made or renewed
    the schemas.
    """

    def __init__(
        self, dsn: str, feed_dsn: str, batch: int = 5_000, known_types: Sequence[str] | None = None
    ) -> None:
        self._feed = Feed(feed_dsn)
        self._loader = Loader(dsn)
        self._known = list(catalogue.known_types() if known_types is None else known_types)
        self._connection = self._loader.connection
        self._batch = batch
        self._database = Database(dsn, connections=1)
        self._database.open()
        refuse_other_source(self._connection)
        if not one_row(self._connection, "select pg_try_advisory_lock(%s)", (RUNNER_LOCK,))[0]:
            self.close()
            raise AlreadyRunning("Another process runs the projections of this database.")

    def close(self) -> None:
        """Close every connection; who comes next finds the lock free."""
        self._database.close()
        if not self._connection.broken:
            # Else it would be held until the server notices that the connection is gone.
            self._connection.execute("select pg_advisory_unlock_all()")
        self._loader.close()
        self._feed.close()

    def step(self) -> Batch:
        """Apply one batch; raise UnknownFactType, once everything before that fact is applied."""
        with self._connection.transaction():
            # The lock keeps out the last act of a rebuild, which swaps the schemas.
            position = locked_position(self._connection)
            following = Following(self._feed, position, END, self._batch, self._known)
            batch, unknown = self._loader.load(catalogue.projections(), "", following)
            if batch.facts:
                self._connection.execute(
                    "update projections.positions set position = %s", (batch.position,)
                )
        if unknown:
            raise unknown
        return batch

    def catch_up(self) -> int:
        """Apply everything recorded so far; return the position come to."""
        while (batch := self.step()).facts:
            pass
        while self.refresh() or self.verify():
            pass
        return batch.position

    def refresh(self) -> int:
        """Make some of what is kept for speed again, where facts took it away; return how much."""
        return intervals.refresh(self._connection)

    def verify(self) -> bool:
        """Compute the next frozen list again, to see whether it comes out the same; False: none is left."""
        verification = verifying.verify_next(self._connection, self._database)
        if verification and not verification.agrees:
            _log.warning("payment list %s comes out otherwise: disputed", verification.list)
        return verification is not None

    def run(self, stop: threading.Event) -> None:
        """Apply facts as they are recorded, until `stop` is set (looked at every second)."""
        self._feed.listen()
        while not stop.is_set():
            if not self.step().facts and not self.refresh() and not self.verify():
                self._feed.wait(POLL_SECONDS)


def locked_position(connection: psycopg.Connection[Any]) -> int:
    """Return the position of the live projections, which are ours until the transaction ends."""
    locks.alone(connection)
    rows = connection.execute(
        "select projection, position, digest from projections.positions"
    ).fetchall()
    wanted = {projection.name: projection.digest for projection in catalogue.projections()}
    if {name: digest for name, _, digest in rows} != wanted:
        raise NotInstalled("The projections are of another version; install them first.")
    return int(rows[0][1])


def refuse_other_source(connection: psycopg.Connection[Any]) -> None:
    """Two ways in would each count what the other brought: NotInstalled when Kafka's is in use."""
    if _has_partitions(connection):
        raise NotInstalled(
            "These projections come from Kafka: run them with --source kafka, or empty their database."
        )


def comes_from_kafka(dsn: str) -> bool:
    """Tell whether the projections of a database come from Kafka, and are kept up by workers."""
    with psycopg.connect(dsn) as connection:
        return _has_partitions(connection)


def _has_partitions(connection: psycopg.Connection[Any]) -> bool:
    if not one_row(connection, "select to_regclass('projections.partitions') is not null")[0]:
        return False
    return bool(one_row(connection, "select exists (select from projections.partitions)")[0])
