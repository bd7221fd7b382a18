"""The broker of tests and trials itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kafka import KafkaProducer

from deploy.kafka import broker as broker_module
from deploy.kafka.broker import Broker, BrokerError
from edge.kafka.consuming import Consumer
from edge.kafka.settings import EVENTS, KafkaSettings, connection_options
from tests.kafka import make_topics


def put(settings: KafkaSettings, value: bytes) -> None:
    """Send one message and wait until it is acknowledged."""
    producer = KafkaProducer(**connection_options(settings))
    producer.send(settings.topic(EVENTS), value, b"key").get(20)
    producer.close()


def values(settings: KafkaSettings) -> list[bytes | None]:
    """Return all values of the topic."""
    with Consumer(settings, [EVENTS], lambda _: {}) as consumer:
        wanted = sum(consumer.ends(consumer.assigned()).values())
        found: list[bytes | None] = []
        while len(found) < wanted:
            for messages in consumer.poll(1, 100).values():
                found += [message.value for message in messages]
        return found


def test_what_was_acknowledged_is_there_after_a_kill(own_broker: Broker) -> None:
    settings = KafkaSettings((own_broker.servers,))
    make_topics(settings)
    put(settings, b"one")

    own_broker.kill()
    own_broker.restart()

    put(settings, b"two")
    assert sorted(map(str, values(settings))) == ["b'one'", "b'two'"]


def test_tests_share_a_broker_without_meeting(kafka: KafkaSettings, broker: str) -> None:
    put(kafka, b"mine")
    assert kafka.servers == (broker,)
    assert values(kafka) == [b"mine"]


def test_a_broker_ends_with_its_owner_and_takes_its_folder_along(tmp_path: Path) -> None:
    home = tmp_path / "broker"
    owner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    running = subprocess.Popen(
        [
            sys.executable, "-m", "deploy.kafka.broker", "run", "--folder", str(home),
            "--owner", str(owner.pid),
        ],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with running, owner:
        assert running.stdout
        assert running.stdout.readline().startswith("KAFKA_SERVERS=127.0.0.1:")
        owner.kill()
        owner.wait()
        assert running.wait(20) == 0
    assert not home.exists()


def test_a_broker_whose_parent_is_killed_is_killed_too(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-m", "deploy.kafka.broker", "run", "--folder", str(tmp_path / "broker")],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with parent:
        assert parent.stdout
        parent.stdout.readline()
        [child] = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        parent.kill()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and _state(int(child)) != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_a_jar_that_is_not_the_one_listed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for jar in broker_module.fetch().glob("*.jar"):
        os.link(jar, tmp_path / jar.name)
    (tmp_path / "kafka-clients-4.3.1.jar").unlink()
    (tmp_path / "kafka-clients-4.3.1.jar").write_bytes(b"other")
    with pytest.raises(BrokerError, match=r"kafka-clients-4\.3\.1\.jar"):
        broker_module._check(tmp_path)
