"""A ledger and its projections in one database, on which many lives are told, each by new ids.

told = ground.tell(life)                 # recorded by the real ledger, in one append
for position in told.positions(): ...    # what was known when
ground.project(batch=3)                  # by the real runner
ground.answers(told, position)           # what the register and the amounts say
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from types import TracebackType
from typing import Any, NamedTuple, Self
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row

from ledger.answers import Accepted
from ledger.fact import Fact
from ledger.ids import area_stream
from ledger.ledger import Ledger
from ledger.months import shift
from ledger.store.mapper import decode
from ledger.store.migrations import migrate
from ledger.store.queries import query
from ledger.subjects import SUBJECT_OF
from projections import catalogue, rebuild, sql
from projections.feed import Feed, Following
from projections.loading import Loader
from projections.runner import END, Runner
from tests.integration.amounts import Known
from tests.integration.life import (
    AREAS,
    HOUSEHOLDS,
    MONTHS,
    PERSONS,
    PREFECTURE,
    SPLIT_OFF,
    Life,
)
from tests.ledger_database import LedgerDatabase, command
from tests.postgres import Server
from tests.rules.given import Streams

LIVES = 60
"""How many lives one database hears: the more it has heard, the longer its answers take."""

FIRST, LAST = shift(MONTHS[0], -1), shift(MONTHS[-1], 5)


def prefectures() -> list[str]:
    """Return the codes under which lives are told."""
    return [str(int(PREFECTURE) - n) for n in range(1, LIVES + 1)]


def prepare(superuser: str) -> None:
    """Prepare a template: the ledger's schema, areas for every life, and the projections."""
    codes = [code.replace(PREFECTURE, p, 1) for p in prefectures() for code in AREAS]
    with psycopg.connect(superuser) as connection:
        migrate(connection)
        connection.execute(
            query("load_areas"), {"codes": codes, "names": codes, "kinds": ["area"] * len(codes)}
        )
    rebuild.install(superuser, superuser)


class Fresh:
    """New ids and codes for the ones that every life uses."""

    def __init__(self, prefecture: str) -> None:
        self.prefecture = prefecture
        self._words = {str(old): str(uuid4()) for old in (*PERSONS, *HOUSEHOLDS, *SPLIT_OFF)}
        for code in AREAS:
            new = code.replace(PREFECTURE, prefecture, 1)
            self._words |= {code: new, str(area_stream(code)): str(area_stream(new))}

    def __call__(self, said: Any) -> Any:
        """Return what was said, of the new ids and codes."""
        match said:
            case dict():
                return {key: self(value) for key, value in said.items()}
            case list():
                return [self(value) for value in said]
            case str():
                stream, colon, version = said.partition(":")
                return self._words.get(stream, stream) + colon + version
        return said

    def id(self, old: UUID) -> UUID:
        """Return the new id of a household or person."""
        return UUID(self._words[str(old)])


class Recorded(NamedTuple):
    """A fact in its place."""

    position: int
    stream: UUID
    version: int
    fact: Fact


class Told(NamedTuple):
    """A life as the ledger recorded it, after what was recorded before."""

    before: int
    facts: list[Recorded]
    prefecture: str

    def positions(self) -> list[int]:
        """Return the positions of the life's facts."""
        return [recorded.position for recorded in self.facts]

    def known(self) -> Iterator[tuple[int, Streams]]:
        """Yield each position with the streams as known then (one object, growing)."""
        streams = Streams()
        for position, stream, _, fact in self.facts:
            streams.get(SUBJECT_OF[type(fact)].stream, stream).extend((fact,))
            yield position, streams

    def of_areas(self, position: int) -> list[Known]:
        """Return the facts of areas known at a position."""
        return [
            Known(r.stream, r.version, r.fact) for r in self.facts
            if r.position <= position and SUBJECT_OF[type(r.fact)].name == "area"
        ]  # fmt: skip


_FACTS = """
select notification_id, originator_id, originator_version, topic, state
from ledger.facts where notification_id > %s order by notification_id
"""

Answer = dict[str, Any]
Answers = dict[tuple[UUID, str], Answer]
"""What is said of a household and month on a roll."""

_QUESTION = """,
told as (
    select household, p.month, person, covered,
           array(select supplement from supplement_spans as s
                 where (s.household, s.spell, s.person) = (p.household, p.spell, p.person)
                   and s.assigned and s.ordinal >= joined
                   and p.month >= s.effective and p.month < s.until) as supplements,
           array(select self_care from self_care_spans as s
                 where (s.household, s.spell, s.person) = (p.household, p.spell, p.person)
                   and s.ordinal >= joined
                   and p.month >= s.effective and p.month < s.until) as self_cares
    from persons as p
)
select spans_due.*, head.person as head, array(
           select jsonb_build_array(person, told.covered, supplements, self_cares) from told
           where (told.household, told.month) = (spans_due.household, spans_due.month)
           order by person) as told
from spans_due
left join lateral (
    select person from heads join spells using (household, spell)
    where {{known}} and ordinal >= began and heads.effective <= spans_due.month
      and (household, spell) = (spans_due.household, spans_due.spell)
    order by ordinal desc limit 1) as head on true
order by household, month
"""


def _text() -> bytes:
    known = sql.query("register", "known")
    return (
        b"with recursive " + sql.query("register", "subjects_in_area") + b", "
        + sql.query("totals", "amounts_of_spans") + _QUESTION.encode().replace(b"{{known}}", known)
    )  # fmt: skip


def _text_kept() -> bytes:
    return sql.included(
        "totals",
        "with recursive asked as materialized ({{register.ever_in_area}}), {{amounts_of_spans_kept}}"
        " select * from spans_due order by household, month",
    )


class Beside:
    """Empty schemas beside the live ones, filled as a test wants; they go when it is done."""

    def __init__(self, loader: Loader, feed: Feed) -> None:
        self._loader = loader
        self._feed = feed
        self._connection = loader.connection
        self._connection.execute(
            "select set_config('projections.policy_settings', %s, true)",
            (catalogue.policy_settings().decode(),),
        )

    def project(self, name: str, after: int, upto: int, batch: int) -> None:
        """Make the schemas of a name, and project facts into them, so many at once."""
        for projection in catalogue.projections():
            self._connection.execute(f"create schema {projection.name}_{name}".encode())
            self._look_at(projection.name, name)
            self._connection.execute(projection.tables)
        while after < upto:
            following = Following(self._feed, after, upto, batch, catalogue.known_types())
            done, unknown = self._loader.load(catalogue.projections(), f"_{name}", following)
            assert unknown is None
            after = done.position
            self._connection.execute(sql.query("", "forget"))

    def contents(self, name: str) -> dict[str, list[str]]:
        """Return the rows of every table under a name."""
        return _contents(self._connection, f"_{name}")

    def answers(self, name: str, told: Told) -> Answers:
        """Return what the schemas of a name say, of everything that they were given."""
        self._look_at("register", name)
        return _answers(self._connection, told, END)

    def _look_at(self, projection: str, name: str) -> None:
        self._connection.execute(f"set local search_path = {projection}_{name}, pg_temp".encode())


class Ground:
    """One database with a ledger and its projections, made anew when it has heard its lives."""

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

    def _renew(self) -> None:
        self._stack.close()
        self.dsn = self._stack.enter_context(self._server.fresh_database(prepare=prepare))
        self._ledger: Ledger = self._stack.enter_context(LedgerDatabase(self.dsn).ledger())
        self.connection = self._stack.enter_context(psycopg.connect(self.dsn, autocommit=True))
        for setting in ("search_path = register", "jit = off", "work_mem = '64MB'"):
            self.connection.execute(f"set {setting}".encode())
        self._left = prefectures()

    def tell(self, life: Life) -> Told:
        """Have a life recorded by the ledger, in one append."""
        if not self._left:
            self._renew()
        fresh, before = Fresh(self._left.pop()), self.head()
        asked = [
            command(done.name, fresh(done.data), done.subject and fresh.id(done.subject))
            for done in life.done
        ]
        for outcome in self._ledger.process(asked):
            assert isinstance(outcome, Accepted), outcome
        rows = self.connection.execute(_FACTS, (before,), binary=True).fetchall()
        facts = [Recorded(p, s, v, decode(topic, bytes(state))) for p, s, v, topic, state in rows]
        return Told(before, facts, fresh.prefecture)

    def head(self) -> int:
        """Return the position of the last fact recorded."""
        row = self.connection.execute("select max(position) from ledger.feed").fetchone()
        return (row and row[0]) or 0

    def project(self, batch: int = 5_000, seen: Callable[[int], None] | None = None) -> None:
        """Bring the projections up to the head, `seen` being told of each position come to."""
        with Runner(self.dsn, self.dsn, batch=batch) as runner:
            while (applied := runner.step()).facts:
                if seen:
                    seen(applied.position)

    def answers(self, told: Told, position: int) -> Answers:
        """Return what is said of the life's households as known at a position, for every month."""
        return _answers(self.connection, told, position)

    def answers_kept(self, told: Told, position: int) -> Answers:
        """Return what is said when what is kept for speed is used."""
        return _answers(self.connection, told, position, _text_kept())

    def keep_up_to(self, position: int) -> None:
        """Project up to a position, and then make everything that is kept for speed."""
        row = self.connection.execute("select min(position) from projections.positions").fetchone()
        ahead = position - (row[0] if row else 0)
        if ahead > 0:
            with Runner(self.dsn, self.dsn, batch=ahead) as runner:
                runner.step()
                while runner.refresh():
                    pass

    def contents(self) -> dict[str, list[str]]:
        """Return the rows of every table of the projections."""
        return _contents(self.connection, "")

    def rebuild(self) -> None:
        """Make every projection anew, and swap it in."""
        rebuild.rebuild(self.dsn, self.dsn)

    @contextmanager
    def beside(self) -> Iterator[Beside]:
        """Schemas beside the live ones, empty and dropped afterwards."""
        with (
            Feed(self.dsn) as feed,
            closing(Loader(self.dsn)) as loader,
            loader.connection.transaction(force_rollback=True),
        ):
            yield Beside(loader, feed)


def _answers(
    connection: psycopg.Connection[Any], told: Told, position: int, text: bytes | None = None
) -> Answers:
    asked = {
        "first": date.fromisoformat(f"{FIRST}-01"), "last": date.fromisoformat(f"{LAST}-01"),
        "area": told.prefecture, "programme": None, "position": position,
    }  # fmt: skip
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(text or _text(), asked).fetchall()
    return {
        (row["household"], month): row
        for row in rows
        for month in _months(row.pop("month"), row.pop("until"))
    }


def _contents(connection: psycopg.Connection[Any], suffix: str) -> dict[str, list[str]]:
    """Return the rows of every table of the projections, as text and in the order of the text."""
    found = {}
    for projection in catalogue.projections():
        tables = connection.execute(
            "select tablename from pg_tables where schemaname = %s", (projection.name + suffix,)
        ).fetchall()
        for (table,) in tables:
            rows = f"select t::text from {projection.name}{suffix}.{table} as t order by 1"
            found[f"{projection.name}.{table}"] = [
                row for (row,) in connection.execute(rows.encode()).fetchall()
            ]
    return found


def _months(first: date, until: date) -> list[str]:
    month, months = f"{first:%Y-%m}", []
    while month < f"{until:%Y-%m}":
        months.append(month)
        month = shift(month, 1)
    return months
