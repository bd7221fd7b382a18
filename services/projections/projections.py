"""What every question shares: the position it answers as of, the day it now is, months as written.

The command line and the HTTP routes ask through the same functions: a folder's Python takes
`Projections` and an `AsOf`, runs the folder's SQL and returns plain rows.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row

from projections import sql
from projections.calendar.working_days import SHIPPED, WorkingCalendar
from projections.database import Database, Row
from projections.errors import BadParameter, NotInstalled, NotYetProjected

POLL_SECONDS = 0.02
POSITION = (
    "select coalesce((select min(position) from projections.partitions),"
    " (select min(position) from projections.positions))"
)
"""Up to where everything is projected: from Kafka, what all partitions have reached."""

_MONTH = re.compile(r"(19|20)[0-9]{2}-[0-9]{2}", re.ASCII)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class AsOf:
    """The position up to which facts are known to an answer: asking again gives the same answer."""

    position: int


class Projections:
    """The projections as they can be asked.

    Days and months are those of `zone`; `wait_seconds` bounds the wait for a position;
    `workdays_file` adds to the working days that ship; `source` is the cell's name.
    """

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo = SHANGHAI,
        wait_seconds: float = 2.0,
        workdays_file: Path | None = None,
        source: str = "cell-1",
    ) -> None:
        self.database = database
        self.zone = zone
        self.source = source
        self._wait_seconds = wait_seconds
        self._workdays_file = workdays_file

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """The working days: those that ship, with what the override file says over them."""
        return WorkingCalendar.load([SHIPPED, *filter(None, [self._workdays_file])])

    def today(self) -> date:
        """Return the day that it now is in the configured zone."""
        return datetime.now(self.zone).date()

    def position(self) -> int:
        """Return the position of the last fact projected; NotInstalled without schemas."""
        with self.database.reading() as connection:
            try:
                row = connection.execute(POSITION).fetchone()
            except psycopg.errors.UndefinedTable:
                row = None
        if row is None or row[0] is None:
            raise NotInstalled(
                "The projections are not made yet; start the runner, or install them."
            )
        return int(row[0])

    def wait_for(self, position: int) -> int:
        """Wait a bounded time until a position is projected; raise NotYetProjected when it is not."""
        deadline = time.monotonic() + self._wait_seconds
        while (reached := self.position()) < position:
            if time.monotonic() >= deadline:
                raise NotYetProjected(position, reached)
            time.sleep(POLL_SECONDS)
        return reached

    def as_of(
        self,
        *,
        position: int | None = None,
        known_at: datetime | None = None,
        min_position: int | None = None,
    ) -> AsOf:
        """Return what is known at a position, or at an instant, or now.

        `known_at` means: up to the last fact recorded at or before it. `min_position` waits a bounded
        time. Raises BadParameter when both position and known_at are given, NotYetProjected when the
        position is ahead of the projections.
        """
        if position is not None and known_at is not None:
            raise BadParameter("Give `position` or `known_at`, not both.")
        reached = self.wait_for(max(min_position or 0, position or 0))
        if position is not None:
            return AsOf(position)
        return AsOf(reached if known_at is None else min(reached, self._known_at(known_at)))

    def _known_at(self, instant: datetime) -> int:
        if instant.tzinfo is None:
            raise BadParameter("`known_at` needs a zone, for example 2026-07-01T00:00:00Z.")
        with self.database.reading() as connection:
            row = connection.execute(
                sql.query("register", "position_at"), {"instant": instant}
            ).fetchone()
        return int(row[0]) if row else 0

    def rows(
        self, folder: str, name: str, parameters: Mapping[str, Any], *, many: bool = False
    ) -> list[Row]:
        """Run a folder's named text and return all rows."""
        with (
            self.database.reading(many=many) as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            text = sql.query(folder, name)
            return cursor.execute(text, parameters, prepare=not many).fetchall()

    def stream(
        self, folder: str, name: str, parameters: Mapping[str, Any], *, many: bool = True
    ) -> Iterator[Row]:
        """Run a folder's named text and yield its rows as they come, however many there are."""
        with (
            self.database.reading(many=many) as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            yield from cursor.stream(sql.query(folder, name), parameters)


def first_of_month(month: str, name: str = "month") -> date:
    """Return the first day of a month written YYYY-MM; BadParameter names the parameter."""
    try:
        if not _MONTH.fullmatch(month):
            raise ValueError(month)
        return date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise BadParameter(f"`{name}` must be a month, YYYY-MM.", parameter=name) from error


def day_of(text: str, name: str) -> date:
    """Return a day written YYYY-MM-DD; BadParameter names the parameter."""
    try:
        if len(text) != 10:
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadParameter(f"`{name}` must be a day, YYYY-MM-DD.", parameter=name) from error


def month_text(day: date) -> str:
    """Write a month's first day as YYYY-MM."""
    return f"{day.year:04d}-{day.month:02d}"


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
