"""Through Kafka: the relay, the inbound process, and the way from a command to a projection."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
from kafka import KafkaProducer

from edge.kafka.consuming import Consumer
from edge.kafka.producing import Outgoing
from edge.kafka.settings import COMMANDS, EVENTS, KafkaSettings, connection_options
from edge.problems import describe
from ledger.answers import Accepted
from ledger.commands import read_line
from ledger.inbound import senders
from ledger.inbound.senders import Right
from ledger.ledger import Ledger
from ledger.lines import decide_lines
from ledger.relay.relay import Relay
from ledger.relay.tails import Tails
from projections.topic import rebuilding
from projections.topic.cells import Cell
from tests.benchmarks.alternating import Comparison
from tests.benchmarks.cluster import Cluster
from tests.benchmarks.county import ACTOR, lines
from tests.faults.processes import Process
from tests.kafka import own_broker, with_topics
from tests.topic import write_cells

HOUSEHOLDS = 12_000
PARTITIONS = 12
WAIT_SECONDS = 120
LATENCY_SECONDS = 20
COMMANDS_A_SECOND = 200
CELL = "cell-1"


class Messaging:
    """The measures of what goes through one broker, on a county's move."""

    def __init__(self, cluster: Cluster, stack: ExitStack) -> None:
        self._cluster = cluster
        self._broker = stack.enter_context(own_broker())
        self._folder = Path(stack.enter_context(TemporaryDirectory(prefix="assistance-bench-")))
        self._lines = list(lines(HOUSEHOLDS))
        self._full = stack.enter_context(cluster.database())
        with closing(Ledger(cluster.ledger(self._full))) as ledger:
            self._facts = decide(ledger, self._lines)

    def comparisons(self) -> list[Comparison]:
        """Return the three comparisons."""
        bare = self.consume()
        return [
            Comparison(
                "relay", "facts/s", self.relay, self.produce,
                "the same client, prebuilt bytes, as fast as it can", 0.8,
            ),
            Comparison(
                "inbound, outcomes published", "commands/s", self.take_in, self.import_lines,
                "the same commands from a file", 0.4, note=f"a bare consumer: {bare:,.0f} messages/s",
            ),
            Comparison(
                f"command to projection at {COMMANDS_A_SECOND}/s", "s, p99", self.latency, lambda: 1.0,
                "the goal", 1.0, smaller_is_better=True,
            ),
        ]  # fmt: skip

    def relay(self) -> float:
        """Publish every fact of a full ledger on a new topic; return facts a second, until noted.

        From when the first of them were noted, so that the start of the relay does not count.
        """
        kafka = self._topics()
        with psycopg.connect(self._cluster.dsn(self._full)) as admin:
            admin.execute("update ledger.relay_checkpoints set position = 0")
        stop = threading.Event()
        relay = Relay(self._cluster.ledger(self._full), kafka)
        thread = threading.Thread(target=relay.run, args=(stop,))
        thread.start()
        with psycopg.connect(self._cluster.dsn(self._full), autocommit=True) as noted:
            until(lambda: first(noted, RELAYED) > 0)
            begun, start = first(noted, RELAYED), time.perf_counter()
            until(lambda: first(noted, RELAYED) >= self._facts)
            seconds = time.perf_counter() - start
        stop.set()
        thread.join()
        _expect(self._on_topic(kafka, EVENTS) >= self._facts, "facts are missing on the topic")
        return (self._facts - begun) / seconds

    def produce(self) -> float:
        """Send the same messages, all made before; return messages a second, until acknowledged."""
        kafka = self._topics()
        prebuilt = list(self._prebuilt())
        producer = KafkaProducer(
            **connection_options(kafka), enable_idempotence=True, acks="all", linger_ms=20,
            batch_size=256 * 1024, metrics_enabled=False,
        )  # fmt: skip
        topic = kafka.topic(EVENTS)
        start = time.perf_counter()
        for message in prebuilt:
            producer.send(topic, message.value, message.key, message.headers)
        producer.flush()
        seconds = time.perf_counter() - start
        producer.close()
        _expect(self._on_topic(kafka, EVENTS) == len(prebuilt), "messages are missing")
        return len(prebuilt) / seconds

    def import_lines(self) -> float:
        """Import the commands from lines into an empty ledger; return commands a second."""
        with (
            self._cluster.database() as name,
            closing(Ledger(self._cluster.ledger(name))) as ledger,
        ):
            start = time.perf_counter()
            decide(ledger, self._lines)
            return len(self._lines) / (time.perf_counter() - start)

    def take_in(self) -> float:
        """Take the commands in from a topic, with a relay beside; return commands a second.

        From the commit of the first batch, so that the start of processes does not count, to the moment
        when every outcome is on its topic.
        """
        kafka = self._topics()
        self._send_commands(kafka)
        with self._cluster.database() as name:
            dsn = self._cluster.dsn(name, "ledger_service")
            with psycopg.connect(dsn) as connection:
                senders.load(connection, [Right(ACTOR, "command", "*", "")])
            with closing(Ledger(self._cluster.ledger(name))) as ledger:
                decide(ledger, self._lines[:1])
            with self._process("relay", kafka, dsn), self._process("inbound", kafka, dsn):
                until(lambda: bool(number(dsn, "select count(*) from ledger.outcomes")))
                done, began = (
                    number(dsn, "select count(*) from ledger.outcomes"),
                    time.perf_counter(),
                )
                wanted = len(self._lines) - 1
                until(lambda: number(dsn, PUBLISHED) >= wanted)
                seconds = time.perf_counter() - began
            accepted = "select count(*) from ledger.outcomes where outcome = 'accepted'"
            _expect(number(dsn, accepted) == wanted, "not every command was accepted")
        return (wanted - done) / seconds

    def consume(self) -> float:
        """Read the commands' topic and do nothing; return messages a second."""
        kafka = self._topics()
        self._send_commands(kafka)
        start = time.perf_counter()
        _expect(self._on_topic(kafka, COMMANDS) == len(self._lines) - 1, "messages are missing")
        return len(self._lines) / (time.perf_counter() - start)

    def latency(self) -> float:
        """Decide commands at an even pace; return the 99th percentile of the seconds until projected."""
        kafka = self._topics()
        with self._cluster.database() as name, self._cluster.database() as projected:
            cell = Cell(CELL, self._cluster.dsn(projected), "http://127.0.0.1:9")
            rebuilding.install(cell, kafka)
            dsn = self._cluster.dsn(name, "ledger_service")
            with (
                self._process("relay", kafka, dsn),
                self._worker(kafka, cell),
                closing(Ledger(self._cluster.ledger(name))) as ledger,
            ):
                decide(ledger, self._lines[:1])
                until(lambda: _reached(cell) >= 1)
                waits = _paced(ledger, self._lines[1 : LATENCY_SECONDS * COMMANDS_A_SECOND], cell)
        percentiles = quantiles(waits, n=100)
        print(
            f"  p50 {percentiles[49]:.3f} s, p99 {percentiles[98]:.3f} s, of {len(waits):,} commands"
        )
        return percentiles[98]

    def _topics(self) -> KafkaSettings:
        return with_topics(
            self._broker.servers, **dict.fromkeys(("events", "commands", "outcomes"), PARTITIONS)
        )

    def _prebuilt(self) -> Iterator[Outgoing]:
        with closing(Tails(self._cluster.dsn(self._full), CELL)) as tails:
            at = {"facts": 0, "outcomes": 0, "dead_letters": 0}
            while (chunk := tails.read(at)).messages:
                yield from chunk.messages
                at = dict(chunk.positions)

    def _send_commands(self, kafka: KafkaSettings) -> None:
        """Send all commands but the standard, which those of other partitions need to be there."""
        producer = KafkaProducer(**connection_options(kafka), linger_ms=20, batch_size=256 * 1024)
        for n, line in enumerate(self._lines[1:]):
            command = read_line(line)
            key = str(command.subject or "area").encode()
            headers = [
                ("content-type", b"application/json"), ("ce_specversion", b"1.0"),
                ("ce_id", b"%d" % n), ("ce_source", ACTOR.encode()),
                ("ce_type", f"assistance.{command.name}.v1".encode()),
            ]  # fmt: skip
            producer.send(kafka.topic(COMMANDS), line.rstrip(), key, headers)
        producer.flush()
        producer.close()

    def _on_topic(self, kafka: KafkaSettings, topic: str) -> int:
        """Read a topic to its end; return how many messages there are."""
        found = 0
        with Consumer(kafka, [topic], lambda _: {}) as consumer:
            wanted = sum(consumer.ends(consumer.assigned()).values())
            while found < wanted:
                found += sum(map(len, consumer.poll(1, 10_000).values()))
        return found

    def _process(self, what: str, kafka: KafkaSettings, dsn: str) -> Process:
        told = {**environment_of(kafka), "LEDGER_DSN": dsn}
        return Process(what, ["ledger", what], told, self._folder / f"{what}.log")

    def _worker(self, kafka: KafkaSettings, cell: Cell) -> Process:
        told = {
            **environment_of(kafka),
            "PROJECTIONS_CELLS": str(write_cells(self._folder / f"{uuid4()}.toml", [cell])),
        }
        words = ["projections", "run", "--source", "kafka"]
        return Process("worker", words, told, self._folder / "worker.log")


RELAYED = "select position from ledger.relay_checkpoints where tail = 'facts'"
PUBLISHED = "select position from ledger.relay_checkpoints where tail = 'outcomes'"


def environment_of(kafka: KafkaSettings) -> dict[str, str]:
    """Return what a process is told of the broker."""
    return {"KAFKA_SERVERS": kafka.servers[0], "KAFKA_TOPIC_PREFIX": kafka.topic_prefix}


def _paced(ledger: Ledger, some: list[bytes], cell: Cell) -> list[float]:
    """Decide a command every so often; return how long each then took to be projected."""
    accepted: list[tuple[int, float]] = []
    waits: list[float] = []
    done = threading.Event()

    def watch() -> None:
        with psycopg.connect(cell.projections_dsn, autocommit=True) as connection:
            seen = 0
            while not (done.is_set() and seen == len(accepted)):
                reached = first(connection, REACHED)
                now = time.perf_counter()
                while seen < len(accepted) and accepted[seen][0] <= reached:
                    waits.append(now - accepted[seen][1])
                    seen += 1
                time.sleep(0.005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    for n, line in enumerate(some):
        time.sleep(max(0.0, start + n / COMMANDS_A_SECOND - time.perf_counter()))
        [outcome] = ledger.process([read_line(line)])
        _expect(isinstance(outcome, Accepted), "a command was refused")
        if isinstance(outcome, Accepted):
            accepted.append((outcome.position or 0, time.perf_counter()))
    done.set()
    watcher.join(WAIT_SECONDS)
    _expect(len(waits) == len(some), "a command was not projected")
    return waits


REACHED = "select coalesce(min(position), 0) from projections.partitions"


def _reached(cell: Cell) -> int:
    return number(cell.projections_dsn, REACHED)


def decide(ledger: Ledger, some: list[bytes]) -> int:
    """Decide command lines, each of which has to be accepted; return how many facts there are."""
    facts = 0
    for verdicts in decide_lines(ledger, io.BytesIO(b"".join(some))):
        for verdict in verdicts:
            if not isinstance(verdict.outcome, Accepted):
                raise AssertionError(describe(verdict.outcome))
            facts += len(verdict.outcome.events)
    return facts


def number(dsn: str, question: str) -> int:
    """Return the one number that a question has for an answer; 0 for none."""
    with psycopg.connect(dsn) as connection:
        return first(connection, question)


def first(connection: psycopg.Connection, question: str) -> int:
    """Return the one number of an answer; 0 for none."""
    row = connection.execute(question.encode()).fetchone()
    return int(row[0] or 0) if row else 0


def until(true: Callable[[], bool]) -> None:
    """Wait until something is true; AssertionError when it takes too long."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        _expect(time.monotonic() < deadline, "it takes too long")
        time.sleep(0.02)


def _expect(holds: bool, words: str) -> None:
    if not holds:
        raise AssertionError(words)
