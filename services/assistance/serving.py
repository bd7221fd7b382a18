"""Serving: both services and the runner in one process, or each apart."""

from __future__ import annotations

import signal
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from assistance import collecting
from assistance.cell import Cell
from edge.application import Application
from ledger.app import LedgerService
from ledger.errors import CannotStart, LedgerError
from projections.app import ProjectionsService, prepare
from projections.errors import ProjectionError

TITLE = "Assistance ledger and projections"
ABOUT = "Commands in, facts recorded; payment totals, histories and the audit of exits out."


def both(cell: Cell) -> FastAPI:
    """Return one application with the ledger's commands and the projections' answers.

    Raises CannotStart in one line when the database is not fit.
    """
    prepare(cell.projections)
    services = LedgerService(cell.ledger), ProjectionsService(cell.projections)
    return Application(TITLE, ABOUT, services, LedgerError, ProjectionError)


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until Ctrl-C or SIGTERM; what was accepted is answered first.

    Raises CannotStart when the application does not come up: uvicorn has logged why.
    """
    config = uvicorn.Config(
        app, host=host, port=port, loop="uvloop", http="httptools", lifespan="on", ws="none",
        access_log=False, log_level="warning", timeout_graceful_shutdown=10, server_header=False,
        proxy_headers=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    # uvicorn raises the signal again once it is done: as an exception, so that what was opened is
    # closed, the embedded PostgreSQL above all.
    signal.signal(signal.SIGTERM, _interrupt)
    with suppress(KeyboardInterrupt), collecting.seldom():
        server.run()
    if not server.started:
        raise CannotStart("The service did not come up; the lines above say why.")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
