"""Payment totals: what is counted, over which months, and the lines behind each figure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from projections.database import Database
from projections.errors import BadParameter, NotInstalled, NotYetProjected, Unreachable
from projections.projections import Projections
from projections.totals import totals as questions
from tests.postgres import on_every_server
from tests.views.conftest import Views
from tests.views.facts import DAY_ONE, Facts, covered_members, member

FIGURES = ("households", "persons", "person_times", "household_months", "entitled_fen")


def figures(row: dict[str, Any]) -> tuple[int, ...]:
    """The five figures of a row of totals."""
    return tuple(row[name] for name in FIGURES)


def tell_two_towns(facts: Facts) -> list[UUID]:
    """Three households in two towns: 2 persons from January, 1 in February, 3 persons from March."""
    facts.standard("14", "dibao", 10_000)
    facts.standard("14", "tekun", 20_000, mode="full")
    first = facts.enrolled(members=2, area="140403001001", effective="2023-01")
    second = facts.enrolled(
        members=1, area="140403002", effective="2023-02", programme="dibao.rural"
    )
    facts.exited(second, "2023-03")
    third = facts.enrolled(members=3, area="140404001", effective="2023-03", programme="tekun")
    return [first, second, third]


@on_every_server
def test_households_and_persons_are_distinct_and_person_times_add_up(
    views: Views, facts: Facts
) -> None:
    tell_two_towns(facts)
    [total] = views.totals("2023-01", "2023-03")
    assert figures(total) == (3, 6, 3 * 2 + 1 + 3, 3 + 1 + 1, 3 * 20_000 + 10_000 + 60_000)


@on_every_server
def test_totals_by_month(views: Views, facts: Facts) -> None:
    tell_two_towns(facts)
    rows = views.totals("2023-01", "2023-03", by_month=True)
    assert [(f"{row['month']:%Y-%m}", *figures(row)) for row in rows] == [
        ("2023-01", 1, 2, 2, 1, 20_000),
        ("2023-02", 2, 3, 3, 2, 30_000),
        ("2023-03", 2, 5, 5, 2, 80_000),
    ]


@on_every_server
def test_totals_by_areas_of_a_level_and_by_programme(views: Views, facts: Facts) -> None:
    tell_two_towns(facts)
    towns = views.totals("2023-01", "2023-03", by_level="town")
    assert [(row["area"], row["households"]) for row in towns] == [
        ("140403001", 1), ("140403002", 1), ("140404001", 1),
    ]  # fmt: skip
    both = views.totals("2023-01", "2023-03", by_level="county", by_programme=True)
    assert [(row["area"], row["programme"], row["person_times"]) for row in both] == [
        ("140403", "dibao.rural", 1), ("140403", "dibao.urban", 6), ("140404", "tekun", 3),
    ]  # fmt: skip


def test_an_area_takes_in_the_codes_inside_it_and_a_scheme_its_kinds(
    views: Views, facts: Facts
) -> None:
    tell_two_towns(facts)
    assert views.totals("2023-01", "2023-03", area="140403")[0]["households"] == 2
    assert views.totals("2023-01", "2023-03", area="140403001001")[0]["households"] == 1
    assert views.totals("2023-01", "2023-03", programme="dibao")[0]["households"] == 2
    assert views.totals("2023-01", "2023-03", programme="dibao.rural")[0]["households"] == 1


def test_a_household_that_moves_is_counted_where_it_stands_in_each_month(
    views: Views, facts: Facts
) -> None:
    [household, *_] = tell_two_towns(facts)
    facts.change(household, "HouseholdMoved", "2023-02", area="140404001")
    assert views.totals("2023-01", "2023-03", area="140403001")[0]["household_months"] == 1
    assert views.totals("2023-01", "2023-03", area="140404001")[0]["household_months"] == 2 + 1


def test_a_person_who_returns_in_another_household_is_one_person(
    views: Views, facts: Facts
) -> None:
    [person] = facts.persons(1)
    first = facts.enrolled(members=covered_members([person]))
    facts.exited(first, "2023-02")
    facts.enrolled(members=covered_members([person]), effective="2023-02")
    [total] = views.totals("2023-01", "2023-02")
    assert (total["households"], total["persons"], total["person_times"]) == (2, 1, 2)


def test_members_not_covered_are_no_persons_of_the_totals(views: Views, facts: Facts) -> None:
    head, other = facts.persons(2)
    facts.enrolled(members=[member(head, "head"), member(other, covered=False)])
    assert views.totals("2023-01", "2023-01")[0]["persons"] == 1


def test_nothing_on_a_roll_is_one_row_of_zeros_and_no_groups(views: Views) -> None:
    assert [figures(row) for row in views.totals("2023-01", "2023-02")] == [(0, 0, 0, 0, 0)]
    assert views.totals("2023-01", "2023-02", by_month=True) == []


@on_every_server
def test_the_lines_behind_the_totals_add_up_to_them(views: Views, facts: Facts) -> None:
    tell_two_towns(facts)
    projections = views.projections()
    scope = questions.scope("2023-01", "2023-03")
    as_of = projections.as_of()
    lines = list(questions.lines(projections, scope, as_of))
    [total] = questions.totals(projections, scope, as_of)
    assert sum(line["entitled_fen"] for line in lines) == total["entitled_fen"]
    assert sum(line["covered"] for line in lines) == total["person_times"]
    assert len(lines) == total["household_months"]


def test_pages_of_lines_follow_one_another_without_gap_or_overlap(
    views: Views, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "HOUSEHOLDS_AT_ONCE", 2)
    tell_two_towns(facts)
    projections = views.projections()
    scope, as_of = questions.scope("2023-01", "2023-03"), projections.as_of()
    whole = list(questions.lines(projections, scope, as_of))
    keys = [(line["month"], line["household"]) for line in whole]
    assert keys == sorted(keys)
    paged: list[dict[str, Any]] = []
    after: tuple[date, UUID] | None = None
    while page := questions.page_of_lines(projections, scope, as_of, after, limit=2):
        paged += page
        after = (page[-1]["month"], page[-1]["household"])
    assert paged == whole


@on_every_server
def test_known_at_an_instant_is_the_last_position_recorded_at_or_before_it(
    views: Views, facts: Facts
) -> None:
    stream = facts.enrolled()
    noon = DAY_ONE + timedelta(hours=12)
    for at in (noon, noon, noon + timedelta(seconds=1)):
        facts.record(stream, "NoticeServed", decision=f"{stream}:1", at=at)
    projections = views.projections()
    asked = {
        DAY_ONE: 0,
        noon - timedelta(seconds=1): 1,
        noon: 3,
        noon.astimezone(ZoneInfo("Asia/Shanghai")): 3,
        noon + timedelta(seconds=1): 4,
        datetime(2999, 1, 1, tzinfo=UTC): 4,
    }
    for instant, position in asked.items():
        assert projections.as_of(known_at=instant).position == position


def test_totals_as_of_a_position_stay_the_same_whatever_is_recorded_later(
    views: Views, facts: Facts
) -> None:
    [first, second, _] = tell_two_towns(facts)
    position = facts.position
    before = views.totals("2023-01", "2023-03", by_month=True)
    facts.reassessed(first, "2023-01", 5_000)
    facts.change(second, "EnrolmentRevoked", enrolment=f"{second}:1", reason="x", legal_basis="x")
    assert views.totals("2023-01", "2023-03", by_month=True, position=position) == before
    assert views.totals("2023-01", "2023-03", by_month=True) != before


def test_a_position_ahead_of_the_projections_is_waited_for_then_refused(
    views: Views, facts: Facts
) -> None:
    facts.enrolled()
    facts.save()
    with Database(views.dsn, connections=1) as database:
        projections = Projections(database, wait_seconds=0.05)
        with pytest.raises(NotYetProjected, match="come to 0") as refused:
            projections.as_of(position=1)
        assert refused.value.extra == {"position": 0}
        with pytest.raises(NotYetProjected, match="come to 0"):
            projections.as_of(min_position=1)
    assert views.projections().as_of(min_position=1).position == 1


def test_known_at_goes_with_a_zone_and_without_a_position(views: Views) -> None:
    projections = views.projections()
    with pytest.raises(BadParameter, match="zone"):
        projections.as_of(known_at=datetime(2023, 1, 1))  # noqa: DTZ001  the naive one is the case
    with pytest.raises(BadParameter, match="not both"):
        projections.as_of(known_at=DAY_ONE, position=1)


@pytest.mark.parametrize(
    ("first", "last", "more", "words"),
    [
        ("2023-13", "2023-12", {}, "`from` must be a month"),
        ("2023-01", "2023-1", {}, "`to` must be a month"),
        ("2023-01\n", "2023-01", {}, "`from` must be a month"),
        ("0023-01", "2023-01", {}, "`from` must be a month"),
        ("2023-02", "2023-01", {}, "must not be after"),
        ("1950-01", "2023-01", {}, "600 months"),
        ("2023-01", "2023-01", {"area": "14040"}, "digits"),
        ("2023-01", "2023-01", {"area": "１４"}, "digits"),
        ("2023-01", "2023-01", {"programme": "dibao.moon"}, "must be one of"),
    ],
)
def test_a_scope_that_makes_no_sense_is_refused_in_clear_words(
    first: str, last: str, more: dict[str, str], words: str
) -> None:
    with pytest.raises(BadParameter, match=words):
        questions.scope(first, last, **more)


def test_projections_not_made_yet_say_so(database: str) -> None:
    with Database(database, connections=1) as empty, pytest.raises(NotInstalled):
        Projections(empty).position()


def test_a_database_that_does_not_answer_says_so() -> None:
    nowhere = Database("host=127.0.0.1 port=9 connect_timeout=1", connections=1, timeout=0.2)
    with nowhere, pytest.raises(Unreachable):
        Projections(nowhere).position()
