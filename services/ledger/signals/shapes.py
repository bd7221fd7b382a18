"""The signals: what another department has seen, past tense; a register of them by type.

A signal decides nothing. The area's rules make an alert of it, a line of the assistance list, or
nothing (`ledger.signals.rules`). Persons and households are named by their random ids.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal, NamedTuple, TypeVar
from uuid import UUID

from msgspec import Meta, Struct

from ledger.alerts.facts import Department, Quantity, Unit
from ledger.fact import AreaCode, Code
from ledger.money import Fen
from ledger.months import Month

Reference = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"^[A-Za-z0-9_.:/\-]+$(?!\n)",
        description="The sender's own number of what it reports, never a person's: it names one "
        "report of its type, and sent again it is the same report.",
    ),
]
"""What the sender calls the report; the ledger knows a repetition by it."""

DayOfReport = Annotated[
    date,
    Meta(
        description="The day on which the sender reported it: the day of the fact that follows, "
        "and the month whose rules hold."
    ),
]


class Signal(
    Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False
):
    """What was seen, where, of whom, and when; at least a person or a household is named."""

    area: AreaCode
    person: UUID | None = None
    household: UUID | None = None
    occurred_on: Annotated[
        date, Meta(description="The day on which it happened, not after `reported_on`.")
    ]
    reported_on: DayOfReport
    reference: Reference


class SignalOfPerson(Signal, frozen=True, kw_only=True):
    """A signal that is of one person always: what a household is or has, is a member's."""

    person: UUID


class SignalType(NamedTuple):
    """A kind of signal: its class, its CloudEvents type, the policy setting that is its rule."""

    cls: type[Signal]
    topic: str
    setting: str

    @property
    def name(self) -> str:
        """The signal's name without the type's prefix and version."""
        return self.topic.split(".")[1]


BY_SIGNAL: dict[str, SignalType] = {}
"""Every kind of signal by its CloudEvents type, `assistance.<Signal>.v1`."""

SIGNAL_OF: dict[type[Signal], SignalType] = {}
"""Every kind of signal by its class."""

S = TypeVar("S", bound=type[Signal])


def signal(topic: str, setting: str) -> Callable[[S], S]:
    """Register a signal under its CloudEvents type, with the name of the setting that is its rule."""

    def register(cls: S) -> S:
        BY_SIGNAL[topic] = SIGNAL_OF[cls] = SignalType(cls, topic, setting)
        return cls

    return register


@signal("assistance.MedicalBillReported.v1", "signals.medical_bill_reported")
class MedicalBillReported(Signal, frozen=True, kw_only=True):
    """The medical insurance settled a bill, or the bills of a month."""

    amount_fen: Annotated[
        Fen, Meta(description="What the person paid out of pocket, after every insurance, in fen.")
    ]
    month: Annotated[
        Month | None,
        Meta(description="The month of which it is the sum; left out, it is one bill."),
    ] = None


@signal("assistance.DisabilityGraded.v1", "signals.disability_graded")
class DisabilityGraded(SignalOfPerson, frozen=True, kw_only=True):
    """The disabled persons' federation graded a disability."""

    grade: Annotated[
        int, Meta(ge=1, le=4, description="1 to 4; 1 is the worst, 1 and 2 are severe.")
    ]


@signal("assistance.AccidentReported.v1", "signals.accident_reported")
class AccidentReported(Signal, frozen=True, kw_only=True):
    """An accident befell a person or a household."""

    kind: Annotated[
        Literal["traffic", "fire", "drowning", "work", "natural_disaster", "violence", "other"],
        Meta(description="What kind of accident it was."),
    ]


@signal("assistance.DeathRegistered.v1", "signals.death_registered")
class DeathRegistered(SignalOfPerson, frozen=True, kw_only=True):
    """A death was registered; `occurred_on` is the day of death."""


@signal("assistance.EmploymentRegistered.v1", "signals.employment_registered")
class EmploymentRegistered(SignalOfPerson, frozen=True, kw_only=True):
    """A person's employment was registered with the social insurance."""

    occurred_on: Annotated[
        date, Meta(description="The day from which the person works; may lie ahead.")
    ]
    wage_fen: Annotated[
        Fen | None, Meta(description="The registered wage, fen a month; left out, not known.")
    ] = None


@signal("assistance.CompanyMatched.v1", "signals.company_matched")
class CompanyMatched(SignalOfPerson, frozen=True, kw_only=True):
    """A person was found in the register of companies; `occurred_on` is the day of the entry."""

    role: Annotated[
        Literal[
            "legal_representative",
            "shareholder",
            "director",
            "supervisor",
            "partner",
            "sole_proprietor",
            "other",
        ],
        Meta(description="What the person is there."),
    ]


@signal("assistance.VehicleMatched.v1", "signals.vehicle_matched")
class VehicleMatched(SignalOfPerson, frozen=True, kw_only=True):
    """A person was found in the register of vehicles; `occurred_on` is the day of the entry."""

    kind: Annotated[
        Literal["car", "lorry", "motorcycle", "farm_vehicle", "mobility_aid", "other"],
        Meta(description="What kind of vehicle; a mobility aid makes up for a disability."),
    ]
    value_fen: Annotated[
        Fen | None, Meta(description="What it is worth, in fen; left out, not known.")
    ] = None


@signal("assistance.DepartmentAidGiven.v1", "signals.department_aid_given")
class DepartmentAidGiven(Signal, frozen=True, kw_only=True):
    """Another department gave aid: money, goods, points or hours."""

    department: Annotated[Department, Meta(description="The department that gave.")]
    policy: Annotated[Code, Meta(description="The code of the department's policy.")]
    month: Annotated[Month, Meta(description="The month for which it was given, YYYY-MM.")]
    quantity: Annotated[Quantity, Meta(description="How much, in `unit`; money in fen.")]
    unit: Unit
