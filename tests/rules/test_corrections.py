"""Nothing is edited: corrections, revocations, and facts recorded late."""

from __future__ import annotations

from typing import Any

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
    SINCE,
    THIRD,
    Office,
    enrolment,
    household_of,
    member,
)

OLD = {"decided_on": "2026-04-20"}


def left(**more: Any) -> dict[str, Any]:
    """An exit decided before the law."""
    return EXIT | OLD | more


def spans(office: Office, person: Any) -> Any:
    return office.streams.get(Person, person).spans()


def test_a_correction_stands_in_the_place_of_what_it_corrects() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    first = office.given("ReassessIncome", HOME, effective="2026-05", income_fen=30_000)
    office.given("ReassessIncome", HOME, effective="2026-05", income_fen=20_000)
    corrected = office.accepts(
        "ReassessIncome", HOME, effective="2026-05", income_fen=10_000, corrects=first
    )
    # The second one was recorded later and still holds.
    assert corrected.rank == 3
    assert office.state(HOME, "2026-05").income_fen == 20_000


def test_a_correction_may_itself_be_corrected_by_any_link_of_its_chain() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    first = office.given("ReassessIncome", HOME, effective="2026-05", income_fen=30_000, **OLD)
    second = office.given(
        "ReassessIncome", HOME, effective="2026-06", income_fen=20_000, corrects=first, **OLD
    )
    third = office.accepts(
        "ReassessIncome", HOME, effective="2026-07", income_fen=10_000, corrects=second, **OLD
    )
    fourth = office.accepts(
        "ReassessIncome", HOME, effective="2026-07", income_fen=9_000, corrects=first, **OLD
    )
    assert third.rank == fourth.rank == 3
    assert office.state(HOME, "2026-06").income_fen == 35_000
    assert office.state(HOME, "2026-07").income_fen == 9_000


def test_a_correction_names_a_fact_of_its_own_type_and_stream() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN])
    office.enrolled(OTHER, [BOB])
    for wrong in (enrolled, f"{OTHER}:2", f"{HOME}:3", f"{HOME}:999999999"):
        office.refuses(
            "names_a_fact", "ReassessIncome", HOME, effective=MONTH, income_fen=0, corrects=wrong
        )


def test_a_correction_has_its_own_month() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    exited = office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    office.given("ExitHousehold", HOME, **left(effective="2026-08"), corrects=exited)
    assert office.covered(HOME, "2026-07") == {ANN}
    assert spans(office, ANN) == {HOME: [(SINCE, "2026-08")]}
    office.given("ExitHousehold", HOME, **left(effective="2026-05"), corrects=exited)
    assert spans(office, ANN) == {HOME: [(SINCE, "2026-05")]}


def test_a_corrected_enrolment_moves_its_members_covers() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN, BOB])
    corrected = enrolment([ANN, CARL], effective="2026-05", corrects=enrolled)
    office.given("EnrolHousehold", HOME, **corrected)
    assert spans(office, ANN) == {HOME: [("2026-05", None)]}
    assert spans(office, BOB) == {HOME: []}
    assert spans(office, CARL) == {HOME: [("2026-05", None)]}
    assert office.state(HOME, "2026-05").spell == 1


def test_a_corrected_enrolment_that_names_no_month_keeps_its_own() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN])
    data = enrolment(
        [ANN], income_fen=1, corrects=enrolled, effective=None, decided_on="2026-06-01"
    )
    office.given("EnrolHousehold", HOME, **data)
    assert office.state(HOME, SINCE).income_fen == 1


def test_a_correction_takes_no_cover_that_another_household_has() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    exited = office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    office.enrolled(OTHER, [ANN], effective="2026-07")
    later = left(effective="2026-08", corrects=exited)
    office.refuses("one_basic_roll", "ExitHousehold", HOME, month="2026-07", **later)
    office.accepts("ExitHousehold", HOME, **left(effective="2026-07", corrects=exited))


def test_a_revoked_exit_is_left_out_and_takes_the_cover_again() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    exited = office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    office.given("RevokeExit", HOME, exit=exited, reason="appeal")
    assert office.covered(HOME, "2026-09") == {ANN, BOB}
    assert spans(office, ANN) == {HOME: [(SINCE, None)]}
    office.refuses("revoked_once", "RevokeExit", HOME, exit=exited, reason="appeal")


def test_a_revoked_exit_is_left_out_whatever_link_of_its_chain_is_named() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    exited = office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    later = office.given("ExitHousehold", HOME, **left(effective="2026-08", corrects=exited))
    office.given("RevokeExit", HOME, exit=exited, reason="appeal")
    assert office.covered(HOME, "2026-09") == {ANN}
    office.refuses("revoked_once", "RevokeExit", HOME, exit=later, reason="appeal")


def test_an_exit_is_not_revoked_when_its_members_are_covered_elsewhere() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    exited = office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    office.enrolled(OTHER, [BOB], effective="2026-08")
    office.refuses(
        "one_basic_roll", "RevokeExit", HOME, month="2026-08", exit=exited, reason="appeal"
    )


def test_an_exit_is_not_revoked_under_a_later_spell() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    exited = office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    office.given("VerifyMeans", HOME, income_fen=0, decided_on="2026-07-01")
    office.given(
        "EnrolHousehold", HOME, **enrolment([ANN], effective="2026-08", decided_on="2026-07-10")
    )
    office.refuses(
        "spells_apart", "RevokeExit", HOME, month="2026-08", exit=exited, reason="appeal"
    )


def test_exits_again_after_the_exit_was_revoked() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    exited = office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    office.given("RevokeExit", HOME, exit=exited, reason="appeal")
    office.given("ExitHousehold", HOME, **left(effective="2026-05"))
    assert spans(office, ANN) == {HOME: [(SINCE, "2026-05")]}


def test_a_revocation_names_an_exit_or_an_enrolment() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN])
    office.refuses("names_a_fact", "RevokeExit", HOME, exit=enrolled, reason="appeal")
    revoke = {"reason": "forged", "legal_basis": "Law 60"}
    office.refuses("names_a_fact", "RevokeEnrolment", HOME, enrolment=f"{HOME}:1", **revoke)
    exited = office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    office.refuses(
        "names_a_fact", "RevokeExit", HOME, exit=exited, reason="appeal", appeal=enrolled
    )


def test_a_revoked_enrolment_is_left_out_with_every_fact_of_its_spell() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN, BOB])
    office.given("ReassessIncome", HOME, effective="2026-05", income_fen=1)
    office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    revoked = {"enrolment": enrolled, "reason": "forged", "legal_basis": "Law 60"}
    office.given("RevokeEnrolment", HOME, **revoked, **OLD)
    for month in (SINCE, "2026-05", "2026-07"):
        assert not office.state(HOME, month).on_roll
        assert office.state(HOME, month).spell is None
        assert office.state(HOME, month).income_fen == 0
    assert spans(office, ANN) == {HOME: []}
    office.refuses("revoked_once", "RevokeEnrolment", HOME, **revoked)
    exited = f"{HOME}:4"
    office.refuses("revoked_once", "RevokeExit", HOME, exit=exited, reason="appeal")


def test_a_revoked_enrolment_frees_its_members_for_another_household() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN])
    revoked = {"enrolment": enrolled, "reason": "forged", "legal_basis": "Law 60"}
    office.given("RevokeEnrolment", HOME, **revoked, **OLD)
    office.enrolled(OTHER, [ANN])


def test_a_revoked_spell_keeps_its_number() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN])
    revoked = {"enrolment": enrolled, "reason": "forged", "legal_basis": "Law 60"}
    office.given("RevokeEnrolment", HOME, **revoked, **OLD)
    again = office.accepts("EnrolHousehold", HOME, **enrolment([BOB]))
    assert again.spell == 2
    assert office.covered(HOME, SINCE) == {BOB}


def test_what_was_revoked_is_out_for_good() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN])
    exited = office.given("ExitHousehold", HOME, **left(effective="2026-06"))
    revocation = office.given("RevokeExit", HOME, exit=exited, reason="appeal")
    again = left(effective="2026-07", corrects=exited)
    office.refuses("revoked_stays_out", "ExitHousehold", HOME, month="2026-06", **again)
    office.refuses(
        "revocation_stands", "RevokeExit", HOME, exit=exited, reason="appeal", corrects=revocation
    )
    revoked = {"enrolment": enrolled, "reason": "forged", "legal_basis": "Law 60", **OLD}
    office.given("RevokeEnrolment", HOME, **revoked)
    corrected = enrolment([ANN], corrects=enrolled)
    office.refuses("revoked_stays_out", "EnrolHousehold", HOME, month=SINCE, **corrected)


def test_procedure_recorded_in_a_revoked_spell_may_be_corrected() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN])
    review = office.given("CompleteReview", HOME, outcome="unchanged", **OLD)
    revoked = {"enrolment": enrolled, "reason": "forged", "legal_basis": "Law 60", **OLD}
    office.given("RevokeEnrolment", HOME, **revoked)
    office.accepts("CompleteReview", HOME, outcome="exit", corrects=review)


def test_a_late_fact_takes_its_place_among_those_already_effective() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.given("ReassessIncome", HOME, effective="2026-08", income_fen=10_000)
    office.given("ReassessIncome", HOME, effective="2026-05", income_fen=20_000)
    incomes = [office.state(HOME, m).income_fen for m in ("2026-04", "2026-05", "2026-08")]
    assert incomes == [35_000, 20_000, 10_000]


def test_a_late_exit_does_not_leave_later_facts_outside_the_spell() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.given("ReassessIncome", HOME, effective="2026-08", income_fen=10_000)
    late = left(effective="2026-07")
    office.refuses("inside_spell", "ExitHousehold", HOME, month="2026-08", **late)
    office.accepts("ExitHousehold", HOME, **left(effective="2026-09"))


def test_a_late_departure_meets_what_is_known_of_the_member_later() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    office.given("AssignSupplement", HOME, effective="2026-08", person=BOB, supplement="minor")
    gone = {"person": BOB, "income_fen": 0, "reason": "married", "effective": "2026-06", **OLD}
    office.refuses("member_there", "RemoveMember", HOME, month="2026-08", **gone)


def test_a_late_joining_is_refused_in_the_month_in_which_the_person_is_covered_elsewhere() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.enrolled(OTHER, [BOB], effective="2026-07")
    joins = {"effective": "2026-04", "member": member(BOB), "income_fen": 0}
    office.refuses("one_basic_roll", "AddMember", HOME, month="2026-07", **joins)


def test_the_income_of_a_split_is_corrected_on_its_own() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    split = {
        "effective": MONTH, "new_household": OTHER, "income_fen": 30_000, "new_income_fen": 0,
        "members": household_of(BOB), **DECISION,
    }  # fmt: skip
    first = office.given("SplitHousehold", HOME, **split)
    office.given("SplitHousehold", HOME, **split | {"income_fen": 20_000}, corrects=first)
    assert office.state(HOME, MONTH).income_fen == 20_000
    assert len(office.recorded()[OTHER]) == 1
    for changed in (
        {"effective": "2026-10"},
        {"new_income_fen": 1},
        {"members": household_of(ANN)},
    ):
        month = changed.get("effective", MONTH)
        assert isinstance(month, str)
        office.refuses(
            "other_household_stands", "SplitHousehold", HOME, month=month, **split | changed,
            corrects=first,
        )  # fmt: skip


def test_a_split_is_undone_by_revoking_the_new_household_and_then_corrected() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB, CARL])
    split = {
        "effective": "2026-06", "new_household": OTHER, "income_fen": 0, "new_income_fen": 0,
        "members": household_of(BOB), **DECISION, **OLD,
    }  # fmt: skip
    first = office.given("SplitHousehold", HOME, **split)
    right = split | {"new_household": THIRD, "members": household_of(CARL), "corrects": first}
    office.refuses("one_basic_roll", "SplitHousehold", HOME, month="2026-06", **right)
    revoked = {"enrolment": f"{OTHER}:1", "reason": "wrong_member", "legal_basis": "Law 60", **OLD}
    office.given("RevokeEnrolment", OTHER, **revoked)
    office.given("SplitHousehold", HOME, **right)
    assert office.covered(HOME, "2026-06") == {ANN, BOB}
    assert office.covered(THIRD, "2026-06") == {CARL}


def test_the_income_of_a_merger_is_corrected_on_its_own() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.enrolled(OTHER, [BOB])
    merged = {
        "effective": MONTH, "absorbed": OTHER, "income_fen": 60_000, "members": [member(BOB)],
        **DECISION,
    }  # fmt: skip
    first = office.given("MergeHouseholds", HOME, **merged)
    office.given("MergeHouseholds", HOME, **merged | {"income_fen": 50_000}, corrects=first)
    assert office.state(HOME, MONTH).income_fen == 50_000
    later = merged | {"effective": "2026-10", "corrects": first}
    office.refuses("other_household_stands", "MergeHouseholds", HOME, month="2026-10", **later)


def test_a_merger_is_undone_by_removing_its_members_and_revoking_the_exit() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.enrolled(OTHER, [BOB])
    merged = {
        "effective": MONTH, "absorbed": OTHER, "income_fen": 60_000, "members": [member(BOB)],
        **DECISION,
    }  # fmt: skip
    office.given("MergeHouseholds", HOME, **merged)
    exited = office.last(OTHER)
    office.refuses("one_basic_roll", "RevokeExit", OTHER, month=MONTH, exit=exited, reason="error")
    gone = {"person": BOB, "income_fen": 35_000, "reason": "merged_in_error", "effective": MONTH}
    office.heard(HOME, "member_lost")
    office.given("RemoveMember", HOME, **gone)
    office.given("RevokeExit", OTHER, exit=exited, reason="error")
    assert office.covered(HOME, MONTH) == {ANN}
    assert office.covered(OTHER, MONTH) == {BOB}


def test_a_wrong_death_is_corrected() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    wrong = office.given("RecordDeath", HOME, person=BOB, died_on="2026-06-30")
    office.given("RecordDeath", HOME, person=ANN, died_on="2026-05-30", corrects=wrong)
    assert office.covered(HOME, "2026-06") == {BOB}
    assert office.covered(HOME, "2026-08") == {BOB}
