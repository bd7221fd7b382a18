"""Fixtures of the ledger on real PostgreSQL."""

from collections.abc import Iterator

import pytest

from ledger.ledger import Ledger
from tests.ledger_database import LedgerDatabase, migrate_and_load_areas
from tests.postgres import Server


@pytest.fixture
def ledger_database(server: Server) -> Iterator[LedgerDatabase]:
    """A migrated database with areas, dropped after the test."""
    with server.fresh_database(prepare=migrate_and_load_areas) as dsn:
        yield LedgerDatabase(dsn)


@pytest.fixture
def ledger(ledger_database: LedgerDatabase) -> Iterator[Ledger]:
    """A ledger on that database."""
    with ledger_database.ledger() as ledger:
        yield ledger
