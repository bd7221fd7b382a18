"""Why an amount is what it is: DOMAIN's worked amounts, step by step."""

from __future__ import annotations

from typing import Any

import pytest

from projections.explanations.telling import in_yuan, share
from tests.postgres import on_every_server
from tests.views.conftest import Views
from tests.views.explaining import explain, names, step, steps
from tests.views.facts import AREA, Facts, covered_members, member

COUNTY = AREA[:6]
OF_A_GAP = ["roll", "area", "standard", "members", "income", "base", "rounding", "entitled"]


@on_every_server
def test_a_gap_is_told_from_the_roll_to_the_fen(views: Views, facts: Facts) -> None:
    adopted = facts.standard(
        COUNTY, "dibao.urban", 74_000, adopted_by="the city", announced_on="2017-12-01",
        instrument="No. 7 of 2017",
    )  # fmt: skip
    persons = facts.persons(3)
    household = facts.enrolled(members=covered_members(persons), income=60_000)
    enrolled = facts.last(household)
    stopped = facts.of_member(
        household, "MemberCoverStopped", persons[2], "2023-03", reason="work_refused"
    )
    explained = explain(views, household, "2023-03")
    assert names(explained) == OF_A_GAP
    assert explained.entitled_fen == 108_000
    assert step(explained, "standard") == {
        "step": "standard",
        "says": {
            "standard": adopted, "area": COUNTY, "programme": "dibao.urban", "since": "2018-01",
            "period": "month", "mode": "gap", "amount_fen": 74_000, "adopted_by": "the city",
            "announced_on": "2017-12-01", "instrument": "No. 7 of 2017",
        },
        "facts": [adopted],
        "text": "The standard in force is that of area 140403 for urban dibao: 740.00 yuan a person and"
        " month, in force from January 2018 on (adopted by the city, announced on 2017-12-01,"
        " by No. 7 of 2017); the gap between it and the income is paid.",
    }  # fmt: skip
    base = step(explained, "base")
    assert (base["adds"], base["fen"]) == (108_000, 108_000)
    assert set(base["facts"]) == {adopted, enrolled, stopped}
    assert base["text"] == (
        "The base amount is 2 covered x (3 in the income test x 740.00 - 600.00) / 3 = 1,080.00 yuan."
    )
    assert explained.facts == [enrolled, adopted, stopped]
    assert explained.text[-1] == "For March 2023 the household is entitled to 1,080.00 yuan."


def test_members_are_numbered_the_head_first_and_never_named(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 74_000)
    persons = facts.persons(3)
    household = facts.enrolled(
        members=[
            member(persons[0], "spouse"),
            member(persons[1], "head"),
            member(persons[2], covered=False),
        ]
    )
    later = facts.person()
    facts.change(household, "MemberJoined", "2023-02", member=member(later, "child"), income_fen=0)
    told = step(explain(views, household, "2023-02"), "members")
    listed = told["says"]["persons"]
    assert [one["member"] for one in listed] == [1, 2, 3, 4]
    assert (listed[0]["person"], listed[0]["head"]) == (str(persons[1]), True)
    assert (listed[3]["person"], listed[3]["role"]) == (str(later), "child")
    assert (told["says"]["members"], told["says"]["covered"]) == (4, 3)
    assert "member 1 (head), member 2, member 3 and member 4" in told["text"]
    assert not any(str(person) in told["text"] for person in (*persons, later))


def test_tier_b_at_430_with_3_covered_names_the_tier_and_its_rate(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 59_000, mode="tiered", tiers={"A": 59_000, "B": 43_000})
    household = facts.enrolled(members=3, tier="A", income=70_000)
    changed = facts.change(household, "TierChanged", "2023-02", tier="B")
    explained = explain(views, household, "2023-02")
    assert names(explained) == [name if name != "income" else "tier" for name in OF_A_GAP]
    told = step(explained, "tier")
    assert (told["says"]["tier"], told["says"]["rate_fen"]) == ("B", 43_000)
    assert told["facts"] == [changed]
    assert "3 covered x 430.00 = 1,290.00 yuan" in step(explained, "base")["text"]


def test_a_tier_without_a_rate_is_told(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 59_000, mode="tiered", tiers={"A": 59_000})
    household = facts.enrolled(tier="C")
    explained = explain(views, household)
    assert "for which the standard has no rate" in step(explained, "tier")["text"]
    assert explained.entitled_fen == 0


def test_full_support_is_the_basic_standard_of_the_care_form_and_each_members_care(
    views: Views, facts: Facts
) -> None:
    facts.standard(
        COUNTY, "tekun", 628_420, mode="full", period="year", care={"able": 100_000},
        by_care_form={"institutional": 700_000},
    )  # fmt: skip
    persons = facts.persons(3)
    household = facts.enrolled(
        programme="tekun.rural",
        members=[
            member(persons[0], "head", self_care="able"),
            member(persons[1], self_care="unable"),
            member(persons[2]),
        ],
    )
    placed = facts.change(household, "CareFormChanged", "2023-02", care_form="institutional")
    explained = explain(views, household, "2023-02")
    base = step(explained, "base")
    assert base["adds"] == 3 * 700_000 // 12
    assert placed in base["facts"]
    assert "3 covered x 7,000.00 / 12 (institutional care)" in base["text"]
    assert [one["adds"] for one in steps(explained, "care")] == ["25000/3", 0, 0]
    assert [one["fen"] for one in steps(explained, "care")] == ["550000/3"] * 3
    assert "is not assessed" in steps(explained, "care")[-1]["text"]
    assert step(explained, "rounding")["adds"] == "-1/3"


@pytest.mark.parametrize(
    ("value", "formula", "steps_of_income"),
    [
        ({"method": "fixed", "fen": 30_000}, "1 covered, a single person, x 300.00, fixed", 0),
        ({"method": "share", "bp": 8_050}, "1 covered, a single person, x 80.5% of 740.00", 0),
        ({"method": "gap"}, "1 covered, a single person, x (740.00 - 100.00)", 1),
    ],
    ids=["fixed", "share", "gap"],
)
def test_a_single_persons_amount_names_the_policy(
    views: Views, facts: Facts, value: dict[str, Any], formula: str, steps_of_income: int
) -> None:
    facts.standard(COUNTY, "dibao.urban", 74_000)
    adopted = facts.policy("14", "single_person.amount", value)
    household = facts.enrolled(members=1, income=10_000, single_person=True)
    explained = explain(views, household)
    base = step(explained, "base")
    assert formula in base["text"]
    assert adopted in base["facts"]
    assert base["says"]["policies"] == [
        {"setting": "single_person.amount", "value": value, "fact": adopted, "area": "14"}
    ]
    assert len(steps(explained, "income")) == steps_of_income


def test_standard_740_single_person_without_income_is_740_by_the_default(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 74_000)
    explained = explain(views, facts.enrolled(members=1, single_person=True))
    assert explained.entitled_fen == 74_000
    [policy] = step(explained, "base")["says"]["policies"]
    assert (policy["value"], policy["fact"]) == ({"method": "gap"}, None)


def test_an_annual_standard_is_multiplied_first_and_rounded_once(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.rural", 507_400, period="year")
    household = facts.enrolled(members=2, income=100, programme="dibao.rural")
    explained = explain(views, household)
    base, rounding = step(explained, "base"), step(explained, "rounding")
    assert (base["adds"], rounding["adds"], rounding["fen"]) == ("253400/3", "1/3", 84_467)
    assert "= 844.66 yuan and 2/3 fen." in base["text"]


@pytest.mark.parametrize(("members", "income", "entitled"), [(3, 40_000, 86_850), (3, 0, 126_850)])
def test_standard_5074_a_year_with_3_covered(
    views: Views, facts: Facts, members: int, income: int, entitled: int
) -> None:
    facts.standard(COUNTY, "dibao.rural", 507_400, period="year")
    household = facts.enrolled(members=members, income=income, programme="dibao.rural")
    assert explain(views, household).entitled_fen == entitled


def test_standard_602_with_2_covered_and_income_350_is_854(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_200)
    explained = explain(views, facts.enrolled(members=2, income=35_000))
    assert explained.entitled_fen == 85_400


def test_income_above_the_standard_is_a_lead_and_pays_nothing(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 59_000)
    facts.policy("14", "supplement.elderly", {"fen": 5_000})
    [person] = facts.persons(1)
    household = facts.enrolled(
        members=[member(person, "head", supplements=["elderly"])], income=70_000
    )
    explained = explain(views, household)
    assert "minus 110.00 yuan; below zero" in step(explained, "base")["text"]
    assert step(explained, "supplements")["adds"] == 0
    assert "lead" in step(explained, "supplements")["text"]


@pytest.mark.parametrize(
    ("combine", "adds", "how"),
    [(None, 12_000, "the highest counts"), ("sum", 17_000, "they are summed")],
    ids=["highest", "sum"],
)
def test_supplements_of_a_member_name_each_class_and_policy(
    views: Views, facts: Facts, combine: str | None, adds: int, how: str
) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    policies = [
        facts.policy("14", "supplement.elderly", {"fen": 5_000}),
        facts.policy("14", "supplement.severely_disabled", {"bp": 2_000}),
        *([facts.policy(COUNTY, "supplements.combine", combine)] if combine else []),
    ]
    persons = facts.persons(3)
    classes = ["elderly", "severely_disabled"]
    household = facts.enrolled(
        members=[
            member(persons[0], "head", supplements=classes),
            member(persons[1]),
            member(persons[2], covered=False, supplements=classes),
        ]
    )
    supplement = step(explain(views, household), "supplement")
    assert (supplement["adds"], supplement["fen"]) == (adds, 120_000 + adds)
    assert supplement["facts"] == [f"{household}:1", *policies]
    assert supplement["text"] == (
        "Member 1 (head) is of the classes elderly, 50.00 yuan and severely disabled, 20% of 600.00 ="
        f" 120.00 yuan; {how}: {in_yuan(adds)} more."
    )


def test_a_class_without_a_policy_and_one_withdrawn_are_told(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    persons = facts.persons(2)
    household = facts.enrolled(
        members=[
            member(persons[0], "head", supplements=["minor"]),
            member(persons[1], supplements=["elderly"]),
        ]
    )
    gone = facts.of_member(
        household, "SupplementWithdrawn", persons[1], "2023-02", supplement="elderly", reason="age"
    )
    one, other = steps(explain(views, household, "2023-02"), "supplement")
    assert "minor, for which no supplement is set: 0.00 yuan more." in one["text"]
    assert other["facts"] == [gone]
    assert other["text"] == (
        "Member 2 gets no supplement. Elderly was withdrawn from February 2023 on."
    )


@pytest.mark.parametrize(
    ("rounding", "entitled", "adds"),
    [
        ("half_up_fen", 31_113, "-1/3"),
        ("half_up_jiao", 31_110, "-10/3"),
        ("ceil_jiao", 31_120, "20/3"),
        ("ceil_yuan", 31_200, "260/3"),
    ],
)
def test_what_rounding_adds_is_told(
    views: Views, facts: Facts, rounding: str, entitled: int, adds: str
) -> None:
    facts.standard(COUNTY, "dibao.rural", 507_400, period="year")
    adopted = facts.policy(COUNTY, "rounding", rounding)
    household = facts.enrolled(income=11_170, programme="dibao.rural")
    told = step(explain(views, household), "rounding")
    assert (told["adds"], told["fen"], told["facts"]) == (adds, entitled, [adopted])


def test_amounts_and_shares_are_written_exactly() -> None:
    assert [in_yuan(fen) for fen in (0, 5, 123_456, -5)] == [
        "0.00 yuan", "0.05 yuan", "1,234.56 yuan", "minus 0.05 yuan",
    ]  # fmt: skip
    assert [share(bp) for bp in (10_000, 2_000, 1_550, 1)] == ["100%", "20%", "15.5%", "0.01%"]
