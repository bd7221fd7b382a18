"""Leads that no single case shows, and those about standards and settings."""

from __future__ import annotations

import pytest

from projections.errors import BadParameter
from projections.leads import leads as questions
from tests.postgres import on_every_server
from tests.views.conftest import Views
from tests.views.facts import AREA, Facts
from tests.views.raised import on_roll, raised, reasons

VILLAGE = "140403001001"


def test_five_households_of_a_village_with_one_amount_are_a_pattern(
    views: Views, facts: Facts
) -> None:
    facts.standard("14", "dibao", 74_000)
    for _ in range(5):
        on_roll(facts, members=2, income=40_000, area=VILLAGE)
        on_roll(facts, members=2, income=0, area=VILLAGE)
        on_roll(facts, members=2, income=40_000, area="140403001002" if _ else VILLAGE)
    [row] = raised(views, "identical_amounts")
    assert (row["area"], len(row["facts"]), row["household"]) == (VILLAGE, 6, None)
    assert row["reason"] == "6 households of 2 members, 2 covered, each with 1,080.00."
    assert len(raised(views, "identical_amounts", identical_households=4)) == 2


def test_decisions_far_above_the_average_of_a_county_are_bunched(
    views: Views, facts: Facts
) -> None:
    for day in range(1, 10):
        on_roll(facts, f"2026-07-{day:02d}")
    for town in ("140403001", "140403002"):
        for _ in range(30):
            household = on_roll(facts, "2026-07-20", area=town)
            facts.exited(household, "2026-10", "fraud", decided_on="2026-09-01")
    assert reasons(views, "enrolments_bunched") == [
        "60 enrolments decided on 2026-07-20; the average of 10 days with any is 6.9."
    ]
    [row] = raised(views, "enrolments_bunched", area=AREA)
    assert (row["area"], row["figures"]["enrolments"], len(row["facts"])) == (AREA, 30, 30)
    assert raised(views, "exits_bunched") == []
    [row] = raised(views, "exits_bunched", bunch_factor=0)
    assert (row["figures"]["exits"], row["area"]) == (60, "140403")
    assert raised(views, "exits_bunched", bunch_factor=0, bunch_least=61) == []


@on_every_server
def test_loudis_tekun_is_below_its_ratio_to_the_dibao_standards_in_force(
    views: Views, facts: Facts
) -> None:
    """9,360 = 1.3 x 600 x 12 against 602 a month; 6,284.20 = 1.3 x 4,834 against 5,074 a year."""
    facts.standard("4313", "dibao.urban", 60_200)
    facts.standard("4313", "dibao.rural", 507_400, period="year")
    facts.standard("4313", "tekun.urban", 936_000, mode="full", period="year")
    facts.standard("4313", "tekun.rural", 628_420, mode="full", period="year")
    assert reasons(views, "tekun_below_ratio") == [
        "tekun.urban: 9,360.00 a year; 1.3 x dibao's 602.00 a month is 9,391.20 a year.",
        "tekun.rural: 6,284.20 a year; 1.3 x dibao's 5,074.00 a year is 6,596.20 a year.",
    ]
    facts.policy("43", "tekun.ratio_bp", 12_000)
    assert raised(views, "tekun_below_ratio") == []


def test_tekun_at_its_ratio_is_no_lead_and_its_lowest_care_form_counts(
    views: Views, facts: Facts
) -> None:
    facts.standard("14", "dibao", 70_000)
    facts.standard("14", "tekun", 91_000, mode="full")
    assert raised(views, "tekun_below_ratio") == []
    forms = {"dispersed": 90_900, "institutional": 100_100}
    facts.standard("1404", "tekun", 91_000, mode="full", by_care_form=forms)
    rows = raised(views, "tekun_below_ratio")
    assert {(row["area"], row["figures"]["amount_fen"]) for row in rows} == {("1404", 90_900)}


def test_a_higher_dibao_of_a_smaller_area_leaves_the_wider_tekun_behind(
    views: Views, facts: Facts
) -> None:
    facts.standard("14", "dibao", 70_000)
    facts.standard("14", "tekun", 91_000, mode="full")
    facts.standard("140403", "dibao.urban", 80_000)
    assert [row["area"] for row in raised(views, "tekun_below_ratio")] == ["140403"]
    assert raised(views, "tekun_below_ratio", area="1405") == []


def test_a_standard_is_compared_with_the_nearest_guideline(views: Views, facts: Facts) -> None:
    facts.standard("14", "dibao", 75_000, kind="guideline")
    facts.standard("1404", "dibao", 800_000, kind="guideline", period="year")
    facts.standard("140403", "dibao.urban", 66_000)
    facts.standard("140404", "dibao.urban", 67_000)
    facts.standard("1405", "dibao.rural", 74_000)
    assert reasons(views, "standard_below_guideline") == [
        "dibao.urban: 660.00 a month, guideline 8,000.00 a year.",
        "dibao.rural: 740.00 a month, guideline 750.00 a month.",
    ]


def test_settings_without_value_and_default_are_named_for_areas_with_standards(
    views: Views, facts: Facts
) -> None:
    facts.standard("14", "dibao", 74_000)
    facts.standard("140403", "dibao.urban", 75_000)
    facts.policy("140403", "supplement.minor", {"fen": 5_000})
    facts.policy("33", "supplement.minor", {"fen": 5_000})
    projections = views.projections()
    rows = questions.unset_settings(projections, "2026-09", projections.as_of())
    unset = {(row["area"], row["setting"]) for row in rows}
    assert ("14", "supplement.minor") in unset
    assert ("140403", "supplement.minor") not in unset
    assert ("140403", "help_first.ceiling_fen.town") in unset
    assert not {pair for pair in unset if pair[0] == "33" or pair[1] == "review.months"}
    only = questions.unset_settings(projections, "2026-09", projections.as_of(), "140403")
    assert {row["area"] for row in only} == {"140403"}
    with pytest.raises(BadParameter):
        questions.unset_settings(projections, "09/2026", projections.as_of())
