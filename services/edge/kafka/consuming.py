"""Reading topics: a member of a consumer group whose offsets are kept elsewhere, with the effects.

Kafka is told of no offset. On assignment the owner of the offsets says where each partition goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, UnknownTopicOrPartitionError

from edge.closing import Closing
from edge.kafka import header_names
from edge.kafka.settings import KafkaSettings, connection_options

header_names.install()

KAFKA_ERRORS: tuple[type[Exception], ...] = (KafkaError,)
"""What the client raises when the brokers are away, or no longer take us for a member."""

SESSION_SECONDS = 10
"""After so long without a sign of life a member of a group counts as dead, and others have its partitions.

The signs come from a thread of the client, however long a batch takes.
"""

NextOffsets = Callable[[Collection["Partition"]], Mapping["Partition", int]]
"""Says of partitions that were assigned where each goes on; those that it leaves out begin at their start."""


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
    headers: Sequence[tuple[str, bytes | None]]


class Consumer(Closing):
    """Reads topics as one member of a group, or all partitions of them when there is no group.

    `next_offsets` is asked on every assignment; `let_go` is told which partitions are taken away. Both run
    on the client's own thread, which must be back before the session ends: whoever waits there waits for
    less than SESSION_SECONDS.
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
            session_timeout_ms=SESSION_SECONDS * 1000,
            # We always seek; an offset that is no longer there is a loss, and must not pass unseen.
            auto_offset_reset="none",
            isolation_level="read_committed",
            allow_auto_create_topics=False,
            **options,
        )
        if group:
            listener = _Listener(self._consumer, next_offsets, let_go or _nothing)
            self._consumer.subscribe(list(map(settings.topic, topics)), listener=listener)
        else:
            self._assign_all(topics, next_offsets)

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

    def all_partitions(self, topics: Sequence[str]) -> list[Partition]:
        """Return every partition of some topics, whoever reads it; KAFKA_ERRORS when a topic is not there."""
        names = map(self._settings.topic, topics)
        return [Partition(name, n) for name in names for n in self._numbers(name)]

    def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has; one of KAFKA_ERRORS when there is none of this name."""
        return len(self._numbers(self._settings.topic(topic)))

    def starts(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        """Return the offset of the first message that each partition still has."""
        starts = self._consumer.beginning_offsets([TopicPartition(*one) for one in partitions])
        return {Partition(*partition): offset for partition, offset in starts.items()}

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

    def _numbers(self, name: str) -> list[int]:
        numbers = sorted(self._consumer.partitions_for_topic(name) or ())
        if not numbers:
            raise UnknownTopicOrPartitionError(
                f"There is no topic {name}: `assistance topics apply` makes it."
            )
        return numbers

    def _assign_all(self, topics: Sequence[str], next_offsets: NextOffsets) -> None:
        found = self.all_partitions(topics)
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
        if partition in offsets:
            consumer.seek(TopicPartition(*partition), offsets[partition])
        else:
            # Where a partition begins is asked later: we may be on the client's own thread.
            consumer.seek_to_beginning(TopicPartition(*partition))


def _nothing(_: Collection[Partition]) -> None:
    """What who keeps nothing by partition does when one goes."""
