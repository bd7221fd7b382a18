"""Real PostgreSQL servers for tests, and cheap databases on them.

A server is started when the first test of a worker asks for its kind, and stopped when the worker
ends. Workers share none, because roles belong to a whole server. A database is copied from a
template, so a fixture that needs a schema pays for its migration once:

    @pytest.fixture
    def ledger_database(server: Server) -> Iterator[str]:
        with server.fresh_database(prepare=migrate) as dsn:
            yield dsn
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest
from psycopg import sql

from assistance.embedded import SUPERUSER, EmbeddedPostgres, wheel_programs

DEBIAN_15 = "debian-15"
EMBEDDED_18 = "embedded-18"
KINDS = (EMBEDDED_18, DEBIAN_15)

on_every_server = pytest.mark.parametrize("server", KINDS, indirect=True)
"""Run a test once per kind of server; without it a test runs on the embedded one."""

# What a test server holds is thrown away, so it need not survive a power cut.
THROWAWAY = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}

MEMORY = Path("/dev/shm")  # noqa: S108
ROOM_BYTES = 4 * 1024**3
"""What the servers of one run may come to need, several times over."""

Prepare = Callable[[str], None]
"""Brings the empty database of a superuser's DSN to a state worth copying, and disconnects."""


@dataclass(frozen=True)
class Installation:
    """Where a kind's programs are, and how its clusters are made."""

    programs: Callable[[], Path]
    initdb_options: tuple[str, ...]


# The two kinds sort text differently on purpose: an answer that should be in byte order, but leaves
# out COLLATE "C", shows itself on Debian's server.
INSTALLATIONS = {
    EMBEDDED_18: Installation(wheel_programs, ("--locale=C", "--no-sync")),
    DEBIAN_15: Installation(
        lambda: Path("/usr/lib/postgresql/15/bin"),
        ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=zh", "--no-sync"),
    ),
}


class Server:
    """A running server of one kind that hands out databases."""

    def __init__(self, kind: str, postgres: EmbeddedPostgres) -> None:
        self.kind = kind
        self._postgres = postgres
        self._admin = psycopg.connect(postgres.dsn(), autocommit=True)
        self._templates: dict[Prepare, str] = {}
        self._names = (f"test_{number}" for number in count(1))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._admin.close()

    def dsn(self, database: str, role: str = SUPERUSER) -> str:
        """The connection string of a role in a database of this server."""
        return self._postgres.dsn(role, database)

    @contextmanager
    def fresh_database(self, prepare: Prepare | None = None) -> Iterator[str]:
        """A new database, dropped afterwards with whatever is still connected: its superuser DSN.

        With `prepare`, it is a copy of a template that this function prepared once for this server.
        A copy lacks the template's ALTER DATABASE settings and its grants on the database itself.
        """
        name = self._create(self._template(prepare) if prepare else "template0")
        try:
            yield self.dsn(name)
        finally:
            self._execute("drop database {} with (force)", name)

    def _template(self, prepare: Prepare) -> str:
        if prepare not in self._templates:
            name = self._create("template0")
            prepare(self.dsn(name))
            self._templates[prepare] = name
        return self._templates[prepare]

    def _create(self, template: str) -> str:
        name = next(self._names)
        self._execute("create database {} template {}", name, template)
        return name

    def _execute(self, statement: Any, *names: str) -> None:
        self._admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


class Servers:
    """The servers of one test worker, started as they are asked for."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._running: dict[str, Server] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __getitem__(self, kind: str) -> Server:
        if kind not in self._running:
            self._running[kind] = self._start(kind)
        return self._running[kind]

    def _start(self, kind: str) -> Server:
        # Not pytest's own temporary folder: it is closed to the user that the server runs as.
        folder = Path(tempfile.mkdtemp(prefix=f"assistance-test-{kind}-", dir=_in_memory()))
        self._stack.callback(shutil.rmtree, folder)
        installation = INSTALLATIONS[kind]
        postgres = EmbeddedPostgres(
            folder,
            programs=installation.programs(),
            settings=THROWAWAY,
            initdb_options=installation.initdb_options,
        )
        self._stack.enter_context(postgres)
        return self._stack.enter_context(Server(kind, postgres))


def _in_memory() -> Path | None:
    """Return a file system in memory where it has room: a database is copied there in a third of the time."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        return MEMORY
    return None
