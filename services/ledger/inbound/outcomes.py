"""Outcomes: what became of each message, as it is published (contracts/messages/Outcome.v1.json)."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from edge.problems import describe
from ledger.answers import Accepted, Answer, Outcome


class Told(msgspec.Struct, frozen=True):
    """An outcome as it is written; a signal's rule and what it became come with it."""

    message: dict[str, str]
    outcome: str
    accepted: Answer | None
    problem: dict[str, Any] | None
    signal: dict[str, str] | msgspec.UnsetType | None = msgspec.UNSET


class _Stored(msgspec.Struct, frozen=True):
    """A stored outcome whose parts are not looked into."""

    message: msgspec.Raw
    outcome: str
    accepted: msgspec.Raw
    problem: msgspec.Raw
    signal: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class Became(NamedTuple):
    """What a message became: one word, and the document that is published."""

    outcome: str
    state: bytes


_ENCODER = msgspec.json.Encoder()
_STORED = msgspec.json.Decoder(_Stored)


def became(
    source: str, message: str, outcome: Outcome | None, *, duplicate: bool = False,
    signal: dict[str, str] | None = None,
) -> Became:  # fmt: skip
    """Return what is told of a message; None stands for a signal of which a rule made nothing."""
    refused = outcome is not None and not isinstance(outcome, Accepted)
    word = "duplicate" if duplicate else "refused" if refused else "accepted"
    told = Told(
        {"source": source, "id": message},
        word,
        outcome.written if isinstance(outcome, Accepted) else None,
        describe(outcome) if outcome is not None and not isinstance(outcome, Accepted) else None,
        signal or msgspec.UNSET,
    )
    return Became(word, _ENCODER.encode(told))


def again(first: bytes) -> Became:
    """Return what is told of a message that came before: its first answer, as that of a duplicate."""
    told = msgspec.structs.replace(_STORED.decode(first), outcome="duplicate")
    return Became("duplicate", _ENCODER.encode(told))
