"""Leads about payment lists: disputed, late, unpaid, paid to the dead, got back without a reason."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from projections.payment_lists import computing
from tests.postgres import on_every_server
from tests.views.conftest import Views
from tests.views.explaining_lines import CITY, TOWN_A, TOWN_B, city, merged, one
from tests.views.facts import Facts, covered_members, named
from tests.views.lists import STREAM, Lists
from tests.views.raised import raised, reasons

COUNTY = TOWN_A[:6]


@pytest.fixture
def lists(views: Views) -> Lists:
    """A city that lists."""
    return city(views)


@pytest.fixture
def facts(lists: Lists) -> Facts:
    """Where a test records its facts."""
    return lists.views.facts


def references(lists: Lists, found: UUID) -> dict[UUID, UUID]:
    """The reference ids of a list's lines, by household."""
    return {row["subject"]: row["reference_id"] for row in lists.lines(found)}


def again(lists: Lists, found: UUID) -> UUID:
    """Issue the failed lines of a list again."""
    projections = lists.views.projections()
    return lists.freeze(computing.of_failed_lines(projections, found, projections.as_of()))


def otherwise(lists: Lists, month: str) -> UUID:
    """A list frozen with a fen more than follows from the facts."""
    made = lists.compute_document(CITY, month)
    return lists.record_frozen(made.replace(b"78000", b"78001"))


@on_every_server
def test_a_list_that_comes_out_otherwise_is_a_lead_until_it_is_rejected(
    views: Views, lists: Lists, facts: Facts
) -> None:
    one(facts)
    lists.freeze(CITY, "2026-06")
    assert raised(views, "list_disputed") == []
    july = otherwise(lists, "2026-07")
    frozen = facts.last(STREAM)
    [row] = raised(views, "list_disputed", area=CITY)
    assert (row["facts"], row["area"], row["month"]) == ([frozen], CITY, "2026-07")
    assert row["figures"]["list"] == str(july)
    assert row["reason"].startswith("The list of 2026-07, frozen as ")
    lists.act(july, "PaymentListRejected", reason="disputed")
    assert raised(views, "list_disputed") == []


def test_a_list_that_nobody_approves_is_a_lead_after_some_days(
    views: Views, lists: Lists, facts: Facts
) -> None:
    one(facts)
    july = lists.freeze(CITY, "2026-07")
    assert reasons(views, "frozen_not_approved", "2023-01-21") == [
        "The list of 2026-07 (1 lines, 780.00), frozen on 2023-01-10 by freezer, is not approved"
        " after 11 days."
    ]
    assert raised(views, "frozen_not_approved", "2023-01-20") == []
    assert len(raised(views, "frozen_not_approved", "2023-01-20", approval_days=9)) == 1
    lists.act(july, "PaymentListApproved", decided_on="2023-01-12")
    assert raised(views, "frozen_not_approved", "2023-01-25") == []


def test_a_month_that_ended_without_a_list_is_a_lead_where_households_stand(
    views: Views, lists: Lists, facts: Facts
) -> None:
    one(facts, "2026-07")
    facts.enrolled(effective="2026-08", area=TOWN_B, programme="dibao.rural")
    one(facts, "2026-09")
    one(facts, "2026-07", area="150101001")
    [row] = raised(views, "list_overdue", "2026-09-15")
    assert (row["area"], row["month"], row["day"]) == (COUNTY, "2026-08", date(2026, 9, 1))
    assert row["facts"] == [facts.last(named(f"area {CITY}"))]
    assert row["reason"] == (
        "2026-08 has ended, and 2 households on a roll are on no list that counts for it; lists are"
        " due from 2026-01 on."
    )
    lists.freeze(CITY, "2026-08", "dibao.rural")
    [row] = raised(views, "list_overdue", "2026-09-15")
    assert row["figures"]["households"] == 1
    town = lists.freeze(TOWN_A, "2026-08")
    assert raised(views, "list_overdue", "2026-09-15") == []
    assert len(raised(views, "list_overdue", "2026-10-01")) == 1
    lists.act(town, "PaymentListRejected", reason="error")
    assert len(raised(views, "list_overdue", "2026-09-15")) == 1
    assert [row["area"] for row in raised(views, "list_overdue", area=TOWN_A)] == [TOWN_A]
    assert raised(views, "list_overdue", area=TOWN_B) == []


def test_months_before_the_first_listed_one_are_not_overdue(
    views: Views, lists: Lists, facts: Facts
) -> None:
    facts.policy(COUNTY, "lists.first_month", "2026-08", effective="2026-01")
    one(facts, "2026-01")
    assert raised(views, "list_overdue", "2026-08-15") == []
    assert len(raised(views, "list_overdue", "2026-09-15")) == 1
    facts.policy(COUNTY, "lists.first_month", None, effective="2026-02")
    assert raised(views, "list_overdue", "2026-09-15") == []


def test_an_area_that_gave_way_is_listed_by_its_old_code(
    views: Views, lists: Lists, facts: Facts
) -> None:
    one(facts, "2026-07")
    lists.freeze(TOWN_A, "2026-08")
    facts.of_area("AreaReplaced", TOWN_A, "2026-09", successor=TOWN_B)
    assert raised(views, "list_overdue", "2026-09-15") == []


def test_a_standard_that_no_list_made_up_for_is_a_lead(
    views: Views, lists: Lists, facts: Facts
) -> None:
    one(facts)
    one(facts, area=TOWN_B)
    lists.freeze(CITY, "2026-07")
    frozen = facts.last(STREAM)
    said = facts.standard(CITY, "dibao.urban", 81_500, effective="2026-07", decided_on="2026-07-11")
    assert raised(views, "standard_not_paid_out", "2026-08-10") == []
    [row] = raised(views, "standard_not_paid_out", "2026-08-11")
    assert (row["area"], row["facts"]) == (COUNTY, [said, frozen])
    assert row["reason"] == (
        "dibao.urban: 815.00 a month from 2026-07, decided on 2026-07-11; 2 households were listed"
        " before it was known, and on no list in the 31 days since."
    )
    lists.freeze(TOWN_A, "2026-08")
    [row] = raised(views, "standard_not_paid_out", "2026-09-15")
    assert row["figures"]["households"] == 1
    assert [row["area"] for row in raised(views, "standard_not_paid_out", area=TOWN_B)] == [TOWN_B]
    lists.freeze(CITY, "2026-08")
    assert raised(views, "standard_not_paid_out") == []


def test_a_standard_known_in_time_or_lowered_leaves_nothing_to_pay_out(
    views: Views, lists: Lists, facts: Facts
) -> None:
    one(facts)
    facts.standard(CITY, "dibao.urban", 80_000, effective="2026-07", decided_on="2026-06-11")
    lists.freeze(CITY, "2026-07")
    facts.standard(CITY, "dibao.urban", 79_000, effective="2026-07", decided_on="2026-07-11")
    facts.standard(CITY, "dibao.urban", 90_000, effective="2026-08", decided_on="2026-07-11")
    facts.standard(CITY, "tekun.urban", 90_000, effective="2026-07", decided_on="2026-07-11")
    assert raised(views, "standard_not_paid_out") == []


def test_lines_that_were_sent_and_not_heard_of_are_a_lead_of_their_list(
    views: Views, lists: Lists, facts: Facts
) -> None:
    households = [one(facts) for _ in range(4)]
    july = lists.freeze(CITY, "2026-07")
    assert raised(views, "result_missing") == []
    sent = lists.act(july, "PaymentListSent", format="ndjson", decided_on="2023-01-12")
    lists.act(july, "PaymentListSent", format="csv", decided_on="2023-02-12")
    ids = references(lists, july)
    lists.report(july, (ids[households[0]], "succ"), (ids[households[1]], "pdng"))
    lists.act(
        july, "PaymentLineClosed", reference_id=str(ids[households[2]]), amount_fen=78_000,
        reason="payee_died",
    )  # fmt: skip
    assert raised(views, "result_missing", "2023-02-11") == []
    [row] = raised(views, "result_missing", "2023-02-12")
    assert (row["facts"], row["area"]) == ([sent], CITY)
    assert row["reason"] == (
        "Of the list of 2026-07, sent on 2023-01-12, 2 lines (1,560.00) have no result after 31 days."
    )
    lists.report(july, (ids[households[1]], "rjct"), (ids[households[3]], "succ"))
    assert raised(views, "result_missing") == []


def test_a_line_that_failed_is_a_lead_until_it_is_issued_again_or_closed(
    views: Views, lists: Lists, facts: Facts
) -> None:
    households = [one(facts) for _ in range(3)]
    july = lists.freeze(CITY, "2026-07")
    ids = references(lists, july)
    lists.report(july, *((ids[household], "succ") for household in households))
    report = lists.report(july, (ids[households[0]], "returned"), (ids[households[1]], "returned"))
    assert raised(views, "failed_not_reissued", "2023-02-09") == []
    rows = raised(views, "failed_not_reissued", "2023-02-10")
    assert {row["household"] for row in rows} == set(households[:2])
    assert {tuple(row["facts"]) for row in rows} == {(report,)}
    assert rows[0]["reason"] == (
        "780.00 on the list of 2026-07 failed on 2023-01-10 (rjct.payee fa.invalid); after 31 days"
        " it is neither issued again nor closed."
    )
    lists.act(
        july, "PaymentLineClosed", reference_id=str(ids[households[0]]), amount_fen=78_000,
        reason="payee_died",
    )  # fmt: skip
    assert [row["household"] for row in raised(views, "failed_not_reissued")] == [households[1]]
    follow_up = again(lists, july)
    assert raised(views, "failed_not_reissued") == []
    lists.act(follow_up, "PaymentListRejected", reason="error")
    assert [row["household"] for row in raised(views, "failed_not_reissued")] == [households[1]]


def died(facts: Facts, household: UUID, person: UUID, on: str, effective: str) -> str:
    """A member died."""
    return facts.of_member(
        household, "MemberDied", person, effective, died_on=on, decided_on=on, learned_on=on
    )


def test_what_was_paid_for_months_after_the_last_covered_member_died_is_a_lead(
    views: Views, lists: Lists, facts: Facts
) -> None:
    head, other, living = facts.persons(3)
    bereft = facts.enrolled(
        effective="2026-06", area=TOWN_A, members=covered_members([head, other])
    )
    half = facts.enrolled(
        effective="2026-06", area=TOWN_A, members=covered_members([facts.person(), living])
    )
    months = [lists.freeze(CITY, month) for month in ("2026-06", "2026-07", "2026-08")]
    reports = []
    for found in months:
        ids = references(lists, found)
        reports.append(lists.report(found, *((ids[each], "succ") for each in (bereft, half))))
    died(facts, half, living, "2026-06-10", "2026-07")
    first = died(facts, bereft, other, "2026-05-20", "2026-06")
    assert raised(views, "paid_after_death") == []
    last = died(facts, bereft, head, "2026-07-20", "2026-08")
    [row] = raised(views, "paid_after_death")
    assert (row["household"], row["person"], row["month"]) == (bereft, head, "2026-08")
    assert set(row["facts"]) == {first, last, reports[2]}
    assert row["reason"] == (
        "1,560.00 for 2026-08, reported as paid on 2023-01-10: the last covered member had died on"
        " 2026-07-20."
    )
    ids = references(lists, months[2])
    lists.report(months[2], (ids[bereft], "returned"))
    assert raised(views, "paid_after_death") == []


def test_arrears_of_a_month_that_the_dead_saw_are_no_lead_and_a_new_member_neither(
    views: Views, lists: Lists, facts: Facts
) -> None:
    head, late = facts.persons(2)
    household = facts.enrolled(effective="2026-07", area=TOWN_A, members=covered_members([head]))
    facts.of_member(household, "MemberDied", head, "2026-08", died_on="2026-07-02")
    facts.change(
        household, "MemberJoined", "2026-08", income_fen=0,
        member={"person": str(late), "role": "head"},
    )  # fmt: skip
    for month in ("2026-07", "2026-08"):
        found = lists.freeze(CITY, month)
        lists.act(found, "PaymentListSent", format="ndjson", decided_on="2026-07-01")
        lists.report(found, *((each, "succ") for each in references(lists, found).values()))
    assert raised(views, "paid_after_death") == []


def test_a_payee_who_had_died_before_the_list_was_sent_is_a_lead(
    views: Views, lists: Lists, facts: Facts
) -> None:
    payee, household = facts.person(), one(facts)
    facts.change(
        household, "PayeeDesignated", "2026-07", person=str(payee), account_digest="0" * 64
    )
    elsewhere = facts.enrolled(effective="2025-01", members=covered_members([payee]), area=TOWN_B)
    facts.exited(elsewhere, "2026-08", "death")
    said = died(facts, elsewhere, payee, "2026-07-10", "2026-08")
    july = lists.freeze(TOWN_A, "2026-07")
    lists.report(july, (references(lists, july)[household], "succ"))
    lists.act(july, "PaymentListSent", format="ndjson", decided_on="2026-07-10")
    assert raised(views, "paid_after_death") == []
    august = lists.freeze(TOWN_A, "2026-08")
    lists.act(august, "PaymentListSent", format="ndjson", decided_on="2026-08-10")
    report = lists.report(august, (references(lists, august)[household], "succ"))
    [row] = raised(views, "paid_after_death")
    assert (row["household"], row["person"], row["facts"]) == (household, payee, [said, report])
    assert row["reason"] == (
        "780.00 for 2026-08, reported as paid on 2023-01-10: its payee had died on 2026-07-10."
    )


def test_funeral_aid_for_the_dead_is_no_lead(views: Views, lists: Lists, facts: Facts) -> None:
    [person] = persons = facts.persons(1)
    household = facts.enrolled(effective="2026-06", area=TOWN_A, members=covered_members(persons))
    died(facts, household, person, "2026-07-10", "2026-08")
    facts.record(
        facts.person(), "FuneralAidGranted", area=TOWN_A, person=str(person), died_on="2026-07-10",
        decided_on="2026-07-15", amount_fen=60_000, household=str(household),
    )  # fmt: skip
    found = lists.freeze(computing.of_grants("temporary_aid", CITY, "2026-07"))
    [line] = lists.lines(found)
    lists.act(found, "PaymentListSent", format="ndjson", decided_on="2026-08-10")
    lists.report(found, (line["reference_id"], "succ"))
    assert raised(views, "paid_after_death") == []


def test_a_line_paid_beside_the_one_that_repeats_it_is_a_lead(
    views: Views, lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    july = lists.freeze(CITY, "2026-07")
    ids = references(lists, july)
    lists.report(july, (ids[household], "rjct"))
    follow_up = again(lists, july)
    second = lists.report(follow_up, (references(lists, follow_up)[household], "succ"))
    assert raised(views, "paid_twice") == []
    first = lists.report(july, (ids[household], "succ"))
    [row] = raised(views, "paid_twice")
    assert (row["household"], row["facts"]) == (household, sorted([first, second]))
    assert row["reason"] == (
        "780.00 on the list of 2026-07 was paid 2 times, the last reported on 2023-01-10."
    )


def test_more_ordered_back_than_was_listed_is_a_lead(
    views: Views, lists: Lists, facts: Facts
) -> None:
    absorbed, household = one(facts), one(facts)
    july = lists.freeze(CITY, "2026-07")
    lists.order(household, {"2026-07": 78_000})
    first = facts.last(STREAM)
    assert raised(views, "recovery_above_listed") == []
    lists.order(household, {"2026-07": 2_000})
    second = facts.last(STREAM)
    [row] = raised(views, "recovery_above_listed")
    assert (row["household"], row["area"]) == (household, TOWN_A)
    assert row["facts"] == [first, second]
    assert row["reason"] == (
        "800.00 is ordered back for 2026-07, the last on 2023-01-10; lists that count ordered 780.00."
    )
    merged(facts, household, absorbed, "2026-08")
    assert raised(views, "recovery_above_listed") == []
    lists.act(july, "PaymentListCancelled", reason="error")
    [row] = raised(views, "recovery_above_listed")
    assert row["figures"]["listed_fen"] == 0


def test_without_lists_there_is_no_lead_of_payments(views: Views, facts: Facts) -> None:
    one(facts)
    for code in (
        "list_disputed", "frozen_not_approved", "standard_not_paid_out", "result_missing",
        "failed_not_reissued", "paid_after_death", "paid_twice", "recovery_above_listed",
    ):  # fmt: skip
        assert raised(views, code) == []
