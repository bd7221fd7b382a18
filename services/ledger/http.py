"""Commands over HTTP: a path for each. The batch is in batch.py, questions are in reads.py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Message, Receive, Scope, Send

from ledger.commands import MAX_BODY, Command, check_body, read_command
from ledger.errors import BadHeader, Malformed, TooLarge, WrongMediaType
from ledger.fact import BY_COMMAND, Fact
from ledger.subjects import SUBJECT_OF, Named
from ledger.writer import Writer

JSON = "application/json"
NDJSON = "application/x-ndjson"
NDJSON_TYPES = (NDJSON, "application/ndjson", "application/jsonl")
ACTOR, KEY, IF_MATCH = "X-Actor", "Idempotency-Key", "If-Match"
_ENCODER = msgspec.json.Encoder()
_ACTOR = re.compile(rb"[\x21-\x7e]([\x20-\x7e]{0,118}[\x21-\x7e])?")
_QUOTED = re.compile(rb'"([\x20-\x21\x23-\x7e]{1,200})"')
_ETAG = re.compile(rb'"([0-9]{1,9})"')
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DRY_RUN = {b"": False, b"dry_run=false": False, b"dry_run=true": True}

Headers = Mapping[bytes, bytes]


def kebab(name: str) -> str:
    """Return a command's name as it stands in a path: EnrolHousehold -> enrol-household."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


class CommandPaths(BaseRoute):
    """POST /v1/<subjects>/<id>/<command>, for every command of the catalogue.

    One look-up finds the command. FastAPI would try a hundred patterns one after the other and
    solve parameters that are read here from bytes: on this path, half of a request's time.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._commands = {
            (SUBJECT_OF[kind.cls].plural, kebab(name)): name for name, kind in BY_COMMAND.items()
        }

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether a path is a command's."""
        if scope["type"] != "http":
            return Match.NONE, {}
        root, _, plural, subject, verb = (*scope["path"].split("/", 4), *[""] * 5)[:5]
        command = self._commands.get((plural, verb))
        if command is None or root or not scope["path"].startswith("/v1/"):
            return Match.NONE, {}
        return Match.FULL, {"path_params": {"command": command, "subject": subject}}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read a command, let it be decided, and answer once its facts are committed."""
        if scope["method"] != "POST":
            raise HTTPException(405, headers={"Allow": "POST"})
        command = await _read(scope, receive)
        accepted = await self._writer.submit(command)
        status = 200 if command.dry_run else 201
        response = Response(
            _ENCODER.encode(accepted.written), status, {"ETag": f'"{accepted.version}"'}, JSON
        )
        await response(scope, receive, send)


async def _read(scope: Scope, receive: Receive) -> Command:
    name, named = scope["path_params"]["command"], scope["path_params"]["subject"]
    headers = headers_of(scope)
    actor, key, version = actor_of(headers), key_of(headers), version_of(headers)
    require_type(headers, JSON)
    dry_run = _dry_run_of(scope["query_string"])
    own = SUBJECT_OF[BY_COMMAND[name].cls].named
    subject = None if own else _id_of(named)
    body = await _body_of(headers, receive)
    check_body(body)
    command = read_command(
        name, body, key=key, actor=actor, subject=subject, expected_version=version,
        version_required=True, dry_run=dry_run,
    )  # fmt: skip
    if own:
        _refuse_another(own, command.fact, named)
    return command


def _refuse_another(own: Named, fact: Fact, named: str) -> None:
    """Refuse a body that names another subject than the path does."""
    if str(getattr(fact, own.field)) != named.lower():
        raise Malformed(
            f"`{own.field}` in the body is not the {own.field} of the path.",
            errors=[{"pointer": f"/{own.field}", "detail": f"Is not the {own.field} of the path"}],
        )


def headers_of(scope: Scope) -> Headers:
    """Return a request's headers by name; BadHeader when one that decides is there twice."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if len(headers) != len(scope["headers"]):
        names = [name for name, _ in scope["headers"]]
        for name in (ACTOR, KEY, IF_MATCH):
            if names.count(name.lower().encode()) > 1:
                raise BadHeader(name, f"The {name} header is there more than once.")
    return headers


def actor_of(headers: Headers) -> str:
    """Return who acts: the X-Actor header, until access control names the actor itself."""
    actor = headers.get(b"x-actor", b"")
    if not _ACTOR.fullmatch(actor):
        raise BadHeader(
            ACTOR, "X-Actor is required: the id of who acts, 1 to 120 printable ASCII characters."
        )
    return actor.decode("ascii")


def key_of(headers: Headers) -> str:
    """Return the command's key: the Idempotency-Key header, less its quotes."""
    found = _QUOTED.fullmatch(headers.get(b"idempotency-key", b""))
    if found is None:
        raise BadHeader(
            KEY,
            "Idempotency-Key is required, a quoted string of at most 200 printable ASCII "
            'characters, for example "018f-7c2e".',
        )
    return found.group(1).decode("ascii")


def version_of(headers: Headers) -> int | None:
    """Return the version that the caller decided on: the If-Match header, or None without one."""
    given = headers.get(b"if-match")
    if given is None:
        return None
    found = _ETAG.fullmatch(given)
    if found is None:
        raise BadHeader(IF_MATCH, 'If-Match takes one strong ETag, the subject\'s version: "3".')
    return int(found.group(1))


def require_type(headers: Headers, *types: str) -> None:
    """Refuse a body that does not say that it is of one of the types.

    A page of another site can send a body of no type, or of a form's, without the browser asking
    us first: this is what keeps it from acting through the browser of somebody who may.
    """
    essence = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if essence.decode("latin-1") not in types:
        raise WrongMediaType(f"Send the body with `Content-Type: {types[0]}`.")


def _dry_run_of(query: bytes) -> bool:
    """Read the query: what is misspelled must not turn a dry run into a command."""
    if query not in _DRY_RUN:
        raise Malformed(
            "A command takes one parameter, dry_run, true or false.",
            errors=[{"in": "query", "detail": "Only dry_run=true or dry_run=false"}],
        )
    return _DRY_RUN[query]


def _id_of(text: str) -> UUID:
    if not _UUID.fullmatch(text):
        raise Malformed(
            "The id in the path is no UUID.",
            errors=[{"in": "path", "parameter": "subject", "detail": "Should be a UUID"}],
        )
    return UUID(text)


async def _body_of(headers: Headers, receive: Receive, most: int = MAX_BODY) -> bytes:
    """Return a request's body; TooLarge as soon as it is known to have more than `most` bytes."""
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared[:20]) > most:
        raise TooLarge(f"The body has more than {most} bytes.")
    parts, size, more = [], 0, True
    while more:
        message = await _received(receive)
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > most:
            raise TooLarge(f"The body has more than {most} bytes.")
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


async def _received(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message
