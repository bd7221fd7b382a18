"""The senders: which service may send which command or signal, for which areas."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import psycopg

from ledger.errors import LedgerError, NotAllowed
from ledger.fact import BY_COMMAND
from ledger.signals.shapes import BY_SIGNAL
from ledger.store.queries import query

HERE = "ledger.inbound"
COLUMNS = ["sender", "kind", "name", "area"]
ALL = "*"
SIGNALS = frozenset(kind.name for kind in BY_SIGNAL.values())
_AREA = re.compile(r"([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})?", re.ASCII)


class Right(NamedTuple):
    """A sender may send commands or signals of a name (* for all) for areas with a prefix ('' for all)."""

    sender: str
    kind: str
    name: str
    area: str


class SendersFileError(LedgerError):
    """A file of senders cannot be read; nothing of it was loaded."""

    status = 422
    name = "senders-file"


class Senders:
    """The rights, as they were loaded last."""

    def __init__(self, rights: Iterable[Right]) -> None:
        self._areas: dict[tuple[str, str, str], set[str]] = {}
        for right in rights:
            self._areas.setdefault(right[:3], set()).add(right.area)

    def areas(self, sender: str, kind: str, name: str) -> tuple[str, ...]:
        """Return the prefixes of the areas for which a sender may send this; NotAllowed when for none."""
        found = {area for of in (name, ALL) for area in self._areas.get((sender, kind, of), ())}
        if not found:
            raise NotAllowed(
                f"{sender} may not send {name}. The ledger's table of senders says who may send what: "
                "`assistance senders list`."
            )
        return tuple(sorted(found))


def read_senders(lines: Iterable[str]) -> list[Right]:
    """Read a CSV file with the columns sender,kind,name,area; SendersFileError names a bad line."""
    rows = csv.reader(lines)
    try:
        if next(rows, None) != COLUMNS:
            raise SendersFileError(f"Line 1: the columns are {','.join(COLUMNS)}.")
        return [_right(number, row) for number, row in enumerate(rows, 2) if row]
    except UnicodeDecodeError:
        raise SendersFileError("The file is not UTF-8: save it as such.") from None


def _right(number: int, row: Sequence[str]) -> Right:
    if len(row) != len(COLUMNS):
        raise SendersFileError(f"Line {number}: there are {len(COLUMNS)} columns.")
    right = Right(*row)
    if not right.sender or right.kind not in ("command", "signal"):
        raise SendersFileError(f"Line {number}: a sender and `command` or `signal` are needed.")
    if right.kind == "command" and right.name != ALL and right.name not in BY_COMMAND:
        raise SendersFileError(f"Line {number}: {right.name} is no command; * stands for all.")
    if right.kind == "signal" and right.name != ALL and right.name not in SIGNALS:
        raise SendersFileError(f"Line {number}: {right.name} is no signal; * stands for all.")
    if not _AREA.fullmatch(right.area):
        raise SendersFileError(
            f"Line {number}: an area has 2, 4, 6, 9 or 12 digits; none at all stands for all areas."
        )
    return right


def stored(connection: psycopg.Connection[Any]) -> list[Right]:
    """Return the rights that are loaded, in order."""
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        return [Right(*row) for row in cursor.execute(query("rights", HERE)).fetchall()]


def load(connection: psycopg.Connection[Any], rights: Sequence[Right]) -> int:
    """Put rights in the place of all that were loaded before; return how many there are."""
    columns = zip(*rights, strict=True) if rights else ([], [], [], [])
    named = dict(zip(("senders", "kinds", "names", "areas"), map(list, columns), strict=True))
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        row = cursor.execute(query("load_senders", HERE), named).fetchone()
    return int(row[0]) if row else 0
