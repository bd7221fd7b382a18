"""Working days: China's announced exceptions, the override file, and where the calendar ends."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.calendar.working_days import (
    SETTING,
    SHIPPED,
    CalendarDay,
    CalendarEnds,
    CalendarFileError,
    WorkingCalendar,
)

covered_days = st.dates(date(2018, 1, 1), date(2026, 12, 31))


@cache
def china() -> WorkingCalendar:
    return WorkingCalendar.load([SHIPPED])


def written(folder: Path, *lines: str, name: str = "override.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(["day,working", *lines, ""]), encoding="utf-8")
    return path


def refusal(path: Path) -> CalendarFileError:
    with pytest.raises(CalendarFileError) as caught:
        WorkingCalendar.load([SHIPPED, path])
    return caught.value


@pytest.mark.parametrize("day", range(23, 28))
def test_the_spring_festival_week_of_2023_is_off(day: int) -> None:
    assert not china().is_working_day(date(2023, 1, day))


@pytest.mark.parametrize(
    "day",
    [
        "2023-01-28",
        "2023-01-29",
        "2023-10-07",
        "2018-02-11",
        "2020-04-26",
        "2024-02-04",
        "2026-02-14",
    ],
)
def test_make_up_days_on_weekends_are_worked(day: str) -> None:
    assert china().is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    "day", ["2018-10-01", "2020-01-31", "2021-05-05", "2022-10-07", "2025-10-08", "2026-02-23"]
)
def test_public_holidays_on_weekdays_are_off(day: str) -> None:
    assert not china().is_working_day(date.fromisoformat(day))


def test_other_days_follow_the_week() -> None:
    week = [china().is_working_day(date(2023, 3, day)) for day in range(6, 13)]
    assert week == [True] * 5 + [False] * 2


def test_ten_working_days_run_over_the_spring_festival() -> None:
    # Given an emergency that ended on Wednesday 2023-01-18: 19 and 20, then 28 and 29 as make-up
    # days, 30 to 3 February, and Monday the 6th.
    assert china().add_working_days(date(2023, 1, 18), 10) == date(2023, 2, 6)
    assert china().working_days_between(date(2023, 1, 18), date(2023, 2, 6)) == 10


def test_no_working_days_later_is_the_same_day_even_when_it_is_off() -> None:
    assert china().add_working_days(date(2023, 1, 23), 0) == date(2023, 1, 23)


def test_a_term_is_never_negative() -> None:
    with pytest.raises(ValueError, match="-1 working days"):
        china().add_working_days(date(2023, 1, 18), -1)


@given(st.dates(date(2018, 1, 1), date(2026, 6, 30)), st.integers(1, 60))
def test_the_end_of_a_term_is_worked_and_that_many_working_days_away(day: date, n: int) -> None:
    end = china().add_working_days(day, n)
    assert china().is_working_day(end)
    assert china().working_days_between(day, end) == n
    assert china().working_days_between(end, day) == -n


@given(covered_days, covered_days, covered_days)
def test_working_days_add_up_over_any_day_between(a: date, b: date, c: date) -> None:
    between = china().working_days_between
    assert between(a, b) + between(b, c) == between(a, c)


@pytest.mark.parametrize("day", [date(2017, 12, 29), date(2027, 1, 1)])
def test_a_day_of_a_year_not_covered_is_refused_and_not_guessed(day: date) -> None:
    with pytest.raises(CalendarEnds) as caught:
        china().is_working_day(day)
    assert caught.value.year == day.year
    assert SETTING in str(caught.value)
    assert f"the line {day.year},covered" in str(caught.value)


def test_a_term_that_runs_past_the_last_year_is_refused() -> None:
    assert china().add_working_days(date(2026, 12, 30), 1) == date(2026, 12, 31)
    with pytest.raises(CalendarEnds, match="does not cover 2027"):
        china().add_working_days(date(2026, 12, 30), 2)
    with pytest.raises(CalendarEnds, match="does not cover 2027"):
        china().working_days_between(date(2026, 12, 30), date(2027, 1, 4))


def test_a_day_outside_is_refused_even_when_no_day_is_counted() -> None:
    with pytest.raises(CalendarEnds):
        china().add_working_days(date(2027, 1, 4), 0)
    with pytest.raises(CalendarEnds):
        china().working_days_between(date(2016, 12, 31), date(2016, 12, 31))


def test_a_gap_between_covered_years_is_not_counted_over(tmp_path: Path) -> None:
    calendar = WorkingCalendar.load([written(tmp_path, "2020,covered", "2022,covered")])
    with pytest.raises(CalendarEnds, match="does not cover 2021"):
        calendar.working_days_between(date(2020, 12, 1), date(2022, 1, 31))


def test_an_override_adds_a_year(tmp_path: Path) -> None:
    path = written(tmp_path, "2027,covered", "2027-01-01,0", "2027-01-03,1")
    calendar = WorkingCalendar.load([SHIPPED, path])
    assert calendar.years == frozenset(range(2018, 2028))
    assert calendar.add_working_days(date(2026, 12, 31), 1) == date(2027, 1, 3)


def test_an_override_outweighs_the_shipped_file_day_by_day(tmp_path: Path) -> None:
    path = written(tmp_path, "2023-01-27,1", "2023-01-30,0")
    calendar = WorkingCalendar.load([SHIPPED, path])
    assert calendar.is_working_day(date(2023, 1, 27))
    assert not calendar.is_working_day(date(2023, 1, 30))
    assert not calendar.is_working_day(date(2023, 1, 26))


def test_another_country_uses_its_own_file_alone(tmp_path: Path) -> None:
    calendar = WorkingCalendar.load([written(tmp_path, "2023,covered", "2023-12-25,0")])
    assert calendar.is_working_day(date(2023, 1, 23))
    assert list(calendar.exceptions()) == [(date(2023, 12, 25), False)]


def test_a_file_from_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "override.csv"
    path.write_bytes(b"\xef\xbb\xbfday,working\r\n2027,covered\r\n2027-01-01,0\r\n")
    assert not WorkingCalendar.load([path]).is_working_day(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2023-02-29,0", "no such day as 2023-02-29"),
        ("2023-01-03,2", "neither YYYY-MM-DD,0"),
        ("20230103,0", "neither YYYY-MM-DD,0"),
        ("2027,yes", "neither YYYY-MM-DD,0"),
        ("2023-01-03", "neither YYYY-MM-DD,0"),
        ("", "neither YYYY-MM-DD,0"),
        ("2023-01-02,1", "2023-01-02 stands in line 2 already"),
        ("2027-01-01,0", "2027-01-01 lies in a year that no line 2027,covered covers"),
        ('"2027,covered', "not CSV in UTF-8"),
    ],
)
def test_a_bad_line_of_an_override_is_named(tmp_path: Path, line: str, reason: str) -> None:
    error = refusal(written(tmp_path, "2023-01-02,0", line))
    assert error.reason.startswith(reason)
    assert str(error).startswith(f"{error.path}, line {error.line}: ")
    assert error.line >= 3


def test_an_override_without_its_header_or_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "override.csv"
    for content in (b"", b"2027,covered\n", "day,working\n春节,0\n".encode("gb18030")):
        path.write_bytes(content)
        assert refusal(path).path == path


def test_an_override_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        WorkingCalendar.load([SHIPPED, tmp_path / "missing.csv"])


def test_exceptions_are_only_the_days_unlike_their_weekday(tmp_path: Path) -> None:
    path = written(tmp_path, "2023,covered", "2023-01-01,0", "2023-01-29,1", "2023-01-23,0")
    exceptions = list(WorkingCalendar.load([path]).exceptions())
    assert exceptions == [(date(2023, 1, 23), False), (date(2023, 1, 29), True)]


def test_rows_for_sql_hold_every_day_with_a_running_count() -> None:
    rows = list(china().days(2022, 2023))
    assert [row.day for row in rows] == [date(2022, 1, 1) + timedelta(n) for n in range(730)]
    assert rows[0] == CalendarDay(date(2022, 1, 1), False, 0)
    elapsed = {row.day: row.elapsed for row in rows}
    assert elapsed[date(2023, 2, 6)] - elapsed[date(2023, 1, 18)] == 10
    assert all(row.working == china().is_working_day(row.day) for row in rows)


def test_rows_for_sql_stop_at_the_years_covered_before_the_first_row() -> None:
    with pytest.raises(CalendarEnds, match="does not cover 2027"):
        china().days(2026, 2027)


# How many days each year's announcement moves; see the calendar's README.
@pytest.mark.parametrize(
    ("year", "off", "made_up"),
    [
        (2018, 18, 7),
        (2019, 17, 6),
        (2020, 19, 6),
        (2021, 18, 7),
        (2022, 18, 7),
        (2023, 18, 7),
        (2024, 19, 8),
        (2025, 18, 5),
        (2026, 19, 6),
    ],
)
def test_the_shipped_years_are_whole(year: int, off: int, made_up: int) -> None:
    flags = [working for day, working in china().exceptions() if day.year == year]
    assert (flags.count(False), flags.count(True)) == (off, made_up)
