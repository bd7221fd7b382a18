"""The demo through Kafka: `make demo-kafka`.

A broker, a PostgreSQL, and the product's own processes are started on loopback. Every command of the demo is
sent as another service would send it, its outcome is read from the topic, and the figures are computed by
projections that heard of the facts from Kafka alone. Everything is taken away at the end.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

import orjson
import psycopg
from psycopg.conninfo import make_conninfo

from assistance import demonstration
from assistance.cell import Cell, load_areas, opened
from assistance.demo import AREAS_CSV, commands
from assistance.settings import Settings
from deploy.kafka.broker import Broker
from edge.kafka.consuming import Consumer
from edge.kafka.producing import Outgoing, Producer
from edge.kafka.settings import COMMANDS, OUTCOMES, KafkaSettings
from edge.kafka.topics import apply, read_topics
from ledger.inbound import senders
from ledger.inbound.senders import Right

TOPICS = Path(__file__).parent / "topics.yaml"
AT_ONCE = 500
WAIT_SECONDS = 180


def main() -> int:
    """Run the demo; 0 when every figure is as published, 5 when one is not."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="assistance-demo-")))
        broker = stack.enter_context(Broker(home / "kafka"))
        kafka = KafkaSettings((broker.servers,))
        _say(
            f"Kafka listens on {broker.servers}; its topics are made as deploy/kafka/topics.yaml says."
        )
        apply(kafka, read_topics(TOPICS), replication=1)
        cell = _projected_apart(stack.enter_context(opened(_settings(home))))
        _prepare(cell)
        for words in _PROCESSES:
            stack.enter_context(_running(words, _environment(cell, kafka, home), home))
        _say("The relay, the inbound process and two workers of the projections run.")
        return _show(cell, kafka)


_PROCESSES = (
    ("ledger", "relay"),
    ("ledger", "inbound"),
    ("projections", "run", "--source", "kafka"),
    ("projections", "run", "--source", "kafka"),
)


def _show(cell: Cell, kafka: KafkaSettings) -> int:
    began = time.monotonic()
    sent = _send(kafka)
    _say(f"{sent:,} commands are on {COMMANDS}, each with the service that sends it.")
    became = _outcomes(kafka, sent)
    told = ", ".join(f"{count:,} {word}" for word, count in became.items())
    _say(f"{sum(became.values()):,} outcomes are on {OUTCOMES}: {told}.")
    _until(lambda: _position(cell) == _head(cell), "the projections do not catch up")
    _say(
        f"The projections have reached position {_head(cell):,}, {time.monotonic() - began:.1f} s later.\n"
    )
    equal = demonstration.figures(cell, json=False)
    return 0 if equal and set(became) == {"accepted"} else 5


def _settings(home: Path) -> Settings:
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_DSN")}
    return Settings(home / "data", None, None, kept)


def _projected_apart(cell: Cell) -> Cell:
    """Give the projections a database of their own."""
    if cell.admin_dsn is None:
        raise RuntimeError("the demo runs on its own PostgreSQL")
    with psycopg.connect(cell.admin_dsn, autocommit=True) as admin:
        admin.execute("create database projected owner projections_service")
    dsn = make_conninfo(cell.projections.dsn, dbname="projected")
    return replace(cell, projections=replace(cell.projections, dsn=dsn, feed_dsn=dsn))


def _prepare(cell: Cell) -> None:
    """Load the demo's areas, and let every service of the demo send every command."""
    actors = {str(command["actor"]) for command in commands()}
    with psycopg.connect(cell.ledger.dsn) as connection:
        load_areas(connection, Path(str(AREAS_CSV)))
        senders.load(connection, [Right(actor, "command", "*", "") for actor in sorted(actors)])


def _environment(cell: Cell, kafka: KafkaSettings, home: Path) -> dict[str, str]:
    cells = home / "cells.toml"
    cells.write_text(
        f"[[cells]]\nname = '{cell.ledger.source}'\nprojections_dsn = '''{cell.projections.dsn}'''\n"
        "ledger_url = 'http://127.0.0.1:9'\n"
    )
    return {
        "LEDGER_DSN": cell.ledger.dsn,
        "KAFKA_SERVERS": ",".join(kafka.servers),
        "PROJECTIONS_CELLS": str(cells),
    }


@contextmanager
def _running(words: tuple[str, ...], environment: Mapping[str, str], home: Path) -> Iterator[None]:
    """A process of the product, ended with the demo."""
    with (home / f"{words[1]}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "assistance.cli", *words],
            env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    with process:
        try:
            yield
        finally:
            process.terminate()


def _send(kafka: KafkaSettings) -> int:
    """Send the demo's commands in their order: one key, and so one partition, keeps it."""
    sent, coming = 0, commands()
    with Producer(kafka) as producer:
        while some := list(islice(coming, AT_ONCE)):
            producer.send(_message(dict(command)) for command in some).wait()
            sent += len(some)
    return sent


def _message(command: dict[str, object]) -> Outgoing:
    headers = {
        "content-type": "application/json", "ce_specversion": "1.0",
        "ce_id": str(command["idempotency_key"]), "ce_source": str(command["actor"]),
        "ce_type": f"assistance.{command['command']}.v1",
    }  # fmt: skip
    pairs = [(name, value.encode()) for name, value in headers.items()]
    return Outgoing(COMMANDS, b"demo", orjson.dumps(command), pairs)


def _outcomes(kafka: KafkaSettings, wanted: int) -> Counter[str]:
    """Read so many outcomes, and count them by what commands became."""
    became: Counter[str] = Counter()
    with Consumer(kafka, [OUTCOMES], lambda _: {}) as consumer:
        deadline = time.monotonic() + WAIT_SECONDS
        while sum(became.values()) < wanted and time.monotonic() < deadline:
            for messages in consumer.poll(1, 1_000).values():
                became.update(orjson.loads(one.value or b"{}")["outcome"] for one in messages)
    return became


def _position(cell: Cell) -> int:
    question = "select coalesce(min(position), 0) from projections.partitions"
    return _number(cell.projections.dsn, question)


def _head(cell: Cell) -> int:
    return _number(cell.ledger.dsn, "select coalesce(max(position), 0) from ledger.feed")


def _number(dsn: str, question: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(question.encode()).fetchone()
    return int(row[0]) if row else 0


def _until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError(what)
        time.sleep(0.1)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
