"""Facts of early warning and services: an alert, a referral or a report has a stream of its own."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from ledger.fact import AreaCode, Code, Fact, Text, recorded
from ledger.money import Fen
from ledger.months import Month

Department = Literal[
    "civil_affairs",
    "medical_insurance",
    "education",
    "housing",
    "employment",
    "charity",
    "rural_revitalisation",
    "disabled_federation",
    "health",
    "emergency_management",
    "other",
]
Unit = Annotated[
    Literal["fen", "item", "point", "hour"], Meta(description="What the quantity counts.")
]
Quantity = Annotated[int, Meta(ge=0, le=10**13)]


@recorded("assistance.AlertRaised.v1", command="RaiseAlert")
class AlertRaised(Fact, frozen=True, kw_only=True):
    """A match of data or a grid worker says that somebody may need help, or may no longer."""

    area: AreaCode
    kind: Literal[
        "disability_grade",
        "large_medical_bill",
        "accident",
        "job_lost",
        "job_found",
        "death_match",
        "imprisonment",
        "company",
        "vehicle",
        "second_home",
        "pension_match",
        "public_pay_match",
        "grid_report",
    ]
    urgency: Literal["urgent", "high", "normal"]
    household: UUID | None = None
    person: UUID | None = None
    amount_fen: Annotated[Fen | None, Meta(description="Of a bill, a pension, a wage.")] = None
    source: Code


@recorded("assistance.HomeVisited.v1", command="VisitHome")
class HomeVisited(Fact, frozen=True, kw_only=True):
    """Somebody looked: for an alert, or on a round."""

    household: UUID | None = None
    found: Literal["needs_help", "no_need", "not_at_home", "moved", "died"]
    visitors: Annotated[int, Meta(ge=1, le=20)] = 2


@recorded("assistance.AlertResolved.v1", command="ResolveAlert")
class AlertResolved(Fact, frozen=True, kw_only=True):
    """The alert was dealt with."""

    outcome: Literal[
        "enrolled", "aided", "referred", "reassessed", "exited", "no_need", "false_match"
    ]
    household: UUID | None = None


@recorded("assistance.ReferralMade.v1", command="MakeReferral")
class ReferralMade(Fact, frozen=True, kw_only=True):
    """Another department or a charity was asked to help."""

    household: UUID
    person: UUID | None = None
    to: Department
    need: Code
    alert: UUID | None = None


@recorded("assistance.ReferralAnswered.v1", command="AnswerReferral")
class ReferralAnswered(Fact, frozen=True, kw_only=True):
    """What became of a referral."""

    outcome: Literal["accepted", "declined", "helped"]
    reason: Code | None = None


@recorded("assistance.DepartmentAidReported.v1", command="ReportDepartmentAid")
class DepartmentAidReported(Fact, frozen=True, kw_only=True):
    """Another department reported what it gave: money, goods, points or hours."""

    household: UUID
    person: UUID | None = None
    department: Department
    policy: Code
    month: Annotated[Month, Meta(description="The month for which it was given.")]
    quantity: Quantity
    unit: Unit
    description: Text | None = None


@recorded("assistance.ServiceDelivered.v1", command="DeliverService")
class ServiceDelivered(Fact, frozen=True, kw_only=True):
    """A service was delivered to a household."""

    household: UUID
    person: UUID | None = None
    kind: Literal["care", "visit", "rehabilitation", "counselling", "training", "goods", "points"]
    month: Annotated[Month, Meta(description="The month in which it was delivered.")]
    quantity: Quantity
    unit: Unit
    provider: Code | None = None


@recorded("assistance.ComplaintReceived.v1", command="ReceiveComplaint")
class ComplaintReceived(Fact, frozen=True, kw_only=True):
    """Somebody complained."""

    area: AreaCode
    household: UUID | None = None
    ground: Code
    channel: Literal["counter", "online", "telephone", "letter"]
