"""Facts to stored bytes and back: plain JSON, what is stored is what is published."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent

from ledger.errors import LedgerError
from ledger.fact import BY_CLASS, BY_TOPIC, Fact
from ledger.stream import Event

_ENCODER = msgspec.json.Encoder()
_DECODERS: dict[str, msgspec.json.Decoder[Fact]] = {}


class UnknownFact(LedgerError):
    """A stored fact is of a type, or has a shape, that this version of the ledger does not know."""

    name = "unknown-fact"


def encode(fact: Fact) -> bytes:
    """Return the canonical bytes of a fact: fixed key order, integer fen, defaults left out."""
    return _ENCODER.encode(fact)


def decode(topic: str, state: bytes) -> Fact:
    """Return the fact that bytes of a topic hold.

    Raises UnknownFact for a topic that is not registered, or a shape that a newer version wrote.
    """
    decoder = _DECODERS.get(topic)
    if decoder is None:
        kind = BY_TOPIC.get(topic)
        if kind is None:
            raise UnknownFact(
                f"The store holds a fact of type {topic}, which this version does not know."
            )
        decoder = _DECODERS[topic] = msgspec.json.Decoder(kind.cls)
    try:
        return decoder.decode(state)
    except msgspec.DecodeError as error:
        raise UnknownFact(
            f"The store holds a fact of type {topic} in a shape that this version does not know."
        ) from error


class FactMapper(Mapper[UUID]):
    """The library's mapper, with facts as plain JSON under explicit topics."""

    def to_stored_event(self, domain_event: DomainEventProtocol[Any]) -> StoredEvent:
        """Encode a fact in its place."""
        if not isinstance(domain_event, Event):
            raise TypeError(f"not an event of this ledger: {type(domain_event).__name__}")
        fact = domain_event.fact
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=BY_CLASS[type(fact)].topic,
            state=encode(fact),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Event:
        """Decode a fact in its place."""
        stream = stored_event.originator_id
        return Event(
            stream if isinstance(stream, UUID) else UUID(stream),
            stored_event.originator_version,
            decode(stored_event.topic, stored_event.state),
        )
