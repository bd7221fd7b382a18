"""Why a line of a payment list is what it is: DOMAIN's list cases, told month by month, to the fen."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from projections.errors import NotFound
from projections.explanations import http
from projections.explanations.explanations import ExplanationDiffers
from projections.explanations.lines import explain_household_on_list, explain_line
from projections.payment_lists import computing
from projections.projections import AsOf
from tests.postgres import on_every_server
from tests.views.asking import Asking
from tests.views.conftest import Views
from tests.views.explaining_lines import (
    CITY,
    TOWN_A,
    TOWN_B,
    city,
    merged,
    one,
    parts,
    told,
    why,
    why_not,
)
from tests.views.facts import Facts
from tests.views.lists import STREAM, Lists


@pytest.fixture
def lists(views: Views) -> Lists:
    """A city that lists."""
    return city(views)


@pytest.fixture
def facts(lists: Lists) -> Facts:
    """Where a test records its facts."""
    return lists.views.facts


@on_every_server
def test_arrears_of_a_late_standard_are_told_with_what_was_listed(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    enrolled = facts.last(household)
    july = lists.freeze(CITY, "2026-07")
    frozen = facts.last(STREAM)
    standard = facts.standard(CITY, "dibao.urban", 81_500, effective="2026-07")
    explained = why(lists, lists.freeze(CITY, "2026-08"), household)
    assert parts(explained) == {"2026-07": 3_500, "2026-08": 81_500}
    assert told(explained, "2026-07") == [
        "By the rules 815.00 yuan is due for July 2026.",
        "Ordered on the list for July 2026: 780.00 yuan.",
        "Open is 815.00 - 780.00 + 0.00 = 35.00 yuan.",
        "The line pays 35.00 yuan for July 2026, arrears.",
    ]
    assert {enrolled, standard, frozen} <= set(explained.facts)
    due = [one for part in explained.parts for one in part.households]
    assert [(one.month, one.entitled_fen) for one in due] == [
        ("2026-07", 81_500), ("2026-08", 81_500)
    ]  # fmt: skip
    assert why(lists, july, household).facts.count(standard) == 0


def test_a_second_recalculation_adds_nothing_and_a_settled_household_is_told_so(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    lists.freeze(CITY, "2026-07")
    facts.standard(CITY, "dibao.urban", 81_500, effective="2026-07")
    lists.freeze(CITY, "2026-08")
    september = lists.freeze(CITY, "2026-09")
    assert parts(why(lists, september, household)) == {"2026-09": 81_500}
    explained = why_not(lists, lists.freeze(CITY, "2026-07"), household)
    assert explained.text[-1] == "Nothing is left to be paid for any month, all is settled."
    assert explained.parts == ()


def test_an_overpayment_is_told_beside_the_line_and_left_to_a_person(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts, income=16_000)
    lists.freeze(CITY, "2026-07")
    exit_ = facts.exited(household, "2026-07", "income_above_standard")
    explained = why_not(lists, lists.freeze(CITY, "2026-08"), household)
    assert told(explained, "2026-07") == [
        "By the rules 0.00 yuan is due for July 2026.",
        "Ordered on the list for July 2026: 620.00 yuan.",
        "Open is 0.00 - 620.00 + 0.00 = minus 620.00 yuan.",
        "It was overpaid; whether it is to be paid back is for a person to decide.",
        "The line takes nothing back for July 2026.",
    ]
    assert exit_ in explained.facts
    facts.change(household, "ExitRevoked", exit=exit_)
    facts.reassessed(household, "2026-07", 26_000)
    again = why(lists, lists.freeze(CITY, "2026-08"), household)
    assert parts(again) == {"2026-08": 52_000}
    assert told(again, "2026-07")[2] == "Open is 520.00 - 620.00 + 0.00 = minus 100.00 yuan."


def test_what_was_corrected_on_a_list_counts_as_listed(lists: Lists, facts: Facts) -> None:
    household = one(facts, income=28_000)
    lists.freeze(CITY, "2026-07")
    facts.reassessed(household, "2026-07", 23_000)
    lists.freeze(CITY, "2026-08")
    facts.reassessed(household, "2026-07", 8_000)
    explained = why(lists, lists.freeze(CITY, "2026-09"), household)
    assert told(explained, "2026-07")[1:4] == [
        "Ordered on the list for July 2026: 500.00 yuan.",
        "Ordered on the list for August 2026: 50.00 yuan.",
        "Open is 700.00 - 550.00 + 0.00 = 150.00 yuan.",
    ]


def test_what_came_back_is_paid_again_when_the_exit_is_revoked(lists: Lists, facts: Facts) -> None:
    household = one(facts, income=16_000)
    lists.freeze(CITY, "2026-07")
    exit_ = facts.exited(household, "2026-07", "income_above_standard")
    recovery = lists.order(household, {"2026-07": 62_000})
    ordered = facts.last(STREAM)
    received = lists.receive(recovery, 30_000)
    revoked = facts.change(household, "ExitRevoked", exit=exit_)
    explained = why(lists, lists.freeze(CITY, "2026-07"), household)
    assert told(explained, "2026-07")[2:4] == [
        "620.00 yuan is ordered to be paid back, 300.00 yuan came in;"
        " min(620.00, max(300.00, 0.00)) = 300.00 yuan counts as settled.",
        "Open is 620.00 - 620.00 + 300.00 = 300.00 yuan.",
    ]
    assert {ordered, received, exit_, revoked} <= set(explained.facts)


def test_receipts_fill_the_oldest_month_of_a_recovery_first(lists: Lists, facts: Facts) -> None:
    household = one(facts, "2026-06")
    lists.freeze(CITY, "2026-06")
    lists.freeze(CITY, "2026-07")
    exit_ = facts.exited(household, "2026-06", "fraud")
    recovery = lists.order(household, {"2026-06": 78_000, "2026-07": 78_000})
    lists.receive(recovery, 100_000)
    facts.change(household, "ExitRevoked", exit=exit_)
    explained = why(lists, lists.freeze(CITY, "2026-07"), household)
    assert parts(explained) == {"2026-06": 78_000, "2026-07": 22_000}


def test_a_household_that_moved_is_told_where_it_was_listed(lists: Lists, facts: Facts) -> None:
    household = one(facts)
    lists.freeze(TOWN_A, "2026-07")
    moved = facts.change(household, "HouseholdMoved", "2026-07", area=TOWN_B)
    assert why_not(lists, lists.freeze(TOWN_B, "2026-07"), household).parts == ()
    elsewhere = why_not(lists, lists.freeze(TOWN_A, "2026-08"), household)
    assert "This list does not take that in." in elsewhere.text[-1]
    explained = why(lists, lists.freeze(TOWN_B, "2026-08"), household)
    assert moved in explained.facts
    assert f"counted in area {TOWN_B}, on the roll of urban dibao" in explained.text[1]


def test_a_list_of_another_programme_is_told_apart(lists: Lists, facts: Facts) -> None:
    facts.standard(CITY, "dibao.rural", 50_000, effective="2025-01")
    urban = one(facts)
    explained = why_not(lists, lists.freeze(CITY, "2026-07", "dibao.rural"), urban)
    assert "The list of rural dibao for area 1404" in explained.text[0]
    assert "This list does not take that in." in explained.text[-1]


@pytest.mark.parametrize("act", ["PaymentListRejected", "PaymentListCancelled"])
def test_a_rejected_or_cancelled_list_is_not_counted(lists: Lists, facts: Facts, act: str) -> None:
    household = one(facts)
    lists.act(lists.freeze(CITY, "2026-07"), act, reason="wrong_area")
    explained = why(lists, lists.freeze(CITY, "2026-07"), household)
    assert told(explained, "2026-07")[0] == "By the rules 780.00 yuan is due for July 2026."
    assert not [step for step in explained.parts[0].steps if step.step == "listed"]


def test_months_before_the_first_listed_one_are_in_no_part(lists: Lists, facts: Facts) -> None:
    facts.policy(TOWN_B, "lists.first_month", "2026-08", effective="2026-01")
    household = one(facts, effective="2026-06")
    facts.change(household, "HouseholdMoved", "2026-07", area=TOWN_B)
    explained = why(lists, lists.freeze(TOWN_B, "2026-08"), household)
    assert parts(explained) == {"2026-06": 78_000, "2026-08": 78_000}


def test_arrears_of_who_left_are_told_to_go_where_they_were_last_listed(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    lists.freeze(TOWN_A, "2026-07")
    frozen = facts.last(STREAM)
    exit_ = facts.exited(household, "2026-08", "voluntary")
    facts.standard(CITY, "dibao.urban", 81_500, effective="2026-07")
    explained = why(lists, lists.freeze(TOWN_A, "2026-08"), household)
    assert parts(explained) == {"2026-07": 3_500}
    assert explained.text[1].startswith("In August 2026 the household is on no roll; what is open")
    assert {exit_, frozen} <= set(explained.steps[1].facts)


def test_who_left_before_any_list_is_paid_where_they_last_stood(lists: Lists, facts: Facts) -> None:
    household = one(facts, "2026-06")
    facts.exited(household, "2026-07", "voluntary")
    explained = why(lists, lists.freeze(CITY, "2026-07"), household)
    assert parts(explained) == {"2026-06": 78_000}
    assert "In June 2026 the household is counted in area" in explained.text[1]
    never = one(facts, "2026-12")
    assert "stood on no roll" in why_not(lists, lists.freeze(CITY, "2026-08"), never).text[-1]


def test_what_a_policy_takes_back_is_told_with_its_share(lists: Lists, facts: Facts) -> None:
    policy = facts.policy(CITY, "overpayments.offset_bp", 1_000, effective="2026-01")
    household = one(facts)
    lists.freeze(CITY, "2026-06")
    lists.freeze(CITY, "2026-07")
    facts.reassessed(household, "2026-07", 10_000)
    explained = why(lists, lists.freeze(CITY, "2026-08"), household)
    assert parts(explained) == {"2026-07": -6_800, "2026-08": 68_000}
    assert told(explained, "2026-07")[-2:] == [
        "By policy up to 10% of what the list pays for its own month is taken for what was"
        " overpaid, the oldest month first; 32.00 yuan is left.",
        "The line takes back 68.00 yuan of what was overpaid for July 2026.",
    ]
    assert policy in explained.facts
    assert [*explained.lines()][-1] == "1. The line orders -68.00 + 680.00 = 612.00 yuan."
    september = why(lists, lists.freeze(CITY, "2026-09"), household)
    assert told(september, "2026-07")[2] == "Taken back on the list for August 2026: 68.00 yuan."
    assert parts(september) == {"2026-07": -3_200, "2026-09": 68_000}


def test_a_merged_household_s_months_are_told_with_its_survivor_s(
    lists: Lists, facts: Facts
) -> None:
    absorbed, survivor = one(facts, "2026-06"), one(facts, "2026-06")
    lists.freeze(CITY, "2026-06")
    lists.freeze(CITY, "2026-07")
    said = merged(facts, survivor, absorbed, "2026-07")
    facts.standard(CITY, "dibao.urban", 81_500, effective="2026-06")
    august = lists.freeze(CITY, "2026-08")
    explained = why(lists, august, survivor)
    assert parts(explained) == {"2026-06": 3_500, "2026-07": 7_000, "2026-08": 163_000}
    assert told(explained, "2026-07")[:4] == [
        "By the rules 1,630.00 yuan is due for July 2026.",
        "Ordered on the list for July 2026: 780.00 yuan.",
        f"Ordered to household {absorbed} on the list for July 2026: 780.00 yuan.",
        "Open is 1,630.00 - 1,560.00 + 0.00 = 70.00 yuan.",
    ]
    [july] = [part for part in explained.parts if part.month == date(2026, 7, 1)]
    assert [one.household for one in july.households] == [survivor, absorbed]
    assert said in explained.facts
    assert parts(why(lists, august, absorbed)) == {"2026-06": 3_500}


def test_an_absorbed_household_without_a_line_is_told_with_whom_it_is_settled(
    lists: Lists, facts: Facts
) -> None:
    absorbed, survivor = one(facts), one(facts)
    said = merged(facts, survivor, absorbed, "2026-08")
    lists.freeze(CITY, "2026-07")
    explained = why_not(lists, lists.freeze(CITY, "2026-08"), absorbed)
    assert explained.steps[1].text == (
        f"The household was absorbed: from August 2026 on it is settled with {survivor}."
    )
    assert explained.steps[1].facts == (said,)


def test_an_absorbed_household_that_returns_is_settled_by_itself_again(
    lists: Lists, facts: Facts
) -> None:
    absorbed, middle, survivor = one(facts), one(facts), one(facts)
    merged(facts, middle, absorbed, "2026-08")
    merged(facts, survivor, middle, "2026-09")
    facts.enrolled(absorbed, effective="2026-10", area=TOWN_A)
    october = lists.freeze(CITY, "2026-10")
    assert parts(why(lists, october, absorbed)).keys() == {"2026-07", "2026-10"}
    assert parts(why(lists, october, middle)).keys() == {"2026-07", "2026-08"}
    assert parts(why(lists, october, survivor)).keys() == {
        "2026-07", "2026-08", "2026-09", "2026-10"
    }  # fmt: skip


def test_the_designated_payee_is_named_by_the_fact(lists: Lists, facts: Facts) -> None:
    household, other, payee = one(facts), one(facts), facts.person()
    said = facts.change(
        household, "PayeeDesignated", "2026-07", person=str(payee), account_digest="0" * 64
    )
    july = lists.freeze(CITY, "2026-07")
    [step] = [step for step in why(lists, july, household).steps if step.step == "payee"]
    assert (step.text, step.facts) == (
        f"It is paid to person {payee}, whom the household designated.", (said,)
    )  # fmt: skip
    assert "the household's head" in why(lists, july, other).text[2]


def test_when_the_facts_lead_to_another_line_there_is_an_error_and_no_story(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    july = lists.freeze(CITY, "2026-07")
    why(lists, july, household)
    [line] = lists.lines(july)
    for change in (
        "update payment_lists.lines set amount_fen = amount_fen - 1",
        "update payment_lists.lines set amount_fen = amount_fen + 1, area = '140403009'",
        "update payment_lists.parts set fen = fen - 1",
    ):
        with psycopg.connect(lists.views.dsn) as connection:
            connection.execute(change)
        projections = lists.views.projections()
        with pytest.raises(ExplanationDiffers, match="differ"):
            explain_line(projections, july, line["reference_id"], projections.as_of())


def test_what_is_on_no_list_is_not_found(lists: Lists, facts: Facts) -> None:
    household = one(facts)
    july = lists.freeze(CITY, "2026-07")
    [line] = lists.lines(july)
    grants = lists.freeze(computing.of_grants("help_first", CITY, "2026-07"))
    projections = lists.views.projections()
    now = projections.as_of()
    for found, reference in ((july, household), (grants, line["reference_id"])):
        with pytest.raises(NotFound):
            explain_line(projections, found, reference, now)
    with pytest.raises(NotFound):
        explain_line(projections, july, line["reference_id"], AsOf(now.position - 2))
    for found, asked in ((household, household), (grants, household), (july, facts.person())):
        with pytest.raises(NotFound):
            explain_household_on_list(projections, found, asked, now)


def test_over_http_a_line_is_explained_as_json_and_as_text(lists: Lists, facts: Facts) -> None:
    household = one(facts)
    july = lists.freeze(CITY, "2026-07")
    [line] = lists.lines(july)
    asking = Asking(lists.views, http.router)
    path = f"/v1/payment-lists/{july}/lines/{line['reference_id']}/explanation"
    said = asking.get(path).json()
    assert (said["position"], said["computed_at"]) == (facts.position, facts.position - 1)
    assert said["amount_fen"] == 78_000 == sum(part["part_fen"] for part in said["parts"])
    assert said.keys() == http.OF_LINE.keys()
    assert [one["month"] for one in said["parts"][0]["households"]] == ["2026-07"]
    text = asking.get(path, {"Accept": "text/plain"})
    assert text.headers["Ledger-Position"] == str(facts.position)
    told_lines = text.text.splitlines()
    assert told_lines[0] == (
        f"Household {household}, urban dibao, 780.00 yuan, line {line['reference_id']} of list"
        f" {july} for July 2026"
    )
    assert "1. By the rules 780.00 yuan is due for July 2026." in told_lines
    of_household = asking.get(f"/v1/payment-lists/{july}/households/{household}/explanation")
    assert [one["reference_id"] for one in of_household.json()["lines"]] == [said["reference_id"]]
    assert asking.get(f"/v1/payment-lists/{july}/lines/{july}/explanation").status_code == 404
