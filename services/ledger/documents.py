"""The documents that facts name by their digest: stored once, whole, and never changed.

A document is canonical NDJSON: a first line that says what it is, its lines, and a last line with their
number and the sum of their amounts in fen. Who stores one has checked it: see payment_months/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, Protocol

import psycopg
from eventsourcing.postgres import PostgresDatastore
from psycopg.rows import DictRow

from ledger.store.queries import query

MAX_DOCUMENT = 512 << 20
"""The most bytes that a document has; the database refuses more."""

PART = 256 << 10
"""About how many bytes a part has; it ends with a whole line."""


class Document(NamedTuple):
    """What is known of a document: its name, its first line, the figures of its last line, its size."""

    digest: str
    kind: str
    head: bytes
    lines: int
    total_fen: int
    bytes: int


class Documents(Protocol):
    """Where documents are: the store, or a dictionary in tests."""

    def find(self, digest: str) -> Document | None:
        """Return a document on record, or None."""

    def lines(self, digest: str) -> Iterator[bytes]:
        """Yield the lines of a document on record, without first, last, and line ends."""


class Checked(NamedTuple):
    """That the lines of a document go with what is on record, as it was at a version."""

    digest: str
    version: int


class Received(NamedTuple):
    """A document that came with a command and has the right form; it may not be stored yet."""

    document: Document
    lines: Callable[[], Iterator[bytes]]
    checked: Checked | None = None


class WithReceived:
    """Documents as they will be when a received one is stored: what a trial is decided on."""

    def __init__(self, stored: Documents, received: Received) -> None:
        self._stored = stored
        self._received = received

    def find(self, digest: str) -> Document | None:
        """Return a document on record, or the one received."""
        received = self._received.document
        return received if digest == received.digest else self._stored.find(digest)

    def lines(self, digest: str) -> Iterator[bytes]:
        """Yield the lines of a document on record, or of the one received."""
        if digest == self._received.document.digest:
            return self._received.lines()
        return self._stored.lines(digest)


class NoDocuments:
    """No documents at all: for decisions that need none."""

    def find(self, digest: str) -> Document | None:
        """Return None."""
        return None

    def lines(self, digest: str) -> Iterator[bytes]:
        """Yield nothing."""
        return iter(())


class DocumentStore:
    """The documents in the ledger's database; any thread may ask."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        self._datastore = datastore

    def find(self, digest: str) -> Document | None:
        """Return a document on record, or None."""
        with self._datastore.get_connection() as conn:
            row = conn.execute(query("document"), {"digest": digest}).fetchone()
        return Document(**{**row, "head": row["head"].encode()}) if row else None

    def put(self, document: Document, file: BinaryIO) -> None:
        """Store a checked document, part by part, in one transaction; nothing when it is there already.

        The database refuses it when the bytes are not those that the digest names.
        """
        if self.find(document.digest):
            return
        with self._datastore.get_connection() as conn:
            try:
                _put(conn, document.digest, file)
            except psycopg.errors.UniqueViolation:
                # Somebody else stored it at the same moment: what matters is that it is there.
                if conn.execute(query("document"), {"digest": document.digest}).fetchone() is None:
                    raise

    def parts(self, digest: str) -> Iterator[bytes]:
        """Yield the bytes of a document on record, part by part; no connection is held in between."""
        number = 1
        while content := self._part(digest, number):
            yield content
            number += 1

    def lines(self, digest: str) -> Iterator[bytes]:
        """Yield the lines of a document on record, without first, last, and line ends."""
        return inner(line for part in self.parts(digest) for line in part.splitlines())

    def _part(self, digest: str, number: int) -> bytes | None:
        asked = {"digest": digest, "part": number}
        with self._datastore.get_connection() as conn:
            row = conn.execute(query("document_part"), asked).fetchone()
        return bytes(row["content"]) if row else None


def _put(conn: psycopg.Connection[DictRow], digest: str, file: BinaryIO) -> None:
    with conn.transaction():
        for number, content in enumerate(parts(file), 1):
            part = {"digest": digest, "part": number, "content": content}
            conn.execute(query("add_document_part"), part)
        conn.execute(query("seal_document"), {"digest": digest})


def parts(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file from its start in parts of about PART bytes, each of whole lines."""
    file.seek(0)
    while content := file.read(PART):
        yield content if content.endswith(b"\n") else content + file.readline()


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a document in a file, without first, last, and line ends."""
    file.seek(0)
    return inner(line.rstrip(b"\n") for line in file)


def inner(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what stands between the first and the last line."""
    next(lines, None)
    held = next(lines, None)
    for line in lines:
        if held is not None:
            yield held
        held = line
