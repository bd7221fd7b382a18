"""Errors as RFC 9457 problem details: the one mapping of both services' error trees to HTTP."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
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


class ProblemResponse(Response):
    """A problem as a response; 503 and 429 say when to try again."""

    media_type = MEDIA_TYPE

    def __init__(self, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self.name: str = body["type"].removeprefix(URN)
        later = {"Retry-After": "1"} if body["status"] in _RETRY_LATER else {}
        super().__init__(msgspec.json.encode(body), body["status"], {**later, **(headers or {})})


def respond(error: Problem) -> ProblemResponse:
    """Return an error as a response."""
    return ProblemResponse(describe(error))


def plain(
    status: int,
    name: str,
    title: str,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    **extra: Any,
) -> ProblemResponse:
    """Return a problem that no error of ours stands behind."""
    body = {"type": URN + name, "title": title, "status": status, "detail": detail, **extra}
    return ProblemResponse(body, headers)


def install(app: FastAPI, *trees: type[Exception]) -> Counter[str]:
    """Let an application answer every error, the framework's own included, with a problem.

    Returns how many problems of each type were answered, as it grows.
    """
    answered: Counter[str] = Counter()

    def answer(
        kind: type[Exception], make: Callable[[Request, Exception], ProblemResponse]
    ) -> None:
        async def handler(request: Request, error: Exception) -> Response:
            response = make(request, error)
            answered[response.name] += 1
            return response

        app.add_exception_handler(kind, handler)

    for tree in trees:
        answer(tree, _ours)
    answer(HTTPException, _framework)
    answer(RequestValidationError, _validation)
    answer(ClientDisconnect, _cut_off)
    answer(Exception, _fault)
    return answered


def _ours(_: Request, error: Exception) -> ProblemResponse:
    problem = cast("Problem", error)
    if problem.status >= 500:
        _log.warning("%s: %s", problem.title, problem.detail)
    return respond(problem)


def _framework(_: Request, error: Exception) -> ProblemResponse:
    status = getattr(error, "status_code", 500)
    name = _TYPES_OF_STATUS.get(status, "http-error")
    detail = {
        404: "There is nothing at this path; GET /docs lists what there is.",
        405: "This path does not take this method; GET /docs lists what it takes.",
    }.get(status, "The request cannot be answered.")
    headers = getattr(error, "headers", None)
    return plain(status, name, "The request cannot be answered", detail, headers=headers)


def _validation(_: Request, error: Exception) -> ProblemResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    errors = [
        {"in": one["loc"][0], "parameter": str(one["loc"][:2][-1]), "detail": _said(one)}
        for one in found
    ]
    detail = "A parameter has the wrong shape; `errors` says which."
    return plain(422, "wrong-shape", "The request has the wrong shape", detail, errors=errors)


def _said(error: dict[str, Any]) -> str:
    """Return what is wrong without the value: of an id that cannot be read, not where it fails."""
    words = str(error["msg"])
    return words.partition(",")[0] if error["type"].startswith("uuid") else words


def _cut_off(_: Request, error: Exception) -> ProblemResponse:
    return plain(
        400, "cut-off", "The request was cut off", f"The body did not come whole: {error}."
    )


def _fault(request: Request, error: Exception) -> ProblemResponse:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    detail = "The service met a fault of its own; nothing was recorded by this request."
    # The server closes the connection of what failed; the client is told, lest it ask on it again.
    return plain(500, "fault", "The service failed", detail, headers={"Connection": "close"})
