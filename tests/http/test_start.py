"""A service that cannot start says why in one line and exits with 3; one that can is stopped whole."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.http.running import JSON
from tests.ledger_database import LedgerDatabase

SERVICES = Path(__file__).parents[2] / "services"
WAIT_SECONDS = 60
SERVES = [["serve"], ["ledger", "serve"], ["projections", "serve"]]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def environment(**given: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTGRES_")}
    return {**kept, "PYTHONPATH": str(SERVICES), **given}


def refused(arguments: list[str], **given: str) -> str:
    """Start a service that has to refuse: the one line that it says."""
    done = subprocess.run(
        [sys.executable, "-m", "assistance.cli", *arguments, "--port", str(free_port())],
        env=environment(**given),
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_SECONDS,
    )
    assert done.returncode == 3, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def dsns(database: LedgerDatabase) -> dict[str, str]:
    return {
        "LEDGER_DSN": database.dsn("ledger_service"),
        "PROJECTIONS_DSN": database.dsn("projections_service"),
    }


@pytest.mark.parametrize("arguments", SERVES, ids=" ".join)
def test_a_database_that_is_away_keeps_a_service_from_starting(
    arguments: list[str], tmp_path: Path
) -> None:
    away = f"host={tmp_path} user=ledger_service password=very-secret"
    said = refused(arguments, LEDGER_DSN=away, PROJECTIONS_DSN=away)
    assert "cannot be reached" in said
    assert "very-secret" not in said


@pytest.mark.parametrize("arguments", SERVES[:2], ids=" ".join)
def test_a_schema_newer_than_the_code_keeps_the_ledger_from_starting(
    arguments: list[str], own_database: LedgerDatabase
) -> None:
    grant_schemas(own_database)
    with own_database.connect() as admin:
        admin.execute(
            "insert into public.ledger_migrations (number, name, checksum)"
            " values (9999, '9999_later.sql', 'later')"
        )
    assert "run the newer release" in refused(arguments, **dsns(own_database))


@pytest.mark.parametrize("arguments", SERVES[:2], ids=" ".join)
def test_the_librarys_own_database_functions_keep_the_ledger_from_starting(
    arguments: list[str], own_database: LedgerDatabase
) -> None:
    grant_schemas(own_database)
    said = refused(arguments, **dsns(own_database), POSTGRES_ENABLE_DB_FUNCTIONS="y")
    assert "POSTGRES_ENABLE_DB_FUNCTIONS" in said


def grant_schemas(database: LedgerDatabase) -> None:
    """Let the projections make their schemas."""
    with psycopg.connect(database.superuser, autocommit=True) as admin:
        admin.execute(
            "do $$ begin execute format('grant create on database %I to projections_service',"
            " current_database()); end $$"
        )


@contextmanager
def started(
    database: LedgerDatabase, *arguments: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A service that runs: its base URL and its process."""
    port = free_port()
    program = [sys.executable, "-m", "assistance.cli", *arguments, "--port", str(port)]
    with subprocess.Popen(
        program, env=environment(**dsns(database)), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            base = f"http://127.0.0.1:{port}"
            wait_until_ready(base, process)
            yield base, process
        finally:
            process.kill()


def wait_until_ready(base: str, process: subprocess.Popen[str]) -> None:
    deadline = monotonic() + WAIT_SECONDS
    while monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{base}/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        sleep(0.1)
    raise TimeoutError(process.stderr.read() if process.stderr and process.poll() else "not ready")


def test_both_services_run_on_one_port_and_stop_when_told(own_database: LedgerDatabase) -> None:
    grant_schemas(own_database)
    with started(own_database, "serve") as (base, process):
        path = f"{base}/v1/households/{uuid4()}/receive-application"
        answer = httpx.post(
            path,
            headers={"X-Actor": "a", "Idempotency-Key": '"k"', "Content-Type": JSON},
            json={"area": "140403001", "channel": "counter", "decided_on": "2023-01-05"},
        )
        assert answer.status_code == 201
        position = answer.json()["position"]
        totals = httpx.get(
            f"{base}/v1/totals", params={"min_position": position, "from": "2023-01"}
        )
        assert totals.is_success, totals.text
        assert int(totals.headers["ledger-position"]) >= position
        assert re.search(r"^projections_position 1$", httpx.get(f"{base}/metrics").text, re.M)
        assert httpx.get(f"{base}/openapi.json").json()["paths"].keys() >= {
            "/v1/totals", "/v1/commands:batch", "/v1/households/{household}/enrol-household",
        }  # fmt: skip
        assert "server" not in answer.headers
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_SECONDS) in (0, -signal.SIGTERM)


def test_a_port_that_is_taken_is_said(own_database: LedgerDatabase) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "assistance.cli", "ledger", "serve", "--port", port],
            env=environment(**dsns(own_database)),
            capture_output=True,
            text=True,
            check=False,
            timeout=WAIT_SECONDS,
        )
    assert done.returncode != 0
    assert "address already in use" in done.stderr
    assert "Traceback" not in done.stderr
