"""The lock on the live schemas: many apply facts at once, or one does what nobody may apply beside.

An advisory lock and not one on rows: who waits for it is served in turn, so that those who share it, one
after another without a gap, do not keep out who wants it alone. It is of the database, and is let go when
the transaction ends.
"""

from __future__ import annotations

from typing import Any

import psycopg

LIVE_LOCK = 0x6173736C


def share(connection: psycopg.Connection[Any]) -> None:
    """Keep out whoever wants the live schemas alone, until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock_shared(%s)", (LIVE_LOCK,))


def alone(connection: psycopg.Connection[Any]) -> None:
    """Let nobody else apply, refresh or swap anything until the transaction ends.

    What is to be known of the schemas is to be read after this, in a statement of its own.
    """
    connection.execute("select pg_advisory_xact_lock(%s)", (LIVE_LOCK,))
