"""Tells whether a contract changed in an additive way alone; anything else is a new version.

What comes in (commands, signals): whoever sends by the old schema is still accepted, and means the same.
What goes out (facts, messages) is kept for ever, so the new schema reads what the old one allowed, and
whoever reads by the old one understands what is new, when he ignores properties that he does not know.
New coded values and wider limits are additive both ways, as contracts/README.md says.

A pattern, and keywords that are not told apart here (oneOf, not, ...), may not change at all: whether
the new one is wider cannot be computed. To widen a pattern, set the new one beside the old in an anyOf.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

from jsonschema import Draft202012Validator

Schema = dict[str, Any]
Direction = Literal["in", "out"]

DIRECTIONS: dict[str, Direction] = {
    "facts": "out",
    "messages": "out",
    "commands": "in",
    "signals": "in",
}
"""Of each folder of contracts: whether its messages come in or go out."""

ANNOTATIONS = {"$comment", "$schema", "deprecated", "description", "examples", "title"}
_MAPS = {"$defs", "patternProperties", "properties"}
_VALUES = {"const", "default", "enum"}
_KEYWORDS_OF = {
    "string": {"format", "maxLength", "minLength", "pattern"},
    "number": {"exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"},
    "array": {"items", "maxItems", "minItems", "uniqueItems"},
    "object": {
        *("additionalProperties", "maxProperties", "minProperties"),
        *("properties", "propertyNames", "required"),
    },
    "boolean": set(),
    "null": set(),
}
_KEYWORDS_OF["integer"] = _KEYWORDS_OF["number"]
_TYPED = set().union(*_KEYWORDS_OF.values())
_COMPARED = _TYPED | _VALUES | ANNOTATIONS | {"$defs", "$id", "type"}
_LOWER = {"exclusiveMinimum", "minimum", "minItems", "minLength", "minProperties"}
_UPPER = {"exclusiveMaximum", "maximum", "maxItems", "maxLength", "maxProperties"}
_COUNTS_FROM_ZERO = {"minItems", "minLength", "minProperties"}


def shape_of(schema: Schema) -> Schema:
    """Return what a schema demands, without what it only says: titles, descriptions, examples."""
    shape: Schema = _walked(schema)
    return shape


def not_additive(old: Schema, new: Schema, direction: Direction) -> list[str]:
    """Say, a line each, what in `new` breaks with `old`: a JSON pointer into the schema, and why.

    The schemas are of JSON Schema 2020-12 and refer to nothing but their own `$defs`. Raises
    ValueError when one refers to itself, or sets the same limit beside an anyOf or $ref and within;
    KeyError when it refers to what is not there.
    """
    renamed = ["/$id: is another"] if old.get("$id") != new.get("$id") else []
    before, after = _inlined(_walked(old), old), _inlined(_walked(new), new)
    found = [*renamed, *_Inclusion(strict=True).faults(before, after, "")]
    if direction == "out":
        found += _Inclusion(strict=False).faults(after, before, "")
    return list(dict.fromkeys(found))


class _Inclusion:
    """Looks for values that one schema allows and another does not.

    Strict: any such value. Otherwise only what a reader by the other schema would stumble on: another
    type, or nothing where he relies on something; not unknown properties, coded values or limits.
    """

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict

    def faults(self, some: Any, other: Any, at: str) -> list[str]:
        """Say what `some` allows and `other` does not."""
        some, other = _as_object(some), _as_object(other)
        found = [] if not self._strict else list(_changed_default(some, other, at))
        choices = list(_alternatives(other))
        for one in _alternatives(some):
            values = _values(one)
            if values is None:
                tried = [self._of_one(one, choice, at) for choice in choices]
                best = min(tried or [[self._type_fault(one["type"], at)]], key=len)
                found += best
            else:
                found += self._of_values(values, other, at)
        return found

    def _of_values(self, values: list[Any], other: Schema, at: str) -> list[str]:
        if self._strict:
            checks = Draft202012Validator(other)
            wrong = [json.dumps(value) for value in values if not checks.is_valid(value)]
            return [f"{at}: does not allow {', '.join(wrong)} any more"] if wrong else []
        known = {choice["type"] for choice in _alternatives(other)}
        types = sorted({_type_of(value) for value in values})
        return [self._type_fault(kind, at) for kind in types if not _fits(kind, known)]

    def _of_one(self, some: Schema, other: Schema, at: str) -> list[str]:
        """Compare two schemas of one type each, the first without a list of values."""
        if not _fits(some["type"], {other["type"]}):
            return [self._type_fault(some["type"], at)]
        found = list(_narrowed(some, other, at)) if self._strict else []
        if some["type"] == "array" and "items" in other:
            found += self.faults(some.get("items", True), other["items"], f"{at}/items")
        if some["type"] == "object":
            found += self._of_properties(some, other, at)
            found += self._of_further(some, other, at)
        return found

    def _of_properties(self, some: Schema, other: Schema, at: str) -> Iterator[str]:
        mine, theirs = some.get("properties", {}), other.get("properties", {})
        for name in mine:
            under = f"{at}/properties/{_escaped(name)}"
            if name in theirs:
                yield from self.faults(mine[name], theirs[name], under)
            elif self._strict:
                yield f"{under}: is removed"
        words = "is newly required" if self._strict else "is no longer required"
        demanded = set(other.get("required", ())) - set(some.get("required", ()))
        yield from (f"{at}/properties/{_escaped(name)}: {words}" for name in sorted(demanded))

    def _of_further(self, some: Schema, other: Schema, at: str) -> Iterator[str]:
        """Compare what may be there besides the named properties: the keys and values of a mapping."""
        mine = some.get("additionalProperties", True)
        theirs = other.get("additionalProperties", True)
        under = f"{at}/additionalProperties"
        if mine is not False and theirs is False and self._strict:
            yield f"{under}: is closed"
        if mine is not False and isinstance(theirs, dict):
            yield from self.faults(mine, theirs, under)
        if isinstance(mine, dict):
            named = other.get("properties", {}).keys() - some.get("properties", {}).keys()
            for name in sorted(named):
                claimed = other["properties"][name]
                yield from self.faults(mine, claimed, f"{at}/properties/{_escaped(name)}")
        if "propertyNames" in other:
            keys = some.get("propertyNames", {"type": "string"})
            yield from self.faults(keys, other["propertyNames"], f"{at}/propertyNames")

    def _type_fault(self, kind: str, at: str) -> str:
        return f"{at}: does not allow {kind} any more" if self._strict else f"{at}: may be {kind}"


def _narrowed(some: Schema, other: Schema, at: str) -> Iterator[str]:
    """Say which limits, patterns and lists of `other` are not in `some`, or tighter than there."""
    if _values(other) is not None:
        yield f"{at}: allows listed values alone"
    for name in sorted(_LOWER & other.keys()):
        mine = some.get(name, 0 if name in _COUNTS_FROM_ZERO else float("-inf"))
        if other[name] > mine:
            yield f"{at}/{name}: is narrower"
    for name in sorted(_UPPER & other.keys()):
        if other[name] < some.get(name, float("inf")):
            yield f"{at}/{name}: is narrower"
    for name in ("format", "multipleOf", "pattern", "uniqueItems"):
        if name in other and other[name] != some.get(name):
            yield f"{at}/{name}: is new or another"
    for name in sorted((some.keys() | other.keys()) - _COMPARED):
        if some.get(name) != other.get(name):
            yield f"{at}/{name}: is another, and cannot be compared"


def _changed_default(some: Schema, other: Schema, at: str) -> Iterator[str]:
    """Say whether what is absent would mean something else."""
    if "default" not in some:
        return
    if "default" not in other or _written(some["default"]) != _written(other["default"]):
        yield f"{at}/default: is another"


def _alternatives(schema: Schema) -> Iterator[Schema]:
    """Take a schema apart at its `anyOf` and its types: each part has one type, and what limits it."""
    if "anyOf" in schema:
        rest = {name: value for name, value in schema.items() if name != "anyOf"}
        for choice in schema["anyOf"]:
            yield from _alternatives(_joined(rest, _as_object(choice)))
        return
    for kind in _types(schema):
        foreign = _TYPED - _KEYWORDS_OF[kind]
        part = {name: value for name, value in schema.items() if name not in foreign}
        yield {**part, **_only(schema, kind), "type": kind}


def _joined(around: Schema, within: Schema) -> Schema:
    """Put together what holds at once; ValueError when both limit the same."""
    twice = (around.keys() & within.keys()) - {"default"}
    if twice:
        raise ValueError(f"{', '.join(sorted(twice))} beside an anyOf or a $ref, and in it")
    return {**within, **around}


def _only(schema: Schema, kind: str) -> Schema:
    """Return the listed values that are of one type, as `enum`; nothing when none are listed."""
    values = _values(schema)
    return {} if values is None else {"enum": [v for v in values if _fits(_type_of(v), {kind})]}


def _types(schema: Schema) -> list[str]:
    if "type" in schema:
        return [schema["type"]] if isinstance(schema["type"], str) else list(schema["type"])
    values = _values(schema)
    if values is not None:
        return sorted({_type_of(value) for value in values})
    return [kind for kind in _KEYWORDS_OF if kind != "integer"]


def _values(schema: Schema) -> list[Any] | None:
    """Return the values that a schema lists, or None when it lists none."""
    if "enum" in schema:
        return list(schema["enum"])
    return [schema["const"]] if "const" in schema else None


def _fits(kind: str, kinds: set[str]) -> bool:
    return kind in kinds or (kind == "integer" and "number" in kinds)


def _type_of(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    return names.get(type(value)) or ("array" if isinstance(value, list) else "object")


def _as_object(schema: Any) -> Schema:
    """Write the schemas `true` and `false` as objects."""
    if isinstance(schema, dict):
        return schema
    return {} if schema else {"enum": []}


def _written(value: Any) -> str:
    """Write a value so that 1, 1.0 and true differ."""
    return json.dumps(value, sort_keys=True)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _walked(node: Any) -> Any:
    """Drop annotations wherever a schema stands; a property may have the name of one."""
    if isinstance(node, list):
        return [_walked(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {name: _inside(name, value) for name, value in node.items() if name not in ANNOTATIONS}


def _inside(name: str, value: Any) -> Any:
    if name in _VALUES:
        return value
    if name in _MAPS:
        return {key: _walked(schema) for key, schema in value.items()}
    return _walked(value)


def _inlined(node: Any, root: Schema, within: tuple[str, ...] = ()) -> Any:
    """Put in the place of every reference what it refers to."""
    if isinstance(node, list):
        return [_inlined(item, root, within) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        name: value if name in _VALUES else _inlined(value, root, within)
        for name, value in node.items()
        if name not in ("$defs", "$ref")
    }
    return _joined(kept, _target(node["$ref"], root, within)) if "$ref" in node else kept


def _target(ref: str, root: Schema, within: tuple[str, ...]) -> Schema:
    if ref in within:
        raise ValueError(f"{ref} refers to itself")
    target = _walked(root["$defs"][ref.removeprefix("#/$defs/")])
    found: Schema = _inlined(target, root, (*within, ref))
    return found
