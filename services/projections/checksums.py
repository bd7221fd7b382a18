"""Checksums of projections: two that were made from the same facts, in whatever batches, have the same."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from projections import catalogue

KEPT_FOR_SPEED = ("intervals", "kept_households", "changed_households")
"""Tables of a cache, which say nothing that the others do not."""


def checksums(connection: psycopg.Connection[Any], suffix: str = "") -> dict[str, str]:
    """Return a checksum per table `<projection>.<table>` of the schemas with a suffix.

    A sum over rows of a hash of each row's text: independent of the order in which rows lie.
    """
    found: dict[str, str] = {}
    for projection in catalogue.projections():
        schema = projection.name + suffix
        tables = connection.execute(
            "select tablename from pg_tables where schemaname = %s and not tablename = any (%s)"
            " order by tablename",
            (schema, list(KEPT_FOR_SPEED)),
        ).fetchall()
        for (table,) in tables:
            found[f"{projection.name}.{table}"] = _checksum(connection, schema, table)
    return found


def _checksum(connection: psycopg.Connection[Any], schema: str, table: str) -> str:
    query = sql.SQL(
        "select count(*), coalesce(sum(hashtextextended(row_to_json(t)::text, 0)::numeric), 0) from {} as t"
    )
    row = connection.execute(query.format(sql.Identifier(schema, table))).fetchone()
    return "0:0" if row is None else f"{row[0]}:{row[1]}"
