"""A month's list against the same line query over inputs that are resolved already."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg

from assistance.importing import import_lines
from ledger.ledger import Ledger
from projections import sql
from projections.database import Database
from projections.payment_lists import computing
from projections.projections import AsOf, Projections
from projections.rebuild import install
from projections.runner import Runner
from tests.benchmarks.alternating import Comparison
from tests.benchmarks.cluster import Cluster
from tests.benchmarks.county import AREA, first_month, lines

HOUSEHOLDS = 137_000
MONTH, YEAR_BEFORE = "2023-09", "2022-09"
_SEATS = """
create unlogged table bench.seats as
with recursive {{payment_lists.households_of_area}},
{{register.subjects_uncached}},
{{register.resolved_or_kept}},
{{register.counted_codes}},
seats as materialized ({{register.seats_anywhere}})
select * from seats
"""
_RESOLVED = """
with recursive
mergers as materialized (
    select null::uuid as absorbed, null::uuid as survivor, null::date as effective where false
),
asked as materialized (select household from bench.seats),
seats as materialized (select * from bench.seats),
{{totals.priced_spans}},
{{payment_lists.document_of_spans}}
"""


class Listing:
    """One county of 137,000 households, whose list of a month is computed in three ways."""

    def __init__(self, cluster: Cluster, stack: ExitStack) -> None:
        name = stack.enter_context(cluster.database())
        self._dsn = cluster.dsn(name, "projections_service")
        with closing(Ledger(cluster.ledger(name))) as ledger:
            self._import(ledger, [first_month("p-1", MONTH), *lines(HOUSEHOLDS)])
            self._at = self._head(ledger)
            self._import(ledger, [first_month("p-2", YEAR_BEFORE)])
            self._with_arrears = self._head(ledger)
        install(self._dsn, self._dsn)
        with Runner(self._dsn, self._dsn) as runner:
            runner.catch_up()
        self._admin = stack.enter_context(psycopg.connect(cluster.dsn(name), autocommit=True))
        self._projections = Projections(stack.enter_context(Database(self._dsn)))
        self._resolve()
        self._digest, self._lines = "", 0

    def comparisons(self) -> list[Comparison]:
        """Return both comparisons; they have one limit."""
        limit = "the same query, inputs one row per household"
        return [
            Comparison(
                "a month's list, nothing cached", "lines/s", self.uncached, self.resolved, limit, 0.25,
                note=f"{HOUSEHOLDS:,} households",
            ),
            Comparison(
                "a month's list, from kept intervals", "lines/s", self.cached, self.resolved, limit, 0.6,
                note=f"with arrears over twelve earlier months {self.arrears():.1f} s",
            ),
        ]  # fmt: skip

    def uncached(self) -> float:
        """Compute the list from assertions alone; return lines a second."""
        self._admin.execute("truncate register.kept_households")
        return self._rate(self._document(self._at))

    def cached(self) -> float:
        """Compute the list from kept intervals; return lines a second."""
        self._keep()
        return self._rate(self._document(self._at))

    def resolved(self) -> float:
        """Run the line query over resolved inputs; return lines a second."""
        return self._rate(self._over_resolved())

    def arrears(self) -> float:
        """Compute the list with twelve earlier months that were never listed; return seconds."""
        self._keep()
        start = time.perf_counter()
        months = sum(part.count(b'"month"') for part in self._document(self._with_arrears))
        if months < 12 * HOUSEHOLDS * 0.7:
            raise AssertionError(f"{months} months on the list")
        return time.perf_counter() - start

    def _rate(self, document: Iterator[bytes]) -> float:
        digest, count = hashlib.sha256(), 0
        start = time.perf_counter()
        head = next(document)
        for part in document:
            digest.update(part)
            count += part.count(b"\n")
        seconds = time.perf_counter() - start
        if (self._digest or digest.hexdigest()) != digest.hexdigest() or not head:
            raise AssertionError("the list has other lines than before")
        self._digest, self._lines = digest.hexdigest(), count - 1
        if self._lines < HOUSEHOLDS * 0.8:
            raise AssertionError(f"{self._lines} lines")
        return self._lines / seconds

    def _document(self, position: int) -> Iterator[bytes]:
        asked = computing.monthly(AREA, MONTH)
        return computing.document(self._projections, asked, AsOf(position))

    def _over_resolved(self) -> Iterator[bytes]:
        yield b"head"
        with self._projections.database.reading(many=True) as connection:
            cursor = psycopg.ClientCursor(connection)
            text = b"copy (" + _text(_RESOLVED) + b") to stdout"
            with cursor.copy(text, self._parameters()) as found:
                for part in found:
                    yield bytes(part)

    def _resolve(self) -> None:
        self._admin.execute("create schema bench; grant all on schema bench to public")
        self._admin.execute("create table bench.kept as table register.kept_households")
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            connection.execute("set search_path = register, payment_lists")
            psycopg.ClientCursor(connection).execute(_text(_SEATS), self._parameters())
            connection.execute("analyze bench.seats")

    def _keep(self) -> None:
        self._admin.execute("truncate register.kept_households")
        self._admin.execute("insert into register.kept_households select * from bench.kept")
        self._admin.execute("analyze register.kept_households")

    def _parameters(self) -> dict[str, Any]:
        asked = computing.monthly(AREA, MONTH)
        return {
            "first": asked.month, "last": asked.month, "position": self._at, "of_area": AREA,
            "of_programme": None, "area": None, "programme": None, "household": None,
        }  # fmt: skip

    def _import(self, ledger: Ledger, commands: list[bytes]) -> None:
        with tempfile.TemporaryFile() as file:
            file.writelines(commands)
            file.seek(0)
            rejected = Path(tempfile.gettempdir()) / "assistance-bench-lists.rejected"
            report = import_lines(ledger, file, rejected, None, lambda _: None)
        if report.rejected:
            raise AssertionError(f"{report.rejected} lines rejected")

    def _head(self, ledger: Ledger) -> int:
        with ledger.datastore.get_connection() as connection:
            row = connection.execute(
                "select max(notification_id) as head from ledger.facts"
            ).fetchone()
        return int((row or {"head": 0})["head"])


def _text(text: str) -> bytes:
    return sql.included("payment_lists", text)
