"""Entitled, listed and paid: three measures that never mix, each with the lines behind it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from projections.payment_lists import computing
from projections.totals import http
from projections.totals import totals as questions
from tests.postgres import on_every_server
from tests.views.asking import NDJSON, Asking
from tests.views.conftest import Views
from tests.views.explaining_lines import CITY, TOWN_A, TOWN_B, city, one
from tests.views.facts import Facts
from tests.views.lists import Lists

FIRST, LAST = "2026-07", "2026-09"
Key = tuple[str, str, str]


@pytest.fixture
def lists(views: Views) -> Lists:
    """A city that lists, with standards for both kinds of dibao."""
    views.facts.standard(CITY, "dibao.rural", 50_000, effective="2025-01")
    return city(views)


@pytest.fixture
def facts(lists: Lists) -> Facts:
    """Where a test records its facts."""
    return lists.views.facts


def reference(lists: Lists, found: UUID, household: UUID) -> UUID:
    """The reference id of a household's line."""
    [line] = [row for row in lists.lines(found) if row["subject"] == household]
    asked: UUID = line["reference_id"]
    return asked


def again(lists: Lists, found: UUID) -> UUID:
    """Issue the failed lines of a list again."""
    projections = lists.views.projections()
    return lists.freeze(computing.of_failed_lines(projections, found, projections.as_of()))


def total(lists: Lists, first: str = FIRST, last: str = LAST, **asked: Any) -> tuple[int, int, int]:
    """Entitled, listed and paid, in fen."""
    [row] = lists.views.totals(first, last, **asked)
    return row["entitled_fen"], row["listed_fen"], row["paid_fen"]


def of_lines(lists: Lists, measure: questions.Measure) -> Counter[Key]:
    """The lines of a measure summed by month, town and programme."""
    projections = lists.views.projections()
    scope = questions.scope(FIRST, LAST)
    found: Counter[Key] = Counter()
    for row in questions.lines_listed(projections, scope, projections.as_of(), measure):
        found[f"{row['month']:%Y-%m}", row["area"], row["programme"]] += row["fen"]
    return found


def of_totals(lists: Lists, name: str) -> Counter[Key]:
    """A measure by month, town and programme, as the totals have it."""
    rows = lists.views.totals(FIRST, LAST, by_month=True, by_programme=True, by_level="town")
    return Counter(
        {(f"{row['month']:%Y-%m}", row["area"], row["programme"]): row[name] for row in rows}
    )


def a_quarter(lists: Lists, facts: Facts) -> None:
    """Two towns, two programmes; arrears, a failure paid later, a return, a list that was rejected."""
    urban, other = one(facts), one(facts, area=TOWN_B)
    rural = facts.enrolled(effective="2026-08", area=TOWN_B, programme="dibao.rural")
    july = lists.freeze(CITY, "2026-07")
    references = [reference(lists, july, household) for household in (urban, other)]
    lists.report(july, (references[0], "succ"), (references[1], "rjct"))
    facts.standard(CITY, "dibao.urban", 81_500, effective="2026-07")
    august = lists.freeze(CITY, "2026-08")
    states = ((urban, "succ"), (other, "pdng"), (rural, "succ"))
    lists.report(august, *((reference(lists, august, who), state) for who, state in states))
    lists.report(august, (reference(lists, august, rural), "returned"))
    follow_up = again(lists, july)
    lists.report(follow_up, (reference(lists, follow_up, other), "succ"))
    lists.act(lists.freeze(CITY, "2026-09"), "PaymentListRejected", reason="error")


@on_every_server
def test_the_lines_of_each_measure_add_up_to_its_total_in_every_group(
    lists: Lists, facts: Facts
) -> None:
    a_quarter(lists, facts)
    listed, paid = of_lines(lists, "listed"), of_lines(lists, "paid")
    assert listed == of_totals(lists, "listed_fen")
    assert paid == of_totals(lists, "paid_fen")
    assert listed == {
        ("2026-07", TOWN_A, "dibao.urban"): 81_500, ("2026-07", TOWN_B, "dibao.urban"): 81_500,
        ("2026-08", TOWN_A, "dibao.urban"): 81_500, ("2026-08", TOWN_B, "dibao.urban"): 81_500,
        ("2026-08", TOWN_B, "dibao.rural"): 50_000,
    }  # fmt: skip
    assert paid == {
        ("2026-07", TOWN_A, "dibao.urban"): 81_500, ("2026-07", TOWN_B, "dibao.urban"): 78_000,
        ("2026-08", TOWN_A, "dibao.urban"): 81_500,
    }  # fmt: skip
    assert total(lists) == (589_000, sum(listed.values()), sum(paid.values()))


def test_a_scope_narrows_every_measure_alike(lists: Lists, facts: Facts) -> None:
    a_quarter(lists, facts)
    assert total(lists, area=TOWN_A) == (244_500, 163_000, 163_000)
    assert total(lists, area=TOWN_B, programme="dibao.rural") == (100_000, 50_000, 0)
    assert total(lists, programme="dibao") == total(lists)
    assert total(lists, "2026-07", "2026-07") == (163_000, 163_000, 159_500)
    assert total(lists, "2026-09", "2026-09") == (213_000, 0, 0)


def test_a_line_issued_again_is_listed_once_and_paid_for_the_month_of_its_part(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    july = lists.freeze(CITY, "2026-07")
    lists.report(july, (reference(lists, july, household), "rjct"))
    assert total(lists) == (234_000, 78_000, 0)
    follow_up = again(lists, july)
    assert total(lists) == (234_000, 78_000, 0)
    lists.report(follow_up, (reference(lists, follow_up, household), "succ"))
    assert total(lists) == (234_000, 78_000, 78_000)
    assert total(lists, "2026-07", "2026-07")[2] == 78_000
    lists.report(follow_up, (reference(lists, follow_up, household), "returned"))
    assert total(lists) == (234_000, 78_000, 0)


def test_what_a_list_takes_back_lowers_what_is_listed_for_its_month(
    lists: Lists, facts: Facts
) -> None:
    facts.policy(CITY, "overpayments.offset_bp", 10_000, effective="2026-01")
    household = one(facts)
    july = lists.freeze(CITY, "2026-07")
    facts.reassessed(household, "2026-07", 10_000)
    august = lists.freeze(CITY, "2026-08")
    lists.report(july, (reference(lists, july, household), "succ"))
    lists.report(august, (reference(lists, august, household), "succ"))
    assert total(lists, "2026-07", "2026-07") == (68_000, 68_000, 68_000)
    assert list(of_lines(lists, "listed").values()) == [68_000, 68_000]


def test_grants_are_in_no_measure(lists: Lists, facts: Facts) -> None:
    one(facts)
    grant = facts.of_area(
        "AreaGrantAdopted", CITY, "2026-07", head="heating", rolls=["dibao"], per="person",
        amount_fen=5_000,
    )  # fmt: skip
    projections = lists.views.projections()
    found = lists.freeze(computing.of_area_grant(projections, None, grant, projections.as_of()))
    [line] = lists.lines(found)
    lists.report(found, (line["reference_id"], "succ"))
    assert total(lists) == (234_000, 0, 0)
    assert of_lines(lists, "paid") == {}


def test_as_known_before_a_report_nothing_was_paid(lists: Lists, facts: Facts) -> None:
    household = one(facts)
    july = lists.freeze(CITY, "2026-07")
    lists.report(july, (reference(lists, july, household), "succ"))
    assert total(lists, position=facts.position)[1:] == (78_000, 78_000)
    assert total(lists, position=facts.position - 1)[1:] == (78_000, 0)
    assert total(lists, position=facts.position - 2)[1:] == (0, 0)


def test_over_http_the_lines_of_a_measure_are_paged_and_streamed(
    lists: Lists, facts: Facts
) -> None:
    a_quarter(lists, facts)
    asking = Asking(lists.views, http.router)
    path = "/v1/totals/lines"
    asked: dict[str, Any] = {"from": FIRST, "to": LAST}
    for measure, count in (("listed", 7), ("paid", 4)):
        streamed = asking.get(path, NDJSON, measure=measure, limit=1, **asked).text.splitlines()
        rows = [json.loads(line) for line in streamed]
        assert asking.all_pages(path, "lines", measure=measure, limit=2, **asked) == rows
        assert len(rows) == count
        assert rows[0].keys() == http.LISTED.keys()
    entitled = asking.get(path, measure="entitled", **asked).json()["lines"]
    assert entitled == asking.get(path, **asked).json()["lines"]
    assert entitled[0].keys() == http.LINE.keys()


def test_pages_of_a_measure_stay_as_of_the_first_page_s_position(
    lists: Lists, facts: Facts
) -> None:
    for _ in range(3):
        one(facts)
    july = lists.freeze(CITY, "2026-07")
    asking = Asking(lists.views, http.router)
    asked: dict[str, Any] = {"measure": "listed", "from": FIRST, "to": LAST, "limit": 2}
    first = asking.get("/v1/totals/lines", **asked).json()
    lists.act(july, "PaymentListRejected", reason="error")
    lists.views.projections()
    second = asking.get("/v1/totals/lines", cursor=first["next"], **asked).json()
    assert (second["position"], len(second["lines"]), second["next"]) == (
        first["position"],
        1,
        None,
    )
    assert asking.get("/v1/totals/lines", **asked).json()["lines"] == []


def test_an_unknown_measure_and_another_measure_s_cursor_are_refused(
    lists: Lists, facts: Facts
) -> None:
    for _ in range(2):
        one(facts)
    asking = Asking(lists.views, http.router)
    assert asking.get("/v1/totals/lines", measure="guessed").status_code == 422
    asked: dict[str, Any] = {"from": FIRST}
    entitled = asking.get("/v1/totals/lines", limit=1, **asked).json()["next"]
    assert entitled is not None
    foreign = asking.get("/v1/totals/lines", measure="paid", cursor=entitled, **asked)
    assert foreign.status_code == 422
