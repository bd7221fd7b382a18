"""GET /v1/totals and /v1/totals/lines as callers see them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from edge import problems
from projections.database import Database
from projections.errors import ProjectionError
from projections.projections import Projections
from projections.totals import http
from tests.views.conftest import Views
from tests.views.facts import Facts


class Caller:
    """Calls an application in this process, without a network."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Send a GET and return the whole answer."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.get(path, headers=headers)

        return asyncio.run(send())

    def json(self, path: str) -> dict[str, Any]:
        """Send a GET that must succeed and return its body."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


@pytest.fixture
def caller(views: Views, facts: Facts) -> Iterator[Caller]:
    """The routes over three households of one member each, of January to March."""
    facts.standard("14", "dibao", 10_000)
    for _ in range(3):
        facts.enrolled()
    views.projections()
    with Database(views.dsn, connections=2) as database:
        app = FastAPI()
        problems.install(app, ProjectionError)
        app.include_router(http.router(Projections(database, wait_seconds=0.05)))
        yield Caller(app)


def test_totals_carry_the_position_that_they_are_as_of(caller: Caller) -> None:
    answer = caller.get("/v1/totals?from=2023-01&to=2023-03")
    assert answer.headers["Ledger-Position"] == "4"
    assert answer.json() == {
        "position": 4,
        "from": "2023-01",
        "to": "2023-03",
        "totals": [
            {
                "month": None, "area": None, "programme": None, "households": 3, "persons": 3,
                "person_times": 9, "household_months": 9, "entitled_fen": 90_000, "listed_fen": 0,
                "paid_fen": 0,
            }
        ],
    }  # fmt: skip


def test_asking_again_at_the_position_gives_the_same_bytes(
    caller: Caller, views: Views, facts: Facts
) -> None:
    path = "/v1/totals?from=2023-01&to=2023-03&by=month&by=area&by=programme&level=town"
    before = caller.get(path)
    facts.enrolled()
    views.projections()
    assert caller.get(f"{path}&position=4").content == before.content
    assert caller.get(path).content != before.content


def test_the_month_may_be_given_by_a_day_and_is_todays_by_default(caller: Caller) -> None:
    assert caller.json("/v1/totals?effective_on=2023-02-28")["from"] == "2023-02"
    today = caller.json("/v1/totals")
    assert today["from"] == today["to"] >= "2026-01"


def test_known_at_takes_an_instant_of_any_zone(caller: Caller) -> None:
    for instant in (
        "2023-01-01T00:02:00Z",
        "2023-01-01T08:02:00+08:00",
        "2023-01-01T08:02:00%2B08:00",
    ):
        assert caller.json(f"/v1/totals?known_at={instant}")["position"] == 2


def test_areas_are_counties_unless_a_level_is_given(caller: Caller) -> None:
    path = "/v1/totals?from=2023-01&by=area"
    assert caller.json(path)["totals"][0]["area"] == "140403"
    assert caller.json(f"{path}&level=province")["totals"][0]["area"] == "14"


def test_pages_of_lines_stay_as_of_the_first_pages_position(
    caller: Caller, views: Views, facts: Facts
) -> None:
    path = "/v1/totals/lines?from=2023-01&to=2023-02&limit=4"
    first = caller.json(path)
    facts.enrolled()
    views.projections()
    second = caller.json(f"{path}&cursor={first['next']}")
    assert (len(first["lines"]), len(second["lines"]), second["next"]) == (4, 2, None)
    assert second["position"] == first["position"] == 4
    assert {line["month"] for line in first["lines"]} == {"2023-01", "2023-02"}


def test_lines_stream_as_ndjson_without_a_limit(caller: Caller) -> None:
    answer = caller.get(
        "/v1/totals/lines?from=2023-01&to=2023-03&limit=1", accept="application/x-ndjson"
    )
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert len(lines) == 9
    assert lines[0].keys() == http.LINE.keys()


def test_a_long_stream_comes_whole_and_in_order(caller: Caller) -> None:
    answer = caller.get("/v1/totals/lines?from=2023-01&to=2032-12", accept="application/x-ndjson")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    keys = [(line["month"], line["household"]) for line in lines]
    assert len(answer.content) > 100_000
    assert len(set(keys)) == 3 * 120
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("from=January", 422, "`from` must be a month"),
        ("to=2023-01&effective_on=2023-01-01", 422, "not both"),
        ("effective_on=2023-02-30", 422, "`effective_on` must be a day"),
        ("effective_on=20230201", 422, "`effective_on` must be a day"),
        ("known_at=yesterday", 422, "`known_at` must be an instant"),
        ("known_at=2023-01-01T00:00:00", 422, "needs a zone"),
        ("known_at=2023-01-01T00:00:00Z&position=1", 422, "not both"),
        ("area=1", 422, "`area` must have"),
        ("level=town", 422, "`level` needs"),
        ("by=moon", 422, "wrong shape"),
        ("position=-1", 422, "wrong shape"),
        ("position=1e999", 422, "wrong shape"),
        ("position=99999999999999999999", 422, "wrong shape"),
        ("min_position=999", 503, "come to 4"),
        ("position=999", 503, "come to 4"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_a_problem_in_clear_words(
    caller: Caller, query: str, status: int, words: str
) -> None:
    answer = caller.get(f"/v1/totals?{query}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]
    assert (answer.headers.get("Retry-After") is not None) == (status == 503)


@pytest.mark.parametrize(
    "cursor", ["!", "e30", "WzFd", "WzEsIngiLCJ5Il0", "WzEsIDIsIDNd", "%C3%A9", "A" * 200]
)
def test_a_foreign_cursor_is_refused(caller: Caller, cursor: str) -> None:
    answer = caller.get(f"/v1/totals/lines?cursor={cursor}")
    assert (answer.status_code, answer.json()["type"]) == (
        422,
        "urn:assistance:problem:bad-parameter",
    )
