"""Signals of other departments: which rule makes what of which, and what then is recorded."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from ledger.alerts.facts import AlertRaised, DepartmentAidReported
from ledger.commands import Command
from ledger.errors import NotFound, Refused
from ledger.fact import Fact
from ledger.signals.reading import read_signal
from ledger.signals.respond import command_of
from ledger.signals.rules import ALERTS, Response, Setting, answer, source_of
from ledger.signals.shapes import BY_SIGNAL, DepartmentAidGiven, Signal
from ledger.standards.settings import check_setting, default_of
from ledger.subjects import SUBJECT_OF
from ledger.world import World
from tests.rules.given import (
    ANN,
    AREAS,
    BOB,
    COUNTY,
    EXIT,
    HOME,
    MONTH,
    OTHER_PROVINCE,
    OTHER_TOWN,
    PROVINCE,
    SINCE,
    TODAY,
    TOWN,
    Office,
    named,
)

REPORTED = "2026-08-10"
SENDER = "medical-insurance"
OWN: dict[str, dict[str, Any]] = {
    "MedicalBillReported": {"amount_fen": 600_000},
    "DisabilityGraded": {"grade": 1},
    "AccidentReported": {"kind": "fire"},
    "DeathRegistered": {},
    "EmploymentRegistered": {"wage_fen": 310_000},
    "CompanyMatched": {"role": "shareholder"},
    "VehicleMatched": {"kind": "car", "value_fen": 4_000_000},
    "DepartmentAidGiven": {
        "department": "education", "policy": "school_meals", "month": SINCE, "quantity": 45_000,
        "unit": "fen",
    },
}  # fmt: skip
"""What each signal needs of its own."""


def body(name: str, **changed: Any) -> bytes:
    """The data of a signal of Ann in the town; a field changed to None is left out."""
    common = {"area": TOWN, "person": ANN, "occurred_on": "2026-08-03", "reported_on": REPORTED}
    fields = {**common, "reference": "report-1", **OWN[name], **changed}
    given = {field: value for field, value in fields.items() if value is not None}
    return json.dumps(given, default=str).encode()


def a_signal(name: str, **changed: Any) -> Signal:
    return read_signal(f"assistance.{name}.v1", body(name, **changed))


def world_of(office: Office) -> World:
    return World(office.streams, AREAS, office.today, actor=SENDER)


def asked(
    office: Office, name: str, sender: str = SENDER, **changed: Any
) -> tuple[Response, Command | None]:
    """What a signal becomes, and the command for it."""
    return command_of(a_signal(name, **changed), world_of(office), sender, "message-1")


def became(office: Office, name: str, **changed: Any) -> tuple[str, str | None]:
    response, _ = asked(office, name, **changed)
    return response.became, response.urgency


def recorded(office: Office, name: str, sender: str = SENDER, **changed: Any) -> Fact:
    """The fact that a signal leads to, decided by the rules that every command meets."""
    _, command = asked(office, name, sender, **changed)
    assert command is not None
    assert command.subject is not None
    world = world_of(office)
    subject = SUBJECT_OF[type(command.fact)]
    stream = world.get(subject.stream, command.subject)
    world.refuse_future(command.fact)
    subject.decide(stream, command.fact, world)
    return stream.facts[-1]


def branch_of(name: str, setting: dict[str, Any] | None = None, **changed: Any) -> tuple[Any, ...]:
    """The branch, the result and the urgency of a signal under a setting; its default when None."""
    policy = f"signals.{snake(name)}"
    value = default_of(policy) if setting is None else setting
    check_setting(policy, value)
    response, _ = answer(a_signal(name, **changed), msgspec.convert(value, Setting), SENDER)
    assert response.rule == policy
    return response.branch, response.became, response.urgency


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


BILLS = {"becomes": "alert", "urgency": "normal", "from_fen": 1_000, "urgent_from_fen": 2_000}
GRADES = {"becomes": "alert", "urgency": "normal", "to_grade": 3, "urgent_to_grade": 1}
WAGES = {"becomes": "alert", "urgency": "high", "from_fen": 100_000}
CARS = {"becomes": "alert", "urgency": "normal", "from_fen": 500_000, "mobility_aids": "nothing"}
ALL_AIDS = {**CARS, "mobility_aids": "alert"}
NOTHING = {"becomes": "nothing"}


@pytest.mark.parametrize(
    ("name", "setting", "changed", "expected"),
    [
        ("MedicalBillReported", BILLS, {"amount_fen": 999},
         ("below_threshold", "nothing", None)),
        ("MedicalBillReported", BILLS, {"amount_fen": 1_000},
         ("at_or_above_threshold", "alert", "normal")),
        ("MedicalBillReported", BILLS, {"amount_fen": 1_999},
         ("at_or_above_threshold", "alert", "normal")),
        ("MedicalBillReported", BILLS, {"amount_fen": 2_000},
         ("at_or_above_urgent_threshold", "alert", "urgent")),
        ("MedicalBillReported", {**BILLS, "urgent_from_fen": 500}, {"amount_fen": 999},
         ("below_threshold", "nothing", None)),
        ("MedicalBillReported", {"becomes": "alert", "urgency": "high", "from_fen": 0},
         {"amount_fen": 10**13}, ("at_or_above_threshold", "alert", "high")),
        ("DisabilityGraded", GRADES, {"grade": 4}, ("milder_than_threshold", "nothing", None)),
        ("DisabilityGraded", GRADES, {"grade": 3}, ("grade_within_threshold", "alert", "normal")),
        ("DisabilityGraded", GRADES, {"grade": 2}, ("grade_within_threshold", "alert", "normal")),
        ("DisabilityGraded", GRADES, {"grade": 1}, ("urgent_grade", "alert", "urgent")),
        ("AccidentReported", {"becomes": "alert", "urgency": "normal"}, {},
         ("always", "alert", "normal")),
        ("DeathRegistered", {"becomes": "alert", "urgency": "urgent"}, {},
         ("always", "alert", "urgent")),
        ("EmploymentRegistered", WAGES, {"wage_fen": 99_999}, ("below_threshold", "nothing", None)),
        ("EmploymentRegistered", WAGES, {"wage_fen": 100_000},
         ("at_or_above_threshold", "alert", "high")),
        ("EmploymentRegistered", WAGES, {"wage_fen": None}, ("amount_unknown", "alert", "high")),
        ("CompanyMatched", {"becomes": "alert", "urgency": "high"}, {},
         ("always", "alert", "high")),
        ("VehicleMatched", CARS, {"value_fen": 499_999}, ("below_threshold", "nothing", None)),
        ("VehicleMatched", CARS, {"value_fen": 500_000},
         ("at_or_above_threshold", "alert", "normal")),
        ("VehicleMatched", CARS, {"value_fen": None}, ("amount_unknown", "alert", "normal")),
        ("VehicleMatched", CARS, {"kind": "mobility_aid"}, ("mobility_aid", "nothing", None)),
        ("VehicleMatched", ALL_AIDS, {"kind": "mobility_aid"},
         ("at_or_above_threshold", "alert", "normal")),
        ("DepartmentAidGiven", {"becomes": "assistance_list_line"}, {"household": HOME},
         ("always", "assistance_list_line", None)),
        ("DepartmentAidGiven", {"becomes": "assistance_list_line"}, {},
         ("no_household", "nothing", None)),
    ],
)  # fmt: skip
def test_a_rule_says_by_which_branch_a_signal_becomes_what(
    name: str, setting: dict[str, Any], changed: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    assert branch_of(name, setting, **changed) == expected


@pytest.mark.parametrize("name", sorted(set(OWN) - {"DeathRegistered"}))
def test_a_place_may_have_nothing_made_of_a_signal(name: str) -> None:
    assert branch_of(name, NOTHING, household=HOME) == ("set_to_nothing", "nothing", None)


def test_a_death_is_an_alert_wherever_it_is_registered() -> None:
    with pytest.raises(Refused, match="wrong shape"):
        check_setting("signals.death_registered", NOTHING)


@pytest.mark.parametrize(
    ("name", "changed", "expected"),
    [
        ("MedicalBillReported", {"amount_fen": 499_999}, ("nothing", None)),
        ("MedicalBillReported", {"amount_fen": 500_000}, ("alert", "high")),
        ("MedicalBillReported", {"amount_fen": 5_000_000}, ("alert", "urgent")),
        ("DisabilityGraded", {"grade": 2}, ("alert", "high")),
        ("DisabilityGraded", {"grade": 3}, ("nothing", None)),
        ("AccidentReported", {}, ("alert", "urgent")),
        ("DeathRegistered", {}, ("alert", "high")),
        ("EmploymentRegistered", {}, ("alert", "normal")),
        ("CompanyMatched", {}, ("alert", "normal")),
        ("VehicleMatched", {}, ("alert", "normal")),
        ("VehicleMatched", {"kind": "mobility_aid"}, ("nothing", None)),
        ("DepartmentAidGiven", {"household": HOME}, ("assistance_list_line", None)),
    ],
)
def test_where_no_area_adopted_a_rule_the_default_holds(
    name: str, changed: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    assert became(Office(), name, **changed) == expected


def test_the_rule_of_the_nearest_area_holds() -> None:
    office = Office()
    office.policy("signals.company_matched", NOTHING, PROVINCE)
    office.policy("signals.company_matched", {"becomes": "alert", "urgency": "urgent"}, TOWN)
    assert became(office, "CompanyMatched") == ("alert", "urgent")
    assert became(office, "CompanyMatched", area=OTHER_TOWN) == ("nothing", None)
    assert became(office, "CompanyMatched", area=OTHER_PROVINCE) == ("alert", "normal")


def test_the_rule_is_that_of_the_month_in_which_the_signal_was_reported() -> None:
    office = Office()
    office.policy("signals.company_matched", NOTHING, COUNTY, "2026-08")
    assert became(office, "CompanyMatched", reported_on="2026-08-31") == ("nothing", None)
    earlier = {"occurred_on": "2026-07-01", "reported_on": "2026-07-31"}
    assert became(office, "CompanyMatched", **earlier) == ("alert", "normal")
    office.accepts("EndPolicy", area=COUNTY, setting="signals.company_matched", effective="2026-09")
    assert became(office, "CompanyMatched", reported_on="2026-09-01") == ("alert", "normal")


def test_an_areas_code_that_gave_way_has_the_rule_of_its_successor() -> None:
    office = Office()
    office.accepts("ReplaceArea", area=TOWN, successor=OTHER_TOWN, effective="2026-08")
    office.policy("signals.company_matched", NOTHING, OTHER_TOWN)
    assert became(office, "CompanyMatched") == ("nothing", None)


def test_an_alert_says_what_kind_how_urgent_of_whom_and_from_where() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    raised = recorded(office, "MedicalBillReported", household=HOME, amount_fen=2_980_000)
    assert raised == AlertRaised(
        decided_on=date(2026, 8, 10), area=TOWN, kind="large_medical_bill", urgency="high",
        household=HOME, person=ANN, amount_fen=2_980_000, source=SENDER,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind", "amount"),
    [
        ("MedicalBillReported", "large_medical_bill", 600_000),
        ("DisabilityGraded", "disability_grade", None),
        ("AccidentReported", "accident", None),
        ("DeathRegistered", "death_match", None),
        ("EmploymentRegistered", "job_found", 310_000),
        ("CompanyMatched", "company", None),
        ("VehicleMatched", "vehicle", 4_000_000),
    ],
)
def test_a_signal_becomes_an_alert_of_its_kind(name: str, kind: str, amount: int | None) -> None:
    raised = recorded(Office(), name)
    assert isinstance(raised, AlertRaised)
    assert (raised.kind, raised.person, raised.amount_fen) == (kind, ANN, amount)


def test_every_signal_but_aid_may_become_an_alert() -> None:
    assert {*ALERTS, DepartmentAidGiven} == {kind.cls for kind in BY_SIGNAL.values()}


def test_aid_of_a_department_is_a_line_of_its_households_list() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    reported = recorded(office, "DepartmentAidGiven", household=HOME)
    assert reported == DepartmentAidReported(
        decided_on=date(2026, 8, 10), household=HOME, person=ANN, department="education",
        policy="school_meals", month=SINCE, quantity=45_000, unit="fen",
    )  # fmt: skip


def test_aid_in_kind_counts_its_own_unit() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    reported = recorded(office, "DepartmentAidGiven", household=HOME, quantity=3, unit="item")
    assert isinstance(reported, DepartmentAidReported)
    assert (reported.quantity, reported.unit) == (3, "item")


def test_aid_that_names_a_person_alone_goes_to_the_household_that_covers_them_in_its_month() -> (
    None
):
    office = Office()
    office.enrolled(HOME, [ANN])
    office.heard(HOME, "exit")
    office.accepts("ExitHousehold", HOME, **EXIT)
    for month, covered in ((SINCE, True), ("2026-08", True), ("2026-02", False), (MONTH, False)):
        response, command = asked(office, "DepartmentAidGiven", month=month)
        assert (command is not None) is covered, month
        assert response.branch == ("always" if covered else "no_household")
    reported = recorded(office, "DepartmentAidGiven")
    assert isinstance(reported, DepartmentAidReported)
    assert reported.household == HOME


def test_aid_of_a_person_whom_nobody_covers_is_not_recorded() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    response, command = asked(office, "DepartmentAidGiven", person=BOB)
    assert (response.branch, response.became, command) == ("no_household", "nothing", None)


def test_the_household_that_the_sender_names_is_taken_at_its_word() -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    office.enrolled(named("elsewhere"), [BOB])
    reported = recorded(office, "DepartmentAidGiven", person=BOB, household=HOME)
    assert isinstance(reported, DepartmentAidReported)
    assert reported.household == HOME


def test_a_household_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        recorded(Office(), "MedicalBillReported", household=HOME)


def test_an_area_that_is_not_known_is_refused_whatever_the_rule() -> None:
    with pytest.raises(Refused) as refused:
        asked(Office(), "MedicalBillReported", area="99", amount_fen=0)
    assert refused.value.rule == "known_area"


def test_a_report_of_tomorrow_is_refused() -> None:
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    with pytest.raises(Refused) as refused:
        recorded(Office(), "CompanyMatched", reported_on=tomorrow)
    assert refused.value.rule == "decided_in_future"


def test_a_reference_that_comes_again_opens_no_second_case() -> None:
    office = Office()
    recorded(office, "MedicalBillReported")
    with pytest.raises(Refused) as refused:
        recorded(office, "MedicalBillReported", amount_fen=700_000)
    assert refused.value.rule == "one_case_a_stream"
    recorded(office, "MedicalBillReported", reference="report-2")
    recorded(office, "MedicalBillReported", sender="another")
    recorded(office, "CompanyMatched")


def test_the_sender_is_the_actor_and_the_message_the_key() -> None:
    _, command = asked(Office(), "DeathRegistered", sender="Health / Registry")
    assert command is not None
    assert (command.name, command.actor, command.key) == (
        "RaiseAlert",
        "Health / Registry",
        "message-1",
    )
    assert isinstance(command.fact, AlertRaised)
    assert command.fact.source == "health-registry"


@pytest.mark.parametrize(
    ("sender", "source"),
    [("medical-insurance", "medical-insurance"), ("urn:a:B", "urn-a-b"), ("医保", "signals"),
     ("x" * 120, "x" * 60)],
)  # fmt: skip
def test_a_senders_name_is_coded_for_the_alert(sender: str, source: str) -> None:
    assert source_of(sender) == source


def test_the_code_of_a_response_names_rule_and_branch() -> None:
    response, _ = asked(Office(), "MedicalBillReported", amount_fen=0)
    assert response.code == "signals.medical_bill_reported.below_threshold"
