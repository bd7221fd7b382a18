"""Whether the database answers, asked once before anything is built on it."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ledger.errors import CannotStart
from ledger.store.migrations import check_current

CONNECT_SECONDS = 5
"""How long to wait for a server that does not answer; `connect_timeout` in the DSN overrides it."""


def reach(dsn: str) -> None:
    """Connect once and look at the schema, so that a start fails at once and in one line.

    Raises CannotStart for a DSN that cannot be read, a server that does not let us in, and a schema
    that is missing, older or newer than the code. Never tells the DSN, which may hold a password.
    """
    try:
        with psycopg.connect(_with_timeout(dsn)) as conn:
            check_current(conn)
    except psycopg.OperationalError as error:
        said = " ".join(str(error).split())
        raise CannotStart(f"The database cannot be reached: {said}") from None


def _with_timeout(dsn: str) -> str:
    try:
        given: dict[str, Any] = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        raise CannotStart(
            "The DSN cannot be read: give a libpq connection string or URI."
        ) from None
    given.setdefault("connect_timeout", CONNECT_SECONDS)
    return make_conninfo(**given)
