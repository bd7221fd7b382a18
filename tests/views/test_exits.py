"""The audit of exits: who left, when, why, heard, notified, in grace, and who came back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from projections.errors import BadParameter
from projections.exits import exits as questions
from projections.exits import http
from projections.totals.totals import scope as read_scope
from tests.postgres import on_every_server
from tests.views.asking import NDJSON, Asking
from tests.views.conftest import Views
from tests.views.facts import AREA, Facts, covered_members, member, named

COUNTY = AREA[:6]
OTHER_COUNTY = "140404001"


def asked(views: Views, question: Any, first: str, last: str | None = None, **more: Any) -> Any:
    """What a question of this folder answers about months."""
    projections = views.projections()
    as_of = projections.as_of(position=more.pop("position", None))
    places = {key: more.pop(key) for key in ("area", "programme") if key in more}
    return question(projections, read_scope(first, last or first, **places), as_of, **more)


def exits(views: Views, first: str, last: str | None = None, **more: Any) -> list[dict[str, Any]]:
    """The exits of some months."""
    return list(asked(views, questions.exits, first, last, **more))


def departures(
    views: Views, first: str, last: str | None = None, **more: Any
) -> list[dict[str, Any]]:
    """The persons who left in some months."""
    return list(asked(views, questions.departures, first, last, **more))


def counts(views: Views, first: str, last: str | None = None, **more: Any) -> list[dict[str, Any]]:
    """The exits counted."""
    rows: list[dict[str, Any]] = asked(views, questions.counts, first, last, **more)
    return rows


@on_every_server
def test_an_exit_says_when_why_on_what_basis_and_what_the_last_amount_was(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_200)
    persons = facts.persons(2)
    household = facts.enrolled(members=covered_members(persons), income=35_000)
    left = facts.exited(
        household, "2023-05", "employment", legal_basis="Law 48", decided_by="county",
        decided_on="2023-04-20",
    )  # fmt: skip
    [row] = exits(views, "2023-01", "2023-12")
    said = {
        key: row[key]
        for key in ("household", "reason", "legal_basis", "decided_by", "exit", "area")
    }
    assert said == {
        "household": household,
        "reason": "employment",
        "legal_basis": "Law 48",
        "decided_by": "county",
        "exit": left,
        "area": AREA,
    }
    assert [f"{row[key]:%Y-%m}" for key in ("since", "month", "decided_on")] == [
        "2023-01",
        "2023-05",
        "2023-04",
    ]
    assert (row["last_fen"], row["members"], row["covered"]) == (85_400, 2, 2)
    assert row["persons"] == sorted(persons)


@pytest.mark.parametrize(
    ("intended", "day", "hearing"),
    [
        (["exit"], "2023-01-10", "heard"),
        (["exit"], "2023-01-09", "heard"),
        (["exit"], "2023-01-11", "missing"),
        (["higher_income"], "2023-01-09", "missing"),
    ],
)
def test_heard_means_on_the_exit_on_or_before_the_decision(
    views: Views, facts: Facts, intended: list[str], day: str, hearing: str
) -> None:
    household = facts.enrolled()
    facts.change(household, "OpinionHeard", intended=intended, manner="heard", decided_on=day)
    facts.exited(household, "2023-02", "employment")
    assert [row["hearing"] for row in exits(views, "2023-02")] == [hearing]


def test_a_hearing_serves_its_own_spell(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    facts.change(household, "OpinionHeard", intended=["exit"], manner="invited_silent")
    facts.exited(household, "2023-02", "employment")
    facts.enrolled(household, effective="2023-05")
    facts.exited(household, "2023-06", "fraud")
    assert [row["hearing"] for row in exits(views, "2023-01", "2023-06")] == [
        "invited_silent",
        "missing",
    ]


@pytest.mark.parametrize(
    ("reason", "more", "hearing"),
    [
        ("voluntary", {"signed_request_on": "2023-01-10"}, "not_needed"),
        ("voluntary", {"signed_request_on": "2023-01-11"}, "missing"),
        ("voluntary", {}, "missing"),
        ("death", {}, "not_needed"),
        ("merged", {}, "not_needed"),
        ("employment", {}, "missing"),
    ],
)
def test_a_signed_request_a_death_and_a_merger_need_no_hearing(
    views: Views, facts: Facts, reason: str, more: dict[str, str], hearing: str
) -> None:
    facts.exited(facts.enrolled(), "2023-02", reason, **more)
    assert [row["hearing"] for row in exits(views, "2023-02")] == [hearing]


@on_every_server
def test_notified_means_that_a_notice_names_the_exit_or_a_link_of_its_chain(
    views: Views, facts: Facts
) -> None:
    served, corrected, other, silent = (facts.enrolled() for _ in range(4))
    notice = facts.change(served, "NoticeServed", decision=facts.exited(served, "2023-02"))
    first = facts.exited(corrected, "2023-01")
    facts.change(corrected, "NoticeServed", decision=first)
    facts.exited(corrected, "2023-02", corrects=first)
    facts.change(other, "NoticeServed", decision=facts.last(other))
    facts.exited(other, "2023-02")
    facts.exited(silent, "2023-02")
    rows = {row["household"]: row for row in exits(views, "2023-02")}
    assert {key for key, row in rows.items() if row["notice"]} == {served, corrected}
    assert rows[served]["notice"] == notice


@on_every_server
def test_the_end_of_a_grace_period_is_an_exit_of_its_own(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    household = facts.enrolled()
    facts.change(household, "OpinionHeard", intended=["exit"], manner="heard")
    grace = facts.grace(
        household, "2023-03", "2023-05", facts.reassessed(household, "2023-03", 90_000)
    )
    [row] = exits(views, "2023-01", "2023-12")
    assert (row["reason"], row["derived"], row["exit"], row["hearing"]) == (
        "grace_ended",
        True,
        grace,
        "heard",
    )
    assert [f"{row[key]:%m}" for key in ("month", "grace_from", "grace_until")] == [
        "06",
        "03",
        "05",
    ]
    assert row["last_fen"] == 60_000


@pytest.mark.parametrize("month", ["2023-05", "2023-06"])
def test_an_exit_up_to_the_end_of_the_grace_period_takes_its_place(
    views: Views, facts: Facts, month: str
) -> None:
    household = facts.enrolled()
    facts.grace(household, "2023-03", "2023-05", facts.reassessed(household, "2023-03", 90_000))
    facts.exited(household, month, "moved_away")
    [row] = exits(views, "2023-01", "2023-12")
    assert (f"{row['month']:%Y-%m}", row["reason"], row["derived"]) == (month, "moved_away", False)
    assert f"{row['grace_until']:%Y-%m}" == "2023-05"


def test_who_returns_is_told_with_the_months_away(views: Views, facts: Facts) -> None:
    household = facts.enrolled(effective="2022-06")
    facts.exited(household, "2022-11")
    facts.enrolled(household, effective="2023-02")
    before = facts.position
    facts.exited(household, "2023-04")
    rows = exits(views, "2022-01", "2023-12")
    assert [row["months_away"] for row in rows] == [3, None]
    assert f"{rows[0]['returned']:%Y-%m}" == "2023-02"
    assert len(exits(views, "2022-01", "2023-12", position=before)) == 1


def test_revoked_exits_and_spells_are_none(views: Views, facts: Facts) -> None:
    household, other = facts.enrolled(), facts.enrolled()
    facts.change(household, "ExitRevoked", exit=facts.exited(household, "2023-02"), reason="appeal")
    enrolment = facts.last(other)
    facts.exited(other, "2023-02")
    known = facts.position
    facts.change(
        other, "EnrolmentRevoked", enrolment=enrolment, reason="error", legal_basis="Law 48"
    )
    assert exits(views, "2023-01", "2023-12") == []
    assert [row["household"] for row in exits(views, "2023-01", "2023-12", position=known)] == [
        other
    ]


def test_exits_lie_where_the_household_stood_the_month_before(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    facts.change(household, "HouseholdMoved", "2023-03", area=OTHER_COUNTY)
    facts.exited(household, "2023-05")
    assert exits(views, "2023-01", "2023-12", area=COUNTY) == []
    assert len(exits(views, "2023-01", "2023-12", area=OTHER_COUNTY[:6], programme="dibao")) == 1
    assert exits(views, "2023-01", "2023-12", programme="tekun") == []


def test_exits_come_page_by_page_and_by_reason(views: Views, facts: Facts) -> None:
    for n in range(5):
        facts.exited(facts.enrolled(), f"2023-{2 + n % 2:02d}", ("voluntary", "death")[n % 2])
    rows = exits(views, "2023-01", "2023-12")
    key = (rows[1]["month"], rows[1]["household"], rows[1]["spell"])
    assert exits(views, "2023-01", "2023-12", after=key, limit=2) == rows[2:4]
    assert len(exits(views, "2023-01", "2023-12", reason="death")) == 2
    with pytest.raises(BadParameter, match="reason"):
        exits(views, "2023-01", reason="bored")


def test_persons_who_leave_a_household_that_stays_are_departures(
    views: Views, facts: Facts
) -> None:
    persons = facts.persons(5)
    household, new = facts.enrolled(members=covered_members(persons)), named("split off")
    facts.of_member(household, "MemberLeft", persons[1], "2023-02", reason="married", income_fen=0)
    facts.of_member(household, "MemberDied", persons[2], "2023-03", died_on="2023-02-20")
    facts.of_member(household, "MemberCoverStopped", persons[3], "2023-04", reason="imprisonment")
    facts.change(
        household, "HouseholdSplit", "2023-05", new_household=str(new), income_fen=0,
        legal_basis="x", members=[member(persons[4], "head")],
    )  # fmt: skip
    facts.of_member(household, "MemberCoverRestored", persons[3], "2023-08")
    rows = departures(views, "2023-01", "2023-12", area=COUNTY)
    assert [(row["person"], row["reason"], row["hearing"]) for row in rows] == [
        (persons[1], "married", "missing"),
        (persons[2], "death", "not_needed"),
        (persons[3], "imprisonment", "missing"),
        (persons[4], "split", "not_needed"),
    ]
    assert [row["went_to"] for row in rows] == [None, None, None, new]
    assert [row["returned"] and f"{row['returned']:%Y-%m}" for row in rows] == [
        None,
        None,
        "2023-08",
        None,
    ]
    assert f"{rows[1]['died_on']}" == "2023-02-20"
    key = (rows[0]["month"], rows[0]["household"], rows[0]["person"])
    assert departures(views, "2023-01", "2023-12", after=key, limit=1) == rows[1:2]


def test_who_was_not_covered_or_is_covered_again_at_once_did_not_depart(
    views: Views, facts: Facts
) -> None:
    persons = facts.persons(3)
    members = [*covered_members(persons[:2]), member(persons[2], "child", covered=False)]
    household = facts.enrolled(members=members)
    facts.of_member(household, "MemberLeft", persons[2], "2023-02", reason="married", income_fen=0)
    facts.of_member(household, "MemberCoverStopped", persons[1], "2023-03", reason="imprisonment")
    facts.of_member(household, "MemberCoverRestored", persons[1], "2023-03")
    assert departures(views, "2023-01", "2023-12") == []


@on_every_server
def test_counts_by_reason_and_rates_against_the_roll_of_the_month_before(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 10_000)
    households = [facts.enrolled(members=2) for _ in range(4)]
    facts.exited(households[0], "2023-02", "employment")
    facts.exited(households[1], "2023-03", "employment")
    facts.exited(households[2], "2023-03", "death")
    facts.change(households[2], "NoticeServed", decision=facts.last(households[2]))
    rows = counts(views, "2023-02", "2023-03", by_reason=True)
    assert [(row["reason"], row["exits"], row["persons"], row["last_fen"]) for row in rows] == [
        ("death", 1, 2, 20_000),
        ("employment", 2, 4, 40_000),
    ]
    assert [(row["unheard"], row["unnotified"]) for row in rows] == [(0, 0), (2, 2)]
    assert {row["roll_households"] for row in rows} == {4 + 3}
    months = counts(views, "2023-02", "2023-03", by_month=True)
    assert [(row["roll_households"], row["roll_persons"], row["rate"]) for row in months] == [
        (4, 8, 0.25),
        (3, 6, 0.666667),
    ]


def test_counts_by_area_and_programme_have_their_own_rolls(views: Views, facts: Facts) -> None:
    here, there, rural = (
        facts.enrolled(),
        facts.enrolled(area=OTHER_COUNTY),
        facts.enrolled(programme="dibao.rural"),
    )
    facts.enrolled(programme="dibao.rural")
    for household in (here, there, rural):
        facts.exited(household, "2023-02")
    rows = counts(views, "2023-02", by_level="county", by_programme=True)
    assert [(row["area"], row["programme"], row["exits"], row["rate"]) for row in rows] == [
        (COUNTY, "dibao.rural", 1, 0.5),
        (COUNTY, "dibao.urban", 1, 1.0),
        (OTHER_COUNTY[:6], "dibao.urban", 1, 1.0),
    ]


def test_exits_over_http_by_cursor_and_as_lines(views: Views, facts: Facts) -> None:
    for n in range(3):
        facts.exited(facts.enrolled(), f"2023-{n + 2:02d}")
    asking = Asking(views, http.router)
    months: dict[str, Any] = {"from": "2023-01", "to": "2023-12"}
    rows = asking.all_pages("/v1/exits", "exits", limit=2, **months)
    lines = asking.get("/v1/exits", headers=NDJSON, **months).text.splitlines()
    assert [json.loads(line) for line in lines] == rows
    assert [row["month"] for row in rows] == ["2023-02", "2023-03", "2023-04"]
    assert rows[0]["since"] == "2023-01"


def test_departures_over_http_by_cursor_and_as_lines(views: Views, facts: Facts) -> None:
    persons = facts.persons(4)
    household = facts.enrolled(members=covered_members(persons))
    for person in persons[1:]:
        facts.of_member(household, "MemberLeft", person, "2023-02", reason="married", income_fen=0)
    asking = Asking(views, http.router)
    rows = asking.all_pages(
        "/v1/exits/departures", "departures", effective_on="2023-02-03", limit=2
    )
    lines = asking.get(
        "/v1/exits/departures", headers=NDJSON, effective_on="2023-02-03"
    ).text.splitlines()
    assert [json.loads(line) for line in lines] == rows
    assert len(rows) == 3


def test_counts_over_http(views: Views, facts: Facts) -> None:
    facts.exited(facts.enrolled(), "2023-02")
    asking = Asking(views, http.router)
    answer = asking.get("/v1/exits/counts", effective_on="2023-02-03", by=["month", "area"])
    [row] = answer.json()["counts"]
    assert (row["month"], row["area"], row["exits"], row["rate"]) == ("2023-02", COUNTY, 1, 1.0)
    assert asking.get("/v1/exits/counts", level="county").status_code == 422
    assert asking.get("/v1/exits", reason="bored").status_code == 422
