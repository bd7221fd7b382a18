"""The composition root of the ledger service; imported by nobody but the product."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import psycopg
from fastapi import APIRouter, FastAPI

from edge import docs, health, problems
from ledger import http, reads
from ledger.errors import CannotStart, LedgerError
from ledger.ledger import Ledger
from ledger.settings import Settings
from ledger.store.migrations import check_current
from ledger.writer import Writer

TITLE = "Assistance ledger"
ABOUT = (
    "Commands in, facts recorded. Every command takes X-Actor and Idempotency-Key, a change of a known "
    "subject also If-Match; `dry_run=true` answers without recording."
)


class LedgerService:
    """A ledger with its writer and its routes; `start` before the first request, `stop` at the end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        _refuse_wrong_schema(settings)
        self.ledger = Ledger(settings)
        self.writer = Writer(self.ledger)

    def start(self) -> None:
        """Start to take commands."""
        self.writer.start()

    def stop(self) -> None:
        """Answer what waits, then let go of the database."""
        self.writer.stop()
        self.ledger.close()

    def routers(self) -> list[APIRouter]:
        """Return the service's routes."""
        return [http.router(self.writer), reads.router(self.ledger)]

    def not_ready(self) -> str | None:
        """Return what is missing for the service to answer, or None."""
        try:
            _refuse_wrong_schema(self.settings)
        except CannotStart as error:
            return error.detail
        return None

    def metrics(self) -> Mapping[str, float]:
        """Return the service's counters."""
        return {f"ledger_commands_{name}_total": count for name, count in self.writer.counts.items()}


def _refuse_wrong_schema(settings: Settings) -> None:
    try:
        with psycopg.connect(settings.dsn, connect_timeout=3) as conn:
            check_current(conn)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise CannotStart(f"The ledger's database cannot be reached: {reason}") from None


def build(settings: Settings) -> FastAPI:
    """Return the ledger as an application of its own."""
    service = LedgerService(settings)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        service.stop()

    app = FastAPI(title=TITLE, description=ABOUT, version="1", lifespan=life, docs_url=None, redoc_url=None)
    problems.install(app, LedgerError)
    for routes in (*service.routers(), docs.router(), health.router(service.not_ready, service.metrics)):
        app.include_router(routes)
    return app
