"""Shadows: the schemas `<projection>_next`, made beside the live ones and then swapped with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from projections import catalogue
from projections.catalogue import Projection


class Shadows:
    """The shadows of some projections, on one connection."""

    def __init__(
        self, connection: psycopg.Connection[Any], projections: Sequence[Projection]
    ) -> None:
        self._connection = connection
        self._projections = projections

    def make(self) -> None:
        """Make them, empty and without indexes; what an earlier rebuild left is dropped."""
        self._connection.execute("set maintenance_work_mem = '256MB'")
        self.drop("_next")
        self.drop("_old")
        with self._connection.transaction():
            self._connection.execute(
                "select set_config('projections.policy_settings', %s, true)",
                (catalogue.policy_settings().decode(),),
            )
            for projection in self._projections:
                self._connection.execute(f"create schema {projection.name}_next")
                self._run(projection, projection.tables)

    def finish(self) -> None:
        """Make their indexes, and look at what is in them."""
        for projection in self._projections:
            with self._connection.transaction():
                self._run(projection, projection.indexes)
            tables = self._connection.execute(
                "select format('%%I.%%I', schemaname, tablename) from pg_tables where schemaname = %s",
                (f"{projection.name}_next",),
            ).fetchall()
            for (table,) in tables:
                self._connection.execute(f"analyze {table}")

    def swap(self, position: int) -> None:
        """Put them in the place of the live ones, at a position, within the caller's transaction."""
        for projection in self._projections:
            name = projection.name
            if self._exists(name):
                self._connection.execute(f"alter schema {name} rename to {name}_old")
            self._connection.execute(f"alter schema {name}_next rename to {name}")
            self._connection.execute(
                "insert into projections.positions (projection, position, digest) values (%s, %s, %s)"
                " on conflict (projection) do update"
                " set position = excluded.position, digest = excluded.digest",
                (name, position, projection.digest),
            )

    def drop(self, suffix: str) -> None:
        """Drop what has a suffix."""
        for projection in self._projections:
            self._connection.execute(f"drop schema if exists {projection.name}{suffix} cascade")

    def _run(self, projection: Projection, statements: bytes) -> None:
        self._connection.execute(f"set local search_path = {projection.name}_next, pg_temp")
        if statements:
            self._connection.execute(statements)

    def _exists(self, schema: str) -> bool:
        row = self._connection.execute(
            "select 1 from pg_namespace where nspname = %s", (schema,)
        ).fetchone()
        return row is not None
