"""A question's routes, asked over HTTP without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI

from edge import problems
from projections.errors import ProjectionError
from projections.projections import Projections
from tests.views.conftest import Views

NDJSON = {"Accept": "application/x-ndjson"}


class Routes:
    """An application with some routes."""

    def __init__(self, router: APIRouter) -> None:
        self._app = FastAPI()
        problems.install(self._app, ProjectionError)
        self._app.include_router(router)

    def get(
        self, path: str, headers: dict[str, str] | None = None, **parameters: Any
    ) -> httpx.Response:
        """Ask; parameters that are None are left out."""
        said = {key: value for key, value in parameters.items() if value is not None}

        async def answer() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://projections"
            ) as client:
                return await client.get(path, params=said, headers=headers)

        return asyncio.run(answer())

    def all_pages(self, path: str, rows: str, **parameters: Any) -> list[dict[str, Any]]:
        """Follow `next` to the end; return every page's rows."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self.get(path, cursor=cursor, **parameters).json()
            found += page[rows]
            cursor = page["next"]
            if cursor is None:
                return found


class Asking(Routes):
    """An application with the routes of one question."""

    def __init__(self, views: Views, router: Callable[[Projections], APIRouter]) -> None:
        super().__init__(router(views.projections()))
