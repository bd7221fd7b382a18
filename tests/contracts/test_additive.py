"""Contracts change in an additive way alone: each is held against its shape as first published.

`golden/schemas` holds those shapes. A new contract's is added by
`python -m ledger.contracts --first-published tests/contracts/golden/schemas`; none is changed. A failure
here means that a change needs a `.v2`, and a fact an upcaster.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from ledger.additive import DIRECTIONS, Direction, Schema, not_additive, shape_of
from ledger.contracts import CONTRACTS

PUBLISHED = Path(__file__).parent / "golden" / "schemas"
NAMES = sorted(str(path.relative_to(PUBLISHED)) for path in PUBLISHED.glob("*/*.json"))

BOTH: tuple[Direction, ...] = ("in", "out")
TEXT: Schema = {"type": "string", "maxLength": 9}


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_is_what_was_first_published_and_additions(name: str) -> None:
    old = json.loads((PUBLISHED / name).read_bytes())
    new = json.loads((CONTRACTS / name).read_bytes())
    assert not_additive(old, new, DIRECTIONS[name.partition("/")[0]]) == []


def test_every_contract_has_its_shape_as_first_published() -> None:
    there = {str(path.relative_to(CONTRACTS)) for path in CONTRACTS.glob("*/*.v*.json")}
    assert sorted(there - set(NAMES)) == [], (
        "run python -m ledger.contracts --first-published tests/contracts/golden/schemas"
    )
    assert sorted(set(NAMES) - there) == [], "a contract that was published is never taken away"
    assert {name.partition("/")[0] for name in there} <= DIRECTIONS.keys()


def contract(**properties: Any) -> Schema:
    """Return a contract whose first property, `a`, is required."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name == "a"],
        "additionalProperties": False,
    }


def of(schema: Schema) -> Schema:
    """Return a contract with one property of a schema."""
    return contract(a=schema)


WIDER = {
    "the same": (TEXT, TEXT),
    "a wider limit": (TEXT, {"type": "string", "maxLength": 10}),
    "a limit taken away": (TEXT, {"type": "string"}),
    "a lower minimum": ({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 0}),
    "a pattern taken away": ({"type": "string", "pattern": "^a$"}, {"type": "string"}),
    "a pattern beside the old": (
        {"type": "string", "pattern": "^a$"},
        {"type": "string", "anyOf": [{"pattern": "^a$"}, {"pattern": "^b$"}]},
    ),
    "a new coded value": ({"enum": ["x"]}, {"enum": ["x", "y"]}),
    "a constant that becomes one of several": ({"const": "x"}, {"enum": ["y", "x"]}),
    "any text instead of coded values": ({"enum": ["x"]}, {"type": "string"}),
    "wider items": (
        {"type": "array", "items": {"enum": [1]}, "maxItems": 2},
        {"type": "array", "items": {"type": "integer"}, "maxItems": 3},
    ),
    "another key of a mapping": (
        {"type": "object", "propertyNames": {"enum": ["x"]}, "additionalProperties": TEXT},
        {"type": "object", "propertyNames": {"enum": ["x", "y"]}, "additionalProperties": TEXT},
    ),
    "a reference instead of what it refers to": (TEXT, {"$ref": "#/$defs/Text"}),
    "other words": (TEXT, {**TEXT, "title": "T", "description": "D", "examples": ["x"]}),
    "no length at least": ({"type": "string"}, {"type": "string", "minLength": 0}),
}

NARROWER = {
    "a tighter limit": (TEXT, {"type": "string", "maxLength": 8}, "/maxLength: is narrower"),
    "a new limit": ({"type": "array"}, {"type": "array", "maxItems": 5}, "/maxItems: is narrower"),
    "a higher minimum": (
        {"type": "integer", "minimum": 0},
        {"type": "integer", "minimum": 1},
        "/minimum: is narrower",
    ),
    "not empty any more": (
        {"type": "string"},
        {"type": "string", "minLength": 1},
        "/minLength: is narrower",
    ),
    "another pattern": (
        {"type": "string", "pattern": "^a$"},
        {"type": "string", "pattern": "^[ab]$"},
        "/pattern: is new or another",
    ),
    "a new format": (TEXT, {**TEXT, "format": "date"}, "/format: is new or another"),
    "a coded value less": (
        {"enum": ["x", "y"]},
        {"enum": ["x"]},
        ': does not allow "y" any more',
    ),
    "coded values instead of any": (TEXT, {"enum": ["x"]}, ": allows listed values alone"),
    "another type": (
        {"type": "integer"},
        {"type": "string"},
        ": does not allow integer any more",
    ),
    "not null any more": (
        {"anyOf": [TEXT, {"type": "null"}]},
        TEXT,
        ": does not allow null any more",
    ),
    "another default": (
        {**TEXT, "default": "x"},
        {**TEXT, "default": "y"},
        "/default: is another",
    ),
    "true for one": ({"default": 1}, {"default": True}, "/default: is another"),
    "tighter items": (
        {"type": "array", "items": TEXT},
        {"type": "array", "items": {"type": "string", "maxLength": 8}},
        "/items/maxLength: is narrower",
    ),
    "a mapping with other values": (
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "additionalProperties": {"type": "integer"}},
        "/additionalProperties: does not allow string any more",
    ),
    "a name that a mapping's key may have": (
        {"type": "object", "additionalProperties": TEXT},
        {
            "type": "object",
            "properties": {"b": {"type": "integer"}},
            "additionalProperties": TEXT,
        },
        "/properties/b: does not allow string any more",
    ),
    "no further properties": (
        {"type": "object"},
        {"type": "object", "additionalProperties": False},
        "/additionalProperties: is closed",
    ),
    "a key of a mapping less": (
        {"type": "object", "propertyNames": {"enum": ["x", "y"]}},
        {"type": "object", "propertyNames": {"enum": ["x"]}},
        '/propertyNames: does not allow "y" any more',
    ),
    "a keyword that cannot be compared": (
        {"oneOf": [{"type": "string"}]},
        {"oneOf": [{"type": "string"}, {"maxLength": 3}]},
        "/oneOf: is another, and cannot be compared",
    ),
}


def referring(schema: Schema) -> Schema:
    """Return a contract whose definitions hold a text."""
    return {**of(schema), "$defs": {"Text": TEXT}}


@pytest.mark.parametrize("direction", BOTH)
@pytest.mark.parametrize(("old", "new"), WIDER.values(), ids=WIDER)
def test_what_is_wider_of_the_same_type_is_additive(
    old: Schema, new: Schema, direction: Direction
) -> None:
    assert not_additive(referring(old), referring(new), direction) == []


@pytest.mark.parametrize("direction", BOTH)
@pytest.mark.parametrize(("old", "new", "said"), NARROWER.values(), ids=NARROWER)
def test_what_is_narrower_or_means_something_else_is_not_additive(
    old: Schema, new: Schema, said: str, direction: Direction
) -> None:
    assert f"/properties/a{said}" in not_additive(of(old), of(new), direction)


@pytest.mark.parametrize("direction", BOTH)
def test_a_new_property_is_additive_unless_it_is_required(direction: Direction) -> None:
    old, new = contract(a=TEXT), contract(a=TEXT, b={"type": "integer", "default": 0})
    assert not_additive(old, new, direction) == []
    assert not_additive(old, {**new, "required": ["a", "b"]}, direction) == [
        "/properties/b: is newly required"
    ]


@pytest.mark.parametrize("direction", BOTH)
def test_a_property_that_is_removed_or_renamed_is_not_additive(direction: Direction) -> None:
    old = contract(a=TEXT, b=TEXT)
    assert not_additive(old, contract(a=TEXT), direction) == ["/properties/b: is removed"]
    assert "/properties/b: is removed" in not_additive(old, contract(a=TEXT, c=TEXT), direction)


def test_what_is_no_longer_required_may_be_left_out_by_a_sender_but_is_missed_by_a_reader() -> None:
    old, new = of(TEXT), {**of(TEXT), "required": []}
    assert not_additive(old, new, "in") == []
    assert not_additive(old, new, "out") == ["/properties/a: is no longer required"]


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ({"anyOf": [TEXT, {"type": "null"}]}, "may be null"),
        ({"type": ["string", "integer"], "maxLength": 9}, "may be integer"),
        ({"anyOf": [TEXT, {"const": True}]}, "may be boolean"),
    ],
)
def test_another_type_may_be_sent_but_a_reader_does_not_expect_it(new: Schema, said: str) -> None:
    assert not_additive(of(TEXT), of(new), "in") == []
    assert not_additive(of(TEXT), of(new), "out") == [f"/properties/a: {said}"]


def test_a_number_takes_integers_and_not_the_reverse() -> None:
    whole, any_number = of({"type": "integer"}), of({"type": "number"})
    assert not_additive(whole, any_number, "in") == []
    assert not_additive(whole, any_number, "out") == ["/properties/a: may be number"]
    assert not_additive(any_number, whole, "in") == [
        "/properties/a: does not allow number any more"
    ]


def test_a_contract_keeps_its_name() -> None:
    assert not_additive({"$id": "urn:a:v1"}, {"$id": "urn:a:v2"}, "in") == ["/$id: is another"]


def test_a_property_may_be_named_like_an_annotation() -> None:
    old = contract(a=TEXT, title=TEXT)
    assert shape_of(old) == old
    assert not_additive(old, of(TEXT), "in") == ["/properties/title: is removed"]


def test_a_change_within_a_definition_is_seen() -> None:
    old = {**of({"$ref": "#/$defs/Text"}), "$defs": {"Text": TEXT}}
    new = {**old, "$defs": {"Text": {**TEXT, "maxLength": 8}}}
    assert not_additive(old, new, "in") == ["/properties/a/maxLength: is narrower"]


def test_what_cannot_be_compared_is_an_error() -> None:
    itself = {
        "$ref": "#/$defs/A",
        "$defs": {"A": {"type": "array", "items": {"$ref": "#/$defs/A"}}},
    }
    with pytest.raises(ValueError, match="refers to itself"):
        not_additive(itself, itself, "in")
    twice = {"maxLength": 5, "anyOf": [{"type": "string", "maxLength": 9}]}
    with pytest.raises(ValueError, match="maxLength beside"):
        not_additive(twice, twice, "in")
    with pytest.raises(KeyError):
        not_additive({"$ref": "#/$defs/A", "$defs": {}}, {}, "in")


@pytest.mark.parametrize("folder", sorted(DIRECTIONS))
def test_a_contract_in_the_tree_that_loses_a_property_would_be_refused(folder: str) -> None:
    for name in [name for name in NAMES if name.startswith(f"{folder}/")]:
        old = json.loads((PUBLISHED / name).read_bytes())
        new = copy.deepcopy(old)
        lost = next(iter(new["properties"]))
        del new["properties"][lost]
        assert f"/properties/{lost}: is removed" in not_additive(old, new, DIRECTIONS[folder])
