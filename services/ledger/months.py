"""Months are `YYYY-MM` strings: they sort, compare and store as themselves."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta

Month = Annotated[
    str,
    Meta(
        pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$(?!\n)",
        min_length=7,
        max_length=7,
        description="A month of the configured zone, YYYY-MM.",
    ),
]
"""A month of the configured zone, `YYYY-MM`."""


@lru_cache(maxsize=4096)
def shift(month: str, by: int) -> str:
    """Return the month `by` months later (earlier, when negative)."""
    index = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def month_of(day: date) -> str:
    """Return the month in which a day lies."""
    return f"{day.year:04d}-{day.month:02d}"


def months_between(first: str, last: str) -> int:
    """Count the months from `first` to `last`, both included; 0 or less when they are reversed."""
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:]) + 1


def today(zone: ZoneInfo) -> date:
    """Return the day that it now is in the configured zone."""
    return datetime.now(zone).date()
