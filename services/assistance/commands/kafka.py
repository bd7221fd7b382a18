"""`ledger relay`: what was recorded, out to Kafka."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Mapping

import typer

from assistance import settings
from assistance.showing import say
from edge import metrics_server
from edge.kafka.settings import KafkaSettings
from edge.settings import Metrics
from ledger.errors import CannotStart
from ledger.settings import Settings
from ledger.store.reach import reach


def register(ledger: typer.Typer) -> None:
    """Add the commands to the command line."""
    ledger.command("relay")(relay)


def relay() -> None:
    """Publish facts, outcomes and dead letters to Kafka, until Ctrl-C or SIGTERM; a second one stands by."""
    from ledger.relay.relay import Relay

    speak()
    environment = settings.read().environment
    configured = Settings.read(environment)
    running = Relay(configured, kafka_settings(environment))
    reach(configured.dsn)
    with metrics_server.serving(Metrics.read(environment), running.not_ready, running.measures):
        running.run(until_told())
    say("The relay has ended.")


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
