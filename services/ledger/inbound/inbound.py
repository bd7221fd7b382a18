"""The inbound process: a member of the cell's group, which takes in what it polls, batch after batch."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from time import monotonic, perf_counter

import psycopg

from edge.kafka.consuming import KAFKA_ERRORS, SESSION_SECONDS, Consumer, Message, Partition
from edge.kafka.settings import COMMANDS, SIGNALS, KafkaSettings
from edge.measures import Histogram, Measure, Sample, count, counts
from ledger.errors import CannotStart
from ledger.inbound.addressing import addressing
from ledger.inbound.batch import LeftBehind
from ledger.inbound.reading import Taken, read_message
from ledger.inbound.taking import Contended, Taker
from ledger.ledger import GONE, Ledger
from ledger.settings import Settings
from ledger.store.queries import query
from ledger.store.reach import reach

HERE = "ledger.inbound"
TOPICS = (COMMANDS, SIGNALS)
POLL_SECONDS = 0.5
MOST = 1_000
"""Messages of one poll, and so of one transaction."""

LOOK_SECONDS = 2.0
"""How often the senders' rights and the ends of the partitions are looked at."""

RETRY_SECONDS = 0.5
SETTLE_SECONDS = SESSION_SECONDS / 2
OUTAGES: tuple[type[Exception], ...] = (LeftBehind, Contended, *GONE, *KAFKA_ERRORS)
_log = logging.getLogger(__name__)


class Inbound:
    """Takes in the cell's commands and signals until it is told to stop; several share the partitions."""

    def __init__(self, settings: Settings, kafka: KafkaSettings) -> None:
        self._settings = settings
        self._kafka = kafka
        self._became: Counter[str] = Counter()
        self._errors = 0
        self._seconds = Histogram(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30)
        self.lag: Counter[str] = Counter()
        self.assignments = 0
        """How often the group shared out its partitions anew."""

    def run(self, stop: threading.Event) -> None:
        """Take in until `stop` is set; goes on after every outage of the database or of Kafka."""
        with closing(Ledger(self._settings)) as ledger:
            while not stop.is_set():
                try:
                    self._take_part(ledger, stop)
                except OUTAGES as error:
                    if isinstance(error, KAFKA_ERRORS):
                        self.lag = Counter()  # nobody knows what waits
                    ledger.streams.clear()
                    self._errors += 1
                    said = str(error) or type(error).__name__
                    _log.warning("the inbound process goes on in a moment: %s", said)
                    stop.wait(RETRY_SECONDS)
                    ledger.datastore.pool.check()

    def _take_part(self, ledger: Ledger, stop: threading.Event) -> None:
        """Be a member of the group: read the next messages while the last are decided and recorded."""
        member = _Member(self, ledger)
        taker = Taker(ledger)
        taker.load_senders()
        with (
            ThreadPoolExecutor(1, "taking in") as taking,
            Consumer(
                self._kafka, TOPICS, member.assigned, let_go=member.let_go,
                group=f"assistance.inbound.{self._settings.source}",
            ) as consumer,
        ):  # fmt: skip
            self._look(consumer, member)
            looked = monotonic()
            names = ", ".join(map(self._kafka.topic, TOPICS))
            _log.info("taking in for %s from %s", self._settings.source, names)
            while not stop.is_set():
                taken, believed = member.read(consumer.poll(POLL_SECONDS, MOST))
                member.settled()
                if monotonic() >= looked + LOOK_SECONDS:
                    taker.load_senders()
                    self._look(consumer, member)
                    looked = monotonic()
                if taken:
                    member.under_way = taking.submit(self._take, taker, taken, believed)
            member.settled()

    def _take(
        self, taker: Taker, taken: Sequence[Taken], believed: Mapping[Partition, int]
    ) -> None:
        began = perf_counter()
        self._became += taker.take(taken, believed)
        self._seconds.observe(perf_counter() - began)

    def _look(self, consumer: Consumer, member: _Member) -> None:
        """See what waits, whoever is to take it in: by what is on record, not by what we believe."""
        stored = member.stored()
        everything = consumer.all_partitions(TOPICS)
        at = {**consumer.starts([p for p in everything if p not in stored]), **stored}
        lag = Counter({self._kafka.topic(topic): 0 for topic in TOPICS})
        for partition, end in consumer.ends(everything).items():
            lag[partition.topic] += max(0, end - at[partition])
        self.lag = lag

    def not_ready(self) -> str | None:
        """Return what is missing, or None: Kafka's absence is no reason, the lag is a measure."""
        try:
            reach(self._settings.dsn)
        except CannotStart as error:
            return error.detail
        return None

    def measures(self) -> Iterable[Measure]:
        """Return what messages became, and what waits."""
        about = "Messages taken in, by what they became."
        yield counts("inbound_messages_total", about, "outcome", self._became.copy())
        yield count("inbound_errors_total", "Times that taking in was broken off.", self._errors)
        about = "Times that the group shared out its partitions anew."
        yield count("inbound_assignments_total", about, self.assignments)
        yield self._seconds.measure("inbound_batch_seconds", "Time of a batch, commit included.")
        lag = [Sample(n, {"topic": topic}) for topic, n in self.lag.copy().items()]
        yield Measure(
            "inbound_lag", "gauge", "Messages that are not taken in yet, by whomever.", lag
        )
        try:
            with psycopg.connect(self._settings.dsn, connect_timeout=3) as connection:
                row = connection.execute(query("open_dead_letters", HERE)).fetchone()
        except psycopg.Error:
            return
        about = "Dead letters with which nobody has done anything."
        yield Measure("inbound_dead_letters", "gauge", about, [Sample(row[0] if row else 0)])


class _Member:
    """The partitions that are ours, where each goes on after what was read, and what is under way."""

    def __init__(self, inbound: Inbound, ledger: Ledger) -> None:
        self._inbound = inbound
        self._ledger = ledger
        self._addressing = addressing(ledger.settings)
        self._next: dict[Partition, int] = {}
        self.under_way: Future[None] | None = None

    def stored(self) -> dict[Partition, int]:
        """Where each partition goes on, of those of which anything was taken in."""
        with self._ledger.datastore.get_connection() as conn:
            rows = conn.execute(query("next_offsets", HERE)).fetchall()
        return {Partition(row["topic"], row["partition"]): row["next_offset"] for row in rows}

    def assigned(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Go on where it is on record; of a partition that is not, with the first message that comes."""
        stored = self.stored()
        self._next = {p: offset for p, offset in stored.items() if p in partitions}
        self._inbound.assignments += 1
        return dict(self._next)

    def let_go(self, _: Collection[Partition]) -> None:
        """Have what is under way on record before others, or we, go on from there."""
        if self.under_way:
            wait([self.under_way], SETTLE_SECONDS)

    def settled(self) -> None:
        """Wait for what is under way, and raise what it met."""
        if self.under_way:
            self.under_way.result()
            self.under_way = None

    def read(
        self, found: Mapping[Partition, Sequence[Message]]
    ) -> tuple[list[Taken], dict[Partition, int]]:
        """Read messages; return them with the offsets from which their partitions go on until then.

        When they are not taken in after all, the membership ends, and the next begins with what is stored.
        """
        believed = {p: self._next.get(p, of_it[0].offset) for p, of_it in found.items()}
        self._next |= {partition: of_it[-1].offset + 1 for partition, of_it in found.items()}
        taken = [read_message(m, self._addressing) for of_it in found.values() for m in of_it]
        return taken, believed
