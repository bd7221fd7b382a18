"""Durable commands over HTTP, against the same routes with a constant reply."""

from __future__ import annotations

import itertools
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import orjson
import psycopg

from tests.benchmarks.alternating import Comparison
from tests.benchmarks.cluster import Cluster
from tests.benchmarks.county import ACTOR, AREA, lines
from tests.benchmarks.load import write_requests

CONNECTIONS = 32
REQUESTS = 12_000


class Serving:
    """Two servers, one with the real writer and one with a constant reply, and one load generator."""

    def __init__(self, cluster: Cluster, stack: ExitStack) -> None:
        self._name = stack.enter_context(cluster.database())
        self._dsn = cluster.dsn(self._name, "ledger_service")
        self._folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="assistance-bench-requests-"))
        )
        self._numbers = itertools.count()
        self._durable = stack.enter_context(_server(self._dsn, "durable"))
        self._constant = stack.enter_context(_server(self._dsn, "constant"))
        standard = json.loads(next(lines(0)))
        self._send(
            self._durable,
            [_request(f"/v1/areas/{AREA}/adopt-standard", "standard", standard["data"])],
        )

    def comparisons(self) -> list[Comparison]:
        """Return the comparison."""
        return [
            Comparison(
                f"durable commands over HTTP, {CONNECTIONS} connections", "commands/s",
                self.durable, self.constant, "a constant reply with the same body model", 0.45,
                note="EnrolHousehold, a new household each, 2 to 3 facts",
            )
        ]  # fmt: skip

    def durable(self) -> float:
        """Send commands that are decided and stored; return commands a second."""
        before = self._commands()
        rate = self._send(self._durable, self._enrolments())
        if self._commands() - before != REQUESTS:
            raise AssertionError("commands are missing in the database")
        return rate

    def constant(self) -> float:
        """Send the same kind of commands to the server that answers a constant."""
        return self._send(self._constant, self._enrolments())

    def _enrolments(self) -> list[bytes]:
        seed = next(self._numbers)
        rng = random.Random(seed)
        return [
            _request(f"/v1/households/{uuid4()}/enrol-household", f"k-{seed}-{n}", _enrolment(rng))
            for n in range(REQUESTS)
        ]

    def _send(self, port: int, requests: list[bytes]) -> float:
        file = self._folder / "requests"
        write_requests(file, iter(requests))
        done = subprocess.run(
            [
                sys.executable, "-m", "tests.benchmarks.load",
                "127.0.0.1", str(port), str(CONNECTIONS), str(file),
            ],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        good, total, seconds = done.stdout.split()
        if int(good) != len(requests) or int(total) != len(requests):
            raise AssertionError(f"{good} of {len(requests)} requests were answered with 2xx")
        return len(requests) / float(seconds)

    def _commands(self) -> int:
        with psycopg.connect(self._dsn) as connection:
            row = connection.execute("select count(*) from ledger.commands").fetchone()
        return int(row[0]) if row else 0


def _enrolment(rng: random.Random) -> dict[str, object]:
    members = [{"person": str(UUID(int=rng.getrandbits(128), version=4)), "role": "head"}]
    if rng.random() < 0.5:
        members.append({"person": str(UUID(int=rng.getrandbits(128), version=4)), "role": "spouse"})
    return {
        "decided_on": "2022-06-15", "effective": "2022-06", "migrated": True, "programme": "dibao.urban",
        "area": AREA, "income_fen": rng.randrange(60000), "members": members, "decided_by": "county",
        "legal_basis": "Interim Measures 11",
    }  # fmt: skip


def _request(path: str, key: str, data: dict[str, object]) -> bytes:
    body = orjson.dumps(data)
    head = (
        f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f'x-actor: {ACTOR}\r\nidempotency-key: "{key}"\r\ncontent-length: {len(body)}\r\n\r\n'
    )
    return head.encode() + body


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _server(dsn: str, kind: str) -> Iterator[int]:
    port = free_port()
    env = {**os.environ, "LEDGER_DSN": dsn}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.server", kind, str(port)], env=env
    )
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not start")
