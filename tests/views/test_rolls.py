"""Rolls: stocks by month, who is new, who left, who moved, who was found proactively."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from projections.errors import BadParameter
from projections.rolls import http
from projections.rolls import rolls as questions
from tests.postgres import on_every_server
from tests.views.asking import NDJSON, Asking
from tests.views.conftest import Views
from tests.views.facts import AREA, Facts, covered_members, named

OTHER_TOWN = "140403002001"
OTHER_COUNTY = "140404001"


def counts(views: Views, first: str, last: str, **more: Any) -> list[dict[str, Any]]:
    """The rows of a scope; `position`, `by_roll` and `by_level` as the question takes them."""
    asked = views.projections()
    position = more.pop("position", None)
    groups = {k: more.pop(k) for k in ("by_roll", "by_level") if k in more}
    scope = questions.scope(first, last, **more)
    return questions.counts(asked, scope, asked.as_of(position=position), **groups)


def one(views: Views, month: str, **more: Any) -> dict[str, Any]:
    """The one row of a month."""
    [row] = counts(views, month, month, **more)
    return row


def figures(row: dict[str, Any], what: str) -> tuple[int, int]:
    """Households and persons of a row; `what` is new, left, moved_in, moved_out, proactive or
    empty."""
    prefix = f"{what}_" if what else ""
    return row[f"{prefix}households"], row[f"{prefix}persons"]


def recognised(facts: Facts, effective: str, *, area: str = AREA, **more: Any) -> UUID:
    """A household with a recognition, `marginal` unless said otherwise."""
    household = more.pop("household", None) or facts.person()
    data = {"recognition": "marginal", "persons": [str(facts.person())]} | more
    facts.record(household, "RecognitionRecorded", effective=effective, area=area, **data)
    return household


@on_every_server
def test_a_roll_counts_households_and_their_covered_persons_month_by_month(
    views: Views, facts: Facts
) -> None:
    facts.enrolled(members=3)
    facts.enrolled(members=2, effective="2023-02")
    persons = facts.persons(2)
    facts.enrolled(
        members=[*covered_members(persons[:1]), *covered_members(persons[1:], covered=False)]
    )
    rows = counts(views, "2023-01", "2023-02")
    assert [(row["roll"], *figures(row, "")) for row in rows] == [
        ("dibao.urban", 2, 4),
        ("dibao.urban", 3, 6),
    ]


def test_new_is_who_was_on_no_basic_roll_the_month_before(views: Views, facts: Facts) -> None:
    facts.enrolled(members=3, effective="2022-12")
    facts.enrolled(members=2, effective="2023-01")
    assert figures(one(views, "2023-01"), "new") == (1, 2)
    assert figures(one(views, "2023-02"), "new") == (0, 0)


def test_left_is_who_was_on_a_basic_roll_the_month_before(views: Views, facts: Facts) -> None:
    household = facts.enrolled(members=2)
    facts.enrolled()
    facts.exited(household, "2023-03")
    rows = counts(views, "2023-02", "2023-04")
    assert [figures(row, "left") for row in rows] == [(0, 0), (1, 2), (0, 0)]


def test_a_joined_member_is_a_new_person_of_no_new_household(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    joining = {"person": str(facts.person()), "role": "child"}
    facts.change(household, "MemberJoined", "2023-02", member=joining, income_fen=0)
    assert figures(one(views, "2023-02"), "new") == (0, 1)


def test_a_stopped_and_restored_member_leaves_and_comes_anew(views: Views, facts: Facts) -> None:
    persons = facts.persons(2)
    household = facts.enrolled(members=covered_members(persons))
    facts.of_member(household, "MemberCoverStopped", persons[1], "2023-02", reason="imprisonment")
    facts.of_member(household, "MemberCoverRestored", persons[1], "2023-04")
    rows = counts(views, "2023-02", "2023-04")
    assert [figures(row, "left") for row in rows] == [(0, 1), (0, 0), (0, 0)]
    assert [figures(row, "new") for row in rows] == [(0, 0), (0, 0), (0, 1)]


def test_persons_split_off_are_not_new_though_their_household_is(
    views: Views, facts: Facts
) -> None:
    persons = facts.persons(3)
    household, new = facts.enrolled(members=covered_members(persons)), named("split off")
    facts.change(
        household, "HouseholdSplit", "2023-02", new_household=str(new), income_fen=0,
        members=covered_members(persons[2:]),
    )  # fmt: skip
    facts.enrolled(
        new, effective="2023-02", members=covered_members(persons[2:]), area=OTHER_COUNTY
    )
    row = one(views, "2023-02", by_roll=False)
    assert (figures(row, ""), figures(row, "new"), figures(row, "left")) == ((2, 3), (1, 0), (0, 0))
    other = one(views, "2023-02", area=OTHER_COUNTY)
    assert (figures(other, "new"), figures(other, "moved_in")) == ((1, 0), (0, 1))


@on_every_server
def test_a_household_that_moves_is_neither_new_nor_left_but_moved(
    views: Views, facts: Facts
) -> None:
    household = facts.enrolled(members=2)
    facts.change(household, "HouseholdMoved", "2023-02", area=OTHER_COUNTY)
    here, there = (one(views, "2023-02", area=area) for area in ("14", OTHER_COUNTY[:6]))
    assert (figures(here, "new"), figures(here, "moved_in")) == ((0, 0), (0, 0))
    assert (figures(there, "new"), figures(there, "moved_in")) == ((0, 0), (1, 2))
    counties = counts(views, "2023-02", "2023-02", by_level="county")
    assert [(row["area"], figures(row, ""), figures(row, "moved_out")) for row in counties] == [
        (AREA[:6], (0, 0), (1, 2)),
        (OTHER_COUNTY[:6], (1, 2), (0, 0)),
    ]


def test_a_changed_programme_moves_between_rolls(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    facts.change(household, "ProgrammeChanged", "2023-02", programme="tekun.urban")
    rows = {row["roll"]: row for row in counts(views, "2023-02", "2023-02")}
    assert figures(rows["dibao.urban"], "moved_out") == (1, 1)
    assert figures(rows["tekun.urban"], "moved_in") == (1, 1)
    together = one(views, "2023-02", by_roll=False)
    assert (figures(together, "moved_in"), figures(together, "moved_out")) == ((0, 0), (0, 0))


def test_stock_follows_from_last_months_stock_and_the_turns(views: Views, facts: Facts) -> None:
    for n in range(12):
        area = (AREA, OTHER_TOWN, OTHER_COUNTY)[n % 3]
        household = facts.enrolled(members=1 + n % 3, effective=f"2023-{1 + n % 4:02d}", area=area)
        if n % 2:
            facts.change(household, "HouseholdMoved", f"2023-{5 + n % 3:02d}", area=OTHER_TOWN)
        if n % 4 == 0:
            facts.exited(household, "2023-06")
    rows = counts(views, "2022-12", "2023-08", by_level="town")
    stocks = {(row["area"], row["month"]): row for row in rows}
    for (area, month), row in stocks.items():
        before = stocks.get((area, questions.month_before(month)))
        for unit in ("households", "persons"):
            turns = row[f"new_{unit}"] - row[f"left_{unit}"]
            turns += row[f"moved_in_{unit}"] - row[f"moved_out_{unit}"]
            assert row[unit] == (before[unit] if before else 0) + turns
    assert sum(row["left_households"] for row in rows) == 3


@on_every_server
def test_proactive_is_the_share_of_the_new_whose_last_application_was(
    views: Views, facts: Facts
) -> None:
    for channels, members in (
        (["proactive"], 3),
        (["counter"], 2),
        (["proactive", "online"], 1),
        ([], 1),
    ):
        household = facts.person()
        for channel in channels:
            facts.record(household, "ApplicationReceived", channel=channel, area=AREA)
        facts.enrolled(household, members=members)
    row = one(views, "2023-01")
    assert (figures(row, "new"), figures(row, "proactive")) == ((4, 7), (1, 3))
    assert figures(one(views, "2023-02"), "proactive") == (0, 0)


def test_an_application_counts_for_the_enrolment_that_follows_it_only(
    views: Views, facts: Facts
) -> None:
    household = facts.person()
    facts.record(household, "ApplicationReceived", channel="proactive", area=AREA)
    facts.enrolled(household)
    facts.exited(household, "2023-02")
    facts.enrolled(household, effective="2023-04")
    rows = counts(views, "2023-01", "2023-04")
    assert [figures(row, "proactive") for row in rows] == [(1, 1), (0, 0), (0, 0)]
    assert figures(rows[-1], "new") == (1, 1)


def test_a_correction_counts_from_its_own_position_on(views: Views, facts: Facts) -> None:
    household = facts.enrolled(effective="2023-01")
    before = facts.position
    facts.enrolled(household, effective="2023-02", corrects=facts.last(household))
    assert counts(views, "2023-01", "2023-01") == []
    assert figures(one(views, "2023-01", position=before), "new") == (1, 1)


def test_recognitions_are_rolls_of_their_own(views: Views, facts: Facts) -> None:
    recognised(facts, "2023-01", persons=[str(p) for p in facts.persons(4)], until="2023-02")
    rows = counts(views, "2023-01", "2023-03", roll="marginal")
    assert [figures(row, "") for row in rows] == [(1, 4), (1, 4), (0, 0)]
    assert [figures(row, "left") for row in rows] == [(0, 0), (0, 0), (1, 4)]
    assert counts(views, "2023-01", "2023-03", by_roll=False) == []


def test_a_recognition_ends_when_it_is_ended(views: Views, facts: Facts) -> None:
    household = recognised(facts, "2023-01")
    facts.record(household, "RecognitionEnded", effective="2023-03", recognition="marginal")
    rows = counts(views, "2023-02", "2023-03")
    assert [(figures(row, ""), figures(row, "left")) for row in rows] == [
        ((1, 1), (0, 0)),
        ((0, 0), (1, 1)),
    ]


@pytest.mark.parametrize(("adopted", "last"), [(None, "2023-12"), (6, "2023-06")])
def test_a_rigid_household_without_an_end_lasts_as_long_as_the_policy_says(
    views: Views, facts: Facts, adopted: int | None, last: str
) -> None:
    if adopted:
        facts.policy(AREA[:6], "rigid.months", adopted)
    recognised(facts, "2023-01", recognition="rigid")
    rows = counts(views, "2023-01", "2024-02", roll="rigid")
    assert max(f"{row['month']:%Y-%m}" for row in rows if row["households"]) == last


def test_households_are_counted_in_the_area_that_took_over(views: Views, facts: Facts) -> None:
    facts.enrolled()
    recognised(facts, "2023-01")
    facts.of_area("AreaReplaced", AREA, "2023-02", successor=OTHER_COUNTY)
    rows = counts(views, "2023-01", "2023-02", by_level="county")
    assert [
        (f"{row['month']:%m}", row["area"], row["roll"]) for row in rows if row["households"]
    ] == [
        ("01", AREA[:6], "dibao.urban"),
        ("01", AREA[:6], "marginal"),
        ("02", OTHER_COUNTY[:6], "dibao.urban"),
        ("02", OTHER_COUNTY[:6], "marginal"),
    ]


def test_members_lists_households_with_their_persons_page_by_page(
    views: Views, facts: Facts
) -> None:
    households = [facts.enrolled(members=2, income=100) for _ in range(3)]
    households.append(recognised(facts, "2023-01", household=households[0]))
    facts.exited(households[1], "2023-02")
    asked = views.projections()
    scope = questions.scope("2023-02", "2023-02", AREA[:4])
    rows = list(questions.members(asked, scope, asked.as_of()))
    assert [(row["household"], row["roll"]) for row in rows] == sorted(
        [
            (households[0], "dibao.urban"),
            (households[0], "marginal"),
            (households[2], "dibao.urban"),
        ]
    )
    assert {len(row["persons"]) for row in rows if row["roll"] == "dibao.urban"} == {2}
    after = (rows[0]["household"], rows[0]["roll"])
    page = list(questions.members(asked, scope, asked.as_of(), after=after, limit=1))
    assert page == rows[1:2]


def test_an_unknown_roll_is_refused() -> None:
    with pytest.raises(BadParameter, match="roll"):
        questions.scope("2023-01", "2023-02", roll="rich")


def test_rolls_over_http(views: Views, facts: Facts) -> None:
    facts.enrolled(members=2)
    asking = Asking(views, http.router)
    months: dict[str, Any] = {"from": "2023-01", "to": "2023-02"}
    answer = asking.get("/v1/rolls", **months, roll="dibao")
    assert answer.status_code == 200
    assert answer.headers["Ledger-Position"] == "1"
    assert [
        (row["month"], row["persons"], row["new_persons"]) for row in answer.json()["rolls"]
    ] == [
        ("2023-01", 2, 2),
        ("2023-02", 2, 0),
    ]
    of_month = asking.get("/v1/rolls", effective_on="2023-02-11", by_roll=False)
    assert [row["persons"] for row in of_month.json()["rolls"]] == [2]


def test_members_over_http_by_cursor_and_as_lines(views: Views, facts: Facts) -> None:
    for _ in range(3):
        facts.enrolled()
    asking = Asking(views, http.router)
    found = asking.all_pages("/v1/rolls/members", "members", month="2023-01", limit=2)
    lines = asking.get("/v1/rolls/members", month="2023-01", headers=NDJSON).text.splitlines()
    assert [json.loads(line) for line in lines] == found
    assert [row["since"] for row in found] == ["2023-01"] * 3


@pytest.mark.parametrize(
    "parameters",
    [
        {"roll": "x"},
        {"area": "1"},
        {"from": "2023-13"},
        {"from": "2023-01", "effective_on": "2023-01-01"},
    ],
)
def test_senseless_parameters_are_problems(views: Views, parameters: dict[str, Any]) -> None:
    answer = Asking(views, http.router).get("/v1/rolls", **parameters)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
