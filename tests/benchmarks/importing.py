"""Import with rules, against psql's \\copy of the finished rows and the library's stock save()."""

from __future__ import annotations

import io
import subprocess
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg

from assistance.importing import import_lines
from ledger.ledger import Ledger
from tests.benchmarks.alternating import Comparison
from tests.benchmarks.cluster import Cluster
from tests.benchmarks.county import lines
from tests.benchmarks.stock import Stock, environment, three_events

HOUSEHOLDS = 12_000


class Importing:
    """The measures of the import over one set of command lines."""

    def __init__(self, cluster: Cluster, stack: ExitStack, households: int = HOUSEHOLDS) -> None:
        self._cluster = cluster
        self._commands = list(lines(households))
        self._lines = b"".join(self._commands)
        self._folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="assistance-bench-rows-"))
        )
        self._rows = self._folder / "rows.copy"
        self._facts = 0
        self.import_with_rules()

    def comparisons(self) -> list[Comparison]:
        """Return both comparisons; the note says how many facts a command made."""
        each = self._facts / len(self._commands)
        note = f"{self._facts:,} facts of {len(self._commands):,} commands, {each:.2f} each"
        return [
            Comparison(
                "import with rules", "facts/s", self.import_with_rules, self.copy,
                "psql \\copy of the finished rows, both indexes", 0.12, note=note,
            ),
            Comparison(
                "import with rules", "facts/s", self.import_with_rules, self.stock_save,
                "the library's Application.save(), batches of 500", 2.0, note=note,
            ),
        ]  # fmt: skip

    def import_with_rules(self) -> float:
        """Import every line into an empty ledger; return facts a second."""
        with (
            self._cluster.database() as name,
            closing(Ledger(self._cluster.ledger(name))) as ledger,
        ):
            start = time.perf_counter()
            report = import_lines(
                ledger, io.BytesIO(self._lines), self._folder / "rejected", None, _nobody
            )
            seconds = time.perf_counter() - start
            _expect(report.rejected == 0 and report.accepted == len(self._commands), f"{report}")
            _expect(
                _count(self._cluster.dsn(name), "ledger.facts") == report.facts, "facts are missing"
            )
            if not self._rows.exists():
                self._facts = report.facts
                self._psql(name, f"\\copy ledger.facts to '{self._rows}'")
        return report.facts / seconds

    def copy(self) -> float:
        """Copy the finished rows into an empty table with the same indexes; return rows a second."""
        with self._cluster.database() as name:
            dsn = self._cluster.dsn(name)
            with psycopg.connect(dsn) as admin:
                admin.execute("create table public.finished (like ledger.facts including all)")
            start = time.perf_counter()
            self._psql(name, f"\\copy public.finished from '{self._rows}'")
            seconds = time.perf_counter() - start
            _expect(_count(dsn, "public.finished") == self._facts, "rows are missing")
        return self._facts / seconds

    def stock_save(self) -> float:
        """Save as many events through the stock Application, 500 at a time; return events a second."""
        with (
            self._cluster.database() as name,
            closing(Stock(environment(self._cluster.dsn(name)))) as app,
        ):
            events = min(self._facts, 20_000)
            start = time.perf_counter()
            for _ in range(events // 500):
                app.save(*(three_events() for _ in range(167)))
            seconds = time.perf_counter() - start
            saved = events // 500 * 501
            _expect(
                _count(self._cluster.dsn(name), "public.stock_events") == saved,
                "events are missing",
            )
        return saved / seconds

    def _psql(self, database: str, command: str) -> None:
        dsn = self._cluster.dsn(database)
        subprocess.run([self._cluster.psql, dsn, "-qc", command], check=True)


def _count(dsn: str, table: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(f"select count(*) from {table}".encode()).fetchone()
    return int(row[0]) if row else 0


def _expect(holds: bool, words: str) -> None:
    if not holds:
        raise AssertionError(words)


def _nobody(_: int) -> None:
    """Progress that nobody watches."""
