"""The messages of the events topic, as the projections take them: facts and watermarks of cells."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import msgspec

from edge.kafka.consuming import Message
from projections.errors import ProjectionError

WATERMARK = "assistance.Watermark.v1"


class Unreadable(ProjectionError):
    """A message of the events topic is not as the relay writes it."""

    name = "unreadable-message"


class FactRow(NamedTuple):
    """A fact as it goes into `batch`; recorded_at is an instant in UTC, data JSON as text."""

    position: int
    stream: str
    version: int
    type: str
    recorded_at: str
    data: str


class Watermark(msgspec.Struct):
    """Up to `position` nothing will newly come in the partition in which it stands."""

    position: int


class Event(NamedTuple):
    """What one message says of which cell: a fact, or a watermark's position."""

    cell: str
    offset: int
    fact: FactRow | None
    reached: int


_WATERMARK = msgspec.json.Decoder(Watermark)


def read(message: Message) -> Event:
    """Read a message; Unreadable, with its place, when the relay cannot have written it."""
    try:
        headers = {name: (value or b"").decode() for name, value in message.headers}
        value = message.value or b""
        cell, kind = headers["ce_source"], headers["ce_type"]
        if kind == WATERMARK:
            return Event(cell, message.offset, None, _WATERMARK.decode(value).position)
        return Event(cell, message.offset, _fact(headers, kind, value), 0)
    except (KeyError, ValueError, msgspec.MsgspecError) as error:
        raise Unreadable(
            f"Message {message.offset} of partition {message.partition.number} is no event of a cell: "
            f"{type(error).__name__}. Nothing behind it is applied."
        ) from None


def _fact(headers: dict[str, str], kind: str, value: bytes) -> FactRow:
    stream, _, version = headers["ce_id"].rpartition(":")
    return FactRow(
        int(headers["ce_sequence"]), stream, int(version), kind, headers["ce_time"], value.decode()
    )


def known_part(events: list[Event], known: Collection[str]) -> tuple[list[Event], Event | None]:
    """Return the events before the first fact of a type that is not known, and that one."""
    for n, event in enumerate(events):
        if event.fact and event.fact.type not in known:
            return events[:n], event
    return events, None
