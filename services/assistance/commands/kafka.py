"""`ledger relay`, `ledger inbound`, `senders`, `dead-letters`: the ledger and Kafka."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Protocol

import psycopg
import typer

from assistance import collecting, settings
from assistance.cell import opened
from assistance.commands.options import Data, Json
from assistance.showing import say, show, write_json
from edge import metrics_server
from edge.kafka.settings import KafkaSettings
from edge.measures import Measure
from edge.settings import Metrics
from ledger.errors import CannotStart
from ledger.inbound import senders
from ledger.inbound.dead_letters import DeadLetters
from ledger.ledger import Ledger
from ledger.settings import Settings
from ledger.store.reach import reach


def _said(words: str) -> str:
    if not words.strip():
        raise typer.BadParameter("It is kept for ever, and must say something.")
    return words


Actor = Annotated[str, typer.Option("--actor", help="Who does it.", callback=_said)]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with it.", callback=_said)]
Number = Annotated[int, typer.Argument(help="The dead letter's number.")]


def register(ledger: typer.Typer, senders: typer.Typer, dead_letters: typer.Typer) -> None:
    """Add the commands to the command line."""
    ledger.command("relay")(relay)
    ledger.command("inbound")(inbound)
    senders.command("load")(senders_load)
    senders.command("list")(senders_list)
    dead_letters.command("list")(dead_letters_list)
    dead_letters.command("show")(dead_letters_show)
    dead_letters.command("retry")(dead_letters_retry)
    dead_letters.command("discard")(dead_letters_discard)


def relay() -> None:
    """Publish facts, outcomes and dead letters to Kafka, until Ctrl-C or SIGTERM; a second one stands by."""
    from ledger.relay.relay import Relay

    _run_until_told(Relay)
    say("The relay has ended.")


def inbound() -> None:
    """Take in commands from Kafka, until Ctrl-C or SIGTERM; several share the partitions."""
    from ledger.inbound.inbound import Inbound

    _run_until_told(Inbound)
    say("The inbound process has ended.")


class _Running(Protocol):
    """A process between the ledger and Kafka."""

    def run(self, stop: threading.Event) -> None: ...
    def not_ready(self) -> str | None: ...
    def measures(self) -> Iterable[Measure]: ...


def _run_until_told(process: Callable[[Settings, KafkaSettings], _Running]) -> None:
    speak()
    environment = settings.read().environment
    configured = Settings.read(environment)
    running = process(configured, kafka_settings(environment))
    reach(configured.dsn)
    with (
        metrics_server.serving(Metrics.read(environment), running.not_ready, running.measures),
        collecting.seldom(),
    ):
        running.run(until_told())


def senders_load(
    file: Annotated[
        Path,
        typer.Argument(help="CSV: sender,kind,name,area.", exists=True, dir_okay=False),
    ],
    data: Data = None,
    json: Json = False,
) -> None:
    """Say anew which service may send which command or signal for which areas: the file is all of it."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rights = senders.read_senders(lines)
    with opened(settings.read(data)) as cell, psycopg.connect(cell.ledger.dsn) as connection:
        loaded = senders.load(connection, rights)
    if json:
        write_json({"rights": loaded})
    else:
        say(f"{loaded:,} rights, and no others.")


def senders_list(data: Data = None, json: Json = False) -> None:
    """List which service may send what, for which areas."""
    with opened(settings.read(data)) as cell, psycopg.connect(cell.ledger.dsn) as connection:
        rights = senders.stored(connection)
    show([right._asdict() for right in rights], json=json, title="Senders")


def dead_letters_list(
    data: Data = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Those that were dealt with too.")
    ] = False,
    after: Annotated[int, typer.Option("--after", help="Only those with a higher number.")] = 0,
    limit: Annotated[int, typer.Option("--limit", help="At most so many.", min=1, max=1000)] = 100,
    json: Json = False,
) -> None:
    """List messages that could not be read: why, and where they lie."""
    with _dead_letters(data) as letters:
        found = letters.listed(after=after, limit=limit, open_only=not everything)
    show(found, json=json, title="Dead letters")


def dead_letters_show(number: Number, data: Data = None) -> None:
    """Show a dead letter whole, as JSON. What it holds may name people: treat it as such."""
    with _dead_letters(data) as letters:
        write_json(letters.show(number))


def dead_letters_retry(
    number: Number, actor: Actor, reason: Reason, data: Data = None, json: Json = False
) -> None:
    """Take a dead letter in now: what kept it from being read was mended."""
    with _dead_letters(data) as letters:
        outcome = letters.retry(number, actor, reason)
    if json:
        write_json({"number": number, "outcome": outcome})
    else:
        say(f"Dead letter {number}: {outcome}.")


def dead_letters_discard(
    number: Number, actor: Actor, reason: Reason, data: Data = None, json: Json = False
) -> None:
    """Note that nothing will be done with a dead letter."""
    with _dead_letters(data) as letters:
        letters.discard(number, actor, reason)
    if json:
        write_json({"number": number, "outcome": "discarded"})
    else:
        say(f"Dead letter {number} is discarded.")


@contextmanager
def _dead_letters(data: Path | None) -> Iterator[DeadLetters]:
    with opened(settings.read(data)) as cell, closing(Ledger(cell.ledger)) as ledger:
        yield DeadLetters(ledger)


def kafka_settings(environment: Mapping[str, str]) -> KafkaSettings:
    """Return where Kafka is; CannotStart when the environment does not say."""
    found = KafkaSettings.read(environment)
    if found is None:
        raise CannotStart("KAFKA_SERVERS is not set: give the brokers, host:port.")
    return found


def speak() -> None:
    """Log to stderr; the client's own lines, many for each outage, only when it can go on no more."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    logging.getLogger("kafka").setLevel(logging.CRITICAL)


def until_told() -> threading.Event:
    """Return what Ctrl-C and SIGTERM set."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
