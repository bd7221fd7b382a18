"""Loading: one batch of facts, from wherever it comes, through every projection's apply.sql."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import psycopg

from projections import sql
from projections.catalogue import Projection
from projections.errors import NotInstalled, UnknownFactType


class Batch(NamedTuple):
    """What became of one batch: how many facts were applied, and the last one's position."""

    facts: int
    position: int


class Source(Protocol):
    """Where the facts of one batch come from, and the documents that they name."""

    after: int
    """The position after which the batch begins: where it stands when it brings nothing."""

    def copy(
        self, cursor: psycopg.Cursor[tuple[object, ...]], register: str
    ) -> tuple[int, UnknownFactType | None]:
        """Copy facts into `batch`; return how many, and what of them cannot be applied.

        `register` is the schema in which the facts that were applied before are.
        """

    def copy_documents(
        self, cursor: psycopg.Cursor[tuple[object, ...]], digests: Sequence[str]
    ) -> None:
        """Copy the parts of documents into `documents`."""


class Loader:
    """A connection with the temporary tables of a batch, which brings facts into schemas."""

    def __init__(self, dsn: str) -> None:
        self.connection = psycopg.connect(
            dsn, autocommit=True, application_name="projections runner"
        )
        # Projections can be made again from the facts, so their commits need not wait for the disk.
        self.connection.execute("set synchronous_commit = off")
        self.connection.execute("set client_min_messages = warning")
        self.connection.execute("set jit = off")
        self.connection.execute("set temp_buffers = '64MB'")
        self.connection.execute("set work_mem = '64MB'")
        self.connection.execute(sql.query("", "tables"))

    def load(
        self, projections: Sequence[Projection], suffix: str, source: Source
    ) -> tuple[Batch, UnknownFactType | None]:
        """Apply the next facts to the schemas `<projection><suffix>`, within the caller's transaction.

        Returns what was applied, and the error to raise after the commit when the fact behind it is of
        an unknown type.
        """
        with self.connection.cursor() as cursor:
            copied, unknown = source.copy(cursor, f"register{suffix}")
            if not copied:
                return Batch(0, source.after), unknown
            cursor.execute(sql.query("", "prepare"))
            self._fetch_documents(cursor, source)
            for projection in projections:
                cursor.execute(f"set local search_path = {projection.name}{suffix}, pg_temp")
                cursor.execute(projection.apply)
            facts, position = one_row(cursor, sql.query("", "extent"))
        return Batch(facts, position or source.after), unknown

    def _fetch_documents(self, cursor: psycopg.Cursor[Any], source: Source) -> None:
        """Bring in the documents that facts of the batch name: most batches name none."""
        cursor.execute(sql.query("", "documents_named"))
        digests = [digest for (digest,) in cursor.fetchall()]
        if digests:
            source.copy_documents(cursor, digests)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def one_row(connection: Any, statement: Any, parameters: Any = None) -> tuple[Any, ...]:
    """Return the one row of an answer; NotInstalled when there is none."""
    row: tuple[Any, ...] | None = connection.execute(statement, parameters).fetchone()
    if row is None:
        raise NotInstalled("The projections' database gave no answer where one row is certain.")
    return row
