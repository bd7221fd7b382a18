"""Taking in: facts, inbox, outcomes, dead letters and consumed offsets, in one transaction."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import uniform
from time import sleep
from typing import Any, NamedTuple

import msgspec
import psycopg
from psycopg.rows import DictRow

from edge.kafka.consuming import Partition
from ledger.answers import Accepted, Decided, Key, Outcome
from ledger.commands import Command
from ledger.errors import LedgerError
from ledger.inbound import outcomes, senders
from ledger.inbound.asking import Asked, asked
from ledger.inbound.outcomes import Became
from ledger.inbound.reading import Dead, OfAnotherCell, Taken, Wanted
from ledger.inbound.senders import Senders
from ledger.ledger import CONFLICTS, GONE, Ledger
from ledger.store.arrays import byte_strings, texts
from ledger.store.queries import query

HERE = "ledger.inbound"
ATTEMPTS = 4
LONGEST_PAUSE = 0.25
_log = logging.getLogger(__name__)


class LeftBehind(Exception):
    """Another process went on with one of these partitions: what was read of it is not ours to take in."""


class Moved(NamedTuple):
    """From where a partition goes on, as it was believed, to where it goes on now."""

    believed: int
    moved: int


class Taker:
    """Takes in messages that were read. One at a time uses it, as its ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.senders = Senders(())

    def load_senders(self) -> None:
        """Look again who may send what."""
        with self._ledger.datastore.get_connection() as conn:
            self.senders = Senders(senders.stored(conn))

    def take(self, taken: Sequence[Taken], believed: Mapping[Partition, int]) -> Counter[str]:
        """Take in messages, in order of each partition; return how many became what.

        Where another process wrote on the same streams they are decided again; a message at which the
        ledger fails goes to the dead letters alone. Raises LeftBehind, and what GONE lists: nothing of
        the last messages is recorded then.
        """
        for attempt in range(ATTEMPTS):
            try:
                return self._record(taken, _moves(taken, believed), fresh=not attempt)
            except (LeftBehind, *GONE):
                raise
            except CONFLICTS as error:
                self._ledger.forget(error)
                sleep(uniform(0, min(LONGEST_PAUSE, 0.002 * 2**attempt)))  # noqa: S311
            except Exception as error:
                self._ledger.forget(error)
                break
        return self._one_by_one(taken, believed)

    def _one_by_one(
        self, taken: Sequence[Taken], believed: Mapping[Partition, int]
    ) -> Counter[str]:
        """Take messages in halves, down to the one at which the ledger fails."""
        if len(taken) > 1:
            half = len(taken) // 2
            first = self.take(taken[:half], believed)
            moved = {p: m.moved for p, m in _moves(taken[:half], believed).items()}
            return first + self.take(taken[half:], {**believed, **moved})
        failed = [_failed(one) if isinstance(one, Wanted) else one for one in taken]
        return self._record(failed, _moves(taken, believed), fresh=False)

    def _record(
        self, taken: Sequence[Taken], moves: Mapping[Partition, Moved], *, fresh: bool
    ) -> Counter[str]:
        batch = _Batch(taken, moves, self._known(taken))
        self._ledger.streams.begin()
        commands = batch.asking(lambda one: asked(one, self.senders, self._ledger.around))
        decided = self._ledger.decide(commands, fresh=fresh)
        batch.decided(decided)
        self._ledger.append(decided, batch)
        return batch.counted

    def _known(self, taken: Sequence[Taken]) -> dict[Key, bytes]:
        """Return the first outcome of those messages that were taken in before."""
        wanted = [one for one in taken if isinstance(one, Wanted)]
        if not wanted:
            return {}
        asked = {
            "sources": texts([one.source for one in wanted]),
            "message_ids": texts([one.id for one in wanted]),
        }
        with self._ledger.datastore.get_connection() as conn:
            rows = conn.execute(query("known_messages", HERE), asked).fetchall()
        return {(row["source"], row["message_id"]): bytes(row["state"]) for row in rows}


class _Batch:
    """Messages on their way in: what each became is written in the transaction of the facts."""

    def __init__(
        self, taken: Sequence[Taken], moves: Mapping[Partition, Moved],
        known: dict[Key, bytes],
    ) -> None:  # fmt: skip
        self._moves = moves
        self._known = known
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
        keys: set[Key] = set()
        for n, (command, outcome) in enumerate(
            zip(decided.commands, decided.outcomes, strict=True)
        ):
            if isinstance(outcome, Accepted) or (command.actor, command.key) in keys:
                self._repeated.add(n)
            keys.add((command.actor, command.key))
        for one in self._all:
            place = self._places.get((one.source, one.id))
            outcome = None if place is None else decided.outcomes[place]
            if isinstance(outcome, LedgerError) and outcome.status >= 500:
                del self._places[one.source, one.id], self._asked[one.source, one.id]
                self._dead.append(_failed(one))

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
        if self._dead:
            conn.execute(query("bury", HERE), _buried(self._dead))

    def _told(self, positions: Sequence[int]) -> Iterable[tuple[Wanted, Became, bool]]:
        """Yield each message that was read, what it became, and whether it came for the first time."""
        answers = self._answers(positions)
        for one in self._all:
            key = (one.source, one.id)
            if key in self._known:
                yield one, outcomes.again(self._known[key]), False
                continue
            found = self._became(one, answers)
            if found:
                self._known[key] = found.state
                yield one, found, True

    def _answers(self, positions: Sequence[int]) -> list[Outcome]:
        if self._decided is None:
            return []
        return self._decided.answers_at(positions)

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


def _moves(taken: Sequence[Taken], believed: Mapping[Partition, int]) -> dict[Partition, Moved]:
    """Return how far each partition moves with these messages."""
    return {
        one.message.partition: Moved(believed[one.message.partition], one.message.offset + 1)
        for one in taken
        if one.message.partition in believed
    }


def _failed(one: Wanted) -> Dead:
    detail = "The ledger met a fault of its own with this message; retry it once that is mended."
    return Dead(one.message, "fault", detail, one.source, one.id)


def _columns(told: Sequence[tuple[Wanted, Became, bool]]) -> dict[str, Any]:
    return {
        "sources": texts([one.source for one, _, _ in told]),
        "message_ids": texts([one.id for one, _, _ in told]),
        "outcomes": texts([became.outcome for _, became, _ in told]),
        "states": byte_strings([became.state for _, became, _ in told]),
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
