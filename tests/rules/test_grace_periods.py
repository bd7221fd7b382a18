"""The grace period: payment goes on for some months after a member finds work."""

from __future__ import annotations

from typing import Any

from tests.rules.given import (
    ANN,
    BOB,
    CARL,
    DECISION,
    EXIT,
    HOME,
    OTHER,
    SINCE,
    TOWN,
    Office,
    enrolment,
    member,
)

RAISED = {"effective": "2026-09", "income_fen": 90_000}


def office_with_work_found() -> tuple[Office, dict[str, Any]]:
    """Ann's income rises from September, and the household was heard on all of it."""
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    office.heard(HOME, "higher_income", "exit")
    raised = office.given("ReassessIncome", HOME, **RAISED)
    return office, grace(raised)


def grace(raised: str, **more: Any) -> dict[str, Any]:
    return {
        "effective": "2026-09", "until": "2026-12", "person": ANN, "employed_on": "2026-08-01",
        "defers": raised, "decided_by": "county", **more,
    }  # fmt: skip


def test_defers_the_reassessment_that_it_names_until_its_end() -> None:
    office, started = office_with_work_found()
    assert office.state(HOME, "2026-09").income_fen == 90_000
    office.given("StartGracePeriod", HOME, **started)
    assert office.state(HOME, "2026-09").income_fen == 35_000
    assert office.state(HOME, "2026-12").income_fen == 35_000
    assert office.covered(HOME, "2026-12") == {ANN, BOB}
    assert office.covered(HOME, "2027-01") == set()
    assert not office.state(HOME, "2027-01").on_roll


def test_defers_the_reassessment_whatever_link_of_its_chain_is_named() -> None:
    office, started = office_with_work_found()
    again = office.given(
        "ReassessIncome", HOME, effective="2026-10", income_fen=95_000, corrects=started["defers"]
    )
    office.given("StartGracePeriod", HOME, **started | {"defers": again})
    assert office.state(HOME, "2026-10").income_fen == 35_000


def test_later_reductions_of_income_count_and_rises_do_not() -> None:
    office, started = office_with_work_found()
    office.given("StartGracePeriod", HOME, **started)
    office.given("ReassessIncome", HOME, effective="2026-10", income_fen=20_000)
    office.heard(HOME, "higher_income")
    office.given("ReassessIncome", HOME, effective="2026-11", income_fen=80_000)
    incomes = [office.state(HOME, m).income_fen for m in ("2026-09", "2026-10", "2026-11")]
    assert incomes == [35_000, 20_000, 20_000]


def test_an_income_that_comes_with_a_new_member_counts_in_the_grace_period() -> None:
    office, started = office_with_work_found()
    office.given("StartGracePeriod", HOME, **started)
    office.given("AddMember", HOME, effective="2026-10", member=member(CARL), income_fen=36_000)
    assert office.state(HOME, "2026-10").income_fen == 36_000


def test_defers_a_lower_tier() -> None:
    office = Office()
    office.adopt("dibao", "tiered", 59_000, area=TOWN, tiers={"A": 59_000, "B": 43_000})
    office.enrolled(HOME, [ANN], tier="A")
    office.heard(HOME, "lower_tier", "exit")
    lowered = office.given("ChangeTier", HOME, effective="2026-09", tier="B")
    assert office.state(HOME, "2026-09").tier == "B"
    office.given("StartGracePeriod", HOME, **grace(lowered))
    assert office.state(HOME, "2026-09").tier == "A"


def test_the_opinion_is_heard_before_it_starts() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.heard(HOME, "higher_income")
    raised = office.given("ReassessIncome", HOME, **RAISED)
    office.refuses("opinion_heard", "StartGracePeriod", HOME, month="2027-01", **grace(raised))
    office.heard(HOME, "exit")
    office.accepts("StartGracePeriod", HOME, **grace(raised))


def test_none_without_employment() -> None:
    office, started = office_with_work_found()
    for wrong in (started | {"employed_on": None}, started | {"employed_on": "2026-08-11"}):
        office.refuses("grace_needs_employment", "StartGracePeriod", HOME, month="2026-09", **wrong)
    office.accepts("StartGracePeriod", HOME, **started | {"employed_on": None}, migrated=True)


def test_none_past_the_limit() -> None:
    office, started = office_with_work_found()
    long = started | {"until": "2027-03"}
    office.refuses("grace_limit", "StartGracePeriod", HOME, month="2027-03", **long)
    office.policy("grace.months", 3)
    office.refuses("grace_limit", "StartGracePeriod", HOME, month="2026-12", **started)
    office.policy("grace.months", 7, TOWN)
    office.accepts("StartGracePeriod", HOME, **long)


def test_none_that_ends_before_it_starts_migrated_or_not() -> None:
    office, started = office_with_work_found()
    for migrated in (True, False):
        office.refuses(
            "grace_limit", "StartGracePeriod", HOME, month="2026-08", migrated=migrated,
            **started | {"until": "2026-08"},
        )  # fmt: skip


def test_none_whose_end_could_not_be_written() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    raised = office.given("ReassessIncome", HOME, effective="2099-12", income_fen=0)
    late = grace(raised, effective="2099-12", until="2099-12", migrated=True)
    office.refuses("grace_limit", "StartGracePeriod", HOME, month="2099-12", **late)


def test_is_for_a_member_and_defers_a_reassessment_of_the_spell() -> None:
    office, started = office_with_work_found()
    stranger = started | {"person": CARL}
    office.refuses("member_there", "StartGracePeriod", HOME, month="2026-09", **stranger)
    for wrong in (f"{HOME}:2", f"{HOME}:99", f"{OTHER}:1"):
        office.refuses("names_a_fact", "StartGracePeriod", HOME, **started | {"defers": wrong})


def test_does_not_defer_a_reassessment_of_another_spell() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    raised = office.given("ReassessIncome", HOME, effective="2026-04", income_fen=1)
    office.given("ExitHousehold", HOME, **EXIT | {"effective": "2026-06"}, migrated=True)
    office.given("VerifyMeans", HOME, income_fen=0, decided_on="2026-08-11")
    back = enrolment([ANN], effective="2026-09", decided_on="2026-08-12")
    office.given("EnrolHousehold", HOME, **back)
    office.heard(HOME, "exit")
    office.refuses("grace_defers", "StartGracePeriod", HOME, month="2026-09", **grace(raised))


def test_one_at_a_time_and_corrected_to_last_longer() -> None:
    office, started = office_with_work_found()
    first = office.given("StartGracePeriod", HOME, **started)
    office.heard(HOME, "exit")
    again = started | {"effective": "2026-11", "until": "2027-02"}
    office.refuses("grace_once", "StartGracePeriod", HOME, month="2026-11", **again)
    longer = started | {"until": "2027-01", "corrects": first}
    office.given("StartGracePeriod", HOME, **longer)
    assert office.covered(HOME, "2027-01") == {ANN, BOB}
    assert office.covered(HOME, "2027-02") == set()


def test_a_shorter_one_frees_the_cover_for_another_household() -> None:
    office, started = office_with_work_found()
    first = office.given("StartGracePeriod", HOME, **started)
    office.given("StartGracePeriod", HOME, **started | {"until": "2026-10", "corrects": first})
    office.enrolled(OTHER, [BOB], effective="2026-11")


def test_what_is_effective_after_its_end_is_outside_the_spell() -> None:
    office, started = office_with_work_found()
    office.given("StartGracePeriod", HOME, **started)
    late = {"effective": "2027-01", "income_fen": 0}
    office.refuses("inside_spell", "ReassessIncome", HOME, month="2027-01", **late)


def test_its_end_meets_what_is_already_effective_later() -> None:
    office, started = office_with_work_found()
    office.given("ReassessIncome", HOME, effective="2027-02", income_fen=0)
    office.refuses("inside_spell", "StartGracePeriod", HOME, month="2027-02", **started)


def test_leaves_sooner_and_returns_before_it_would_have_ended() -> None:
    office, started = office_with_work_found()
    office.given("StartGracePeriod", HOME, **started)
    voluntary = {"effective": "2026-10", "reason": "voluntary", "signed_request_on": "2026-08-05"}
    office.given("ExitHousehold", HOME, **voluntary, **DECISION)
    office.given("VerifyMeans", HOME, income_fen=0, decided_on="2026-10-01")
    back = enrolment([ANN], effective="2026-11", decided_on="2026-10-10")
    office.given("EnrolHousehold", HOME, **back)
    for month in ("2026-11", "2027-01", "2027-06"):
        assert office.covered(HOME, month) == {ANN}
    assert office.state(HOME, "2026-12").income_fen == 35_000
    assert office.covered(HOME, "2026-10") == set()


def test_revoked_it_is_left_out_with_its_end() -> None:
    office, started = office_with_work_found()
    first = office.given("StartGracePeriod", HOME, **started)
    longer = office.given(
        "StartGracePeriod", HOME, **started | {"until": "2027-01", "corrects": first}
    )
    office.heard(HOME, "higher_income")
    office.given("RevokeExit", HOME, exit=longer, reason="no_job")
    assert office.covered(HOME, "2027-06") == {ANN, BOB}
    assert office.state(HOME, "2026-09").income_fen == 90_000


def test_a_whole_life_in_it_is_still_one_spell() -> None:
    office, started = office_with_work_found()
    office.given("StartGracePeriod", HOME, **started)
    assert {office.state(HOME, m).spell for m in (SINCE, "2026-12", "2027-03")} == {1}
