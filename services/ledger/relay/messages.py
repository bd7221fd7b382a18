"""What was recorded, as messages: binary CloudEvents, whose ids stay the same however often they are sent."""

from __future__ import annotations

from functools import cache, lru_cache
from hashlib import md5
from typing import Any, NamedTuple

import msgspec

from edge.kafka.producing import Outgoing
from edge.kafka.settings import DEAD_LETTERS, EVENTS, OUTCOMES

Headers = list[tuple[str, bytes]]

_START: Headers = [("content-type", b"application/json"), ("ce_specversion", b"1.0")]


class RecordedFact(NamedTuple):
    """A fact as the relay reads it; `value` is its data as stored, `time` an instant in UTC."""

    position: int
    stream: str
    version: int
    type: str
    time: str
    value: bytes


class RecordedOutcome(NamedTuple):
    """What became of a message that was taken in; `value` is contracts/messages/Outcome.v1.json."""

    position: int
    source: str
    message_id: str
    time: str
    value: bytes


class RecordedDeadLetter(NamedTuple):
    """Why a message could not be read, and where it lies: nothing of what it holds."""

    position: int
    time: str
    topic: str
    partition: int
    offset: int
    reason: str
    detail: str
    source: str | None
    message_id: str | None
    bytes: int
    sha256: str


class _Command(msgspec.Struct):
    """What of a fact's data names the command that it answers."""

    actor: str = ""
    command_id: str = ""


_COMMAND = msgspec.json.Decoder(_Command)


def of_fact(fact: RecordedFact, source: str) -> Outgoing:
    """Return the message of a fact; `source` is the cell's name."""
    position, stream, version, kind, time, value = fact
    key = stream.encode()
    event = b"%b:%d" % (key, version)
    command = _COMMAND.decode(value)
    return Outgoing(
        EVENTS,
        key,
        value,
        [
            *_START,
            ("ce_id", event),
            *_of_type(kind),
            ("ce_source", source.encode()),
            ("ce_subject", key),
            ("ce_time", time.encode()),
            ("ce_partitionkey", key),
            ("ce_sequence", b"%d" % position),
            ("ce_traceparent", _traceparent(command.actor, command.command_id, event)),
        ],
    )


def _traceparent(actor: str, command_id: str, event: bytes) -> bytes:
    """All facts of one command are of one trace, and each is its own span: no clock, no chance."""
    span = md5(event, usedforsecurity=False).hexdigest()[:16]
    return f"00-{_trace(actor, command_id)}-{span}-00".encode()


@lru_cache
def _trace(actor: str, command_id: str) -> str:
    return md5(f"{actor}\n{command_id}".encode(), usedforsecurity=False).hexdigest()


@cache
def _of_type(kind: str) -> Headers:
    name, version = kind.split(".")[1:]
    schema = f"urn:assistance:facts:{name}:{version}"
    return [("ce_type", kind.encode()), ("ce_dataschema", schema.encode())]


def watermark(position: int, partition: int, source: str, time: str) -> Outgoing:
    """Return what tells a partition that no fact up to a position will newly come after it."""
    event = f"watermark:{partition}:{position}"
    headers = _ours("Watermark", event, source, time, position)
    return Outgoing(EVENTS, None, b'{"position":%d}' % position, headers, partition)


def of_outcome(outcome: RecordedOutcome, source: str) -> Outgoing:
    """Return the message of an outcome; its key is the sender, who gets its outcomes in order."""
    event = f"outcome:{outcome.position}"
    headers = _ours("Outcome", event, source, outcome.time, outcome.position)
    key = outcome.source.encode()
    return Outgoing(
        OUTCOMES, key, outcome.value,
        [*headers, ("ce_subject", outcome.message_id.encode()), ("ce_partitionkey", key)],
    )  # fmt: skip


def of_dead_letter(letter: RecordedDeadLetter, source: str) -> Outgoing:
    """Return the message of a dead letter: contracts/messages/DeadLetter.v1.json."""
    event = f"dead-letter:{letter.position}"
    data: dict[str, Any] = {
        "number": letter.position, "topic": letter.topic, "partition": letter.partition,
        "offset": letter.offset, "reason": letter.reason, "detail": letter.detail,
        "source": letter.source, "id": letter.message_id, "bytes": letter.bytes,
        "sha256": letter.sha256,
    }  # fmt: skip
    headers = _ours("DeadLetter", event, source, letter.time, letter.position)
    return Outgoing(DEAD_LETTERS, letter.topic.encode(), msgspec.json.encode(data), headers)


def _ours(name: str, event: str, source: str, time: str, position: int) -> Headers:
    return [
        *_START,
        ("ce_id", event.encode()),
        ("ce_type", f"assistance.{name}.v1".encode()),
        ("ce_source", source.encode()),
        ("ce_time", time.encode()),
        ("ce_dataschema", f"urn:assistance:messages:{name}:v1".encode()),
        ("ce_sequence", b"%d" % position),
    ]
