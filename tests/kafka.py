"""A real Kafka broker for tests: one for all workers of a run, and private ones that may be killed.

Topics of a test have a prefix of their own, so that tests share the broker without meeting:

    def test_something(kafka: KafkaSettings) -> None:
        make_topics(kafka, events=4)
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from kafka.admin import KafkaAdminClient, NewTopic

from deploy.kafka.broker import Broker
from edge.kafka.settings import (
    COMMANDS,
    DEAD_LETTERS,
    EVENTS,
    OUTCOMES,
    SIGNALS,
    KafkaSettings,
    connection_options,
)

TOPICS = {
    "events": EVENTS,
    "commands": COMMANDS,
    "signals": SIGNALS,
    "outcomes": OUTCOMES,
    "dead_letters": DEAD_LETTERS,
}
PARTITIONS = 3
START_SECONDS = 90
_started: list[subprocess.Popen[bytes]] = []


def shared_servers() -> str:
    """Return where the broker of this run listens; the first who asks starts it.

    It belongs to the process that began the run (with xdist the workers' parent) and ends with it.
    """
    owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    home = Path(tempfile.gettempdir()) / f"assistance-kafka-of-{owner}"
    home.mkdir(exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "servers").exists():
            _start(home, owner)
    return (home / "servers").read_text()


def _start(home: Path, owner: int) -> None:
    command = [sys.executable, "-m", "deploy.kafka.broker", "run", "--folder", str(home)]
    with (home / "said").open("wb") as said:
        process = subprocess.Popen(
            [*command, "--owner", str(owner)], cwd=Path(__file__).parent.parent, stdout=said,
            stderr=said, start_new_session=True,
        )  # fmt: skip
    _started.append(process)  # it outlives this worker, and is not to be warned of
    deadline = time.monotonic() + START_SECONDS
    while not (home / "servers").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the broker did not start: {(home / 'said').read_text()}")
        time.sleep(0.05)


@contextmanager
def own_broker() -> Iterator[Broker]:
    """A broker of one's own, to kill and start again; ended and removed afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="assistance-own-kafka-") as folder,
        Broker(Path(folder)) as broker,
    ):
        yield broker


def with_topics(servers: str, **partitions: int) -> KafkaSettings:
    """Make topics under a new prefix, each with so many partitions; 3 where nothing is said."""
    settings = KafkaSettings((servers,), topic_prefix=f"t{uuid4().hex[:8]}.")
    make_topics(settings, **partitions)
    return settings


def make_topics(settings: KafkaSettings, **partitions: int) -> None:
    """Make the five topics."""
    admin = KafkaAdminClient(**connection_options(settings))
    try:
        admin.create_topics(
            [
                NewTopic(settings.topic(topic), partitions.get(name, PARTITIONS), 1)
                for name, topic in TOPICS.items()
            ]
        )
    finally:
        admin.close()
