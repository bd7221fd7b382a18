"""Health: alive, ready, and what is counted, in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from edge.measures import MEDIA_TYPE, Measure, text
from edge.problems import plain


def router(
    not_ready: Callable[[], str | None], measures: Callable[[], Iterable[Measure]]
) -> APIRouter:
    """Serve /livez, /readyz and /metrics. `not_ready` returns what is missing, or None."""
    routes = APIRouter(tags=["health"], default_response_class=PlainTextResponse)

    @routes.get("/livez", summary="The process is alive", responses=_example("alive\n"))
    async def livez() -> PlainTextResponse:
        return PlainTextResponse("alive\n")

    @routes.get(
        "/readyz",
        summary="The database is reachable and the schema current",
        responses=_example("ready\n"),
    )
    def readyz() -> Response:
        missing = not_ready()
        if missing is None:
            return PlainTextResponse("ready\n")
        return plain(503, "not-ready", "The service is not ready", missing)

    @routes.get(
        "/metrics",
        summary="Counters for Prometheus",
        responses=_example("ledger_commands_accepted_total 4102\n"),
    )
    def metrics() -> PlainTextResponse:
        return PlainTextResponse(text(measures()), media_type=MEDIA_TYPE)

    return routes


def _example(text: str) -> dict[int | str, dict[str, object]]:
    return {200: {"description": "The answer.", "content": {"text/plain": {"example": text}}}}
