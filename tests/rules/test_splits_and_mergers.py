"""Households split and merge; the other household follows."""

from __future__ import annotations

from typing import Any

from ledger.households.facts import HouseholdEnrolled, HouseholdExited
from tests.rules.given import (
    ANN,
    BOB,
    CARL,
    DECISION,
    DORA,
    EXIT,
    HOME,
    MONTH,
    OTHER,
    TOWN,
    Office,
    household_of,
    member,
)

OLD: dict[str, Any] = {"decided_on": "2026-04-20"}
"""Decided before the law, so that no hearing is in the way of what a test is about."""


def left(**more: Any) -> dict[str, Any]:
    """An exit decided before the law."""
    return EXIT | OLD | more


def test_splits_into_a_household_that_is_enrolled_at_once() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB, CARL])
    split = {
        "effective": MONTH, "new_household": OTHER, "income_fen": 10_000, "new_income_fen": 25_000,
        "members": household_of(BOB, CARL), **DECISION,
    }  # fmt: skip
    office.given("SplitHousehold", HOME, **split)
    assert office.covered(HOME, "2026-08") == {ANN, BOB, CARL}
    assert office.covered(HOME, MONTH) == {ANN}
    assert office.covered(OTHER, MONTH) == {BOB, CARL}
    new = office.state(OTHER, MONTH)
    assert (new.income_fen, new.head, new.area, new.programme, new.spell) == (
        25_000, BOB, TOWN, "dibao.urban", 1,
    )  # fmt: skip
    [enrolled] = office.recorded()[OTHER]
    assert isinstance(enrolled, HouseholdEnrolled)
    assert enrolled.came_from == HOME


def test_a_split_leaves_somebody_and_goes_to_a_new_stream() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    office.enrolled(OTHER, [CARL])
    split = {"effective": MONTH, "income_fen": 0, "new_income_fen": 0, **DECISION}
    to_third = {"new_household": DORA, **split}
    office.refuses(
        "split_is_new", "SplitHousehold", HOME, month=MONTH, **split, new_household=OTHER,
        members=household_of(BOB),
    )  # fmt: skip
    office.refuses(
        "split_is_new", "SplitHousehold", HOME, month=MONTH, **split, new_household=HOME,
        members=household_of(BOB),
    )  # fmt: skip
    for members in (household_of(ANN, BOB), household_of(CARL)):
        office.refuses(
            "member_there", "SplitHousehold", HOME, month=MONTH, **to_third, members=members
        )
    office.refuses("one_head", "SplitHousehold", HOME, **to_third, members=[member(BOB)])


def test_a_split_in_a_tiered_area_names_the_new_households_tier() -> None:
    office = Office()
    office.adopt("dibao", "tiered", 59_000, area=TOWN, tiers={"A": 59_000, "B": 43_000})
    office.enrolled(HOME, [ANN, BOB], tier="A")
    split = {
        "effective": MONTH, "new_household": OTHER, "income_fen": 0, "new_income_fen": 0,
        "members": household_of(BOB), **DECISION,
    }  # fmt: skip
    office.refuses("tier_of_standard", "SplitHousehold", HOME, month=MONTH, **split)
    office.accepts("SplitHousehold", HOME, **split, new_tier="B")


def test_merges_and_the_absorbed_household_exits() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.enrolled(OTHER, [BOB, CARL])
    merged = {
        "effective": MONTH, "absorbed": OTHER, "income_fen": 60_000,
        "members": [member(BOB, "spouse"), member(CARL, "child")], **DECISION,
    }  # fmt: skip
    office.given("MergeHouseholds", HOME, **merged)
    assert office.covered(HOME, MONTH) == {ANN, BOB, CARL}
    assert office.covered(OTHER, MONTH) == set()
    assert office.covered(OTHER, "2026-08") == {BOB, CARL}
    exited = office.recorded()[OTHER][-1]
    assert isinstance(exited, HouseholdExited)
    assert (exited.reason, exited.went_to) == ("merged", HOME)


def test_merges_only_households_that_are_both_on_the_roll() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    merged = {"effective": MONTH, "income_fen": 0, **DECISION}
    office.misses("MergeHouseholds", HOME, **merged, absorbed=OTHER, members=[member(BOB)])
    office.refuses(
        "merge_on_roll", "MergeHouseholds", HOME, month=MONTH, **merged, absorbed=HOME,
        members=[member(BOB)],
    )  # fmt: skip
    office.enrolled(OTHER, [BOB])
    office.given("ExitHousehold", OTHER, **left(effective="2026-06"))
    office.refuses(
        "merge_on_roll", "MergeHouseholds", HOME, month=MONTH, **merged, absorbed=OTHER,
        members=[member(BOB)],
    )  # fmt: skip


def test_a_merger_lists_living_members_of_the_absorbed_household_once_and_no_head() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.enrolled(OTHER, [BOB, CARL])
    office.given("RecordDeath", OTHER, person=CARL, died_on="2026-06-30")
    merged = {"effective": MONTH, "income_fen": 0, "absorbed": OTHER, **DECISION}
    for rule, month, members in (
        ("member_there", MONTH, [member(BOB), member(DORA)]),
        ("member_there", MONTH, [member(BOB), member(CARL)]),
        ("members_distinct", None, [member(BOB), member(BOB)]),
        ("one_head", MONTH, [member(BOB, "head")]),
    ):
        office.refuses(rule, "MergeHouseholds", HOME, month=month, **merged, members=members)
