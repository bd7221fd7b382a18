"""What a command became: its answer, first or again, and a batch between its decision and the append."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg.rows import DictRow

from ledger.commands import Command
from ledger.errors import KeyReused, LedgerError
from ledger.fact import BY_CLASS, Fact
from ledger.ids import fact_id
from ledger.store.mapper import UnknownFact, decode
from ledger.stream import Event
from ledger.timeline import effective_of


class RecordedFact(Struct, frozen=True, omit_defaults=True):
    """A fact in an answer; `data` in a dry run alone."""

    id: str
    type: str
    effective: str | None
    data: Fact | None = None


class Answer(Struct, frozen=True):
    """What a command became, as it is written: the version and the facts of its subject and others."""

    subject: UUID
    version: int
    position: int | None
    facts: list[RecordedFact]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a command became: its subject, the facts in their places, the position of the last.

    It is written out only for who reads it: an import counts its answers and reads none.
    """

    subject: UUID
    events: Sequence[Event]
    position: int | None
    with_data: bool = False

    @property
    def version(self) -> int:
        """The version of the subject's last fact."""
        own = (e.originator_version for e in self.events if e.originator_id == self.subject)
        return max(own, default=0)

    @property
    def facts(self) -> list[RecordedFact]:
        """The facts recorded, by id, type and month; in a dry run with their data."""
        return [
            RecordedFact(
                fact_id(event.originator_id, event.originator_version),
                BY_CLASS[type(event.fact)].topic,
                effective_of(event.fact),
                event.fact if self.with_data else None,
            )
            for event in self.events
        ]

    @property
    def written(self) -> Answer:
        """The answer as it is sent: the same bytes every time."""
        return Answer(self.subject, self.version, self.position, self.facts)


Outcome = Accepted | LedgerError
Key = tuple[str, str]
"""Who acts, and the idempotency key."""


class AcceptedCommand(NamedTuple):
    """A command that was accepted in memory and waits for the append."""

    command: Command
    subject: UUID
    events: list[Event]


class Decided(NamedTuple):
    """A batch that was decided in memory: what is accepted, and every other outcome."""

    commands: Sequence[Command]
    accepted: Sequence[AcceptedCommand]
    places: Mapping[Key, int]
    outcomes: Sequence[Outcome | None]

    @property
    def keys(self) -> set[Key]:
        """The keys of its commands."""
        return keys_of(self.commands)

    def answers_at(self, positions: Sequence[int]) -> list[Outcome]:
        """Return an outcome for each command, whose facts were recorded at some positions."""
        return self.answered(answers_at(self.accepted, positions))

    def answered(self, answers: Sequence[Accepted]) -> list[Outcome]:
        """Return an outcome for each command, from the answers of those that were accepted."""
        return [
            outcome or answers[self.places[(command.actor, command.key)]]
            for command, outcome in zip(self.commands, self.outcomes, strict=True)
        ]


def answers_at(accepted: Sequence[AcceptedCommand], positions: Sequence[int]) -> list[Accepted]:
    """Return the answers of commands whose facts were recorded at some positions, one after the other."""
    answers, last = [], -1
    for one in accepted:
        last += len(one.events)
        answers.append(Accepted(one.subject, one.events, positions[last]))
    return answers


def keys_of(commands: Iterable[Command]) -> set[Key]:
    """Return who asks under which key, for each command."""
    return {(command.actor, command.key) for command in commands}


class Recorded(NamedTuple):
    """An accepted command as it is kept, and the facts that answered it."""

    command: DictRow
    facts: Sequence[DictRow]


def again(command: Command, recorded: Recorded) -> Outcome:
    """Return the first answer of an accepted command from its facts, in order."""
    accepted = recorded.command
    if bytes(accepted["payload"]) != command.payload:
        return _key_reused()
    try:
        events = [
            Event(f["originator_id"], f["originator_version"], decode(f["topic"], f["state"]))
            for f in recorded.facts
        ]
    except UnknownFact as error:
        return error
    return Accepted(accepted["subject"], events, accepted["last_position"])


def same_payload(command: Command, payload: bytes) -> LedgerError | None:
    """Return None for a command sent twice in one batch, an error when its payload is another."""
    return None if command.payload == payload else _key_reused()


def _key_reused() -> KeyReused:
    return KeyReused("The actor used the key for another payload: a new command needs a new key.")
