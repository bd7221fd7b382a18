"""A cell: one ledger and its projections over one PostgreSQL, embedded unless told otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import psycopg

from assistance.embedded import EmbeddedPostgres
from assistance.settings import Settings
from ledger.areas import read_areas
from ledger.errors import CannotStart
from ledger.settings import Settings as LedgerSettings
from ledger.settings import refuse_database_functions
from ledger.store.migrations import migrate
from ledger.store.queries import query
from projections.settings import Settings as ProjectionsSettings
from projections.settings import from_environment

DATABASE = "assistance"


@dataclass(frozen=True)
class Cell:
    """The settings of both services over one database, and an administrator's, where there is one."""

    ledger: LedgerSettings
    projections: ProjectionsSettings
    admin_dsn: str | None


@contextmanager
def opened(settings: Settings) -> Iterator[Cell]:
    """Open a cell: the embedded server is started, its schema made and its areas loaded."""
    refuse_database_functions(settings.environment)
    with ExitStack() as stack:
        if settings.embedded:
            server = stack.enter_context(EmbeddedPostgres(settings.data))
            yield _embedded(settings, server)
        else:
            yield _cell(dict(settings.environment), settings.admin_dsn)


def _embedded(settings: Settings, server: EmbeddedPostgres) -> Cell:
    admin_dsn = server.dsn("postgres", DATABASE)
    _make_database(server)
    migrate_all(admin_dsn)
    dsns = {
        "LEDGER_DSN": server.dsn("ledger_service", DATABASE),
        "PROJECTIONS_DSN": server.dsn("projections_service", DATABASE),
    }
    return _cell({**settings.environment, **dsns}, admin_dsn)


def _cell(environment: dict[str, str], admin_dsn: str | None) -> Cell:
    environment.setdefault("PROJECTIONS_DSN", environment.get("LEDGER_DSN", ""))
    return Cell(LedgerSettings.read(environment), from_environment(environment), admin_dsn)


def _make_database(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn("postgres", "postgres"), autocommit=True) as admin:
        known = admin.execute(
            "select 1 from pg_database where datname = %s", (DATABASE,)
        ).fetchone()
        if known is None:
            admin.execute(f"create database {DATABASE}")


def migrate_all(admin_dsn: str) -> list[str]:
    """Bring the schema up to date and load the areas that ship; return the names of what was applied.

    Raises CannotStart in one line when the database cannot be reached or is newer than the code.
    """
    try:
        with psycopg.connect(admin_dsn, connect_timeout=5) as admin:
            applied = migrate(admin)
            admin.execute(
                "do $$ begin execute format('grant create on database %I to projections_service',"
                " current_database()); end $$"
            )
            if applied:
                load_areas(admin, Path(str(files("ledger") / "reference" / "areas-cn.csv")))
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise CannotStart(f"The database cannot be reached: {reason}") from None
    return applied


def load_areas(connection: psycopg.Connection, file: Path) -> int:
    """Load a file of areas whole; return how many were new or renamed. AreaFileError names a bad line."""
    with file.open(encoding="utf-8", newline="") as lines:
        areas = list(read_areas(lines))
    columns = {
        "codes": [area.code for area in areas],
        "names": [area.name for area in areas],
        "kinds": [area.kind for area in areas],
    }
    row = connection.execute(query("load_areas"), columns).fetchone()
    return int(row[0]) if row else 0
