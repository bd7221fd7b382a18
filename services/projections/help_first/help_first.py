"""Help-first grants and their paperwork, as known at a position and as things stood on a day.

Help comes first and the paperwork follows (Law 50): from the end of the emergency the clock runs in
working days, by the policy help_first.paperwork_working_days of the area. A grant is in one state:

    emergency     the emergency goes on
    outstanding   it has ended, the paperwork is due
    completed     the paperwork is done
    converted     the recipients were enrolled
    unjustified   the check afterwards found that the aid, or part of it, was not due

Amounts are fen, instalments included; goods count by their value and stand apart from cash.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from projections.areas import area_of
from projections.calendar.elapsed import calendar_parameters, too_short, uncovered_year
from projections.database import Row
from projections.projections import AsOf, Projections

State = Literal["emergency", "outstanding", "completed", "converted", "unjustified"]


@dataclass(frozen=True)
class Asked:
    """The day on which grants are looked at, and the area in which the emergencies happened."""

    on: date
    area: str | None = None


def asked(projections: Projections, on: date | None = None, area: str | None = None) -> Asked:
    """Return what is asked: a day, by default today, and an area's prefix; BadParameter."""
    return Asked(on or projections.today(), area_of(area))


def outstanding(
    projections: Projections,
    asked: Asked,
    as_of: AsOf,
    *,
    after: tuple[date, UUID] | None = None,
    limit: int | None = None,
) -> Iterator[Row]:
    """Yield the grants whose paperwork is due, the earliest due day first.

    Each has due_on and overdue_working_days (0 until the due day has passed). Raises
    CalendarTooShort when a term leaves the years that the calendar covers.
    """
    return grants(projections, asked, as_of, state="outstanding", after=after, limit=limit)


def grants(
    projections: Projections,
    asked: Asked,
    as_of: AsOf,
    *,
    state: State | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int | None = None,
) -> Iterator[Row]:
    """Yield help-first grants by the day on which they were granted, of one state or of all.

    `sort_day` and `grant_id` of the last row are the `after` of the next page. Raises
    CalendarTooShort.
    """
    day, grant = after or (None, None)
    parameters = _parameters(projections, asked, as_of) | {
        "state": state,
        "after_day": day,
        "after_grant": grant,
        "limit": limit,
    }
    for row in projections.stream("help_first", "grants", parameters):
        if not row.pop("counted"):
            raise too_short(
                projections.calendar, uncovered_year(projections.calendar, row["ended_on"])
            )
        yield row


def counts(projections: Projections, asked: Asked, as_of: AsOf) -> list[Row]:
    """Return, by state, how many grants, recipients, overdue ones and fen; CalendarTooShort."""
    rows = projections.rows(
        "help_first", "counts", _parameters(projections, asked, as_of), many=True
    )
    for row in rows:
        ended_on = row.pop("uncounted")
        if ended_on is not None:
            raise too_short(projections.calendar, uncovered_year(projections.calendar, ended_on))
    return rows


def _parameters(projections: Projections, asked: Asked, as_of: AsOf) -> dict[str, Any]:
    return {
        "position": as_of.position,
        "on": asked.on,
        "last": asked.on.replace(day=1),
        "area": asked.area,
        "programme": None,
    } | calendar_parameters(projections.calendar, asked.on)
