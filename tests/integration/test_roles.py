"""What each role may do to the tables of the ledger: look, and call the functions, nothing else."""

from itertools import product

import psycopg
import pytest

from ledger.ledger import Ledger
from tests.ledger_database import LedgerDatabase, adopt_standard, refused_with
from tests.postgres import on_every_server

pytestmark = on_every_server

REFUSED = "42501"  # insufficient_privilege
SERVICES = ("ledger_service", "projections_service")
ROWS = {
    "facts": "(gen_random_uuid(), 1, 'assistance.MeansVerified.v1', '{}', 1000, now())",
    "commands": "('somebody', 'a key', '', gen_random_uuid(), 1, 1)",
    "areas": "('15', 'an area', 'province')",
}
COLUMN = {"facts": "topic", "commands": "actor", "areas": "name"}

every_table = pytest.mark.parametrize("table", ROWS)


def changes(table: str) -> list[str]:
    """Every way to write to a table."""
    column, row = COLUMN[table], ROWS[table]
    return [
        f"insert into ledger.{table} values {row}",
        f"insert into ledger.{table} values {row} on conflict do nothing",
        f"copy ledger.{table} from program 'true'",
        f"update ledger.{table} set {column} = 'changed'",
        f"delete from ledger.{table}",
        f"truncate ledger.{table}",
        f"truncate ledger.{table} cascade",
        f"merge into ledger.{table} using (select 1) as x on true when matched then delete",
        f"select * from ledger.{table} for update",
        f"lock table ledger.{table} in row exclusive mode",
    ]


def redefinitions(table: str) -> list[str]:
    """Every way to take the protection of a table away."""
    return [
        f"drop table ledger.{table}",
        f"alter table ledger.{table} disable trigger all",
        f"alter table ledger.{table} add column more text",
        f"alter table ledger.{table} owner to current_user",
        f"create rule lost as on insert to ledger.{table} do instead nothing",
        f"create trigger lost before insert on ledger.{table} execute function refuse_change()",
        # A grant that nobody had to give is only a warning: what counts is what follows it.
        f"grant all on ledger.{table} to current_user; "
        f"insert into ledger.{table} values {ROWS[table]}",
        "drop schema ledger cascade",
        "create table ledger.more ()",
        "create or replace function ledger.refuse_change() returns trigger language plpgsql as ''",
        "drop function ledger.refuse_change() cascade",
        "set role ledger_owner",
        "set session_replication_role = replica",
    ]


def carried_out(database: LedgerDatabase, role: str, statements: list[str]) -> list[str]:
    """Those statements that a role is not refused for want of a privilege."""
    with database.connect(role) as connection:
        return [s for s in statements if refused_with(connection, s) != REFUSED]


@every_table
def test_no_service_writes_to_a_table(
    ledger_database: LedgerDatabase, ledger: Ledger, table: str
) -> None:
    ledger.process([adopt_standard()])
    for service in SERVICES:
        assert carried_out(ledger_database, service, changes(table)) == []


@every_table
def test_no_service_takes_a_tables_protection_away(
    ledger_database: LedgerDatabase, table: str
) -> None:
    for service in SERVICES:
        assert carried_out(ledger_database, service, redefinitions(table)) == []


@every_table
def test_triggers_keep_rows_from_the_owner_and_the_administrator_too(
    ledger_database: LedgerDatabase, ledger: Ledger, table: str
) -> None:
    ledger.process([adopt_standard()])
    statements = [f"delete from ledger.{table}", f"truncate ledger.{table}"]
    if table != "areas":  # an area may get another name, through ledger.load_areas
        statements.append(f"update ledger.{table} set {COLUMN[table]} = 'changed'")
    with ledger_database.connect() as connection:
        for role, statement in product(["ledger_owner", "postgres"], statements):
            connection.execute(f"set role {role}".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="is refused"):
                connection.execute(statement.encode())


@pytest.mark.parametrize("table", ["facts", "commands"])
def test_not_even_a_superuser_inserts_beside_the_append(
    ledger_database: LedgerDatabase, table: str
) -> None:
    with (
        ledger_database.connect() as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"ledger\.append alone"),
    ):
        connection.execute(f"insert into ledger.{table} values {ROWS[table]}".encode())


def test_the_owner_cannot_log_in(ledger_database: LedgerDatabase) -> None:
    with (
        pytest.raises(psycopg.OperationalError, match="not permitted to log in"),
        ledger_database.connect("ledger_owner"),
    ):
        pass


def test_no_role_of_ours_has_more_than_it_needs(ledger_database: LedgerDatabase) -> None:
    found = ledger_database.ask("""
        select rolname from pg_roles
        where rolname in ('ledger_owner', 'ledger_service', 'projections_service')
        and not rolsuper and not rolcreaterole and not rolcreatedb and not rolbypassrls
        and not rolreplication
        and not exists (select from pg_auth_members m where m.member = pg_roles.oid)
        order by rolname collate "C" """)
    assert found == [("ledger_owner",), ("ledger_service",), ("projections_service",)]


def test_the_projections_read_the_feed_and_nothing_else(ledger_database: LedgerDatabase) -> None:
    with ledger_database.connect("projections_service") as connection:
        assert refused_with(connection, "select * from ledger.feed") is None
        assert refused_with(connection, "select * from ledger.facts") == REFUSED
        assert refused_with(connection, "select * from ledger.commands") == REFUSED


def test_nobody_writes_through_the_feed(ledger_database: LedgerDatabase, ledger: Ledger) -> None:
    ledger.process([adopt_standard()])
    statements = [
        "update ledger.feed set position = 9",
        "delete from ledger.feed",
        "insert into ledger.feed (position) values (9)",
    ]
    for service in SERVICES:
        assert carried_out(ledger_database, service, statements) == []


def test_only_the_ledger_may_call_the_functions(ledger_database: LedgerDatabase) -> None:
    statements = [
        "select ledger.append('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
        "select ledger.load_areas('{}', '{}', '{}')",
    ]
    assert carried_out(ledger_database, "projections_service", statements) == []
    assert carried_out(ledger_database, "ledger_service", statements) == statements


def test_an_area_gets_a_new_name_and_is_never_taken_away(ledger_database: LedgerDatabase) -> None:
    with ledger_database.connect("ledger_service") as connection:
        load = "select ledger.load_areas('{14,15}', '{Shanxi,Inner Mongolia}', '{province,region}')"
        [first] = connection.execute(load).fetchall()
        [again] = connection.execute(load).fetchall()
    assert (first, again) == ((2,), (0,))
    found = ledger_database.ask("select name from ledger.areas where code in ('14', '140403')")
    assert sorted(found) == [("140403",), ("Shanxi",)]


SHADOWS = """
    create temp table facts (like ledger.facts);
    create temp table commands (like ledger.commands);
    create temp table areas (like ledger.areas);
    create function pg_temp.clock_timestamp() returns timestamptz language sql
        as $$ select 'epoch'::timestamptz $$;
    create function pg_temp.unnest(anyarray) returns setof anyelement language sql
        as $$ select null::anyelement $$;
    create function pg_temp.coalesce(bigint, int) returns bigint language sql as $$ select 99 $$;
    set search_path = pg_temp, pg_catalog, public;
"""
APPEND = """
    select ledger.append(array[gen_random_uuid()], '{1}', '{a.Topic.v1}', '{"{}"}',
                         '{somebody}', '{key}', '{""}', array[gen_random_uuid()], '{1}')
"""


def test_names_of_a_callers_own_do_not_shadow_those_of_the_functions(
    ledger_database: LedgerDatabase,
) -> None:
    with ledger_database.connect("ledger_service") as connection:
        connection.execute(SHADOWS)
        connection.execute(APPEND)
        connection.execute("select ledger.load_areas('{15}', '{a}', '{b}')")
        taken = "select (select count(*) from pg_temp.facts) + (select count(*) from pg_temp.areas)"
        assert connection.execute(taken).fetchone() == (0,)
    assert ledger_database.counts() == (1, 1)
    question = "select recorded_at > now() - interval '1 hour', notification_id from ledger.facts"
    assert ledger_database.ask(question) == [(True, 1)]


def test_a_schema_of_an_attacker_does_not_shadow_the_functions_names(
    ledger_database: LedgerDatabase,
) -> None:
    with ledger_database.connect() as connection:
        connection.execute("""
            create schema evil authorization ledger_service;
            create function evil.greatest(timestamptz, timestamptz) returns timestamptz
                language sql as $$ select 'epoch'::timestamptz $$;
            create function evil.int8pl(bigint, bigint) returns bigint
                language sql as $$ select 1000::bigint $$;
            create operator evil.+ (leftarg = bigint, rightarg = bigint, function = evil.int8pl);
            grant usage on schema evil to public""")
    with ledger_database.connect("ledger_service") as connection:
        connection.execute("set search_path = evil, pg_catalog")
        connection.execute(APPEND)
    assert ledger_database.ask("select notification_id from ledger.facts") == [(1,)]


def test_every_owned_function_fixes_its_search_path(ledger_database: LedgerDatabase) -> None:
    found = ledger_database.ask("""
        select proname from pg_proc
        where pronamespace = 'ledger'::regnamespace and prosecdef
        and not 'search_path=pg_catalog, pg_temp' = any (coalesce(proconfig, '{}'))""")
    assert found == []
