"""A batch of messages on its way in: what each became is written in the transaction of the facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import psycopg
from psycopg.rows import DictRow

from edge.kafka.consuming import Partition
from ledger.answers import Accepted, Decided, Key, Outcome
from ledger.commands import Command
from ledger.errors import KeyReused, LedgerError
from ledger.inbound import outcomes
from ledger.inbound.asking import Asked
from ledger.inbound.outcomes import Became
from ledger.inbound.reading import Dead, OfAnotherCell, Taken, Wanted
from ledger.store.arrays import byte_strings, texts
from ledger.store.queries import query

HERE = "ledger.inbound"


class LeftBehind(Exception):
    """Another process went on with one of these partitions: what was read of it is not ours to take in."""


class Moved(NamedTuple):
    """From where a partition goes on, as it was believed, to where it goes on now."""

    believed: int
    moved: int


class Known(NamedTuple):
    """The first outcome of a message that came before, and the digest of what it asked for."""

    state: bytes
    digest: bytes


class Retried(NamedTuple):
    """The dead letter that is taken in again, by whom, and why."""

    number: int
    actor: str
    reason: str


class Batch:
    """Messages on their way in, from what they ask for to what is written of them."""

    def __init__(
        self, taken: Sequence[Taken], moves: Mapping[Partition, Moved], known: dict[Key, Known],
        retried: Retried | None = None,
    ) -> None:  # fmt: skip
        self._moves = moves
        self._known = known
        self._retried = retried
        self._all = [one for one in taken if isinstance(one, Wanted)]
        self._dead = [one for one in taken if isinstance(one, Dead)]
        self._others = sum(isinstance(one, OfAnotherCell) for one in taken)
        self._refused: dict[Key, LedgerError] = {}
        self._asked: dict[Key, Asked] = {}
        self._decided: Decided | None = None
        self._places: dict[Key, int] = {}
        self._repeated: set[int] = set()
        self.counted: Counter[str] = Counter()

    def asking(self, ask: Callable[[Wanted], Asked]) -> list[Command]:
        """Return the commands of the new messages, each message's once; a refusal is kept as its answer."""
        commands: list[Command] = []
        for one in self._all:
            key = (one.source, one.id)
            if key in self._known or key in self._asked or key in self._refused:
                continue
            try:
                self._asked[key] = found = ask(one)
            except LedgerError as error:
                self._refused[key] = error
            else:
                if found.command:
                    self._places[key] = len(commands)
                    commands.append(found.command)
        return commands

    def decided(self, decided: Decided) -> None:
        """Take over what was decided; a fault of the ledger is no refusal: the message is kept as dead."""
        self._decided = decided
        self._repeated = _repeated(decided)
        for one in self._all:
            place = self._places.get((one.source, one.id))
            outcome = None if place is None else decided.outcomes[place]
            if isinstance(outcome, LedgerError) and outcome.status >= 500:
                del self._places[one.source, one.id], self._asked[one.source, one.id]
                self._dead.append(failed(one))

    def before(self, conn: psycopg.Connection[DictRow]) -> None:
        """Move the offsets first: whoever was left behind writes nothing."""
        if not self._moves:
            return
        moves = {
            "topics": [partition.topic for partition in self._moves],
            "partitions": [partition.number for partition in self._moves],
            "believed": [move.believed for move in self._moves.values()],
            "moved": [move.moved for move in self._moves.values()],
        }
        row = conn.execute(query("move_offsets", HERE), moves).fetchone()
        if not (row and row["agreeing"]):
            raise LeftBehind

    def after(self, conn: psycopg.Connection[DictRow], positions: Sequence[int]) -> None:
        """Write what became of every message."""
        told = list(self._told(positions))
        self.counted = Counter(became.outcome for _, became, _ in told)
        self.counted["dead_letter"] = len(self._dead)
        self.counted["of_another_cell"] = self._others
        if told:
            conn.execute(query("take_in", HERE), _columns(told))
        if self._retried:
            self._note_retry(conn, self._retried)
        elif self._dead:
            conn.execute(query("bury", HERE), _buried(self._dead))

    def _note_retry(self, conn: psycopg.Connection[DictRow], retried: Retried) -> None:
        """Note who had a dead letter taken in; one that fails again stays as it is."""
        outcome = next((word for word, n in self.counted.items() if n), None)
        if outcome != "dead_letter":
            noted = {**retried._asdict(), "act": "retried", "outcome": outcome}
            conn.execute(query("note_dead_letter_act", HERE), noted)

    def _told(self, positions: Sequence[int]) -> Iterable[tuple[Wanted, Became, bool]]:
        """Yield each message that was read, what it became, and whether it came for the first time."""
        answers = self._decided.answers_at(positions) if self._decided else []
        for one in self._all:
            known = self._known.get((one.source, one.id))
            if known:
                yield one, _again(one, known), False
                continue
            found = self._became(one, answers)
            if found:
                self._known[one.source, one.id] = Known(found.state, one.digest)
                yield one, found, True

    def _became(self, one: Wanted, answers: Sequence[Outcome]) -> Became | None:
        key = (one.source, one.id)
        if key in self._refused:
            return outcomes.became(one.source, one.id, self._refused[key])
        if key not in self._asked:
            return None
        signal = self._asked[key].signal
        if key not in self._places:
            return outcomes.became(one.source, one.id, None, signal=signal)
        place = self._places[key]
        repeated = place in self._repeated and isinstance(answers[place], Accepted)
        return outcomes.became(
            one.source, one.id, answers[place], duplicate=repeated, signal=signal
        )


def _repeated(decided: Decided) -> set[int]:
    """Return the places of commands whose key was accepted before them, here or earlier."""
    repeated: set[int] = set()
    accepted: set[Key] = set()
    for n, (command, outcome) in enumerate(zip(decided.commands, decided.outcomes, strict=True)):
        key = (command.actor, command.key)
        if isinstance(outcome, Accepted) or key in accepted:
            repeated.add(n)
        if outcome is None:
            accepted.add(key)
    return repeated


def _again(one: Wanted, known: Known) -> Became:
    """Return what is told of a message that came before; under its id nothing else can be asked for."""
    if known.digest == one.digest:
        return outcomes.again(known.state)
    said = "The sender used the id for another message: send a new message under a new id."
    return outcomes.became(one.source, one.id, KeyReused(said))


def failed(one: Wanted) -> Dead:
    """Return a message that was read, and at which the ledger fails, as a dead letter."""
    detail = "The ledger met a fault of its own with this message; retry it once that is mended."
    return Dead(one.message, "fault", detail, one.source, one.id)


def _columns(told: Sequence[tuple[Wanted, Became, bool]]) -> dict[str, Any]:
    return {
        "sources": texts([one.source for one, _, _ in told]),
        "message_ids": texts([one.id for one, _, _ in told]),
        "outcomes": texts([became.outcome for _, became, _ in told]),
        "states": byte_strings([became.state for _, became, _ in told]),
        "digests": byte_strings([one.digest for one, _, _ in told]),
        "firsts": [first for _, _, first in told],
    }


def _buried(dead: Sequence[Dead]) -> dict[str, Any]:
    messages = [one.message for one in dead]
    return {
        "topics": [message.partition.topic for message in messages],
        "partitions": [message.partition.number for message in messages],
        "offsets": [message.offset for message in messages],
        "reasons": [one.reason for one in dead],
        # PostgreSQL takes no NUL in a text; a detail may name a field of the message.
        "details": [one.detail.replace("\0", "\N{REPLACEMENT CHARACTER}")[:400] for one in dead],
        "sources": [one.source for one in dead],
        "message_ids": [one.id for one in dead],
        "keys": [message.key for message in messages],
        "contents": [message.value for message in messages],
        "heads": [msgspec.json.encode(message.headers) for message in messages],
    }
