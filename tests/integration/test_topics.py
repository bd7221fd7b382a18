"""`assistance topics apply` on a real broker: what is declared is what is there."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from edge.kafka.settings import KafkaSettings
from edge.kafka.topics import Change, Topic, TopicsFileError, apply, read_topics

SHIPPED = Path(__file__).parents[2] / "deploy" / "kafka" / "topics.yaml"


@pytest.fixture
def kafka(broker: str) -> KafkaSettings:
    """The broker, without topics under the test's prefix."""
    return KafkaSettings((broker,), topic_prefix=f"t{uuid4().hex[:8]}.")


def test_the_topics_that_ship_are_made_as_declared_and_then_left_alone(
    kafka: KafkaSettings,
) -> None:
    topics = read_topics(SHIPPED)
    made = apply(kafka, topics, replication=1)
    assert [change.topic for change in made] == [kafka.topic(topic.name) for topic in topics]
    assert all(change.done for change in made)
    assert apply(kafka, topics, replication=1) == []


def test_a_setting_that_differs_is_brought_in_line(kafka: KafkaSettings) -> None:
    apply(kafka, [Topic("one", 2, 1, {"retention.ms": 1000})])
    name = kafka.topic("one")
    wanted = Change(name, "retention.ms is 1000, not -1", False)
    declared = [Topic("one", 2, 1, {"retention.ms": -1})]
    assert apply(kafka, declared, look=True) == [wanted]
    assert apply(kafka, declared) == [wanted._replace(done=True)]
    assert apply(kafka, declared) == []


def test_partitions_are_never_changed(kafka: KafkaSettings) -> None:
    apply(kafka, [Topic("one", 2, 1)])
    said = Change(kafka.topic("one"), "has 2 partitions, not 3", False)
    assert apply(kafka, [Topic("one", 3, 1)]) == [said]
    assert apply(kafka, [Topic("one", 3, 1)], look=True) == [said]


@pytest.mark.parametrize(
    "text", ["- {name: one}", "name: one", "- [", "- {name: a, partitions: 0, replication: 1}"]
)
def test_a_file_that_is_no_list_of_topics_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "topics.yaml"
    file.write_text(text)
    with pytest.raises(TopicsFileError, match="no list of topics"):
        read_topics(file)


def test_more_replicas_than_brokers_are_refused_with_the_way_out(kafka: KafkaSettings) -> None:
    elsewhere = KafkaSettings(kafka.servers, f"{kafka.topic_prefix}new.")
    topic = Topic("assistance.events.v1", 1, 3, {"min.insync.replicas": 2})
    with pytest.raises(TopicsFileError, match="--replication"):
        apply(elsewhere, [topic])
    apply(elsewhere, [topic], replication=1)
    assert [change.what for change in apply(elsewhere, [topic])] == ["has 1 replicas, not 3"]
