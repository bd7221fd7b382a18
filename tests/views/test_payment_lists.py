"""The lists of DOMAIN, case by case: what is open for each month, and what settles it."""

from __future__ import annotations

from uuid import UUID

import pytest

from projections.payment_lists import computing
from tests.views.conftest import Views
from tests.views.facts import Facts
from tests.views.lists import Lists

CITY = "1404"
TOWN_A, TOWN_B = "140403001", "140403002"


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


def one(facts: Facts, effective: str = "2026-07", income: int = 0, area: str = TOWN_A) -> UUID:
    """A household of one person."""
    return facts.enrolled(members=1, income=income, effective=effective, area=area)


def test_a_late_standard_is_made_up_for_once(lists: Lists, facts: Facts) -> None:
    household = one(facts)
    july = lists.freeze(CITY, "2026-07")
    facts.standard(CITY, "dibao.urban", 81_500, effective="2026-07")
    august = lists.freeze(CITY, "2026-08")
    september = lists.freeze(CITY, "2026-09")
    again = lists.freeze(CITY, "2026-07")
    assert lists.parts(july) == {household: {"2026-07": 78_000}}
    assert lists.parts(august) == {household: {"2026-07": 3_500, "2026-08": 81_500}}
    assert lists.parts(september) == {household: {"2026-09": 81_500}}
    assert lists.parts(again) == {}


def test_an_exit_that_is_recorded_late_leaves_what_was_listed_overpaid(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts, income=16_000)
    lists.freeze(CITY, "2026-07")
    lists.freeze(CITY, "2026-08")
    facts.exited(household, "2026-07", "income_above_standard")
    september = lists.freeze(CITY, "2026-09")
    assert lists.parts(september) == {}
    assert lists.overpaid(CITY, "2026-09") == {household: {"2026-07": 62_000, "2026-08": 62_000}}


def test_what_was_corrected_on_a_list_counts_as_listed(lists: Lists, facts: Facts) -> None:
    household = one(facts, income=28_000)
    lists.freeze(CITY, "2026-07")
    facts.reassessed(household, "2026-07", 23_000)
    lists.freeze(CITY, "2026-08")
    facts.reassessed(household, "2026-07", 8_000)
    september = lists.freeze(CITY, "2026-09")
    assert lists.parts(september)[household]["2026-07"] == 15_000


def test_what_was_received_back_is_paid_again_when_the_exit_is_revoked(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts, income=16_000)
    lists.freeze(CITY, "2026-07")
    exit_ = facts.exited(household, "2026-07", "income_above_standard")
    recovery = lists.order(household, {"2026-07": 62_000})
    assert lists.overpaid(CITY, "2026-07") == {}
    lists.receive(recovery, 30_000)
    assert lists.overpaid(CITY, "2026-07") == {}
    facts.change(household, "ExitRevoked", exit=exit_)
    july = lists.freeze(CITY, "2026-07")
    assert lists.parts(july) == {household: {"2026-07": 30_000}}
    assert lists.parts(lists.freeze(CITY, "2026-07")) == {}


def test_a_household_that_moved_is_not_listed_twice(lists: Lists, facts: Facts) -> None:
    household = one(facts)
    lists.freeze(TOWN_A, "2026-07")
    facts.change(household, "HouseholdMoved", "2026-07", area=TOWN_B)
    assert lists.parts(lists.freeze(TOWN_B, "2026-07")) == {}
    assert lists.parts(lists.freeze(TOWN_B, "2026-08")) == {household: {"2026-08": 78_000}}
    assert lists.overpaid(CITY, "2026-08") == {}


@pytest.mark.parametrize("act", ["PaymentListRejected", "PaymentListCancelled"])
def test_a_rejected_or_cancelled_list_counts_as_never_listed(
    lists: Lists, facts: Facts, act: str
) -> None:
    household = one(facts)
    july = lists.freeze(CITY, "2026-07")
    lists.act(july, act, reason="wrong_area")
    assert lists.parts(lists.freeze(CITY, "2026-07")) == {household: {"2026-07": 78_000}}


def test_months_before_the_first_listed_one_are_not_made_up_for(lists: Lists, facts: Facts) -> None:
    household = one(facts, effective="2025-10")
    january = lists.freeze(CITY, "2026-01")
    assert lists.parts(january) == {household: {"2026-01": 78_000}}


def test_a_part_of_a_month_counts_where_the_household_then_stood(
    lists: Lists, facts: Facts
) -> None:
    facts.policy(TOWN_B, "lists.first_month", "2026-08", effective="2026-01")
    household = one(facts, effective="2026-06", area=TOWN_A)
    facts.change(household, "HouseholdMoved", "2026-07", area=TOWN_B)
    august = lists.freeze(TOWN_B, "2026-08")
    assert lists.parts(august) == {household: {"2026-06": 78_000, "2026-08": 78_000}}


def test_arrears_of_who_left_go_with_the_last_list_that_they_stood_on(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    lists.freeze(TOWN_A, "2026-07")
    facts.exited(household, "2026-08", "voluntary")
    facts.standard(CITY, "dibao.urban", 81_500, effective="2026-07")
    assert lists.parts(lists.freeze(TOWN_B, "2026-08")) == {}
    august = lists.freeze(TOWN_A, "2026-08")
    assert lists.parts(august) == {household: {"2026-07": 3_500}}


def test_a_policy_takes_overpayments_from_the_list_up_to_its_share(
    lists: Lists, facts: Facts
) -> None:
    facts.policy(CITY, "overpayments.offset_bp", 1_000, effective="2026-01")
    household = one(facts)
    lists.freeze(CITY, "2026-06")
    lists.freeze(CITY, "2026-07")
    facts.reassessed(household, "2026-07", 10_000)
    august = lists.freeze(CITY, "2026-08")
    assert lists.parts(august) == {household: {"2026-07": -6_800, "2026-08": 68_000}}
    assert lists.overpaid(CITY, "2026-08") == {household: {"2026-07": 3_200}}
    september = lists.freeze(CITY, "2026-09")
    assert lists.parts(september) == {household: {"2026-07": -3_200, "2026-09": 68_000}}
    assert lists.overpaid(CITY, "2026-09") == {}


def test_a_merged_household_s_months_are_settled_with_its_survivor(
    lists: Lists, facts: Facts
) -> None:
    absorbed, survivor = one(facts), one(facts)
    lists.freeze(CITY, "2026-07")
    person = facts.person()
    facts.change(
        survivor, "HouseholdsMerged", "2026-07", absorbed=str(absorbed), income_fen=0,
        members=[{"person": str(person), "role": "parent"}], legal_basis="Law 20", decided_by="county",
    )  # fmt: skip
    facts.exited(absorbed, "2026-07", "merged")
    august = lists.freeze(CITY, "2026-08")
    assert lists.parts(august) == {survivor: {"2026-08": 156_000}}
    assert lists.overpaid(CITY, "2026-08") == {}


def test_a_list_of_one_programme_has_the_households_of_that_programme(
    lists: Lists, facts: Facts
) -> None:
    facts.standard(CITY, "dibao.rural", 50_000, effective="2025-01")
    urban = one(facts)
    rural = facts.enrolled(
        members=1, income=0, effective="2026-07", area=TOWN_A, programme="dibao.rural"
    )
    assert lists.amounts(lists.freeze(CITY, "2026-07", "dibao.rural")) == {rural: 50_000}
    assert lists.amounts(lists.freeze(CITY, "2026-07", "dibao")) == {urban: 78_000}
    assert lists.amounts(lists.freeze(CITY, "2026-07")) == {}


def test_the_payee_is_whom_the_household_designated_else_its_head(
    lists: Lists, facts: Facts
) -> None:
    household, other, payee = one(facts), one(facts), facts.person()
    facts.change(
        household, "PayeeDesignated", "2026-07", person=str(payee), account_digest="0" * 64
    )
    paid_to = {row["subject"]: row["payee"] for row in lists.lines(lists.freeze(CITY, "2026-07"))}
    assert paid_to[household] == payee
    assert paid_to[other] is not None
    assert paid_to[other] != payee


def test_a_list_is_the_same_bytes_at_its_position_whatever_happened_since(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    july = lists.freeze(CITY, "2026-07")
    position = lists.views.facts.position - 1
    facts.reassessed(household, "2026-07", 10_000)
    facts.standard(CITY, "dibao.urban", 90_000, effective="2026-07")
    lists.freeze(CITY, "2026-08")
    asked = computing.monthly(CITY, "2026-07")
    assert lists.compute(asked, position) == lists.documents[july]


def test_failed_lines_are_issued_again_once(lists: Lists, facts: Facts) -> None:
    household, paid = one(facts), one(facts)
    july = lists.freeze(CITY, "2026-07")
    references = {row["subject"]: row["reference_id"] for row in lists.lines(july)}
    lists.report(july, (references[household], "rjct"), (references[paid], "succ"))
    projections = lists.views.projections()
    again = computing.of_failed_lines(projections, july, projections.as_of())
    follow_up = lists.freeze(again)
    assert lists.parts(follow_up) == {household: {"2026-07": 78_000}}
    assert lists.lines(follow_up)[0]["reissues"] == references[household]
    assert lists.lines(follow_up)[0]["reference_id"] != references[household]
    assert lists.parts(lists.freeze(again)) == {}
    assert lists.parts(lists.freeze(CITY, "2026-08")).keys() == {household, paid}
    lists.act(follow_up, "PaymentListRejected", reason="error")
    assert lists.parts(lists.freeze(again)) == {household: {"2026-07": 78_000}}


def test_a_failed_line_that_is_closed_is_not_issued_again(lists: Lists, facts: Facts) -> None:
    one(facts)
    july = lists.freeze(CITY, "2026-07")
    (line,) = lists.lines(july)
    lists.report(july, (line["reference_id"], "succ"))
    lists.report(july, (line["reference_id"], "returned"))
    lists.act(
        july, "PaymentLineClosed", reference_id=str(line["reference_id"]), amount_fen=78_000,
        reason="payee_died",
    )  # fmt: skip
    projections = lists.views.projections()
    again = computing.of_failed_lines(projections, july, projections.as_of())
    assert lists.parts(lists.freeze(again)) == {}
    assert lists.parts(lists.freeze(CITY, "2026-07")) == {}
