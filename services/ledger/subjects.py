"""The subjects: which module owns which facts, what stream they are on, which verb decides them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from ledger.alerts.case import Case
from ledger.alerts.decide import decide as decide_case
from ledger.cover.decide import decide as decide_person
from ledger.cover.person import Person
from ledger.emergencies.decide import decide as decide_grant
from ledger.emergencies.grant import Grant
from ledger.fact import BY_CLASS, Fact
from ledger.households.decide import decide as decide_household
from ledger.households.household import Household
from ledger.ids import PAYMENT_LISTS, area_stream
from ledger.payment_months.decide import decide as decide_list
from ledger.payment_months.payment_lists import PaymentLists
from ledger.payment_months.recovering import decide as decide_recovery
from ledger.standards.area import Area
from ledger.standards.decide import decide as decide_area
from ledger.stream import Stream


class Named(NamedTuple):
    """How a fact itself says what it is about: in which field, and which stream follows from it."""

    field: str
    stream: Callable[[Any], UUID]


class Subject(NamedTuple):
    """What facts are about: its name, its plural in paths, its stream, its verb, its module of facts.

    Where `named` is given the facts themselves name the subject; else the stream's id does.
    """

    name: str
    plural: str
    stream: type[Stream]
    decide: Callable[[Any, Fact, Any], None]
    facts: str
    named: Named | None = None


def _one_stream(_: object) -> UUID:
    return PAYMENT_LISTS


AREA = Subject(
    "area", "areas", Area, decide_area, "ledger.standards.facts", Named("area", area_stream)
)
PAYMENT_LIST = Subject(
    "payment_list", "payment-lists", PaymentLists, decide_list,
    "ledger.payment_months.facts.lists", Named("list", _one_stream),
)  # fmt: skip
RECOVERY = Subject(
    "recovery", "recoveries", PaymentLists, decide_recovery,
    "ledger.payment_months.facts.recoveries", Named("recovery", _one_stream),
)  # fmt: skip
SUBJECTS = (
    AREA,
    Subject("household", "households", Household, decide_household, "ledger.households.facts"),
    Subject("person", "persons", Person, decide_person, "ledger.cover.facts"),
    Subject("grant", "grants", Grant, decide_grant, "ledger.emergencies.facts"),
    Subject("case", "cases", Case, decide_case, "ledger.alerts.facts"),
    PAYMENT_LIST,
    RECOVERY,
)


def _owner(fact: type[Fact]) -> Subject:
    return next(s for s in SUBJECTS if fact.__module__.startswith(s.facts))


SUBJECT_OF: dict[type[Fact], Subject] = {fact: _owner(fact) for fact in BY_CLASS}
"""The subject of every fact."""


def stream_named_by(fact: Fact) -> UUID | None:
    """Return the stream that follows from what a fact names, or None when its id is chosen."""
    named = SUBJECT_OF[type(fact)].named
    return named.stream(getattr(fact, named.field)) if named else None
