"""The composition root of the projections; imported by nobody but the product."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

from edge.application import Application
from edge.kafka.consuming import KAFKA_ERRORS
from edge.kafka.settings import KafkaSettings
from edge.measures import Measure, Sample
from projections import routes
from projections.cells import http as cells_http
from projections.cells.cells import Cells
from projections.database import Database
from projections.errors import (
    AlreadyRunning,
    CannotStart,
    NotInstalled,
    ProjectionError,
    UnknownFactType,
)
from projections.projections import Projections
from projections.rebuild import install
from projections.runner import Runner
from projections.settings import CellsSettings, Settings
from projections.topic import rebuilding
from projections.topic.cells import Cell, read_cells

RETRY_SECONDS = 1.0
CONNECT_SECONDS = 5
_log = logging.getLogger(__name__)


class RunnerThread:
    """The runner beside the questions: it starts when it can, and goes on after an outage."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="projections runner", daemon=True)
        self.stopped_by: str | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Let the batch under way commit, then end the thread."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                settings = self._settings
                with Runner(settings.dsn, settings.feed_dsn, settings.batch) as runner:
                    runner.run(self._stop)
            except (AlreadyRunning, psycopg.OperationalError) as error:
                _log.info("the runner waits: %s", error)
                self._stop.wait(RETRY_SECONDS)
            except (UnknownFactType, NotInstalled) as error:
                self.stopped_by = error.detail
                _log.error("the runner stopped: %s", error.detail)
                return


def cells_of(settings: CellsSettings) -> Cells:
    """Return the cells that a file names, closed as yet; CannotStart says what of the file is wrong."""
    cells = read_cells(settings.file)
    return Cells(cells, settings.zone, settings.connections, settings.wait_seconds)


class CellsService:
    """The questions over all cells, where there is no cell of one's own: a nation's."""

    def __init__(self, settings: CellsSettings) -> None:
        self._cells = cells_of(settings)

    def start(self) -> None:
        """Open the connections."""
        self._cells.open()

    def stop(self) -> None:
        """Close the connections."""
        self._cells.close()

    def routers(self) -> Sequence[APIRouter]:
        """Return the routes over all cells."""
        return [cells_http.router(self._cells)]

    def not_ready(self) -> str | None:
        """Return None: of a cell that is away, the problem that names it says more than no answer."""
        return None

    def paths(self) -> Sequence[BaseRoute]:
        """Return none: FastAPI serves and documents every question."""
        return ()

    def documented(self) -> Mapping[str, Any]:
        """Return nothing: FastAPI documents every question."""
        return {}

    def measures(self) -> Iterable[Measure]:
        """Return nothing: each cell's workers say how far it is."""
        return ()


class ProjectionsService:
    """The questions, and the runner that keeps their tables up unless `run=False`."""

    def __init__(self, settings: Settings, *, run: bool = True) -> None:
        self._database = Database(settings.dsn, settings.connections)
        self._runner = RunnerThread(settings) if run else None
        self.projections = Projections(
            self._database,
            settings.zone,
            settings.wait_seconds,
            settings.workdays_file,
            settings.source,
        )
        self._cells = cells_of(settings.cells) if settings.cells else None

    def start(self) -> None:
        """Open the connections and start the runner, on tables that `prepare` has made."""
        self._database.open()
        if self._cells:
            self._cells.open()
        if self._runner:
            self._runner.start()

    def stop(self) -> None:
        """Stop the runner and close the connections."""
        if self._runner:
            self._runner.stop()
        if self._cells:
            self._cells.close()
        self._database.close()

    def routers(self) -> Sequence[APIRouter]:
        """Return the routes of every question that has an http.py."""
        return routes.routers(self.projections, self._cells)

    def not_ready(self) -> str | None:
        """Return what is missing for the service to answer, or None."""
        if self._runner and self._runner.stopped_by:
            return self._runner.stopped_by
        try:
            self.projections.position()
        except (ProjectionError, psycopg.Error) as error:
            return str(error)
        return None

    def paths(self) -> Sequence[BaseRoute]:
        """Return none: FastAPI serves and documents every question."""
        return ()

    def documented(self) -> Mapping[str, Any]:
        """Return nothing: FastAPI documents every question."""
        return {}

    def measures(self) -> Iterable[Measure]:
        """Return the position that the projections have come to, unless the database is away."""
        try:
            position = self.projections.position()
        except ProjectionError:
            return
        about = "The ledger's position up to which facts are projected."
        yield Measure("projections_position", "gauge", about, [Sample(position)])


def prepare(settings: Settings) -> None:
    """Make missing projections; CannotStart in one line when the database cannot be reached."""
    try:
        install(settings.dsn, settings.feed_dsn)
    except AlreadyRunning:
        _log.info("another process makes the projections")
    except psycopg.OperationalError as error:
        raise _unreachable(error) from None


def prepare_cells(cells: Sequence[Cell], kafka: KafkaSettings) -> None:
    """Make each cell's missing projections, from the topic.

    A cell whose projections cannot be made is left to the worker, which sets it aside; when none can,
    raises CannotStart for a database that is away, or what else the first of them met.
    """
    failures: list[psycopg.Error | ProjectionError] = []
    for cell in cells:
        try:
            _prepare_cell(cell, kafka)
        except (psycopg.Error, ProjectionError) as error:
            _log.error("the projections of %s are not made: %s", cell.name, error)
            failures.append(error)
        except KAFKA_ERRORS as error:
            raise CannotStart(f"Kafka cannot be reached: {error}") from None
    if failures and len(failures) == len(cells):
        first = failures[0]
        raise _unreachable(first) if isinstance(first, psycopg.OperationalError) else first


def _prepare_cell(cell: Cell, kafka: KafkaSettings) -> None:
    while True:
        with suppress(AlreadyRunning):
            rebuilding.install(cell, kafka)
            return
        _log.info("another process makes the projections of %s", cell.name)
        time.sleep(RETRY_SECONDS)


def reach(settings: Settings) -> None:
    """Connect once; CannotStart in one line when the database cannot be reached."""
    try:
        psycopg.connect(settings.dsn, connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError as error:
        raise _unreachable(error) from None


def _unreachable(error: psycopg.OperationalError) -> CannotStart:
    reason = " ".join(str(error).split())
    return CannotStart(f"The projections' database cannot be reached: {reason}")


def build(settings: Settings, *, run: bool = False) -> FastAPI:
    """Return the projections as an application of its own; the runner runs apart unless told.

    Raises CannotStart in one line when the database cannot be reached.
    """
    if run:
        prepare(settings)
    else:
        reach(settings)
    return Application(
        routes.TITLE, routes.ABOUT, [ProjectionsService(settings, run=run)], ProjectionError
    )


def build_for_cells(settings: CellsSettings) -> FastAPI:
    """Return the questions over all cells as an application of its own."""
    return Application(routes.TITLE, routes.ABOUT, [CellsService(settings)], ProjectionError)
