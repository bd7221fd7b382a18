"""deploy/postgresql/roles.sql, run by psql on a server of its own: what each role may, and may not."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from assistance.cell import migrate_all
from assistance.embedded import wheel_programs
from ledger.store.reach import reach
from projections.rebuild import install
from tests.postgres import KINDS, Server, Servers

ROLES = Path(__file__).parents[2] / "deploy" / "postgresql" / "roles.sql"
PASSWORDS = {
    "MIGRATE_PASSWORD": "migrate-0123456789abcdef",
    "LEDGER_PASSWORD": "ledger-0123456789abcdef'",
    "PROJECTIONS_PASSWORD": 'projections-0123456789"$',
}


@pytest.fixture(scope="module", params=KINDS)
def prepared(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server with the roles, made twice. Other tests' servers have roles of their own making."""
    with Servers() as servers:
        server = servers[request.param]
        for _ in range(2):
            done = run(server, PASSWORDS)
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        yield server


def run(
    server: Server, environment: Mapping[str, str], *options: str
) -> subprocess.CompletedProcess[str]:
    """Run the file as the superuser; the server trusts who comes by its socket."""
    asked = conninfo_to_dict(server.dsn("postgres"))
    return subprocess.run(
        [
            str(wheel_programs() / "psql"), "--no-psqlrc", f"--host={asked['host']}",
            f"--port={asked['port']}", f"--username={asked['user']}", "--dbname=postgres",
            *options, f"--file={ROLES}",
        ],
        check=False, capture_output=True, text=True, env={"PATH": os.environ["PATH"], **environment},
    )  # fmt: skip


def test_who_migrates_needs_no_superuser_and_the_services_can_then_start(prepared: Server) -> None:
    migrate_all(prepared.dsn("assistance", "assistance_migrate"))
    assert migrate_all(prepared.dsn("assistance", "assistance_migrate")) == []
    reach(prepared.dsn("assistance", "ledger_service"))
    feed = prepared.dsn("assistance", "projections_service")
    install(prepared.dsn("projections", "projections_service"), feed)


def test_nobody_but_the_named_roles_may_connect(prepared: Server) -> None:
    with psycopg.connect(prepared.dsn("postgres"), autocommit=True) as admin:
        admin.execute("create role stranger login")
    for database, role in (
        ("assistance", "stranger"),
        ("projections", "stranger"),
        ("projections", "ledger_service"),
        ("projections", "assistance_migrate"),
    ):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(prepared.dsn(database, role))
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        psycopg.connect(prepared.dsn("assistance", "ledger_owner"))


def test_no_role_has_more_than_a_login(prepared: Server) -> None:
    with psycopg.connect(prepared.dsn("postgres")) as admin:
        rows = admin.execute(
            "select rolname, rolcanlogin, left(rolpassword, 13), rolsuper or rolcreaterole or rolcreatedb"
            " or rolreplication or rolbypassrls, pg_has_role(oid, 'ledger_owner', 'member')"
            " from pg_authid where rolname in ('ledger_owner', 'ledger_service', 'projections_service',"
            " 'assistance_migrate') order by rolname collate \"C\""
        ).fetchall()
    assert rows == [
        ("assistance_migrate", True, "SCRAM-SHA-256", False, True),
        ("ledger_owner", False, None, False, True),
        ("ledger_service", True, "SCRAM-SHA-256", False, False),
        ("projections_service", True, "SCRAM-SHA-256", False, False),
    ]


@pytest.mark.parametrize("missing", PASSWORDS)
def test_without_a_password_nothing_is_made(server: Server, missing: str) -> None:
    given = {name: word for name, word in PASSWORDS.items() if name != missing}
    done = run(server, given)
    assert done.returncode == 3
    assert f"{missing.lower()} is not given" in done.stderr
    with psycopg.connect(server.dsn("postgres")) as admin:
        made = admin.execute(
            "select count(*) from pg_roles where rolname = 'assistance_migrate'"
        ).fetchone()
    assert made == (0,)


def test_a_short_password_is_refused_and_not_told(server: Server) -> None:
    done = run(server, PASSWORDS, "--set=ledger_password=short-one")
    assert done.returncode == 3
    assert "a password has less than 16 characters" in done.stderr
    assert "short-one" not in done.stderr + done.stdout
