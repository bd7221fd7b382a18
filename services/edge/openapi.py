"""What the OpenAPI document of every application says beside what FastAPI finds out by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from edge.problems import MEDIA_TYPE, URN

Json = dict[str, Any]

PROBLEM: Json = {
    "title": "Problem",
    "description": "What was wrong, which rule, and what to do (RFC 9457).",
    "type": "object",
    "properties": {
        "type": {
            "description": "A stable name, to be compared.",
            "type": "string",
            "format": "uri",
        },
        "title": {"description": "The kind of problem, in words.", "type": "string"},
        "status": {"description": "The HTTP status.", "type": "integer"},
        "detail": {"description": "What was wrong here, and what to do.", "type": "string"},
        "errors": {
            "description": "Where a body or a parameter has the wrong shape.",
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"description": "A JSON pointer into the body.", "type": "string"},
                    "in": {"description": "Where the parameter stands.", "type": "string"},
                    "parameter": {"description": "The parameter's name.", "type": "string"},
                    "detail": {"description": "What is wrong with it.", "type": "string"},
                },
                "required": ["detail"],
            },
        },
        "rule": {"description": "The rule that refused.", "type": "string"},
        "month": {"description": "The month in which it breaks.", "type": "string"},
        "way_out": {"description": "What can be done instead.", "type": "string"},
        "version": {"description": "The subject's present version.", "type": "integer"},
    },
    "required": ["type", "title", "status", "detail"],
}

PROBLEM_REF: Json = {"$ref": "#/components/schemas/Problem"}


def problem(status: int, name: str, title: str, detail: str, **extra: Any) -> Json:
    """Return a response that is a problem, with an example."""
    example = {"type": URN + name, "title": title, "status": status, "detail": detail, **extra}
    return {
        "description": f"{title}.",
        "content": {MEDIA_TYPE: {"schema": PROBLEM_REF, "example": example}},
    }


RESPONSES: Json = {
    "NotFound": problem(404, "not-found", "There is no such subject", "Nothing has this id."),
    "WrongShape": problem(
        422, "wrong-shape", "The request has the wrong shape",
        "A parameter has the wrong shape; `errors` says which.",
        errors=[{"in": "query", "parameter": "limit", "detail": "Input should be less than 1001"}],
    ),
    "Unavailable": problem(
        503, "unreachable", "The database does not answer", "Nothing is lost. Ask again."
    ) | {"headers": {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}},
}  # fmt: skip


def complete(document: Json, more: Iterable[Mapping[str, Any]]) -> Json:
    """Return a document with the paths that document themselves, and problems for every error."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    responses = components.setdefault("responses", {})
    for _, operation in operations(document):
        _document_problems(operation)
    responses |= RESPONSES
    for own in more:
        document["paths"] |= own.get("paths", {})
        schemas |= own.get("schemas", {})
        responses |= own.get("responses", {})
    return document


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Yield every operation of a document with its method and path: `GET /livez`."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def ref(name: str) -> Json:
    """Return a reference to one of the document's responses."""
    return {"$ref": f"#/components/responses/{name}"}


def _document_problems(operation: Json) -> None:
    responses = operation["responses"]
    parameters = operation.get("parameters", [])
    if parameters or "422" in responses:
        responses["422"] = ref("WrongShape")
    if any(parameter["in"] == "path" for parameter in parameters):
        responses.setdefault("404", ref("NotFound"))
    responses.setdefault("503", ref("Unavailable"))
