"""Previews as callers ask for them, and everything that is refused, with where it is wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from edge import problems
from projections.errors import BadParameter, ProjectionError
from projections.previews import previews
from projections.previews.http import router
from projections.previews.hypothetical import read
from tests.views.facts import Facts
from tests.views.lists import Lists
from tests.views.previewing import EXIT, STANDARD, Fact, facts, lists, next_fact, of_area, one

__all__ = ["facts", "lists"]


Change = Callable[[Fact], Fact]
CHANGES: list[tuple[Change, str, str]] = [
    (lambda f: f | {"id": "x"}, "/facts/0/id", "Does not fit: pattern"),
    (lambda f: f | {"more": 1}, "/facts/0", "Has a field that is none of this type's"),
    (lambda f: {"id": f["id"], "type": f["type"]}, "/facts/0", "Lacks data"),
    (lambda f: f | {"data": []}, "/facts/0/data", "Does not fit: type"),
    (lambda f: f | {"type": "assistance.Unheard.v1"}, "/facts/0/type",
     "Is no type of fact of this version"),
    (lambda f: f | {"type": "assistance.PaymentListFrozen.v1"}, "/facts/0/type",
     "Says what it says in a document; compute the list, or read the results"),
    (lambda f: with_data(f, amount_fen="815.00"), "/facts/0/data/amount_fen", "Does not fit: type"),
    (lambda f: with_data(f, amount_fen=-1), "/facts/0/data/amount_fen", "Does not fit: minimum"),
    (lambda f: with_data(f, effective="2026-13"), "/facts/0/data/effective", "Does not fit: pattern"),
    (lambda f: with_data(f, decided_on="2026-02-30"), "/facts/0/data/decided_on",
     "Does not fit: format"),
    (lambda f: with_data(f, amount=1), "/facts/0/data", "Has a field that is none of this type's"),
    (lambda f: f | {"data": {k: v for k, v in f["data"].items() if k != "area"}}, "/facts/0/data",
     "Lacks area"),
]  # fmt: skip


def with_data(fact: Fact, **data: Any) -> Fact:
    return fact | {"data": fact["data"] | data}


@pytest.mark.parametrize(("change", "pointer", "detail"), CHANGES)
def test_a_fact_that_does_not_fit_its_contract_is_refused(
    facts: Facts, change: Change, pointer: str, detail: str
) -> None:
    with pytest.raises(BadParameter) as refusal:
        read([change(of_area(facts, "StandardAdopted", **STANDARD))])
    assert {"pointer": pointer, "detail": detail} in refusal.value.extra["errors"]


@pytest.mark.parametrize(
    ("setting", "value", "pointer"),
    [
        ("no.such", 1, "/facts/0/data/setting"),
        ("overpayments.offset_bp", 10_001, "/facts/0/data/value"),
        ("lists.first_month", "soon", "/facts/0/data/value"),
    ],
)
def test_a_setting_that_is_none_or_of_another_shape_is_refused(
    facts: Facts, setting: str, value: Any, pointer: str
) -> None:
    adopted = of_area(facts, "PolicyAdopted", effective="2026-07", setting=setting, value=value)
    with pytest.raises(BadParameter) as refusal:
        read([adopted])
    assert [error["pointer"] for error in refusal.value.extra["errors"]] == [pointer]


def test_facts_decided_on_another_state_are_refused(lists: Lists, facts: Facts) -> None:
    household = one(facts)
    stale = next_fact(facts, household, "HouseholdExited", **EXIT)
    ahead = next_fact(facts, household, "HouseholdExited", after=1, **EXIT)
    facts.reassessed(household, "2026-07", 1_000)
    facts.reassessed(household, "2026-07", 2_000)
    projections = lists.views.projections()
    for fact, said in ((stale, "Follows version 1"), (ahead, "Follows version 2")):
        with pytest.raises(BadParameter) as refusal:
            previews.preview(projections, [fact])
        (error,) = refusal.value.extra["errors"]
        assert error == {
            "pointer": "/facts/0/id", "detail": f"{said} of its stream, which is at 3 here",
        }  # fmt: skip


def test_facts_that_make_no_sense_to_the_tables_are_refused(lists: Lists, facts: Facts) -> None:
    household = one(facts)
    reassessed = next_fact(
        facts, household, "IncomeReassessed", spell=1, effective="2026-07", income_fen=1.0
    )
    reassessed["data"]["reason"] = "\0"
    with pytest.raises(BadParameter) as refusal:
        previews.preview(lists.views.projections(), [reassessed])
    assert refusal.value.extra["errors"][0]["pointer"].startswith("/facts")


def post(lists: Lists, body: Any, **parameters: Any) -> httpx.Response:
    app = FastAPI()
    problems.install(app, ProjectionError)
    app.include_router(router(lists.views.projections()))
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def answer() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://projections") as client:
            return await client.post("/v1/preview", content=content, params=parameters)

    return asyncio.run(answer())


def test_a_preview_is_asked_over_http(lists: Lists, facts: Facts) -> None:
    household = one(facts)
    exited = next_fact(facts, household, "HouseholdExited", **EXIT) | {"effective": "2026-07"}
    answer = post(lists, {"facts": [exited], "from": "2026-07", "to": "2026-07"})
    assert answer.status_code == 200
    assert answer.headers["Ledger-Position"] == str(facts.position)
    found = answer.json()
    assert found["position"] == facts.position
    assert found["facts"] == [
        {"id": exited["id"], "type": exited["type"], "effective": "2026-07"}
    ]  # fmt: skip
    assert found["households"][0]["months"] == [
        {"month": "2026-07", "fen_before": 78_000, "fen_after": 0}
    ]
    standard = of_area(facts, "StandardAdopted", **STANDARD)
    asked = {"facts": [standard], "month": "2026-08", "level": "village"}
    assert post(lists, asked).json()["roll"]["month"] == "2026-08"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"", None), (b"{", None), (b"[" * 100_000, None), (b"\xff", None),
        (b" " * (2 << 20), None), ([], ""), ({}, ""), ({"facts": []}, "/facts"),
        ({"facts": {}}, "/facts"), ({"facts": [1]}, "/facts/0"),
        ({"facts": [{"id": "x", "type": "y", "data": {}}]}, "/facts/0/id"),
        ({"facts": [{}], "months": "2026-07"}, ""),
    ],
)  # fmt: skip
def test_a_body_that_is_no_preview_is_refused(lists: Lists, body: Any, pointer: str | None) -> None:
    answer = post(lists, body)
    assert answer.status_code == 422
    errors = answer.json().get("errors", [])
    assert pointer in ([error["pointer"] for error in errors] or [None])


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"month": "2026-13"}, "month"), ({"from": "2026-1"}, "from"), ({"to": "soon"}, "to"),
        ({"from": "2026-08", "to": "2026-07"}, "from"),
    ],
)  # fmt: skip
def test_a_month_that_makes_no_sense_is_refused(
    lists: Lists, facts: Facts, asked: dict[str, str], parameter: str
) -> None:
    household = one(facts)
    exited = next_fact(facts, household, "HouseholdExited", **EXIT)
    answer = post(lists, {"facts": [exited], **asked})
    assert answer.status_code == 422
    assert answer.json()["parameter"] == parameter


def test_a_position_ahead_is_waited_for_and_then_a_503(lists: Lists, facts: Facts) -> None:
    household = one(facts)
    exited = next_fact(facts, household, "HouseholdExited", **EXIT)
    assert post(lists, {"facts": [exited]}, min_position=10**6).status_code == 503
