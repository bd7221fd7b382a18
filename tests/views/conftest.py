"""Projections over a stand-in for the ledger's table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from projections import rebuild
from projections.cells.cells import Cells
from projections.database import Database
from projections.projections import Projections
from projections.runner import Runner
from projections.topic.cells import Cell
from projections.totals import totals as questions
from tests.postgres import Server
from tests.topic import write_cells
from tests.views.facts import Facts, prepare_feed


def prepare(dsn: str) -> None:
    """An empty ledger and installed projections."""
    prepare_feed(dsn)
    rebuild.install(dsn, dsn)


@pytest.fixture
def dsn(server: Server) -> Iterator[str]:
    """A superuser's DSN of a database with an empty feed and installed projections."""
    with server.fresh_database(prepare=prepare) as dsn:
        yield dsn


class Views:
    """Facts on one side, questions on the other; asking brings the projections up to date."""

    def __init__(self, dsn: str, projections: Projections, names: int = 0) -> None:
        self.dsn = dsn
        self.facts = Facts(dsn, names)
        self._projections = projections

    def projections(self) -> Projections:
        """The projections, with everything recorded so far."""
        self.facts.save()
        with Runner(self.dsn, self.dsn) as runner:
            runner.catch_up()
        return self._projections

    def lines(
        self, household: UUID, first: str, last: str | None = None, position: int | None = None
    ) -> list[dict[str, Any]]:
        """A household's lines, as known now or at a position."""
        asked = self.projections()
        scope = questions.scope(first, last or first)
        return questions.lines_of_household(asked, household, scope, asked.as_of(position=position))

    def entitled(
        self, household: UUID, first: str, last: str | None = None, position: int | None = None
    ) -> list[int]:
        """The amounts in fen of a household's months on a roll."""
        return [line["entitled_fen"] for line in self.lines(household, first, last, position)]

    def totals(
        self, first: str, last: str, *, position: int | None = None, **more: Any
    ) -> list[dict[str, Any]]:
        """Totals, by area, programme and groups as the question takes them."""
        asked = self.projections()
        groups = {k: more.pop(k) for k in ("by_month", "by_programme", "by_level") if k in more}
        scope = questions.scope(first, last, **more)
        return questions.totals(asked, scope, asked.as_of(position=position), **groups)


@pytest.fixture
def views(dsn: str) -> Iterator[Views]:
    """Facts to record, and questions about them."""
    with Database(dsn, connections=2) as database:
        yield Views(dsn, Projections(database))


@pytest.fixture
def facts(views: Views) -> Facts:
    """Where a test records its facts."""
    return views.facts


class SeveralCells:
    """Three cells, cell-1 to cell-3, each with facts of its own, and questions over all of them."""

    def __init__(self, views: Mapping[str, Views], listed: Sequence[Cell], cells: Cells) -> None:
        self.views = views
        self.listed = listed
        self._cells = cells

    def facts(self, cell: str) -> Facts:
        """Where a test records the facts of a cell."""
        return self.views[cell].facts

    def own(self, cell: str) -> Projections:
        """The projections of one cell, with everything recorded so far."""
        return self.views[cell].projections()

    def asked(self) -> Cells:
        """All cells, with everything recorded so far."""
        for view in self.views.values():
            view.projections()
        return self._cells

    def file(self, folder: Path) -> Path:
        """A file that names the cells."""
        return write_cells(folder / "cells.toml", self.listed)


@pytest.fixture
def several(server: Server) -> Iterator[SeveralCells]:
    """Three cells, each on a database of its own."""
    with ExitStack() as stack:
        dsns = {
            f"cell-{n}": stack.enter_context(server.fresh_database(prepare=prepare))
            for n in (1, 2, 3)
        }
        views = {
            name: Views(dsn, Projections(stack.enter_context(Database(dsn, connections=2))), n)
            for n, (name, dsn) in zip((0, 1_000, 2_000), dsns.items(), strict=True)
        }
        listed = [Cell(name, dsn, "http://127.0.0.1:9") for name, dsn in dsns.items()]
        cells = stack.enter_context(Cells(listed, wait_seconds=0.05, answer_seconds=2.0))
        yield SeveralCells(views, listed, cells)
