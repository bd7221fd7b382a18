"""The database server of a benchmark: embedded, durable, in a folder of its own."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from assistance.cell import migrate_all
from assistance.embedded import EmbeddedPostgres, wheel_programs
from ledger.settings import Settings as LedgerSettings

TEMPLATE = "template_ledger"


class Cluster:
    """A server with a migrated template, from which each repeat gets a database of its own."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self._postgres = postgres
        self._numbers = itertools.count(1)
        self._execute(f"create database {TEMPLATE}")
        migrate_all(postgres.dsn("postgres", TEMPLATE))

    @contextmanager
    def database(self, template: str = TEMPLATE) -> Iterator[str]:
        """Yield the name of a fresh database, dropped at the end; the server is checkpointed first."""
        name = f"bench_{next(self._numbers)}"
        self._execute(f"create database {name} template {template}")
        self._execute(f"grant create on database {name} to projections_service")
        self._execute("checkpoint")
        try:
            yield name
        finally:
            self._execute(f"drop database {name} with (force)")

    def dsn(self, database: str, role: str = "postgres") -> str:
        """Return the connection string of a role."""
        return self._postgres.dsn(role, database)

    def ledger(self, database: str) -> LedgerSettings:
        """Return a ledger's settings on a database."""
        return LedgerSettings(dsn=self.dsn(database, "ledger_service"))

    @property
    def psql(self) -> str:
        """The path of psql."""
        return str(wheel_programs() / "psql")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._postgres.dsn("postgres", "postgres"), autocommit=True) as admin:
            admin.execute(statement.encode())


@contextmanager
def running() -> Iterator[Cluster]:
    """Start a server with fsync and synchronous_commit on, and take it away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="assistance-bench-"))
    try:
        with EmbeddedPostgres(folder / "data") as postgres:
            yield Cluster(postgres)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
