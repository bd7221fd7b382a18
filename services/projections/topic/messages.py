"""The messages of the events topic, as the projections take them: facts and watermarks of cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import msgspec

from edge.kafka.consuming import Message
from projections.errors import ProjectionError, UnknownFactType

WATERMARK = "assistance.Watermark.v1"
_HEADERS = frozenset(("ce_source", "ce_type", "ce_id", "ce_sequence", "ce_time"))


class Unreadable(ProjectionError):
    """A message of the events topic is not as the relay writes it; `cell` is whose it says that it is."""

    name = "unreadable-message"

    def __init__(self, detail: str, cell: str = "") -> None:
        super().__init__(detail)
        self.cell = cell


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
    """What one message says of which cell: a fact, a watermark's position, or nothing that can be read."""

    cell: str
    offset: int
    fact: FactRow | None
    reached: int
    wrong: Unreadable | None = None


class Obstacle(NamedTuple):
    """What cannot be applied, and at which offset it lies."""

    offset: int
    error: ProjectionError


_WATERMARK = msgspec.json.Decoder(Watermark)


def read_all(messages: Iterable[Message]) -> Iterator[Event]:
    """Yield what each message says; of one that cannot be read whose it is, as far as it says so."""
    for message in messages:
        try:
            yield read(message)
        except Unreadable as error:
            yield Event(error.cell, message.offset, None, 0, error)


def read(message: Message) -> Event:
    """Read a message; Unreadable, with its place, when the relay cannot have written it."""
    headers = _headers(message)
    try:
        value = message.value or b""
        cell, kind = headers["ce_source"], headers["ce_type"]
        if kind == WATERMARK:
            return Event(cell, message.offset, None, _WATERMARK.decode(value).position)
        return Event(cell, message.offset, _fact(headers, kind, value), 0)
    except (KeyError, ValueError, msgspec.MsgspecError) as error:
        raise Unreadable(
            f"Message {message.offset} of partition {message.partition.number} is no event of a cell: "
            f"{type(error).__name__}. Nothing behind it is applied.",
            headers.get("ce_source", ""),
        ) from None


def _headers(message: Message) -> dict[str, str]:
    """Return the headers that the relay writes; of others nothing needs to be text, or anything at all.

    One that has no value, or is not UTF-8, is left out: who needs it misses it.
    """
    found = {}
    for name, value in message.headers:
        if name in _HEADERS and value is not None:
            with suppress(UnicodeDecodeError):
                found[name] = value.decode()
    return found


def _fact(headers: dict[str, str], kind: str, value: bytes) -> FactRow:
    stream, _, version = headers["ce_id"].rpartition(":")
    return FactRow(
        int(headers["ce_sequence"]), stream, int(version), kind, headers["ce_time"], value.decode()
    )


def known_part(
    events: Sequence[Event], known: Collection[str]
) -> tuple[Sequence[Event], Obstacle | None]:
    """Return the events before the first that cannot be read or is of an unknown type, and that obstacle."""
    for n, event in enumerate(events):
        if event.wrong:
            return events[:n], Obstacle(event.offset, event.wrong)
        if event.fact and event.fact.type not in known:
            error = UnknownFactType(event.fact.type, event.fact.position)
            return events[:n], Obstacle(event.offset, error)
    return events, None
