"""DOMAIN's worked amounts, each through facts, the register and the one query that computes amounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.postgres import on_every_server
from tests.views.conftest import Views
from tests.views.facts import AREA, Facts, covered_members, member

COUNTY = AREA[:6]


@on_every_server
def test_tier_b_at_430_with_3_covered_is_1290(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 59_000, mode="tiered", tiers={"A": 59_000, "B": 43_000})
    household = facts.enrolled(members=3, tier="B")
    assert views.entitled(household, "2023-01") == [129_000]


@on_every_server
def test_standard_602_with_2_covered_and_income_350_is_854(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_200)
    household = facts.enrolled(members=2, income=35_000)
    assert views.entitled(household, "2023-01") == [85_400]


@on_every_server
def test_stops_only_the_share_of_the_one_member_whose_cover_stopped(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 74_000)
    persons = facts.persons(3)
    household = facts.enrolled(members=covered_members(persons), income=60_000)
    facts.of_member(household, "MemberCoverStopped", persons[2], "2023-03", reason="work_refused")
    facts.of_member(household, "MemberCoverRestored", persons[2], "2023-04")
    lines = views.lines(household, "2023-02", "2023-04")
    assert [line["entitled_fen"] for line in lines] == [162_000, 108_000, 162_000]
    assert [(line["members"], line["covered"]) for line in lines] == [(3, 3), (3, 2), (3, 3)]


@on_every_server
def test_annual_standard_5074_with_3_covered_and_income_400_is_868_50(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.rural", 507_400, period="year")
    household = facts.enrolled(members=3, income=40_000, programme="dibao.rural")
    assert views.entitled(household, "2023-01") == [86_850]


@on_every_server
def test_annual_standard_is_divided_last(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.rural", 507_400, period="year")
    household = facts.enrolled(members=3, programme="dibao.rural")
    assert views.entitled(household, "2023-01") == [126_850]


@on_every_server
def test_single_person_at_standard_740_without_income_is_740(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 74_000)
    household = facts.enrolled(members=1, single_person=True)
    assert views.entitled(household, "2023-01") == [74_000]


@on_every_server
def test_income_above_the_standard_pays_nothing_and_is_a_lead(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 59_000)
    household = facts.enrolled(members=1, income=70_000)
    [line] = views.lines(household, "2023-01")
    assert (line["entitled_fen"], line["base_zero"]) == (0, True)


def test_tekun_is_the_basic_standard_and_each_members_care(views: Views, facts: Facts) -> None:
    facts.standard(
        COUNTY,
        "tekun",
        100_000,
        mode="full",
        care={"able": 10_000, "partial": 30_000, "unable": 60_000},
    )
    persons = facts.persons(2)
    household = facts.enrolled(
        programme="tekun.rural",
        members=[
            member(persons[0], "head", self_care="able"),
            member(persons[1], "spouse", self_care="partial"),
        ],
    )
    facts.of_member(household, "SelfCareAssessed", persons[1], "2023-02", self_care="unable")
    assert views.entitled(household, "2023-01", "2023-02") == [240_000, 270_000]


def test_tekun_basic_standard_follows_the_care_form(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "tekun", 100_000, mode="full", by_care_form={"institutional": 120_000})
    household = facts.enrolled(programme="tekun", care_form="dispersed")
    facts.change(household, "CareFormChanged", "2023-02", care_form="institutional")
    assert views.entitled(household, "2023-01", "2023-02") == [100_000, 120_000]


def test_annual_tekun_amounts_are_all_annual_and_divided_once(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "tekun", 628_420, mode="full", period="year", care={"able": 100_000})
    household = facts.enrolled(
        programme="tekun.rural", members=covered_members(facts.persons(1), self_care="able")
    )
    assert views.entitled(household, "2023-01") == [60_702]  # 728,420 / 12 = 60,701.67


@pytest.mark.parametrize(
    ("value", "entitled"),
    [
        ({"method": "gap"}, 64_000),
        ({"method": "fixed", "fen": 30_000}, 30_000),
        ({"method": "share", "bp": 8_000}, 59_200),
    ],
    ids=["gap", "fixed", "share"],
)
def test_single_person_amount_follows_the_policy(
    views: Views, facts: Facts, value: dict[str, Any], entitled: int
) -> None:
    facts.standard(COUNTY, "dibao.urban", 74_000)
    facts.policy("14", "single_person.amount", value)
    household = facts.enrolled(members=1, income=10_000, single_person=True)
    assert views.entitled(household, "2023-01") == [entitled]


def test_single_person_share_of_an_annual_standard_is_a_month_of_it(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 888_000, period="year")
    facts.policy("14", "single_person.amount", {"method": "share", "bp": 5_000})
    household = facts.enrolled(members=1, single_person=True)
    assert views.entitled(household, "2023-01") == [37_000]


def test_single_person_whose_cover_stopped_gets_nothing(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 74_000)
    facts.policy("14", "single_person.amount", {"method": "fixed", "fen": 30_000})
    [person] = facts.persons(1)
    household = facts.enrolled(members=covered_members([person]), single_person=True)
    facts.of_member(household, "MemberCoverStopped", person, "2023-02", reason="other")
    assert views.entitled(household, "2023-01", "2023-02") == [30_000, 0]


def supplemented(facts: Facts) -> list[dict[str, Any]]:
    """One member of two classes, one of none."""
    persons = facts.persons(2)
    return [
        member(persons[0], "head", supplements=["elderly", "severely_disabled"]),
        member(persons[1]),
    ]


def test_a_member_of_several_classes_gets_the_highest_supplement_only(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    facts.policy("14", "supplement.elderly", {"fen": 5_000})
    facts.policy("14", "supplement.severely_disabled", {"bp": 2_000})
    household = facts.enrolled(members=supplemented(facts), income=20_000)
    [line] = views.lines(household, "2023-01")
    assert line["entitled_fen"] == 100_000 + 12_000
    assert (line["base_fen"], line["supplements_fen"]) == (Decimal(100_000), Decimal(12_000))


def test_supplements_are_summed_where_the_policy_says_so(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    facts.policy("14", "supplement.elderly", {"fen": 5_000})
    facts.policy("14", "supplement.severely_disabled", {"bp": 2_000})
    facts.policy("14", "supplements.combine", "sum")
    household = facts.enrolled(members=supplemented(facts), income=20_000)
    assert views.entitled(household, "2023-01") == [100_000 + 12_000 + 5_000]


def test_a_supplements_share_is_of_the_standard_never_of_a_tiers_rate(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000, mode="tiered", tiers={"B": 43_000})
    facts.policy("14", "supplement.elderly", {"bp": 1_000})
    [person] = facts.persons(1)
    household = facts.enrolled(tier="B", members=[member(person, "head", supplements=["elderly"])])
    assert views.entitled(household, "2023-01") == [43_000 + 6_000]


def test_a_supplements_share_of_an_annual_standard_is_a_month_of_it(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.rural", 507_400, period="year")
    facts.policy("14", "supplement.minor", {"bp": 2_500})
    [person] = facts.persons(1)
    household = facts.enrolled(
        programme="dibao.rural", members=[member(person, "head", supplements=["minor"])]
    )
    assert views.entitled(household, "2023-01") == [52_854]  # 1.25 x 507,400 / 12 = 52,854.17


def test_a_fixed_supplement_is_a_monthly_sum_beside_an_annual_standard(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.rural", 600_000, period="year")
    facts.policy("14", "supplement.minor", {"fen": 1_000})
    [person] = facts.persons(1)
    household = facts.enrolled(
        programme="dibao.rural", members=[member(person, "head", supplements=["minor"])]
    )
    assert views.entitled(household, "2023-01") == [51_000]


def test_only_covered_members_get_supplements(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    facts.policy("14", "supplement.elderly", {"fen": 5_000})
    persons = facts.persons(2)
    household = facts.enrolled(
        members=[
            member(persons[0], "head"),
            member(persons[1], covered=False, supplements=["elderly"]),
        ]
    )
    assert views.entitled(household, "2023-01") == [60_000]


def test_a_class_without_a_policy_pays_nothing(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    household = facts.enrolled(members=supplemented(facts))
    assert views.entitled(household, "2023-01") == [120_000]


def test_a_supplement_assigned_and_withdrawn_counts_from_month_to_month(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    facts.policy("14", "supplement.elderly", {"fen": 5_000})
    [person] = facts.persons(1)
    household = facts.enrolled(members=covered_members([person]))
    facts.of_member(household, "SupplementAssigned", person, "2023-02", supplement="elderly")
    facts.of_member(
        household, "SupplementWithdrawn", person, "2023-03", supplement="elderly", reason="age"
    )
    assert views.entitled(household, "2023-01", "2023-03") == [60_000, 65_000, 60_000]


def test_a_base_of_zero_pays_no_supplement_either(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    facts.policy("14", "supplement.elderly", {"fen": 5_000})
    [person] = facts.persons(1)
    household = facts.enrolled(
        members=[member(person, "head", supplements=["elderly"])], income=60_000
    )
    [line] = views.lines(household, "2023-01")
    assert (line["entitled_fen"], line["supplements_fen"], line["base_zero"]) == (0, 0, True)


def test_a_suspended_household_stays_on_the_roll_and_gets_nothing(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    household = facts.enrolled()
    facts.change(
        household, "PaymentSuspended", "2023-02", reason="unreachable", legal_basis="Law 47"
    )
    facts.change(household, "PaymentResumed", "2023-03")
    lines = views.lines(household, "2023-01", "2023-03")
    assert [line["entitled_fen"] for line in lines] == [60_000, 0, 60_000]
    assert [line["suspended"] for line in lines] == [False, True, False]
    [total] = views.totals("2023-02", "2023-02")
    assert (total["households"], total["entitled_fen"]) == (1, 0)


@pytest.mark.parametrize(
    ("rounding", "entitled"),
    [
        ("half_up_fen", 31_113),
        ("half_up_jiao", 31_110),
        ("ceil_jiao", 31_120),
        ("ceil_yuan", 31_200),
    ],
)
def test_the_total_is_rounded_once_as_the_policy_says(
    views: Views, facts: Facts, rounding: str, entitled: int
) -> None:
    facts.standard(COUNTY, "dibao.rural", 507_400, period="year")
    facts.policy(COUNTY, "rounding", rounding)
    household = facts.enrolled(income=11_170, programme="dibao.rural")
    assert views.entitled(household, "2023-01") == [entitled]  # 42,283.33 - 11,170 = 31,113.33


@pytest.mark.parametrize(
    ("rounding", "income", "entitled"),
    [
        ("half_up_fen", 10_000, 33),
        ("half_up_jiao", 9_995, 40),
        ("half_up_jiao", 9_996, 40),
        ("half_up_jiao", 9_999, 30),
        ("ceil_jiao", 10_000, 40),
        ("ceil_jiao", 10_003, 30),
        ("ceil_yuan", 9_933, 100),
        ("ceil_yuan", 9_932, 200),
    ],
)
def test_rounding_at_its_edges(
    views: Views, facts: Facts, rounding: str, income: int, entitled: int
) -> None:
    facts.standard(COUNTY, "dibao.rural", 12 * 10_033, period="year")
    facts.policy(COUNTY, "rounding", rounding)
    household = facts.enrolled(income=income, programme="dibao.rural")
    assert views.entitled(household, "2023-01") == [entitled]


def test_a_tier_without_a_rate_pays_nothing_and_says_so(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 59_000, mode="tiered", tiers={"A": 59_000})
    household = facts.enrolled(tier="C")
    [line] = views.lines(household, "2023-01")
    assert (line["entitled_fen"], line["no_rate"]) == (0, True)


def test_a_household_without_a_standard_in_force_stays_on_the_roll_unpriced(
    views: Views, facts: Facts
) -> None:
    household = facts.enrolled(members=2)
    [line] = views.lines(household, "2023-01")
    assert (line["members"], line["entitled_fen"], line["standard"], line["no_rate"]) == (
        2,
        0,
        None,
        True,
    )


def test_amounts_near_the_largest_stay_exact(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 10**13, period="year")
    facts.policy(COUNTY, "supplement.elderly", {"bp": 1_000_000})
    persons = facts.persons(50)
    household = facts.enrolled(
        members=[member(p, "head", supplements=["elderly"]) for p in persons], income=1
    )
    assert views.entitled(household, "2023-01") == [(50 * 10**13 * 101 - 12 + 6) // 12]


def test_area_grants_are_in_no_figure_of_a_basic_roll(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    household = facts.enrolled()
    facts.of_area(
        "AreaGrantAdopted", COUNTY, "2023-01", head="price_subsidy", rolls=["dibao.urban"],
        per="person", amount_fen=3_000,
    )  # fmt: skip
    assert views.entitled(household, "2023-01") == [60_000]
    assert views.totals("2023-01", "2023-01")[0]["entitled_fen"] == 60_000
