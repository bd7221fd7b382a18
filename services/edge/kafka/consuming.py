"""Reading topics: a member of a consumer group whose offsets are kept elsewhere, with the effects.

Kafka is told of no offset. On assignment the owner of the offsets says where each partition goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from edge.kafka.settings import KafkaSettings, connection_options

KAFKA_ERRORS: tuple[type[Exception], ...] = (KafkaError,)
"""What the client raises when the brokers are away, or no longer take us for a member."""

SESSION_MS = 8_000

NextOffsets = Callable[[Collection["Partition"]], Mapping["Partition", int]]
"""Says of partitions that were assigned where each goes on; of those that it leaves out: the start."""


class Partition(NamedTuple):
    """A partition of a topic."""

    topic: str
    number: int


class Message(NamedTuple):
    """A message as it lies in its partition; nothing of it was decoded."""

    partition: Partition
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Consumer:
    """Reads topics as one member of a group, or all partitions of them when there is no group.

    `next_offsets` is asked on every assignment; `let_go` is told which partitions went to others.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        topics: Sequence[str],
        next_offsets: NextOffsets,
        *,
        group: str | None = None,
        let_go: Callable[[Collection[Partition]], None] | None = None,
        **options: Any,
    ) -> None:
        self._settings = settings
        self._consumer = KafkaConsumer(
            **connection_options(settings),
            group_id=settings.topic(group) if group else None,
            enable_auto_commit=False,
            # We always seek; an offset that is no longer there is a loss, and must not pass unseen.
            auto_offset_reset="none",
            isolation_level="read_committed",
            # Who was killed is missed after this long, and others go on with its partitions.
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=SESSION_MS // 4,
            allow_auto_create_topics=False,
            **options,
        )
        names = [settings.topic(topic) for topic in topics]
        if group:
            listener = _Listener(self._consumer, next_offsets, let_go or _nothing)
            self._consumer.subscribe(names, listener=listener)
        else:
            self._assign_all(names, next_offsets)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the group, so that others take over at once."""
        self._consumer.close(autocommit=False, timeout_ms=5_000)

    def poll(self, seconds: float, most: int) -> dict[Partition, list[Message]]:
        """Return at most `most` messages, in order in each partition; waits until there are some."""
        found = self._consumer.poll(timeout_ms=int(seconds * 1000), max_records=most)
        return {
            Partition(*partition): [
                Message(Partition(*partition), r.offset, r.key, r.value, r.headers) for r in records
            ]
            for partition, records in found.items()
        }

    def assigned(self) -> set[Partition]:
        """Return the partitions that this member now reads."""
        return {Partition(*partition) for partition in self._consumer.assignment()}

    def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has."""
        return len(self._consumer.partitions_for_topic(self._settings.topic(topic)) or ())

    def ends(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        """Return the offset after the last message of each partition."""
        ends = self._consumer.end_offsets([TopicPartition(*one) for one in partitions])
        return {Partition(*partition): offset for partition, offset in ends.items()}

    def seek(self, offsets: Mapping[Partition, int]) -> None:
        """Go on at other offsets."""
        for partition, offset in offsets.items():
            self._consumer.seek(TopicPartition(*partition), offset)

    def pause(self, partitions: Collection[Partition]) -> None:
        """Read no more of partitions, and stay the one who has them."""
        self._consumer.pause(*(TopicPartition(*one) for one in partitions))

    def resume(self, partitions: Collection[Partition]) -> None:
        """Read on in partitions that were paused; of others nothing changes."""
        self._consumer.resume(*(TopicPartition(*one) for one in partitions))

    def _assign_all(self, topics: Sequence[str], next_offsets: NextOffsets) -> None:
        found = [
            Partition(topic, number)
            for topic in topics
            for number in sorted(self._consumer.partitions_for_topic(topic) or ())
        ]
        self._consumer.assign([TopicPartition(*partition) for partition in found])
        _seek(self._consumer, found, next_offsets)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # the client has no types
    """Seeks what is assigned."""

    def __init__(
        self,
        consumer: KafkaConsumer,
        next_offsets: NextOffsets,
        let_go: Callable[[Collection[Partition]], None],
    ) -> None:
        self._consumer = consumer
        self._next_offsets = next_offsets
        self._let_go = let_go

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Seek each partition to where its effects end."""
        _seek(self._consumer, [Partition(*one) for one in assigned], self._next_offsets)

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Tell which partitions others have from now on."""
        self._let_go([Partition(*one) for one in revoked])


def _seek(
    consumer: KafkaConsumer, partitions: Collection[Partition], next_offsets: NextOffsets
) -> None:
    offsets = next_offsets(partitions) if partitions else {}
    for partition in partitions:
        consumer.seek(TopicPartition(*partition), offsets.get(partition, 0))


def _nothing(_: Collection[Partition]) -> None:
    """What who keeps nothing by partition does when one goes."""
