"""Every turn of a household's life, with the persons' covers beside it."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.cover.facts import CoverEnded, CoverTaken
from ledger.cover.person import Person
from tests.rules.given import (
    ANN,
    BOB,
    CARL,
    DECISION,
    EXIT,
    HOME,
    MONTH,
    OTHER,
    OTHER_TOWN,
    SINCE,
    TOWN,
    TOWN_WITHOUT_STANDARD,
    Office,
    enrolment,
    member,
)

OLD: dict[str, Any] = {"decided_on": "2026-04-20"}
"""Decided before the law, so that no hearing is in the way of what a test is about."""


def left(**more: Any) -> dict[str, Any]:
    """An exit decided before the law."""
    return EXIT | OLD | more


def test_applies_is_checked_enrolled_and_told() -> None:
    office = Office()
    day = {"decided_on": "2026-02-01"}
    office.given(
        "ReceiveApplication", HOME, area=TOWN, channel="counter", applied_for="dibao.urban",
        persons=[ANN, BOB], **day,
    )  # fmt: skip
    office.given("AcceptApplication", HOME, clock="regular", **day)
    office.given("VerifyMeans", HOME, income_fen=35_000, **day)
    office.given("PostOpinion", HOME, days=7, **day)
    office.given("RaiseObjection", HOME, ground="has_a_car", **day)
    office.given("HoldAppraisal", HOME, outcome="supported", attended=12, **day)
    assert office.state(HOME, SINCE).spell is None
    enrolled = office.given("EnrolHousehold", HOME, **enrolment([ANN, BOB]))
    office.given("PublishDecision", HOME, decision=enrolled)
    office.given("ServeNotice", HOME, decision=enrolled)
    state = office.state(HOME, SINCE)
    assert (state.on_roll, state.spell, state.programme) == (True, 1, "dibao.urban")
    assert (state.area, state.income_fen, state.tested, state.head) == (TOWN, 35_000, 2, ANN)


def test_facts_before_the_first_enrolment_have_no_spell_and_those_after_it_name_theirs() -> None:
    office = Office()
    assert office.accepts("VerifyMeans", HOME, income_fen=0, decided_on="2026-02-01").spell is None
    assert office.accepts("EnrolHousehold", HOME, **enrolment([ANN])).spell == 1
    assert office.accepts("CompleteReview", HOME, outcome="unchanged").spell == 1


def test_head_income_tier_supplements_self_care_and_care_form_hold_from_their_month_on() -> None:
    office = Office()
    office.adopt("dibao", "tiered", 59_000, area=TOWN, tiers={"A": 59_000, "B": 43_000})
    office.enrolled(HOME, [ANN, BOB], tier="B")
    office.given("ChangeHead", HOME, effective=MONTH, person=BOB)
    office.given("ReassessIncome", HOME, effective=MONTH, income_fen=1_000)
    office.given("ChangeTier", HOME, effective=MONTH, tier="A")
    office.given("AssignSupplement", HOME, effective=MONTH, person=BOB, supplement="minor")
    office.given("AssessSelfCare", HOME, effective=MONTH, person=BOB, self_care="partial")
    office.given("ChangeCareForm", HOME, effective=MONTH, care_form="dispersed")
    before, after = office.state(HOME, "2026-08"), office.state(HOME, MONTH)
    assert (before.head, before.income_fen, before.tier, before.care_form) == (
        ANN,
        35_000,
        "B",
        None,
    )
    assert (after.head, after.income_fen, after.tier, after.care_form) == (
        BOB,
        1_000,
        "A",
        "dispersed",
    )
    assert after.members[BOB].supplements == {"minor"}
    assert after.members[BOB].self_care == "partial"
    assert not before.members[BOB].supplements
    office.refuses("tier_of_standard", "ChangeTier", HOME, month=MONTH, effective=MONTH, tier="C")


def test_the_programme_changes_within_the_spell() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.given("ChangeProgramme", HOME, effective=MONTH, programme="tekun.urban", **DECISION)
    assert (office.state(HOME, MONTH).programme, office.state(HOME, MONTH).spell) == (
        "tekun.urban",
        1,
    )
    assert office.covered(HOME, MONTH) == {ANN}
    office.given("ExitHousehold", HOME, **EXIT | {"effective": "2026-10"}, migrated=True)
    ended = office.streams.get(Person, ANN).facts[-1]
    assert isinstance(ended, CoverEnded)
    assert ended.programme == "tekun.urban"


def test_the_programme_does_not_change_to_one_without_a_standard() -> None:
    office = Office(standards=False)
    office.adopt("dibao", "gap", 70_000)
    office.enrolled(HOME, [ANN])
    office.refuses(
        "standard_in_force", "ChangeProgramme", HOME, month=MONTH, effective=MONTH,
        programme="tekun", **DECISION,
    )  # fmt: skip


def test_moves_where_a_standard_is_in_force_and_stays_covered() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.refuses(
        "standard_in_force", "MoveHousehold", HOME, month=MONTH, effective=MONTH,
        area=TOWN_WITHOUT_STANDARD,
    )  # fmt: skip
    office.refuses("known_area", "MoveHousehold", HOME, effective=MONTH, area="140403999")
    office.given("MoveHousehold", HOME, effective=MONTH, area=OTHER_TOWN)
    assert office.state(HOME, "2026-08").area == TOWN
    assert office.state(HOME, MONTH).area == OTHER_TOWN


def test_moves_between_areas_of_other_tiers_and_changes_its_tier_then() -> None:
    office = Office()
    office.adopt("dibao", "tiered", 59_000, area=TOWN, tiers={"A": 59_000})
    office.adopt("dibao", "tiered", 59_000, area=OTHER_TOWN, tiers={"A1": 59_000})
    office.enrolled(HOME, [ANN], tier="A")
    office.refuses("tier_of_standard", "ChangeTier", HOME, month=MONTH, effective=MONTH, tier="A1")
    office.given("MoveHousehold", HOME, effective=MONTH, area=OTHER_TOWN)
    office.given("ChangeTier", HOME, effective=MONTH, tier="A1")
    assert office.state(HOME, MONTH).tier == "A1"


def test_payment_is_suspended_and_resumed_while_the_household_stays_on_the_roll() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    suspend = {"reason": "unreachable", "legal_basis": "Law 48", **OLD}
    office.refuses("resumed_once", "ResumePayment", HOME, month="2026-05", effective="2026-05")
    office.given("SuspendPayment", HOME, effective="2026-05", **suspend)
    office.refuses(
        "suspended_once", "SuspendPayment", HOME, month="2026-06", effective="2026-06", **suspend
    )
    assert office.state(HOME, "2026-05").suspended
    assert office.covered(HOME, "2026-05") == {ANN}
    office.given("ResumePayment", HOME, effective="2026-07")
    assert not office.state(HOME, "2026-07").suspended


def test_exits_and_is_off_the_roll_from_the_first_month_not_paid() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    assert office.covered(HOME, "2026-05") == {ANN, BOB}
    assert office.covered(HOME, "2026-06") == set()
    assert not office.state(HOME, "2026-06").on_roll


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "other"},
        {"reason": "grace_ended"},
        {"reason": "merged"},
    ],
)
def test_an_exit_has_a_reason_that_says_why(wrong: dict[str, str]) -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.refuses("exit_reasoned", "ExitHousehold", HOME, month=MONTH, **EXIT | wrong)


def test_an_exit_for_another_reason_says_it_in_words() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.accepts("ExitHousehold", HOME, **left(reason="other", text="moved abroad"))


def test_a_migrated_exit_may_say_what_the_older_system_said() -> None:
    for reason in ("grace_ended", "merged"):
        office = Office()
        office.enrolled(HOME, [ANN])
        office.accepts("ExitHousehold", HOME, **EXIT | {"reason": reason}, migrated=True)


@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("ReassessIncome", {"income_fen": 0}),
        ("AddMember", {"income_fen": 0, "member": member(CARL)}),
        ("ChangeTier", {"tier": "A"}),
        ("SuspendPayment", {"reason": "unreachable", "legal_basis": "Law 48"}),
        ("MoveHousehold", {"area": OTHER_TOWN}),
        ("ChangeProgramme", {"programme": "dibao", **DECISION}),
        ("ExitHousehold", {"reason": "fraud", **DECISION}),
    ],
)
def test_what_changes_cover_amount_or_programme_is_effective_inside_its_spell(
    command: str, data: dict[str, Any]
) -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    for month in ("2026-02", "2026-06", "2026-09"):
        office.refuses("inside_spell", command, HOME, month=month, effective=month, **data, **OLD)
    if command != "ExitHousehold":
        office.accepts(command, HOME, effective="2026-05", **data, **OLD)


@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("CompleteReview", {"outcome": "unchanged"}),
        ("HearOpinion", {"intended": ["exit"], "manner": "heard"}),
        ("RaiseObjection", {"ground": "has_a_car"}),
        ("AssignGrid", {"effective": "2026-09", "grid": "g-7", "responsible": "clerk-1"}),
        ("DesignatePayee", {"effective": "2026-09", "person": CARL, "account_digest": "a" * 64}),
        ("RecordRecognition",
         {"effective": "2026-09", "recognition": "orphan", "area": TOWN, "persons": [ANN],
          **DECISION}),
    ],
)  # fmt: skip
def test_procedure_recognitions_grid_and_payee_are_not_bound_by_a_spell(
    command: str, data: dict[str, Any]
) -> None:
    office = Office()
    office.given("ReceiveApplication", HOME, area=TOWN, channel="counter")
    office.accepts(command, HOME, **data)
    office = Office()
    office.enrolled(HOME, [ANN])
    office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    office.accepts(command, HOME, **data)
    assert not office.state(HOME, "2026-09").on_roll


def test_returns_as_a_new_spell_with_everything_anew() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    office.given("AssignSupplement", HOME, effective="2026-05", person=ANN, supplement="elderly")
    office.given(
        "SuspendPayment", HOME, effective="2026-05", reason="x", legal_basis="Law 48", **OLD
    )
    office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    office.given("VerifyMeans", HOME, income_fen=0, decided_on="2026-07-01")
    back = enrolment([ANN], effective="2026-08", decided_on="2026-07-10", income_fen=0)
    office.given("EnrolHousehold", HOME, **back)
    state = office.state(HOME, "2026-08")
    assert (state.spell, state.income_fen, state.suspended, set(state.members)) == (
        2,
        0,
        False,
        {ANN},
    )
    assert not state.members[ANN].supplements
    assert office.streams.get(Person, ANN).spans() == {
        HOME: [(SINCE, "2026-06"), ("2026-08", None)]
    }
    assert office.covered(HOME, "2026-05") == {ANN, BOB}


def test_returns_in_the_very_month_of_the_exit() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    office.given("VerifyMeans", HOME, income_fen=0, decided_on="2026-05-01")
    back = enrolment([ANN], effective="2026-06", decided_on="2026-05-10")
    office.given("EnrolHousehold", HOME, **back)
    assert office.state(HOME, "2026-06").spell == 2
    assert office.streams.get(Person, ANN).spans() == {HOME: [(SINCE, None)]}


def test_cover_is_taken_and_ended_by_as_few_facts_as_it_takes() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    assert [(type(f), f.spell) for f in office.recorded()[ANN]] == [
        (CoverTaken, 1),
        (CoverEnded, 1),
    ]
    assert [getattr(f, "effective", None) for f in office.recorded()[ANN]] == [SINCE, "2026-06"]


def test_an_appeal_is_of_a_decision_on_this_stream_and_is_decided_when_lodged() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    for decision in (f"{OTHER}:1", f"{HOME}:9"):
        office.refuses("names_a_fact", "LodgeAppeal", HOME, decision=decision, body="the county")
        office.refuses("names_a_fact", "ServeNotice", HOME, decision=decision)
        office.refuses("names_a_fact", "PublishDecision", HOME, decision=decision)
        office.refuses("names_a_fact", "DecideAppeal", HOME, appeal=decision, outcome="upheld")
    office.refuses("names_a_fact", "DecideAppeal", HOME, appeal=f"{HOME}:2", outcome="upheld")
    appeal = office.given("LodgeAppeal", HOME, decision=f"{HOME}:2", body="the county")
    office.accepts("DecideAppeal", HOME, appeal=appeal, outcome="upheld")


def test_a_reassessment_names_a_verification_as_its_verification() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN])
    data: dict[str, Any] = {"effective": MONTH, "income_fen": 0}
    office.refuses("names_a_fact", "ReassessIncome", HOME, **data, verification=enrolled)
    office.accepts("ReassessIncome", HOME, **data, verification=f"{HOME}:1")
