"""Explanations over HTTP: as JSON, as lines to read out; a wrong story is never told."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from projections.database import Row
from projections.explanations import http
from projections.explanations.assertions import load
from projections.explanations.explanations import (
    Explanation,
    ExplanationDiffers,
    explain,
    explain_months,
)
from projections.explanations.places import Places
from projections.projections import month_text
from tests.views.asking import Asking
from tests.views.conftest import Views
from tests.views.facts import AREA, Facts

PATH = "/v1/households/{}/explanation"


def test_an_explanation_over_http_is_the_steps_and_the_sentences(
    views: Views, facts: Facts
) -> None:
    facts.standard(AREA[:6], "dibao.urban", 60_200)
    household = facts.enrolled(members=2, income=35_000)
    answer = Asking(views, http.router).get(PATH.format(household), month="2023-02")
    said = answer.json()
    assert answer.headers["Ledger-Position"] == str(facts.position)
    head = (said["household"], said["month"], said["position"], said["entitled_fen"])
    assert head == (str(household), "2023-02", facts.position, 85_400)
    assert said["text"] == [step["text"] for step in said["steps"]]
    assert sum(step.get("adds", 0) for step in said["steps"]) == 85_400
    assert [step["fen"] for step in said["steps"] if "fen" in step] == [85_400, 85_400]


def test_an_explanation_as_text_has_the_facts_below_each_sentence(
    views: Views, facts: Facts
) -> None:
    household = facts.enrolled(effective="2023-02")
    asking = Asking(views, http.router)
    answer = asking.get(PATH.format(household), {"Accept": "text/plain"}, month="2023-01")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Ledger-Position"] == "1"
    assert answer.text.splitlines() == [
        f"Household {household}, January 2023, as known at position 1",
        "1. In January 2023 the household is on no roll: it is enrolled from February 2023 on only,"
        " so nothing is due.",
        f"   [{household}:1]",
        "2. For January 2023 the household is entitled to 0.00 yuan.",
    ]


def test_without_a_month_this_one_is_explained(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    said = Asking(views, http.router).get(PATH.format(household)).json()
    assert said["month"] == month_text(views.projections().today())


def test_a_month_that_is_none_and_a_household_that_is_not_there_are_refused(
    views: Views, facts: Facts
) -> None:
    household = facts.enrolled()
    asking = Asking(views, http.router)
    path = PATH.format(household)
    assert asking.get(path, month="2023-13").status_code == 422
    assert asking.get(path, month="2023-01", position=0).status_code == 404
    assert asking.get(PATH.format(facts.person()), month="2023-01").status_code == 404
    assert asking.get(path, month="2023-01", position=99).status_code == 503


def test_several_months_are_explained_in_the_order_asked(views: Views, facts: Facts) -> None:
    facts.standard(AREA[:6], "dibao.urban", 60_200)
    household = facts.enrolled(effective="2023-02")
    asked = views.projections()
    months = ["2023-05", "2023-01"]
    explained = explain_months(asked, household, months, asked.as_of())
    assert [(one.month, one.entitled_fen) for one in explained] == [
        ("2023-05", 60_200),
        ("2023-01", 0),
    ]
    assert explain_months(asked, household, [], asked.as_of()) == []


@pytest.mark.parametrize("wrong", [{"entitled_fen": 1}, {"covered": 0}, {"area": "14"}], ids=str)
def test_when_the_facts_lead_to_another_line_there_is_an_error_and_no_story(
    views: Views, facts: Facts, wrong: Row
) -> None:
    facts.standard(AREA[:6], "dibao.urban", 60_200)
    household = facts.enrolled()
    [line] = views.lines(household, "2023-01")
    assert explained_by(views, household, line).entitled_fen == 60_200
    with pytest.raises(ExplanationDiffers, match=next(iter(wrong))):
        explained_by(views, household, {**line, **wrong})
    with pytest.raises(ExplanationDiffers):
        explained_by(views, household, None)


def test_a_line_of_a_household_that_is_on_no_roll_is_an_error(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    [line] = views.lines(household, "2023-01")
    facts.exited(household, "2023-01")
    with pytest.raises(ExplanationDiffers, match="standing"):
        explained_by(views, household, line)


def explained_by(views: Views, household: UUID, line: Row | None) -> Explanation:
    """The explanation of January 2023, had that line been computed for it."""
    asked = views.projections()
    as_of = asked.as_of()
    known, places = load(asked, household, as_of), Places(asked, as_of)
    return explain(known, places, date(2023, 1, 1), as_of, line)
