"""The Application: load, decide, save; a batch of commands in one append."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from random import uniform
from time import sleep
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, InterfaceError, OperationalError
from eventsourcing.postgres import PostgresDatastore, PostgresFactory
from eventsourcing.utils import Environment
from msgspec.structs import force_setattr
from psycopg.rows import DictRow, dict_row

from ledger.answers import (
    Accepted,
    AcceptedCommand,
    Decided,
    Key,
    Outcome,
    Recorded,
    again,
    answers_at,
    keys_of,
    same_payload,
)
from ledger.authority import refuse_elsewhere
from ledger.commands import Command
from ledger.documents import DocumentStore, WithReceived
from ledger.errors import LedgerError, StaleVersion, Unprocessed, VersionMissing
from ledger.fact import BY_CLASS, Fact
from ledger.ids import new_id
from ledger.months import today
from ledger.needs import prefetch
from ledger.settings import Settings, refuse_database_functions
from ledger.store.arrays import integers, texts
from ledger.store.mapper import decode, encode
from ledger.store.queries import query
from ledger.store.reach import CONNECT_SECONDS, reach
from ledger.store.recorder import (
    Beside,
    CommandRow,
    LedgerRecorder,
    RepeatedCommand,
    RepeatedMessage,
    VersionConflict,
)
from ledger.store.streams import KnownAreas, StoredStreams
from ledger.stream import Event, Stream
from ledger.subjects import SUBJECT_OF
from ledger.world import World

_log = logging.getLogger(__name__)
ATTEMPTS = 12
"""How often a command is decided anew after another process wrote to the same stream first."""

LOOK_UPS_ONLY = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
"""Every query of the ledger looks up by key. A plan made while a table was small would scan it, and
stays in the session however large the table grows."""

LONGEST_PAUSE = 0.25
"""Seconds before a command is decided anew; the first pauses are a few milliseconds."""

CONFLICTS = (VersionConflict, RepeatedCommand, RepeatedMessage)
GONE = (OperationalError, InterfaceError, psycopg.OperationalError)
"""What the library and the driver raise when the database went away."""


class Ledger(Application[UUID]):
    """Decides commands and records facts.

    Raises CannotStart when the environment or the database's schema forbids it to run.
    """

    name = "ledger"

    def __init__(self, settings: Settings, day: Callable[[], date] | None = None) -> None:
        refuse_database_functions()
        reach(settings.dsn)
        self.settings = settings
        super().__init__(env=_environment(settings))
        self.today = day or (lambda: today(settings.zone))
        self.datastore: PostgresDatastore = self.ledger_recorder.datastore
        self.streams = StoredStreams(self.datastore)
        self.areas = KnownAreas(self.datastore)
        self.documents = DocumentStore(self.datastore)

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """Hand the whole DSN to the pool: the library's environment has no place for sslmode."""
        factory = super().construct_factory(env)
        if isinstance(factory, PostgresFactory):
            given = psycopg.conninfo.conninfo_to_dict(self.settings.dsn)
            given["options"] = f"{given.get('options') or ''} {LOOK_UPS_ONLY}"
            factory.datastore.pool.kwargs = {"row_factory": dict_row, **given}
        return factory

    @property
    def ledger_recorder(self) -> LedgerRecorder:
        """The recorder, as what it is."""
        if not isinstance(self.recorder, LedgerRecorder):
            raise TypeError("the ledger runs on its own recorder")
        return self.recorder

    def process(self, commands: Sequence[Command], *, fresh: bool = False) -> list[Outcome]:
        """Decide commands in order and record them in one append; an outcome for each.

        `fresh` says that hardly any was sent before: its key is then looked up only where a rule says
        no, or the append finds it. The outcomes are the same.
        A conflict with another process decides them again one by one. When the database goes away
        the outcome is Unprocessed: whether the facts are in is told by sending the same key again.
        """
        outcomes: list[Outcome] = []
        try:
            try:
                return self.append(self.decide(commands, fresh=fresh))
            except GONE:
                raise
            except Exception as error:  # a conflict or fault of one command is not the others'
                self.forget(error)
            for command in commands:  # one by one, to keep what was answered before a failure
                outcomes.append(self._process_alone(command))  # noqa: PERF401
        except GONE as error:
            self.streams.clear()
            self.datastore.pool.check()  # a restart cut the idle connections as well
            _log.warning("the database went away: %s", error)
        return outcomes + [_unprocessed() for _ in commands[len(outcomes) :]]

    def _process_alone(self, command: Command) -> Outcome:
        """Decide a command as often as other processes write to its streams first."""
        for attempt in range(ATTEMPTS):
            try:
                return self.append(self.decide([command]))[0]
            except GONE:
                raise
            except Exception as error:
                self.forget(error)
                if not isinstance(error, CONFLICTS):
                    return _fault()
                # Of many who decide the same stream anew at once, all but one would lose again.
                sleep(uniform(0, min(LONGEST_PAUSE, 0.002 * 2**attempt)))  # noqa: S311
        return _unprocessed()

    def forget(self, error: Exception) -> None:
        """Forget streams with facts that were not stored after all; log what is no conflict."""
        self.streams.clear()
        if not isinstance(error, (*CONFLICTS, *GONE)):
            _log.error("recording commands failed", exc_info=error)

    def process_all(self, batches: Iterable[Sequence[Command]]) -> Iterator[list[Outcome]]:
        """As `process`, batch after batch: the next is decided while the last is being appended."""
        last: tuple[Decided, Future[list[Outcome]]] | None = None
        with ThreadPoolExecutor(1, "append") as appending:
            for commands in batches:
                if last and last[0].keys & keys_of(commands):
                    yield self._outcomes(*last)
                    last = None
                decided = self._decide_or_none(commands)
                if last:
                    stored = last[1].exception() is None
                    yield self._outcomes(*last)
                    # What was decided upon facts that were not stored is decided anew.
                    decided = decided if stored else None
                if decided is None:
                    yield self.process(commands)
                last = decided and (decided, appending.submit(self.append, decided))
            if last:
                yield self._outcomes(*last)

    def _decide_or_none(self, commands: Sequence[Command]) -> Decided | None:
        """Decide a batch ahead; None when that failed, so that it is processed by itself."""
        try:
            return self.decide(commands)
        except Exception as error:
            self.forget(error)
            return None

    def _outcomes(self, decided: Decided, answers: Future[list[Outcome]]) -> list[Outcome]:
        """Return the outcomes of an append, of deciding anew when it failed."""
        error = answers.exception()
        if error is None:
            return answers.result()
        if not isinstance(error, Exception):
            raise error
        self.forget(error)
        return self.process(decided.commands)

    def decide(self, commands: Sequence[Command], *, fresh: bool = False) -> Decided:
        """Decide commands in order, in memory; nothing is stored yet."""
        self.streams.begin()
        first = {} if fresh else self._first_answers(commands)
        with suppress(LedgerError):  # the verb that meets it again answers for its command alone
            prefetch(self.streams, [c for c in commands if (c.actor, c.key) not in first])
        accepted: list[AcceptedCommand] = []
        places: dict[Key, int] = {}
        outcomes: list[Outcome | None] = []
        for command in commands:
            key = (command.actor, command.key)
            if key in first and not command.dry_run:
                outcomes.append(again(command, first[key]))
            elif key in places and not command.dry_run:
                outcomes.append(same_payload(command, accepted[places[key]].command.payload))
            else:
                outcome = self._decide(command)
                if isinstance(outcome, AcceptedCommand):
                    places[key] = len(accepted)
                    accepted.append(outcome)
                outcomes.append(None if isinstance(outcome, AcceptedCommand) else outcome)
        if fresh:
            self._answer_repeated(commands, outcomes)
        return Decided(commands, accepted, places, outcomes)

    def _answer_repeated(self, commands: Sequence[Command], outcomes: list[Outcome | None]) -> None:
        """Give what was refused its first answer, where its key was accepted before."""
        refused = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, LedgerError)]
        first = self._first_answers([commands[n] for n in refused]) if refused else {}
        for n in refused:
            key = (commands[n].actor, commands[n].key)
            if key in first and not commands[n].dry_run:
                outcomes[n] = again(commands[n], first[key])

    def append(self, decided: Decided, beside: Beside | None = None) -> list[Outcome]:
        """Store what was decided and return an outcome for each command.

        What is `beside` is written in the same transaction, whether there are facts or not. Raises what
        the recorder and it raise, and what GONE lists: call `forget` before anything is decided again.
        """
        if not (decided.accepted or beside):
            return decided.answered([])
        return decided.answered(self._append(decided.accepted, beside))

    def accepted_fact(self, actor: str, key: str) -> Fact | None:
        """Return the first fact that answered an actor's key, or None when it was never accepted."""
        found = self._recorded({(actor, key)}).get((actor, key))
        return decode(found.facts[0]["topic"], found.facts[0]["state"]) if found else None

    def _decide(self, command: Command) -> AcceptedCommand | Outcome:
        world = self._world(command)
        subject = SUBJECT_OF[type(command.fact)]
        try:
            stream = world.get(subject.stream, command.subject or new_id())
            _refuse_stale(stream, command)
            world.refuse_future(command.fact)
            refuse_elsewhere(stream, command, world)
            subject.decide(stream, command.fact, world)
            refuse_elsewhere(stream, command, world)
        except LedgerError as error:
            world.rollback()
            return error
        except GONE:
            raise
        except Exception:
            world.rollback()
            _log.exception("deciding %s failed", command.name)
            return _fault()
        if command.dry_run:
            tried = Accepted(stream.id, _triggered(world, command), None, with_data=True)
            world.rollback()
            return tried
        return AcceptedCommand(command, stream.id, _triggered(world, command))

    def around(self, actor: str) -> World:
        """Return what is in force now; `streams.begin()` brings it up to date."""
        return World(
            self.streams, self.areas, self.today(), self.settings.below_county, actor=actor
        )

    def _world(self, command: Command) -> World:
        """Return what a command is decided on; a trial takes a document that came with it for stored."""
        received = command.received
        tried = received if command.dry_run else None
        return World(
            self.streams, self.areas, self.today(), self.settings.below_county,
            actor=command.actor,
            documents=WithReceived(self.documents, tried) if tried else self.documents,
            checked=received.checked if received else None,
        )  # fmt: skip

    def _append(self, decided: Sequence[AcceptedCommand], beside: Beside | None) -> list[Accepted]:
        """Append what was decided, facts and commands in one transaction; return the answers."""
        events = [event for one in decided for event in one.events]
        rows = [
            CommandRow(d.command.actor, d.command.key, d.command.payload, d.subject, len(d.events))
            for d in decided
        ]
        positions = self.ledger_recorder.append(
            [event.originator_id for event in events],
            [event.originator_version for event in events],
            [BY_CLASS[type(event.fact)].topic for event in events],
            [encode(event.fact) for event in events],
            rows,
            beside,
        )
        return answers_at(decided, positions)

    def _first_answers(self, commands: Sequence[Command]) -> dict[Key, Recorded]:
        """Return what was recorded for the keys that were accepted before; a dry run uses no key."""
        return self._recorded({(c.actor, c.key) for c in commands if not c.dry_run})

    def _recorded(self, asked: Collection[Key]) -> dict[Key, Recorded]:
        """Return the accepted commands among some keys, each with its facts in order."""
        keys = {
            "actors": texts([actor for actor, _ in asked]),
            "keys": texts([key for _, key in asked]),
        }
        with self.datastore.get_connection() as conn:
            rows = conn.execute(query("accepted_commands"), keys).fetchall() if asked else []
            if not rows:
                return {}
            positions = {"positions": integers([n for row in rows for n in _positions(row)])}
            facts = {
                fact["notification_id"]: fact for fact in conn.execute(query("facts_at"), positions)
            }
        return {
            (row["actor"], row["idempotency_key"]): Recorded(
                row, [facts[n] for n in _positions(row)]
            )
            for row in rows
        }


def _positions(command: DictRow) -> range:
    return range(command["first_position"], command["last_position"] + 1)


def _triggered(world: World, command: Command) -> list[Event]:
    """Stamp what the command triggered with its actor and key, and return it in its places."""
    events: list[Event] = []
    for stream, mark in world.marks.items():
        for version, fact in enumerate(stream.facts[mark:], mark + 1):
            force_setattr(fact, "actor", command.actor)
            force_setattr(fact, "command_id", command.key)
            events.append(Event(stream.id, version, fact))
    return events


def _refuse_stale(stream: Stream, command: Command) -> None:
    """Refuse a command that was decided on another version than the one of what it is about."""
    version = stream.version_of(command.fact)
    if command.expected_version is None:
        due = command.version_required or stream.names_version(command.fact)
        if due and version:
            raise VersionMissing(
                f"{_about(command)} is at version {version}: name the one that you decided on.",
                version=version,
            )
    elif command.expected_version != version:
        raise StaleVersion(
            f"{_about(command)} is at version {version}, not {command.expected_version}: "
            "read it again.",
            version=version,
        )


def _about(command: Command) -> str:
    return f"The {SUBJECT_OF[type(command.fact)].name.replace('_', ' ')}"


def _fault() -> LedgerError:
    return LedgerError("The command met a fault of the ledger; nothing was recorded.")


def _unprocessed() -> Unprocessed:
    return Unprocessed("Send the command again with the same key.")


def _environment(settings: Settings) -> dict[str, str]:
    """Return what the library reads: our recorder and mapper, no tables of its own.

    The library looks for a name with the application's in front first, in the process's environment
    too; with it, these hold whatever stands there.
    """
    given = psycopg.conninfo.conninfo_to_dict(settings.dsn)
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "APPLICATION_RECORDER_TOPIC": "ledger.store.recorder:LedgerRecorder",
        "MAPPER_TOPIC": "ledger.store.mapper:FactMapper",
        "CREATE_TABLE": "n",
        "POSTGRES_ENABLE_DB_FUNCTIONS": "n",
        "POSTGRES_SCHEMA": "ledger",
        "POSTGRES_DBNAME": str(given.get("dbname") or "postgres"),
        "POSTGRES_HOST": str(given.get("host") or "127.0.0.1"),
        "POSTGRES_PORT": str(given.get("port") or "5432"),
        "POSTGRES_USER": str(given.get("user") or "ledger_service"),
        "POSTGRES_PASSWORD": str(given.get("password") or ""),
        "POSTGRES_CONNECT_TIMEOUT": str(CONNECT_SECONDS),
        "POSTGRES_POOL_SIZE": "2",
        "POSTGRES_MAX_OVERFLOW": "8",
        "POSTGRES_IDLE_IN_TRANSACTION_SESSION_TIMEOUT": "30",
    }
    return {f"{Ledger.name.upper()}_{key}": value for key, value in env.items()}
