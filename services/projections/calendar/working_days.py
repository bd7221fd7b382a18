"""Working days, by which the law's clocks run: the paperwork after help-first, decisions, notices.

A day of Monday to Friday is worked and a weekend is not, but for the exceptions of a year that a
government announces shortly before it begins. A year without its announcement cannot be counted,
so every question about one raises `CalendarEnds` instead of guessing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final, NamedTuple

SHIPPED: Final = Path(__file__).with_name("workdays-cn.csv")
"""China's exceptions of the years that were announced when this version was made."""

SETTING: Final = "ASSISTANCE_WORKDAYS_FILE"
"""The setting that names the override file; errors tell it to the reader."""

_HEADER: Final = ["day", "working"]
_COVERED: Final = "covered"
_WORKING: Final = {"0": False, "1": True}
_YEAR: Final = re.compile(r"(19|20)[0-9]{2}", re.ASCII)
_DAY: Final = re.compile(r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SATURDAY: Final = 5
_ONE_DAY: Final = timedelta(days=1)


class CalendarEnds(LookupError):
    """A day lies in a year whose holidays are not known: says the year and what to supply."""

    def __init__(self, year: int, years: Iterable[int]) -> None:
        known = ", ".join(map(str, sorted(years))) or "no year"
        super().__init__(
            f"The calendar of working days does not cover {year} (it covers {known}). Set {SETTING}"
            f" to a CSV file {','.join(_HEADER)} with the line {year},{_COVERED} and a line for"
            f" each exception of {year}: 0 for a holiday on a weekday, 1 for a working weekend day."
        )
        self.year = year


class CalendarFileError(ValueError):
    """A file of exceptions cannot be read: says the file, the line (from 1) and what is wrong."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}, line {line}: {reason}.")
        self.path = path
        self.line = line
        self.reason = reason


class CalendarDay(NamedTuple):
    """A day as a row for SQL.

    `elapsed` is the number of working days from the first day asked for up to this one, included:
    the working days after a, up to and including b, are elapsed(b) - elapsed(a).
    """

    day: date
    working: bool
    elapsed: int


class WorkingCalendar:
    """Which days are worked, in the years that it covers; any other day is refused."""

    def __init__(self, exceptions: dict[date, bool], years: Iterable[int]) -> None:
        self.years = frozenset(years)
        self._exceptions = {
            day: working for day, working in exceptions.items() if working is not _by_weekday(day)
        }

    @classmethod
    def load(cls, paths: Iterable[Path] = (SHIPPED,)) -> WorkingCalendar:
        """Read files of exceptions; what a later file says of a day outweighs an earlier one.

        An override goes behind the shipped file: `load([SHIPPED, override])`; another country's
        file goes alone. Raises CalendarFileError, and OSError for a file that cannot be opened.
        """
        exceptions: dict[date, bool] = {}
        years: set[int] = set()
        for path in paths:
            read = _File(path)
            years |= read.years
            _refuse_uncovered(read, years)
            exceptions |= read.exceptions
        return cls(exceptions, years)

    def is_working_day(self, day: date) -> bool:
        """Tell whether `day` is worked; CalendarEnds when its year is not covered."""
        self._check(day.year)
        return self._exceptions.get(day, _by_weekday(day))

    def add_working_days(self, day: date, n: int) -> date:
        """Return the n-th working day after `day`, the last day of a term that `day` starts.

        `day` itself is not counted; n = 0 gives `day`. Raises CalendarEnds when the term runs into
        a year that is not covered, ValueError when n is negative.
        """
        if n < 0:
            raise ValueError(f"A term of {n} working days cannot be: give 0 or more.")
        self._check(day.year)
        while n:
            day += _ONE_DAY
            n -= self.is_working_day(day)
        return day

    def working_days_between(self, a: date, b: date) -> int:
        """Count the working days after `a`, up to and including `b`; negative when b is before a.

        So `working_days_between(day, add_working_days(day, n)) == n`. Raises CalendarEnds.
        """
        if b < a:
            return -self.working_days_between(b, a)
        self._check(a.year)
        days = range(a.toordinal() + 1, b.toordinal() + 1)
        return sum(self.is_working_day(date.fromordinal(each)) for each in days)

    def exceptions(self) -> Iterator[tuple[date, bool]]:
        """Yield each day that is not as its weekday says, and whether it is worked, by date."""
        yield from sorted(self._exceptions.items())

    def days(self, from_year: int, to_year: int) -> Iterator[CalendarDay]:
        """Yield every day of the years, both included, in order: rows for a table.

        Raises CalendarEnds before the first row when one of the years is not covered.
        """
        for year in range(from_year, to_year + 1):
            self._check(year)
        return self._rows(date(from_year, 1, 1), date(to_year, 12, 31))

    def _rows(self, first: date, last: date) -> Iterator[CalendarDay]:
        elapsed = 0
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            working = self.is_working_day(day)
            elapsed += working
            yield CalendarDay(day, working, elapsed)

    def _check(self, year: int) -> None:
        if year not in self.years:
            raise CalendarEnds(year, self.years)


def _by_weekday(day: date) -> bool:
    return day.weekday() < _SATURDAY


def _refuse_uncovered(read: _File, years: set[int]) -> None:
    """Refuse an exception of a year that is not covered: half a year's holidays count wrongly."""
    for day, line in read.lines.items():
        if day.year not in years:
            reason = f"{day} lies in a year that no line {day.year},{_COVERED} covers"
            raise CalendarFileError(read.path, line, reason)


class _File:
    """One file of exceptions: the years it covers, and each day with the line that names it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.years: set[int] = set()
        self.exceptions: dict[date, bool] = {}
        self.lines: dict[date, int] = {}
        # Spreadsheets begin a UTF-8 file with a byte order mark; it is no part of the header.
        with path.open(encoding="utf-8-sig", newline="") as lines:
            self._read(lines)

    def _read(self, lines: Iterable[str]) -> None:
        reader = csv.reader(lines, strict=True)
        try:
            if next(reader, None) != _HEADER:
                raise CalendarFileError(self.path, 1, f"the header must be {','.join(_HEADER)}")
            for row in reader:
                self._take(row, reader.line_num)
        except (csv.Error, UnicodeDecodeError) as error:
            reason = f"not CSV in UTF-8 ({error})"
            raise CalendarFileError(self.path, reader.line_num, reason) from error

    def _take(self, row: list[str], line: int) -> None:
        match row:
            case [year, word] if word == _COVERED and _YEAR.fullmatch(year):
                self.years.add(int(year))
            case [day, flag] if flag in _WORKING and _DAY.fullmatch(day):
                self._except(self._day(day, line), _WORKING[flag], line)
            case _:
                reason = f"neither YYYY-MM-DD,0 nor YYYY-MM-DD,1 nor YYYY,{_COVERED}"
                raise CalendarFileError(self.path, line, reason)

    def _day(self, text: str, line: int) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise CalendarFileError(self.path, line, f"no such day as {text}") from error

    def _except(self, day: date, working: bool, line: int) -> None:
        if day in self.exceptions:
            reason = f"{day} stands in line {self.lines[day]} already"
            raise CalendarFileError(self.path, line, reason)
        self.exceptions[day] = working
        self.lines[day] = line
