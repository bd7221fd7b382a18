"""Previews of standards, settings and codes: what they would change on a roll is what they then change."""

from __future__ import annotations

from projections.payment_lists import computing
from projections.previews import previews
from projections.previews.previews import wanted
from tests.views.conftest import Views
from tests.views.facts import Facts, member, named
from tests.views.lists import Lists
from tests.views.previewing import (
    CITY,
    STANDARD,
    TOWN_A,
    TOWN_B,
    facts,
    lists,
    of_area,
    one,
    record,
)

__all__ = ["facts", "lists"]


def test_a_standard_is_held_against_the_roll_and_comes_out_as_it_then_does(
    lists: Lists, facts: Facts
) -> None:
    one(facts, members=3, income=60_000)
    one(facts, area="140405001", income=90_000)
    one(facts, effective="2026-08")
    standard = of_area(facts, "StandardAdopted", **STANDARD)
    found = previews.preview(lists.views.projections(), [standard])
    roll = found["roll"]
    assert (roll["month"], roll["area"], roll["level"]) == ("2026-07", CITY, "county")
    assert roll["before"] == figures(lists.views)
    record(facts, standard)
    assert roll["after"] == figures(lists.views)
    assert roll["after"] == {"households": 2, "persons": 4, "entitled_fen": 184_500}
    assert [(row["area"], row["before"], row["after"]) for row in roll["areas"]] == [
        ("140403", {"households": 1, "persons": 3, "entitled_fen": 174_000},
         {"households": 1, "persons": 3, "entitled_fen": 184_500}),
        ("140405", *[{"households": 1, "persons": 1, "entitled_fen": 0}] * 2),
    ]  # fmt: skip
    assert (found["households"], found["households_touched"]) == ([], 0)


def figures(views: Views, month: str = "2026-07") -> dict[str, int]:
    (row,) = views.totals(month, month)
    return {name: row[name] for name in ("households", "persons", "entitled_fen")}


def test_the_change_is_spread_over_bands_that_add_up(lists: Lists, facts: Facts) -> None:
    for income in (0, 78_000, 79_000, 90_000):
        one(facts, income=income)
    one(facts, members=10, income=0)
    one(facts, programme="dibao.rural")
    standard = of_area(facts, "StandardAdopted", **STANDARD)
    roll = previews.preview(lists.views.projections(), [standard])["roll"]
    spread = {(b["from_fen"], b["to_fen"]): b["households"] for b in roll["bands"]}
    assert spread[0, 1] == 2  # one beyond the new standard, one without any
    assert spread[1_000, 5_000] == 3
    assert spread[20_000, 50_000] == 1
    assert sum(spread.values()) == roll["after"]["households"] == 6
    assert sum(band["change_fen"] for band in roll["bands"]) == roll["change_fen"]
    assert (roll["gain"], roll["lose"], roll["same"]) == (4, 0, 2)
    assert (roll["from_zero"], roll["to_zero"]) == (2, 0)


def test_a_standard_that_ends_leaves_nothing_and_is_counted(lists: Lists, facts: Facts) -> None:
    one(facts)
    ended = of_area(facts, "StandardEnded", effective="2026-07", programme="dibao.urban")
    roll = previews.preview(lists.views.projections(), [ended])["roll"]
    assert (roll["lose"], roll["to_zero"], roll["change_fen"]) == (1, 1, -78_000)
    assert roll["bands"][0] == {
        "from_fen": None, "to_fen": -50_000, "households": 1, "change_fen": -78_000,
    }  # fmt: skip


def test_a_correction_of_a_standard_takes_its_place(lists: Lists, facts: Facts) -> None:
    one(facts)
    first = facts.last(named(f"area {CITY}"))
    wrong = facts.standard(CITY, "dibao.urban", 18_500, effective="2026-07")
    rank = int(wrong.partition(":")[2])
    corrected = of_area(facts, "StandardAdopted", **STANDARD, corrects=wrong, rank=rank)
    roll = previews.preview(lists.views.projections(), [corrected])["roll"]
    assert (roll["before"]["entitled_fen"], roll["after"]["entitled_fen"]) == (18_500, 81_500)
    assert first != wrong


def test_a_month_and_a_level_may_be_asked_for(lists: Lists, facts: Facts) -> None:
    one(facts, area=TOWN_A)
    one(facts, area=TOWN_B, effective="2026-09")
    standard = of_area(facts, "StandardAdopted", **STANDARD)
    asked = wanted(month="2026-09", level="town")
    roll = previews.preview(lists.views.projections(), [standard], asked)["roll"]
    assert (roll["month"], roll["level"], roll["after"]["entitled_fen"]) == (
        "2026-09", "town", 163_000,
    )  # fmt: skip
    assert [row["area"] for row in roll["areas"]] == [TOWN_A, TOWN_B]


def test_a_setting_is_held_against_the_roll(lists: Lists, facts: Facts) -> None:
    one(facts, members=[member(facts.person(), "head", supplements=["elderly"])])
    adopted = of_area(
        facts, "PolicyAdopted", effective="2026-07", setting="supplement.elderly", value={"bp": 1_000}
    )  # fmt: skip
    roll = previews.preview(lists.views.projections(), [adopted])["roll"]
    assert (roll["before"]["entitled_fen"], roll["after"]["entitled_fen"]) == (78_000, 85_800)


def test_a_setting_of_lists_is_held_against_the_list(lists: Lists, facts: Facts) -> None:
    one(facts)
    adopted = of_area(
        facts, "PolicyAdopted", effective="2026-01", setting="lists.first_month", value="2026-08"
    )
    asked = wanted(month="2026-08")
    found = previews.preview(lists.views.projections(), [adopted], asked)
    assert found["roll"]["change_fen"] == 0
    assert found["list"] == {
        "area": CITY, "month": "2026-08", "before": {"lines": 1, "total_fen": 156_000},
        "after": {"lines": 1, "total_fen": 78_000},
    }  # fmt: skip


def test_a_code_that_gives_way_moves_figures_from_area_to_area(lists: Lists, facts: Facts) -> None:
    one(facts)
    replaced = of_area(facts, "AreaReplaced", TOWN_A, effective="2026-07", successor=TOWN_B)
    asked = wanted(level="town")
    roll = previews.preview(lists.views.projections(), [replaced], asked)["roll"]
    assert roll["area"] is None
    nothing = {"households": 0, "persons": 0, "entitled_fen": 0}
    something = {"households": 1, "persons": 1, "entitled_fen": 78_000}
    assert [(row["area"], row["before"], row["after"]) for row in roll["areas"]] == [
        (TOWN_A, something, nothing), (TOWN_B, nothing, something),
    ]  # fmt: skip


def test_an_area_grant_tells_what_it_costs(lists: Lists, facts: Facts) -> None:
    one(facts, members=2)
    one(facts, area="140405001")
    adopted = of_area(
        facts, "AreaGrantAdopted", effective="2026-07", head="heating", rolls=["dibao"],
        per="person", amount_fen=5_000,
    )  # fmt: skip
    found = previews.preview(lists.views.projections(), [adopted])
    (grant,) = found["area_grants"]
    assert found["roll"] is None
    assert (grant["households"], grant["persons"], grant["total_fen"]) == (2, 3, 15_000)
    assert grant["areas"] == [
        {"area": "140403", "households": 1, "persons": 2, "total_fen": 10_000},
        {"area": "140405", "households": 1, "persons": 1, "total_fen": 5_000},
    ]
    record(facts, adopted)
    projections = lists.views.projections()
    asked = computing.of_area_grant(projections, None, adopted["id"], projections.as_of())
    assert computing.summarise(projections, asked, projections.as_of()).total_fen == 15_000


def test_a_roll_without_anybody_has_zeros(lists: Lists, facts: Facts) -> None:
    standard = of_area(facts, "StandardAdopted", **STANDARD)
    roll = previews.preview(lists.views.projections(), [standard])["roll"]
    assert roll["before"] == roll["after"] == {"households": 0, "persons": 0, "entitled_fen": 0}
    assert (roll["areas"], roll["change_fen"]) == ([], 0)
