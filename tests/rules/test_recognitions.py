"""Recognitions: measured, lasting, ended; bound by no spell."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.households.household import Household
from tests.rules.given import (
    ANN,
    BOB,
    DECISION,
    HOME,
    MONTH,
    OTHER,
    TOWN,
    TOWN_WITHOUT_STANDARD,
    Office,
)


def recognised(recognition: str, **more: Any) -> dict[str, Any]:
    return {
        "effective": MONTH, "recognition": recognition, "area": TOWN, "persons": [ANN, BOB],
        **DECISION, **more,
    }  # fmt: skip


def in_force(office: Office, recognition: str, month: str) -> bool:
    return office.streams.get(Household, HOME).recognised(recognition, month) is not None


def test_a_marginal_household_is_measured_by_a_dibao_standard() -> None:
    office = Office()
    office.given("VerifyMeans", HOME, income_fen=90_000)
    nowhere = recognised("marginal", area=TOWN_WITHOUT_STANDARD)
    office.refuses("measured", "RecordRecognition", HOME, month=MONTH, **nowhere)
    office.accepts("RecordRecognition", HOME, **nowhere, migrated=True)
    office.accepts("RecordRecognition", HOME, **recognised("marginal"))


def test_a_rigid_household_is_measured_by_disposable_income_and_a_share() -> None:
    office = Office()
    office.given("VerifyMeans", HOME, income_fen=90_000)
    office.refuses("measured", "RecordRecognition", HOME, month=MONTH, **recognised("rigid"))
    office.policy("rigid.disposable_income_fen_year", 4_000_000)
    office.refuses("measured", "RecordRecognition", HOME, month=MONTH, **recognised("rigid"))
    office.policy("rigid.spending_share_bp", 6_000)
    office.accepts("RecordRecognition", HOME, **recognised("rigid"))


@pytest.mark.parametrize("recognition", ["orphan", "unattended_child", "left_behind"])
def test_what_no_income_decides_needs_neither_measure_nor_verification(recognition: str) -> None:
    Office(standards=False).accepts("RecordRecognition", HOME, **recognised(recognition))


def test_what_income_decides_is_verified() -> None:
    office = Office()
    office.refuses(
        "means_verified", "RecordRecognition", HOME, month=MONTH, **recognised("marginal")
    )
    elsewhere = office.given("VerifyMeans", OTHER, income_fen=0)
    named = recognised("marginal", verification=elsewhere)
    office.accepts("RecordRecognition", HOME, **named)


def test_a_rigid_recognition_lasts_as_long_as_policy_says() -> None:
    office = Office()
    office.policy("rigid.disposable_income_fen_year", 4_000_000)
    office.policy("rigid.spending_share_bp", 6_000)
    office.given("VerifyMeans", HOME, income_fen=90_000)
    office.given("RecordRecognition", HOME, **recognised("rigid"))
    assert in_force(office, "rigid", "2027-08")
    assert not in_force(office, "rigid", "2027-09")
    office.policy("rigid.months", 6)
    office.given("RecordRecognition", HOME, **recognised("rigid", effective="2027-09"))
    assert in_force(office, "rigid", "2028-02")
    assert not in_force(office, "rigid", "2028-03")


def test_a_recognition_does_not_end_before_it_starts() -> None:
    office = Office()
    office.refuses(
        "recognition_lasts", "RecordRecognition", HOME, month="2026-08",
        **recognised("orphan", until="2026-08"),
    )  # fmt: skip
    office.given("RecordRecognition", HOME, **recognised("orphan", until=MONTH))
    assert in_force(office, "orphan", MONTH)
    assert not in_force(office, "orphan", "2026-10")


def test_only_a_recognition_in_force_is_ended() -> None:
    office = Office()
    end = {"recognition": "orphan", "reason": "of_age"}
    office.misses("EndRecognition", HOME, **end, effective=MONTH)
    office.given("ReceiveApplication", HOME, area=TOWN, channel="counter")
    office.refuses(
        "recognition_in_force", "EndRecognition", HOME, month=MONTH, **end, effective=MONTH
    )
    office.given("RecordRecognition", HOME, **recognised("orphan"))
    office.refuses(
        "recognition_in_force", "EndRecognition", HOME, month="2026-08", **end, effective="2026-08"
    )
    office.given("EndRecognition", HOME, **end, effective="2026-11")
    assert in_force(office, "orphan", "2026-10")
    assert not in_force(office, "orphan", "2026-11")
    office.refuses(
        "recognition_in_force", "EndRecognition", HOME, month="2026-12", **end, effective="2026-12"
    )


def test_the_end_of_a_recognition_is_corrected_to_a_later_month() -> None:
    office = Office()
    end = {"recognition": "orphan", "reason": "of_age"}
    office.given("RecordRecognition", HOME, **recognised("orphan"))
    ended = office.given("EndRecognition", HOME, **end, effective="2026-10")
    office.given("EndRecognition", HOME, **end, effective="2026-12", corrects=ended)
    assert in_force(office, "orphan", "2026-11")
    assert not in_force(office, "orphan", "2026-12")


def test_a_recognition_outlives_a_revoked_enrolment_and_may_be_corrected() -> None:
    office = Office()
    enrolled = office.enrolled(HOME, [ANN])
    first = office.given("RecordRecognition", HOME, **recognised("orphan"))
    office.heard(HOME, "exit")
    office.given("RevokeEnrolment", HOME, enrolment=enrolled, reason="forged", legal_basis="Law 60")
    assert in_force(office, "orphan", MONTH)
    office.given("RecordRecognition", HOME, **recognised("orphan", until="2026-12"), corrects=first)
    assert not in_force(office, "orphan", "2027-01")


def test_a_recognition_needs_a_level_that_may_decide_and_a_known_area() -> None:
    office = Office()
    by_town = recognised("orphan", decided_by="town")
    office.refuses("delegated", "RecordRecognition", HOME, month=MONTH, **by_town)
    unknown = recognised("orphan", area="140403999")
    office.refuses("known_area", "RecordRecognition", HOME, **unknown)
