"""Sending: chunk after chunk, the next only once all of the last is acknowledged.

Of one chunk each partition gets one batch. When the brokers fail, a batch is there whole or not at all, and
nothing that comes after it in its partition is there before it: whoever sends drops the producer, makes
another, and sends the chunk again. No message is missing then, and none comes before an earlier one of its
partition; some may come twice. Transactions would not do: the client commits one from which a batch was
lost, and a broker that is killed right after a commit may abort what it has acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.partitioner.default import murmur2

from edge.closing import Closing
from edge.kafka.settings import KafkaSettings, connection_options

KAFKA_ERRORS: tuple[type[Exception], ...] = (KafkaError,)
"""What the client raises when the brokers are away."""

ANSWER_SECONDS = 10.0
"""How long the brokers may take over one step."""

MOST_BYTES = 900_000
"""Of one chunk: less than what a broker takes in one batch, the headers and keys counted."""

_FOR_EVER_MS = 24 * 3600 * 1000


@lru_cache(maxsize=100_000)
def _hash(key: bytes) -> int:
    """The client reckons it anew for every message, byte by byte."""
    return int(murmur2(key)) & 0x7FFFFFFF


class Outgoing(NamedTuple):
    """A message to be sent; without a partition its key decides."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    partition: int | None = None


class Pending(NamedTuple):
    """A chunk on its way."""

    flushed: Future[None]
    sent: Sequence[Any]

    def wait(self) -> None:
        """Return once every message is acknowledged; raises one of KAFKA_ERRORS when one is not."""
        try:
            self.flushed.result(2 * ANSWER_SECONDS)
        except TookTooLong:
            raise KafkaTimeoutError("The brokers do not answer.") from None
        for one in self.sent:
            if not one.succeeded():
                raise one.exception or KafkaTimeoutError("A message was not acknowledged.")


class Producer(Closing):
    """Sends chunks. After an error, one of KAFKA_ERRORS, it is of no more use: close it, make another."""

    def __init__(self, settings: KafkaSettings, **options: Any) -> None:
        self._settings = settings
        self._numbers: dict[str, Sequence[int]] = {}
        self._apart = ThreadPoolExecutor(1, "kafka flushes")
        milliseconds = int(ANSWER_SECONDS * 1000)
        self._producer = KafkaProducer(
            **connection_options(settings),
            enable_idempotence=True,
            acks="all",
            # A batch goes out with the flush and never before: one for each partition of a chunk.
            linger_ms=_FOR_EVER_MS,
            batch_size=1_000_000,
            max_in_flight_requests_per_connection=1,
            # The client must not give a batch up and go on with the next: we give both up.
            delivery_timeout_ms=2 * _FOR_EVER_MS,
            request_timeout_ms=milliseconds // 2,
            max_block_ms=milliseconds,
            bootstrap_timeout_ms=milliseconds,
            reconnect_backoff_max_ms=500,
            allow_auto_create_topics=False,
            metrics_enabled=False,
            **options,
        )

    def close(self) -> None:
        """Let go of the connections; what is not acknowledged may be on its topic or not."""
        try:
            self._producer.close(timeout=0)
        except KAFKA_ERRORS:
            # Something is pending, and the client would go on sending it for as long as it lives.
            self._producer._sender.force_close()
            self._producer._sender.join(ANSWER_SECONDS)
            with suppress(*KAFKA_ERRORS):
                self._producer.close(timeout=0)
        self._apart.shutdown(cancel_futures=True)

    def partitions(self, topic: str) -> Sequence[int]:
        """Return the numbers of a topic's partitions, which never change while it is written to."""
        if topic not in self._numbers:
            self._numbers[topic] = sorted(self._found(self._settings.topic(topic)))
        return self._numbers[topic]

    def _found(self, name: str) -> set[int]:
        try:
            return set(self._producer.partitions_for(name))
        except KafkaTimeoutError:
            raise KafkaTimeoutError(
                f"The brokers do not tell of topic {name}. If they answer at all: `assistance topics apply`."
            ) from None

    def send(self, chunk: Iterable[Outgoing]) -> Pending:
        """Send messages of at most MOST_BYTES; wait for them before the next ones are sent.

        Raises one of KAFKA_ERRORS when the brokers cannot be asked for the topic.
        """
        sent = []
        for topic, key, value, headers, given in chunk:
            partition = given
            if given is None and key is not None:
                # As every client of Kafka reckons it by default.
                numbers = self.partitions(topic)
                partition = numbers[_hash(key) % len(numbers)]
            name = self._settings.topic(topic)
            sent.append(self._producer.send(name, value, key, headers, partition))
        return Pending(self._apart.submit(self._producer.flush, ANSWER_SECONDS), sent)
