"""Nobody's aid is reduced or stopped unheard (Law 48)."""

from __future__ import annotations

from time import thread_time
from typing import Any

import pytest

from tests.rules.given import (
    ANN,
    BEFORE_THE_LAW,
    BOB,
    CARL,
    DECISION,
    EXIT,
    HOME,
    MONTH,
    OTHER,
    SINCE,
    TOWN,
    Office,
    enrolment,
    household_of,
    member,
)

HIGHER = {"effective": MONTH, "income_fen": 50_000}
LOWER = {"effective": MONTH, "income_fen": 10_000}

REDUCTIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("exit", "ExitHousehold", EXIT),
    ("suspension", "SuspendPayment",
     {"effective": MONTH, "reason": "unreachable", "legal_basis": "Law 48"}),
    ("lower_tier", "ChangeTier", {"effective": MONTH, "tier": "B"}),
    ("lower_tier", "ChangeProgramme",
     {"effective": MONTH, "programme": "dibao.rural", "tier": "B", **DECISION}),
    ("higher_income", "ReassessIncome", HIGHER),
    ("supplement_lost", "WithdrawSupplement",
     {"effective": MONTH, "person": BOB, "supplement": "minor", "reason": "of_age"}),
    ("member_lost", "RemoveMember",
     {"effective": MONTH, "person": BOB, "income_fen": 35_000, "reason": "moved_away"}),
    ("member_lost", "StopMemberCover",
     {"effective": MONTH, "person": BOB, "reason": "imprisonment", "legal_basis": "Law 48"}),
]  # fmt: skip


def tiered_office() -> Office:
    office = Office()
    office.adopt("dibao", "tiered", 59_000, area=TOWN, tiers={"A": 59_000, "B": 43_000})
    members = [member(ANN, "head"), member(BOB, "child", supplements=["minor"])]
    office.enrolled(HOME, [], members=members, tier="A")
    return office


@pytest.mark.parametrize(("kind", "command", "data"), REDUCTIONS)
def test_does_not_reduce_or_stop_unheard(kind: str, command: str, data: dict[str, Any]) -> None:
    office = tiered_office()
    office.refuses("opinion_heard", command, HOME, month=MONTH, **data)
    office.heard(HOME, kind, decided_on="2026-08-10")
    office.accepts(command, HOME, **data)


@pytest.mark.parametrize(("kind", "command", "data"), REDUCTIONS)
def test_a_hearing_after_the_decision_is_none(
    kind: str, command: str, data: dict[str, Any]
) -> None:
    office = tiered_office()
    office.heard(HOME, kind, decided_on="2026-08-11")
    office.refuses("opinion_heard", command, HOME, month=MONTH, **data)


@pytest.mark.parametrize(("kind", "command", "data"), REDUCTIONS)
def test_a_hearing_on_something_else_is_none(kind: str, command: str, data: dict[str, Any]) -> None:
    office = tiered_office()
    kinds = {kind for kind, _, _ in REDUCTIONS} - {kind}
    office.heard(HOME, *sorted(kinds))
    office.refuses("opinion_heard", command, HOME, month=MONTH, **data)


@pytest.mark.parametrize(("kind", "command", "data"), REDUCTIONS)
def test_what_was_decided_before_the_law_or_is_migrated_needs_no_hearing(
    kind: str, command: str, data: dict[str, Any]
) -> None:
    tiered_office().accepts(command, HOME, **data | {"decided_on": BEFORE_THE_LAW})
    tiered_office().accepts(command, HOME, **data | {"migrated": True})


def test_to_be_invited_and_silent_is_to_be_heard() -> None:
    office = tiered_office()
    office.given("HearOpinion", HOME, intended=["exit"], manner="invited_silent")
    office.accepts("ExitHousehold", HOME, **EXIT)


@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("ReassessIncome", LOWER),
        ("ReassessIncome", {"effective": MONTH, "income_fen": 35_000}),
        ("AssignSupplement", {"effective": MONTH, "person": ANN, "supplement": "elderly"}),
        ("AddMember", {"effective": MONTH, "member": member(CARL), "income_fen": 35_000}),
        ("ChangeHead", {"effective": MONTH, "person": BOB}),
    ],
)
def test_what_does_not_reduce_needs_no_hearing(command: str, data: dict[str, Any]) -> None:
    tiered_office().accepts(command, HOME, **data)


def test_a_voluntary_exits_signed_request_is_the_opinion() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    voluntary = EXIT | {"reason": "voluntary"}
    office.refuses("opinion_heard", "ExitHousehold", HOME, month=MONTH, **voluntary)
    later = voluntary | {"signed_request_on": "2026-08-11"}
    office.refuses("opinion_heard", "ExitHousehold", HOME, month=MONTH, **later)
    office.accepts("ExitHousehold", HOME, **voluntary | {"signed_request_on": "2026-08-10"})


def test_a_signed_request_is_no_opinion_on_another_exit() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    data = EXIT | {"signed_request_on": "2026-08-10"}
    office.refuses("opinion_heard", "ExitHousehold", HOME, month=MONTH, **data)


def test_a_death_needs_no_hearing() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    office.accepts("RecordDeath", HOME, person=ANN, died_on="2026-08-02")
    assert office.covered(HOME, MONTH) == {BOB}


def test_the_exit_of_a_household_that_died_out_needs_no_hearing() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    died_out = EXIT | {"reason": "death"}
    office.given("RecordDeath", HOME, person=ANN, died_on="2026-07-02")
    office.refuses("opinion_heard", "ExitHousehold", HOME, month=MONTH, **died_out)
    office.given("RecordDeath", HOME, person=BOB, died_on="2026-08-02")
    office.accepts("ExitHousehold", HOME, **died_out)


def test_the_exit_of_who_lived_alone_and_died_needs_no_hearing() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.accepts("ExitHousehold", HOME, **EXIT | {"reason": "death"})


def test_a_hearing_serves_the_next_decision_of_its_kind_and_no_further_one() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.heard(HOME, "higher_income")
    office.given("ReassessIncome", HOME, **HIGHER)
    more = {"effective": "2026-10", "income_fen": 60_000}
    office.refuses("opinion_heard", "ReassessIncome", HOME, month="2026-10", **more)
    office.heard(HOME, "higher_income")
    office.accepts("ReassessIncome", HOME, **more)


def test_a_decision_in_the_households_favour_uses_up_no_hearing() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.heard(HOME, "higher_income")
    office.given("ReassessIncome", HOME, **LOWER)
    office.accepts("ReassessIncome", HOME, **HIGHER | {"effective": "2026-10"})


def test_a_hearing_in_one_spell_does_not_serve_the_next() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.heard(HOME, "higher_income", "exit")
    office.given("ExitHousehold", HOME, **EXIT)
    office.given("VerifyMeans", HOME, income_fen=0)
    back = enrolment([ANN], effective="2026-10", decided_on="2026-09-10", income_fen=0)
    office.given("EnrolHousehold", HOME, **back)
    more = {"effective": "2026-11", "income_fen": 10_000, "decided_on": "2026-10-10"}
    office.refuses("opinion_heard", "ReassessIncome", HOME, month="2026-11", **more)


def test_a_decision_on_an_earlier_spell_may_rest_on_a_hearing_held_since() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN])
    office.heard(HOME, "exit")
    office.given("ExitHousehold", HOME, **EXIT)
    office.given("VerifyMeans", HOME, income_fen=0)
    back = enrolment([ANN], effective="2026-10", decided_on="2026-09-10")
    office.given("EnrolHousehold", HOME, **back)
    revoked = {"enrolment": enrolled, "reason": "forged", "legal_basis": "Law 60"}
    revoked["decided_on"] = "2026-10-20"
    office.refuses("opinion_heard", "RevokeEnrolment", HOME, month=SINCE, **revoked)
    office.heard(HOME, "exit", decided_on="2026-10-10")
    office.accepts("RevokeEnrolment", HOME, **revoked)


def test_a_correction_in_the_households_favour_needs_no_hearing() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.heard(HOME, "higher_income")
    wrong = office.given("ReassessIncome", HOME, **HIGHER)
    office.accepts("ReassessIncome", HOME, effective=MONTH, income_fen=40_000, corrects=wrong)


def test_a_correction_against_the_household_rests_on_the_first_decisions_hearing() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.heard(HOME, "higher_income")
    wrong = office.given("ReassessIncome", HOME, **HIGHER)
    office.accepts("ReassessIncome", HOME, effective=MONTH, income_fen=60_000, corrects=wrong)


def test_a_correction_that_first_reduces_needs_a_hearing() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    favour = office.given("ReassessIncome", HOME, **LOWER)
    office.refuses("opinion_heard", "ReassessIncome", HOME, month=MONTH, **HIGHER, corrects=favour)


def test_moving_a_favour_to_a_later_month_is_a_reduction_of_the_months_between() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    favour = office.given("ReassessIncome", HOME, **LOWER)
    later = LOWER | {"effective": "2026-11", "corrects": favour}
    office.refuses("opinion_heard", "ReassessIncome", HOME, month=MONTH, **later)


def test_what_an_appeal_led_to_needs_no_hearing() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.heard(HOME, "exit")
    exited = office.given("ExitHousehold", HOME, **EXIT)
    appeal = office.given("LodgeAppeal", HOME, decision=exited, body="the county")
    office.given("DecideAppeal", HOME, appeal=appeal, outcome="overturned")
    office.accepts("RevokeExit", HOME, exit=exited, reason="appeal", appeal=appeal)
    office.refuses(
        "opinion_heard", "ExitHousehold", HOME, month="2026-10", **EXIT | {"effective": "2026-10"}
    )


def test_revoking_a_grace_period_that_kept_income_low_is_a_reduction() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.heard(HOME, "higher_income", "exit")
    raised = office.given("ReassessIncome", HOME, **HIGHER)
    started = {
        "effective": MONTH, "until": "2026-10", "person": ANN, "employed_on": "2026-08-01",
        "defers": raised, "decided_by": "county",
    }  # fmt: skip
    grace = office.given("StartGracePeriod", HOME, **started)
    assert office.state(HOME, MONTH).income_fen == 35_000
    revoked = {"exit": grace, "reason": "no_job"}
    office.refuses("opinion_heard", "RevokeExit", HOME, month=MONTH, **revoked)
    office.heard(HOME, "higher_income")
    office.accepts("RevokeExit", HOME, **revoked)
    assert office.state(HOME, MONTH).income_fen == 50_000


def test_a_revoked_enrolment_is_a_stop() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN])
    revoked = {"enrolment": enrolled, "reason": "forged", "legal_basis": "Law 60"}
    office.refuses("opinion_heard", "RevokeEnrolment", HOME, month=SINCE, **revoked)
    office.heard(HOME, "exit")
    office.accepts("RevokeEnrolment", HOME, **revoked)


def test_a_corrected_hearing_says_only_what_its_correction_says() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    heard = office.heard(HOME, "exit")
    office.given(
        "HearOpinion", HOME, intended=["suspension"], manner="heard", corrects=heard,
        decided_on="2026-08-01",
    )  # fmt: skip
    office.refuses("opinion_heard", "ExitHousehold", HOME, month=MONTH, **EXIT)


def test_a_new_member_with_an_income_is_a_reduction_when_the_amount_falls() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])  # 1 x 700.00 - 350.00
    joins = {"effective": MONTH, "member": member(BOB, covered=False)}
    # 1 x (2 x 700.00 - 900.00) / 2 = 250.00
    office.refuses("opinion_heard", "AddMember", HOME, month=MONTH, **joins, income_fen=90_000)
    # 1 x (2 x 700.00 - 700.00) / 2 = 350.00
    office.accepts("AddMember", HOME, **joins, income_fen=70_000)


def test_a_split_takes_nobodys_cover_unheard() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB, CARL])
    split = {
        "effective": MONTH, "new_household": OTHER, "income_fen": 20_000, "new_income_fen": 0,
        **DECISION,
    }  # fmt: skip
    loses = [member(BOB, "head"), member(CARL, covered=False)]
    office.refuses("opinion_heard", "SplitHousehold", HOME, month=MONTH, **split, members=loses)
    office.refuses(
        "opinion_heard", "SplitHousehold", HOME, month=MONTH,
        **split | {"income_fen": 40_000}, members=household_of(BOB, CARL),
    )  # fmt: skip
    office.accepts("SplitHousehold", HOME, **split, members=household_of(BOB, CARL))


def test_a_merger_takes_nobodys_cover_unheard() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.enrolled(OTHER, [BOB, CARL])
    merged = {"effective": MONTH, "absorbed": OTHER, "income_fen": 50_000, **DECISION}
    office.refuses(
        "opinion_heard", "MergeHouseholds", HOME, month=MONTH, **merged, members=[member(BOB)]
    )
    office.accepts(
        "MergeHouseholds", HOME, **merged, members=[member(BOB, "spouse"), member(CARL, "child")]
    )


def test_an_exit_that_calls_itself_a_merger_is_heard_as_any_other() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    merged = EXIT | {"reason": "merged", "went_to": OTHER}
    office.refuses("opinion_heard", "ExitHousehold", HOME, month=MONTH, **merged)


def test_losing_a_supplement_of_who_is_not_covered_is_no_reduction() -> None:
    office = Office()
    uncovered = member(BOB, "child", supplements=["minor"], covered=False)
    office.enrolled(HOME, [], members=[member(ANN, "head"), uncovered])
    office.accepts(
        "WithdrawSupplement", HOME, effective=MONTH, person=BOB, supplement="minor", reason="of_age"
    )


def test_a_household_of_many_facts_is_decided_as_readily_as_another() -> None:
    # One writer decides for everybody: while it looks through one household, all others wait.
    office = Office(standards=False)
    office.adopt("dibao", "gap", 70_000, effective="1990-01")
    office.enrolled(HOME, [ANN], effective="1991-01")
    office.heard(HOME, "exit", "higher_income")
    for month in (f"{year}-{of:02d}" for year in range(2020, 1995, -1) for of in range(12, 0, -1)):
        lower = {"effective": month, "income_fen": 1_000, "decided_on": BEFORE_THE_LAW}
        office.sends("ReassessIncome", HOME, **lower)
    began = thread_time()  # not the clock on the wall: others work on the machine as well
    office.sends("ReassessIncome", HOME, effective="1995-01", income_fen=50_000)
    assert thread_time() - began < 5
