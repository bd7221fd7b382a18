"""contracts/signals: a schema and an example of every signal, and the setting that is its rule."""

import copy
import json
import re
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from ledger.commands import MAX_BODY
from ledger.contracts import CONTRACTS, signal_path
from ledger.errors import LedgerError, Malformed, TooLarge, Unreadable
from ledger.fact import BY_TOPIC
from ledger.signals.reading import read_signal
from ledger.signals.rules import Setting
from ledger.signals.shapes import BY_SIGNAL, SIGNAL_OF, Signal, SignalType

SIGNALS = sorted(BY_SIGNAL.values(), key=lambda kind: kind.topic)
SETTINGS: dict[str, Any] = json.loads((CONTRACTS / "policy-settings.json").read_bytes())["settings"]

NAMES = [kind.name for kind in SIGNALS]
HOME = "018f3c2e-1a01-7b31-9c04-5d8e2f6a1001"

every_signal = pytest.mark.parametrize("kind", SIGNALS, ids=lambda kind: kind.name)


def schema_of(kind: SignalType) -> dict[str, Any]:
    """Read a signal's schema."""
    schema: dict[str, Any] = json.loads(signal_path(kind, CONTRACTS).read_bytes())
    return schema


def checked(kind: SignalType) -> tuple[Draft202012Validator, dict[str, Any]]:
    """Return the validator of a signal, and its example to be spoilt."""
    schema = schema_of(kind)
    formats = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(schema, format_checker=formats), copy.deepcopy(
        schema["examples"][0]
    )


def body(name: str, changed: dict[str, Any] | None = None) -> bytes:
    """The example of a signal as bytes, with fields changed; None leaves a field out."""
    _, example = checked(BY_SIGNAL[f"assistance.{name}.v1"])
    fields = {**example, **(changed or {})}
    given = {field: value for field, value in fields.items() if value is not None}
    return json.dumps(given).encode()


def read(name: str, changed: dict[str, Any]) -> Signal:
    """Read the example of a signal, with fields changed."""
    return read_signal(f"assistance.{name}.v1", body(name, changed))


def test_every_signal_has_a_schema_and_no_schema_is_without_a_signal() -> None:
    assert set(CONTRACTS.glob("signals/*")) == {signal_path(kind, CONTRACTS) for kind in SIGNALS}


@every_signal
def test_a_signals_type_is_explicit_and_no_facts(kind: SignalType) -> None:
    assert kind.topic == f"assistance.{kind.cls.__name__}.v1"
    assert SIGNAL_OF[kind.cls] is BY_SIGNAL[kind.topic] is kind
    assert kind.topic not in BY_TOPIC


@every_signal
def test_a_signals_schema_is_a_schema_with_an_id_that_names_no_host(kind: SignalType) -> None:
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:assistance:signals:{kind.name}:v1"
    assert (schema["title"], schema["description"]) == (kind.name, kind.cls.__doc__)
    assert all(about.get("description") for about in schema["properties"].values())
    assert schema["additionalProperties"] is False


@every_signal
def test_an_example_of_a_signal_satisfies_its_schema_and_is_read(kind: SignalType) -> None:
    checks, example = checked(kind)
    checks.validate(example)
    signal = read_signal(kind.topic, json.dumps(example).encode())
    assert type(signal) is kind.cls
    assert json.loads(msgspec.json.encode(signal)) == example


@every_signal
def test_what_the_schema_refuses_is_not_read_either(kind: SignalType) -> None:
    checks, example = checked(kind)
    spoilt: list[dict[str, Any]] = [
        *({key: example[key] for key in example if key != name} for name in schema_of(kind)["required"]),
        *({**example, name: None} for name in ("area", "occurred_on", "reported_on", "reference")),
        *({**example, name: [example[name]]} for name in example),
        {**example, "name": "x"},
        {**example, "reported_on": "2023-02-30"},
        {**example, "person": "140403199001011234"},
    ]  # fmt: skip
    for wrong in spoilt:
        assert not checks.is_valid(wrong), wrong
        with pytest.raises(Exception, match=r"^(/|The body)"):
            read_signal(kind.topic, json.dumps(wrong).encode())


@every_signal
def test_an_amount_in_a_signal_is_a_whole_number_of_fen_of_at_least_zero(kind: SignalType) -> None:
    checks, example = checked(kind)
    for name in [key for key in example if key.endswith("_fen") or key == "quantity"]:
        for wrong in (350.5, "35000", -1, 10**13 + 1, True):
            assert not checks.is_valid({**example, name: wrong}), (name, wrong)


@every_signal
def test_a_signals_rule_is_a_setting_named_for_it(kind: SignalType) -> None:
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.name).lower()
    assert kind.setting == f"signals.{snake}"
    assert kind.setting in SETTINGS


def test_every_setting_of_signals_is_some_signals_rule_and_every_field_of_it_is_read() -> None:
    named = {name for name in SETTINGS if name.startswith("signals.")}
    assert named == {kind.setting for kind in SIGNALS}
    fields = {field for name in named for field in SETTINGS[name]["schema"]["properties"]}
    assert fields == set(Setting.__struct_fields__)


@every_signal
def test_a_signals_rule_always_says_what_it_becomes(kind: SignalType) -> None:
    setting = SETTINGS[kind.setting]
    checks = Draft202012Validator(setting["schema"])
    default = setting["default"]
    assert msgspec.convert(default, Setting).becomes != "nothing"
    assert not checks.is_valid({})
    assert not checks.is_valid({**default, "becomes": "exit"})
    assert not checks.is_valid({**default, "other": 1})
    for name in schema_names(setting) & {"urgency"}:
        assert not checks.is_valid({key: default[key] for key in default if key != name})
        assert not checks.is_valid({**default, "becomes": "nothing"})


def schema_names(setting: dict[str, Any]) -> set[str]:
    """The properties of a setting's value."""
    return set(setting["schema"]["properties"])


@pytest.mark.parametrize(
    ("name", "changed", "pointers"),
    [
        ("MedicalBillReported", {"person": None, "household": None}, ["/person"]),
        ("MedicalBillReported", {"occurred_on": "2023-12-31"}, ["/occurred_on"]),
        ("MedicalBillReported", {"person": None, "household": None, "occurred_on": "2023-12-31"},
         ["/person", "/occurred_on"]),
        ("DeathRegistered", {"person": None, "household": HOME}, [""]),
        ("MedicalBillReported", {"amount_fen": -1}, ["/amount_fen"]),
        ("MedicalBillReported", {"amount_fen": 1.5}, ["/amount_fen"]),
        ("MedicalBillReported", {"month": "2026-13"}, ["/month"]),
        ("DisabilityGraded", {"grade": 0}, ["/grade"]),
        ("DisabilityGraded", {"grade": 5}, ["/grade"]),
        ("AccidentReported", {"kind": "fire at the house of Zhang San"}, ["/kind"]),
        ("VehicleMatched", {"kind": "bicycle"}, ["/kind"]),
        ("CompanyMatched", {"role": "owner"}, ["/role"]),
        ("DepartmentAidGiven", {"unit": "kilogram"}, ["/unit"]),
        ("DepartmentAidGiven", {"policy": "Zhang San"}, ["/policy"]),
        ("DeathRegistered", {"area": "1404030"}, ["/area"]),
        ("DeathRegistered", {"reference": "Zhang San"}, ["/reference"]),
        ("DeathRegistered", {"reference": ""}, ["/reference"]),
        ("DeathRegistered", {"person": "140402199001011234"}, ["/person"]),
        ("DeathRegistered", {"name": "Zhang San"}, [""]),
        ("DeathRegistered", {"occurred_on": "2026-02-30"}, ["/occurred_on"]),
    ],
)  # fmt: skip
def test_a_signal_of_another_shape_is_refused_with_the_place(
    name: str, changed: dict[str, Any], pointers: list[str]
) -> None:
    with pytest.raises(Malformed) as refused:
        read(name, changed)
    assert type(refused.value) is Malformed
    assert [error["pointer"] for error in refused.value.extra["errors"]] == pointers


def test_work_may_be_registered_ahead() -> None:
    signal = read("EmploymentRegistered", {"occurred_on": "2023-04-01"})
    assert signal.occurred_on > signal.reported_on


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", Unreadable),
        (b"{", Unreadable),
        (body("DeathRegistered")[:-1] + b', "area": "14"}', Unreadable),
        (b'{"area": "\\ud800"}', Unreadable),
        (b" " * MAX_BODY + b"{}", TooLarge),
        (b"[]", Malformed),
        (b"null", Malformed),
    ],
)
def test_what_is_no_json_object_or_too_large_is_not_read(
    data: bytes, kind: type[LedgerError]
) -> None:
    with pytest.raises(LedgerError) as caught:
        read_signal("assistance.DeathRegistered.v1", data)
    assert type(caught.value) is kind


@pytest.mark.parametrize("topic", ["", "DeathRegistered", "assistance.RaiseAlert.v1"])
def test_a_type_that_is_no_signals_is_not_read(topic: str) -> None:
    with pytest.raises(Malformed, match="no signal of this type"):
        read_signal(topic, body("DeathRegistered"))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_was_submitted_is_said_again(name: str) -> None:
    private = "Zhang-San-140402199001011234"
    for field in json.loads(body(name)):
        with pytest.raises(LedgerError) as caught:
            read(name, {field: f"{private}!"})
        assert private not in json.dumps([caught.value.detail, caught.value.extra])
