"""Two lists, or a list at two positions, beside each other: what differs, and which facts caused it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from projections.comparisons import comparisons
from projections.errors import BadParameter, NotFound
from projections.payment_lists import computing
from projections.projections import AsOf
from tests.views.conftest import Views
from tests.views.facts import Facts, named
from tests.views.lists import Lists

CITY = "1404"
TOWN_A, TOWN_B = "140403001", "140403002"


@pytest.fixture
def lists(views: Views) -> Lists:
    """A city that lists from January 2026 on, with a standard of 780.00."""
    views.facts.standard(CITY, "dibao.urban", 78_000, effective="2025-01")
    views.facts.policy(CITY, "lists.first_month", "2026-01", effective="2025-01")
    return Lists(views)


@pytest.fixture
def facts(lists: Lists) -> Facts:
    """Where a test records its facts."""
    return lists.views.facts


def one(facts: Facts, effective: str = "2026-07", area: str = TOWN_A, income: int = 0) -> UUID:
    """A household of one person."""
    return facts.enrolled(members=1, income=income, effective=effective, area=area)


class Between:
    """What differs in August's list of the city between here and the end of the block."""

    def __init__(self, lists: Lists, area: str = CITY, month: str = "2026-08") -> None:
        self.lists, self.asked = lists, computing.monthly(area, month)
        self.position = lists.views.facts.position

    def page(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        projections = self.lists.views.projections()
        found = comparisons.of_positions(self.asked, AsOf(self.position), projections.as_of())
        return comparisons.page(projections, found)

    def parts(self) -> dict[str, tuple[int, int, list[str]]]:
        """Of the only household: by month, the amounts and the causes."""
        (entry,) = self.page()[1]
        return parts_of(entry)


def parts_of(entry: dict[str, Any]) -> dict[str, tuple[int, int, list[str]]]:
    return {
        part["month"]: (part["fen_before"], part["fen_after"], part["causes"])
        for part in entry["parts"]
    }


def of_lists(lists: Lists, list_: UUID, other: UUID) -> list[dict[str, Any]]:
    projections = lists.views.projections()
    found = comparisons.of_lists(projections, list_, other, projections.as_of())
    summary, entries = comparisons.page(projections, found)
    assert summary["unexplained"] == sum(entry["unexplained"] for entry in entries)
    return entries


def test_nothing_is_reported_where_nothing_differs(lists: Lists, facts: Facts) -> None:
    one(facts)
    between = Between(lists)
    facts.standard(CITY, "dibao.rural", 50_000, effective="2026-07")
    one(facts, effective="2026-09")
    summary, entries = between.page()
    assert entries == []
    assert summary["before"] == summary["after"] == {"lines": 1, "total_fen": 156_000}
    assert (summary["parts"], summary["by_cause"], summary["unexplained"]) == (0, [], 0)


def test_a_late_standard_is_the_cause_in_every_month_that_it_changes(
    lists: Lists, facts: Facts
) -> None:
    one(facts)
    between = Between(lists)
    late = facts.standard(CITY, "dibao.urban", 81_500, effective="2026-08")
    assert between.parts() == {"2026-08": (78_000, 81_500, [late])}


def test_a_standard_that_a_nearer_area_does_not_follow_is_no_cause(
    lists: Lists, facts: Facts
) -> None:
    facts.standard("140403", "dibao.urban", 79_000, effective="2025-01")
    household = one(facts)
    between = Between(lists)
    facts.standard(CITY, "dibao.urban", 81_500, effective="2026-07")
    reassessed = facts.reassessed(household, "2026-07", 1_000)
    assert between.parts() == {
        "2026-07": (79_000, 78_000, [reassessed]),
        "2026-08": (79_000, 78_000, [reassessed]),
    }


def test_only_facts_that_say_something_of_the_month_and_the_amount_are_causes(
    lists: Lists, facts: Facts
) -> None:
    household, person = one(facts), facts.person()
    between = Between(lists)
    facts.change(household, "HeadChanged", "2026-07", person=str(person))
    august = facts.reassessed(household, "2026-08", 10_000)
    facts.reassessed(household, "2026-09", 20_000)
    entry = between.page()[1][0]
    assert parts_of(entry) == {"2026-08": (78_000, 68_000, [august])}
    assert [line["causes"] for line in entry["lines"]] == [[f"{household}:2"]]


def test_a_correction_and_a_revocation_are_causes_from_the_month_that_they_change(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    income = facts.reassessed(household, "2026-07", 10_000)
    exit_ = facts.exited(household, "2026-08")
    between = Between(lists)
    corrected = facts.reassessed(household, "2026-08", 20_000, corrects=income)
    revoked = facts.change(household, "ExitRevoked", exit=exit_)
    assert between.parts() == {
        "2026-07": (68_000, 78_000, [corrected]),
        "2026-08": (0, 58_000, [corrected, revoked]),
    }


def test_a_list_frozen_or_rejected_in_between_is_a_cause(lists: Lists, facts: Facts) -> None:
    one(facts)
    between = Between(lists)
    july = lists.freeze(CITY, "2026-07")
    frozen = facts.last(named("payment lists"))
    assert between.parts() == {"2026-07": (78_000, 0, [frozen])}
    between = Between(lists)
    rejected = lists.act(july, "PaymentListRejected", reason="error")
    assert between.parts() == {"2026-07": (0, 78_000, [rejected])}


def test_what_was_received_back_is_a_cause_of_what_is_paid_again(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    lists.freeze(CITY, "2026-07")
    exit_ = facts.exited(household, "2026-07")
    recovery = lists.order(household, {"2026-07": 78_000})
    facts.change(household, "ExitRevoked", exit=exit_)
    between = Between(lists, month="2026-07")
    received = lists.receive(recovery, 30_000)
    assert between.parts() == {"2026-07": (0, 30_000, [received])}


def test_a_household_that_moved_away_is_on_the_other_area_s_list(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    here, there = Between(lists, TOWN_A), Between(lists, TOWN_B)
    moved = facts.change(household, "HouseholdMoved", "2026-08", area=TOWN_B)
    months = {"2026-07": 78_000, "2026-08": 78_000}
    assert here.parts() == {month: (fen, 0, [moved]) for month, fen in months.items()}
    assert there.parts() == {month: (0, fen, [moved]) for month, fen in months.items()}
    (entry,) = Between.page(there)[1]
    assert [cause["cause"] for cause in entry["causes"]] == ["household"]


def test_a_code_that_gave_way_is_a_cause(lists: Lists, facts: Facts) -> None:
    one(facts)
    between = Between(lists, TOWN_A)
    replaced = facts.of_area("AreaReplaced", TOWN_A, "2026-08", successor=TOWN_B)
    assert between.parts() == {
        "2026-07": (78_000, 0, [replaced]), "2026-08": (78_000, 0, [replaced]),
    }  # fmt: skip


def test_a_code_that_gave_way_to_one_with_another_standard_is_the_cause_of_the_amount(
    lists: Lists, facts: Facts
) -> None:
    facts.standard(TOWN_B, "dibao.urban", 90_000, effective="2025-01")
    one(facts)
    between = Between(lists)
    replaced = facts.of_area("AreaReplaced", TOWN_A, "2026-08", successor=TOWN_B)
    assert between.parts() == {"2026-08": (78_000, 90_000, [replaced])}
    (line,) = between.page()[1][0]["lines"]
    assert (line["area_after"], line["causes"]) == (TOWN_B, [replaced])


def test_a_month_from_which_on_a_place_lists_is_a_cause(views: Views) -> None:
    views.facts.standard(CITY, "dibao.urban", 78_000, effective="2025-01")
    one(views.facts)
    between = Between(Lists(views))
    first = views.facts.policy(CITY, "lists.first_month", "2026-08", effective="2025-01")
    assert between.parts() == {"2026-08": (0, 78_000, [first])}


def test_what_is_offset_has_the_causes_of_the_months_that_bound_it(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    lists.freeze(CITY, "2026-07")
    facts.reassessed(household, "2026-07", 30_000)
    between = Between(lists)
    share = facts.policy(CITY, "overpayments.offset_bp", 10_000, effective="2026-08")
    assert between.parts() == {"2026-07": (0, -30_000, [share])}
    between = Between(lists)
    less = facts.reassessed(household, "2026-08", 60_000)
    assert between.parts() == {
        "2026-07": (-30_000, -18_000, [less]), "2026-08": (48_000, 18_000, [less]),
    }  # fmt: skip


def test_a_merger_is_a_cause_for_the_survivor(lists: Lists, facts: Facts) -> None:
    absorbed, survivor = one(facts), one(facts)
    lists.freeze(CITY, "2026-07")
    between = Between(lists)
    merged = facts.change(
        survivor, "HouseholdsMerged", "2026-08", absorbed=str(absorbed), income_fen=0,
        members=[{"person": str(facts.person()), "role": "parent"}],
    )  # fmt: skip
    left = facts.exited(absorbed, "2026-08", "merged")
    found = {entry["subject"]: parts_of(entry) for entry in between.page()[1]}
    assert found[str(survivor)] == {"2026-08": (78_000, 156_000, sorted([merged, left]))}
    assert left in found[str(absorbed)]["2026-08"][2]


def test_what_was_listed_for_the_absorbed_counts_for_the_survivor_by_the_merger_alone(
    lists: Lists, facts: Facts
) -> None:
    absorbed = one(facts, effective="2026-08", area=TOWN_A)
    survivor = one(facts, effective="2026-08", area=TOWN_B)
    lists.freeze(TOWN_A, "2026-08")
    facts.exited(absorbed, "2026-08", "merged")
    between = Between(lists)
    merged = facts.change(
        survivor, "HouseholdsMerged", "2026-08", absorbed=str(absorbed), income_fen=0, members=[]
    )
    assert between.parts() == {"2026-08": (78_000, 0, [merged])}


def test_lists_of_two_months_differ_by_what_was_asked_and_what_was_listed(
    lists: Lists, facts: Facts
) -> None:
    one(facts)
    july = lists.freeze(CITY, "2026-07")
    frozen = facts.last(named("payment lists"))
    late = facts.standard(CITY, "dibao.urban", 81_500, effective="2026-07")
    august = lists.freeze(CITY, "2026-08")
    (entry,) = of_lists(lists, july, august)
    assert parts_of(entry) == {
        "2026-07": (78_000, 3_500, sorted([frozen, late])),
        "2026-08": (0, 81_500, ["scope.month"]),
    }
    scope = next(cause for cause in entry["causes"] if cause["cause"] == "scope")
    assert scope == {
        "id": "scope.month", "cause": "scope", "type": None, "position": None, "effective": None,
    }  # fmt: skip


def test_lists_of_two_areas_differ_by_who_stands_where(lists: Lists, facts: Facts) -> None:
    one(facts, area=TOWN_A)
    elsewhere = one(facts, area=TOWN_B)
    town = lists.freeze(TOWN_A, "2026-07")
    lists.act(town, "PaymentListRejected", reason="error")
    city = lists.freeze(CITY, "2026-07")
    (entry,) = of_lists(lists, town, city)
    assert entry["subject"] == str(elsewhere)
    assert parts_of(entry) == {"2026-07": (0, 78_000, ["scope.area"])}


def test_lists_of_two_programmes_differ_by_the_programme(lists: Lists, facts: Facts) -> None:
    one(facts)
    rural = lists.freeze(CITY, "2026-07", "dibao.rural")
    urban = lists.freeze(CITY, "2026-07", "dibao.urban")
    (entry,) = of_lists(lists, rural, urban)
    assert parts_of(entry) == {"2026-07": (0, 78_000, ["scope.programme"])}


def test_a_list_that_does_not_follow_from_the_facts_is_unexplained(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    asked = computing.monthly(CITY, "2026-07")
    right = lists.freeze(asked)
    lists.act(right, "PaymentListRejected", reason="error")
    wrong = lists.record_frozen(lists.compute(asked).replace(b"78000", b"79000"))
    (entry,) = of_lists(lists, right, wrong)
    assert entry["subject"] == str(household)
    assert entry["parts"][0]["causes"] == []
    assert entry["unexplained"] == 1


def test_failed_lines_on_a_follow_up_list_are_compared_with_the_list_that_they_were_on(
    lists: Lists, facts: Facts
) -> None:
    failed, paid = one(facts), one(facts)
    july = lists.freeze(CITY, "2026-07")
    references = {row["subject"]: row["reference_id"] for row in lists.lines(july)}
    lists.report(july, (references[failed], "rjct"), (references[paid], "succ"))
    projections = lists.views.projections()
    follow_up = lists.freeze(computing.of_failed_lines(projections, july, projections.as_of()))
    (entry,) = of_lists(lists, july, follow_up)
    assert entry["subject"] == str(paid)
    kinds = {cause["id"] for cause in entry["causes"] if cause["cause"] == "scope"}
    assert kinds == {"scope.kind", "scope.list"}


def test_a_grant_is_on_the_next_list_because_it_was_granted_since(
    lists: Lists, facts: Facts
) -> None:
    asked = computing.of_grants("help_first", CITY, "2026-07")
    first = lists.freeze(asked)
    grant = named("grant")
    granted = facts.record(
        grant, "EmergencyAidGranted", area=TOWN_A, form="cash", amount_fen=50_000, cause="fire",
        decided_on="2026-07-03", persons=[str(facts.person())],
    )  # fmt: skip
    second = lists.freeze(asked)
    third = lists.freeze(asked)
    (entry,) = of_lists(lists, first, second)
    assert entry["subject"] == str(grant)
    assert parts_of(entry)["2026-07"] == (0, 50_000, [granted])
    (entry,) = of_lists(lists, second, third)
    assert parts_of(entry)["2026-07"][:2] == (50_000, 0)
    assert [cause["cause"] for cause in entry["causes"]] == ["list"]


def test_the_summary_adds_up_by_the_kinds_of_causes(lists: Lists, facts: Facts) -> None:
    both, only_standard = one(facts), one(facts)
    between = Between(lists)
    facts.standard(CITY, "dibao.urban", 80_000, effective="2026-08")
    facts.reassessed(both, "2026-08", 10_000)
    summary, entries = between.page()
    assert {entry["subject"] for entry in entries} == {str(both), str(only_standard)}
    assert summary["by_cause"] == [
        {"causes": ["household", "standard"], "subjects": 1, "parts": 1, "fen_before": 78_000,
         "fen_after": 70_000},
        {"causes": ["standard"], "subjects": 1, "parts": 1, "fen_before": 78_000, "fen_after": 80_000},
    ]  # fmt: skip
    assert (summary["fen_before"], summary["fen_after"]) == (156_000, 150_000)
    assert (summary["before"]["total_fen"], summary["after"]["total_fen"]) == (312_000, 306_000)


def test_two_lists_that_are_not_there_are_refused(lists: Lists) -> None:
    projections = lists.views.projections()
    with pytest.raises(NotFound):
        comparisons.of_lists(projections, named("no list"), named("none"), projections.as_of())
    asked = computing.of_grants("help_first", CITY, "2026-07")
    with pytest.raises(BadParameter):
        comparisons.of_positions(asked, AsOf(0), projections.as_of())
