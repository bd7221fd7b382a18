"""Work offered and refused: not before three refusals, and then only that member's share."""

from __future__ import annotations

from tests.rules.given import ANN, BEFORE_THE_LAW, BOB, CARL, HOME, MONTH, Office

STOP = {"effective": MONTH, "person": BOB, "reason": "work_refused", "legal_basis": "Law 24"}
SUSPEND = {"effective": MONTH, "reason": "work_refused", "legal_basis": "Law 24"}


def refused_work(office: Office, times: int, decided_on: str = "2026-07-01") -> None:
    for _ in range(times):
        offer = office.given("OfferWork", HOME, person=BOB, decided_on=decided_on)
        office.given("RecordWorkRefusal", HOME, person=BOB, offer=offer, decided_on=decided_on)


def test_stops_only_the_share_of_who_refused_work_three_times() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    office.heard(HOME, "member_lost", "suspension")
    refused_work(office, 2)
    office.refuses("three_refusals", "StopMemberCover", HOME, month=MONTH, **STOP)
    refused_work(office, 1)
    office.refuses("only_the_share", "SuspendPayment", HOME, month=MONTH, **SUSPEND)
    office.refuses("three_refusals", "StopMemberCover", HOME, month=MONTH, **STOP | {"person": ANN})
    office.given("StopMemberCover", HOME, **STOP)
    assert office.covered(HOME, MONTH) == {ANN}
    assert office.state(HOME, MONTH).tested == 2


def test_a_refusal_after_the_decision_does_not_count() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    refused_work(office, 2)
    refused_work(office, 1, decided_on="2026-08-11")
    office.refuses("three_refusals", "StopMemberCover", HOME, month=MONTH, **STOP)


def test_a_corrected_refusal_counts_once_and_for_whom_the_correction_names() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    refused_work(office, 3)
    office.given(
        "RecordWorkRefusal", HOME, person=ANN, corrects=office.last(HOME), decided_on="2026-07-01"
    )
    office.refuses("three_refusals", "StopMemberCover", HOME, month=MONTH, **STOP)


def test_a_place_may_ask_for_more_refusals() -> None:
    office = Office()
    office.policy("work.refusals", 4)
    office.enrolled(HOME, [ANN, BOB])
    refused_work(office, 3)
    office.refuses("three_refusals", "StopMemberCover", HOME, month=MONTH, **STOP)


def test_what_is_migrated_needs_no_refusals_on_record() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    office.accepts("StopMemberCover", HOME, **STOP, migrated=True)
    office.accepts("SuspendPayment", HOME, **SUSPEND, migrated=True)


def test_refusals_are_needed_before_the_law_too() -> None:
    office = Office()
    office.enrolled(HOME, [ANN, BOB])
    stop = STOP | {"decided_on": BEFORE_THE_LAW}
    office.refuses("three_refusals", "StopMemberCover", HOME, month=MONTH, **stop)


def test_work_is_offered_to_a_member_on_the_roll() -> None:
    office = Office()
    office.misses("OfferWork", HOME, person=ANN)
    office.enrolled(HOME, [ANN])
    office.refuses("member_there", "OfferWork", HOME, month="2026-08", person=CARL)
    office.refuses("member_there", "RecordWorkRefusal", HOME, month="2026-08", person=CARL)
    office.accepts("OfferWork", HOME, person=ANN)


def test_a_refusal_names_an_offer_as_its_offer() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN])
    office.refuses("names_a_fact", "RecordWorkRefusal", HOME, person=ANN, offer=enrolled)
