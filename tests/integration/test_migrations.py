"""Migrations are applied once each, in order, unchanged, by one migrator at a time."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from assistance.embedded import EmbeddedPostgres
from ledger.errors import CannotStart
from ledger.store.migrations import check_current, migrate, migrations
from tests.ledger_database import LedgerDatabase
from tests.postgres import on_every_server

NAMES = [migration.name for migration in migrations()]

EVERYTHING: LiteralString = """
    select 'column', attrelid::regclass::text, attname::text, format_type(atttypid, atttypmod)
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'ledger'::regnamespace and attnum > 0
    union all select 'function', oid::regprocedure::text, prosrc, proacl::text
    from pg_proc where pronamespace = 'ledger'::regnamespace
    union all select 'trigger', tgrelid::regclass::text, tgname::text, tgenabled::text
    from pg_trigger join pg_class on pg_class.oid = tgrelid
    where relnamespace = 'ledger'::regnamespace
    union all select 'rights', relname::text, relowner::regrole::text, relacl::text
    from pg_class where relnamespace = 'ledger'::regnamespace
    union all select 'applied', number::text, checksum, applied_at::text
    from public.ledger_migrations
    order by 1, 2, 3
"""


def migrated(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return migrate(connection)


def refusal(dsn: str) -> str:
    """Why neither a migrator nor a ledger starts on the database: the same one line."""
    with psycopg.connect(dsn) as connection, pytest.raises(CannotStart) as by_check:
        check_current(connection)
    with pytest.raises(CannotStart) as by_migrator:
        migrated(dsn)
    assert by_migrator.value.detail == by_check.value.detail
    assert "\n" not in by_check.value.detail
    return by_check.value.detail


@on_every_server
def test_an_empty_database_gets_every_migration_in_order(database: str) -> None:
    assert migrated(database) == NAMES
    with psycopg.connect(database) as connection:
        check_current(connection)


@on_every_server
def test_migrating_again_changes_nothing(ledger_database: LedgerDatabase) -> None:
    before = ledger_database.ask(EVERYTHING)
    assert migrated(ledger_database.superuser) == []
    assert ledger_database.ask(EVERYTHING) == before


def test_two_migrators_at_once_apply_each_migration_once(database: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(migrated, [database, database]))
    assert sorted(done) == [[], NAMES]


@pytest.fixture
def new_server() -> Iterator[EmbeddedPostgres]:
    """A server on which none of our roles was ever made."""
    with (
        tempfile.TemporaryDirectory(prefix="assistance-test-") as folder,
        EmbeddedPostgres(Path(folder) / "data") as server,
    ):
        yield server


def test_migrators_of_two_databases_make_the_roles_of_a_new_server_together(
    new_server: EmbeddedPostgres,
) -> None:
    names = [f"cell_{number}" for number in range(4)]
    with psycopg.connect(new_server.dsn(), autocommit=True) as connection:
        for name in names:
            connection.execute(f"create database {name}".encode())
    with ThreadPoolExecutor(len(names)) as pool:
        done = list(pool.map(migrated, [new_server.dsn(database=name) for name in names]))
    assert done == [NAMES] * len(names)


def test_a_migration_changed_after_it_was_applied_is_refused(
    ledger_database: LedgerDatabase,
) -> None:
    with ledger_database.connect() as connection:
        connection.execute("update ledger_migrations set checksum = 'another' where number = 1")
    assert refusal(ledger_database.superuser) == (
        f"Migration {NAMES[0]} was changed after it was applied."
    )


def test_a_schema_newer_than_the_code_is_refused(ledger_database: LedgerDatabase) -> None:
    with ledger_database.connect() as connection:
        connection.execute("insert into ledger_migrations values (9000, '9000_later.sql', 'x')")
    said = refusal(ledger_database.superuser)
    assert said == (
        f"The database has schema version 9000, this code knows {len(NAMES)}: "
        "run the newer release."
    )


def test_a_database_without_the_schema_is_refused(database: str) -> None:
    with psycopg.connect(database) as connection, pytest.raises(CannotStart) as refused:
        check_current(connection)
    assert refused.value.detail == "The database has no ledger schema: run `assistance migrate`."


def test_a_schema_older_than_the_code_is_refused(ledger_database: LedgerDatabase) -> None:
    with ledger_database.connect() as connection:
        connection.execute("delete from ledger_migrations where number = %s", (len(NAMES),))
        with pytest.raises(CannotStart) as refused:
            check_current(connection)
    assert refused.value.detail == f"The database lacks {NAMES[-1]}: run `assistance migrate`."


def test_a_migration_that_fails_leaves_nothing_behind(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("create schema ledger")
    with pytest.raises(psycopg.errors.DuplicateSchema):
        migrated(database)
    with psycopg.connect(database) as connection:
        found = connection.execute("select to_regclass('public.ledger_migrations')").fetchone()
    assert found == (None,)


def test_a_service_may_not_rewrite_what_was_applied(ledger_database: LedgerDatabase) -> None:
    with (
        ledger_database.connect("ledger_service") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("delete from ledger_migrations")
