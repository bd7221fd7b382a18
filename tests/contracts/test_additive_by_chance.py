"""What is called additive is: of many pairs of schemas, no value shows the opposite."""

from typing import Any

from hypothesis import assume, event, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ledger.additive import Schema, not_additive

Pair = tuple[Schema, Schema]

TEXTS: list[Schema] = [
    {"type": "string"},
    {"type": "string", "minLength": 1},
    {"type": "string", "maxLength": 1},
    {"type": "string", "pattern": "^x"},
    {"enum": ["x", "y"]},
    {"enum": ["x", "y", None]},
    {"const": "x"},
]
NUMBERS: list[Schema] = [
    {"type": "integer"},
    {"type": "integer", "minimum": 1},
    {"type": "integer", "maximum": 2},
    {"type": "number"},
    {"type": "number", "exclusiveMinimum": 1},
    {"type": "number", "multipleOf": 2},
    {"enum": [1, 2]},
]
ANY: list[Schema] = [*TEXTS, *NUMBERS, {"type": ["boolean", "null"]}, {}]
PLAIN = [None, True, 0, 1, 2, 3, 1.5, "", "x", "y", "xx"]
UNDECLARED = "z"


def keyword(name: str, value: Any) -> Schema:
    """Return a schema of one keyword, or of none when the value is None."""
    return {} if value is None else {name: value}


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    """Draw two schemas of arrays whose items are a pair."""
    items = draw(inner)
    most = draw(st.tuples(st.sampled_from([None, 1, 2]), st.sampled_from([None, 1, 2])))
    old, new = (
        {"type": "array", "items": item, **keyword("maxItems", end)}
        for item, end in zip(items, most, strict=True)
    )
    return old, new


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    """Draw two schemas of objects: each property is a pair, or is in one of the two alone."""
    pairs = draw(st.dictionaries(st.sampled_from("abc"), inner, max_size=3))
    further = draw(st.just((False, False)) | st.just((True, False)) | inner)
    sides = []
    for side in (0, 1):
        absent = draw(st.sets(st.sampled_from("abc"), max_size=1))
        names = sorted(pairs.keys() - absent)
        required = draw(st.sets(st.sampled_from(names))) if names else set()
        sides.append(
            {
                "type": "object",
                "properties": {name: pairs[name][side] for name in names},
                "required": sorted(required),
                "additionalProperties": further[side],
            }
        )
    return sides[0], sides[1]


@st.composite
def choices(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    """Draw two choices between the same pairs, one of which may also be null."""
    pairs = draw(st.lists(inner, min_size=1, max_size=2))
    old: Schema = {"anyOf": [pair[0] for pair in pairs]}
    new: Schema = {"anyOf": [pair[1] for pair in pairs]}
    for one in (old, new):
        one["anyOf"] += [{"type": "null"}] if draw(st.booleans()) else []
    return old, new


def two_of(schemas: list[Schema]) -> st.SearchStrategy[Pair]:
    """Draw two schemas from a list, perhaps the same."""
    return st.tuples(st.sampled_from(schemas), st.sampled_from(schemas))


PAIRS = st.recursive(
    two_of(TEXTS) | two_of(NUMBERS) | two_of(ANY),
    lambda inner: arrays(inner) | objects(inner) | choices(inner),
    max_leaves=4,
)


@st.composite
def values(draw: st.DrawFn, schema: Any) -> Any:
    """Draw a value that the schema may well allow, with no undeclared name but one."""
    schema = schema if isinstance(schema, dict) else {}
    if "anyOf" in schema:
        return draw(values(draw(st.sampled_from(schema["anyOf"]))))
    if schema.get("type") == "array":
        return draw(st.lists(values(schema["items"]), max_size=2))
    if schema.get("type") == "object":
        names = schema["properties"]
        kept = [name for name in names if name in schema["required"] or draw(st.booleans())]
        made = {name: draw(values(names[name])) for name in kept}
        further = draw(st.booleans())
        return made | (
            {UNDECLARED: draw(values(schema["additionalProperties"]))} if further else {}
        )
    fit = [value for value in PLAIN if allows(schema, value)]
    return draw(st.sampled_from(fit or PLAIN))


def allows(schema: Schema, value: Any) -> bool:
    """Whether a schema allows a value, as an independent validator says."""
    return Draft202012Validator(schema).is_valid(value)


def relaxed(schema: Any) -> Any:
    """Return what a reader of a schema relies on: types, and what is always there."""
    if not isinstance(schema, dict):
        return True
    if "anyOf" in schema:
        return {"anyOf": [relaxed(choice) for choice in schema["anyOf"]]}
    kept = {name: schema[name] for name in ("type", "required") if name in schema}
    if "enum" in schema or "const" in schema:
        listed = schema.get("enum", [schema.get("const")])
        kept["type"] = sorted({NAMES[type(value)] for value in listed})
    for name in ("items", "additionalProperties"):
        if name in schema:
            kept[name] = relaxed(schema[name])
    if "properties" in schema:
        kept["properties"] = {name: relaxed(of) for name, of in schema["properties"].items()}
    return kept


NAMES = {str: "string", int: "integer", type(None): "null"}


@given(PAIRS, st.data())
def test_what_an_older_sender_may_send_is_still_accepted(pair: Pair, data: st.DataObject) -> None:
    old, new = pair
    assume(not_additive(old, new, "in") == [])
    event("the same" if old == new else "wider")
    value = data.draw(values(old))
    assert allows(new, value) or not allows(old, value)


@given(PAIRS, st.data())
def test_what_is_sent_anew_is_understood_by_an_older_reader(
    pair: Pair, data: st.DataObject
) -> None:
    old, new = pair
    assume(not_additive(old, new, "out") == [])
    event("the same" if old == new else "wider")
    value = data.draw(values(new))
    assert allows(relaxed(old), value) or not allows(new, value)


@given(PAIRS)
def test_what_may_go_out_anew_may_come_in_anew(pair: Pair) -> None:
    assert set(not_additive(*pair, "in")) <= set(not_additive(*pair, "out"))


@given(PAIRS)
def test_no_change_at_all_is_additive(pair: Pair) -> None:
    assert not_additive(pair[0], pair[0], "out") == []
