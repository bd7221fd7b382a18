"""The recorder: the library's, with the one append function in the place of its INSERT."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.rows import DictRow

from ledger.errors import LedgerError
from ledger.store.arrays import byte_strings, integers, texts, uuids
from ledger.store.queries import query


class VersionConflict(LedgerError):
    """Another writer recorded a fact on the stream first; decide again."""

    name = "version-conflict"


class RepeatedCommand(LedgerError):
    """The command is on record already: its first answer is the answer."""

    name = "repeated-command"


class RepeatedMessage(LedgerError):
    """The message is on record already: its first outcome is the answer."""

    name = "repeated-message"


class CommandRow(NamedTuple):
    """An accepted command, as it is kept beside its facts."""

    actor: str
    key: str
    payload: bytes
    subject: UUID
    facts: int


class Beside(Protocol):
    """What is written in one transaction with facts; the connection commits once both are done."""

    def before(self, conn: psycopg.Connection[DictRow]) -> None:
        """Write what comes before the facts; an exception takes everything back."""

    def after(self, conn: psycopg.Connection[DictRow], positions: Sequence[int]) -> None:
        """Write what follows from the positions of the facts."""


class LedgerRecorder(PostgresApplicationRecorder):
    """Appends facts and their commands in one call of one database function."""

    def __init__(self, datastore: PostgresDatastore, *, events_table_name: str = "facts") -> None:
        # The library would name the table after the application; ours is ledger.facts.
        super().__init__(datastore, events_table_name="facts")

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        commands: Sequence[CommandRow] = (),
        **kwargs: Any,
    ) -> Sequence[int]:
        """Append facts, with the commands that they answer, and return their positions.

        Raises VersionConflict, RepeatedCommand or RepeatedMessage, told apart by the constraint that was hit;
        nothing is recorded then. The library's own retry is left out on purpose: a lost connection
        leaves open whether the facts are in, and only the command's key tells.
        """
        if not stored_events:
            return []
        return self.append(
            [_uuid(event.originator_id) for event in stored_events],
            [event.originator_version for event in stored_events],
            [event.topic for event in stored_events],
            [event.state for event in stored_events],
            commands,
        )

    def append(
        self,
        ids: Sequence[UUID],
        versions: Sequence[int],
        topics: Sequence[str],
        states: Sequence[bytes],
        commands: Sequence[CommandRow],
        beside: Beside | None = None,
    ) -> Sequence[int]:
        """Append facts given as parallel columns, and what is beside them; see insert_events."""
        columns = {
            "ids": uuids(ids),
            "versions": integers(versions),
            "topics": texts(topics),
            "states": byte_strings(states),
            "actors": texts([command.actor for command in commands]),
            "keys": texts([command.key for command in commands]),
            "payloads": byte_strings([command.payload for command in commands]),
            "subjects": uuids([command.subject for command in commands]),
            "counts": integers([command.facts for command in commands]),
        }
        with self.datastore.get_connection() as conn:
            try:
                if beside is None:
                    return _append(conn, columns, len(ids))
                with conn.transaction():
                    beside.before(conn)
                    positions = _append(conn, columns, len(ids)) if ids else range(0)
                    beside.after(conn, positions)
            except psycopg.errors.UniqueViolation as error:
                raise _conflict(error) from error
        return positions


def _append(
    conn: psycopg.Connection[DictRow], columns: dict[str, Any], facts: int
) -> Sequence[int]:
    row = conn.execute(query("append"), columns).fetchone()
    first = int(next(iter((row or {}).values()))) + 1
    return range(first, first + facts)


def _uuid(stream: UUID | str) -> UUID:
    return stream if isinstance(stream, UUID) else UUID(stream)


def _conflict(error: psycopg.errors.UniqueViolation) -> Exception:
    if error.diag.constraint_name == "commands_key":
        return RepeatedCommand("A command of the batch is on record already.")
    if error.diag.constraint_name == "inbox_message":
        return RepeatedMessage("A message of the batch is on record already.")
    if error.diag.table_name == "facts":
        return VersionConflict("Another writer recorded a fact on one of the streams first.")
    return error
