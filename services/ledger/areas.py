"""Areas are codes of digits; a longer code lies inside every shorter one that it begins with.

Nothing here knows a country: only digits and the lengths in `LEVELS` are presumed. Which codes
exist is reference data, read with `read_areas`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

Level = Literal["province", "prefecture", "county", "town", "village"]
"""How far down an area lies, whatever its country calls it."""

LEVELS: Final[Mapping[int, Level]] = MappingProxyType(
    {2: "province", 4: "prefecture", 6: "county", 9: "town", 12: "village"}
)
"""The level that each length of a code, in digits, stands for; from widest to nearest."""

COLUMNS: Final = ["code", "name", "kind"]
"""The header of a file of areas."""


class AreaLine(NamedTuple):
    """An area as a file names it; `kind` is the word of its own country for such an area."""

    code: str
    name: str
    kind: str


class AreaFileError(ValueError):
    """A file of areas cannot be read: says the line (counted from 1) and what is wrong with it."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"Line {line} of the file of areas: {reason}.")
        self.line = line
        self.reason = reason


def is_area_code(code: str) -> bool:
    """Tell whether `code` has the form of an area code; not whether such an area exists."""
    return len(code) in LEVELS and code.isascii() and code.isdigit()


@lru_cache(maxsize=65536)
def enclosing(code: str) -> tuple[str, ...]:
    """Return the codes that `code` lies in, nearest to widest, itself first.

    Rules look standards and policies up in this order. Raises ValueError for what is no code.
    """
    _check(code)
    # The wider codes come from the cache too, so that all villages of a town share its strings.
    wider = max((length for length in LEVELS if length < len(code)), default=None)
    return (code,) if wider is None else (code, *enclosing(code[:wider]))


def lies_in(code: str, prefix: str) -> bool:
    """Tell whether the area `code` is the area `prefix` or lies inside it.

    `code` must be an area code; a `prefix` of another length than a level's holds nothing.
    """
    return len(prefix) in LEVELS and code.startswith(prefix)


def level(code: str) -> Level:
    """Return the level that the length of `code` stands for; ValueError for what is no code."""
    _check(code)
    return LEVELS[len(code)]


def read_areas(lines: Iterable[str]) -> Iterator[AreaLine]:
    """Yield the areas of a CSV file with the header `code,name,kind`, in the file's order.

    Reads line by line and keeps only the codes seen. Raises AreaFileError at the first line that
    cannot be used; what came before it has been yielded, so load inside one transaction.
    """
    reader = csv.reader(lines, strict=True)
    seen: set[str] = set()
    try:
        _check_header(next(reader, []))
        for row in reader:
            area = _area(row, reader.line_num)
            if area.code in seen:
                raise AreaFileError(reader.line_num, f"the code {area.code} came before")
            seen.add(area.code)
            yield area
    except csv.Error as error:
        raise AreaFileError(reader.line_num, f"not CSV ({error})") from error
    except UnicodeDecodeError as error:
        raise AreaFileError(reader.line_num + 1, "not UTF-8, here or further on") from error


def _check(code: str) -> None:
    if not is_area_code(code):
        raise ValueError(f"{code!r} is no area code: {_lengths()} digits are.")


def _lengths() -> str:
    *shorter, longest = LEVELS
    return f"{', '.join(map(str, shorter))} or {longest}"


def _check_header(header: list[str]) -> None:
    # Spreadsheets begin a UTF-8 file with a byte order mark; it is no part of the first name.
    if [column.removeprefix("\ufeff") for column in header] != COLUMNS:
        raise AreaFileError(1, f"the header must be {','.join(COLUMNS)}")


def _area(row: list[str], line: int) -> AreaLine:
    if len(row) != len(COLUMNS):
        raise AreaFileError(line, f"{len(COLUMNS)} columns are due, found {len(row)}")
    code, name, kind = row
    if not is_area_code(code):
        raise AreaFileError(line, f"the code {code[:20]!r} must have {_lengths()} digits")
    for column, text in (("name", name), ("kind", kind)):
        if not text.strip():
            raise AreaFileError(line, f"the {column} of {code} is empty")
        if not text.isprintable():
            raise AreaFileError(line, f"the {column} of {code} has a control character")
    return AreaLine(code, name.strip(), kind.strip())
