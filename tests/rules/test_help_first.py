"""Help-first is never refused; what follows it must have something to follow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.given import ANN, HOME, MONTH, OTHER, TOWN, Office, enrolment, named

GRANT = named("grant")
AID: dict[str, Any] = {
    "area": TOWN,
    "cause": "fire",
    "form": "cash",
    "amount_fen": 200_000,
    "level": "village",
}
TEMPORARY: dict[str, Any] = {
    "area": TOWN, "type": "expenditure", "cause": "illness", "amount_fen": 100_000,
    "decided_by": "county",
}  # fmt: skip
FUNERAL: dict[str, Any] = {
    "area": TOWN,
    "person": ANN,
    "died_on": "2026-08-01",
    "amount_fen": 150_000,
}


@pytest.mark.parametrize(
    "unusual",
    [
        {},
        {"level": "town"},
        {"recipients": 40, "persons": []},
        {"form": "kind", "goods": "blankets"},
        {"household": str(OTHER)},
        {"amount_fen": 99_000_000},
    ],
)
def test_no_rule_refuses_help_first(unusual: dict[str, Any]) -> None:
    office = Office(standards=False)
    office.policy("help_first.ceiling_fen.village", 100_000)
    office.accepts("GrantEmergencyAid", GRANT, **AID | unusual)
    office.accepts("GrantEmergencyAid", named("again"), **AID | unusual)


def test_help_first_needs_no_verification_standard_or_registration() -> None:
    office = Office(standards=False)
    office.accepts("GrantEmergencyAid", GRANT, **AID, persons=[ANN])
    assert not office.recorded().get(ANN)


def test_help_first_is_given_in_a_known_area_once_a_stream() -> None:
    office = Office()
    office.refuses("known_area", "GrantEmergencyAid", GRANT, **AID | {"area": "99"})
    office.given("GrantEmergencyAid", GRANT, **AID)
    office.refuses("one_grant_a_stream", "GrantEmergencyAid", GRANT, **AID)
    office.refuses("one_grant_a_stream", "GrantTemporaryAid", GRANT, **TEMPORARY)


def test_the_paperwork_follows_and_joins_the_recipient_to_a_household() -> None:
    office = Office()
    office.given("GrantEmergencyAid", GRANT, **AID)
    office.given("GrantAidInstalment", GRANT, form="cash", amount_fen=50_000, level="town")
    office.given("EndEmergency", GRANT)
    office.misses("CompletePaperwork", GRANT, household=HOME)
    office.given("VerifyMeans", HOME, income_fen=0, decided_on="2026-02-01")
    office.given("CompletePaperwork", GRANT, household=HOME, persons=[ANN])
    office.refuses("converted_to_enrolment", "ConvertAidToEnrolment", GRANT, household=HOME)
    enrolled = office.given("EnrolHousehold", HOME, **enrolment([ANN]))
    office.refuses(
        "names_a_fact", "ConvertAidToEnrolment", GRANT, household=HOME, enrolment=f"{HOME}:1"
    )
    office.accepts("ConvertAidToEnrolment", GRANT, household=HOME, enrolment=enrolled)


@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("EndEmergency", {}),
        ("CompletePaperwork", {}),
        ("GrantAidInstalment", {"form": "cash", "amount_fen": 1, "level": "town"}),
        ("ConvertAidToEnrolment", {"household": HOME}),
        ("FindAidUnjustified", {"ground": "no_need", "amount_fen": 1}),
    ],
)
def test_what_follows_help_first_follows_only_help_first(
    command: str, data: dict[str, Any]
) -> None:
    office = Office()
    office.misses(command, GRANT, **data)
    office.given("GrantTemporaryAid", GRANT, **TEMPORARY)
    office.refuses("follows_help_first", command, GRANT, **data)


def test_an_emergency_ends_once_and_its_day_is_corrected() -> None:
    office = Office()
    office.given("GrantEmergencyAid", GRANT, **AID)
    ended = office.given("EndEmergency", GRANT)
    office.refuses("ended_once", "EndEmergency", GRANT)
    office.accepts("EndEmergency", GRANT, decided_on="2026-08-09", corrects=ended)


def test_no_more_is_found_unjustified_than_was_given() -> None:
    office = Office()
    office.given("GrantEmergencyAid", GRANT, **AID)
    office.given("GrantAidInstalment", GRANT, form="kind", amount_fen=100_000, level="town")
    wrong = {"ground": "no_need"}
    first = office.given("FindAidUnjustified", GRANT, **wrong, amount_fen=200_000)
    office.refuses(
        "unjustified_within_grant", "FindAidUnjustified", GRANT, **wrong, amount_fen=100_001
    )
    second = office.given("FindAidUnjustified", GRANT, **wrong, amount_fen=10_000, corrects=first)
    office.given("FindAidUnjustified", GRANT, **wrong, amount_fen=290_000)
    office.refuses(
        "unjustified_within_grant", "FindAidUnjustified", GRANT, **wrong, amount_fen=10_001,
        corrects=second,
    )  # fmt: skip


def test_a_corrected_grant_stays_the_streams_grant() -> None:
    office = Office()
    granted = office.given("GrantEmergencyAid", GRANT, **AID)
    office.accepts("GrantEmergencyAid", GRANT, **AID | {"amount_fen": 1}, corrects=granted)
    office.refuses(
        "unjustified_within_grant", "FindAidUnjustified", GRANT, ground="x", amount_fen=2
    )


def test_temporary_and_funeral_aid_name_a_known_area_and_household() -> None:
    office = Office()
    for command, data in (("GrantTemporaryAid", TEMPORARY), ("GrantFuneralAid", FUNERAL)):
        office.refuses("known_area", command, GRANT, **data | {"area": "99"})
        office.misses(command, GRANT, **data, household=HOME)
        office.accepts(command, named(command), **data)


def test_funeral_aid_follows_a_death() -> None:
    office = Office()
    tomorrow = FUNERAL | {"died_on": "2026-08-11"}
    office.refuses("death_dated", "GrantFuneralAid", GRANT, **tomorrow)


def test_help_first_neither_takes_cover_nor_needs_it() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.given("GrantEmergencyAid", GRANT, **AID, persons=[ANN], household=HOME)
    assert office.covered(HOME, MONTH) == {ANN}
