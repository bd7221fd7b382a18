"""An application made of services: their routes, and what every application has beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from typing import Any, Protocol

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

from edge import docs, health, openapi, problems
from edge.measures import Measure, counts

VERSION = "1"


def describe(
    title: str, about: str, routers: Iterable[APIRouter], more: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the OpenAPI document of an application with these routes; nothing is connected."""
    app = FastAPI(title=title, description=about, version=VERSION)
    for routes in (*routers, health.router(lambda: None, tuple)):
        app.include_router(routes)
    return openapi.complete(app.openapi(), [more])


class Service(Protocol):
    """What an application is put together from."""

    def start(self) -> None:
        """Begin to answer: called once, before the first request."""

    def stop(self) -> None:
        """Finish what waits and let go of everything."""

    def routers(self) -> Sequence[APIRouter]:
        """Return the routes that FastAPI serves and documents."""

    def paths(self) -> Sequence[BaseRoute]:
        """Return routes that are asked first, and that document themselves."""

    def documented(self) -> Mapping[str, Any]:
        """Return `paths`, `schemas` and `responses` of those routes, as OpenAPI has them."""

    def not_ready(self) -> str | None:
        """Return what is missing for the service to answer, or None."""

    def measures(self) -> Iterable[Measure]:
        """Return what the service counts."""


class Application(FastAPI):
    """Services under one roof, with problems for errors, health, and a docs page of their own."""

    def __init__(
        self, title: str, about: str, services: Sequence[Service], *errors: type[Exception]
    ) -> None:
        @asynccontextmanager
        async def life(_: FastAPI) -> AsyncIterator[None]:
            with ExitStack() as running:
                for service in services:
                    service.start()
                    running.callback(service.stop)
                yield

        super().__init__(
            title=title, description=about, version=VERSION, lifespan=life,
            docs_url=None, redoc_url=None, redirect_slashes=False,
        )  # fmt: skip
        self._services = services
        self._document: dict[str, Any] | None = None
        self._problems = problems.install(self, *errors)
        for service in services:
            self.router.routes[:0] = service.paths()
            for routes in service.routers():
                self.include_router(routes)
        self.include_router(docs.router())
        self.include_router(health.router(self._not_ready, self._measures))

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, made once."""
        if self._document is None:
            more = [service.documented() for service in self._services]
            self._document = openapi.complete(super().openapi(), more)
        return self._document

    def _not_ready(self) -> str | None:
        return next(filter(None, (service.not_ready() for service in self._services)), None)

    def _measures(self) -> Iterable[Measure]:
        for service in self._services:
            yield from service.measures()
        yield counts(
            "http_problems_total",
            "Requests answered with a problem, by type.",
            "type",
            self._problems,
        )
