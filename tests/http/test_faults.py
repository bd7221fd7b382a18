"""A fault of the service itself: a problem that gives nothing away, and the service goes on."""

import asyncio
import json
import socket
from uuid import uuid4

import httpx
import pytest

from ledger.commands import Command, read_line
from ledger.errors import Unprocessed
from ledger.writer import Writer
from tests.http.running import NDJSON, Running, problem_of
from tests.ledger_database import TOWN, LedgerDatabase

APPLICATION = {"area": TOWN, "channel": "counter", "decided_on": "2023-01-05"}


def application(key: str) -> Command:
    line = {"command": "ReceiveApplication", "idempotency_key": key, "data": APPLICATION}
    return read_line(json.dumps(line).encode(), "decider-7")


def test_a_fault_is_a_500_that_gives_nothing_away_and_passes(own: Running) -> None:
    household = uuid4()
    path = f"/v1/households/{household}"
    with own.database.connect() as admin:
        admin.execute("alter table ledger.facts rename to gone")
        command = own.post(f"{path}/receive-application", APPLICATION, key="k")
        question = own.client.get(path)
        admin.execute("alter table ledger.gone rename to facts")
    problem_of(command, 500, "ledger-error")
    problem_of(question, 500, "fault")
    for said in (command.text, question.text):
        assert "facts" not in said
        assert str(household) not in said
    assert own.post(f"{path}/receive-application", APPLICATION, key="k").status_code == 201


def test_the_writer_outlives_a_batch_that_fails(own_database: LedgerDatabase) -> None:
    with own_database.ledger() as ledger:
        writer = Writer(ledger)
        writer.start()
        try:
            ledger.close()
            for key in ("one", "two"):
                with pytest.raises(Unprocessed):
                    asyncio.run(writer.submit(application(key)))
        finally:
            writer.stop()


def test_a_writer_that_has_stopped_takes_no_more(own_database: LedgerDatabase) -> None:
    with own_database.ledger() as ledger:
        writer = Writer(ledger)
        writer.start()
        writer.stop()
        with pytest.raises(Unprocessed):
            asyncio.run(writer.submit(application("late")))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/households/{}/receive-application", "application/json"),
        ("/v1/commands:batch", NDJSON),
    ],
)
def test_a_body_that_is_cut_off_records_nothing(own: Running, path: str, kind: str) -> None:
    head = (
        f"POST {path.format(uuid4())} HTTP/1.1\r\nHost: here\r\nContent-Type: {kind}\r\n"
        "Content-Length: 1000\r\n"
        'X-Actor: a\r\nIdempotency-Key: "k"\r\n\r\n'
    )
    base = own.client.base_url
    with socket.create_connection((base.host, base.port or 80)) as client:
        client.sendall(head.encode() + json.dumps(APPLICATION).encode())
    assert httpx.get(f"{base}/livez").is_success
    assert own.facts() == []
    while 'type="cut-off"' not in own.client.get("/metrics").text:
        pass
