"""Serving: both services and the runner in one process, or each apart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from assistance.cell import Cell
from edge import docs, health, problems
from ledger.app import LedgerService
from ledger.errors import LedgerError
from projections.app import ProjectionsService
from projections.errors import ProjectionError


def both(cell: Cell) -> FastAPI:
    """Return one application with the ledger's commands and the projections' answers."""
    ledger = LedgerService(cell.ledger)
    projections = ProjectionsService(cell.projections)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        ledger.start()
        projections.start()
        yield
        projections.stop()
        ledger.stop()

    app = FastAPI(
        title="Assistance ledger and projections", version="1", lifespan=life, docs_url=None, redoc_url=None
    )
    problems.install(app, LedgerError, ProjectionError)

    def not_ready() -> str | None:
        return ledger.not_ready() or projections.not_ready()

    def metrics() -> Mapping[str, float]:
        return {**ledger.metrics(), **projections.metrics()}

    for routes in (*ledger.routers(), *projections.routers(), docs.router(), health.router(not_ready, metrics)):
        app.include_router(routes)
    return app


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until Ctrl-C or SIGTERM; what was accepted is answered first."""
    config = uvicorn.Config(
        app, host=host, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning",
        timeout_graceful_shutdown=10, server_header=False,
    )  # fmt: skip
    uvicorn.Server(config).run()
