"""What contracts/ promises to other services: a schema and an example of every fact and command."""

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from ledger import catalogue
from ledger.commands import read_line
from ledger.contracts import CONTRACTS, command_path, fact_path
from ledger.fact import BY_CLASS, BY_TOPIC, RECORDED, FactType

FACTS = sorted(BY_TOPIC.values(), key=lambda kind: kind.topic)
ASKED_FOR = [kind for kind in FACTS if kind.command]

every_fact = pytest.mark.parametrize("kind", FACTS, ids=lambda kind: kind.name)
every_command = pytest.mark.parametrize("kind", ASKED_FOR, ids=lambda kind: kind.command)


def read(path: Path) -> dict[str, Any]:
    """Read a schema."""
    schema: dict[str, Any] = json.loads(path.read_bytes())
    return schema


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """Return a validator that takes formats (dates, ids) for rules."""
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def fact(name: str) -> tuple[Draft202012Validator, dict[str, Any]]:
    """Return the validator of a fact, and its example to be spoilt."""
    schema = read(CONTRACTS / "facts" / f"{name}.v1.json")
    return validator(schema), copy.deepcopy(schema["examples"][0])


def command(name: str) -> tuple[Draft202012Validator, dict[str, Any]]:
    """Return the validator of a command line, and its example to be spoilt."""
    schema = read(CONTRACTS / "commands" / f"{name}.v1.json")
    return validator(schema), copy.deepcopy(schema["examples"][0])


def test_every_module_of_facts_is_in_the_catalogue() -> None:
    named = {module.__name__ for module in catalogue.MODULES}
    services = Path(catalogue.__file__).parents[1]
    on_disk = {
        ".".join(path.relative_to(services).with_suffix("").parts).removesuffix(".__init__")
        for path in [
            *services.glob("ledger/*/facts.py"),
            *services.glob("ledger/*/facts/__init__.py"),
        ]
    }
    assert on_disk == named


@every_fact
def test_a_topic_is_explicit_and_named_for_its_fact(kind: FactType) -> None:
    assert kind.topic == f"assistance.{kind.cls.__name__}.v1"
    assert BY_CLASS[kind.cls] is kind


def test_every_fact_has_a_schema_and_no_schema_is_without_a_fact() -> None:
    assert set(CONTRACTS.glob("facts/*")) == {fact_path(kind, CONTRACTS) for kind in FACTS}


def test_every_command_has_a_schema_and_no_schema_is_without_a_command() -> None:
    assert set(CONTRACTS.glob("commands/*")) == {
        command_path(kind, CONTRACTS) for kind in ASKED_FOR
    }


@every_fact
def test_a_facts_schema_is_a_schema_with_an_id_that_names_no_host(kind: FactType) -> None:
    schema = read(fact_path(kind, CONTRACTS))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:assistance:facts:{kind.name}:v1"
    assert schema["title"] == kind.name
    assert schema["description"] == kind.cls.__doc__


@every_fact
def test_an_example_of_a_fact_satisfies_its_schema(kind: FactType) -> None:
    schema = read(fact_path(kind, CONTRACTS))
    [example] = schema["examples"]
    validator(schema).validate(example)


@every_fact
def test_an_example_of_a_fact_is_stored_as_it_stands(kind: FactType) -> None:
    [example] = read(fact_path(kind, CONTRACTS))["examples"]
    stored = json.dumps(example, separators=(",", ":"), ensure_ascii=False).encode()
    assert msgspec.json.encode(msgspec.json.decode(stored, type=kind.cls)) == stored


@every_fact
def test_a_stored_fact_says_who_decided_and_by_which_command(kind: FactType) -> None:
    checks, example = fact(kind.name)
    for name in ("actor", "command_id", "decided_on"):
        assert not checks.is_valid({**example, name: None})
        assert not checks.is_valid({key: example[key] for key in example if key != name})


@every_fact
def test_every_property_of_a_fact_is_described(kind: FactType) -> None:
    schema = read(fact_path(kind, CONTRACTS))
    for part in [schema, *schema.get("$defs", {}).values()]:
        undescribed = [
            name for name, about in part["properties"].items() if not about.get("description")
        ]
        assert not undescribed
        assert part["additionalProperties"] is False


@every_fact
def test_an_amount_in_a_fact_is_a_whole_number_of_fen_of_at_least_zero(kind: FactType) -> None:
    checks, example = fact(kind.name)
    for name in [key for key in example if key.endswith("_fen")]:
        for wrong in (350.5, "35000", -1, 10**13 + 1, True):
            assert not checks.is_valid({**example, name: wrong}), (name, wrong)


@every_fact
def test_a_fact_with_an_unknown_field_is_refused(kind: FactType) -> None:
    checks, example = fact(kind.name)
    assert not checks.is_valid({**example, "name": "x"})


@every_fact
def test_a_fact_decided_on_an_impossible_day_is_refused(kind: FactType) -> None:
    checks, example = fact(kind.name)
    for wrong in ("2023-02-30", "2023-13-01", "2023-1-10", "2023-01-10T00:00:00Z", 20230110):
        assert not checks.is_valid({**example, "decided_on": wrong}), wrong


@pytest.mark.parametrize(
    "kind",
    [kind for kind in FACTS if "effective" in kind.cls.__struct_fields__],
    ids=lambda kind: kind.name,
)
def test_a_fact_that_takes_effect_names_a_possible_month(kind: FactType) -> None:
    checks, example = fact(kind.name)
    for wrong in ("2023-13", "2023-00", "2023-1", "2023-01-01", "1899-12", None):
        assert not checks.is_valid({**example, "effective": wrong}), wrong
    del example["effective"]
    assert not checks.is_valid(example)


@every_command
def test_an_example_of_a_command_satisfies_its_schema(kind: FactType) -> None:
    schema = read(command_path(kind, CONTRACTS))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:assistance:commands:{kind.command}:v1"
    [example] = schema["examples"]
    assert example["command"] == kind.command
    validator(schema).validate(example)


@every_command
def test_the_data_of_a_command_is_the_fact_less_what_is_recorded(kind: FactType) -> None:
    asked = read(command_path(kind, CONTRACTS))["properties"]["data"]
    stored = read(fact_path(kind, CONTRACTS))
    assert list(asked["properties"]) == [
        name for name in stored["properties"] if name not in RECORDED
    ]
    _, example = command(str(kind.command))
    decoded = msgspec.convert(example["data"], kind.cls)
    assert msgspec.to_builtins(decoded, builtin_types=()) == example["data"]


@every_command
def test_a_command_cannot_set_what_the_ledger_sets(kind: FactType) -> None:
    checks, example = command(str(kind.command))
    for name, value in {"actor": "x", "command_id": "x", "spell": 1, "rank": 1}.items():
        spoilt = {**example, "data": {**example["data"], name: value}}
        assert not checks.is_valid(spoilt), name


@every_command
def test_a_command_line_needs_its_name_key_and_data(kind: FactType) -> None:
    checks, example = command(str(kind.command))
    for name in ("command", "idempotency_key", "data"):
        assert not checks.is_valid({key: example[key] for key in example if key != name}), name
    assert not checks.is_valid({**example, "command": "Other"})
    assert not checks.is_valid({**example, "expected_version": -1})
    assert not checks.is_valid({**example, "surplus": 1})


@every_command
def test_an_example_of_a_command_is_read_by_the_ledger(kind: FactType) -> None:
    _, example = command(str(kind.command))
    line = read_line(json.dumps(example).encode())
    assert line.name == kind.command
    assert isinstance(line.fact, kind.cls)
    assert (line.key, line.actor) == (example["idempotency_key"], example["actor"])


@pytest.mark.parametrize("name", ["EnrolHousehold", "RecordDeath"])
def test_a_month_that_the_ledger_fills_in_may_be_left_out_of_the_command(name: str) -> None:
    checks, example = command(name)
    del example["data"]["effective"]
    checks.validate(example)


def test_a_mapping_takes_its_coded_keys_only() -> None:
    checks, example = fact("StandardAdopted")
    checks.validate({**example, "care": {"unable": 48000}, "tiers": {"A": 59000}})
    assert not checks.is_valid({**example, "care": {"helpless": 48000}})
    assert not checks.is_valid({**example, "tiers": {"first": 59000}})


def test_a_person_is_named_by_a_random_id() -> None:
    checks, example = fact("HeadChanged")
    for wrong in ("140403199001011234", "018F3C2E-2B02-7C42-8A13-6E9F3A7B2002", ""):
        assert not checks.is_valid({**example, "person": wrong}), wrong
