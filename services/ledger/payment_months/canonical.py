"""Canonical NDJSON, read strictly: a first line, lines in order, a last line with their number and sum."""

from __future__ import annotations

import hashlib
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any, BinaryIO, TypeVar

import msgspec
from msgspec import Struct

from ledger.documents import MAX_DOCUMENT, Document
from ledger.errors import Malformed
from ledger.money import MAX_FEN
from ledger.shapes import shape_problem

MAX_LINE = 64 << 10
"""The most bytes that a line has: a thousand months of arrears fit."""

T = TypeVar("T")
_ENCODER = msgspec.json.Encoder()
_END = b'{"lines":'


class End(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """The last line: how many lines stand before it, and the sum of their amounts in fen."""

    lines: int
    total_fen: int


_END_LINE = msgspec.json.Decoder(End)


def bad_line(number: int, detail: str, pointer: str | None = None) -> Malformed:
    """Return the error of a line that is not as it should be; it never repeats what the line says."""
    problem: dict[str, Any] = {"line": number, "detail": detail}
    if pointer:
        problem["pointer"] = pointer
    return Malformed(f"Line {number} of the document: {detail}.", errors=[problem])


def exactly(decoder: msgspec.json.Decoder[T], number: int, line: bytes) -> T:
    """Return what a line says; Malformed unless writing it again gives the same bytes."""
    try:
        found = decoder.decode(line)
    except msgspec.ValidationError as error:
        problem = shape_problem(error)
        where = f"{problem['pointer']}: " if problem["pointer"] else ""
        raise bad_line(number, where + problem["detail"], problem["pointer"]) from None
    except msgspec.DecodeError:
        raise bad_line(number, "is no JSON") from None
    if _ENCODER.encode(found) != line:
        raise bad_line(
            number,
            "is not in canonical form: no spaces, keys once and in the order of the format, "
            "nothing that has no value, ids in lower case, instants in UTC and whole seconds",
        )
    return found


def refuse_out_of_order(number: int, last: Any, place: Any, what: str) -> None:
    """Refuse a line that does not come after the last one; `last` is None for the first."""
    if last is None or place > last:
        return
    if place == last:
        raise bad_line(number, f"is there twice: {what} came in the line before")
    raise bad_line(number, f"is out of order: lines ascend by {what}")


class Reading:
    """One pass over a document's bytes, from the start: lines, digest, size, number and sum."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._file = file
        self._digest = hashlib.sha256()
        self._number = 0
        self._bytes = 0
        self._total = 0
        self._end: End | None = None

    def first(self) -> bytes:
        """Return the first line."""
        line = self._next()
        if not line:
            raise bad_line(1, "is missing: the document is empty")
        return line

    def inner(self) -> Iterator[tuple[int, bytes]]:
        """Yield the lines between first and last with their numbers; the caller adds their amounts."""
        while True:
            line = self._next()
            if line is None:
                raise bad_line(
                    self._number + 1,
                    "is missing: the document is cut off before the line with `lines` and `total_fen`",
                )
            if line.startswith(_END):
                self._finish(line)
                return
            yield self._number, line

    def add(self, fen: int) -> None:
        """Add a line's amount to the sum."""
        self._total += fen

    def document(self, kind: str, head: bytes) -> Document:
        """Return what is known of the document, once it was read to its end."""
        if self._end is None:
            raise ValueError("the document was not read to its end")
        digest = self._digest.hexdigest()
        return Document(digest, kind, head, self._end.lines, self._end.total_fen, self._bytes)

    def _next(self) -> bytes | None:
        """Return the next line less its end, None after the last; Malformed when it is no whole line."""
        line = self._file.readline(MAX_LINE + 1)
        if not line:
            return None
        self._number += 1
        self._bytes += len(line)
        self._digest.update(line)
        if not line.endswith(b"\n"):
            raise bad_line(
                self._number,
                f"has more than {MAX_LINE} bytes" if len(line) > MAX_LINE
                else "is cut off: the document does not end with a line end",
            )  # fmt: skip
        if line.startswith(BOM_UTF8) and self._number == 1:
            raise bad_line(1, "begins with a byte order mark")
        if b"\r" in line:
            raise bad_line(self._number, "has a carriage return: lines end with a line feed alone")
        if not line.isascii():
            raise bad_line(
                self._number, "is not ASCII: ids, codes and amounts are, and no names stand here"
            )
        if self._bytes > MAX_DOCUMENT:
            raise bad_line(self._number, f"goes past {MAX_DOCUMENT} bytes, the most of a document")
        return line[:-1]

    def _finish(self, line: bytes) -> None:
        end = exactly(_END_LINE, self._number, line)
        if end.lines != self._number - 2:
            raise bad_line(
                self._number, f"`lines` is not the number of lines, {self._number - 2}", "/lines"
            )
        if end.total_fen != self._total:
            raise bad_line(
                self._number,
                f"`total_fen` is not the sum of the lines, {self._total}",
                "/total_fen",
            )
        if self._total > MAX_FEN:
            raise bad_line(self._number, f"`total_fen` is over {MAX_FEN}", "/total_fen")
        if self._file.read(1):
            raise bad_line(self._number + 1, "stands after the last line")
        self._end = end
