"""Why a line of grants, or one that is issued again, is what it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from projections.payment_lists import computing
from tests.views.conftest import Views
from tests.views.explaining_lines import CITY, TOWN_A, TOWN_B, city, one, parts, told, why
from tests.views.facts import Facts, covered_members, named
from tests.views.lists import Lists


@pytest.fixture
def lists(views: Views) -> Lists:
    """A city that lists."""
    return city(views)


@pytest.fixture
def facts(lists: Lists) -> Facts:
    """Where a test records its facts."""
    return lists.views.facts


def test_a_line_issued_again_is_told_by_how_it_failed_and_by_what_it_repeats(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts, "2026-06")
    july = lists.freeze(CITY, "2026-07")
    [line] = lists.lines(july)
    report = lists.report(july, (line["reference_id"], "rjct"))
    projections = lists.views.projections()
    first = lists.freeze(computing.of_failed_lines(projections, july, projections.as_of()))
    facts.reassessed(household, "2026-06", 10_000)
    explained = why(lists, first, household)
    assert parts(explained) == {"2026-06": 78_000, "2026-07": 78_000}
    assert explained.text[1] == (
        f"It repeats line {line['reference_id']} of list {july}, which was rejected (reason:"
        " rjct.payee_fa.invalid); nothing new is ordered, 1,560.00 yuan as before."
    )
    assert report in explained.facts
    [again] = lists.lines(first)
    lists.report(first, (again["reference_id"], "rjct"))
    projections = lists.views.projections()
    second = lists.freeze(computing.of_failed_lines(projections, first, projections.as_of()))
    assert [step.step for step in why(lists, second, household).steps][:4] == [
        "list", "failed", "list", "failed"
    ]  # fmt: skip


def granted(facts: Facts, name: str, on: str, amount: int, **more: Any) -> UUID:
    """A help-first grant."""
    said = {"area": TOWN_A, "cause": "flood", "form": "cash", "level": "town"} | more
    facts.record(named(name), "EmergencyAidGranted", decided_on=on, amount_fen=amount, **said)
    return named(name)


def test_help_first_is_told_by_its_grants_each_paid_once(lists: Lists, facts: Facts) -> None:
    grant = granted(facts, "flood", "2026-07-03", 100_000)
    given = facts.last(grant)
    july = lists.freeze(computing.of_grants("help_first", CITY, "2026-07"))
    instalment = facts.record(
        grant, "AidInstalmentGranted", decided_on="2026-07-20", form="cash", amount_fen=40_000
    )
    kind = facts.record(
        grant, "AidInstalmentGranted", decided_on="2026-08-02", form="kind", amount_fen=9_000
    )
    later = facts.record(
        grant, "AidInstalmentGranted", decided_on="2026-08-20", form="cash", amount_fen=30_000
    )
    assert told(why(lists, july, grant), "2026-07") == [
        "Help first of 1,000.00 yuan in cash was granted on 2026-07-03 (cause: flood).",
        "The line pays 1,000.00 yuan of what was granted in July 2026.",
    ]
    august = lists.freeze(computing.of_grants("help_first", CITY, "2026-08"))
    explained = why(lists, august, grant)
    assert parts(explained) == {"2026-07": 40_000, "2026-08": 30_000}
    assert {given, instalment, later} <= set(explained.facts)
    assert kind not in explained.facts
    assert told(explained, "2026-07")[2] == "Ordered on the list for July 2026: 1,000.00 yuan."


def test_temporary_and_funeral_aid_are_told_by_their_heads(lists: Lists, facts: Facts) -> None:
    said: dict[str, Any] = {"area": TOWN_A, "decided_by": "county", "decided_on": "2026-07-05"}
    aid, funeral, person = named("aid"), named("funeral"), str(facts.person())
    facts.record(
        aid, "TemporaryAidGranted", cause="illness", amount_fen=50_000, persons=[person], **said
    )
    facts.record(
        funeral, "FuneralAidGranted", person=person, died_on="2026-07-01", amount_fen=60_000, **said
    )
    july = lists.freeze(computing.of_grants("temporary_aid", CITY, "2026-07"))
    assert [why(lists, july, grant).line.head for grant in (aid, funeral)] == [
        "temporary_aid", "funeral_aid"
    ]  # fmt: skip


def test_an_area_grant_a_person_is_told_with_who_counts_where(lists: Lists, facts: Facts) -> None:
    both, alone, third = facts.persons(3)
    first, second = sorted(named(name) for name in ("one household", "other household"))
    for household, persons in ((first, [both]), (second, [both, alone])):
        facts.enrolled(
            household, effective="2026-07", area=TOWN_A, members=covered_members(persons)
        )
    marginal = facts.person()
    recognised = facts.record(
        marginal, "RecognitionRecorded", effective="2026-01", area=TOWN_B, recognition="marginal",
        persons=[str(alone), str(third)],
    )  # fmt: skip
    grant = facts.of_area(
        "AreaGrantAdopted", CITY, "2026-07", head="heating", rolls=["dibao", "marginal"],
        per="person", amount_fen=5_000,
    )  # fmt: skip
    projections = lists.views.projections()
    july = lists.freeze(computing.of_area_grant(projections, None, grant, projections.as_of()))
    assert lists.amounts(july) == {first: 5_000, second: 5_000, marginal: 5_000}
    explained = why(lists, july, second)
    assert told(explained, "2026-07") == [
        f"1 person x 50.00 yuan = 50.00 yuan. 1 person of it counted with household {first}.",
        "The line pays 50.00 yuan.",
    ]
    assert {grant, f"{first}:1", f"{second}:1"} <= set(explained.facts)
    assert recognised in why(lists, july, marginal).facts
    why(lists, july, first)


def test_an_area_grant_a_household_is_told_less_what_was_listed(lists: Lists, facts: Facts) -> None:
    household = one(facts)
    grant = facts.of_area(
        "AreaGrantAdopted", CITY, "2026-07", head="festival", rolls=["dibao.urban"],
        per="household", amount_fen=20_000,
    )  # fmt: skip
    projections = lists.views.projections()
    asked = computing.of_area_grant(projections, None, grant, projections.as_of())
    july = lists.freeze(asked)
    raised = facts.of_area(
        "AreaGrantAdopted", CITY, "2026-07", head="festival", rolls=["dibao.urban"],
        per="household", amount_fen=25_000, corrects=grant,
    )  # fmt: skip
    assert told(why(lists, july, household), "2026-07")[0] == (
        "The household is granted 200.00 yuan, once."
    )
    explained = why(lists, lists.freeze(asked), household)
    assert parts(explained) == {"2026-07": 5_000}
    assert raised in explained.facts
    assert told(explained, "2026-07")[1] == "Ordered on the list for July 2026: 200.00 yuan."
