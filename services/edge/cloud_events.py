"""CloudEvents 1.0 on Kafka: binary mode out; binary and structured mode in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

JSON = b"application/json"
STRUCTURED = b"application/cloudevents+json"
SPEC_VERSION = b"1.0"
REQUIRED = ("id", "source", "type")
LONGEST_NAME = 120
"""Of a sender and of a message's id: what an actor and a key may be long."""

_CONTROL = re.compile("[\0-\x1f\x7f-\x9f]")
"""What the standard keeps out of a string, and PostgreSQL in part out of a text."""

Headers = list[tuple[str, bytes]]


class NotACloudEvent(Exception):
    """The message is no CloudEvent that can be read; the words say why, never what it contains."""


class CloudEvent(NamedTuple):
    """An event as it came: its attributes by name (extensions too), and its data, JSON as bytes."""

    id: str
    source: str
    type: str
    attributes: Mapping[str, str]
    data: bytes


def read(headers: Sequence[tuple[str, bytes | None]], value: bytes | None) -> CloudEvent:
    """Read a message in either mode; NotACloudEvent when it is none."""
    found = _by_name(headers)
    kind = found.get("content-type", b"").split(b";")[0].strip().lower()
    attributes, data = (
        _structured(value) if kind == STRUCTURED else (_binary(found, kind), value or b"")
    )
    if attributes.get("specversion") != SPEC_VERSION.decode():
        raise NotACloudEvent("specversion is missing or is not 1.0")
    missing = [name for name in REQUIRED if not attributes.get(name)]
    if missing:
        raise NotACloudEvent(f"attributes are missing: {', '.join(missing)}")
    if _CONTROL.search("".join(attributes.values())):
        raise NotACloudEvent("an attribute contains a control character")
    return CloudEvent(attributes["id"], attributes["source"], attributes["type"], attributes, data)


def names(headers: Sequence[tuple[str, bytes | None]]) -> tuple[str | None, str | None]:
    """Return source and id of a message that could not be read, where its headers tell them."""
    found = dict(headers)
    return _name(found.get("ce_source")), _name(found.get("ce_id"))


def _name(value: bytes | None) -> str | None:
    try:
        name = (value or b"").decode()
    except UnicodeDecodeError:
        return None
    return None if not name or len(name) > LONGEST_NAME or _CONTROL.search(name) else name


def _by_name(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, value in headers:
        if found.setdefault(name.lower(), value or b"") != (value or b""):
            raise NotACloudEvent("a header is there twice, with different values")
    return found


def _binary(headers: Mapping[str, bytes], kind: bytes) -> dict[str, str]:
    if kind != JSON:
        raise NotACloudEvent("content-type is missing or is not application/json")
    try:
        return {
            name[3:]: value.decode() for name, value in headers.items() if name.startswith("ce_")
        }
    except UnicodeDecodeError:
        raise NotACloudEvent("a header is not UTF-8") from None


def _structured(value: bytes | None) -> tuple[dict[str, str], bytes]:
    try:
        event = msgspec.json.decode(value or b"", type=dict[str, msgspec.Raw])
        data = bytes(event.pop("data", msgspec.Raw(b"null")))
        return {name: _text(raw) for name, raw in event.items()}, data
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotACloudEvent("the structured event is no JSON object") from None


def _text(raw: msgspec.Raw) -> str:
    value: Any = msgspec.json.decode(raw)
    return value if isinstance(value, str) else bytes(raw).decode()
