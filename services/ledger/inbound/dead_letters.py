"""Dead letters: looked at, retried or discarded by people, who say why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from eventsourcing.persistence import IntegrityError
from psycopg.rows import DictRow

from edge.kafka.consuming import Message, Partition
from ledger.errors import LedgerError, NotFound, Refused
from ledger.inbound.addressing import addressing
from ledger.inbound.batch import Retried
from ledger.inbound.reading import Dead, OfAnotherCell, read_message
from ledger.inbound.taking import Taker
from ledger.ledger import GONE, Ledger
from ledger.store.queries import query

HERE = "ledger.inbound"
_HEADERS = msgspec.json.Decoder(list[tuple[str, bytes | None]])


class DeadLetters:
    """The dead letters of a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def listed(
        self, *, after: int = 0, limit: int = 100, open_only: bool = True
    ) -> list[dict[str, Any]]:
        """Return dead letters in order, with their reasons and state: nothing of what they hold."""
        asked = {"after": after, "limit": limit, "open": open_only}
        return [dict(row) for row in self._rows("dead_letters", asked)]

    def show(self, number: int) -> dict[str, Any]:
        """Return a dead letter whole, as text, and what was done with it; NotFound when there is none."""
        found = self._find(number)
        headers = _HEADERS.decode(bytes(found["headers"]))
        return {
            **found,
            "key": _text(found["key"]),
            "value": _text(found["value"]),
            "headers": {name: _text(value) for name, value in headers},
            "acts": [dict(act) for act in self._rows("dead_letter_acts", {"number": number})],
        }

    def discard(self, number: int, actor: str, reason: str) -> None:
        """Note that nothing will be done with a dead letter; NotFound, Refused when it was dealt with."""
        self._refuse_done(self._find(number))
        noted = {
            "number": number, "act": "discarded", "actor": actor, "reason": reason, "outcome": None,
        }  # fmt: skip
        with self._acting(number), self._ledger.datastore.get_connection() as conn:
            conn.execute(query("note_dead_letter_act", HERE), noted)

    def retry(self, number: int, actor: str, reason: str) -> str:
        """Take a dead letter in now, and return what it became: accepted, refused or duplicate.

        Raises NotFound, Refused when it was dealt with, still cannot be read or the ledger still fails at
        it. That it was retried is noted with its effects, in one transaction.
        """
        found = self._find(number)
        self._refuse_done(found)
        read = read_message(_message(found), addressing(self._ledger.settings))
        if isinstance(read, Dead | OfAnotherCell):
            said = read.detail if isinstance(read, Dead) else "It is for another cell."
            raise Refused(
                "dead_letter_unreadable", f"Dead letter {number} still cannot be read: {said}",
                "Discard it, and let its sender send what is meant under a new id.",
            )  # fmt: skip
        taker = Taker(self._ledger)
        taker.load_senders()
        with self._acting(number):
            became = taker.retry(read, Retried(number, actor, reason))
        outcome = next(word for word, n in became.items() if n)
        if outcome == "dead_letter":
            raise _still_fails(number)
        return outcome

    @contextmanager
    def _acting(self, number: int) -> Iterator[None]:
        """Of two who deal with a dead letter at once, the second is refused; nothing of its act stays."""
        try:
            yield
        except IntegrityError:
            self._refuse_done(self._find(number))
            raise
        except (LedgerError, *GONE):
            raise
        except Exception as error:
            raise _still_fails(number) from error

    def _find(self, number: int) -> DictRow:
        rows = self._rows("dead_letter", {"number": number})
        if not rows:
            raise NotFound(f"There is no dead letter {number}: `assistance dead-letters list`.")
        return rows[0]

    def _refuse_done(self, found: DictRow) -> None:
        acts = self._rows("dead_letter_acts", {"number": found["number"]})
        if acts:
            raise Refused(
                "dead_letter_once",
                f"Dead letter {found['number']} was {acts[-1]['act']} by {acts[-1]['actor']}.",
                "What is to be done again has to be sent again, under a new id.",
            )

    def _rows(self, name: str, asked: dict[str, Any]) -> Sequence[DictRow]:
        with self._ledger.datastore.get_connection() as conn:
            return conn.execute(query(name, HERE), asked).fetchall()


def _still_fails(number: int) -> Refused:
    return Refused(
        "dead_letter_fails", f"The ledger still fails at dead letter {number}.",
        "The log says at what; retry it once that is mended.",
    )  # fmt: skip


def _message(found: DictRow) -> Message:
    return Message(
        Partition(found["topic"], found["partition"]),
        found["offset"],
        bytes(found["key"]) if found["key"] is not None else None,
        bytes(found["value"]) if found["value"] is not None else None,
        _HEADERS.decode(bytes(found["headers"])),
    )


def _text(value: Any) -> str | None:
    return None if value is None else bytes(value).decode(errors="replace")
