"""What the OpenAPI document says of the commands: schemas and examples from the contracts."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from edge.contracts import read_contract
from ledger.fact import FactType

_HEADERS = (
    ("X-Actor", True, "The id of who acts.", "decider-7"),
    ("Idempotency-Key", True, "A quoted string; the same key and payload get the first answer.", '"k-1"'),
    ("If-Match", False, 'The version decided on, as a strong ETag; required once the subject exists.', '"3"'),
)  # fmt: skip


@cache
def _command_schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = msgspec.json.decode(read_contract(f"commands/{name}.v1.json"))
    return schema


def _data_schema(name: str) -> dict[str, Any]:
    """Return the schema of a command's data alone, with the definitions that it refers to inlined."""
    schema = _command_schema(name)
    data = dict(schema["properties"]["data"])
    found: dict[str, Any] = _inline(data, schema.get("$defs", {}))
    return found


def _inline(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        if "$ref" in node:
            return _inline(definitions[node["$ref"].rpartition("/")[2]], definitions)
        return {key: _inline(value, definitions) for key, value in node.items()}
    if isinstance(node, list):
        return [_inline(value, definitions) for value in node]
    return node


def operation(name: str, kind: FactType) -> dict[str, Any]:
    """Return what a command's operation adds to the OpenAPI document."""
    example = _command_schema(name)["examples"][0]["data"]
    content = {"application/json": {"schema": _data_schema(name), "example": example}}
    return {
        "description": (kind.cls.__doc__ or "").strip(),
        "requestBody": {"required": True, "content": content},
        "parameters": [
            {
                "name": header, "in": "header", "required": required, "description": words,
                "schema": {"type": "string"}, "example": given,
            }
            for header, required, words, given in _HEADERS
        ],
    }  # fmt: skip
