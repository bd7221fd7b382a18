"""Alerts, visits, referrals, reports: a stream each, and what may follow on it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.given import ANN, HOME, TOWN, Office, named

CASE = named("case")
ALERT = {"area": TOWN, "kind": "large_medical_bill", "urgency": "urgent", "source": "hospital"}
REFERRAL = {"household": HOME, "to": "medical_insurance", "need": "reimbursement"}

OPENING: list[tuple[str, dict[str, Any]]] = [
    ("RaiseAlert", ALERT),
    ("VisitHome", {"found": "needs_help"}),
    ("MakeReferral", REFERRAL),
    ("ReportDepartmentAid",
     {"household": HOME, "department": "education", "policy": "p-1", "month": "2026-08",
      "quantity": 5, "unit": "fen"}),
    ("DeliverService",
     {"household": HOME, "kind": "care", "month": "2026-08", "quantity": 2, "unit": "hour"}),
    ("ReceiveComplaint", {"area": TOWN, "ground": "unfair", "channel": "letter"}),
]  # fmt: skip


def office_with_a_household() -> Office:
    office = Office()
    office.enrolled(HOME, [ANN])
    return office


@pytest.mark.parametrize(("command", "data"), OPENING)
def test_each_opens_a_stream_of_its_own(command: str, data: dict[str, Any]) -> None:
    office = office_with_a_household()
    first = office.given(command, CASE, **data)
    if command != "VisitHome":
        office.refuses("one_case_a_stream", command, CASE, data)
    office.accepts(command, CASE, **data, corrects=first)


@pytest.mark.parametrize(("command", "data"), OPENING)
def test_a_household_that_is_named_is_there(command: str, data: dict[str, Any]) -> None:
    Office().misses(command, CASE, **data | {"household": HOME})


@pytest.mark.parametrize(("command", "data"), [OPENING[0], OPENING[5]])
def test_an_area_that_is_named_is_known(command: str, data: dict[str, Any]) -> None:
    Office().refuses("known_area", command, CASE, **data | {"area": "99"})


def test_an_alert_is_visited_and_resolved_once() -> None:
    office = office_with_a_household()
    office.misses("ResolveAlert", CASE, outcome="no_need")
    office.given("RaiseAlert", CASE, **ALERT)
    office.given("VisitHome", CASE, household=HOME, found="needs_help")
    office.given("ResolveAlert", CASE, outcome="enrolled", household=HOME)
    office.refuses("closed_once", "ResolveAlert", CASE, outcome="no_need")
    office.accepts("VisitHome", CASE, found="no_need")


def test_a_referral_is_accepted_and_then_answered_for_good() -> None:
    office = office_with_a_household()
    office.misses("AnswerReferral", CASE, outcome="accepted")
    office.given("MakeReferral", CASE, **REFERRAL)
    office.given("AnswerReferral", CASE, outcome="accepted")
    office.given("AnswerReferral", CASE, outcome="helped")
    office.refuses("closed_once", "AnswerReferral", CASE, outcome="declined")


def test_what_follows_follows_its_kind() -> None:
    office = office_with_a_household()
    office.given("MakeReferral", CASE, **REFERRAL)
    office.refuses("follows_its_kind", "ResolveAlert", CASE, outcome="no_need")
    office.refuses("follows_its_kind", "VisitHome", CASE, found="no_need")
    alert = named("alert")
    office.given("RaiseAlert", alert, **ALERT)
    office.refuses("follows_its_kind", "AnswerReferral", alert, outcome="helped")


def test_visits_follow_visits() -> None:
    office = office_with_a_household()
    office.given("VisitHome", CASE, found="not_at_home")
    office.accepts("VisitHome", CASE, found="needs_help")
