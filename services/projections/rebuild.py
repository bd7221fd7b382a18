"""Making projections: the first time, after an upgrade, or anew beside the live ones.

A rebuild fills `<projection>_next` from the first fact on, tables first and indexes after the load, while
the live schema is read and kept up. Then it takes the lock on the live ones, catches up to them, and swaps
the two by renaming, in one transaction. Readers see the one or the other, never neither.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import psycopg

from projections import catalogue, locks, sql
from projections.catalogue import Projection
from projections.errors import AlreadyRunning, BadParameter
from projections.feed import Feed, Following
from projections.loading import Loader, one_row
from projections.runner import refuse_other_source
from projections.shadows import Shadows

BATCH = 100_000
REBUILD_LOCK = 0x61737370
INSTALL_LOCK = 0x6173736A
POSITIONS = "select position from projections.positions"

Progress = Callable[[int, int], None]
"""Told the position come to and the one to reach."""


def silent(position: int, goal: int) -> None:
    """The progress of nobody who looks."""


def install(dsn: str, feed_dsn: str, progress: Progress | None = None) -> list[str]:
    """Make what is missing, make anew what another version made; return the projections' names."""
    stale = outdated(dsn)
    if stale:
        _rebuild(dsn, feed_dsn, stale, progress, None)
    return [projection.name for projection in stale]


def outdated(dsn: str) -> list[Projection]:
    """Return the projections that are missing, or that another version made; what is no more is dropped."""
    with _administrator(dsn) as connection:
        # Two processes that start at once make the schema one after the other.
        connection.execute("select pg_advisory_xact_lock(%s)", (INSTALL_LOCK,))
        connection.execute(sql.script(sql.FOLDER / "positions.sql"))
        _forget_removed(connection)
        found = dict(
            connection.execute("select projection, digest from projections.positions").fetchall()
        )
    return [p for p in catalogue.projections() if found.get(p.name) != p.digest]


def rebuild(
    dsn: str,
    feed_dsn: str,
    names: Sequence[str] = (),
    progress: Progress | None = None,
    known_types: Sequence[str] | None = None,
) -> int:
    """Make the named projections anew, all of them by default; return how many facts were applied."""
    known = {projection.name: projection for projection in catalogue.projections()}
    for name in names:
        if name not in known:
            raise BadParameter(f"There is no projection {name}; there are {', '.join(known)}.")
    chosen = [known[name] for name in known if not names or name in names]
    return _rebuild(dsn, feed_dsn, chosen, progress, known_types)


def _rebuild(
    dsn: str,
    feed_dsn: str,
    projections: Sequence[Projection],
    progress: Progress | None,
    known_types: Sequence[str] | None,
) -> int:
    with Feed(feed_dsn) as feed, closing(Loader(dsn)) as loader:
        refuse_other_source(loader.connection)
        lock(loader.connection)
        known = list(catalogue.known_types() if known_types is None else known_types)
        return _Rebuild(loader, projections, feed, known, progress or silent).run()


class _Rebuild:
    """One rebuild on its way."""

    def __init__(
        self, loader: Loader, projections: Sequence[Projection], feed: Feed, known: Sequence[str],
        progress: Progress,
    ) -> None:  # fmt: skip
        self._loader = loader
        self._connection = loader.connection
        self._projections = projections
        self._shadows = Shadows(loader.connection, projections)
        self._feed = feed
        self._known = known
        self._head = feed.head()
        self._progress = progress
        self._position = 0
        self._facts = 0
        self._first_time = False

    def run(self) -> int:
        self._shadows.make()
        self._load()
        self._shadows.finish()
        self._load()
        with self._connection.transaction():
            locks.alone(self._connection)
            goal = self._live_position()
            while self._position < goal:
                goal = self._load_batch(goal)
                self._connection.execute(sql.query("", "forget"))
            self._shadows.swap(self._position)
        self._shadows.drop("_old")
        return self._facts

    def _live_position(self) -> int:
        rows = self._connection.execute(POSITIONS).fetchall()
        self._first_time = not rows
        return min((row[0] for row in rows), default=self._head)

    def _load(self) -> None:
        """Come up to the live projections, which go on meanwhile."""
        while self._position < (goal := self._live_position()):
            with self._connection.transaction():
                goal = self._load_batch(goal)
            self._progress(self._position, goal)

    def _load_batch(self, goal: int) -> int:
        """Apply one batch; return the position to reach, which is less where a type is unknown."""
        following = Following(self._feed, self._position, goal, BATCH, self._known)
        batch, unknown = self._loader.load(self._projections, "_next", following)
        if unknown and not self._first_time:
            raise unknown
        self._facts += batch.facts
        self._position = batch.position if batch.facts else goal
        if unknown:
            # Installed for the first time: what is known is projected, and the runner says the rest.
            self._head = self._position = batch.position
        return min(goal, self._head) if self._first_time else goal


def _forget_removed(connection: psycopg.Connection[Any]) -> None:
    """A projection that this version no longer has is dropped; its facts stay in the feed."""
    kept = [projection.name for projection in catalogue.projections()]
    rows = connection.execute(
        "delete from projections.positions where not projection = any (%s) returning projection",
        (kept,),
    ).fetchall()
    for (name,) in rows:
        connection.execute(f"drop schema if exists {name} cascade")


def _administrator(dsn: str) -> psycopg.Connection[Any]:
    connection = psycopg.connect(dsn, application_name="projections install")
    connection.execute("set client_min_messages = warning")
    return connection


def lock(connection: psycopg.Connection[Any]) -> None:
    """Be the one who makes projections anew; AlreadyRunning when somebody else does."""
    if not one_row(connection, "select pg_try_advisory_lock(%s)", (REBUILD_LOCK,))[0]:
        raise AlreadyRunning("Another process makes projections anew; wait until it is done.")
