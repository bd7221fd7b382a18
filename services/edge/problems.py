"""Errors as RFC 9457 problem details: the one mapping of both services' error trees to HTTP."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any, Protocol, cast

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

MEDIA_TYPE = "application/problem+json"
URN = "urn:assistance:problem:"
_RETRY_LATER = (429, 503)
_TYPES_OF_STATUS = {404: "no-such-path", 405: "method-not-allowed"}
_log = logging.getLogger(__name__)


class Problem(Protocol):
    """What an error says of itself; `extra` may name a rule, a month, a way out, JSON pointers."""

    status: int
    title: str
    name: str
    detail: str
    extra: dict[str, Any]


def type_of(error: Problem) -> str:
    """Return the last part of a problem's type; a refused rule has a type of its own."""
    return str(error.extra.get("rule", error.name)).replace("_", "-")


def describe(error: Problem) -> dict[str, Any]:
    """Return the members of a problem document."""
    extra = {key: value for key, value in error.extra.items() if value is not None}
    return {
        "type": URN + type_of(error),
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        **extra,
    }


def respond(error: Problem) -> Response:
    """Return an error as a response; 503 and 429 say when to try again."""
    return _response(describe(error), None)


def plain(
    status: int,
    name: str,
    title: str,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    **extra: Any,
) -> Response:
    """Return a problem that no error of ours stands behind."""
    body = {"type": URN + name, "title": title, "status": status, "detail": detail, **extra}
    return _response(body, headers)


def _response(body: dict[str, Any], headers: dict[str, str] | None) -> Response:
    status: int = body["status"]
    if status in _RETRY_LATER:
        headers = {"Retry-After": "1", **(headers or {})}
    return Response(msgspec.json.encode(body), status, media_type=MEDIA_TYPE, headers=headers)


def install(app: FastAPI, *trees: type[Exception]) -> Counter[str]:
    """Let an application answer every error, the framework's own included, with a problem.

    Returns how many problems of each type were answered, as it grows.
    """
    answered: Counter[str] = Counter()

    async def ours(_: Request, error: Exception) -> Response:
        problem = cast("Problem", error)
        answered[type_of(problem)] += 1
        if problem.status >= 500:
            _log.warning("%s: %s", problem.title, problem.detail)
        return respond(problem)

    async def fault(request: Request, error: Exception) -> Response:
        answered["fault"] += 1
        return await _fault(request, error)

    for tree in trees:
        app.add_exception_handler(tree, ours)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(ClientDisconnect, _cut_off)
    app.add_exception_handler(Exception, fault)
    return answered


async def _framework(_: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    name = _TYPES_OF_STATUS.get(status, "http-error")
    detail = {
        404: "There is nothing at this path; GET /docs lists what there is.",
        405: "This path does not take this method; GET /docs lists what it takes.",
    }.get(status, "The request cannot be answered.")
    headers = getattr(error, "headers", None)
    return plain(status, name, "The request cannot be answered", detail, headers=headers)


async def _validation(_: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    errors = [
        {"in": one["loc"][0], "parameter": one["loc"][-1], "detail": _said(one)} for one in found
    ]
    detail = "A parameter has the wrong shape; `errors` says which."
    return plain(422, "wrong-shape", "The request has the wrong shape", detail, errors=errors)


def _said(error: dict[str, Any]) -> str:
    """Return what is wrong without the value: of an id that cannot be read, not where it fails."""
    words = str(error["msg"])
    return words.partition(",")[0] if error["type"].startswith("uuid") else words


async def _cut_off(_: Request, error: Exception) -> Response:
    return plain(
        400, "cut-off", "The request was cut off", f"The body did not come whole: {error}."
    )


async def _fault(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    detail = "The service met a fault of its own; nothing was recorded by this request."
    return plain(500, "fault", "The service failed", detail)
