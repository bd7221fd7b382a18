"""Comparisons as callers ask for them: pages, streams, and what is refused."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from projections.comparisons.http import router
from tests.views.asking import NDJSON, Asking
from tests.views.conftest import Views
from tests.views.facts import Facts, named
from tests.views.lists import Lists

CITY = "1404"
TOWN_A = "140403001"
PATH = "/v1/payment-lists:compare"


@pytest.fixture
def lists(views: Views) -> Lists:
    """A city that lists from January 2026 on, with a standard of 780.00."""
    views.facts.standard(CITY, "dibao.urban", 78_000, effective="2025-01")
    views.facts.policy(CITY, "lists.first_month", "2026-01", effective="2025-01")
    return Lists(views)


@pytest.fixture
def facts(lists: Lists) -> Facts:
    """Where a test records its facts."""
    return lists.views.facts


def one(facts: Facts, effective: str = "2026-07", area: str = TOWN_A, income: int = 0) -> UUID:
    """A household of one person."""
    return facts.enrolled(members=1, income=income, effective=effective, area=area)


def test_pages_go_on_at_the_positions_of_the_first(lists: Lists, facts: Facts) -> None:
    households = sorted(str(one(facts)) for _ in range(5))
    position = facts.position
    facts.standard(CITY, "dibao.urban", 80_000, effective="2026-08")
    asking = Asking(lists.views, router)
    asked: dict[str, Any] = {
        "area": CITY, "month": "2026-08", "position": position, "limit": 2,
    }  # fmt: skip
    page = asking.get(PATH, **asked).json()
    facts.standard(CITY, "dibao.urban", 90_000, effective="2026-08")
    lists.views.projections()
    rest = asking.get(PATH, cursor=page["next"], **asked).json()
    found = [entry["subject"] for entry in page["differences"] + rest["differences"]]
    assert found == households[:4]
    assert rest["summary"] == page["summary"]
    assert len(asking.get(PATH, cursor=rest["next"], **asked).json()["differences"]) == 1
    lines = asking.get(PATH, NDJSON, **asked, other_position=page["position"]).text.splitlines()
    assert [json.loads(line)["subject"] for line in lines] == households
    assert json.loads(lines[0]) == page["differences"][0]


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({}, "area"),
        ({"area": CITY}, "month"),
        ({"area": CITY, "month": "2026-08"}, "position"),
        ({"area": "1", "month": "2026-08", "position": 0}, "area"),
        ({"area": CITY, "month": "2026-13", "position": 0}, "month"),
        ({"area": CITY, "month": "2026-08", "position": 0, "programme": "gym"}, "programme"),
        ({"area": CITY, "month": "2026-08", "position": 0, "cursor": "x"}, "cursor"),
        ({"list": str(named("a"))}, "other"),
        ({"other": str(named("a"))}, "list"),
        ({"list": str(named("a")), "other": str(named("b")), "month": "2026-08"}, None),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused(
    lists: Lists, asked: dict[str, Any], parameter: str | None
) -> None:
    answer = Asking(lists.views, router).get(PATH, **asked)
    assert answer.status_code == 422
    assert answer.json().get("parameter") == parameter


def test_a_list_that_is_not_there_is_a_404_and_a_position_ahead_a_503(lists: Lists) -> None:
    asking = Asking(lists.views, router)
    assert asking.get(PATH, list=str(named("a")), other=str(named("b"))).status_code == 404
    ahead: dict[str, Any] = {"area": CITY, "month": "2026-08", "position": 10**6}
    assert asking.get(PATH, **ahead).status_code == 503
