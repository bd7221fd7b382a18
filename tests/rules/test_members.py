"""Members join, leave, die; their cover stops and is restored."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.cover.person import Person
from tests.rules.given import (
    ANN,
    BOB,
    CARL,
    HOME,
    MONTH,
    OTHER,
    SINCE,
    Office,
    member,
)

OLD: dict[str, Any] = {"decided_on": "2026-04-20"}
"""Decided before the law, so that no hearing is in the way of what a test is about."""


def test_a_member_joins_and_is_covered_from_the_month_on() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.given("AddMember", HOME, effective=MONTH, member=member(BOB, "child"), income_fen=35_000)
    assert office.covered(HOME, "2026-08") == {ANN}
    assert office.covered(HOME, MONTH) == {ANN, BOB}
    assert office.state(HOME, MONTH).tested == 2


def test_a_member_joins_once_and_not_as_a_second_head() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    joins = {"effective": MONTH, "income_fen": 0}
    office.refuses("member_there", "AddMember", HOME, month=MONTH, **joins, member=member(BOB))
    office.refuses("one_head", "AddMember", HOME, month=MONTH, **joins, member=member(CARL, "head"))


def test_a_member_leaves_and_may_be_covered_elsewhere_from_then_on() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    gone = {"person": BOB, "income_fen": 30_000, "reason": "married", **OLD}
    office.given("RemoveMember", HOME, effective="2026-06", **gone)
    assert office.covered(HOME, "2026-05") == {ANN, BOB}
    assert office.covered(HOME, "2026-06") == {ANN}
    assert (office.state(HOME, "2026-06").tested, office.state(HOME, "2026-06").income_fen) == (
        1,
        30_000,
    )
    office.enrolled(OTHER, [BOB], effective="2026-06")


def test_a_member_comes_back() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    gone = {"person": BOB, "income_fen": 30_000, "reason": "married", **OLD}
    office.given("RemoveMember", HOME, effective="2026-06", **gone)
    office.given("AddMember", HOME, effective="2026-08", member=member(BOB), income_fen=30_000)
    stream = office.streams.get(Person, BOB)
    assert stream.spans() == {HOME: [(SINCE, "2026-06"), ("2026-08", None)]}


def test_the_last_member_exits_and_does_not_leave() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    gone = {"income_fen": 0, "reason": "moved_away", "effective": "2026-06", **OLD}
    office.given("RemoveMember", HOME, person=ANN, **gone)
    office.refuses("someone_stays", "RemoveMember", HOME, month="2026-06", person=BOB, **gone)


@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("RemoveMember", {"income_fen": 0, "reason": "moved_away"}),
        ("StopMemberCover", {"reason": "other", "legal_basis": "Law 1"}),
        ("RestoreMemberCover", {}),
        ("ChangeHead", {}),
        ("AssignSupplement", {"supplement": "minor"}),
        ("WithdrawSupplement", {"supplement": "minor", "reason": "of_age"}),
        ("AssessSelfCare", {"self_care": "unable"}),
    ],
)
def test_what_concerns_a_member_names_one_of_that_month(command: str, data: dict[str, Any]) -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    gone = {"person": BOB, "income_fen": 30_000, "reason": "married", **OLD}
    office.given("RemoveMember", HOME, effective="2026-06", **gone)
    for person in (BOB, CARL):
        office.refuses(
            "member_there", command, HOME, month="2026-07", **data, **OLD, effective="2026-07",
            person=person,
        )  # fmt: skip


def test_a_death_ends_cover_with_its_month_and_leaves_the_income_test_alone() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    office.given("RecordDeath", HOME, person=BOB, died_on="2026-06-30", learned_on="2026-08-01")
    assert office.covered(HOME, "2026-06") == {ANN, BOB}
    assert office.covered(HOME, "2026-07") == {ANN}
    assert office.state(HOME, "2026-08").tested == 2
    office.given("ReassessIncome", HOME, effective=MONTH, income_fen=35_000)
    assert office.state(HOME, MONTH).tested == 1


@pytest.mark.parametrize(
    ("month", "dates"),
    [
        ("2026-06", {"died_on": "2026-06-30", "effective": "2026-06"}),
        ("2026-08", {"died_on": "2026-06-30", "effective": "2026-08"}),
        (None, {"died_on": "2026-08-11"}),
        (None, {"died_on": "2026-06-30", "learned_on": "2026-06-29"}),
        (None, {"died_on": "2026-06-30", "learned_on": "2026-08-11"}),
    ],
)
def test_a_death_counts_from_the_month_after_it_and_is_learned_of_later(
    month: str | None, dates: dict[str, str]
) -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    office.refuses("death_dated", "RecordDeath", HOME, month=month, person=BOB, **dates)


def test_the_dead_are_acted_upon_no_more() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    office.given("RecordDeath", HOME, person=BOB, died_on="2026-06-30")
    data = {"person": BOB, "effective": MONTH}
    office.refuses("member_there", "ChangeHead", HOME, month=MONTH, **data)
    office.refuses("member_there", "RestoreMemberCover", HOME, month=MONTH, **data)
    office.refuses(
        "member_there", "RecordDeath", HOME, month="2026-08", person=BOB, died_on="2026-07-01"
    )
    office.accepts("RemoveMember", HOME, **data, income_fen=35_000, reason="buried")


def test_a_death_learned_of_late_meets_what_was_decided_since() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    office.given("StopMemberCover", HOME, effective="2026-05", person=BOB, reason="other",
                 legal_basis="Law 1", **OLD)  # fmt: skip
    office.given("RestoreMemberCover", HOME, effective="2026-07", person=BOB)
    office.given("AssignSupplement", HOME, effective="2026-08", person=BOB, supplement="elderly")
    office.given("RecordDeath", HOME, person=BOB, died_on="2026-05-12", learned_on="2026-08-09")
    for month in ("2026-06", "2026-07", "2026-08"):
        assert office.covered(HOME, month) == {ANN}


def test_cover_stops_and_is_restored() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    stop = {"person": BOB, "reason": "imprisonment", "legal_basis": "Law 48", **OLD}
    office.given("StopMemberCover", HOME, effective="2026-05", **stop)
    office.refuses(
        "member_there", "StopMemberCover", HOME, month="2026-06", effective="2026-06", **stop
    )
    assert office.covered(HOME, "2026-05") == {ANN}
    assert office.state(HOME, "2026-05").tested == 2
    office.given("RestoreMemberCover", HOME, effective="2026-08", person=BOB)
    office.refuses(
        "member_there", "RestoreMemberCover", HOME, month=MONTH, effective=MONTH, person=BOB
    )
    assert office.covered(HOME, "2026-08") == {ANN, BOB}
