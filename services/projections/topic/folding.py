"""Folding: what a poll brought of one cell, into its database, with the offsets that it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from projections import catalogue, locks, sql
from projections.catalogue import Projection
from projections.errors import NotInstalled, ProjectionError, UnknownFactType
from projections.loading import Batch, Loader
from projections.topic import documents
from projections.topic.cells import Cell
from projections.topic.messages import Event, FactRow

_IN = "copy batch (position, stream, version, type, recorded_at, data) from stdin"
_DOCUMENTS_IN = "copy documents (digest, part, content) from stdin"
PATIENCE = {
    "connect_timeout": "3", "tcp_user_timeout": "10000", "keepalives_idle": "5",
    "keepalives_interval": "5", "keepalives_count": "2",
}  # fmt: skip


class LeftBehind(Exception):
    """Another worker went on with a partition: what was read of it is not ours to apply."""


class MissingFact(ProjectionError):
    """A fact came before the one before it on its stream: something of the topic was lost."""

    name = "missing-fact"


def bounded(dsn: str) -> str:
    """Return a DSN by which a server that is gone is given up after seconds, not after minutes."""
    return make_conninfo(**{**PATIENCE, **conninfo_to_dict(dsn)})  # type: ignore[arg-type]


class Part(NamedTuple):
    """What was read of one partition: from which offset on, to which, and up to which position."""

    believed: int
    moved: int
    reached: int


class Fold:
    """One cell's database, to which parts of partitions are brought."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self._loader = Loader(bounded(cell.projections_dsn))
        self.connection = self._loader.connection

    def close(self) -> None:
        """Close the connection."""
        self._loader.close()

    def offsets(self, partitions: int) -> dict[int, int]:
        """Return where each of the topic's partitions goes on."""
        self.connection.execute(sql.query("topic", "make_partitions"), {"partitions": partitions})
        return dict(self.connection.execute(sql.query("topic", "offsets")).fetchall())

    def apply(self, events: Sequence[Event], parts: Mapping[int, Part]) -> Batch:
        """Apply facts and move the partitions, in one transaction.

        Raises LeftBehind when another worker moved one, MissingFact when a stream has a gap, NotInstalled
        when another version made the schemas; nothing is changed then.
        """
        with self.connection.transaction():
            hold(self.connection)
            self._move(parts)
            facts = [event.fact for event in events if event.fact]
            return self.load(catalogue.projections(), "", facts)

    def load(
        self, projections: Sequence[Projection], suffix: str, facts: Sequence[FactRow]
    ) -> Batch:
        """Apply facts to the schemas with a suffix, within the caller's transaction."""
        if not facts:
            return Batch(0, 0)
        return self._loader.load(projections, suffix, Brought(self.cell, facts))[0]

    def _move(self, parts: Mapping[int, Part]) -> None:
        moved = {
            "partitions": list(parts),
            "believed": [part.believed for part in parts.values()],
            "moved": [part.moved for part in parts.values()],
            "reached": [part.reached for part in parts.values()],
        }
        self.connection.execute(sql.query("topic", "lock_partitions"), moved)
        if self.connection.execute(sql.query("topic", "move"), moved).rowcount < len(parts):
            raise LeftBehind


def hold(connection: psycopg.Connection[Any]) -> None:
    """Keep the live schemas as they are until the transaction ends; NotInstalled when they are others."""
    locks.share(connection)
    rows = connection.execute(sql.query("topic", "digests")).fetchall()
    if dict(rows) != {p.name: p.digest for p in catalogue.projections()}:
        raise NotInstalled("The projections are of another version; install them first.")


class Brought:
    """One batch of facts that messages brought: each once, none before the one before it."""

    after = 0

    def __init__(self, cell: Cell, facts: Sequence[FactRow]) -> None:
        self._cell = cell
        self._facts = {(fact.stream, fact.version): fact for fact in reversed(facts)}

    def copy(
        self, cursor: psycopg.Cursor[tuple[object, ...]], register: str
    ) -> tuple[int, UnknownFactType | None]:
        """Copy the facts that were not applied before."""
        with cursor.copy(_IN) as rows:
            for fact in self._facts.values():
                rows.write_row(fact)
        cursor.execute(f"set local search_path = {register}, pg_temp".encode())
        repeated = cursor.execute(sql.query("topic", "drop_known")).rowcount
        gap = cursor.execute(sql.query("topic", "first_gap")).fetchone()
        if gap:
            raise MissingFact(
                f"{gap[0]}:{gap[1]} of {self._cell.name} came, and the fact before it did not. "
                "Rebuild the projections from the start of the topic, and look for what was lost."
            )
        return len(self._facts) - repeated, None

    def copy_documents(
        self, cursor: psycopg.Cursor[tuple[object, ...]], digests: Sequence[str]
    ) -> None:
        """Fetch documents from the cell's ledger."""
        for digest in digests:
            with cursor.copy(_DOCUMENTS_IN) as rows:
                for number, content in documents.parts(self._cell.ledger_url, digest):
                    rows.write_row((digest, number, content))
