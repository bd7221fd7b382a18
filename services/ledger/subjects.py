"""The subjects: which folder owns which facts, what stream they are on, which verb decides them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ledger.alerts.case import Case
from ledger.alerts.decide import decide as decide_case
from ledger.cover.decide import decide as decide_person
from ledger.cover.person import Person
from ledger.emergencies.decide import decide as decide_grant
from ledger.emergencies.grant import Grant
from ledger.fact import BY_CLASS, Fact
from ledger.households.decide import decide as decide_household
from ledger.households.household import Household
from ledger.standards.area import Area
from ledger.standards.decide import decide as decide_area
from ledger.stream import Stream


class Subject(NamedTuple):
    """What owns a stream: its name, its plural in paths, its stream, its verb, its module of facts."""

    name: str
    plural: str
    stream: type[Stream]
    decide: Callable[[Any, Fact, Any], None]
    facts: str


AREA = Subject("area", "areas", Area, decide_area, "ledger.standards.facts")
SUBJECTS = (
    AREA,
    Subject("household", "households", Household, decide_household, "ledger.households.facts"),
    Subject("person", "persons", Person, decide_person, "ledger.cover.facts"),
    Subject("grant", "grants", Grant, decide_grant, "ledger.emergencies.facts"),
    Subject("case", "cases", Case, decide_case, "ledger.alerts.facts"),
)


def _owner(fact: type[Fact]) -> Subject:
    return next(s for s in SUBJECTS if fact.__module__.startswith(s.facts))


SUBJECT_OF: dict[type[Fact], Subject] = {fact: _owner(fact) for fact in BY_CLASS}
"""The subject of every fact."""
