"""The calendar as SQL takes it: parameters, so that an override file needs no table made anew."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from projections.calendar.working_days import CalendarEnds, WorkingCalendar
from projections.errors import ProjectionError


class CalendarTooShort(ProjectionError):
    """A term of working days runs into a year whose holidays are not known."""

    status = 503
    title = "The calendar of working days does not cover this"
    name = "calendar-too-short"

    def __init__(self, ends: CalendarEnds) -> None:
        super().__init__(str(ends), year=ends.year)
        self.year = ends.year


def calendar_parameters(calendar: WorkingCalendar, on: date) -> dict[str, Any]:
    """Return what the SQL text `calendar` takes: the covered years around a day, without a gap.

    Raises CalendarTooShort when the day's own year is not covered.
    """
    if on.year not in calendar.years:
        raise too_short(calendar, on.year)
    first, elapsed = _elapsed(calendar, on.year)
    return {"calendar_from": first, "elapsed": elapsed}


def too_short(calendar: WorkingCalendar, year: int) -> CalendarTooShort:
    """Return the error that says which year is missing and how to supply it."""
    return CalendarTooShort(CalendarEnds(year, calendar.years))


def uncovered_year(calendar: WorkingCalendar, started: date) -> int:
    """Return the year for want of which a term that starts on a day cannot be counted."""
    year = started.year
    while year in calendar.years:
        year += 1
    return year


@lru_cache(maxsize=16)
def _elapsed(calendar: WorkingCalendar, year: int) -> tuple[date, list[int]]:
    first = last = year
    while first - 1 in calendar.years:
        first -= 1
    while last + 1 in calendar.years:
        last += 1
    return date(first, 1, 1), [day.elapsed for day in calendar.days(first, last)]
