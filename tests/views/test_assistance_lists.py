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
    return questions.assistance_list(
        projections, household, month, projections.as_of(position=position)
    )


def amounts(views: Views, household: UUID, month: str = MONTH) -> list[tuple[str, str, int, str]]:
    """Policy, form, quantity and unit, line by line."""
    lines = listed(views, household, month).lines
    return [(line["policy"], line["form"], line["quantity"], line["unit"]) for line in lines]


def area_grant(
    facts: Facts, amount: int, rolls: list[str], per: str, area: str = "14", **more: Any
) -> str:
    """An amount for everyone on the rolls in the month."""
    said = {"head": "price_subsidy"} | more
    return facts.of_area(
        "AreaGrantAdopted", area, MONTH, rolls=rolls, per=per, amount_fen=amount, **said
    )


@pytest.fixture
def standards(facts: Facts) -> str:
    return facts.standard("14", "dibao", 74_000)


@on_every_server
def test_the_monthly_amount_stands_first_with_its_base_and_supplements(
    views: Views, facts: Facts, standards: str
) -> None:
    facts.policy("14", "supplement.minor", {"fen": 5_000})
    persons = facts.persons(3)
    members = [
        member(persons[0], "head"),
        member(persons[1]),
        member(persons[2], supplements=["minor"]),
    ]
    household = facts.enrolled(members=members, income=60_000, effective="2026-01")
    found = listed(views, household)
    [line] = found.lines
    assert (line["policy"], line["quantity"], found.money_fen) == ("dibao.urban", 167_000, 167_000)
    assert (line["detail"]["base_fen"], line["detail"]["supplements_fen"]) == (
        "162000.0000",
        "5000.0000",
    )
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
        household,
        "RecognitionRecorded",
        effective="2026-01",
        area=AREA,
        recognition="marginal",
        persons=[str(person) for person in persons],
        until="2026-12",
    )
    area_grant(facts, 1_000, ["dibao", "marginal"], "person")
    assert amounts(views, household) == [("price_subsidy", "money", 2_000, "fen")]


def granted(facts: Facts, name: str, fact: str, on: str, amount: int, **more: Any) -> None:
    """A grant, or an instalment on it, of a day."""
    said = {"area": AREA, "cause": "illness", "level": "town"} | more
    facts.record(named(name), fact, decided_on=on, amount_fen=amount, **said)


def test_help_first_aid_of_the_month_reaches_household_and_persons(
    views: Views, facts: Facts, standards: str
) -> None:
    persons = facts.persons(2)
    household = facts.enrolled(members=covered_members(persons), effective="2026-01")
    to_child = {"form": "kind", "goods": "quilts", "persons": [str(persons[1])]}
    granted(facts, "goods", "EmergencyAidGranted", "2026-07-02", 9_000, **to_child)
    granted(facts, "cash", "EmergencyAidGranted", "2026-06-30", 50_000, form="cash")
    granted(facts, "cash", "AidInstalmentGranted", "2026-07-04", 25_000, form="cash")
    facts.record(
        named("cash"), "PaperworkCompleted", decided_on="2026-08-04", household=str(household)
    )
    found = listed(views, household)
    assert sorted((line["policy"], line["form"], line["quantity"]) for line in found.lines[1:]) == [
        ("help_first", "goods", 9_000),
        ("help_first", "money", 25_000),
    ]
    assert found.money_fen == 2 * 74_000 + 25_000


def test_temporary_and_funeral_aid_of_the_month_are_listed_but_no_strangers(
    views: Views, facts: Facts, standards: str
) -> None:
    [person] = facts.persons(1)
    household = facts.enrolled(members=covered_members([person]), effective="2026-01")
    aid = "TemporaryAidGranted"
    granted(facts, "of July", aid, "2026-07-31", 30_000, household=str(household))
    granted(facts, "of August", aid, "2026-08-01", 1, household=str(household))
    granted(facts, "a stranger's", aid, "2026-07-31", 1, persons=[str(facts.person())])
    funeral = {"person": str(person), "died_on": "2026-07-01"}
    granted(facts, "funeral", "FuneralAidGranted", "2026-07-09", 80_000, **funeral)
    found = listed(views, household)
    assert [(line["policy"], line["quantity"]) for line in found.lines[1:]] == [
        ("funeral_aid", 80_000),
        ("temporary_aid", 30_000),
    ]
    assert found.money_fen == 74_000 + 80_000 + 30_000


def test_other_departments_give_money_goods_points_and_hours(views: Views, facts: Facts) -> None:
    household = facts.enrolled(effective="2027-01")
    report: dict[str, Any] = {"household": str(household), "month": MONTH}
    facts.record(
        named("fees"),
        "DepartmentAidReported",
        department="education",
        policy="fees",
        quantity=60_000,
        unit="fen",
        **report,
    )
    facts.record(named("care"), "ServiceDelivered", kind="care", quantity=12, unit="hour", **report)
    facts.record(
        named("points"), "ServiceDelivered", kind="points", quantity=30, unit="point", **report
    )
    facts.record(named("rice"), "ServiceDelivered", kind="goods", quantity=2, unit="item", **report)
    found = listed(views, household)
    assert [
        (line["department"], line["policy"], line["form"], line["unit"]) for line in found.lines
    ] == [
        ("civil_affairs", "care", "service", "hour"),
        ("civil_affairs", "goods", "goods", "item"),
        ("civil_affairs", "points", "points", "point"),
        ("education", "fees", "money", "fen"),
    ]
    assert found.money_fen == 60_000


def test_a_correction_replaces_its_line_from_its_position_on(views: Views, facts: Facts) -> None:
    household = facts.enrolled(effective="2027-01")
    report: dict[str, Any] = {
        "household": str(household),
        "month": MONTH,
        "department": "housing",
        "policy": "rent",
        "unit": "fen",
    }
    wrong = facts.record(named("rent"), "DepartmentAidReported", quantity=1_000, **report)
    before = facts.position
    facts.record(named("rent"), "DepartmentAidReported", quantity=1_500, corrects=wrong, **report)
    assert listed(views, household).money_fen == 1_500
    assert listed(views, household, position=before).money_fen == 1_000


def test_over_http_the_list_is_served_or_refused(
    views: Views, facts: Facts, standards: str
) -> None:
    household = facts.enrolled(effective="2026-01")
    asking = Asking(views, http.router)
    answer = asking.get(f"/v1/households/{household}/assistance-list", month=MONTH).json()
    assert (answer["money_fen"], answer["month"], len(answer["lines"])) == (74_000, MONTH, 1)
    assert asking.get(f"/v1/households/{uuid4()}/assistance-list").status_code == 404
    assert (
        asking.get(f"/v1/households/{household}/assistance-list", month="July").status_code == 422
    )


def test_an_unknown_household_and_an_impossible_month_are_refused(
    views: Views, facts: Facts
) -> None:
    household = facts.enrolled()
    with pytest.raises(NotFound):
        listed(views, uuid4())
    with pytest.raises(BadParameter):
        listed(views, household, "2026-13")
