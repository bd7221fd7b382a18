"""What the OpenAPI document says of the commands: schemas and examples from the contracts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from edge.contracts import read_contract
from edge.openapi import Json, problem, ref
from ledger.fact import BY_COMMAND, FactType
from ledger.http import ACTOR, IF_MATCH, KEY, kebab
from ledger.subjects import AREA, SUBJECT_OF, Subject

TITLE = "Assistance ledger"
ABOUT = (
    "Commands in, facts recorded. Every command takes X-Actor and Idempotency-Key, a change of a "
    "known subject also If-Match; `dry_run=true` answers without recording."
)
JSON, NDJSON = "application/json", "application/x-ndjson"
HOUSEHOLD = "018f3c2e-1a01-7b31-9c04-5d8e2f6a1001"
AREA_CODE = "140403"
CODES = {"type": "string", "pattern": "^[0-9]{2,12}$"}
IDS = {"type": "string", "format": "uuid"}

_HEADERS = (
    (ACTOR, True, "The id of who acts.", "decider-7"),
    (KEY, True, "A quoted string. The same key and body get the first answer again.", '"k-1"'),
    (IF_MATCH, False, "The version decided on; required once the subject has one.", '"3"'),
)

ACCEPTED_EXAMPLE: Json = {
    "subject": HOUSEHOLD, "version": 4, "position": 1204,
    "facts": [
        {"id": f"{HOUSEHOLD}:4", "type": "assistance.IncomeReassessed.v1", "effective": "2023-03"}
    ],
}  # fmt: skip

_FACT: Json = {
    "type": "object",
    "properties": {
        "id": {"description": "<stream>:<version>.", "type": "string"},
        "type": {"description": "The fact's topic.", "type": "string"},
        "effective": {
            "description": "The first month of the new state.",
            "type": ["string", "null"],
        },
        "data": {"description": "Of a dry run: the fact as it would be.", "type": "object"},
    },
    "required": ["id", "type", "effective"],
}

SCHEMAS: Json = {
    "Accepted": {
        "title": "Accepted",
        "description": "What a command became.",
        "type": "object",
        "properties": {
            "subject": {"description": "The subject's stream.", **IDS},
            "version": {"description": "The subject's version now.", "type": "integer"},
            "position": {
                "description": "The position of its last fact; null in a dry run.",
                "type": ["integer", "null"],
            },
            "facts": {"type": "array", "items": _FACT},
        },
        "required": ["subject", "version", "position", "facts"],
    },
    "Verdict": {
        "title": "Verdict",
        "description": "What became of one line: either `accepted` or `problem`.",
        "type": "object",
        "properties": {
            "line": {"description": "The line's number, from 1.", "type": "integer"},
            "accepted": {"$ref": "#/components/schemas/Accepted"},
            "problem": {"$ref": "#/components/schemas/Problem"},
        },
        "required": ["line"],
    },
}

RESPONSES: Json = {
    "Unreadable": problem(
        400, "unreadable", "The body cannot be read", "A key is named twice in one object."
    ),
    "Refused": problem(
        409, "one-basic-roll", "A rule refuses the command",
        "The person is covered by another household.", rule="one_basic_roll", month="2023-03",
        way_out="Let the other household's cover end first.",
    ),
    "StaleVersion": problem(
        412, "stale-version", "The subject has moved on", "It is at version 4, not 3.", version=4
    ),
    "TooLarge": problem(413, "too-large", "The body is too large", "It has more than 65536 bytes."),
    "WrongMediaType": problem(
        415, "wrong-media-type", "The body is of a wrong type",
        "Send the body with `Content-Type: application/json`.",
    ),
    "Malformed": problem(
        422, "wrong-shape", "The command has the wrong shape",
        "/income_fen: Expected `int`, got `float`.",
        errors=[{"pointer": "/income_fen", "detail": "Expected `int`, got `float`"}],
    ),
    "VersionMissing": problem(
        428, "version-missing", "If-Match is missing", "It is at version 4: name it.", version=4
    ),
}  # fmt: skip

PROBLEMS = {
    "400": ref("Unreadable"), "404": ref("NotFound"), "409": ref("Refused"),
    "412": ref("StaleVersion"), "413": ref("TooLarge"), "415": ref("WrongMediaType"),
    "422": ref("Malformed"), "428": ref("VersionMissing"), "503": ref("Unavailable"),
}  # fmt: skip


def answer(example: Json, *headers: str) -> dict[int | str, dict[str, Any]]:
    """Return FastAPI's `responses` of a question: an example, and the headers that it carries."""
    content = {JSON: {"example": example}}
    return {200: {"description": "The answer.", "content": content, **_headers(*headers)}}


def _headers(*names: str) -> Json:
    return {"headers": {name: {"schema": {"type": "string"}} for name in names}} if names else {}


@cache
def command_schema(name: str) -> Json:
    """Return a command's schema as contracts/ has it."""
    schema: Json = msgspec.json.decode(read_contract(f"commands/{name}.v1.json"))
    return schema


def documented(schema_of: Callable[[str], Json] = command_schema) -> Json:
    """Return paths, schemas and responses of every command."""
    # By name: the order in which facts are registered is that in which modules are imported.
    schemas = {name: schema_of(name) for name in sorted(BY_COMMAND)}
    return {
        "paths": {
            _path(name, BY_COMMAND[name]): {"post": _operation(name, BY_COMMAND[name], schema)}
            for name, schema in schemas.items()
        },
        "schemas": SCHEMAS | {name: _data_schema(name, schemas[name]) for name in schemas},
        "responses": RESPONSES,
    }


def _path(name: str, kind: FactType) -> str:
    subject = SUBJECT_OF[kind.cls]
    return f"/v1/{subject.plural}/{{{subject.name}}}/{kebab(name)}"


def _data_schema(name: str, schema: Json) -> Json:
    """Return the schema of a command's data alone, the definitions that it refers to inlined."""
    data = {"title": name, **schema["properties"]["data"]}
    found: Json = _inline(data, schema.get("$defs", {}))
    return found


def _inline(node: Any, definitions: Json) -> Any:
    if isinstance(node, dict):
        if "$ref" in node:
            return _inline(definitions[node["$ref"].rpartition("/")[2]], definitions)
        return {key: _inline(value, definitions) for key, value in node.items()}
    if isinstance(node, list):
        return [_inline(value, definitions) for value in node]
    return node


def _operation(name: str, kind: FactType, whole: Json) -> Json:
    subject, about = SUBJECT_OF[kind.cls], (kind.cls.__doc__ or "").strip()
    example = whole["examples"][0]["data"]
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {
        "tags": [subject.plural],
        "summary": about.splitlines()[0],
        "description": about,
        "operationId": name,
        "parameters": [_subject_parameter(subject, example), *_header_parameters(), _DRY_RUN],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": schema, "example": example}},
        },
        "responses": {"200": _DRY, "201": _RECORDED, **PROBLEMS},
    }


def _subject_parameter(subject: Subject, example: Json) -> Json:
    on_area = subject is AREA
    words = "The area's code." if on_area else "The id, chosen by who sends the first command."
    return {
        "name": subject.name, "in": "path", "required": True, "description": words,
        "schema": CODES if on_area else IDS,
        "example": example[subject.named.field] if subject.named else HOUSEHOLD,
    }  # fmt: skip


def _header_parameters() -> list[Json]:
    return [
        {
            "name": header, "in": "header", "required": required, "description": words,
            "schema": {"type": "string"}, "example": given,
        }
        for header, required, words, given in _HEADERS
    ]  # fmt: skip


_DRY_RUN: Json = {
    "name": "dry_run", "in": "query", "required": False,
    "description": "Decide and answer, and record nothing.",
    "schema": {"type": "boolean", "default": False},
}  # fmt: skip


def _accepted(description: str, example: Json) -> Json:
    content = {JSON: {"schema": {"$ref": "#/components/schemas/Accepted"}, "example": example}}
    return {"description": description, "content": content, **_headers("ETag")}


_RECORDED = _accepted("Recorded: the facts are committed.", ACCEPTED_EXAMPLE)
_DRY = _accepted(
    "A dry run: what would be recorded, with each fact's data; nothing was.",
    {
        **ACCEPTED_EXAMPLE,
        "position": None,
        "facts": [
            {**ACCEPTED_EXAMPLE["facts"][0], "data": {"effective": "2023-03", "income_fen": 48000}}
        ],
    },
)

_LINE = (
    '{"command": "ReassessIncome", "idempotency_key": "k-1", "subject": "' + HOUSEHOLD + '", '
    '"data": {"effective": "2023-03", "decided_on": "2023-02-01", "income_fen": 48000}}\n'
)
_VERDICTS = (
    '{"line":1,"accepted":{"subject":"' + HOUSEHOLD + '","version":4,"position":1204,"facts":[]}}\n'
    '{"line":2,"problem":{"type":"urn:assistance:problem:unreadable","title":"The body cannot be '
    'read","status":400,"detail":"A key is named twice in one object."}}\n'
)

BATCH: dict[str, Any] = {
    "summary": "Command lines as NDJSON, decided in order; a verdict a line",
    "description": "The lines of an import: contracts/commands has their schemas. Each is "
    "accepted or refused by itself. Sending the same lines again records nothing twice. "
    "Where a line names no actor, X-Actor does.",
    "operation_id": "Batch",
    "responses": {
        200: {
            "description": "A verdict a line, in order.",
            "content": {
                NDJSON: {"schema": {"$ref": "#/components/schemas/Verdict"}, "example": _VERDICTS}
            },
        },
        **{int(status): PROBLEMS[status] for status in ("400", "415", "422", "503")},
    },
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {NDJSON: {"schema": {"type": "string"}, "example": _LINE}},
        },
        "parameters": [
            {
                "name": ACTOR, "in": "header", "required": False, "schema": {"type": "string"},
                "description": "Who acts where a line names nobody.", "example": "decider-7",
            }
        ],
    },
}  # fmt: skip
