"""Questions of the command line: projections brought up to date first, then asked in process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from assistance.cell import Cell, opened
from assistance.settings import Settings
from assistance.showing import progress
from projections.database import Database
from projections.errors import AlreadyRunning
from projections.projections import AsOf, Projections
from projections.rebuild import install
from projections.runner import Runner, comes_from_kafka


@contextmanager
def projections_of(cell: Cell) -> Iterator[Projections]:
    """Open the projections of a cell, with everything recorded so far in them."""
    settings = cell.projections
    catch_up(cell)
    with Database(settings.dsn, settings.connections) as database:
        yield Projections(
            database, settings.zone, settings.wait_seconds, settings.workdays_file, settings.source
        )


def catch_up(cell: Cell) -> None:
    """Bring the projections up to date, unless another process is at it, or they come from Kafka."""
    settings = cell.projections
    if comes_from_kafka(settings.dsn):
        return
    with progress("projecting") as bar:
        install(
            settings.dsn,
            settings.feed_dsn,
            lambda at, goal: bar.update(bar.task_ids[0], completed=at, total=goal),
        )
        try:
            with Runner(settings.dsn, settings.feed_dsn, settings.batch) as runner:
                runner.catch_up()
        except AlreadyRunning:
            return


@contextmanager
def asked(
    settings: Settings, position: int | None, known_at: datetime | None
) -> Iterator[tuple[Projections, AsOf]]:
    """Open a cell's projections and the position that a question is about."""
    with opened(settings) as cell, projections_of(cell) as projections:
        yield projections, projections.as_of(position=position, known_at=known_at)
