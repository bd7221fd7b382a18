"""The relay: one at a time publishes what was recorded; another stands by and takes over in seconds.

Delivery is at least once, in order per key: what was sent when a relay was killed, and not noted, is sent
again with the same ids. Without Kafka the ledger goes on; what waits is a measure.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic, perf_counter

import psycopg

from edge.kafka.producing import KAFKA_ERRORS, Outgoing, Pending, Producer
from edge.kafka.settings import EVENTS, KafkaSettings
from edge.measures import Histogram, Measure, Sample, count, counts
from ledger.relay import messages
from ledger.relay.tails import Chunk, Tails, backlog
from ledger.settings import Settings

POLL_SECONDS = 1.0
WATERMARK_SECONDS = 0.2
"""How long a position may be on the topic before its partitions are told of it."""

RETRY_SECONDS = 0.5
OUTAGES: tuple[type[Exception], ...] = (psycopg.OperationalError, *KAFKA_ERRORS)
_log = logging.getLogger(__name__)


class Relay:
    """Publishes a ledger's facts, outcomes and dead letters while it leads, until it is told to stop."""

    def __init__(self, settings: Settings, kafka: KafkaSettings) -> None:
        self._settings = settings
        self._kafka = kafka
        self._published: Counter[str] = Counter()
        self._noted: dict[str, int] = {}
        self._errors = 0
        self._seconds = Histogram(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 10)
        self.leads = False

    def run(self, stop: threading.Event) -> None:
        """Publish until `stop` is set; goes on after every outage of the database or of Kafka."""
        while not stop.is_set():
            try:
                with Tails(self._settings.dsn, self._settings.source) as tails:
                    self._take_part(tails, stop)
            except OUTAGES as error:
                self._errors += 1
                _log.warning("the relay goes on in a moment: %s", error)
                stop.wait(RETRY_SECONDS)
            finally:
                self.leads = False

    def _take_part(self, tails: Tails, stop: threading.Event) -> None:
        """Stand by until the lead is free, then lead."""
        _log.info("standing by to publish for %s", self._settings.source)
        while (noted := tails.lead()) is None:
            if stop.wait(POLL_SECONDS):
                return
        self.leads = True
        _log.info("publishing for %s, from fact %s on", self._settings.source, noted["facts"])
        with Producer(self._kafka) as producer:
            self._lead(tails, noted, _Partitions(producer, self._settings.source), stop)

    def _lead(
        self, tails: Tails, noted: Mapping[str, int], partitions: _Partitions, stop: threading.Event
    ) -> None:
        """Publish chunk after chunk; the next is read while one is on its way."""
        chunk = tails.read(noted)
        while not stop.is_set():
            if not (chunk.messages or partitions.due(chunk.closed)):
                tails.wait(partitions.patience(chunk.closed))
                chunk = tails.read(chunk.positions)
                continue
            began = perf_counter()
            pending = partitions.send(chunk)
            following = tails.read(chunk.positions)
            pending.wait()
            self._note(tails, chunk, began)
            chunk = following

    def _note(self, tails: Tails, chunk: Chunk, began: float) -> None:
        if chunk.messages:
            tails.note(chunk.positions)
        self._noted = dict(chunk.positions)
        self._published.update(chunk.counts)
        self._seconds.observe(perf_counter() - began)

    def not_ready(self) -> str | None:
        """Return what is missing, or None: Kafka's absence is no reason, what waits is a measure."""
        try:
            backlog(self._settings.dsn)
        except psycopg.Error as error:
            return f"The ledger's database cannot be read: {error}"
        return None

    def measures(self) -> Iterable[Measure]:
        """Return what was published, and what waits."""
        about = "1 while this relay is the one that publishes, 0 while it stands by."
        yield Measure("relay_active", "gauge", about, [Sample(int(self.leads))])
        yield counts("relay_published_total", "Messages published.", "tail", self._published.copy())
        yield count("relay_errors_total", "Times that publishing was broken off.", self._errors)
        yield self._seconds.measure("relay_batch_seconds", "Time of a chunk, until it was noted.")
        at = [Sample(position, {"tail": tail}) for tail, position in self._noted.items()]
        yield Measure("relay_position", "gauge", "Up to where this relay noted each tail.", at)
        try:
            waiting = backlog(self._settings.dsn)
        except psycopg.Error:
            return
        samples = [Sample(n, {"tail": tail}) for tail, n in waiting.items()]
        yield Measure("relay_backlog", "gauge", "Recorded and not noted as published.", samples)


class _Partitions:
    """The events topic's partitions, and what was told to all of them."""

    def __init__(self, producer: Producer, source: str) -> None:
        self._producer = producer
        self._source = source
        self._told = 0
        self._at = 0.0
        self._all = producer.partitions(EVENTS)

    def due(self, position: int) -> bool:
        """Whether the partitions are to be told a position now."""
        return position > self._told and monotonic() >= self._at + WATERMARK_SECONDS

    def patience(self, position: int) -> float:
        """Return for how long nothing is due, in seconds."""
        if position <= self._told:
            return POLL_SECONDS
        return max(0.0, self._at + WATERMARK_SECONDS - monotonic())

    def send(self, chunk: Chunk) -> Pending:
        """Send a chunk, and behind it, when it is due, to every partition up to where moments are whole.

        Whoever is told a position has every fact up to it: those of the chunk come before, in the same
        batch. It never stands within what one append recorded: no reader shows half of a moment.
        """
        position = chunk.closed
        due = self.due(position)
        pending = self._producer.send(
            [*chunk.messages, *(self._watermarks(position) if due else ())]
        )
        if due:
            self._told, self._at = position, monotonic()
        return pending

    def _watermarks(self, position: int) -> Sequence[Outgoing]:
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return [messages.watermark(position, n, self._source, now) for n in self._all]
