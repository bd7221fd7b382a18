"""Commands: one envelope for HTTP, the batch, the import and, later, Kafka; read strictly.

At the edge a body is bounded in size and depth, has no duplicate keys and no NUL, and amounts are
integers before any number is built from them.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any, NoReturn
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from ledger.documents import Received
from ledger.errors import Malformed, TooLarge, Unreadable
from ledger.fact import BY_COMMAND, RECORDED, Fact
from ledger.shapes import problem, shape_problem
from ledger.subjects import stream_named_by

MAX_BODY = 64 * 1024
MAX_DEPTH = 16

Key = Annotated[str, Meta(min_length=1, max_length=200)]
Actor = Annotated[str, Meta(min_length=1, max_length=120)]


class Envelope(Struct, frozen=True, forbid_unknown_fields=True):
    """A command line, as INTERFACES has it; `data` is read once the command is known."""

    command: str
    idempotency_key: Key
    data: msgspec.Raw
    subject: UUID | None = None
    expected_version: Annotated[int, Meta(ge=0, le=10**9)] | None = None
    actor: Actor | None = None


class Command(Struct, frozen=True):
    """A command that was read: what is asked of which stream, by whom, under which key."""

    name: str
    key: str
    actor: str
    fact: Fact
    payload: bytes
    subject: UUID | None = None
    expected_version: int | None = None
    version_required: bool = False
    dry_run: bool = False
    received: Received | None = None
    areas: tuple[str, ...] | None = None
    """Prefixes of the areas for which the actor may send it; None: it is not asked."""


_ENVELOPE = msgspec.json.Decoder(Envelope)
_DECODERS = {name: msgspec.json.Decoder(kind.cls) for name, kind in BY_COMMAND.items()}
_ENCODER = msgspec.json.Encoder()


def read_line(line: bytes, actor: str | None = None) -> Command:
    """Read one command line; `actor` is used when the line names none.

    Raises Unreadable, TooLarge or Malformed with JSON pointers; never echoes a submitted value.
    """
    check_body(line)
    try:
        envelope = _ENVELOPE.decode(line)
    except msgspec.ValidationError as error:
        refuse_shape(error)
    except msgspec.DecodeError:
        raise _no_json() from None
    by = envelope.actor or actor
    if by is None:
        raise Malformed(
            "The command names no actor.", errors=[problem("/actor", "Is required and missing")]
        )
    return read_command(
        envelope.command,
        bytes(envelope.data),
        key=envelope.idempotency_key,
        actor=by,
        subject=envelope.subject,
        expected_version=envelope.expected_version,
        under="/data",
    )


def read_command(
    name: str,
    data: bytes,
    *,
    key: str,
    actor: str,
    subject: UUID | None = None,
    expected_version: int | None = None,
    under: str = "",
    version_required: bool = False,
    dry_run: bool = False,
) -> Command:
    """Read a command's data into the fact that it asks for; the caller has checked the body."""
    decoder = _DECODERS.get(name)
    if decoder is None:
        raise Malformed(
            "There is no command of this name; contracts/commands lists them.",
            errors=[problem("/command", "Is not a command")],
        )
    try:
        fact = decoder.decode(data)
    except msgspec.ValidationError as error:
        refuse_shape(error, under)
    except msgspec.DecodeError:
        raise _no_json() from None
    _refuse_recorded_fields(fact, under)
    subject = stream_named_by(fact) or subject
    payload = hashlib.blake2b(
        b"\0".join((name.encode(), str(subject or "").encode(), _ENCODER.encode(fact))),
        digest_size=16,
    ).digest()
    return Command(
        name, key, actor, fact, payload, subject, expected_version, version_required, dry_run
    )


def _no_json() -> Unreadable:
    """Say why what passed for JSON cannot be decoded: nothing else is left after `check_body`."""
    return Unreadable("The body has half of a surrogate pair: text must be whole Unicode.")


def _refuse_recorded_fields(fact: Fact, under: str) -> None:
    found = [name for name in RECORDED if getattr(fact, name) not in (None, "")]
    if found:
        raise Malformed(
            "The ledger alone sets " + ", ".join(RECORDED) + ".",
            errors=[problem(f"{under}/{name}", "Is set by the ledger") for name in found],
        )


def check_body(body: bytes) -> None:
    """Refuse what is too large or deep, not UTF-8 JSON, has a NUL, or names a key twice."""
    if len(body) > MAX_BODY:
        raise TooLarge(f"A command has at most {MAX_BODY} bytes.")
    if b"\0" in body or (b"\\u0000" in body and _ESCAPED_NUL.search(body)):
        raise Unreadable("The body contains a NUL character.")
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _depth(body) > MAX_DEPTH:
        raise Unreadable(f"The body is nested deeper than {MAX_DEPTH}.")
    try:
        _PAIRS.decode(body.decode())
    except UnicodeDecodeError:
        raise Unreadable("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"The body is no JSON: {error.msg} at character {error.pos}.") from None
    except ValueError:
        raise Unreadable("A number has too many digits.") from None


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise Unreadable("A key is named twice in one object.")


def _refuse_constant(_: str) -> None:
    raise Unreadable("The body is no JSON: NaN and Infinity are no numbers.")


# Looks at keys alone; `int` refuses more than 4,300 digits by itself.
_PAIRS = json.JSONDecoder(
    object_pairs_hook=_refuse_duplicates,
    parse_float=bool,
    parse_constant=_refuse_constant,
)
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""Possessive: a string that never ends is read once, not once from each of its quotes."""


def _depth(body: bytes) -> int:
    """Return how deep brackets nest outside of strings."""
    depth = deepest = 0
    for byte in _STRINGS.sub(b"", body):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def refuse_shape(error: msgspec.ValidationError, under: str = "") -> NoReturn:
    """Raise Malformed for a wrong shape: a JSON pointer and a reason, without the value."""
    found = shape_problem(error, under)
    said = f"{found['pointer'] or 'The body'}: {found['detail']}."
    raise Malformed(said, errors=[found])
