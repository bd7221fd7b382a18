"""Connections for questions: a pool, each connection looking where a question's tables are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from edge.closing import Closing
from projections import catalogue
from projections.errors import Unreachable

TIMEOUT_SECONDS = 10.0


class Reader(psycopg.Connection[TupleRow]):
    """A connection of the pool; it remembers what it was set to, so that nothing is set twice."""

    set_for_many: bool | None = None


class Database(Closing):
    """The projections' database as questions see it: read-only, at most `connections` at a time.

    A question waits at most `timeout` seconds for a connection.
    """

    def __init__(self, dsn: str, connections: int = 8, timeout: float = TIMEOUT_SECONDS) -> None:
        self._pool: ConnectionPool[Reader] = ConnectionPool(
            dsn,
            connection_class=Reader,
            kwargs={"autocommit": True, "application_name": "projections questions"},
            configure=_configure,
            min_size=1,
            max_size=connections,
            open=False,
            timeout=timeout,
        )

    def __enter__(self) -> Self:
        self.open()
        return self

    def open(self) -> None:
        """Open the pool; connections follow as they are needed."""
        self._pool.open()

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    @contextmanager
    def reading(self, *, many: bool = False) -> Iterator[Reader]:
        """A connection to ask on; unqualified names are the projections' tables.

        `many` is for questions about whole areas, else the question is about one household or the like.
        Raises Unreachable when the database does not answer.
        """
        try:
            with self._pool.connection() as connection:
                _set_for(connection, many)
                yield connection
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise Unreachable("The projections' database does not answer. Ask again.") from error


# Intermediate sets are large, and the planner, which cannot know that, must not loop over them, nor
# merge them by a part of their key. The values decide on the plan, so it is made for each question.
MANY = (
    "set enable_nestloop = off; set enable_mergejoin = off; set plan_cache_mode = force_custom_plan;"
    " set work_mem = '192MB'"
)

# The sets are small and found by index; making a plan would take longer than the answer.
ONE = (
    "set enable_nestloop = on; set enable_mergejoin = on; set plan_cache_mode = force_generic_plan;"
    " set work_mem = '64MB'"
)


def _configure(connection: Reader) -> None:
    connection.execute("set default_transaction_read_only = on")
    # One path for all questions, since another path would cost every kept plan; table names are unique.
    path = ", ".join(projection.name for projection in catalogue.projections())
    connection.execute(f"set search_path = {path}")
    connection.execute("set jit = off")
    # Joins are written in the order in which they are to be made: the planner knows nothing of the
    # sizes of intermediate sets, and searching through every order takes longer than the answer.
    connection.execute("set join_collapse_limit = 1")
    connection.execute("set from_collapse_limit = 1")


def _set_for(connection: Reader, many: bool) -> None:
    if connection.set_for_many is not many:
        connection.execute(MANY if many else ONE)
        connection.set_for_many = many


Row = dict[str, Any]
"""A row of an answer, by column."""
