"""contracts/policy-settings.json: what a place may set, its shape, and its default."""

import json
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from ledger.contracts import CONTRACTS
from ledger.standards.facts import PolicyAdopted

DOCUMENT: dict[str, Any] = json.loads((CONTRACTS / "policy-settings.json").read_bytes())
SETTINGS: dict[str, dict[str, Any]] = DOCUMENT["settings"]

every_setting = pytest.mark.parametrize("name", sorted(SETTINGS))


def shape_of(name: str) -> Draft202012Validator:
    """Return the validator of a setting's value; `#/amount` is found in the document."""
    return Draft202012Validator({**DOCUMENT, "$ref": f"#/settings/{name}/schema"})


@every_setting
def test_a_setting_has_a_shape_a_default_and_a_meaning(name: str) -> None:
    assert set(SETTINGS[name]) == {"schema", "default", "description"}
    Draft202012Validator.check_schema(SETTINGS[name]["schema"])
    assert SETTINGS[name]["description"].endswith(".")


@every_setting
def test_a_default_has_the_shape_of_its_setting(name: str) -> None:
    default = SETTINGS[name]["default"]
    assert default is None or shape_of(name).is_valid(default)


@every_setting
def test_a_setting_with_its_default_can_be_adopted(name: str) -> None:
    default = SETTINGS[name]["default"]
    value = {"bp": 1} if default is None else default
    fact = {"decided_on": "2023-01-10", "effective": "2023-02", "area": "14"}
    adopted = msgspec.convert({**fact, "setting": name, "value": value}, PolicyAdopted)
    assert msgspec.to_builtins(adopted)["value"] == value


@every_setting
def test_a_setting_refuses_a_value_of_another_shape(name: str) -> None:
    assert not shape_of(name).is_valid(None)
    assert not shape_of(name).is_valid(350.5)
    assert not shape_of(name).is_valid("any other word")


@pytest.mark.parametrize("folder", ["facts/PolicyAdopted", "facts/PolicyEnded"])
def test_the_examples_name_a_setting_that_there_is(folder: str) -> None:
    [example] = json.loads((CONTRACTS / f"{folder}.v1.json").read_bytes())["examples"]
    assert example["setting"] in SETTINGS
    assert "value" not in example or shape_of(example["setting"]).is_valid(example["value"])


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ({"bp": 2000}, True),
        ({"fen": 8000}, True),
        ({"bp": -1}, False),
        ({"fen": 80.5}, False),
        ({"bp": 2000, "fen": 8000}, False),
        ({}, False),
    ],
)
def test_a_supplement_is_a_share_or_a_sum_and_never_both(
    value: dict[str, float], accepted: bool
) -> None:
    assert shape_of("supplement.elderly").is_valid(value) is accepted
