"""A served ledger for a module, and one of its own for a test that disturbs it."""

from collections.abc import Iterator

import pytest

from tests.http.running import Running, running_ledger, standard
from tests.ledger_database import LedgerDatabase, migrate_and_load_areas
from tests.postgres import EMBEDDED_18, Servers


@pytest.fixture(scope="module")
def ledger_database(servers: Servers) -> Iterator[LedgerDatabase]:
    """A migrated database with areas, dropped after the module."""
    with servers[EMBEDDED_18].fresh_database(prepare=migrate_and_load_areas) as dsn:
        yield LedgerDatabase(dsn)


@pytest.fixture(scope="module")
def running(ledger_database: LedgerDatabase) -> Iterator[Running]:
    """A served ledger with a standard in force."""
    with running_ledger(ledger_database) as running:
        assert running.post("/v1/areas/140403/adopt-standard", standard()).status_code == 201
        yield running


@pytest.fixture
def own_database(servers: Servers) -> Iterator[LedgerDatabase]:
    """A migrated database of one test's own."""
    with servers[EMBEDDED_18].fresh_database(prepare=migrate_and_load_areas) as dsn:
        yield LedgerDatabase(dsn)


@pytest.fixture
def own(own_database: LedgerDatabase) -> Iterator[Running]:
    """A served ledger of one test's own."""
    with running_ledger(own_database) as running:
        yield running
