"""A ledger that cannot run says why in one line, at once."""

import socket
import time
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ledger.errors import CannotStart
from ledger.ledger import Ledger
from ledger.settings import Settings
from tests.ledger_database import LedgerDatabase, accepted, adopt_standard
from tests.postgres import Server, on_every_server


def reason_not_to_start(dsn: str) -> str:
    """The one line; a start that takes longer than a few seconds is as bad as none."""
    started = time.monotonic()
    with pytest.raises(CannotStart) as refused:
        Ledger(Settings(dsn=dsn))
    assert time.monotonic() - started < 4
    assert "\n" not in refused.value.detail
    return refused.value.detail


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_socket_that_is_not_there_is_told_at_once() -> None:
    said = reason_not_to_start("host=/nowhere user=ledger_service dbname=ledger")
    assert said.startswith("The database cannot be reached: ")


def test_a_port_where_nobody_listens_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    said = reason_not_to_start(f"host=127.0.0.1 port={port} password=secret-word")
    assert "refused" in said
    assert "secret-word" not in said


def test_a_server_that_never_answers_is_not_waited_for_long(silent_port: int) -> None:
    said = reason_not_to_start(f"host=127.0.0.1 port={silent_port} connect_timeout=2")
    assert "timeout" in said


def test_a_database_that_does_not_exist_is_named(server: Server) -> None:
    assert 'database "nowhere" does not exist' in reason_not_to_start(server.dsn("nowhere"))


def test_a_dsn_that_cannot_be_read_is_not_repeated() -> None:
    said = reason_not_to_start("postgresql://ledger:secret-word@host:no-port/x y=z")
    assert said.startswith("The DSN cannot be read")
    assert "secret-word" not in said


def test_a_schema_that_is_missing_or_newer_is_told(
    database: str, ledger_database: LedgerDatabase
) -> None:
    assert "has no ledger schema" in reason_not_to_start(database)
    with ledger_database.connect() as connection:
        connection.execute("insert into ledger_migrations values (9000, '9000_later.sql', 'x')")
    assert "schema version 9000" in reason_not_to_start(ledger_database.dsn("ledger_service"))


@pytest.mark.parametrize("value", ["y", "1", "true"])
def test_the_librarys_database_functions_are_refused(
    ledger_database: LedgerDatabase, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("POSTGRES_ENABLE_DB_FUNCTIONS", value)
    assert "POSTGRES_ENABLE_DB_FUNCTIONS" in reason_not_to_start(ledger_database.superuser)
    with pytest.raises(CannotStart, match="POSTGRES_ENABLE_DB_FUNCTIONS"):
        Settings.read({"LEDGER_DSN": "x", "POSTGRES_ENABLE_DB_FUNCTIONS": value})


def test_the_processs_environment_does_not_redirect_the_ledger(
    ledger_database: LedgerDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("POSTGRES_DBNAME", "LEDGER_POSTGRES_DBNAME", "LEDGER_POSTGRES_SCHEMA"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("LEDGER_POSTGRES_ENABLE_DB_FUNCTIONS", "y")
    with ledger_database.ledger() as ledger:
        accepted(ledger.process([adopt_standard()])[0])
        assert not ledger.datastore.enable_db_functions
    assert ledger_database.counts() == (1, 1)


def test_every_word_of_the_dsn_reaches_the_server(ledger_database: LedgerDatabase) -> None:
    dsn = make_conninfo(
        ledger_database.dsn("ledger_service"), application_name="cell-7", options="-c work_mem=7MB"
    )
    ledger = Ledger(Settings(dsn=dsn))
    try:
        with ledger.datastore.get_connection() as connection:
            found = connection.execute(
                "select current_setting('application_name') as name, "
                "current_setting('work_mem') as memory, current_user::text as role"
            ).fetchone()
    finally:
        ledger.close()
    assert found == {"name": "cell-7", "memory": "7MB", "role": "ledger_service"}


@on_every_server
def test_a_ledger_starts_as_its_own_role_and_not_as_an_administrator(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    with ledger.datastore.get_connection() as connection:
        roles = connection.execute("select session_user::text as role").fetchall()
    assert roles == [{"role": "ledger_service"}]
    with psycopg.connect(ledger_database.dsn("ledger_service")) as connection_of_ours:
        shown = connection_of_ours.execute("show is_superuser").fetchone()
    assert shown == ("off",)
