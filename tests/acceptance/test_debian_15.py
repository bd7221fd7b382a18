"""The whole product on Debian's PostgreSQL 15, by DSNs, each service as its own role."""

from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from assistance import demonstration, month_end
from assistance.cell import Cell, migrate_all
from assistance.payment_months.open_cell import services_of
from ledger.settings import Settings
from projections.settings import from_environment
from tests.postgres import DEBIAN_15, Servers

pytestmark = pytest.mark.timeout(240)


def test_the_demo_equals_every_published_figure_and_adds_up_on_postgresql_15(
    servers: Servers, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with servers[DEBIAN_15].fresh_database() as admin_dsn:
        migrate_all(admin_dsn)
        ledger = make_conninfo(admin_dsn, user="ledger_service")
        projections = make_conninfo(admin_dsn, user="projections_service")
        cell = Cell(
            Settings(dsn=ledger), from_environment({"PROJECTIONS_DSN": projections}), admin_dsn
        )
        demonstration.load(cell, tmp_path / "rejected.ndjson")
        assert demonstration.figures(cell, json=True)
        with services_of(cell) as both:
            month_end.run(both, tmp_path)
            assert month_end.show_all(both, json=True)
    assert capfd.readouterr().out.count('"equal":true') == 19 + 3
