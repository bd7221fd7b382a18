"""Any signal, under any rule that may be adopted, becomes one thing, and the ledger can read it."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.signals.reading import read_signal
from ledger.signals.respond import command_of
from ledger.signals.rules import Setting, answer
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
from ledger.world import World
from tests.rules.given import (
    ANN,
    AREAS,
    BOB,
    COUNTY,
    HOME,
    OTHER_TOWN,
    PROVINCE,
    SINCE,
    TODAY,
    TOWN,
    Office,
)

NOTHING = {"becomes": "nothing"}
fen = st.integers(0, 10**13)
days = st.dates(date(1950, 1, 1), TODAY)
urgencies = st.sampled_from(["urgent", "high", "normal"])
SHAPES: dict[type[Signal], dict[str, st.SearchStrategy[Any]]] = {
    MedicalBillReported: {"amount_fen": fen},
    DisabilityGraded: {"grade": st.integers(1, 4)},
    AccidentReported: {"kind": st.sampled_from(["fire", "work", "other"])},
    DeathRegistered: {},
    EmploymentRegistered: {"wage_fen": st.none() | fen},
    CompanyMatched: {"role": st.sampled_from(["partner", "director"])},
    VehicleMatched: {
        "kind": st.sampled_from(["car", "mobility_aid", "other"]), "value_fen": st.none() | fen,
    },
    DepartmentAidGiven: {
        "department": st.sampled_from(["education", "other"]), "policy": st.just("a.b-c_1"),
        "month": st.sampled_from(["2020-01", SINCE]), "quantity": fen,
        "unit": st.sampled_from(["fen", "item", "point", "hour"]),
    },
}  # fmt: skip
KNOBS: dict[type[Signal], dict[str, st.SearchStrategy[Any]]] = {
    MedicalBillReported: {"from_fen": fen, "urgent_from_fen": st.none() | fen},
    DisabilityGraded: {
        "to_grade": st.integers(1, 4), "urgent_to_grade": st.none() | st.integers(1, 4),
    },
    EmploymentRegistered: {"from_fen": st.none() | fen},
    VehicleMatched: {
        "from_fen": st.none() | fen, "mobility_aids": st.sampled_from([None, "alert", "nothing"]),
    },
}  # fmt: skip


@st.composite
def signals(draw: st.DrawFn, kind: type[Signal] | None = None) -> Signal:
    """Any signal, as a sender writes it."""
    kind = kind or draw(st.sampled_from(sorted(SHAPES, key=lambda cls: cls.__name__)))
    occurred, reported = sorted((draw(days), draw(days)))
    fields = {
        "area": draw(st.sampled_from([PROVINCE, COUNTY, TOWN, OTHER_TOWN])),
        "person": str(draw(st.sampled_from([ANN, BOB]) | st.uuids(version=4))),
        "household": draw(st.none() | st.sampled_from([str(HOME)])),
        "occurred_on": occurred.isoformat(),
        "reported_on": reported.isoformat(),
        "reference": draw(st.from_regex(r"\A[A-Za-z0-9_.:/\-]{1,100}\Z")),
        **{name: draw(values) for name, values in SHAPES[kind].items()},
    }
    given = {name: value for name, value in fields.items() if value is not None}
    return read_signal(SIGNAL_OF[kind].topic, json.dumps(given).encode())


@st.composite
def rules(draw: st.DrawFn, kind: type[Signal]) -> dict[str, Any]:
    """Any value of a signal's setting that may be adopted."""
    if kind is DepartmentAidGiven:
        return draw(st.sampled_from([{"becomes": "assistance_list_line"}, NOTHING]))
    if kind is not DeathRegistered and draw(st.booleans()):
        return NOTHING
    knobs = {name: draw(values) for name, values in KNOBS.get(kind, {}).items()}
    given = {name: value for name, value in knobs.items() if value is not None}
    return {"becomes": "alert", "urgency": draw(urgencies), **given}


@settings(max_examples=300, deadline=None)
@given(data=st.data(), signal=signals(), sender=st.text(min_size=1, max_size=120))
def test_any_signal_under_any_rule_becomes_one_thing_and_its_command_can_be_read(
    data: st.DataObject, signal: Signal, sender: str
) -> None:
    office = Office()
    office.enrolled(HOME, [ANN])
    kind = SIGNAL_OF[type(signal)]
    value = data.draw(st.none() | rules(kind.cls))
    if value is not None:
        office.policy(kind.setting, value, data.draw(st.sampled_from([PROVINCE, signal.area])))

    world = World(office.streams, AREAS, office.today)
    response, command = command_of(signal, world, sender, "key")

    commands = {"alert": "RaiseAlert", "assistance_list_line": "ReportDepartmentAid"}
    assert (command and command.name) == commands.get(response.became)
    assert (response.urgency is not None) == (response.became == "alert")
    assert response.rule == kind.setting
    assert re.fullmatch(r"[a-z0-9_.\-]{1,60}", response.code)
    if command is not None:
        assert (command.actor, command.key, command.fact.decided_on) == (
            *(sender, "key"),
            signal.reported_on,
        )
    assert command_of(signal, world, sender, "key") == (response, command)


RANKS = [None, "normal", "high", "urgent"]


@pytest.mark.parametrize(
    ("kind", "field", "worse"),
    [
        (MedicalBillReported, "amount_fen", 1),
        (EmploymentRegistered, "wage_fen", 1),
        (VehicleMatched, "value_fen", 1),
        (DisabilityGraded, "grade", -1),
    ],
)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_what_weighs_more_is_never_less_urgent(
    kind: type[Signal], field: str, worse: int, data: st.DataObject
) -> None:
    signal = data.draw(signals(kind))
    values = st.integers(1, 4) if field == "grade" else fen
    two = sorted((data.draw(values), data.draw(values)), key=lambda value: worse * value)
    setting = msgspec.convert(data.draw(rules(kind)), Setting)
    ranks = [
        RANKS.index(answer(msgspec.structs.replace(signal, **{field: value}), setting, "s")[0][3])
        for value in two
    ]
    assert ranks == sorted(ranks)


@settings(max_examples=100, deadline=None)
@given(first=signals(), second=signals(), senders=st.tuples(st.text(), st.text()))
def test_a_case_is_opened_once_for_a_sender_a_type_and_a_reference(
    first: Signal, second: Signal, senders: tuple[str, str]
) -> None:
    always = Setting("alert", to_grade=4)
    opened: dict[UUID, tuple[type[Signal], str, str]] = {}
    for signal, sender in zip((first, second), senders, strict=True):
        request = answer(signal, always, sender).request
        if request is not None:
            told = (type(signal), sender, signal.reference)
            assert opened.setdefault(request.subject, told) == told
