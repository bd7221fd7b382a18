"""What a payment system says of one line, and how its parts are read: strictly, by pattern."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

MOST_FEN = 10**13
STATUSES = {status: status for status in ("succ", "rjct", "pdng", "returned")}
FAILED = ("rjct", "returned")

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_CODE = re.compile(r"[a-z0-9_.\-]{1,60}", re.ASCII)
TWO_DECIMALS = re.compile(r"([0-9]{1,12})\.([0-9]{2})", re.ASCII)
ONE_OR_TWO_DECIMALS = re.compile(r"([0-9]{1,13})\.([0-9]{1,2})", re.ASCII)


class Wrong(Exception):
    """A part of a line is not as it must be; the message says what, without the value."""


class Result(NamedTuple):
    """What became of one line: succ, rjct, pdng or returned; `reason` of what failed, a code.

    `line` is the number of the line in the file that said so.
    """

    line: int
    reference_id: UUID
    status: str
    amount_fen: int
    at: datetime | None = None
    reason: str | None = None


def reference(value: Any) -> UUID:
    """Read a line's reference id."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Wrong("`reference_id` is not the id of a line")
    return UUID(value)


def status(value: Any, known: Mapping[str, str] = STATUSES) -> str:
    """Read a status; `known` says which there are, and what they are called here."""
    if not isinstance(value, str) or value not in known:
        raise Wrong(f"`status` must be one of {', '.join(known)}")
    return known[value]


def yuan(value: Any, pattern: re.Pattern[str], name: str = "amount") -> int:
    """Read an amount in yuan as fen: ASCII digits and a point, nothing else."""
    found = pattern.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Wrong(f"`{name}` must be yuan with decimals, written like 1290.00")
    return _bounded(int(found[1]) * 100 + int(found[2].ljust(2, "0")), name)


def fen(value: Any) -> int:
    """Read an amount in fen, an integer."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Wrong("`amount_fen` must be an integer, not below zero")
    return _bounded(value, "amount_fen")


def _bounded(amount: int, name: str) -> int:
    if amount > MOST_FEN:
        raise Wrong(f"`{name}` is more than a hundred billion yuan")
    return amount


def instant(value: Any, name: str) -> datetime:
    """Read an instant with its zone, as UTC."""
    try:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise ValueError(name)
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Wrong(f"`{name}` must be an instant with a zone, like 2026-08-15T02:00:00Z") from None


def reason(value: Any, said: str, name: str = "reason") -> str | None:
    """Read the reason of what failed; what a system says of a success is left out."""
    if said not in FAILED:
        return None
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise Wrong(
            f"`{name}` must say why it is {said}: a code of small letters, digits and _ . -, at most 60"
        )
    return value
