"""Fixtures for every test: a real PostgreSQL server, and a fresh database on it."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from deploy.kafka.broker import Broker
from edge.kafka.settings import KafkaSettings
from tests.kafka import own_broker as private_broker
from tests.kafka import shared_servers, with_topics
from tests.postgres import EMBEDDED_18, Server, Servers

# `pytest --hypothesis-profile deep`: twenty times as many examples, new ones in every run.
settings.register_profile("deep", max_examples=2_000, deadline=None)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The PostgreSQL servers of this worker."""
    with Servers() as running:
        yield running


@pytest.fixture
def server(request: pytest.FixtureRequest, servers: Servers) -> Server:
    """The embedded server, or the kind that `@on_every_server` asks for."""
    return servers[getattr(request, "param", EMBEDDED_18)]


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """A superuser's DSN of an empty database, dropped after the test."""
    with server.fresh_database() as dsn:
        yield dsn


@pytest.fixture(scope="session")
def broker() -> str:
    """Where the Kafka broker of this run listens, host:port; all workers share it."""
    return shared_servers()


@pytest.fixture
def kafka(broker: str) -> KafkaSettings:
    """The broker with the five topics, under a prefix of the test's own."""
    return with_topics(broker)


@pytest.fixture
def own_broker() -> Iterator[Broker]:
    """A broker that the test may kill and start again."""
    with private_broker() as broker:
        yield broker
