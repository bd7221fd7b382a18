"""`assistance import`, as a process of its own: exact about what is refused, and resumable."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from assistance.importing import import_lines
from ledger.errors import Unprocessed
from ledger.lines import CHUNK
from tests.ledger_database import LedgerDatabase, migrate_and_load_areas
from tests.postgres import EMBEDDED_18, Servers

SERVICES = Path(__file__).parents[2] / "services"
WAIT_SECONDS = 60


@pytest.fixture
def database(servers: Servers) -> Iterator[LedgerDatabase]:
    """A migrated database in which the projections may make their schemas."""
    with servers[EMBEDDED_18].fresh_database(prepare=migrate_and_load_areas) as dsn:
        with psycopg.connect(dsn, autocommit=True) as admin:
            admin.execute(
                "do $$ begin execute format('grant create on database %I to projections_service',"
                " current_database()); end $$"
            )
        yield LedgerDatabase(dsn)


def environment(database: LedgerDatabase, **more: str) -> dict[str, str]:
    """The environment of a process that works on a database."""
    return {
        **os.environ,
        "PYTHONPATH": str(SERVICES),
        "LEDGER_DSN": database.dsn("ledger_service"),
        "PROJECTIONS_DSN": database.dsn("projections_service"),
        **more,
    }


def run(
    database: LedgerDatabase,
    *arguments: str,
    given: bytes | None = None,
    folder: Path | None = None,
) -> tuple[int, dict[str, Any], str]:
    """Run `assistance import --json`: its exit code, its report, and its standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "assistance.cli", "import", "--json", *arguments],
        input=given,
        capture_output=True,
        check=False,
        cwd=folder,
        env=environment(database),
    )
    report = json.loads(done.stdout) if done.stdout else {}
    return done.returncode, report, done.stderr.decode()


def line(command: str, data: dict[str, Any], subject: UUID | None = None) -> bytes:
    """A command line under a key of its own."""
    named = {"subject": str(subject)} if subject else {}
    envelope = {"command": command, "idempotency_key": str(uuid4()), "actor": "importer", **named}
    return json.dumps({**envelope, "data": data}).encode() + b"\n"


def application(**changed: Any) -> bytes:
    """An application of a household of its own: one fact."""
    data = {"area": "140403001", "channel": "counter", "decided_on": "2023-01-05", **changed}
    return line("ReceiveApplication", data, uuid4())


def test_a_file_is_imported_and_what_is_refused_is_named_by_its_line(
    database: LedgerDatabase, tmp_path: Path
) -> None:
    file = tmp_path / "applications.ndjson"
    file.write_bytes(
        application() + b"nonsense\n\n" + application(area="990000") + application() + b'{"comma'
    )
    code, report, _ = run(database, str(file))
    rejected = tmp_path / "applications.rejected.ndjson"
    assert code == 4
    assert report == {
        "accepted": 2, "before": 0, "rejected": 3, "facts": 2, "rejected_file": str(rejected),
    }  # fmt: skip
    said = [json.loads(text) for text in rejected.read_bytes().splitlines()]
    assert [(one["line"], one["problem"]["type"].rpartition(":")[2]) for one in said] == [
        (2, "unreadable"), (4, "known-area"), (6, "unreadable"),
    ]  # fmt: skip
    assert database.counts() == (2, 2)


def test_an_import_without_refusals_leaves_no_file_and_exits_0(
    database: LedgerDatabase, tmp_path: Path
) -> None:
    file, rejected = tmp_path / "mended.ndjson", tmp_path / "mended.rejected.ndjson"
    rejected.write_text("of an earlier run\n")
    file.write_bytes(application())
    code, report, _ = run(database, str(file))
    assert (code, report["accepted"], report["rejected_file"]) == (0, 1, None)
    assert not rejected.exists()


def test_a_hyphen_reads_standard_input(database: LedgerDatabase, tmp_path: Path) -> None:
    given = application() + b"nonsense\n"
    code, report, _ = run(database, "-", given=given, folder=tmp_path)
    assert (code, report["accepted"], report["rejected"]) == (4, 1, 1)
    assert (tmp_path / "standard-input.rejected.ndjson").exists()


def test_refused_lines_go_where_one_says(database: LedgerDatabase, tmp_path: Path) -> None:
    file, rejected = tmp_path / "some.ndjson", tmp_path / "elsewhere"
    file.write_bytes(b"nonsense\n")
    assert run(database, str(file), "--rejected", str(rejected))[0] == 4
    assert len(rejected.read_bytes().splitlines()) == 1


def test_the_actor_of_lines_that_name_nobody_is_given_by_an_option(
    database: LedgerDatabase, tmp_path: Path
) -> None:
    file = tmp_path / "some.ndjson"
    file.write_bytes(application().replace(b'"actor": "importer", ', b""))
    assert run(database, str(file))[0] == 4
    assert run(database, str(file), "--actor", "town-3")[0] == 0
    assert database.ask("select actor from ledger.commands") == [("town-3",)]


def test_a_file_that_is_not_there_is_wrong_usage(database: LedgerDatabase, tmp_path: Path) -> None:
    code, _, said = run(database, "gone.ndjson", folder=tmp_path)
    assert code == 2
    assert "gone.ndjson" in said
    assert "Traceback" not in said


def test_an_import_that_was_killed_goes_on_where_it_was(
    database: LedgerDatabase, tmp_path: Path
) -> None:
    lines = 6_000
    file = tmp_path / "many.ndjson"
    file.write_bytes(b"".join(application() for _ in range(lines)))
    program = [sys.executable, "-m", "assistance.cli", "import", str(file)]
    with subprocess.Popen(
        program, env=environment(database), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        deadline = monotonic() + WAIT_SECONDS
        while not database.counts()[0] and monotonic() < deadline:
            sleep(0.005)
        process.kill()
    recorded, commands = database.counts()
    assert 0 < recorded == commands < lines, "killed half way, whole chunks only"

    code, report, _ = run(database, str(file))
    assert code == 0
    assert report["accepted"] == lines
    assert report["facts"] == lines - report["before"]
    assert report["before"] >= recorded
    assert database.counts() == (lines, lines)
    assert run(database, str(file))[1] == {
        "accepted": lines, "before": lines, "rejected": 0, "facts": 0, "rejected_file": None,
    }  # fmt: skip


def test_an_import_stops_where_the_database_goes_away_and_refuses_nothing(
    database: LedgerDatabase, tmp_path: Path
) -> None:
    lines = [application() for _ in range(CHUNK * 5 // 2)]
    rejected = tmp_path / "rejected.ndjson"

    def cut(_: int) -> None:
        with database.connect() as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and usename = 'ledger_service'"
            )

    file = tmp_path / "some.ndjson"
    file.write_bytes(b"".join(lines))
    with (
        database.ledger() as ledger,
        file.open("rb") as source,
        pytest.raises(Unprocessed, match=f"line {CHUNK + 1}"),
    ):
        import_lines(ledger, source, rejected, None, cut)
    assert database.counts() == (CHUNK, CHUNK)
    assert not rejected.exists()
    assert run(database, str(file))[1]["facts"] == CHUNK * 3 // 2


def test_a_large_import_takes_little_memory(database: LedgerDatabase, tmp_path: Path) -> None:
    file = tmp_path / "large.ndjson"
    with file.open("wb") as out:
        out.writelines(b"x" * 60_000 + b"\n" for _ in range(2_000))
    program = [sys.executable, "-c", MEASURED, str(file)]
    done = subprocess.run(
        program, env=environment(database), capture_output=True, text=True, check=False
    )
    assert done.returncode == 4, done.stderr
    assert int(done.stderr.split()[-1]) < 300 * 1024


MEASURED = """
import resource, sys
from assistance.cli import main
sys.argv = ["assistance", "import", sys.argv[1]]
try:
    main()
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def test_a_passwords_dsn_is_not_told_when_the_database_is_away(tmp_path: Path) -> None:
    away = make_conninfo(host=str(tmp_path), user="ledger_service", password="very-secret")
    file = tmp_path / "some.ndjson"
    file.write_bytes(b"")
    done = subprocess.run(
        [sys.executable, "-m", "assistance.cli", "import", str(file)],
        env={**os.environ, "PYTHONPATH": str(SERVICES), "LEDGER_DSN": away},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "very-secret" not in done.stderr + done.stdout
