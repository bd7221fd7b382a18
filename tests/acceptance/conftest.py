"""A cell for the commands of payment months: one server, a database for each test."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from assistance.embedded import EmbeddedPostgres
from tests.acceptance.command_line import CommandLine
from tests.acceptance.payment_cell import Cell, ground


@pytest.fixture(scope="module")
def cell_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder whose server runs on between the commands."""
    folder = tmp_path_factory.mktemp("cell") / "data"
    with EmbeddedPostgres(folder):
        yield folder


@pytest.fixture
def cell(cell_data: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Cell]:
    """The ground in a database of its own: it goes away after the test."""
    found = Cell(CommandLine(cell_data, capsys), tmp_path)
    found.given(ground())
    yield found
    server = EmbeddedPostgres(cell_data)
    with server, psycopg.connect(server.dsn("postgres", "postgres"), autocommit=True) as admin:
        admin.execute("drop database assistance with (force)")
