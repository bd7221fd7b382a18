"""Whom the embedded server runs as: PostgreSQL refuses root, so root must hand it to somebody."""

import logging
import os
import pwd
import stat
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

Account = pwd.struct_passwd | None
"""The system user to run the server as; None: as ourselves."""

SYSTEM_USER = "assistance"
"""The system user that is made, when root starts the first server of a machine."""

USERADD_TRIES = 50

_log = logging.getLogger(__name__)


class EmbeddedPostgresError(Exception):
    """The embedded server could not be made, started or stopped; the message says why."""


def account_for(cluster: Path, user: int) -> Account:
    """Whom the server of this cluster runs as, started by the system user with this number.

    A cluster belongs to its folder's owner; EmbeddedPostgresError when that is neither us nor,
    for root, somebody that root can run the server as.
    """
    owner = cluster.stat().st_uid if cluster.exists() else None
    if user == 0:
        return pwd.getpwuid(owner) if owner else _system_user()
    if owner not in (None, user):
        raise EmbeddedPostgresError(f"{cluster} belongs to another user; run as that user")
    return None


def _system_user() -> pwd.struct_passwd:
    """Find or make the system user; two first servers may well start at one time."""
    for _ in range(USERADD_TRIES):
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            complaint = _add_system_user()
    raise EmbeddedPostgresError(f"cannot make the system user {SYSTEM_USER}: {complaint}")


def _add_system_user() -> str:
    """Make the system user, or say what is in the way, which may be another useradd at work."""
    try:
        run_as(None, ["useradd", "--system", "--no-create-home", "--user-group", SYSTEM_USER])
    except EmbeddedPostgresError as error:
        time.sleep(0.1)
        return str(error)
    return "it was made, and is not there"


def give(folder: Path, account: Account) -> None:
    """Make the server's user the owner of a folder."""
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)


def open_ways(account: Account, *places: Path) -> None:
    """Let the server's user pass through (not list) the folders that lead to what it needs."""
    if account is None:
        return
    for folder in (way for place in places for way in (place, *place.parents)):
        status = folder.stat()
        if status.st_uid != account.pw_uid and not status.st_mode & stat.S_IXOTH:
            _log.warning("letting other users pass through %s to the embedded server", folder)
            folder.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)


def run_as(account: Account, command: Sequence[str | Path], folder: Path = Path("/")) -> None:
    """Run a program in `folder`; the error's message is its first complaint."""
    try:
        subprocess.run(  # noqa: S603 - our own programs, no shell
            command,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )
    except OSError as error:
        raise EmbeddedPostgresError(f"cannot run {command[0]}: {error.strerror}") from error
    except subprocess.CalledProcessError as error:
        complaint = next(iter(error.stderr.splitlines()), f"exit code {error.returncode}")
        raise EmbeddedPostgresError(f"{Path(command[0]).name}: {complaint}") from error
