"""The page of policy settings, from contracts/policy-settings.json."""

from __future__ import annotations

from typing import Any

import msgspec

from assistance.handbook.markdown import code, table
from assistance.handbook.shapes import shape
from edge.contracts import read_contract


def page() -> str:
    """Return the page of every setting: its shape, its default, its meaning."""
    contract: dict[str, Any] = msgspec.json.decode(read_contract("policy-settings.json"))
    rows = [
        (
            code(name),
            _shape(setting["schema"]),
            _default(setting["default"]),
            setting["description"],
        )
        for name, setting in contract["settings"].items()
    ]
    return (
        "# Policy settings\n\n"
        "What a place may set itself. Each is adopted for an area from a month on with "
        "`AdoptPolicy`, and taken back with `EndPolicy`; the nearest enclosing area that has "
        "adopted a setting decides, setting by setting, and where none has, the default holds. A "
        "setting without default leaves its rule silent; `assistance doctor` names it.\n\n"
        f"{table(('setting', 'shape', 'default', 'meaning'), rows)}"
    )


def _shape(schema: dict[str, Any]) -> str:
    return '`{"bp": n}` or `{"fen": n}`' if schema.get("$ref") == "#/amount" else shape(schema)


def _default(value: object) -> str:
    return "none" if value is None else code(msgspec.json.encode(value).decode())
