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

from ledger.errors import Malformed, TooLarge, Unreadable
from ledger.fact import BY_COMMAND, RECORDED, Fact
from ledger.ids import area_stream
from ledger.subjects import AREA, SUBJECT_OF

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


_ENVELOPE = msgspec.json.Decoder(Envelope)
_DECODERS = {name: msgspec.json.Decoder(kind.cls) for name, kind in BY_COMMAND.items()}
_ENCODER = msgspec.json.Encoder()
_WHERE = re.compile(r" - at `(?:key in )?\$?([^`]*)`$")


def read_line(line: bytes, actor: str | None = None) -> Command:
    """Read one command line; `actor` is used when the line names none.

    Raises Unreadable, TooLarge or Malformed with JSON pointers; never echoes a submitted value.
    """
    check_body(line)
    try:
        envelope = _ENVELOPE.decode(line)
    except msgspec.ValidationError as error:
        refuse_shape(error)
    except msgspec.DecodeError as error:
        raise Unreadable(f"The line is no JSON: {error}.") from None
    by = envelope.actor or actor
    if by is None:
        raise Malformed("The command names no actor.", errors=[_problem("/actor", "is missing")])
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
    **flags: bool,
) -> Command:
    """Read a command's data into the fact that it asks for; the caller has checked the body."""
    decoder = _DECODERS.get(name)
    if decoder is None:
        raise Malformed(
            f"There is no command {name[:60]!r}; contracts/commands lists them.",
            errors=[_problem("/command", "is not a command")],
        )
    try:
        fact = decoder.decode(data)
    except msgspec.ValidationError as error:
        refuse_shape(error, under)
    except msgspec.DecodeError as error:
        raise Unreadable(f"The body is no JSON: {error}.") from None
    _refuse_recorded_fields(fact, under)
    payload = hashlib.blake2b(
        b"\0".join((name.encode(), str(subject or "").encode(), _ENCODER.encode(fact))), digest_size=16
    ).digest()
    if SUBJECT_OF[type(fact)] is AREA:
        subject = area_stream(getattr(fact, "area"))  # noqa: B009  every fact of an area has one
    return Command(name, key, actor, fact, payload, subject, expected_version, **flags)


def _refuse_recorded_fields(fact: Fact, under: str) -> None:
    found = [name for name in RECORDED if getattr(fact, name) not in (None, "")]
    if found:
        raise Malformed(
            "The ledger alone sets " + ", ".join(RECORDED) + ".",
            errors=[_problem(f"{under}/{name}", "is set by the ledger") for name in found],
        )


def check_body(body: bytes) -> None:
    """Refuse what is too large, too deep, has a NUL, or names a key twice in one object."""
    if len(body) > MAX_BODY:
        raise TooLarge(f"A command has at most {MAX_BODY} bytes.")
    if b"\0" in body or b"\\u0000" in body:
        raise Unreadable("The body contains a NUL character.")
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _depth(body) > MAX_DEPTH:
        raise Unreadable(f"The body is nested deeper than {MAX_DEPTH}.")
    try:
        json.loads(body, object_pairs_hook=_refuse_duplicates)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The body is no JSON: {_plain(error)}.") from None


def _plain(error: Exception) -> str:
    return str(error).partition(":")[0] if isinstance(error, ValueError) else "nested too deep"


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise Unreadable("A key is named twice in one object.")


def _depth(body: bytes) -> int:
    """Return how deep brackets nest outside of strings."""
    depth = deepest = 0
    for byte in re.sub(rb'"(?:[^"\\]|\\.)*"', b"", body):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _problem(pointer: str, reason: str) -> dict[str, str]:
    return {"pointer": pointer, "detail": reason}


def refuse_shape(error: msgspec.ValidationError, under: str = "") -> NoReturn:
    """Raise Malformed for a wrong shape: a JSON pointer and a reason, without the value."""
    text = str(error)
    found = _WHERE.search(text)
    path = found.group(1) if found else ""
    pointer = under + re.sub(r"\[(\d+|\.\.\.)\]", r"/\1", path.replace(".", "/"))
    reason = _WHERE.sub("", text)
    if reason.startswith("Invalid enum value"):
        reason = "Not one of the values that the schema allows"
    raise Malformed(f"{reason}.", errors=[_problem(pointer or "/", reason)])
