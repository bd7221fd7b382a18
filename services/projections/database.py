"""Connections for questions: a pool, each connection looking where a question's tables are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from projections import catalogue
from projections.errors import Unreachable

TIMEOUT_SECONDS = 10.0


class Reader(psycopg.Connection[TupleRow]):
    """A connection of the pool; it remembers what it was set to, so that nothing is set twice."""

    looking_at: str = ""


class Database:
    """The projections' database as questions see it: read-only, at most `connections` at a time."""

    def __init__(self, dsn: str, connections: int = 8) -> None:
        self._pool: ConnectionPool[Reader] = ConnectionPool(
            dsn,
            connection_class=Reader,
            kwargs={"autocommit": True, "application_name": "projections questions"},
            configure=_configure,
            min_size=1,
            max_size=connections,
            open=False,
            timeout=TIMEOUT_SECONDS,
        )

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def open(self) -> None:
        """Open the pool; connections follow as they are needed."""
        self._pool.open()

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    @contextmanager
    def reading(self, folder: str = "register", *, many: bool = False) -> Iterator[Reader]:
        """A connection whose unqualified names are the folder's tables, then the register's.

        `many` is for questions about whole areas: their intermediate sets are large, and the planner,
        which cannot know that, must not loop over them.
        Raises Unreachable when the database does not answer.
        """
        try:
            with self._pool.connection() as connection:
                _look(connection, folder, many)
                yield connection
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise Unreachable("The projections' database does not answer. Ask again.") from error


def _configure(connection: Reader) -> None:
    connection.execute("set default_transaction_read_only = on")
    # Texts have many optional parameters; a plan made once for all their values serves none well.
    connection.execute("set plan_cache_mode = force_custom_plan")
    connection.execute("set jit = off")
    # Joins are written in the order in which they are to be made: the planner knows nothing of the sizes
    # of intermediate sets, and searching through every order takes longer than the answer.
    connection.execute("set join_collapse_limit = 1")
    connection.execute("set from_collapse_limit = 1")
    connection.execute("set work_mem = '64MB'")


def _look(connection: Reader, folder: str, many: bool) -> None:
    own = [p.name for p in catalogue.projections() if p.name == folder != "register"]
    wanted = f"{', '.join([*own, 'register'])};{many}"
    if connection.looking_at != wanted:
        path, _, _ = wanted.partition(";")
        loops = "off" if many else "on"
        connection.execute(
            f"set search_path = {path}; set enable_nestloop = {loops}; set enable_mergejoin = {loops}"
        )
        connection.looking_at = wanted


Row = dict[str, Any]
"""A row of an answer, by column."""
