"""Command lines as a batch: a verdict a line, the same as an import of the same lines."""

import io
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from assistance.importing import import_lines
from ledger.lines import MAX_LINE, decide_lines, verdict_line
from tests.http.running import NDJSON, Running, enrolment, problem_of, reassessment, standard
from tests.ledger_database import LedgerDatabase, migrate_and_load_areas
from tests.postgres import EMBEDDED_18, Servers

HEADERS = {"Content-Type": NDJSON, "X-Actor": "importer"}


def line(command: str, data: dict[str, Any], subject: UUID | None = None, **more: Any) -> bytes:
    """A command line under a key of its own."""
    named = {"subject": str(subject)} if subject else {}
    envelope = {"command": command, "idempotency_key": str(uuid4()), **named, "data": data, **more}
    return json.dumps(envelope).encode() + b"\n"


def mixed_lines() -> bytes:
    """Lines of every fate: accepted, repeated, refused by rule, unreadable, too long, cut off."""
    household, person = uuid4(), uuid4()
    repeated = line("ReassessIncome", reassessment(), household, expected_version=1)
    return b"".join(
        [
            line("AdoptStandard", standard()),
            line("EnrolHousehold", enrolment(person), household, actor="decider-7"),
            repeated,
            repeated,
            repeated.replace(b"20000", b"20001"),
            b"\n   \r\n",
            line("EnrolHousehold", enrolment(person), uuid4()),
            line(
                "ReassessIncome", reassessment(effective="2023-04"), household, expected_version=1
            ),
            line("EnrolHousehold", enrolment(area="990000"), uuid4()),
            line("Enrol", {}),
            line("EnrolHousehold", {"income_fen": 1.5}),
            b"nonsense\n",
            b'{"a": "\xff"}\n',
            b" " * (MAX_LINE + 1) + b"\n",
            b" " * MAX_LINE + b"\n",
            b"x" * (3 * MAX_LINE) + b"\n",
            line("ReassessIncome", reassessment(effective="2023-05"), household).replace(
                b"\n", b" " * 10 + b"\r\n"
            ),
            line("ReassessIncome", reassessment(effective="2023-06"), household)[:-40],
        ]
    )


def post(running: Running, content: Any, **headers: str) -> httpx.Response:
    return running.client.post("/v1/commands:batch", content=content, headers=HEADERS | headers)


def verdicts(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == NDJSON
    return [json.loads(text) for text in answer.text.splitlines()]


def test_every_line_gets_its_own_verdict(own: Running) -> None:
    said = verdicts(post(own, mixed_lines()))
    fates = {
        one["line"]: one["problem"]["type"].rpartition(":")[2] if "problem" in one else "accepted"
        for one in said
    }
    assert fates == {
        1: "accepted", 2: "accepted", 3: "accepted", 4: "accepted", 5: "key-reused",
        8: "one-basic-roll", 9: "stale-version", 10: "known-area", 11: "wrong-shape",
        12: "wrong-shape", 13: "unreadable", 14: "unreadable", 15: "too-large", 17: "too-large",
        18: "accepted", 19: "unreadable",
    }  # fmt: skip
    assert said[2]["accepted"] == said[3]["accepted"]
    assert len(own.facts()) == 5


def test_a_batch_equals_an_import_of_the_same_lines(
    own: Running, servers: Servers, tmp_path: Path
) -> None:
    lines = mixed_lines()
    with servers[EMBEDDED_18].fresh_database(prepare=migrate_and_load_areas) as dsn:
        imported = LedgerDatabase(dsn)
        rejected = tmp_path / "rejected.ndjson"
        with imported.ledger() as ledger:
            report = import_lines(ledger, io.BytesIO(lines), rejected, "importer", lambda _: None)
        with imported.ledger() as ledger:
            decided = decide_lines(ledger, io.BytesIO(lines), "importer")
            said = [verdict_line(verdict) for part in decided for verdict in part]
        answer = post(own, lines)
        told = answer.content.splitlines(keepends=True)
        refused = [text for text in told if b'"problem"' in text]
        accepted = [text for text in told if b'"accepted"' in text]
        assert accepted == [text for text in said if b'"accepted"' in text]
        assert rejected.read_bytes() == b"".join(refused)
        assert (report.accepted, report.rejected) == (5, len(refused))
        assert on_record(own.database) == on_record(imported)


def on_record(database: LedgerDatabase) -> list[tuple[Any, ...]]:
    """Every fact and every command, less the instants."""
    return [
        *database.ask(
            "select notification_id, originator_id, originator_version, topic, state"
            " from ledger.facts order by 1"
        ),
        *database.ask(
            "select actor, idempotency_key, payload, subject, first_position, last_position"
            " from ledger.commands order by 1, 2"
        ),
    ]


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_lines_are_the_same_however_they_arrive(own: Running, size: int) -> None:
    lines = mixed_lines() if size > 7 else line("AdoptStandard", standard()) + b"x\r\n\n y"
    parts = (lines[start : start + size] for start in range(0, len(lines), size))
    in_parts = post(own, parts)
    at_once = post(own, lines)
    # Of the line that is stale, the problem names the version of the day.
    first, again = ([v for v in verdicts(a) if v["line"] != 9] for a in (in_parts, at_once))
    assert first == again


def test_a_batch_sent_again_records_nothing_twice(own: Running) -> None:
    lines = line("AdoptStandard", standard()) + line("EnrolHousehold", enrolment(), uuid4())
    first = post(own, lines)
    before = own.database.counts()
    assert post(own, lines).content == first.content
    assert own.database.counts() == before


def test_a_line_without_an_actor_needs_one_around_it(running: Running) -> None:
    headers = {"Content-Type": NDJSON}
    content = line("EnrolHousehold", enrolment(), uuid4())
    answer = running.client.post("/v1/commands:batch", content=content, headers=headers)
    [verdict] = verdicts(answer)
    assert verdict["problem"]["errors"][0]["pointer"] == "/actor"


def test_an_empty_batch_has_no_verdicts(running: Running) -> None:
    assert verdicts(post(running, b"\n\n")) == []


def test_what_came_whole_before_a_cut_is_recorded_and_half_a_line_is_not(own: Running) -> None:
    own.post("/v1/areas/140403/adopt-standard", standard())
    whole = [line("EnrolHousehold", enrolment(), uuid4()) for _ in range(1200)]
    half = line("EnrolHousehold", enrolment(), uuid4())[:-20]

    def cut() -> Iterator[bytes]:
        yield b"".join(whole) + half
        raise ConnectionError("cut")

    with pytest.raises(ConnectionError):
        post(own, cut())
    answer = post(own, b"".join(whole))
    assert all("accepted" in one for one in verdicts(answer))
    assert len(own.facts()) == 1 + 2 * len(whole)


SERVE = """
import sys, uvicorn
from ledger.app import build
from ledger.settings import Settings
app = build(Settings(dsn=sys.argv[1]))
uvicorn.run(app, fd=int(sys.argv[2]), log_level="warning")
"""


def test_a_huge_batch_takes_little_memory(own_database: LedgerDatabase) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        program = [sys.executable, "-c", SERVE, own_database.dsn("ledger_service")]
        services = Path(__file__).parents[2] / "services"
        with subprocess.Popen(
            [*program, str(listening.fileno())],
            pass_fds=[listening.fileno()],
            env={"PYTHONPATH": str(services)},
        ) as process:
            try:
                base = f"http://127.0.0.1:{listening.getsockname()[1]}"
                assert httpx.get(f"{base}/livez", timeout=60).is_success
                before = peak_of(process.pid)
                huge = b"x" * 50_000 + b"\n"
                lines = (huge * 20 for _ in range(100))
                path = f"{base}/v1/commands:batch"
                with httpx.stream("POST", path, content=lines, headers=HEADERS, timeout=60) as got:
                    said = sum(1 for _ in got.iter_lines())
                assert said == 2_000
                assert peak_of(process.pid) - before < 80_000
            finally:
                process.terminate()


def peak_of(process: int) -> int:
    """The most memory that a process ever had, in KiB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def test_a_batch_may_not_be_read_as_something_else(running: Running) -> None:
    answer = running.client.get("/v1/commands:batch")
    problem_of(answer, 405, "method-not-allowed")
