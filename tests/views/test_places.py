"""Which standards and policies hold where a household stands, and where it is counted."""

from __future__ import annotations

from tests.views.conftest import Views
from tests.views.facts import AREA, Facts, member

COUNTY = AREA[:6]


def test_a_guideline_never_counts_as_a_standard(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    facts.standard(AREA, "dibao.urban", 99_000, kind="guideline")
    assert views.entitled(facts.enrolled(), "2023-01") == [60_000]


def test_the_nearest_area_comes_before_the_specific_programme(views: Views, facts: Facts) -> None:
    facts.standard("14", "dibao.urban", 40_000)
    facts.standard(COUNTY, "dibao", 50_000)
    household = facts.enrolled()
    [line] = views.lines(household, "2023-01")
    assert (line["entitled_fen"], line["standard_area"]) == (50_000, COUNTY)


def test_within_one_area_the_specific_programme_comes_first(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao", 50_000, effective="2022-01")
    facts.standard(COUNTY, "dibao.urban", 55_000, effective="2020-01")
    assert views.entitled(facts.enrolled(), "2023-01") == [55_000]
    assert views.entitled(facts.enrolled(programme="dibao.rural"), "2023-01") == [50_000]


def test_of_several_standards_the_latest_effective_then_the_later_recorded_wins(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 62_000, effective="2023-02")
    facts.standard(COUNTY, "dibao.urban", 61_000, effective="2023-01")
    facts.standard(COUNTY, "dibao.urban", 63_000, effective="2023-02")
    household = facts.enrolled()
    assert views.entitled(household, "2023-01", "2023-02") == [61_000, 63_000]


def test_an_ended_standard_uncovers_the_wider_areas(views: Views, facts: Facts) -> None:
    facts.standard("1404", "dibao.urban", 50_000)
    facts.standard(COUNTY, "dibao.urban", 60_000)
    facts.of_area("StandardEnded", COUNTY, "2023-02", programme="dibao.urban")
    household = facts.enrolled()
    assert views.entitled(household, "2023-01", "2023-02") == [60_000, 50_000]


def test_a_corrected_standard_changes_what_was_due_from_its_position_on(
    views: Views, facts: Facts
) -> None:
    first = facts.standard(COUNTY, "dibao.urban", 60_000)
    household = facts.enrolled()
    before = facts.position
    facts.standard(COUNTY, "dibao.urban", 65_000, corrects=first)
    assert views.entitled(household, "2023-01") == [65_000]
    assert views.entitled(household, "2023-01", position=before) == [60_000]


def test_policies_inherit_setting_by_setting(views: Views, facts: Facts) -> None:
    facts.standard("14", "dibao.urban", 60_005)
    facts.policy("14", "supplement.elderly", {"fen": 5_000})
    facts.policy(COUNTY, "rounding", "ceil_yuan")
    facts.of_area("PolicyEnded", COUNTY, "2023-02", setting="rounding")
    [person] = facts.persons(1)
    household = facts.enrolled(members=[member(person, "head", supplements=["elderly"])])
    assert views.entitled(household, "2023-01", "2023-02") == [65_100, 65_005]


def test_a_household_is_counted_in_the_code_that_took_over_from_its_own(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    facts.standard("140499", "dibao.urban", 70_000)
    household = facts.enrolled()
    facts.of_area("AreaReplaced", COUNTY, "2023-02", successor="140499")
    lines = views.lines(household, "2023-01", "2023-02")
    assert [(line["area"], line["stood_in"], line["entitled_fen"]) for line in lines] == [
        (AREA, AREA, 60_000),
        ("140499001", AREA, 70_000),
    ]
    assert [t["households"] for t in views.totals("2023-02", "2023-02", area="140499")] == [1]
    assert [t["households"] for t in views.totals("2023-02", "2023-02", area=COUNTY)] == [0]


def test_codes_give_way_one_after_another_and_may_come_back(views: Views, facts: Facts) -> None:
    household = facts.enrolled(area="140403001")
    facts.of_area("AreaReplaced", "140403001", "2023-02", successor="140403002")
    facts.of_area("AreaReplaced", "140403002", "2023-03", successor="140403003001")
    facts.of_area("AreaReplaced", "140403003001", "2023-04", successor="140403001")
    assert [line["area"] for line in views.lines(household, "2023-01", "2023-05")] == [
        "140403001", "140403002", "140403003001", "140403001", "140403001",
    ]  # fmt: skip


def test_two_codes_that_swap_in_one_month_swap(views: Views, facts: Facts) -> None:
    one, other = facts.enrolled(area="140403001"), facts.enrolled(area="140403002")
    facts.of_area("AreaReplaced", "140403001", "2023-02", successor="140403002")
    facts.of_area("AreaReplaced", "140403002", "2023-02", successor="140403001")
    assert [line["area"] for line in views.lines(one, "2023-01", "2023-02")] == [
        "140403001", "140403002",
    ]  # fmt: skip
    assert [line["area"] for line in views.lines(other, "2023-01", "2023-02")] == [
        "140403002", "140403001",
    ]  # fmt: skip
