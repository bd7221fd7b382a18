"""What an authority may not do when it enrols, and what it may."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.given import (
    ANN,
    BEFORE_THE_LAW,
    BOB,
    CARL,
    COUNTY,
    DECISION,
    HOME,
    OTHER,
    OTHER_TOWN,
    PROVINCE,
    SINCE,
    TOWN,
    TOWN_WITHOUT_STANDARD,
    Office,
    enrolment,
    member,
)

VERIFIED: dict[str, Any] = {"income_fen": 35_000, "decided_on": "2026-02-01"}


def test_enrols_a_household_whose_means_were_verified() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    assert office.covered(HOME, SINCE) == {ANN, BOB}
    assert office.covered(HOME, "2026-02") == set()
    assert office.state(HOME, SINCE).spell == 1


def test_does_not_enrol_without_a_verification_on_record() -> None:
    office = Office()
    office.refuses("means_verified", "EnrolHousehold", HOME, month=SINCE, **enrolment([ANN]))


def test_does_not_enrol_on_a_verification_made_after_the_decision() -> None:
    office = Office()
    office.given("VerifyMeans", HOME, income_fen=0, decided_on="2026-02-11")
    office.refuses("means_verified", "EnrolHousehold", HOME, month=SINCE, **enrolment([ANN]))


def test_enrols_on_another_streams_verification_that_it_names() -> None:
    office = Office()
    elsewhere = office.given("VerifyMeans", OTHER, **VERIFIED)
    office.accepts("EnrolHousehold", HOME, **enrolment([ANN], verification=elsewhere))


def test_does_not_enrol_on_a_fact_that_is_no_verification() -> None:
    office = Office()
    received = office.given(
        "ReceiveApplication", OTHER, area=TOWN, channel="counter", decided_on="2026-02-01"
    )
    refused = enrolment([ANN], verification=received)
    office.refuses("means_verified", "EnrolHousehold", HOME, month=SINCE, **refused)
    office.refuses(
        "means_verified", "EnrolHousehold", HOME, month=SINCE,
        **enrolment([ANN], verification=f"{OTHER}:7"),
    )  # fmt: skip


def test_misses_the_household_whose_verification_is_named() -> None:
    Office().misses("EnrolHousehold", HOME, **enrolment([ANN], verification=f"{OTHER}:1"))


def test_enrols_what_was_decided_before_verification_was_the_rule() -> None:
    office = Office(standards=False)
    office.adopt("dibao", "gap", 20_000, effective="2010-01")
    old = {"decided_on": "2014-04-30", "effective": "2014-05"}
    office.accepts("EnrolHousehold", HOME, **enrolment([ANN], **old))


def test_enrols_what_is_migrated_without_verification_or_delegation() -> None:
    office = Office()
    office.accepts("EnrolHousehold", HOME, **enrolment([ANN], migrated=True, decided_by="town"))


def test_a_migrated_enrolment_still_needs_what_its_amount_needs() -> None:
    office = Office()
    office.refuses(
        "standard_in_force", "EnrolHousehold", HOME, month=SINCE,
        **enrolment([ANN], migrated=True, area=TOWN_WITHOUT_STANDARD),
    )  # fmt: skip


def test_a_return_needs_a_verification_of_its_own() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    left = {"effective": "2026-05", "decided_on": "2026-04-20", "reason": "employment", **DECISION}
    office.given("ExitHousehold", HOME, **left)
    back = enrolment([ANN], effective="2026-08", decided_on="2026-07-10")
    office.refuses("means_verified", "EnrolHousehold", HOME, month="2026-08", **back)
    first = f"{HOME}:1"
    office.refuses(
        "means_verified", "EnrolHousehold", HOME, month="2026-08", **back, verification=first
    )
    office.given("VerifyMeans", HOME, income_fen=0, decided_on="2026-07-01")
    office.accepts("EnrolHousehold", HOME, **back)
    assert office.state(HOME, "2026-08").spell == 2


def test_a_return_after_a_grace_period_needs_a_verification_of_its_own() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.given("ReassessIncome", HOME, effective="2026-05", income_fen=0, decided_on="2026-04-20")
    office.given(
        "StartGracePeriod", HOME, effective="2026-05", until="2026-06", person=ANN,
        decided_by="county", employed_on="2026-04-01", defers=office.last(HOME),
        decided_on="2026-04-20",
    )  # fmt: skip
    back = enrolment([ANN], effective="2026-08", decided_on="2026-07-10")
    office.refuses("means_verified", "EnrolHousehold", HOME, month="2026-08", **back)


def test_a_verification_recorded_before_a_late_exit_but_made_after_it_serves_the_return() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.given("VerifyMeans", HOME, income_fen=0, decided_on="2026-06-20")
    office.given(
        "ExitHousehold", HOME, effective="2026-05", decided_on="2026-04-20", reason="employment",
        **DECISION,
    )  # fmt: skip
    back = enrolment([ANN], effective="2026-07", decided_on="2026-06-25")
    office.accepts("EnrolHousehold", HOME, **back)


def test_a_corrected_enrolment_rests_on_the_first_ones_verification() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN])
    office.given(
        "ExitHousehold", HOME, effective="2026-05", decided_on="2026-04-20", reason="employment",
        **DECISION,
    )  # fmt: skip
    office.accepts("EnrolHousehold", HOME, **enrolment([ANN], income_fen=30_000, corrects=enrolled))


def test_does_not_enrol_where_no_standard_is_in_force() -> None:
    office = Office()
    office.given("VerifyMeans", HOME, **VERIFIED)
    office.refuses(
        "standard_in_force", "EnrolHousehold", HOME, month=SINCE,
        **enrolment([ANN], area=TOWN_WITHOUT_STANDARD),
    )  # fmt: skip
    early = enrolment([ANN], effective="2017-12")
    office.refuses("standard_in_force", "EnrolHousehold", HOME, month="2017-12", **early)


def test_a_guideline_is_no_standard_in_force() -> None:
    office = Office()
    office.adopt("dibao", "gap", 80_000, area="15", kind="guideline")
    office.given("VerifyMeans", HOME, **VERIFIED)
    office.refuses(
        "standard_in_force", "EnrolHousehold", HOME, month=SINCE,
        **enrolment([ANN], area=TOWN_WITHOUT_STANDARD),
    )  # fmt: skip


def test_does_not_enrol_in_an_unknown_area() -> None:
    office = Office()
    office.given("VerifyMeans", HOME, **VERIFIED)
    unknown = enrolment([ANN], area="140403999")
    office.refuses("known_area", "EnrolHousehold", HOME, **unknown)


def test_a_tier_is_one_of_the_standards() -> None:
    office = Office()
    office.adopt("dibao", "tiered", 59_000, area=TOWN, tiers={"A": 59_000, "B": 43_000})
    office.given("VerifyMeans", HOME, **VERIFIED)
    for tier in ({}, {"tier": "C"}):
        data = enrolment([ANN], **tier)
        office.refuses("tier_of_standard", "EnrolHousehold", HOME, month=SINCE, **data)
    office.accepts("EnrolHousehold", HOME, **enrolment([ANN], tier="B"))
    assert office.state(HOME, SINCE).tier == "B"


def test_does_not_cover_a_person_in_two_basic_rolls() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    office.given("VerifyMeans", OTHER, **VERIFIED)
    later = enrolment([CARL, BOB], effective="2026-08")
    office.refuses("one_basic_roll", "EnrolHousehold", OTHER, month="2026-08", **later)
    tekun = enrolment([BOB], programme="tekun.rural")
    office.refuses("one_basic_roll", "EnrolHousehold", OTHER, month=SINCE, **tekun)
    # Not even an earlier enrolment that would only later run into the other one's months.
    earlier = enrolment([BOB], effective="2026-01")
    office.refuses("one_basic_roll", "EnrolHousehold", OTHER, month=SINCE, **earlier)


def test_a_member_not_covered_may_be_covered_elsewhere() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    office.given("VerifyMeans", OTHER, **VERIFIED)
    members = [member(CARL, "head"), member(BOB, "child", covered=False)]
    office.accepts("EnrolHousehold", OTHER, **enrolment([], members=members))


def test_enrols_a_person_from_the_month_after_the_other_cover_ended() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.given(
        "ExitHousehold", HOME, effective="2026-06", decided_on="2026-05-20", reason="moved_away",
        **DECISION,
    )  # fmt: skip
    office.given("VerifyMeans", OTHER, **VERIFIED)
    too_early = enrolment([ANN], effective="2026-05")
    office.refuses("one_basic_roll", "EnrolHousehold", OTHER, month="2026-05", **too_early)
    office.accepts("EnrolHousehold", OTHER, **enrolment([ANN], effective="2026-06"))


@pytest.mark.parametrize(
    ("rule", "members"),
    [
        ("members_distinct", [member(ANN, "head"), member(ANN)]),
        ("one_head", [member(ANN), member(BOB)]),
        ("one_head", [member(ANN, "head"), member(BOB, "head")]),
        ("someone_covered", [member(ANN, "head", covered=False)]),
    ],
)
def test_a_household_is_distinct_persons_with_one_head_and_someone_covered(
    rule: str, members: list[dict[str, object]]
) -> None:
    office = Office()
    office.given("VerifyMeans", HOME, **VERIFIED)
    office.refuses(rule, "EnrolHousehold", HOME, **enrolment([], members=members))


def test_does_not_decide_at_a_level_to_which_nothing_was_delegated() -> None:
    office = Office()
    office.given("VerifyMeans", HOME, **VERIFIED)
    by_town = enrolment([ANN], decided_by="town")
    office.refuses("delegated", "EnrolHousehold", HOME, month=SINCE, **by_town)
    office.policy("decision.delegated_levels", ["town"], PROVINCE, effective="2026-04")
    office.refuses("delegated", "EnrolHousehold", HOME, month=SINCE, **by_town)
    office.policy("decision.delegated_levels", ["town"], COUNTY, effective=SINCE)
    village = enrolment([ANN], decided_by="village")
    office.refuses("delegated", "EnrolHousehold", HOME, month=SINCE, **village)
    office.accepts("EnrolHousehold", HOME, **by_town)


@pytest.mark.parametrize("level", ["county", "prefecture", "province"])
def test_the_county_and_whoever_is_above_it_need_no_delegation(level: str) -> None:
    office = Office()
    office.enrolled(HOME, [ANN], decided_by=level)


def test_delegation_is_asked_of_refusals_exits_and_grace_periods_too() -> None:
    office = Office()
    office.given("ReceiveApplication", OTHER, area=TOWN, channel="counter")
    refused = {"reason": "too_rich", "legal_basis": "Law 18", "decided_by": "town"}
    office.refuses("delegated", "RefuseApplication", OTHER, month="2026-08", **refused)
    office.enrolled(HOME, [ANN])
    exited = {"effective": "2026-09", "reason": "fraud", **DECISION, "decided_by": "village"}
    office.refuses("delegated", "ExitHousehold", HOME, month="2026-09", **exited)


def test_does_not_enrol_who_is_on_the_roll() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    again = enrolment([ANN], effective="2026-08")
    office.refuses("spells_apart", "EnrolHousehold", HOME, month="2026-08", **again)
    before = enrolment([ANN], effective="2026-02")
    office.refuses("spells_apart", "EnrolHousehold", HOME, month=SINCE, **before)


def test_the_first_paid_month_is_the_one_after_the_decision_unless_policy_says_the_same() -> None:
    office = Office()
    office.given("VerifyMeans", HOME, **VERIFIED)
    office.given("EnrolHousehold", HOME, **enrolment([ANN], effective=None))
    assert office.covered(HOME, "2026-02") == set()
    assert office.covered(HOME, "2026-03") == {ANN}
    office.policy("first_month", "same", OTHER_TOWN)
    office.given("VerifyMeans", OTHER, **VERIFIED)
    office.given("EnrolHousehold", OTHER, **enrolment([BOB], effective=None, area=OTHER_TOWN))
    assert office.covered(OTHER, "2026-02") == {BOB}


def test_counted_income_is_items_less_deductions_and_never_below_zero() -> None:
    office = Office()
    items = [{"person": ANN, "kind": "wage", "fen": 90_000}]
    spent = [{"kind": "medical", "fen": 100_000}]
    office.refuses("means_add_up", "VerifyMeans", HOME, income_fen=80_000, items=items)
    office.accepts("VerifyMeans", HOME, income_fen=90_000, items=items)
    office.accepts("VerifyMeans", HOME, income_fen=0, items=items, deductions=spent)


def test_nobody_decides_tomorrow() -> None:
    office = Office()
    office.refuses("decided_in_future", "VerifyMeans", HOME, income_fen=0, decided_on="2026-11-23")
    office.accepts("VerifyMeans", HOME, income_fen=0, decided_on="2026-11-22")


@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("AcceptApplication", {}),
        ("PostOpinion", {}),
        ("HoldAppraisal", {"outcome": "supported", "attended": 9}),
        ("RefuseApplication", {"reason": "too_rich", **DECISION}),
        ("WithdrawApplication", {}),
    ],
)
def test_what_follows_an_application_needs_one_that_is_open(
    command: str, data: dict[str, Any]
) -> None:
    office = Office()
    office.misses(command, HOME, **data)
    office.accepts(command, OTHER, **data, migrated=True)
    office.given("ReceiveApplication", HOME, area=TOWN, channel="counter")
    office.given("WithdrawApplication", HOME)
    office.refuses("application_open", command, HOME, **data)
    office.given("ReceiveApplication", HOME, area=TOWN, channel="online")
    office.accepts(command, HOME, **data)


def test_a_single_person_is_enrolled_beside_the_marginal_household_of_which_it_is_one() -> None:
    office = Office()
    alone = enrolment(
        [BOB], single_person=True, beside=HOME, decided_on="2026-07-10", effective="2026-08"
    )
    office.given("VerifyMeans", OTHER, **VERIFIED)
    office.misses("EnrolHousehold", OTHER, **alone)
    office.given("VerifyMeans", HOME, **VERIFIED)
    office.refuses("single_person_of_marginal", "EnrolHousehold", OTHER, month="2026-08", **alone)
    recognised = {"recognition": "marginal", "area": TOWN, "effective": "2026-08", **DECISION}
    office.given("RecordRecognition", HOME, **recognised, persons=[ANN])
    office.refuses("single_person_of_marginal", "EnrolHousehold", OTHER, month="2026-08", **alone)
    office.given("RecordRecognition", HOME, **recognised, persons=[ANN, BOB])
    before = alone | {"effective": "2026-07"}
    office.refuses("single_person_of_marginal", "EnrolHousehold", OTHER, month="2026-07", **before)
    office.accepts("EnrolHousehold", OTHER, **alone)
    assert office.state(OTHER, "2026-08").single_person


def test_a_single_person_enrolment_before_the_law_needs_no_recognition() -> None:
    office = Office()
    office.given("VerifyMeans", OTHER, **VERIFIED)
    office.accepts(
        "EnrolHousehold", OTHER, **enrolment([BOB], single_person=True, decided_on=BEFORE_THE_LAW)
    )


def test_a_single_person_enrolment_has_one_member() -> None:
    office = Office()
    office.given("VerifyMeans", HOME, **VERIFIED)
    two = enrolment([ANN, BOB], single_person=True)
    office.refuses("single_person_alone", "EnrolHousehold", HOME, **two)
    not_alone = enrolment([ANN, BOB], beside=OTHER)
    office.refuses("single_person_alone", "EnrolHousehold", HOME, **not_alone)
    office.given("EnrolHousehold", HOME, **enrolment([ANN], single_person=True))
    joined = {"member": member(BOB), "income_fen": 0, "effective": "2026-06"}
    office.refuses("single_person_alone", "AddMember", HOME, month="2026-06", **joined)


def test_a_change_needs_a_household_on_a_roll() -> None:
    office = Office()
    office.misses("ReassessIncome", HOME, effective="2026-05", income_fen=0)
    office.given("ReceiveApplication", HOME, area=TOWN, channel="counter")
    office.refuses(
        "inside_spell", "ReassessIncome", HOME, month="2026-05", effective="2026-05", income_fen=0
    )
