"""Errors as RFC 9457 problem details: the one mapping of both services' error trees to HTTP."""

from __future__ import annotations

import logging
from typing import Any, Protocol, cast

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
URN = "urn:assistance:problem:"
_log = logging.getLogger(__name__)


class Problem(Protocol):
    """What an error says of itself; `extra` may name a rule, a month, a way out, JSON pointers."""

    status: int
    title: str
    name: str
    detail: str
    extra: dict[str, Any]


def describe(error: Problem) -> dict[str, Any]:
    """Return the members of a problem document; a refused rule has a type of its own."""
    extra = {key: value for key, value in error.extra.items() if value is not None}
    return {
        "type": URN + str(extra.get("rule", error.name)).replace("_", "-"),
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        **extra,
    }


def respond(error: Problem) -> Response:
    """Return an error as a response; 503 and 429 say when to try again."""
    headers = {"Retry-After": "1"} if error.status in (429, 503) else None
    body = msgspec.json.encode(describe(error))
    return Response(body, error.status, media_type=MEDIA_TYPE, headers=headers)


def plain(status: int, name: str, title: str, detail: str, **extra: Any) -> Response:
    """Return a problem that no error of ours stands behind."""
    body = {"type": URN + name, "title": title, "status": status, "detail": detail, **extra}
    return Response(msgspec.json.encode(body), status, media_type=MEDIA_TYPE)


def install(app: FastAPI, *trees: type[Exception]) -> None:
    """Let an application answer every error, the framework's own included, with a problem."""

    async def ours(_: Request, error: Exception) -> Response:
        return respond(cast("Problem", error))

    for tree in trees:
        app.add_exception_handler(tree, ours)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(Exception, _fault)


async def _framework(_: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    name = {404: "no-such-path", 405: "method-not-allowed"}.get(status, "http-error")
    detail = {
        404: "There is nothing at this path; GET /docs lists what there is.",
        405: "This path does not take this method; GET /docs lists what it takes.",
    }.get(status, "The request cannot be answered.")
    return plain(status, name, "The request cannot be answered", detail)


async def _validation(_: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    errors = [
        {"pointer": "/" + "/".join(str(part) for part in one["loc"]), "detail": one["msg"]}
        for one in found
    ]
    detail = "A parameter has the wrong shape; `errors` says which."
    return plain(422, "wrong-shape", "The request has the wrong shape", detail, errors=errors)


async def _fault(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    detail = "The service met a fault of its own; nothing was recorded by this request."
    return plain(500, "fault", "The service failed", detail)
