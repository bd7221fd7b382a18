"""The composition root of the projections; imported by nobody but the product."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import psycopg
from fastapi import APIRouter, FastAPI

from edge import docs, health, problems
from projections.database import Database
from projections.errors import AlreadyRunning, CannotStart, NotInstalled, ProjectionError, UnknownFactType
from projections.projections import Projections
from projections.rebuild import install
from projections.runner import Runner
from projections.settings import Settings

TITLE = "Assistance projections"
ABOUT = "Answers made from the ledger's facts, as of any month and as known at any instant."
RETRY_SECONDS = 1.0
_log = logging.getLogger(__name__)


class RunnerThread:
    """The runner beside the questions: it takes its place when it can, and goes on after an outage."""

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
                _log.error("the runner stopped: %s", error.detail)  # noqa: TRY400  one line says it
                return


class ProjectionsService:
    """The questions, and the runner that keeps their tables up; `run=False` leaves that to another."""

    def __init__(self, settings: Settings, *, run: bool = True) -> None:
        self._database = Database(settings.dsn, settings.connections)
        self._runner = RunnerThread(settings) if run else None
        self._settings = settings
        self.projections = Projections(self._database, settings.zone, settings.wait_seconds)

    def start(self) -> None:
        """Make what tables are missing, open the connections, start the runner."""
        self._database.open()
        if self._runner:
            prepare(self._settings)
            self._runner.start()

    def stop(self) -> None:
        """Stop the runner and close the connections."""
        if self._runner:
            self._runner.stop()
        self._database.close()

    def routers(self) -> list[APIRouter]:
        """Return the routes of every question that has an http.py."""
        folders = sorted(path.parent.name for path in Path(__file__).parent.glob("*/http.py"))
        return [import_module(f"projections.{name}.http").router(self.projections) for name in folders]

    def not_ready(self) -> str | None:
        """Return what is missing for the service to answer, or None."""
        if self._runner and self._runner.stopped_by:
            return self._runner.stopped_by
        try:
            self.projections.position()
        except (ProjectionError, psycopg.Error) as error:
            return str(error)
        return None

    def metrics(self) -> Mapping[str, float]:
        """Return the position that the projections have come to."""
        return {"projections_position": self.projections.position()}


def prepare(settings: Settings) -> None:
    """Make missing projections; CannotStart in one line when the database cannot be reached."""
    try:
        install(settings.dsn, settings.feed_dsn)
    except AlreadyRunning:
        _log.info("another process makes the projections")
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise CannotStart(f"The projections' database cannot be reached: {reason}") from None


def build(settings: Settings, *, run: bool = False) -> FastAPI:
    """Return the projections as an application of its own; the runner runs apart unless told."""
    service = ProjectionsService(settings, run=run)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        service.stop()

    app = FastAPI(title=TITLE, description=ABOUT, version="1", lifespan=life, docs_url=None, redoc_url=None)
    problems.install(app, ProjectionError)
    for routes in (*service.routers(), docs.router(), health.router(service.not_ready, service.metrics)):
        app.include_router(routes)
    return app
