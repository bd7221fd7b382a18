"""Which state holds in a month: the register's fold, by (effective, rank), as known at a position."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.postgres import on_every_server
from tests.views.conftest import Views
from tests.views.facts import AREA, Facts, covered_members, member, named

COUNTY = AREA[:6]
STANDARD = 60_000


def urban(facts: Facts) -> None:
    """A plain monthly standard of the county."""
    facts.standard(COUNTY, "dibao.urban", STANDARD)


def months(views: Views, household: UUID, first: str, last: str, **more: Any) -> list[str]:
    """The months in which the household is on a roll."""
    return [f"{line['month']:%Y-%m}" for line in views.lines(household, first, last, **more)]


def test_on_the_roll_from_the_enrolment_up_to_the_exit(views: Views, facts: Facts) -> None:
    household = facts.enrolled(effective="2023-02")
    facts.exited(household, "2023-05")
    assert months(views, household, "2023-01", "2023-12") == ["2023-02", "2023-03", "2023-04"]


def test_late_facts_take_their_place_by_month_not_by_arrival(views: Views, facts: Facts) -> None:
    urban(facts)
    household = facts.enrolled()
    facts.reassessed(household, "2023-03", 30_000)
    facts.reassessed(household, "2023-02", 10_000)
    assert views.entitled(household, "2023-01", "2023-03") == [60_000, 50_000, 30_000]


def test_of_two_facts_of_one_month_the_later_recorded_wins(views: Views, facts: Facts) -> None:
    urban(facts)
    household = facts.enrolled()
    facts.reassessed(household, "2023-02", 10_000)
    facts.reassessed(household, "2023-02", 20_000)
    assert views.entitled(household, "2023-02") == [40_000]


def test_a_correction_stands_in_the_place_of_what_it_corrects(views: Views, facts: Facts) -> None:
    urban(facts)
    household = facts.enrolled()
    first = facts.reassessed(household, "2023-02", 10_000)
    facts.reassessed(household, "2023-02", 20_000)
    facts.reassessed(household, "2023-02", 5_000, corrects=first)
    assert views.entitled(household, "2023-02") == [40_000]


def test_a_correction_may_move_the_month(views: Views, facts: Facts) -> None:
    urban(facts)
    household = facts.enrolled()
    first = facts.reassessed(household, "2023-02", 10_000)
    facts.reassessed(household, "2023-03", 10_000, corrects=first)
    assert views.entitled(household, "2023-01", "2023-03") == [60_000, 60_000, 50_000]


@on_every_server
def test_a_correction_may_itself_be_corrected(views: Views, facts: Facts) -> None:
    urban(facts)
    household = facts.enrolled()
    first = facts.reassessed(household, "2023-02", 10_000)
    known_first = facts.position
    second = facts.reassessed(household, "2023-02", 20_000, corrects=first)
    known_second = facts.position
    facts.reassessed(household, "2023-02", 30_000, corrects=second)
    assert views.entitled(household, "2023-02") == [30_000]
    assert views.entitled(household, "2023-02", position=known_second) == [40_000]
    assert views.entitled(household, "2023-02", position=known_first) == [50_000]


def test_a_corrected_enrolment_is_told_as_known_at_each_position(
    views: Views, facts: Facts
) -> None:
    urban(facts)
    persons = facts.persons(2)
    household = facts.enrolled(members=covered_members(persons), effective="2023-01")
    before = facts.position
    facts.enrolled(
        household, members=covered_members(persons[:1]), effective="2023-02",
        corrects=facts.last(household),
    )  # fmt: skip
    assert months(views, household, "2023-01", "2023-03") == ["2023-02", "2023-03"]
    assert views.entitled(household, "2023-02") == [60_000]
    assert views.entitled(household, "2023-01", position=before) == [120_000]


def test_a_revoked_exit_is_left_out_as_if_never_decided(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    exit_fact = facts.exited(household, "2023-02")
    before = facts.position
    facts.change(household, "ExitRevoked", exit=exit_fact, reason="appeal")
    assert months(views, household, "2023-01", "2023-03") == ["2023-01", "2023-02", "2023-03"]
    assert months(views, household, "2023-01", "2023-03", position=before) == ["2023-01"]


def test_revoking_names_any_link_of_the_exits_chain(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    first = facts.exited(household, "2023-02")
    second = facts.exited(household, "2023-03", corrects=first)
    facts.change(household, "ExitRevoked", exit=second, reason="appeal")
    assert months(views, household, "2023-01", "2023-03") == ["2023-01", "2023-02", "2023-03"]


def test_a_correction_of_a_revoked_exit_stays_revoked(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    first = facts.exited(household, "2023-02")
    facts.change(household, "ExitRevoked", exit=first, reason="appeal")
    facts.exited(household, "2023-03", corrects=first)
    assert months(views, household, "2023-01", "2023-03") == ["2023-01", "2023-02", "2023-03"]


def test_a_corrected_revocation_gives_back_the_exit_that_it_no_longer_names(
    views: Views, facts: Facts
) -> None:
    household = facts.enrolled()
    early = facts.exited(household, "2023-02")
    late = facts.exited(household, "2023-03")
    revoked = facts.change(household, "ExitRevoked", exit=early, reason="appeal")
    facts.change(household, "ExitRevoked", exit=late, reason="appeal", corrects=revoked)
    assert months(views, household, "2023-01", "2023-03") == ["2023-01"]


def test_a_revoked_enrolment_takes_its_whole_spell_with_it(views: Views, facts: Facts) -> None:
    household = facts.enrolled(effective="2023-01")
    facts.exited(household, "2023-02")
    facts.enrolled(household, effective="2023-04")
    enrolment = facts.last(household)
    facts.exited(household, "2023-06")
    facts.change(
        household, "EnrolmentRevoked", enrolment=enrolment, reason="fraud", legal_basis="x"
    )
    assert months(views, household, "2023-01", "2023-07") == ["2023-01"]


def test_a_return_is_a_new_spell_with_all_attributes_anew(views: Views, facts: Facts) -> None:
    urban(facts)
    facts.policy(COUNTY, "supplement.elderly", {"fen": 5_000})
    person, other = facts.persons(2)
    household = facts.enrolled(
        members=[member(person, "head", supplements=["elderly"]), member(other)]
    )
    facts.change(household, "PaymentSuspended", "2023-01", reason="x", legal_basis="x")
    facts.exited(household, "2023-02")
    facts.enrolled(household, effective="2023-04", members=covered_members([person]))
    lines = views.lines(household, "2023-01", "2023-04")
    assert [(line["spell"], line["entitled_fen"]) for line in lines] == [(1, 0), (2, 60_000)]


def test_an_exit_ends_its_own_spell_only(views: Views, facts: Facts) -> None:
    household = facts.enrolled(effective="2023-01")
    facts.exited(household, "2023-02")
    facts.enrolled(household, effective="2023-03")
    facts.exited(household, "2023-05", spell=1)
    assert months(views, household, "2023-01", "2023-06") == [
        "2023-01", "2023-03", "2023-04", "2023-05", "2023-06",
    ]  # fmt: skip


def test_what_takes_effect_before_its_spell_began_is_void(views: Views, facts: Facts) -> None:
    urban(facts)
    person, other = facts.persons(2)
    household = facts.enrolled(effective="2023-03", members=covered_members([person]))
    facts.change(household, "PaymentSuspended", "2023-02", reason="x", legal_basis="x")
    facts.change(household, "MemberJoined", "2023-01", member=member(other), income_fen=1)
    [line] = views.lines(household, "2023-03")
    assert (line["members"], line["income_fen"], line["suspended"]) == (1, 0, False)


def test_programme_area_and_tier_change_within_the_spell(views: Views, facts: Facts) -> None:
    household = facts.enrolled(tier="A")
    facts.change(household, "TierChanged", "2023-02", tier="B")
    facts.change(household, "HouseholdMoved", "2023-03", area="140404001")
    facts.change(household, "ProgrammeChanged", "2023-04", programme="tekun.urban")
    lines = views.lines(household, "2023-01", "2023-04")
    assert [(line["tier"], line["area"], line["programme"]) for line in lines] == [
        ("A", AREA, "dibao.urban"),
        ("B", AREA, "dibao.urban"),
        ("B", "140404001", "dibao.urban"),
        (None, "140404001", "tekun.urban"),
    ]


def test_members_join_leave_and_split_off_with_the_new_income(views: Views, facts: Facts) -> None:
    urban(facts)
    persons = facts.persons(4)
    household = facts.enrolled(members=covered_members(persons[:2]), income=1_000)
    facts.change(household, "MemberJoined", "2023-02", member=member(persons[2]), income_fen=2_000)
    facts.of_member(
        household, "MemberLeft", persons[0], "2023-03", income_fen=3_000, reason="moved"
    )
    facts.change(
        household, "HouseholdsMerged", "2023-04", absorbed=str(named("other")),
        members=[member(persons[3]), member(persons[0])], income_fen=4_000,
    )  # fmt: skip
    facts.change(
        household, "HouseholdSplit", "2023-05", new_household=str(named("new")),
        members=[member(persons[1], "head"), member(persons[3])], income_fen=5_000, new_income_fen=0,
    )  # fmt: skip
    lines = views.lines(household, "2023-01", "2023-05")
    assert [(line["members"], line["income_fen"]) for line in lines] == [
        (2, 1_000), (3, 2_000), (2, 3_000), (4, 4_000), (2, 5_000),
    ]  # fmt: skip


def test_a_death_lowers_those_covered_and_leaves_the_income_test_until_reassessed(
    views: Views, facts: Facts
) -> None:
    urban(facts)
    persons = facts.persons(2)
    household = facts.enrolled(members=covered_members(persons), income=20_000)
    facts.of_member(household, "MemberDied", persons[1], "2023-02", died_on="2023-01-20")
    facts.reassessed(household, "2023-03", 10_000)
    lines = views.lines(household, "2023-01", "2023-03")
    assert [(line["members"], line["covered"], line["entitled_fen"]) for line in lines] == [
        (2, 2, 100_000),
        (2, 1, 50_000),
        (1, 1, 50_000),
    ]


def test_a_reassessment_before_the_death_leaves_the_dead_in_the_income_test(
    views: Views, facts: Facts
) -> None:
    persons = facts.persons(2)
    household = facts.enrolled(members=covered_members(persons))
    facts.of_member(household, "MemberDied", persons[1], "2023-03", died_on="2023-02-20")
    facts.reassessed(household, "2023-02", 10_000)
    assert [line["members"] for line in views.lines(household, "2023-02", "2023-04")] == [2, 2, 2]


def test_a_reassessment_of_the_same_month_recorded_before_the_death_does_not_release_the_dead(
    views: Views, facts: Facts
) -> None:
    persons = facts.persons(2)
    household = facts.enrolled(members=covered_members(persons))
    facts.reassessed(household, "2023-03", 10_000)
    facts.of_member(household, "MemberDied", persons[1], "2023-03", died_on="2023-02-20")
    assert [line["members"] for line in views.lines(household, "2023-03", "2023-04")] == [2, 2]


def test_who_comes_again_comes_with_all_attributes_anew(views: Views, facts: Facts) -> None:
    urban(facts)
    facts.policy(COUNTY, "supplement.elderly", {"fen": 5_000})
    head, guest = facts.persons(2)
    household = facts.enrolled(
        members=[member(head, "head"), member(guest, supplements=["elderly"], covered=False)]
    )
    facts.of_member(household, "MemberLeft", guest, "2023-02", income_fen=0, reason="moved")
    facts.of_member(household, "SupplementAssigned", guest, "2023-03", supplement="elderly")
    facts.change(household, "MemberJoined", "2023-04", member=member(guest), income_fen=0)
    assert views.entitled(household, "2023-01", "2023-04") == [60_000, 60_000, 60_000, 120_000]


def test_a_member_who_left_is_not_brought_back_by_restored_cover(
    views: Views, facts: Facts
) -> None:
    persons = facts.persons(2)
    household = facts.enrolled(members=covered_members(persons))
    facts.of_member(household, "MemberLeft", persons[1], "2023-02", income_fen=0, reason="moved")
    facts.of_member(household, "MemberCoverRestored", persons[1], "2023-03")
    assert [line["members"] for line in views.lines(household, "2023-01", "2023-03")] == [2, 1, 1]


def test_a_grace_period_defers_the_higher_income_and_ends_the_cover(
    views: Views, facts: Facts
) -> None:
    urban(facts)
    household = facts.enrolled(income=10_000)
    higher = facts.reassessed(household, "2023-03", 90_000)
    facts.grace(household, "2023-03", "2023-05", higher)
    lines = views.lines(household, "2023-01", "2023-07")
    assert [(f"{line['month']:%m}", line["entitled_fen"], line["in_grace"]) for line in lines] == [
        ("01", 50_000, False), ("02", 50_000, False),
        ("03", 50_000, True), ("04", 50_000, True), ("05", 50_000, True),
    ]  # fmt: skip


def test_in_grace_a_later_reduction_counts_and_a_later_rise_does_not(
    views: Views, facts: Facts
) -> None:
    urban(facts)
    household = facts.enrolled(income=10_000)
    higher = facts.reassessed(household, "2023-03", 90_000)
    facts.grace(household, "2023-03", "2023-06", higher)
    facts.reassessed(household, "2023-04", 30_000)
    facts.reassessed(household, "2023-05", 5_000)
    facts.reassessed(household, "2023-06", 8_000)
    assert views.entitled(household, "2023-03", "2023-06") == [50_000, 50_000, 55_000, 55_000]


def test_the_deferred_reassessment_may_be_named_by_any_link_of_its_chain(
    views: Views, facts: Facts
) -> None:
    urban(facts)
    household = facts.enrolled(income=10_000)
    first = facts.reassessed(household, "2023-03", 90_000)
    second = facts.reassessed(household, "2023-03", 95_000, corrects=first)
    facts.grace(household, "2023-03", "2023-04", second)
    facts.reassessed(household, "2023-03", 97_000, corrects=second)
    assert views.entitled(household, "2023-03") == [50_000]


def test_a_grace_period_may_defer_a_lower_tier(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", STANDARD, mode="tiered", tiers={"A": 50_000, "C": 20_000})
    household = facts.enrolled(tier="A")
    lower = facts.change(household, "TierChanged", "2023-03", tier="C")
    facts.grace(household, "2023-03", "2023-04", lower)
    assert views.entitled(household, "2023-02", "2023-05") == [50_000, 50_000, 50_000]


def test_a_revoked_grace_period_is_left_out_with_the_end_that_it_brings(
    views: Views, facts: Facts
) -> None:
    urban(facts)
    household = facts.enrolled(income=10_000)
    higher = facts.reassessed(household, "2023-03", 20_000)
    grace = facts.grace(household, "2023-03", "2023-04", higher)
    facts.change(household, "ExitRevoked", exit=grace, reason="appeal")
    assert views.entitled(household, "2023-02", "2023-06") == [
        50_000,
        40_000,
        40_000,
        40_000,
        40_000,
    ]
