"""The document store: whole, once, as its digest says, and never changed by anybody."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import product
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest

from ledger.documents import Document
from ledger.ledger import Ledger
from ledger.payment_months.list_document import read_list_document
from tests.ledger_database import LedgerDatabase, refused_with
from tests.payment_documents import (
    digest_of,
    line,
    list_document,
)
from tests.postgres import on_every_server

LIST, OTHER_LIST = UUID(int=7), UUID(int=8)
HOME, OTHER = UUID(int=1), UUID(int=2)
JULY = "2026-07"
REFUSED = "42501"  # insufficient_privilege
SERVICES = ("ledger_service", "projections_service")
PAID = (line(HOME, {JULY: 78_000}), line(OTHER, {JULY: 50_000}))
SMALL = list_document(*PAID, month=JULY)
LARGE = list_document(*(line(UUID(int=n), {JULY: n}) for n in range(1, 6_000)), month=JULY)


def read(content: bytes) -> Document:
    """What is known of a list's document."""
    return read_list_document(BytesIO(content))


def put(ledger: Ledger, content: bytes) -> str:
    """Store a list's document; return its digest."""
    document = read(content)
    ledger.documents.put(document, BytesIO(content))
    return document.digest


def stored(database: LedgerDatabase) -> list[tuple[Any, ...]]:
    """The documents on record, and how many parts each has."""
    return database.ask("""
        select d.digest, d.lines, d.total_fen, d.bytes, d.parts, (
            select count(*) from ledger.document_parts p where p.digest = d.digest)
        from ledger.documents d order by d.digest""")


# In and out.


@on_every_server
@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_a_document_comes_out_byte_for_byte(ledger: Ledger, content: bytes) -> None:
    digest = put(ledger, content)
    assert b"".join(ledger.documents.parts(digest)) == content
    assert list(ledger.documents.lines(digest)) == content.splitlines()[1:-1]
    assert ledger.documents.find(digest) == read(content)


def test_a_document_that_is_not_there_is_none(ledger: Ledger) -> None:
    assert ledger.documents.find("0" * 64) is None
    assert list(ledger.documents.lines("0" * 64)) == []


def test_a_document_is_stored_once(ledger: Ledger, ledger_database: LedgerDatabase) -> None:
    put(ledger, LARGE)
    first = stored(ledger_database)
    put(ledger, LARGE)
    assert stored(ledger_database) == first
    [(digest, lines, _, size, parts, counted)] = first
    assert (digest, lines, size) == (digest_of(LARGE), 5_999, len(LARGE))
    assert parts == counted > 2


def test_who_stores_the_same_document_at_once_stores_it_once(
    ledger: Ledger, ledger_database: LedgerDatabase
) -> None:
    with ThreadPoolExecutor(4) as pool:
        digests = set(pool.map(lambda _: put(ledger, LARGE), range(4)))
    assert [row[0] for row in stored(ledger_database)] == list(digests)


@on_every_server
def test_the_projections_read_documents_as_text(
    ledger: Ledger, ledger_database: LedgerDatabase
) -> None:
    digest = put(ledger, LARGE)
    question = "select digest, part, content from ledger.document_feed order by part"
    with ledger_database.connect("projections_service") as connection:
        rows = connection.execute(question).fetchall()
    assert {row[0] for row in rows} == {digest}
    assert [row[1] for row in rows] == list(range(1, len(rows) + 1))
    assert "".join(row[2] for row in rows).encode() == LARGE


# What the database itself refuses.


@pytest.fixture
def service(ledger_database: LedgerDatabase) -> Iterator[psycopg.Connection]:
    """A connection as the ledger's own role."""
    with ledger_database.connect("ledger_service") as connection:
        yield connection


ADD: LiteralString = "select ledger.add_document_part(%s, %s, %s)"
SEAL: LiteralString = "select ledger.seal_document(%s)"


def store(service: psycopg.Connection, digest: str, *numbers: int) -> None:
    """Store SMALL under a name, as parts of these numbers."""
    with service.transaction():
        for number in numbers:
            service.execute(ADD, (digest, number, SMALL))
        service.execute(SEAL, (digest,))


def test_parts_that_are_not_what_the_digest_names_are_refused(
    service: psycopg.Connection, ledger_database: LedgerDatabase
) -> None:
    wrong = digest_of(SMALL)[:-1] + ("0" if digest_of(SMALL)[-1] != "0" else "1")
    with pytest.raises(psycopg.errors.DataException, match="another digest"):
        store(service, wrong, 1)
    assert stored(ledger_database) == []


def test_a_document_that_lacks_a_part_is_refused(service: psycopg.Connection) -> None:
    for numbers in ((), (2,), (1, 3)):
        with pytest.raises(psycopg.errors.DataException, match="lacks a part"):
            store(service, digest_of(SMALL), *numbers)


def test_parts_that_are_never_sealed_do_not_stay(
    service: psycopg.Connection, ledger_database: LedgerDatabase
) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        service.execute(ADD, (digest_of(SMALL), 1, SMALL))
    assert ledger_database.ask("select count(*) from ledger.document_parts") == [(0,)]


def test_nothing_is_added_to_a_sealed_document(
    ledger: Ledger, service: psycopg.Connection, ledger_database: LedgerDatabase
) -> None:
    digest = put(ledger, SMALL)
    for number in (1, 2):
        with pytest.raises(psycopg.errors.UniqueViolation, match="is sealed"):
            service.execute(ADD, (digest, number, b"more\n"))
    with pytest.raises(psycopg.errors.UniqueViolation):
        service.execute(SEAL, (digest,))
    assert b"".join(ledger.documents.parts(digest)) == SMALL


@pytest.mark.parametrize("content", [b"", b"cut off", b"x" * (1 << 20) + b"\n"])
def test_a_part_ends_with_a_line_and_is_not_large(
    service: psycopg.Connection, content: bytes
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="parts_end_with_a_line"):
        service.execute(ADD, (digest_of(SMALL), 1, content))


@pytest.mark.parametrize("digest", ["", "0" * 63, "A" * 64])
def test_a_name_that_is_no_digest_is_refused(service: psycopg.Connection, digest: str) -> None:
    with pytest.raises(psycopg.errors.DataException):
        store(service, digest, 1)


ROWS = {
    "documents": f"('{'0' * 64}', 'payment_list', '{{}}', 0, 0, 1, 1)",
    "document_parts": f"('{'0' * 64}', 1, '\\x0a')",
}


def changes(table: str) -> list[str]:
    """Every way to write to a table."""
    return [
        f"insert into ledger.{table} values {ROWS[table]}",
        f"insert into ledger.{table} values {ROWS[table]} on conflict do nothing",
        f"copy ledger.{table} from program 'true'",
        f"update ledger.{table} set digest = digest",
        f"delete from ledger.{table}",
        f"truncate ledger.{table} cascade",
        f"merge into ledger.{table} using (select 1) as x on true when matched then delete",
        f"lock table ledger.{table} in row exclusive mode",
        f"alter table ledger.{table} disable trigger all",
        f"drop table ledger.{table} cascade",
    ]


@on_every_server
@pytest.mark.parametrize("table", ROWS)
def test_no_service_writes_to_a_table_of_documents(
    ledger: Ledger, ledger_database: LedgerDatabase, table: str
) -> None:
    put(ledger, SMALL)
    for role in SERVICES:
        with ledger_database.connect(role) as connection:
            done = [s for s in changes(table) if refused_with(connection, s) != REFUSED]
            assert done == []


@pytest.mark.parametrize("table", ROWS)
def test_triggers_keep_documents_from_the_owner_and_the_administrator_too(
    ledger: Ledger, ledger_database: LedgerDatabase, table: str
) -> None:
    put(ledger, SMALL)
    statements = [
        f"update ledger.{table} set digest = digest",
        f"delete from ledger.{table}",
        f"truncate ledger.{table} cascade",
    ]
    with ledger_database.connect() as connection:
        for role, statement in product(["ledger_owner", "postgres"], statements):
            connection.execute(f"set role {role}".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="is refused"):
                connection.execute(statement.encode())
        connection.execute("set role postgres")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="seal_document alone"):
            connection.execute(f"insert into ledger.{table} values {ROWS[table]}".encode())


def test_the_projections_read_the_view_of_documents_and_nothing_else(
    ledger_database: LedgerDatabase,
) -> None:
    with ledger_database.connect("projections_service") as connection:
        assert refused_with(connection, "select * from ledger.document_feed") is None
        for statement in (
            "select * from ledger.documents",
            "select * from ledger.document_parts",
            "delete from ledger.document_feed",
            "select ledger.add_document_part('', 1, '')",
            "select ledger.seal_document('')",
        ):
            assert refused_with(connection, statement) == REFUSED, statement
