"""Streams in memory, brought up to date from the store before they are decided upon."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Iterable
from typing import TypeVar
from uuid import UUID

from eventsourcing.postgres import PostgresDatastore
from psycopg.rows import tuple_row

from ledger.errors import Refused
from ledger.fact import Fact
from ledger.store.arrays import integers, uuids
from ledger.store.mapper import decode
from ledger.store.queries import query
from ledger.stream import Stream
from ledger.subjects import SUBJECT_OF

S = TypeVar("S", bound=Stream)

KEPT = 12_000
"""How many streams stay in memory between batches: some 60 MiB of small households."""


class StoredStreams:
    """A cache of streams: read once within a batch; between batches what it holds may go stale."""

    def __init__(self, datastore: PostgresDatastore, kept: int = KEPT) -> None:
        self._datastore = datastore
        self._kept = kept
        # Keyed by the ids' integers: a UUID computes its hash anew, in Python, at every look-up.
        self._streams: OrderedDict[int, Stream] = OrderedDict()
        self._fresh: set[int] = set()

    def begin(self) -> None:
        """Start a batch: what is in memory has to be brought up to date again."""
        # The last batch's streams, the newest here, may hold facts that are only now being stored.
        kept = max(self._kept, len(self._fresh))
        self._fresh.clear()
        while len(self._streams) > kept:
            self._streams.popitem(last=False)

    def clear(self) -> None:
        """Forget everything: what is in memory may not be what is stored."""
        self._streams.clear()
        self._fresh.clear()

    def get(self, cls: type[S], stream: UUID) -> S:
        """Return a stream as stored now, empty when nothing is recorded on it.

        Raises Refused (one_subject_a_stream) when it is the stream of a subject of another kind.
        """
        if stream.int not in self._fresh:
            self.prefetch([(cls, stream)])
        found = self._streams[stream.int]
        if isinstance(found, cls):
            return found
        if found.version:
            raise _another_kind(found, cls)
        self._streams[stream.int] = made = cls(stream)
        return made

    def prefetch(self, wanted: Iterable[tuple[type[Stream], UUID]]) -> None:
        """Bring streams up to date with one query, or none when all are."""
        stale = {
            stream.int: (cls, stream) for cls, stream in wanted if stream.int not in self._fresh
        }
        if not stale:
            return
        for key, (cls, stream) in stale.items():
            if key in self._streams:
                self._streams.move_to_end(key)
            else:
                self._streams[key] = cls(stream)
        for stream, facts in self._newer([stream for _, stream in stale.values()]).items():
            if not self._streams[stream.int].version:
                # What is recorded says what a stream is, whatever it was asked for as.
                self._streams[stream.int] = SUBJECT_OF[type(facts[0])].stream(stream)
            self._streams[stream.int].extend(facts)
        self._fresh.update(stale)

    def _newer(self, streams: list[UUID]) -> dict[UUID, list[Fact]]:
        """Return what was recorded on streams since they were read, streams without news left out."""
        versions = [self._streams[stream.int].version for stream in streams]
        has = {"ids": uuids(streams), "versions": integers(versions)}
        newer: dict[UUID, list[Fact]] = {}
        with self._datastore.get_connection() as conn, conn.cursor(row_factory=tuple_row) as cursor:
            for stream, topic, state in cursor.execute(query("newer_facts"), has, binary=True):
                newer.setdefault(stream, []).append(decode(topic, state))
        return newer


def _another_kind(found: Stream, asked: type[Stream]) -> Refused:
    kind = type(found).__name__.lower()
    return Refused(
        "one_subject_a_stream",
        f"{found.id} is the id of a {kind}, and cannot be that of a {asked.__name__.lower()} too.",
        "Give every household, person, grant and case an id of its own.",
    )


class KnownAreas(Container[str]):
    """The area codes that files have named; a code not seen before is asked of the database."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        self._datastore = datastore
        self._codes: set[str] = set()

    def __contains__(self, code: object) -> bool:
        """Tell whether a code is known."""
        return code in self._codes or self._load(str(code))

    def _load(self, code: str) -> bool:
        with self._datastore.get_connection() as conn:
            known = conn.execute(query("area_code"), {"code": code}).fetchone() is not None
        if known:
            self._codes.add(code)
        return known
