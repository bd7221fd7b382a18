"""Taking in: facts, inbox, outcomes, dead letters and consumed offsets, in one transaction."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from random import uniform
from time import sleep

from edge.kafka.consuming import Partition
from ledger.answers import Key
from ledger.inbound import senders
from ledger.inbound.asking import asked
from ledger.inbound.batch import Batch, Known, LeftBehind, Moved, Retried, failed
from ledger.inbound.reading import Taken, Wanted
from ledger.inbound.senders import Senders
from ledger.ledger import CONFLICTS, GONE, Ledger
from ledger.store.arrays import texts
from ledger.store.queries import query

HERE = "ledger.inbound"
ATTEMPTS = 4
ATTEMPTS_ALONE = 12
LONGEST_PAUSE = 0.25
_log = logging.getLogger(__name__)


class Contended(Exception):
    """Others wrote on the streams of one message again and again: it is taken in later."""


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
        ledger fails goes to the dead letters alone. Raises LeftBehind, Contended, and what GONE lists:
        nothing of the last messages is recorded then.
        """
        alone = len(taken) == 1
        for attempt in range(ATTEMPTS_ALONE if alone else ATTEMPTS):
            try:
                return self._record(taken, _moves(taken, believed), fresh=not attempt)
            except (LeftBehind, *GONE):
                raise
            except CONFLICTS as error:
                self._ledger.forget(error)
                sleep(uniform(0, min(LONGEST_PAUSE, 0.002 * 2**attempt)))  # noqa: S311
            except Exception as error:
                self._ledger.forget(error)
                return self._in_halves(taken, believed)
        if alone:
            raise Contended
        return self._in_halves(taken, believed)

    def retry(self, one: Taken, retried: Retried) -> Counter[str]:
        """Take in one message from the dead letters, and note that in the same transaction.

        Raises Contended, and whatever the ledger fails at: nothing is recorded then.
        """
        for attempt in range(ATTEMPTS_ALONE):
            try:
                return self._record([one], {}, fresh=not attempt, retried=retried)
            except CONFLICTS as error:
                self._ledger.forget(error)
            except Exception as error:
                self._ledger.forget(error)
                raise
        raise Contended

    def _in_halves(self, taken: Sequence[Taken], believed: Mapping[Partition, int]) -> Counter[str]:
        """Take messages in halves, down to the one at which the ledger fails."""
        if len(taken) > 1:
            half = len(taken) // 2
            first = self.take(taken[:half], believed)
            moved = {p: m.moved for p, m in _moves(taken[:half], believed).items()}
            return first + self.take(taken[half:], {**believed, **moved})
        dead = [failed(one) if isinstance(one, Wanted) else one for one in taken]
        return self._record(dead, _moves(taken, believed), fresh=False)

    def _record(
        self, taken: Sequence[Taken], moves: Mapping[Partition, Moved], *, fresh: bool,
        retried: Retried | None = None,
    ) -> Counter[str]:  # fmt: skip
        batch = Batch(taken, moves, self._known(taken), retried)
        self._ledger.streams.begin()
        commands = batch.asking(lambda one: asked(one, self.senders, self._ledger.around))
        decided = self._ledger.decide(commands, fresh=fresh)
        batch.decided(decided)
        self._ledger.append(decided, batch)
        return batch.counted

    def _known(self, taken: Sequence[Taken]) -> dict[Key, Known]:
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
        return {
            (row["source"], row["message_id"]): Known(bytes(row["state"]), bytes(row["digest"]))
            for row in rows
        }


def _moves(taken: Sequence[Taken], believed: Mapping[Partition, int]) -> dict[Partition, Moved]:
    """Return how far each partition moves with these messages."""
    return {
        one.message.partition: Moved(believed[one.message.partition], one.message.offset + 1)
        for one in taken
        if one.message.partition in believed
    }
