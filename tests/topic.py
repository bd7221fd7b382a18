"""Cells that meet on a topic: a ledger and its relay on one side, workers and projections on the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Protocol, TypeVar

import orjson
import psycopg
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from edge.cloud_events import Headers
from edge.kafka.consuming import Consumer, Message
from edge.kafka.producing import Outgoing, Producer
from edge.kafka.settings import COMMANDS, EVENTS, KafkaSettings, connection_options
from ledger.inbound import senders
from ledger.inbound.inbound import Inbound
from ledger.inbound.senders import Right
from ledger.relay.relay import Relay
from ledger.relay.tails import backlog
from ledger.settings import Settings
from projections import rebuild
from projections.checksums import checksums
from projections.topic import rebuilding
from projections.topic.cells import Cell
from projections.topic.membership import GROUP
from projections.topic.worker import Worker
from tests.ledger_database import LedgerDatabase
from tests.postgres import Server

WAIT_SECONDS = 40


class Stoppable(Protocol):
    """What runs until it is told to stop."""

    def run(self, stop: threading.Event) -> None: ...


S = TypeVar("S", bound=Stoppable)


@contextmanager
def running(process: S) -> Iterator[S]:
    """What runs until it is told to, in a thread: stopped at the end."""
    stop = threading.Event()
    thread = threading.Thread(target=process.run, args=(stop,))
    thread.start()
    try:
        yield process
    finally:
        stop.set()
        thread.join()


@contextmanager
def relaying(
    database: LedgerDatabase, kafka: KafkaSettings, source: str = "cell-9"
) -> Iterator[Relay]:
    """A relay in a thread, stopped at the end."""
    relay = Relay(Settings(dsn=database.dsn("ledger_service"), source=source), kafka)
    with running(relay):
        yield relay


def caught_up(database: LedgerDatabase) -> None:
    """Wait until the relay has noted everything as published."""
    deadline = monotonic() + WAIT_SECONDS
    while any(backlog(database.dsn("ledger_service")).values()):
        assert monotonic() < deadline, "the relay does not catch up"
        sleep(0.02)


def on_topic(kafka: KafkaSettings, topic: str = EVENTS) -> list[Message]:
    """Everything that is committed on a topic, each partition in its order."""
    with Consumer(kafka, [topic], lambda _: {}) as consumer:
        found: list[Message] = []
        quiet = 0
        while quiet < 3:
            polled = consumer.poll(0.3, 10_000)
            quiet = 0 if polled else quiet + 1
            for messages in polled.values():
                found += messages
        return found


def header(message: Message, name: str) -> str:
    """A header's value as text."""
    return (dict(message.headers)[name] or b"").decode()


def facts(messages: Sequence[Message]) -> list[Message]:
    """The messages that are facts."""
    return [m for m in messages if header(m, "ce_type") != "assistance.Watermark.v1"]


def environment_of(database: LedgerDatabase, kafka: KafkaSettings) -> dict[str, str]:
    """The environment of a process on a database and a broker."""
    return {
        "LEDGER_DSN": database.dsn("ledger_service"),
        "KAFKA_SERVERS": ",".join(kafka.servers),
        "KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
    }


def write_cells(file: Path, cells: Iterable[Cell]) -> Path:
    """Write the file that PROJECTIONS_CELLS names; return it."""
    named = (
        f'[[cells]]\nname = "{cell.name}"\nprojections_dsn = """{cell.projections_dsn}"""\n'
        f'ledger_url = "{cell.ledger_url}"\n'
        for cell in cells
    )
    file.write_text("".join(named))
    return file


def until(true: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> None:
    """Wait until something is true; AssertionError with `what` when it takes too long."""
    deadline = monotonic() + seconds
    while not true():
        assert monotonic() < deadline, what
        sleep(0.02)


@dataclass(frozen=True)
class TopicCell:
    """A cell: its ledger's database, and the database of its projections."""

    ledger: LedgerDatabase
    cell: Cell

    def head(self) -> int:
        """The position of the last fact recorded."""
        return int(self.ledger.ask("select coalesce(max(position), 0) from ledger.feed")[0][0])

    def reached(self) -> int:
        """The position that all partitions have reached."""
        with psycopg.connect(self.cell.projections_dsn) as connection:
            row = connection.execute("select min(position) from projections.partitions").fetchone()
        return int(row[0] or 0) if row else 0

    def checksums(self) -> dict[str, str]:
        """A checksum of every table."""
        with psycopg.connect(self.cell.projections_dsn) as connection:
            return checksums(connection)


def from_the_feed(cell: TopicCell, server: Server) -> dict[str, str]:
    """The checksums of a rebuild from the ledger's view, in a database that is dropped again."""
    with server.fresh_database() as dsn:
        rebuild.install(dsn, cell.ledger.superuser)
        with psycopg.connect(dsn) as connection:
            return checksums(connection)


@contextmanager
def working(cells: Sequence[TopicCell], kafka: KafkaSettings) -> Iterator[Worker]:
    """A worker in a thread, over schemas that are made first; stopped at the end."""
    for one in cells:
        rebuilding.install(one.cell, kafka)
    with running(Worker([one.cell for one in cells], kafka)) as worker:
        yield worker


def working_members(kafka: KafkaSettings, group: str = GROUP) -> int:
    """Return how many members of a group have partitions; 0 while these are shared out anew."""
    admin = KafkaAdminClient(**connection_options(kafka))
    try:
        name = kafka.topic(group)
        found = admin.describe_groups([name])[name]
    except KafkaError:
        # The first group of a broker: it makes the topic in which it keeps groups.
        return 0
    finally:
        admin.close()
    if found["group_state"] != "Stable":
        return 0
    return sum(bool(member["member_assignment"]) for member in found["members"])


@contextmanager
def taking_in(
    database: LedgerDatabase,
    kafka: KafkaSettings,
    source: str = "cell-9",
    cells: tuple[str, ...] = (),
) -> Iterator[Inbound]:
    """An inbound process in a thread, stopped at the end."""
    configured = Settings(dsn=database.dsn("ledger_service"), source=source, cells=cells)
    with running(Inbound(configured, kafka)) as inbound:
        yield inbound


def may_send(database: LedgerDatabase, *rights: Right) -> None:
    """Load rights: these and no others."""
    with database.connect("ledger_service") as connection:
        senders.load(connection, rights)


def send_all(kafka: KafkaSettings, messages: Sequence[tuple[bytes, bytes, Headers]]) -> None:
    """Send many messages at once, each key's in order."""
    with Producer(kafka) as producer:
        for n in range(0, len(messages), 500):
            some = messages[n : n + 500]
            producer.send([Outgoing(COMMANDS, k, v, h) for k, v, h in some]).wait()


def send(kafka: KafkaSettings, topic: str, *messages: tuple[bytes, bytes, Headers]) -> None:
    """Send messages, (key, value, headers) each, and wait until they are acknowledged."""
    producer = KafkaProducer(**connection_options(kafka))
    try:
        for key, value, headers in messages:
            producer.send(kafka.topic(topic), value, key, headers).get(20)
    finally:
        producer.close()


def event(message: str, kind: str, sender: str = "registry", **more: str) -> Headers:
    """The headers of a binary event."""
    given = {"id": message, "type": f"assistance.{kind}.v1", "source": sender, "specversion": "1.0"}
    named = [(f"ce_{name}", value.encode()) for name, value in {**given, **more}.items()]
    return [("content-type", b"application/json"), *named]


def told(database: LedgerDatabase) -> dict[str, dict[str, Any]]:
    """The outcome of every message, by its id; of several the last."""
    return {
        name: orjson.loads(bytes(state))
        for name, state in database.ask(
            "select message_id, state from ledger.outcomes order by position"
        )
    }
