"""The topics, as a file declares them: made when missing, brought in line where that is safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
from kafka.admin import ConfigResource, KafkaAdminClient, NewTopic
from kafka.errors import InvalidReplicationFactorError
from msgspec import Meta

from edge.kafka.settings import KafkaSettings, connection_options


class TopicsFileError(Exception):
    """The file of topics cannot be read; the words say why."""


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A topic as it is declared."""

    name: str
    partitions: Annotated[int, Meta(ge=1, le=10_000)]
    replication: Annotated[int, Meta(ge=1, le=20)]
    configs: dict[str, str | int | float | bool] = {}


class Change(NamedTuple):
    """What differs in a topic, and whether it was changed: what is not needs people."""

    topic: str
    what: str
    done: bool


def read_topics(file: Path) -> list[Topic]:
    """Read a YAML file of topics; TopicsFileError says what of it is wrong."""
    try:
        topics = msgspec.yaml.decode(file.read_bytes(), type=list[Topic])
    except OSError as error:
        raise TopicsFileError(f"{file} cannot be read: {error.strerror}.") from None
    except msgspec.MsgspecError as error:
        raise TopicsFileError(f"{file} is no list of topics: {error}.") from None
    if len({topic.name for topic in topics}) < len(topics):
        raise TopicsFileError(f"{file} names a topic twice.")
    return topics


def apply(
    settings: KafkaSettings,
    topics: Sequence[Topic],
    *,
    replication: int | None = None,
    look: bool = False,
) -> list[Change]:
    """Make the topics as declared; return what differed, with `look` without changing anything.

    The number of partitions and of replicas of a topic that is there is left alone: a key would lead to
    another partition, and its order would be lost. Raises one of KAFKA_ERRORS when the brokers say no.
    """
    admin = KafkaAdminClient(**connection_options(settings))
    try:
        names = set(admin.list_topics())
        return [
            change
            for topic in topics
            for change in _apply(admin, topic, settings.topic(topic.name), names, replication, look)
        ]
    finally:
        admin.close()


def _apply(
    admin: Any, topic: Topic, name: str, names: set[str], replication: int | None, look: bool
) -> Iterator[Change]:
    replicas = replication or (_replicas(admin, name) if name in names else topic.replication)
    configs = {key: _text(value) for key, value in topic.configs.items()}
    if replicas < int(configs.get("min.insync.replicas", 1)):
        configs["min.insync.replicas"] = str(replicas)
    if name not in names:
        if not look:
            _make(
                admin, NewTopic(name, topic.partitions, replicas, topic_configs=configs), replicas
            )
        yield Change(
            name, f"is missing: {topic.partitions} partitions, {replicas} replicas", not look
        )
        return
    yield from _unchangeable(admin, name, topic.partitions, replication or topic.replication)
    wrong = dict(_differing(admin, name, configs))
    if wrong and not look:
        admin.alter_configs([ConfigResource("topic", name, {key: configs[key] for key in wrong})])
    for key, found in wrong.items():
        yield Change(name, f"{key} is {found}, not {configs[key]}", not look)


def _make(admin: Any, topic: NewTopic, replicas: int) -> None:
    try:
        admin.create_topics([topic], wait_for_metadata=True)
    except InvalidReplicationFactorError:
        raise TopicsFileError(
            f"{topic.name} is to have {replicas} replicas, and there are not as many brokers: give "
            "--replication, 1 for a trial."
        ) from None


def _replicas(admin: Any, name: str) -> int:
    """Return how many replicas a topic has: more of them cannot be in sync."""
    [found] = admin.describe_topics([name])
    return len(found["partitions"][0]["replica_nodes"])


def _unchangeable(admin: Any, name: str, partitions: int, replicas: int) -> Iterator[Change]:
    [found] = admin.describe_topics([name])
    has = found["partitions"]
    if len(has) != partitions:
        yield Change(name, f"has {len(has)} partitions, not {partitions}", False)
    if has and len(has[0]["replica_nodes"]) != replicas:
        yield Change(name, f"has {len(has[0]['replica_nodes'])} replicas, not {replicas}", False)


def _differing(admin: Any, name: str, configs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the settings that are not as declared, with what they are."""
    asked = ConfigResource("topic", name, list(configs))
    found = admin.describe_configs([asked], config_filter="all")["topic"][name]
    for key, wanted in configs.items():
        has = str(found[key]["value"]) if key in found else "unknown"
        if has != wanted:
            yield key, has


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
