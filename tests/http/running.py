"""An application on a real server: uvicorn in a thread on a free loopback port, asked by httpx."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import httpx
import uvicorn
from fastapi import FastAPI

from ledger.app import build
from ledger.settings import Settings
from tests.ledger_database import COUNTY, LedgerDatabase

JSON = "application/json"
NDJSON = "application/x-ndjson"
PROBLEM = "application/problem+json"
WAIT_SECONDS = 30


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application for the time of a `with` block: its base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, lifespan="on", ws="none", log_config=None)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, args=([listening],), name="uvicorn")
        thread.start()
        try:
            while not server.started and thread.is_alive():
                thread.join(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(WAIT_SECONDS)


@dataclass(frozen=True)
class Running:
    """A ledger that is served, with a client of it and its database."""

    client: httpx.Client
    database: LedgerDatabase

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        version: int | None = None,
        actor: str = "decider-7",
        content: Any = None,
        headers: Mapping[str, str | None] | None = None,
        **params: str,
    ) -> httpx.Response:
        """Send a command; a header given as None is left out."""
        given: dict[str, str | None] = {
            "X-Actor": actor,
            "Idempotency-Key": f'"{key or uuid4()}"',
            "If-Match": None if version is None else f'"{version}"',
            "Content-Type": JSON,
            **(headers or {}),
        }
        sent = {name: value for name, value in given.items() if value is not None}
        how: dict[str, Any] = {"json": body} if content is None else {"content": content}
        if params:
            how["params"] = params
        return self.client.post(path, headers=sent, **how)

    def enrol(self, household: UUID, **changed: Any) -> httpx.Response:
        """Enrol a household of one new person."""
        return self.post(f"/v1/households/{household}/enrol-household", enrolment(**changed))

    def facts(self) -> list[tuple[Any, ...]]:
        """Every fact on record, less the instant."""
        return self.database.ask(
            "select notification_id, originator_id, originator_version, topic, state"
            " from ledger.facts order by notification_id"
        )


@contextmanager
def running_ledger(database: LedgerDatabase) -> Iterator[Running]:
    """Serve the ledger of a database for the time of a `with` block."""
    settings = Settings(dsn=database.dsn("ledger_service"))
    with (
        serving(build(settings)) as base,
        httpx.Client(base_url=base, timeout=WAIT_SECONDS) as client,
    ):
        yield Running(client, database)


def standard(**changed: Any) -> dict[str, Any]:
    """The data of AdoptStandard: the county's unified standard from January 2023 on."""
    return {
        "area": COUNTY,
        "programme": "dibao",
        "period": "month",
        "mode": "gap",
        "amount_fen": 74000,
        "adopted_by": "county government",
        "effective": "2023-01",
        "decided_on": "2022-12-01",
        **changed,
    }


def enrolment(person: UUID | None = None, **changed: Any) -> dict[str, Any]:
    """The data of EnrolHousehold: one person, in the county's first town, without procedure."""
    return {
        "effective": "2023-01",
        "decided_on": "2023-01-10",
        "programme": "dibao.urban",
        "area": f"{COUNTY}001",
        "income_fen": 30000,
        "members": [{"person": str(person or uuid4()), "role": "head"}],
        "decided_by": "county",
        "legal_basis": "Law 18",
        "migrated": True,
        **changed,
    }


def reassessment(**changed: Any) -> dict[str, Any]:
    """The data of ReassessIncome."""
    return {"effective": "2023-03", "decided_on": "2023-02-10", "income_fen": 20000, **changed}


def problem_of(answer: httpx.Response, status: int, name: str) -> dict[str, Any]:
    """The problem of an answer, which has to be one of RFC 9457 of this status and type."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"urn:assistance:problem:{name}", problem
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem
