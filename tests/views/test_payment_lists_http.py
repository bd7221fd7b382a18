"""Payment lists over HTTP: computed, shown, reconciled, exported; what is overpaid and got back."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from edge import problems
from projections.database import Database
from projections.errors import ProjectionError
from projections.payment_lists import http
from projections.projections import Projections
from tests.views.conftest import Views
from tests.views.lists import Lists

CITY, TOWN = "1404", "140403001"


class Caller:
    """Calls the routes in this process, once everything recorded is projected."""

    def __init__(self, app: FastAPI, lists: Lists) -> None:
        self._app = app
        self.lists = lists

    def send(self, method: str, path: str, content: bytes = b"", **headers: str) -> httpx.Response:
        """Send a request and return the whole answer."""
        self.lists.views.projections()

        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, content=content, headers=headers)

        return asyncio.run(sent())

    def json(self, path: str) -> dict[str, Any]:
        """Send a GET that must succeed and return its body."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


@pytest.fixture
def caller(views: Views) -> Iterator[Caller]:
    """The routes over a city that lists from 2026-07 on, and three households of one person."""
    views.facts.standard(CITY, "dibao.urban", 78_000, effective="2025-01")
    views.facts.policy(CITY, "lists.first_month", "2026-07", effective="2025-01")
    for _ in range(3):
        views.facts.enrolled(members=1, income=0, effective="2026-07", area=TOWN)
    views.projections()
    with Database(views.dsn, connections=2) as database:
        app = FastAPI()
        problems.install(app, ProjectionError)
        app.include_router(http.router(Projections(database, wait_seconds=0.05)))
        yield Caller(app, Lists(views))


def sent(caller: Caller) -> UUID:
    """A list that was frozen, approved and sent."""
    found = caller.lists.freeze(CITY, "2026-07")
    caller.lists.act(found, "PaymentListApproved", actor="approver")
    caller.lists.act(found, "PaymentListSent", format="csv")
    return found


def accounts_of(caller: Caller, found: UUID) -> bytes:
    """A file of accounts for all payees of a list."""
    rows = [f"{row['payee']},62220000{n}" for n, row in enumerate(caller.lists.lines(found))]
    return "\n".join(["person,account", *rows, ""]).encode()


def test_a_computed_list_says_what_its_document_comes_to(caller: Caller) -> None:
    path = f"/v1/payment-lists:compute?area={CITY}&month=2026-07"
    document = caller.send("GET", path, accept="application/x-ndjson").content
    said = caller.json(path)
    assert said["document"] == hashlib.sha256(document).hexdigest()
    assert (said["lines"], said["total_fen"], said["lists_version"]) == (3, 234_000, 0)
    assert json.loads(document.splitlines()[-1]) == {"lines": 3, "total_fen": 234_000}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "area"),
        ("area=1404", "month"),
        ("area=14x4&month=2026-07", "area"),
        ("area=1404&month=2026-13", "month"),
        ("area=1404&month=2026-07&programme=gold", "programme"),
        ("kind=reissue", "reissues"),
        ("kind=area_grant", "grant"),
        ("kind=area_grant&grant=x:1", "grant"),
    ],
)
def test_a_list_that_cannot_be_asked_for_names_the_parameter(
    caller: Caller, query: str, parameter: str
) -> None:
    answer = caller.send("GET", f"/v1/payment-lists:compute?{query}")
    assert answer.status_code == 422
    assert answer.json()["parameter"] == parameter


@pytest.mark.parametrize(
    "path",
    [
        "payment-lists/00000000-0000-4000-8000-000000000000/summary",
        "payment-lists/00000000-0000-4000-8000-000000000000/lines",
        "payment-lists/00000000-0000-4000-8000-000000000000/verification",
        "payment-lists:compute?kind=reissue&reissues=00000000-0000-4000-8000-000000000000",
    ],
)
def test_a_list_that_is_not_on_record_is_not_found(caller: Caller, path: str) -> None:
    assert caller.send("GET", f"/v1/{path}").status_code == 404


def test_a_list_tells_its_acts_and_what_the_projections_computed_themselves(caller: Caller) -> None:
    found = sent(caller)
    said = caller.json(f"/v1/payment-lists/{found}/summary")["list"]
    assert (said["status"], said["frozen_by"], said["approved_by"]) == (
        "sent", "freezer", "approver",
    )  # fmt: skip
    assert said["agrees"] is True
    assert said["computed_document"] == said["document"]
    assert said["version"] == 3
    (listed,) = caller.json(f"/v1/payment-lists?area={CITY}&month=2026-07")["lists"]
    assert listed == said
    assert caller.json("/v1/payment-lists?month=2026-08")["lists"] == []


def test_a_list_that_comes_out_otherwise_is_disputed_and_tells_the_lines(caller: Caller) -> None:
    lists = caller.lists
    forged = lists.compute_document(CITY, "2026-07").replace(b"78000", b"78001")
    found = lists.record_frozen(forged)
    assert caller.json(f"/v1/payment-lists/{found}/summary")["list"]["agrees"] is False
    said = caller.json(f"/v1/payment-lists/{found}/verification")
    assert said["agrees"] is False
    assert {(d["frozen_fen"], d["computed_fen"]) for d in said["differences"]} == {(78_001, 78_000)}
    assert len(said["differences"]) == 3


def test_pages_of_lists_and_lines_follow_each_other(caller: Caller) -> None:
    first, second = caller.lists.freeze(CITY, "2026-07"), caller.lists.freeze(CITY, "2026-08")
    page = caller.json("/v1/payment-lists?limit=1")
    assert page["lists"][0]["list"] == str(second)
    assert caller.json(f"/v1/payment-lists?cursor={page['next']}")["lists"][0]["list"] == str(first)
    lines = caller.json(f"/v1/payment-lists/{first}/lines?limit=2")
    rest = caller.json(f"/v1/payment-lists/{first}/lines?cursor={lines['next']}")
    assert [row["ordinal"] for row in (*lines["lines"], *rest["lines"])] == [1, 2, 3]
    whole = caller.send(
        "GET", f"/v1/payment-lists/{first}/lines", accept="application/x-ndjson"
    ).text
    assert len(whole.splitlines()) == 3


def test_each_line_is_in_one_state_and_a_list_adds_up(caller: Caller) -> None:
    found = sent(caller)
    paid, failed, pending = (row["reference_id"] for row in caller.lists.lines(found))
    caller.lists.report(found, (paid, "succ"), (failed, "rjct"), (pending, "pdng"))
    states = {
        row["reference_id"]: row["state"]
        for row in caller.json(f"/v1/payment-lists/{found}/lines")["lines"]
    }
    assert states == {str(paid): "paid", str(failed): "failed", str(pending): "pending"}
    (said,) = caller.json(f"/v1/reconciliations?list={found}")["reconciliations"]
    told = [said[f"{state}_fen"] for state in ("paid", "failed", "returned", "pending", "closed")]
    assert told == [78_000, 78_000, 0, 78_000, 0]
    assert said["listed_fen"] == sum(told)
    caller.lists.report(found, (paid, "returned"))
    caller.lists.act(
        found, "PaymentLineClosed", reference_id=str(failed), amount_fen=78_000, reason="payee_died"
    )
    (said,) = caller.json(f"/v1/reconciliations?area={CITY}&month=2026-07")["reconciliations"]
    assert (said["paid"], said["failed"], said["returned"], said["closed"]) == (0, 0, 1, 1)
    closed = caller.json(f"/v1/payment-lists/{found}/lines?state=closed")["lines"]
    assert [row["reference_id"] for row in closed] == [str(failed)]


def test_an_export_waits_until_the_sending_is_on_record(caller: Caller) -> None:
    found = caller.lists.freeze(CITY, "2026-07")
    refused = caller.send("POST", f"/v1/payment-lists/{found}/export?format=csv")
    assert (refused.status_code, refused.json()["list_status"]) == (409, "frozen")
    caller.lists.act(found, "PaymentListApproved")
    refused = caller.send("POST", f"/v1/payment-lists/{found}/export?format=csv")
    assert (refused.status_code, refused.json()["list_status"]) == (409, "approved")


@pytest.mark.parametrize("name", ["ndjson", "csv", "xlsx", "g2p", "payment_hub", "govstack"])
def test_a_sent_list_is_exported_in_every_format_twice_the_same(caller: Caller, name: str) -> None:
    found = sent(caller)
    path = f"/v1/payment-lists/{found}/export?format={name}&payer_account=100200300"
    accounts = accounts_of(caller, found)
    first = caller.send("POST", path, accounts)
    assert first.status_code == 200, first.text
    assert first.content
    assert str(found) in first.headers["content-disposition"]
    caller.lists.act(found, "PaymentListSent", format=name)
    assert caller.send("POST", path, accounts).content == first.content


def test_an_export_with_a_payee_without_account_is_refused_whole(caller: Caller) -> None:
    found = sent(caller)
    accounts = b"\n".join(accounts_of(caller, found).splitlines()[:-1]) + b"\n"
    path = f"/v1/payment-lists/{found}/export?format=g2p&payer_account=100200300"
    refused = caller.send("POST", path, accounts)
    assert refused.status_code == 422
    assert "62220000" not in refused.text
    assert caller.send("POST", path.replace("g2p", "punchcard"), accounts).status_code == 422


def test_overpayments_come_with_the_version_that_a_recovery_names(caller: Caller) -> None:
    lists = caller.lists
    found = lists.freeze(CITY, "2026-07")
    household = lists.lines(found)[0]["subject"]
    lists.views.facts.exited(household, "2026-07", "income_above_standard")
    said = caller.json(f"/v1/overpayments?area={CITY}&month=2026-07")
    assert said["lists_version"] == 1
    assert [(row["household"], row["overpaid_fen"]) for row in said["overpayments"]] == [
        (str(household), 78_000)
    ]
    recovery = lists.order(household, {"2026-07": 78_000})
    lists.receive(recovery, 30_000)
    (one,) = caller.json(f"/v1/recoveries?household={household}")["recoveries"]
    assert (one["ordered_fen"], one["received_fen"], one["balance_fen"]) == (78_000, 30_000, 48_000)
    assert caller.json(f"/v1/overpayments?area={CITY}&month=2026-07")["overpayments"] == []


def test_a_page_of_overpayments_ends_between_two_households(caller: Caller) -> None:
    lists = caller.lists
    lists.freeze(CITY, "2026-07")
    found = lists.freeze(CITY, "2026-08")
    for row in lists.lines(found):
        lists.views.facts.exited(row["subject"], "2026-07", "income_above_standard")
    path = f"/v1/overpayments?area={CITY}&month=2026-08"
    page = caller.json(f"{path}&limit=1")
    assert [row["month"] for row in page["overpayments"]] == ["2026-07", "2026-08"]
    rest = caller.json(f"{path}&cursor={page['next']}")
    assert len(rest["overpayments"]) == 4
    assert rest["next"] is None
