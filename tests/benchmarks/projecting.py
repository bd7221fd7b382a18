"""Rebuild against the library's stock runner; a household's history against a raw SELECT."""

from __future__ import annotations

import io
import random
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from uuid import UUID

import psycopg

from assistance.importing import import_lines
from ledger.ledger import Ledger
from projections.database import Database
from projections.household_histories import histories
from projections.projections import Projections
from projections.rebuild import install, rebuild
from tests.benchmarks.alternating import Comparison
from tests.benchmarks.cluster import Cluster
from tests.benchmarks.county import lines
from tests.benchmarks.stock import Stock, environment, run_to_the_end, three_events

HOUSEHOLDS = 12_000
STOCK_EVENTS = 3_000
HISTORIES = 1_500
_RAW = b"select * from ledger.facts where originator_id = %s order by originator_version"


class Projecting:
    """The measures of the projections over one imported county; closed at the end of the run."""

    def __init__(self, cluster: Cluster, stack: ExitStack) -> None:
        self._cluster = cluster
        self._name = stack.enter_context(cluster.database())
        self._facts = self._fill()
        self._dsn = cluster.dsn(self._name, "projections_service")
        install(self._dsn, self._dsn)
        self._stock_name = stack.enter_context(cluster.database())
        self._stock = environment(cluster.dsn(self._stock_name))
        self._events = self._fill_stock()
        self._database = stack.enter_context(Database(self._dsn))
        self._raw = stack.enter_context(psycopg.connect(self._dsn_of_reader(), autocommit=True))

    def comparisons(self) -> list[Comparison]:
        """Return both comparisons."""
        return [
            Comparison(
                "rebuild of all projections", "facts/s", self.rebuild_all, self.stock_runner,
                "the library's runner, one counter per area", 10.0, note=f"{self._facts:,} facts",
            ),
            Comparison(
                "one household's history in process, p99", "ms", self.history_p99, self.select_p99,
                "a raw SELECT of the household's events", 3.0, smaller_is_better=True,
                note=f"{HISTORIES:,} households",
            ),
        ]  # fmt: skip

    def _fill(self) -> int:
        settings = self._cluster.ledger(self._name)
        with closing(Ledger(settings)) as ledger:
            source = io.BytesIO(b"".join(lines(HOUSEHOLDS)))
            rejected = Path(tempfile.gettempdir()) / f"{self._name}.rejected"
            return import_lines(ledger, source, rejected, None, lambda _: None).facts

    def _fill_stock(self) -> int:
        with closing(Stock(self._stock)) as app:
            for _ in range(STOCK_EVENTS // 501):
                app.save(*(three_events() for _ in range(167)))
        return STOCK_EVENTS // 501 * 501

    def _dsn_of_reader(self) -> str:
        return self._cluster.dsn(self._name, "ledger_service")

    def rebuild_all(self) -> float:
        """Make every projection anew; return facts a second."""
        start = time.perf_counter()
        facts = rebuild(self._dsn, self._dsn)
        seconds = time.perf_counter() - start
        if facts != self._facts:
            raise AssertionError(f"{facts} facts projected of {self._facts}")
        return facts / seconds

    def stock_runner(self) -> float:
        """Run the stock projection from the start; return events a second."""
        with psycopg.connect(self._cluster.dsn(self._stock_name), autocommit=True) as admin:
            admin.execute("drop table if exists area_counters, perarea_tracking")
        start = time.perf_counter()
        counted = run_to_the_end(self._stock, self._events)
        seconds = time.perf_counter() - start
        if counted != self._events:
            raise AssertionError(f"{counted} events counted of {self._events}")
        return counted / seconds

    def _households(self) -> list[UUID]:
        rows = self._raw.execute(
            "select originator_id from ledger.facts where topic = 'assistance.HouseholdEnrolled.v1'"
        ).fetchall()
        return random.Random(3).sample([row[0] for row in rows], HISTORIES)

    def history_p99(self) -> float:
        """Answer histories in process; return the 99th percentile in milliseconds."""
        projections = Projections(self._database)
        as_of = projections.as_of()
        taken = []
        for household in self._households():
            question = histories.asked(household)
            start = time.perf_counter()
            told = histories.history(projections, question, as_of)
            taken.append(time.perf_counter() - start)
            if not told["facts"] or not told["spells"]:
                raise AssertionError(f"no history of {household}")
        return _p99(taken)

    def select_p99(self) -> float:
        """Fetch the same households' events; return the 99th percentile in milliseconds."""
        taken = []
        for household in self._households():
            start = time.perf_counter()
            rows = self._raw.execute(_RAW, (household,)).fetchall()
            taken.append(time.perf_counter() - start)
            if not rows:
                raise AssertionError(f"no events of {household}")
        return _p99(taken)


def _p99(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.99)] * 1000
