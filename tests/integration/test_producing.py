"""The producer on a real broker: what it holds back, and that nothing of it is left when it is given up."""

from __future__ import annotations

import gc
import threading

import pytest
from kafka.errors import KafkaError

from deploy.kafka.broker import Broker
from edge.kafka import producing
from edge.kafka.producing import Outgoing, Producer
from edge.kafka.settings import EVENTS
from tests.kafka import with_topics
from tests.topic import on_topic


def threads() -> set[str]:
    """The threads of the client."""
    return {one.name for one in threading.enumerate() if "kafka" in one.name.lower()}


# The client leaves the sockets of connections that were refused to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_producer_that_is_given_up_sends_nothing_more_and_leaves_no_thread(
    own_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(producing, "ANSWER_SECONDS", 1.0)
    kafka = with_topics(own_broker.servers)
    before = threads()
    producer = Producer(kafka)
    producer.send([Outgoing(EVENTS, b"k", b"sent", [])]).wait()
    own_broker.kill()
    with pytest.raises(KafkaError):
        producer.send([Outgoing(EVENTS, b"k", b"given up", [])]).wait()
    producer.close()
    assert threads() <= before
    del producer
    gc.collect()
    own_broker.start()
    assert [one.value for one in on_topic(kafka)] == [b"sent"]
