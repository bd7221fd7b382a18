"""JSON Schemas in a few words, for tables."""

from __future__ import annotations

from typing import Any

from assistance.handbook.markdown import code

_PATTERNS = {
    "^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$": "month, `YYYY-MM`",
    "^[0-9a-f]{64}$": "64 hex digits",
    "^[a-z0-9_.\\-]+$": "code of `a-z 0-9 _ . -`",
    "^[A-Z][0-9]?$": "a letter, or a letter and a digit",
}
_FORMATS = {"date": "day, `YYYY-MM-DD`", "uuid": "UUID"}
_END = "(?!\\n)"


def shape(schema: dict[str, Any]) -> str:
    """Return what a value looks like, with its default."""
    words = _shape(schema)
    default = schema.get("default")
    return words if default in (None, [], {}) else f"{words}; default {code(_json(default))}"


def _shape(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return code(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return code(schema["const"])
    if "enum" in schema:
        return ", ".join(code(_json(value)) for value in schema["enum"] if value is not None)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return " or ".join(_shape(choice) for choice in choices if choice.get("type") != "null")
    return _typed(schema)


def _typed(schema: dict[str, Any]) -> str:
    match schema.get("type"):
        case "array":
            items = _shape(schema.get("items", {}))
            return f"list of {items}{_bounds(schema, 'minItems', 'maxItems')}"
        case "object" if "properties" in schema:
            return "object with " + ", ".join(map(code, schema["properties"]))
        case "object":
            keys = _shape(schema.get("propertyNames", {})).removeprefix("any")
            value = schema.get("additionalProperties")
            inner = f" to {_shape(value)}" if isinstance(value, dict) and value else ""
            return f"object{' from ' + keys if keys else ''}{inner}"
        case "integer":
            return f"integer{_bounds(schema, 'minimum', 'maximum')}"
        case "string":
            return _string(schema)
        case None:
            return "any"
        case kind:
            return str(kind)


def _string(schema: dict[str, Any]) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    pattern = str(schema.get("pattern", "")).removesuffix(_END)
    if pattern.startswith("^([0-9]{2}|"):
        return "area code of 2, 4, 6, 9 or 12 digits"
    if pattern.endswith(":[1-9][0-9]{0,8}$"):
        return "fact id, `<stream>:<version>`"
    return _PATTERNS.get(pattern, f"text{_bounds(schema, 'minLength', 'maxLength')}")


def _bounds(schema: dict[str, Any], least: str, most: str) -> str:
    low, high = schema.get(least), schema.get(most)
    if high is None:
        return "" if low in (None, 0) else f", at least {low:,}"
    return f", {low or 0:,} to {high:,}"


def _json(value: object) -> str:
    return (
        {True: "true", False: "false"}.get(value, str(value))
        if isinstance(value, bool)
        else str(value)
    )
