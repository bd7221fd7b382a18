"""A real ledger and its real projections in one database, in which places are told one after the other.

place = cell.place()                          # new codes and ids, on the cell's one stream of lists
place.live(act, chance)                       # decided in memory, recorded by the real ledger
document = cell.compute(monthly(place.code(TOWN), "2025-03"))
cell.take(receiving.freeze, document, sender, list_id)
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from io import BytesIO
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid5

import psycopg

from ledger.answers import Accepted, Outcome
from ledger.commands import Command
from ledger.errors import LedgerError
from ledger.fact import Fact
from ledger.ids import PAYMENT_LISTS, area_stream
from ledger.ledger import Ledger
from ledger.payment_months.receiving import Sender, Taken
from ledger.standards.facts import PolicyAdopted
from ledger.store.mapper import decode
from ledger.stream import Stream
from ledger.subjects import SUBJECT_OF
from projections import rebuild
from projections.database import Database
from projections.payment_lists import computing
from projections.payment_lists.computing import Asked
from projections.projections import Projections, month_text
from projections.runner import Runner
from tests.integration.amounts import Known
from tests.integration.ground import Fresh, prefectures, prepare
from tests.integration.life import AREAS, HOUSEHOLDS, PERSONS, PREFECTURE, SPLIT_OFF, Chance, Life
from tests.integration.lives import live
from tests.integration.payment_months_books import Line, Parts
from tests.integration.payment_months_model import Roll
from tests.ledger_database import LedgerDatabase, command
from tests.postgres import Server

PLACES = 20
"""How many places one database hears: the more it has heard, the longer its answers take."""

_FACTS = """
select notification_id, originator_id, originator_version, topic, state
from ledger.facts where notification_id > %s order by notification_id
"""
_COUNTS = """
select (select count(*) from ledger.facts), (select count(*) from ledger.commands),
       (select count(*) from ledger.documents)
"""
Take = Callable[..., Taken]


class SameOrder(Fresh):
    """New ids that sort as the ones that they stand for, so that a life can be told again."""

    def __init__(self, prefecture: str) -> None:
        self.prefecture = prefecture
        self._words = {
            str(old): f"{str(old)[:24]}{prefecture:0>12}"
            for old in (*PERSONS, *HOUSEHOLDS, *SPLIT_OFF)
        }
        for code in AREAS:
            new = code.replace(PREFECTURE, prefecture, 1)
            self._words |= {code: new, str(area_stream(code)): str(area_stream(new))}


class Cell:
    """One database with a ledger and its projections, made anew when it has heard its places."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stack = ExitStack()
        self._left: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def place(self) -> Place:
        """Begin a place that nobody has heard of."""
        if not self._left:
            self._renew()
        return Place(self, self._left.pop())

    def _renew(self) -> None:
        self._stack.close()
        self.dsn = self._stack.enter_context(self._server.fresh_database(prepare=prepare))
        self.ledger: Ledger = self._stack.enter_context(LedgerDatabase(self.dsn).ledger())
        self.connection = self._stack.enter_context(psycopg.connect(self.dsn, autocommit=True))
        self.runner = self._stack.enter_context(Runner(self.dsn, self.dsn))
        self.projections = Projections(self._stack.enter_context(Database(self.dsn, connections=1)))
        self._left = prefectures()[:PLACES]
        self._first_months: set[str] = set()

    def hear(self, fact: Fact) -> None:
        """Take in a fact of an area that may say from when on it lists."""
        if isinstance(fact, PolicyAdopted) and fact.setting == "lists.first_month":
            self._first_months.add(str(fact.value))

    def first_said(self) -> str | None:
        """Return the earliest month that was ever said to be the first that any place lists."""
        return min(self._first_months, default=None)

    def send(self, *commands: Command) -> list[Outcome]:
        """Have commands decided and recorded, in one append."""
        return self.ledger.process(commands)

    def take(
        self, take: Take, document: bytes, sender: Sender, list_id: UUID | None = None
    ) -> Taken | LedgerError:
        """Have the ledger receive a document, as HTTP and the command line do; return what it said."""
        try:
            return take(self.ledger, BytesIO(document), sender, list_id)
        except LedgerError as error:
            return error

    def counts(self) -> tuple[Any, ...]:
        """Return how many facts, commands and documents are on record."""
        row = self.connection.execute(_COUNTS).fetchone()
        return row or ()

    def lists_version(self) -> int:
        """Return the version of the stream of lists."""
        asked = "select max(originator_version) from ledger.facts where originator_id = %s"
        row = self.connection.execute(asked, (PAYMENT_LISTS,)).fetchone()
        return (row and row[0]) or 0

    def facts_after(self, position: int) -> list[tuple[Any, ...]]:
        """Return the facts after a position: position, stream, version, topic, state."""
        return self.connection.execute(_FACTS, (position,), binary=True).fetchall()

    def project(self, *, kept: bool = False) -> int:
        """Bring the projections up to the head; with `kept`, what they keep for speed as well."""
        while (batch := self.runner.step()).facts:
            pass
        return self.runner.catch_up() if kept else batch.position

    def rebuild(self) -> None:
        """Make every projection anew, and swap it in."""
        rebuild.rebuild(self.dsn, self.dsn)

    def compute(self, asked: Asked, position: int | None = None) -> bytes:
        """Return a list's document, as known now or at a position."""
        as_of = self.projections.as_of(position=position)
        return b"".join(computing.document(self.projections, asked, as_of))

    def overpaid(self, asked: Asked) -> dict[UUID, Parts]:
        """Return the candidates for recovery, by household and month."""
        found: dict[UUID, Parts] = {}
        as_of = self.projections.as_of()
        for row in computing.overpayments(self.projections, asked, as_of):
            months = found.setdefault(row["household"], {})
            months[month_text(row["month"])] = row["overpaid_fen"]
        return found

    def rows(self, question: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.connection.execute(question.encode(), parameters).fetchall()


class Place:
    """A prefecture of its own: what is done there, and what the ledger recorded of it."""

    def __init__(self, cell: Cell, prefecture: str) -> None:
        self.cell = cell
        self.prefecture = prefecture
        self.fresh = SameOrder(prefecture)
        self.roll = Roll()
        self.life = live([])
        self._sent = 0
        self._heard = self.cell.project()
        self._names = 0
        self._record()

    def code(self, area: str) -> str:
        """Return the code that an area of every life has here."""
        return area.replace(PREFECTURE, self.prefecture, 1)

    def new_id(self) -> UUID:
        """Return an id that nobody has."""
        self._names += 1
        return uuid5(area_stream(self.prefecture), str(self._names))

    def live(self, act: Callable[[Life, Chance], object], chance: Chance) -> None:
        """Do something, late or not, and have the real ledger record what was accepted."""
        act(self.life, chance)
        self._record()

    def _record(self) -> None:
        done = self.life.done[self._sent :]
        self._sent += len(done)
        asked = [
            command(d.name, self.fresh(d.data), d.subject and self.fresh.id(d.subject))
            for d in done
        ]
        for outcome in self.cell.send(*asked):
            assert isinstance(outcome, Accepted), outcome
        self.hear()

    def hear(self) -> None:
        """Take in what was recorded of households and areas."""
        for position, stream, version, topic, state in self.cell.facts_after(self._heard):
            fact = decode(topic, bytes(state))
            kind: type[Stream] = SUBJECT_OF[type(fact)].stream
            if SUBJECT_OF[type(fact)].name == "area":
                self.roll.of_areas.append(Known(stream, version, fact))
                self.cell.hear(fact)
            elif stream != PAYMENT_LISTS:
                self.roll.streams.get(kind, stream).extend((fact,))
            self._heard = position
        self.roll.forget()


def lines_of(document: bytes) -> list[Line]:
    """Read the lines of a list's document."""
    return [_line(json.loads(line)) for line in document.splitlines()[1:-1]]


def _line(said: dict[str, Any]) -> Line:
    parts = tuple((part["month"], part["fen"]) for part in said["parts"])
    payee, again = (said.get(name) and UUID(said[name]) for name in ("payee", "reissues"))
    found = Line(UUID(said["household"]), said["head"], said["area"], payee, parts, again)
    assert said["amount_fen"] == found.amount_fen >= 0, said
    assert set(said) <= {"household", "head", "area", "payee", "amount_fen", "parts", "reissues"}
    return found


def ndjson(*lines: dict[str, Any]) -> bytes:
    """Write canonical lines."""
    return b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)
