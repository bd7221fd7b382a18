"""Lists where two rules meet: nothing to offset from, first months that move, chains of mergers."""

from __future__ import annotations

from uuid import UUID

import pytest

from projections.payment_lists import computing
from tests.views.conftest import Views
from tests.views.facts import Facts, member, named
from tests.views.lists import Lists

CITY, TOWN = "1404", "140403001"
MONTHS = ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09"]


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


def one(facts: Facts, effective: str = "2026-05") -> UUID:
    """A household of one person without income."""
    return facts.enrolled(members=1, income=0, effective=effective, area=TOWN)


def merge(facts: Facts, survivor: UUID, absorbed: UUID, month: str, members: int = 1) -> None:
    """One household takes in the members of another."""
    facts.change(
        survivor, "HouseholdsMerged", month, absorbed=str(absorbed), income_fen=0,
        members=[member(facts.person()) for _ in range(members)], legal_basis="Law 20",
        decided_by="county",
    )  # fmt: skip
    facts.exited(absorbed, month, "merged")


def test_an_offset_takes_nothing_where_the_list_pays_nothing_for_its_month(
    lists: Lists, facts: Facts
) -> None:
    facts.policy(CITY, "overpayments.offset_bp", 1_000, effective="2026-01")
    household = one(facts, "2026-06")
    lists.freeze(CITY, "2026-06")
    lists.freeze(CITY, "2026-07")
    facts.standard(CITY, "dibao.urban", 81_500, effective="2026-06")
    facts.reassessed(household, "2026-07", 20_000)
    assert lists.parts(lists.freeze(CITY, "2026-07")) == {household: {"2026-06": 3_500}}
    assert lists.overpaid(CITY, "2026-07") == {household: {"2026-07": 16_500}}


def test_a_month_before_a_first_month_that_moved_has_no_part(lists: Lists, facts: Facts) -> None:
    facts.policy(CITY, "overpayments.offset_bp", 5_000, effective="2026-01")
    household = one(facts, "2026-06")
    lists.freeze(CITY, "2026-06")
    facts.policy(CITY, "lists.first_month", "2026-07", effective="2025-02")
    assert lists.overpaid(CITY, "2026-07") == {}
    assert lists.parts(lists.freeze(CITY, "2026-07")) == {household: {"2026-07": 78_000}}


def test_months_go_with_whoever_survives_in_each_of_them(lists: Lists, facts: Facts) -> None:
    first, second, third, fourth = (one(facts) for _ in range(4))
    for month in MONTHS:
        lists.freeze(CITY, month)
    merge(facts, second, first, "2026-06")
    merge(facts, third, second, "2026-07", members=2)
    facts.enrolled(household=first, members=1, effective="2026-08", area=TOWN, income=0)
    merge(facts, fourth, first, "2026-09")
    october = lists.parts(lists.freeze(CITY, "2026-10"))
    # Who returned has what was listed to it in August itself, so the third is short of it since.
    assert october == {
        third: {"2026-08": 78_000, "2026-09": 78_000, "2026-10": 3 * 78_000},
        fourth: {"2026-10": 2 * 78_000},
    }
    assert lists.overpaid(CITY, "2026-10") == {}


def test_funeral_aid_is_not_paid_to_who_died(lists: Lists, facts: Facts) -> None:
    head, grant = facts.person(), named("funeral")
    household = facts.enrolled(
        members=[member(head, "head"), member(facts.person())], effective="2026-05", area=TOWN
    )
    for n, deceased in enumerate((facts.person(), head)):
        facts.record(
            named(f"funeral {n}") if n else grant, "FuneralAidGranted", area=TOWN, person=str(deceased),
            household=str(household), died_on="2026-07-01", amount_fen=200_000, decided_on="2026-07-03",
        )  # fmt: skip
    paid = lists.freeze(computing.of_grants("temporary_aid", CITY, "2026-07"))
    assert {row["subject"]: row["payee"] for row in lists.lines(paid)} == {
        grant: head, named("funeral 1"): None,
    }  # fmt: skip
