"""The assistance list of a household and month: every policy and department, a line each."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from projections.assistance_lists import assistance_lists as questions
from projections.assistance_lists import http
from projections.errors import BadParameter, NotFound
from tests.postgres import on_every_server
from tests.views.asking import Asking
from tests.views.conftest import Views
from tests.views.facts import AREA, Facts, covered_members, member, named

MONTH = "2026-07"


def listed(
    views: Views, household: UUID, month: str = MONTH, position: int | None = None
) -> questions.AssistanceList:
    """The list of a household and month."""
    projections = views.projections()
    return questions.assistance_list(projections, household, month, projections.as_of(position=position))


def amounts(views: Views, household: UUID, month: str = MONTH) -> list[tuple[str, str, int, str]]:
    """Policy, form, quantity and unit, line by line."""
    lines = listed(views, household, month).lines
    return [(l["policy"], l["form"], l["quantity"], l["unit"]) for l in lines]


def area_grant(facts: Facts, amount: int, rolls: list[str], per: str, area: str = "14", **more: Any) -> str:
    """An amount for everyone on the rolls in the month."""
    said = {"head": "price_subsidy"} | more
    return facts.of_area("AreaGrantAdopted", area, MONTH, rolls=rolls, per=per, amount_fen=amount, **said)


@pytest.fixture
def standards(facts: Facts) -> str:
    return facts.standard("14", "dibao", 74_000)


@on_every_server
def test_the_monthly_amount_stands_first_with_its_base_and_supplements(
    views: Views, facts: Facts, standards: str
) -> None:
    facts.policy("14", "supplement.minor", {"fen": 5_000})
    persons = facts.persons(3)
    members = [member(persons[0], "head"), member(persons[1]), member(persons[2], supplements=["minor"])]
    household = facts.enrolled(members=members, income=60_000, effective="2026-01")
    found = listed(views, household)
    [line] = found.lines
    assert (line["policy"], line["quantity"], found.money_fen) == ("dibao.urban", 167_000, 167_000)
    assert (line["detail"]["base_fen"], line["detail"]["supplements_fen"]) == ("162000.0000", "5000.0000")
    assert line["facts"] == [f"{household}:1", standards]


def test_area_grants_of_its_rolls_count_per_person_or_household(
    views: Views, facts: Facts, standards: str
) -> None:
    household = facts.enrolled(members=3, effective="2026-01")
    area_grant(facts, 1_000, ["dibao"], "person")
    area_grant(facts, 20_000, ["dibao.urban", "marginal"], "household", area=AREA, head="heating")
    area_grant(facts, 99_000, ["dibao.rural"], "person", head="festival")
    area_grant(facts, 99_000, ["dibao"], "person", area="140404", head="electricity")
    assert amounts(views, household)[1:] == [
        ("heating", "money", 20_000, "fen"),
        ("price_subsidy", "money", 3_000, "fen"),
    ]
    assert len(amounts(views, household, "2026-08")) == 1


def test_a_recognised_household_has_a_list_without_a_basic_roll(views: Views, facts: Facts) -> None:
    household, persons = facts.person(), facts.persons(2)
    facts.record(
        household, "RecognitionRecorded", effective="2026-01", area=AREA, recognition="marginal",
        persons=[str(person) for person in persons], until="2026-12",
    )  # fmt: skip
    area_grant(facts, 1_000, ["dibao", "marginal"], "person")
    assert amounts(views, household) == [("price_subsidy", "money", 2_000, "fen")]


def test_help_first_temporary_and_funeral_aid_of_the_month_reach_household_and_persons(
    views: Views, facts: Facts, standards: str
) -> None:
    persons = facts.persons(2)
    household = facts.enrolled(members=covered_members(persons), effective="2026-01")
    common = {"area": AREA, "cause": "flood", "level": "town"}
    facts.record(
        named("goods"), "EmergencyAidGranted", decided_on="2026-07-02", form="kind", amount_fen=9_000,
        persons=[str(persons[1])], goods="quilts", **common,
    )  # fmt: skip
    facts.record(
        named("cash"), "EmergencyAidGranted", decided_on="2026-06-30", form="cash", amount_fen=50_000, **common
    )
    facts.record(
        named("cash"), "AidInstalmentGranted", decided_on="2026-07-04", form="cash", amount_fen=25_000,
        level="town",
    )  # fmt: skip
    facts.record(named("cash"), "PaperworkCompleted", decided_on="2026-08-04", household=str(household))
    facts.record(
        named("temporary"), "TemporaryAidGranted", decided_on="2026-07-31", area=AREA, type="expenditure",
        cause="illness", amount_fen=30_000, household=str(household), decided_by="county",
    )  # fmt: skip
    facts.record(
        named("funeral"), "FuneralAidGranted", decided_on="2026-07-09", area=AREA, amount_fen=80_000,
        person=str(persons[0]), died_on="2026-07-01",
    )  # fmt: skip
    facts.record(
        named("stranger"), "TemporaryAidGranted", decided_on="2026-07-31", area=AREA, type="expenditure",
        cause="illness", amount_fen=1, persons=[str(facts.person())], decided_by="county",
    )  # fmt: skip
    found = listed(views, household)
    assert sorted((l["policy"], l["form"], l["quantity"]) for l in found.lines[1:]) == [
        ("funeral_aid", "money", 80_000),
        ("help_first", "goods", 9_000),
        ("help_first", "money", 25_000),
        ("temporary_aid", "money", 30_000),
    ]
    assert found.money_fen == 2 * 74_000 + 80_000 + 25_000 + 30_000


def test_other_departments_give_money_goods_points_and_hours(views: Views, facts: Facts) -> None:
    household = facts.enrolled(effective="2027-01")
    report = {"household": str(household), "month": MONTH}
    facts.record(
        named("fees"), "DepartmentAidReported", department="education", policy="fees", quantity=60_000,
        unit="fen", **report,
    )  # fmt: skip
    facts.record(named("care"), "ServiceDelivered", kind="care", quantity=12, unit="hour", **report)
    facts.record(named("points"), "ServiceDelivered", kind="points", quantity=30, unit="point", **report)
    facts.record(named("rice"), "ServiceDelivered", kind="goods", quantity=2, unit="item", **report)
    found = listed(views, household)
    assert [(l["department"], l["policy"], l["form"], l["unit"]) for l in found.lines] == [
        ("civil_affairs", "care", "service", "hour"),
        ("civil_affairs", "goods", "goods", "item"),
        ("civil_affairs", "points", "points", "point"),
        ("education", "fees", "money", "fen"),
    ]
    assert found.money_fen == 60_000


def test_a_correction_replaces_its_line_from_its_position_on(views: Views, facts: Facts) -> None:
    household = facts.enrolled(effective="2027-01")
    report = {
        "household": str(household), "month": MONTH, "department": "housing", "policy": "rent", "unit": "fen"
    }  # fmt: skip
    wrong = facts.record(named("rent"), "DepartmentAidReported", quantity=1_000, **report)
    before = facts.position
    facts.record(named("rent"), "DepartmentAidReported", quantity=1_500, corrects=wrong, **report)
    assert listed(views, household).money_fen == 1_500
    assert listed(views, household, position=before).money_fen == 1_000


def test_over_http_the_list_is_served_or_refused(views: Views, facts: Facts, standards: str) -> None:
    household = facts.enrolled(effective="2026-01")
    asking = Asking(views, http.router)
    answer = asking.get(f"/v1/households/{household}/assistance-list", month=MONTH).json()
    assert (answer["money_fen"], answer["month"], len(answer["lines"])) == (74_000, MONTH, 1)
    assert asking.get(f"/v1/households/{uuid4()}/assistance-list").status_code == 404
    assert asking.get(f"/v1/households/{household}/assistance-list", month="July").status_code == 422


def test_an_unknown_household_and_an_impossible_month_are_refused(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    with pytest.raises(NotFound):
        listed(views, uuid4())
    with pytest.raises(BadParameter):
        listed(views, household, "2026-13")
