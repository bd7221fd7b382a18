"""The database goes away at the worst moment: the same key tells what became of a command."""

import select
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from typing import Literal
from uuid import uuid4

import msgspec
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ledger.errors import Unprocessed
from ledger.ledger import Ledger
from ledger.settings import Settings
from tests.ledger_database import (
    TODAY,
    WAIT_SECONDS,
    LedgerDatabase,
    accepted,
    adopt_standard,
    enrol,
    verify,
)
from tests.postgres import on_every_server

APPEND = b"ledger.append"
COMMITTED = b"Z\0\0\0\5I"
"""PostgreSQL's ReadyForQuery outside a transaction: in autocommit it follows the commit."""

Cut = Literal["before the append arrives", "after its commit"]


class CuttableLine:
    """A line to the server that carries every byte, until it is told to cut an append off."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cut: Cut | None = None
        self.swallowed = b""
        self._pool = ThreadPoolExecutor(16)
        self._pool.submit(self._accept)

    def close(self) -> None:
        """Take no more connections; the open ones end with their clients."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._pool.shutdown()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._pool.submit(self._carry, client)

    def _carry(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._server)
            while True:
                readable, _, _ = select.select([client, server], [], [])
                for side in readable:
                    data = side.recv(65536)
                    if not data or (side is client and self._cuts(data, server)):
                        return
                    (server if side is client else client).sendall(data)

    def _cuts(self, data: bytes, server: socket.socket) -> bool:
        """Whether the line is cut at these bytes; after a commit, once the server has said so."""
        if self.cut is None or APPEND not in data:
            return False
        if self.cut == "after its commit":
            server.sendall(data)
            while not self.swallowed.endswith(COMMITTED):
                self.swallowed += server.recv(65536)
        self.cut = None
        return True


@pytest.fixture
def line(ledger_database: LedgerDatabase) -> Iterator[CuttableLine]:
    """A line to the server of the database."""
    at = conninfo_to_dict(ledger_database.superuser)
    line = CuttableLine(f"{at['host']}/.s.PGSQL.{at['port']}")
    yield line
    line.close()


@pytest.fixture
def far_ledger(ledger_database: LedgerDatabase, line: CuttableLine) -> Iterator[Ledger]:
    """A ledger that reaches its database over that line."""
    dsn = make_conninfo(
        ledger_database.dsn("ledger_service"),
        host="127.0.0.1",
        port=line.port,
        sslmode="disable",
        gssencmode="disable",
    )
    ledger = Ledger(Settings(dsn=dsn), day=lambda: TODAY)
    yield ledger
    ledger.close()


@on_every_server
def test_a_reply_lost_after_the_commit_is_given_to_the_same_key(
    ledger_database: LedgerDatabase, line: CuttableLine, far_ledger: Ledger
) -> None:
    sent = enrol(uuid4(), uuid4(), key="key")
    accepted(far_ledger.process([adopt_standard()])[0])
    line.cut = "after its commit"
    [lost] = far_ledger.process([sent])
    assert isinstance(lost, Unprocessed)
    assert line.swallowed
    assert ledger_database.counts() == (4, 2)
    first = accepted(far_ledger.process([sent])[0])
    again = accepted(far_ledger.process([sent])[0])
    assert (first.version, first.position, len(first.facts)) == (1, 4, 3)
    assert msgspec.json.encode(first.written) == msgspec.json.encode(again.written)
    assert ledger_database.counts() == (4, 2)


def test_a_reply_lost_after_the_commit_of_a_batch_is_given_to_each_of_its_keys(
    ledger_database: LedgerDatabase, line: CuttableLine, far_ledger: Ledger
) -> None:
    batch = [verify(uuid4(), key=f"key {number}") for number in range(5)]
    line.cut = "after its commit"
    assert [type(outcome) for outcome in far_ledger.process(batch)] == [Unprocessed] * 5
    answers = [accepted(outcome).position for outcome in far_ledger.process(batch)]
    assert answers == [1, 2, 3, 4, 5]
    assert ledger_database.counts() == (5, 5)


def test_a_command_cut_off_before_it_arrived_is_recorded_by_the_same_key(
    ledger_database: LedgerDatabase, line: CuttableLine, far_ledger: Ledger
) -> None:
    sent = verify(uuid4(), key="key")
    line.cut = "before the append arrives"
    [lost] = far_ledger.process([sent])
    assert isinstance(lost, Unprocessed)
    assert ledger_database.counts() == (0, 0)
    assert accepted(far_ledger.process([sent])[0]).position == 1
    assert ledger_database.counts() == (1, 1)


def test_a_ledger_that_lost_a_reply_decides_on_what_is_stored(
    line: CuttableLine, far_ledger: Ledger
) -> None:
    household = uuid4()
    line.cut = "after its commit"
    far_ledger.process([verify(household)])
    line.cut = "before the append arrives"
    far_ledger.process([verify(household)])
    assert accepted(far_ledger.process([verify(household, expected_version=1)])[0]).version == 2


def cut_all(database: LedgerDatabase) -> None:
    """End every session of the ledger, the working one last, so that it finds no other alive."""
    database.ask("""
        select pg_terminate_backend(pid, 5000) from (
            select pid from pg_stat_activity
            where usename = 'ledger_service' and datname = current_database()
            order by state = 'active' offset 0) as sessions""")


def test_a_session_ended_while_it_waits_records_nothing(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    sent = verify(uuid4(), key="key")
    with ThreadPoolExecutor(1) as pool, ledger_database.appends_held():
        waiting = pool.submit(ledger.process, [sent])
        ledger_database.wait_for_appends(1)
        cut_all(ledger_database)
        [lost] = waiting.result(WAIT_SECONDS)
    assert isinstance(lost, Unprocessed)
    assert ledger_database.counts() == (0, 0)
    accepted(ledger.process([sent])[0])


def test_after_every_session_was_ended_the_second_try_is_answered(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    sent = verify(uuid4(), key="key")
    cut_all(ledger_database)
    [lost] = ledger.process([sent])
    assert isinstance(lost, Unprocessed)
    accepted(ledger.process([sent])[0])


@contextmanager
def ledger_cut_while_deciding(database: LedgerDatabase) -> Iterator[Ledger]:
    """A ledger whose sessions are ended each time that it asks for the day, if it is told to."""
    cut = threading.Event()

    def day() -> date:
        if cut.is_set():
            cut_all(database)
            cut.clear()
        return TODAY

    ledger = Ledger(Settings(dsn=database.dsn("ledger_service")), day=day)
    ledger.process([verify(uuid4())])
    cut.set()
    yield ledger
    ledger.close()


def test_a_database_that_goes_away_while_a_verb_asks_is_no_fault_of_the_command(
    ledger_database: LedgerDatabase,
) -> None:
    with ledger_cut_while_deciding(ledger_database) as ledger:
        # The area was not looked up before, so that the verb has to ask the database for it.
        [lost] = ledger.process([adopt_standard(key="key")])
        assert isinstance(lost, Unprocessed)
        accepted(ledger.process([adopt_standard(key="key")])[0])
