"""Numbered SQL files, checksummed, applied once each under an advisory lock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

import psycopg

from edge.contracts import read_contract
from ledger.errors import CannotStart

_LOCK = 7_412_026
_MADE = """
create table if not exists public.ledger_migrations (
    number int primary key, name text not null, checksum text not null,
    applied_at timestamptz not null default now());
grant select on public.ledger_migrations to public
"""
_APPLIED = "select number, checksum from public.ledger_migrations"


class Migration(NamedTuple):
    """A numbered file of SQL and the checksum of its bytes."""

    number: int
    name: str
    sql: bytes

    @property
    def checksum(self) -> str:
        """SHA-256 of the file, in hex."""
        return hashlib.sha256(self.sql).hexdigest()


def migrations() -> Iterator[Migration]:
    """Yield the ledger's migrations in order of their numbers."""
    folder = files("ledger.store").joinpath("schema")
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.endswith(".sql"):
            yield Migration(int(path.name[:4]), path.name, path.read_bytes())


def migrate(admin: psycopg.Connection) -> list[str]:
    """Bring the ledger's schema up to date as an administrator; return what was applied.

    Raises CannotStart when the schema is newer than the code, or an applied file was changed since.
    """
    with admin.transaction():
        admin.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        admin.execute(files("ledger.store").joinpath("roles.sql").read_bytes())
        admin.execute(_MADE)
        pending = _pending(admin)
        for migration in pending:
            admin.execute(migration.sql)
            admin.execute("reset role")
            admin.execute(
                "insert into public.ledger_migrations (number, name, checksum) values (%s, %s, %s)",
                (migration.number, migration.name, migration.checksum),
            )
        _make_views(admin)
    return [migration.name for migration in pending]


def _make_views(admin: psycopg.Connection) -> None:
    """The views are contracts of their own: their files are applied as they are, every time."""
    admin.execute("set local role ledger_owner")
    admin.execute(read_contract("feed.sql"))
    admin.execute(read_contract("documents.sql"))
    admin.execute(
        "grant select on ledger.feed, ledger.document_feed to projections_service, ledger_service"
    )
    admin.execute("reset role")


def _pending(conn: psycopg.Connection) -> list[Migration]:
    known = list(migrations())
    applied: dict[int, str] = dict(conn.execute(_APPLIED).fetchall())
    if applied and max(applied) > known[-1].number:
        raise CannotStart(
            f"The database has schema version {max(applied)}, this code knows {known[-1].number}: "
            "run the newer release."
        )
    for migration in known:
        if applied.get(migration.number, migration.checksum) != migration.checksum:
            raise CannotStart(f"Migration {migration.name} was changed after it was applied.")
    return [migration for migration in known if migration.number not in applied]


def check_current(conn: psycopg.Connection) -> None:
    """Refuse to start on a schema that is missing, older or newer than the code."""
    try:
        pending = _pending(conn)
    except psycopg.errors.UndefinedTable:
        raise CannotStart("The database has no ledger schema: run `assistance migrate`.") from None
    if pending:
        raise CannotStart(f"The database lacks {pending[0].name}: run `assistance migrate`.")
