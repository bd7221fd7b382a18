"""Files that somebody gives: read line by line, bounded, and refused with the line and what is wrong.

A value of the file is never repeated: what stands in the wrong place may be an account.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple

from projections.errors import BadFile

MOST_ERRORS = 20
FORMULA_SIGNS = "=+-@\t\r\n＝＋－＠"
"""What a spreadsheet takes for the beginning of a formula, full-width signs included."""

_BOM = "\ufeff"


class Limits(NamedTuple):
    """The bytes that a whole file and one of its lines may have."""

    file: int
    line: int


@dataclass
class Faults:
    """What is wrong in a file, line by line; the first ones are told, all are counted."""

    count: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)

    def add(self, line: int, detail: str) -> None:
        """Note what is wrong in a line."""
        self.count += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append({"line": line, "detail": detail})

    def refuse(self) -> None:
        """Raise BadFile when anything is wrong."""
        if self.count:
            first = self.errors[0]
            more = f" {self.count} faults in all." if self.count > 1 else ""
            raise BadFile(f"Line {first['line']}: {first['detail']}.{more}", self.errors)


def begins_like_a_formula(text: str) -> bool:
    """Tell whether a spreadsheet would take a cell for a formula."""
    return text[:1] in FORMULA_SIGNS and text != ""


def text_lines(source: BinaryIO, limits: Limits) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of a UTF-8 file, without their ends; blank ones are left out.

    Raises BadFile when the file or a line is too large, is not UTF-8, has a NUL, or when the last line
    has no end: half of a file must not pass for a whole one.
    """
    number = size = 0
    while raw := source.readline(limits.line + 1):
        number, size = number + 1, size + len(raw)
        if size > limits.file:
            raise _bad(number, f"the file has more than {limits.file} bytes")
        if len(raw) > limits.line:
            raise _bad(number, f"the line has more than {limits.line} bytes")
        text = _decoded(raw, number)
        if text:
            yield number, text


def _decoded(raw: bytes, number: int) -> str:
    if not raw.endswith(b"\n"):
        raise _bad(number, "the last line has no line end: the file may be cut in half")
    if b"\0" in raw:
        raise _bad(number, "there is a NUL character")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise _bad(number, "the text is not UTF-8") from None
    text = text.removesuffix("\n").removesuffix("\r")
    return text.removeprefix(_BOM) if number == 1 else text


def rows(
    source: BinaryIO, columns: Sequence[str], limits: Limits, faults: Faults
) -> Iterator[tuple[int, list[str]]]:
    """Yield the numbered rows of a CSV file with exactly these columns, named in its first line.

    A row of another width, or with a cell that begins like a formula, is noted in `faults` and left out.
    Raises BadFile when the columns are others.
    """
    lines = text_lines(source, limits)
    number, first = next(lines, (1, ""))
    if _cells(first) != list(columns):
        raise _bad(number, f"the columns must be {','.join(columns)}")
    for number, text in lines:
        cells = _cells(text)
        if cells is None or len(cells) != len(columns):
            faults.add(number, f"there must be {len(columns)} cells: {','.join(columns)}")
        elif formulas := [
            name for name, cell in zip(columns, cells, strict=True) if begins_like_a_formula(cell)
        ]:
            faults.add(number, f"`{formulas[0]}` begins with = + - or @, as a formula does")
        else:
            yield number, cells


def _cells(text: str) -> list[str] | None:
    try:
        return next(csv.reader([text], strict=True), None)
    except csv.Error:
        return None


def _bad(number: int, detail: str) -> BadFile:
    return BadFile(f"Line {number}: {detail}.", [{"line": number, "detail": detail}])
