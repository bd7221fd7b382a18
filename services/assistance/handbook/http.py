"""The page of HTTP: every path that answers a question, with its parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from assistance.handbook.markdown import block, code, table
from assistance.handbook.shapes import shape
from edge import docs, health
from ledger import reads
from ledger.ledger import Ledger
from projections.app import ProjectionsService
from projections.settings import Settings

AS_OF = ("known_at", "position", "min_position")
"""Parameters that every question of one cell's projections takes."""

ALL_CELLS = "/v1/cells"
"""Under it are questions over all cells."""


def page() -> str:
    """Return the page of what can be read, of both services."""
    operations = list(_operations(_described()))
    sections = "".join(_section(*operation) for operation in operations)
    listed = table(
        ("path", "what it answers"),
        [(code(f"{method} {path}"), op.get("summary", "")) for method, path, op in operations],
    )
    return (
        "# HTTP: questions\n\n"
        "What can be asked of a running service. Commands, which record, are listed in "
        "[commands.md](commands.md), errors in [problems.md](problems.md). `GET /docs` is a page "
        "of all this, `GET /openapi.json` the whole document. The ledger answers for versions, "
        "facts and areas, the projections for everything else; `assistance serve` has both on one "
        "port.\n\n"
        f"{listed}\n{_as_of(operations)}{sections}"
    )


def _described() -> dict[str, Any]:
    """Return the OpenAPI document of all questions. No request is served: nothing is connected."""
    app = FastAPI()
    settings = Settings(dsn="", feed_dsn="", zone=ZoneInfo("UTC"))
    for routes in (
        *ProjectionsService(settings, run=False).routers(),
        reads.router(cast("Ledger", None)),
        health.router(lambda: None, dict),
        docs.router(),
    ):
        app.include_router(routes)
    return app.openapi()


def _operations(openapi: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _as_of(operations: list[tuple[str, str, dict[str, Any]]]) -> str:
    """Describe once the parameters that every question of the projections shares."""
    shared = {
        p["name"]: p
        for _, _, op in operations
        for p in op.get("parameters", ())
        if p["name"] in AS_OF
    }
    return (
        "\nEvery question of the projections also takes these, and answers with the `position` "
        "that it is as of, in the body and in the header `Ledger-Position`: the same question with "
        f"that position gets the same bytes again. Questions under `{ALL_CELLS}` take and answer "
        "with the `positions` of all cells instead, in the header `Ledger-Positions`.\n\n"
        f"{_parameters(list(shared.values()))}"
    )


def _parameters(parameters: list[dict[str, Any]]) -> str:
    return table(
        ("parameter", "in", "shape", "meaning"),
        [
            (
                code(p["name"]),
                p["in"] + (", required" if p.get("required") else ""),
                shape(p["schema"]),
                p.get("description", ""),
            )
            for p in parameters
        ],
    )


def _section(method: str, path: str, operation: dict[str, Any]) -> str:
    shared = () if path.startswith(ALL_CELLS) else AS_OF
    own = [p for p in operation.get("parameters", ()) if p["name"] not in shared]
    said = (operation.get("summary"), operation.get("description"))
    words = "\n\n".join(f"{part.strip().rstrip('.')}." for part in said if part)
    listed = f"\n\n{_parameters(own)}" if own else "\n"
    answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    example = f"\n{block(answer['example'])}" if "example" in answer else ""
    return f"\n## {method} {path}\n\n{words}{listed}{example}"
