"""Health: alive, ready, and counters in Prometheus' text format without personal labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from edge.problems import plain


def router(ready: Callable[[], str | None], metrics: Callable[[], Mapping[str, float]]) -> APIRouter:
    """Serve /livez, /readyz and /metrics. `ready` returns what is missing, or None."""
    routes = APIRouter(tags=["health"])

    @routes.get("/livez", summary="The process is alive")
    async def livez() -> PlainTextResponse:
        return PlainTextResponse("alive\n")

    @routes.get("/readyz", summary="The database is reachable and the schema current")
    def readyz() -> Response:
        missing = ready()
        if missing is None:
            return PlainTextResponse("ready\n")
        return plain(503, "not-ready", "The service is not ready", missing)

    @routes.get("/metrics", summary="Counters for Prometheus")
    def measured() -> PlainTextResponse:
        lines = [f"# TYPE {name} {_type(name)}\n{name} {value:g}\n" for name, value in metrics().items()]
        return PlainTextResponse("".join(lines), media_type="text/plain; version=0.0.4")

    return routes


def _type(name: str) -> str:
    return "counter" if name.endswith("_total") else "gauge"
