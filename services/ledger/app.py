"""The composition root of the ledger service; imported by nobody but the product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

from edge.application import Application
from edge.measures import Measure
from ledger import batch, openapi, reads
from ledger.errors import CannotStart, LedgerError
from ledger.http import CommandPaths
from ledger.ledger import Ledger
from ledger.payment_months import http as payment_months
from ledger.settings import Settings
from ledger.store.reach import reach
from ledger.writer import Writer


class LedgerService:
    """A ledger with its writer and its routes; CannotStart when its database is not fit."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ledger = Ledger(settings)
        self.writer = Writer(self.ledger)

    def start(self) -> None:
        """Start to take commands."""
        self.writer.start()

    def stop(self) -> None:
        """Answer what waits, then let go of the database."""
        self.writer.stop()
        self.ledger.close()

    def routers(self) -> Sequence[APIRouter]:
        """Return the routes of the batch and of the questions."""
        return [
            batch.router(self.writer),
            payment_months.router(self.ledger, self.writer),
            reads.router(self.ledger),
        ]

    def paths(self) -> Sequence[BaseRoute]:
        """Return the paths of the commands."""
        return [CommandPaths(self.writer)]

    def documented(self) -> Mapping[str, Any]:
        """Return what OpenAPI says of the commands."""
        return openapi.documented()

    def not_ready(self) -> str | None:
        """Return what is missing for the service to answer, or None."""
        try:
            reach(self.settings.dsn)
        except CannotStart as error:
            return error.detail
        return None

    def measures(self) -> Iterable[Measure]:
        """Return what the service counts."""
        return self.writer.measures()


def build(settings: Settings) -> FastAPI:
    """Return the ledger as an application of its own."""
    return Application(openapi.TITLE, openapi.ABOUT, [LedgerService(settings)], LedgerError)
