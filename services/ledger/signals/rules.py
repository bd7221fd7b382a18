"""What becomes of a signal: one table, each line with the branches that its setting decides.

Nothing here looks at anything but the signal and the area's setting, so that the same signal under
the same rules gets the same answer. An alert is looked into by people; a match alone never reduces or
stops anything, which takes a hearing (Law 48).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal, NamedTuple
from uuid import UUID

from msgspec import Struct

from ledger.ids import derived_id
from ledger.signals.shapes import (
    SIGNAL_OF,
    AccidentReported,
    CompanyMatched,
    DeathRegistered,
    DepartmentAidGiven,
    DisabilityGraded,
    EmploymentRegistered,
    MedicalBillReported,
    Signal,
    VehicleMatched,
)

Became = Literal["alert", "assistance_list_line", "nothing"]
Urgency = Literal["urgent", "high", "normal"]


class Setting(Struct, frozen=True):
    """The value of a policy setting `signals.<name>`; contracts/policy-settings.json has each shape.

    The fields of all of them: a signal's rule looks at its own alone. Amounts are fen, of the bill, a
    month's wage, or the vehicle's value; grades are 1 (the worst) to 4.
    """

    becomes: Became
    urgency: Urgency = "normal"
    from_fen: int = 0
    urgent_from_fen: int | None = None
    to_grade: int = 4
    urgent_to_grade: int = 0
    mobility_aids: Literal["alert", "nothing"] = "alert"


class Response(NamedTuple):
    """What a signal became, and which branch of which rule made it so."""

    rule: str
    branch: str
    became: Became
    urgency: Urgency | None = None

    @property
    def code(self) -> str:
        """The rule and its branch as one code of at most 60 characters."""
        return f"{self.rule}.{self.branch}"


class Request(NamedTuple):
    """The command that follows: its name, its data, and the stream that it opens."""

    command: str
    data: dict[str, Any]
    subject: UUID


class Answer(NamedTuple):
    """The response to a signal, and the command that follows; None when nothing does."""

    response: Response
    request: Request | None


class Weighed(NamedTuple):
    """The branch that a signal falls into, and how urgent it is; None: nothing is to be done."""

    branch: str
    urgency: Urgency | None


class AlertRule(NamedTuple):
    """How a signal becomes an alert: of which kind, weighed how, and which of its fields is money."""

    kind: str
    weigh: Callable[[Any, Setting], Weighed]
    money: str | None = None


def _always(_: Signal, setting: Setting) -> Weighed:
    return Weighed("always", setting.urgency)


def _by_amount(fen: int | None, setting: Setting) -> Weighed:
    """Weigh an amount; one that the sender does not know is for people to find out."""
    if fen is None:
        return Weighed("amount_unknown", setting.urgency)
    if fen < setting.from_fen:
        return Weighed("below_threshold", None)
    if setting.urgent_from_fen is not None and fen >= setting.urgent_from_fen:
        return Weighed("at_or_above_urgent_threshold", "urgent")
    return Weighed("at_or_above_threshold", setting.urgency)


def _bill(signal: MedicalBillReported, setting: Setting) -> Weighed:
    return _by_amount(signal.amount_fen, setting)


def _wage(signal: EmploymentRegistered, setting: Setting) -> Weighed:
    return _by_amount(signal.wage_fen, setting)


def _vehicle(signal: VehicleMatched, setting: Setting) -> Weighed:
    if signal.kind == "mobility_aid" and setting.mobility_aids == "nothing":
        return Weighed("mobility_aid", None)
    return _by_amount(signal.value_fen, setting)


def _grade(signal: DisabilityGraded, setting: Setting) -> Weighed:
    if signal.grade > setting.to_grade:
        return Weighed("milder_than_threshold", None)
    if signal.grade <= setting.urgent_to_grade:
        return Weighed("urgent_grade", "urgent")
    return Weighed("grade_within_threshold", setting.urgency)


ALERTS: dict[type[Signal], AlertRule] = {
    MedicalBillReported: AlertRule("large_medical_bill", _bill, "amount_fen"),
    DisabilityGraded: AlertRule("disability_grade", _grade),
    AccidentReported: AlertRule("accident", _always),
    DeathRegistered: AlertRule("death_match", _always),
    EmploymentRegistered: AlertRule("job_found", _wage, "wage_fen"),
    CompanyMatched: AlertRule("company", _always),
    VehicleMatched: AlertRule("vehicle", _vehicle, "value_fen"),
}
"""The signals that may become an alert; DepartmentAidGiven may become a line."""


def answer(signal: Signal, setting: Setting, sender: str) -> Answer:
    """Return what becomes of a signal of a sender (its CloudEvents source) under an area's setting."""
    rule = SIGNAL_OF[type(signal)].setting
    if setting.becomes == "nothing":
        return Answer(Response(rule, "set_to_nothing", "nothing"), None)
    if isinstance(signal, DepartmentAidGiven):
        return _line(rule, signal, sender)
    weighed = ALERTS[type(signal)].weigh(signal, setting)
    if weighed.urgency is None:
        return Answer(Response(rule, weighed.branch, "nothing"), None)
    response = Response(rule, weighed.branch, "alert", weighed.urgency)
    return Answer(response, _alert(signal, weighed.urgency, sender))


def _alert(signal: Signal, urgency: Urgency, sender: str) -> Request:
    rule = ALERTS[type(signal)]
    data = {
        "decided_on": signal.reported_on,
        "area": signal.area,
        "kind": rule.kind,
        "urgency": urgency,
        "household": signal.household,
        "person": signal.person,
        "amount_fen": getattr(signal, rule.money) if rule.money else None,
        "source": source_of(sender),
    }
    return Request("RaiseAlert", data, case_of(signal, sender))


def _line(rule: str, signal: DepartmentAidGiven, sender: str) -> Answer:
    """Put aid on its household's list; who is in no household has no list that it could stand on."""
    if signal.household is None:
        return Answer(Response(rule, "no_household", "nothing"), None)
    data = {
        "decided_on": signal.reported_on,
        "household": signal.household,
        "person": signal.person,
        "department": signal.department,
        "policy": signal.policy,
        "month": signal.month,
        "quantity": signal.quantity,
        "unit": signal.unit,
    }
    request = Request("ReportDepartmentAid", data, case_of(signal, sender))
    return Answer(Response(rule, "always", "assistance_list_line"), request)


def case_of(signal: Signal, sender: str) -> UUID:
    """Return the stream that a signal opens: one for a sender's reference, however often it is sent.

    So a report that comes again under another message id is refused (one_case_a_stream).
    """
    return derived_id(f"{SIGNAL_OF[type(signal)].topic}\n{sender}\n{signal.reference}")


_NOT_CODED = re.compile(r"[^a-z0-9_.\-]+")


def source_of(sender: str) -> str:
    """Return a sender's name as a coded one, for an alert's `source`; its actor keeps it as it is."""
    return _NOT_CODED.sub("-", sender.lower()).strip("-")[:60] or "signals"
