"""What is wrong with the shape of JSON that the decoder refused, without the value that was sent."""

from __future__ import annotations

import re

import msgspec

_WHERE = re.compile(r" - at (?:`key` in )?`\$?([^`]*)`$")
_MISSING = re.compile(r"Object missing required field `(.*)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_NAME = re.compile(r"[a-z][a-z_]{0,39}")


def problem(pointer: str, reason: str) -> dict[str, str]:
    """Return one of a problem's `errors`: where in the body, and what is wrong there."""
    return {"pointer": pointer, "detail": reason}


def shape_problem(error: msgspec.ValidationError, under: str = "") -> dict[str, str]:
    """Return the JSON pointer and the reason of a wrong shape, without the value."""
    text = str(error)
    found = _WHERE.search(text)
    reason = _WHERE.sub("", text)
    pointer = under + _pointer(found.group(1) if found else "")
    if reason.startswith("Invalid enum value"):
        reason = "Not one of the values that the schema allows"
    elif field := _MISSING.fullmatch(reason):
        reason = f"`{field.group(1)}` is required and missing"
    elif field := _UNKNOWN.fullmatch(reason):
        # A field's name is the caller's text too: only what looks like a name is said again.
        known = _NAME.fullmatch(field.group(1))
        named = f"`{known.group()}`" if known else "One field"
        reason = f"{named} is not in the schema"
    return problem(pointer, reason)


def _pointer(path: str) -> str:
    """Turn the decoder's path into a JSON pointer; it ends before a key that the caller chose."""
    known, _, _ = path.partition("[...]")
    return re.sub(r"\[(\d+)\]", r"/\1", known.replace(".", "/"))
