"""Reading what comes in: a message is a command or a signal of a sender, or it cannot be read, and why."""

from __future__ import annotations

import hashlib
import logging
from typing import NamedTuple

import msgspec

from edge import cloud_events
from edge.cloud_events import LONGEST_NAME, CloudEvent, NotACloudEvent
from edge.kafka.consuming import Message
from edge.kafka.settings import SIGNALS
from ledger.commands import MAX_BODY, Command, read_line
from ledger.errors import LedgerError, Malformed, TooLarge, Unreadable
from ledger.fact import BY_COMMAND
from ledger.inbound.addressing import Addressing
from ledger.shapes import problem
from ledger.signals.reading import read_signal
from ledger.signals.shapes import BY_SIGNAL, Signal

_log = logging.getLogger(__name__)


class Wanted(NamedTuple):
    """A message that was read: who sent it under which id, and what it asks for, or what it reports.

    `digest` is that of its meaning: the same message written otherwise has the same.
    """

    message: Message
    source: str
    id: str
    asks: Command | Signal
    digest: bytes


class Dead(NamedTuple):
    """A message that cannot be read: a stable reason, and in words what is wrong, never what it holds."""

    message: Message
    reason: str
    detail: str
    source: str | None = None
    id: str | None = None


class OfAnotherCell(NamedTuple):
    """A message that another cell takes in, or tells that nobody can: it is passed over."""

    message: Message


Taken = Wanted | Dead | OfAnotherCell


def read_message(message: Message, addressing: Addressing) -> Taken:
    """Read a message of the commands or the signals topic; nothing is raised.

    A fault of ours is no reason for the messages behind to wait: the message is kept, to be retried.
    """
    try:
        return _read(message, addressing)
    except Exception:
        _log.exception("a message could not be read by a fault of the ledger")
        return Dead(
            message, "fault", "The ledger met a fault of its own in reading; retry it later."
        )


def _read(message: Message, addressing: Addressing) -> Taken:
    try:
        if len(message.value or b"") > MAX_BODY:
            raise TooLarge(f"A message has at most {MAX_BODY} bytes.")
        event = _event(message)
    except LedgerError as error:
        if not addressing.first:
            return OfAnotherCell(message)
        return Dead(message, _reason(error), error.detail, *cloud_events.names(message.headers))
    named = event.attributes.get("cell")
    if addressing.for_another(named):
        return OfAnotherCell(message)
    if not addressing.for_us(named):
        detail = "ce_cell must name one of the cells that share the topics."
        return Dead(message, "no-such-cell", detail, event.source, event.id)
    try:
        asks = (_signal if message.partition.topic.endswith(SIGNALS) else _command)(event)
        return Wanted(message, event.source, event.id, asks, _digest(asks))
    except LedgerError as error:
        return Dead(message, _reason(error), error.detail, event.source, event.id)


class UnknownType(Malformed):
    """The message is of a type that nobody reads here."""

    name = "unknown-type"


class NoEvent(Malformed):
    """The message is no CloudEvent: nobody knows who sent it under which id."""

    name = "not-a-cloud-event"


def _event(message: Message) -> CloudEvent:
    try:
        event = cloud_events.read(message.headers, message.value)
    except NotACloudEvent as error:
        raise NoEvent(f"{error}.") from None
    if len(event.source) > LONGEST_NAME or len(event.id) > LONGEST_NAME:
        raise NoEvent(f"The id and the source have at most {LONGEST_NAME} characters.")
    return event


def _signal(event: CloudEvent) -> Signal:
    if event.type not in BY_SIGNAL:
        raise UnknownType("No signal is of this type; contracts/signals lists them.")
    return read_signal(event.type, event.data)


def _command(event: CloudEvent) -> Command:
    name = _name(event.type)
    command = read_line(event.data, actor=event.source)
    if command.name != name:
        raise Malformed(
            f"The message's type is for {name}, its data is another command.",
            errors=[problem("/command", "Is not the command of the message's type")],
        )
    if command.actor != event.source:
        raise Malformed(
            "Who sends a message is its actor: leave `actor` out, or name the sender.",
            errors=[problem("/actor", "Is not the sender")],
        )
    return command


def _name(kind: str) -> str:
    name = kind.removeprefix("assistance.").removesuffix(".v1")
    if kind != f"assistance.{name}.v1" or name not in BY_COMMAND:
        raise UnknownType("No command is of this type; contracts/commands lists them.")
    return name


def _digest(asks: Command | Signal) -> bytes:
    if isinstance(asks, Command):
        return hashlib.sha256(asks.payload + asks.key.encode()).digest()
    return hashlib.sha256(type(asks).__name__.encode() + msgspec.json.encode(asks)).digest()


def _reason(error: LedgerError) -> str:
    """Return the reason of an error of reading."""
    if isinstance(error, (TooLarge, UnknownType, NoEvent)):
        return error.name
    return "bad-json" if isinstance(error, Unreadable) else "wrong-schema"
