"""The cache of intervals: kept for households that do not change, made again for those that did.

A question about an area takes what is kept and computes the rest from assertions: its answer never
depends on how much is kept, only its speed does.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg

from projections import locks, sql

FIRST, LAST = date(1900, 1, 1), date(2999, 12, 1)
"""All months that there are."""

AT_ONCE = 20_000
"""Households made again in one transaction, at most."""

FEW_HOUSEHOLDS = 200
"""Up to so many are looked up one by one; for more, whole tables are read."""


_SETTINGS = """
select set_config('search_path', 'register', true), set_config('enable_nestloop', %(loops)s, true),
       set_config('enable_mergejoin', %(loops)s, true), set_config('join_collapse_limit', '1', true),
       set_config('from_collapse_limit', '1', true)
"""
_CHANGED = "select count(*) from (select from register.changed_households limit %s) as changed"
_POSITION = "select max(position) from register.facts"
"""A household is on one stream: all that is known of it counts, whatever others have reached."""


def refresh(connection: psycopg.Connection[Any], most: int = AT_ONCE) -> int:
    """Make the intervals of changed households again, at most `most`; return of how many.

    Takes the lock on the live schemas alone, so that no fact comes in between.
    """
    with connection.transaction():
        changed = _number(connection, _CHANGED, (most,))
        if not changed:
            return 0
        locks.alone(connection)
        position = _number(connection, _POSITION)
        loops = "on" if changed <= FEW_HOUSEHOLDS else "off"
        connection.execute(_SETTINGS, {"loops": loops})
        asked = {"position": position, "many": most, "first": FIRST, "last": LAST}
        return connection.execute(sql.query("register", "refresh"), asked, prepare=False).rowcount


def _number(connection: psycopg.Connection[Any], statement: str, values: Any = None) -> int:
    row = connection.execute(statement, values).fetchone()
    return int(row[0] or 0) if row else 0
