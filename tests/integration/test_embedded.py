"""The embedded server survives what happens to processes and machines, and opens to nobody else."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from assistance.embedded import LONGEST_SOCKET_FOLDER, EmbeddedPostgres, embedded
from assistance.server_account import EmbeddedPostgresError, account_for, run_as
from tests.postgres import KINDS, Server, on_every_server

JOIN_AND_WAIT = """
import sys
from pathlib import Path
from assistance.embedded import embedded
with embedded(Path(sys.argv[1])) as server:
    print("joined", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder outside pytest's own, which is closed to the user that the server runs as."""
    made = Path(tempfile.mkdtemp(prefix="assistance-test-"))
    yield made / "data"
    shutil.rmtree(made)


@pytest.fixture
def other_user(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has joined the server and stays until its input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", JOIN_AND_WAIT, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "joined\n"
        yield process
        process.kill()


def ask(server: EmbeddedPostgres, question: str) -> str:
    with psycopg.connect(server.dsn()) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return str(row[0])


def socket_folder(server: EmbeddedPostgres) -> Path:
    return Path(str(conninfo_to_dict(server.dsn())["host"]))


def store_a_row(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("create table kept as select 'kept' as word")


def is_running(pid: int) -> bool:
    try:
        return "(postgres) Z" not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_data_is_there_again_after_a_stop_and_a_start(folder: Path) -> None:
    with embedded(folder) as server:
        store_a_row(server)
    with embedded(folder) as server:
        assert ask(server, "select word from kept") == "kept"


def test_the_server_is_durable_in_utc_and_deaf_to_the_network(folder: Path) -> None:
    settings = "fsync", "synchronous_commit", "timezone", "listen_addresses"
    with embedded(folder) as server:
        found = [ask(server, f"show {setting}") for setting in settings]
    assert found == ["on", "on", "UTC", ""]


def test_first_starts_at_one_time_make_one_server(folder: Path) -> None:
    servers = [EmbeddedPostgres(folder) for _ in range(4)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(EmbeddedPostgres.start, servers))
    assert len({server.pid for server in servers}) == 1
    for server in servers:
        server.stop()


def test_two_users_share_one_server_and_the_last_to_leave_stops_it(folder: Path) -> None:
    with embedded(folder) as first:
        pid = first.pid
        with embedded(folder) as second:
            assert second.pid == pid
        assert ask(first, "select 1") == "1"
    assert not is_running(pid)


def test_another_process_keeps_the_server_after_this_one_leaves(
    folder: Path, other_user: subprocess.Popen[str]
) -> None:
    with embedded(folder) as server:
        pid = server.pid
    assert is_running(pid)
    other_user.communicate(input="")
    assert other_user.returncode == 0
    assert not is_running(pid)


def test_a_killed_user_leaves_a_folder_that_the_next_one_takes_up(
    folder: Path, other_user: subprocess.Popen[str]
) -> None:
    with embedded(folder) as server:
        store_a_row(server)
    other_user.kill()
    other_user.wait()
    with embedded(folder) as server:
        pid = server.pid
        assert ask(server, "select word from kept") == "kept"
    assert not is_running(pid)


def test_a_killed_server_recovers_what_was_committed(folder: Path) -> None:
    with embedded(folder) as server:
        store_a_row(server)
        killed = server.pid
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: not is_running(killed))
    with embedded(folder) as server:
        assert server.pid != killed
        assert ask(server, "select word from kept") == "kept"


def test_a_number_reused_by_another_process_is_not_taken_for_the_server(folder: Path) -> None:
    with embedded(folder) as server:
        store_a_row(server)
        pid_file = folder / "postgres" / "postmaster.pid"
        left_behind = pid_file.read_text().replace(str(server.pid), str(os.getpid()), 1)
    pid_file.write_text(left_behind)
    with embedded(folder) as server:
        assert ask(server, "select word from kept") == "kept"


def test_a_cluster_half_made_is_made_anew(folder: Path) -> None:
    half_made = folder / "postgres.new" / "base"
    half_made.mkdir(parents=True)
    with embedded(folder) as server:
        assert ask(server, "select 1") == "1"
    assert not half_made.exists()


def test_a_path_too_long_for_a_socket_still_serves(folder: Path) -> None:
    with embedded(folder / ("d" * LONGEST_SOCKET_FOLDER)) as server:
        at = socket_folder(server)
        assert ask(server, "select 1") == "1"
    assert not at.exists()


def test_folder_names_with_spaces_and_quotes_are_no_trouble(folder: Path) -> None:
    with embedded(folder / 'it\'s a "test"') as server:
        assert ask(server, "select 1") == "1"


def test_only_the_servers_own_user_can_reach_the_socket(folder: Path) -> None:
    with embedded(folder) as server:
        assert stat.S_IMODE(socket_folder(server).stat().st_mode) == 0o700


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    with embedded(folder):
        pass
    server = EmbeddedPostgres(folder, settings={"shared_buffers": "none"})
    with pytest.raises(EmbeddedPostgresError, match="shared_buffers"):
        server.start()


def test_missing_programs_are_named(folder: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="not installed: no /nowhere"):
        EmbeddedPostgres(folder, programs=Path("/nowhere")).start()


def test_a_data_folder_that_cannot_be_made_is_named(folder: Path) -> None:
    folder.write_text("a file stands where the data should be")
    with pytest.raises(EmbeddedPostgresError, match="data folder"):
        EmbeddedPostgres(folder).start()


def test_there_is_no_address_before_the_start_or_after_the_stop(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    with pytest.raises(EmbeddedPostgresError, match="not started"):
        server.dsn()
    with server, pytest.raises(EmbeddedPostgresError, match="already started"):
        server.start()
    server.stop()
    with pytest.raises(EmbeddedPostgresError, match="not started"):
        _ = server.pid


def test_a_cluster_of_another_user_is_not_touched(folder: Path) -> None:
    folder.mkdir()
    with pytest.raises(EmbeddedPostgresError, match="belongs to another user"):
        account_for(folder, user=os.geteuid() + 1)


def test_whoever_is_not_root_runs_the_server_as_themselves(folder: Path) -> None:
    assert account_for(folder, user=os.geteuid() + 1) is None


def test_a_program_that_is_missing_is_named() -> None:
    with pytest.raises(EmbeddedPostgresError, match="cannot run no-such-program"):
        run_as(None, ["no-such-program"])


@on_every_server
def test_the_tests_run_on_both_kinds_of_server(server: Server, database: str) -> None:
    expected = dict(zip(KINDS, ("18", "15"), strict=True))[server.kind]
    with psycopg.connect(database) as connection:
        assert str(connection.info.server_version // 10000) == expected


@on_every_server
def test_a_prepared_template_is_made_once_and_copied_for_every_test(server: Server) -> None:
    prepared: list[str] = []

    def prepare(dsn: str) -> None:
        prepared.append(dsn)
        with psycopg.connect(dsn) as connection:
            connection.execute("create table prepared ()")

    for _ in range(2):
        with server.fresh_database(prepare) as dsn, psycopg.connect(dsn) as connection:
            connection.execute("drop table prepared")
    assert len(prepared) == 1
