"""Payment totals, and the lines behind each figure.

A line is one household and month on a basic roll: N members in the income test, c covered, income,
standard and the amount to which they are entitled, all in fen a month, by the rules of the standard in
force (Law 18, 20, 21). Area grants and help-first have their own heads and are in no figure here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple
from uuid import UUID

from projections.database import Row
from projections.errors import BadParameter
from projections.projections import (
    AsOf,
    Projections,
    day_of,
    first_of_month,
    month_text,
    next_month,
)

Level = Literal["province", "prefecture", "county", "town", "village"]
Measure = Literal["listed", "paid"]
DIGITS: dict[str, int] = {"province": 2, "prefecture": 4, "county": 6, "town": 9, "village": 12}
PROGRAMMES = ("dibao", "dibao.urban", "dibao.rural", "tekun", "tekun.urban", "tekun.rural")
MOST_MONTHS = 600
HOUSEHOLDS_AT_ONCE = 200


@dataclass(frozen=True)
class Scope:
    """What a question is about: months, both included, and optionally an area and a programme.

    A shorter area code takes in every code inside it; `dibao` takes in its urban and rural kinds.
    """

    first: date
    last: date
    area: str | None = None
    programme: str | None = None

    def parameters(self, as_of: AsOf) -> dict[str, Any]:
        """Return the parameters that every text with `lines` takes."""
        return {
            "first": self.first,
            "last": self.last,
            "area": self.area,
            "programme": self.programme,
            "position": as_of.position,
        }


def is_area(code: str) -> bool:
    """Tell whether a text is an area's code: of 2, 4, 6, 9 or 12 digits."""
    return code.isascii() and code.isdigit() and len(code) in DIGITS.values()


def scope(first: str, last: str, area: str | None = None, programme: str | None = None) -> Scope:
    """Read a scope: months YYYY-MM, an area's code, a programme; BadParameter says what is wrong."""
    begin, end = first_of_month(first, "from"), first_of_month(last, "to")
    months = (end.year - begin.year) * 12 + end.month - begin.month + 1
    if not 1 <= months <= MOST_MONTHS:
        raise BadParameter(
            f"`from` must not be after `to`, and at most {MOST_MONTHS} months lie between."
        )
    if area is not None and not is_area(area):
        raise BadParameter("`area` must have 2, 4, 6, 9 or 12 digits.", parameter="area")
    if programme is not None and programme not in PROGRAMMES:
        raise BadParameter(
            f"`programme` must be one of {', '.join(PROGRAMMES)}.", parameter="programme"
        )
    return Scope(begin, end, area, programme)


def scope_or_month(
    today: Callable[[], date],
    first: str | None,
    last: str | None,
    effective_on: str | None,
    area: str | None,
    programme: str | None,
) -> Scope:
    """Read a scope from `from` and `to`, or from a day, by default today: the month in which it lies."""
    if effective_on is not None and (first or last):
        raise BadParameter("Give `from` and `to`, or `effective_on`, not both.")
    if first is None and last is None:
        day = today() if effective_on is None else day_of(effective_on, "effective_on")
        first = last = month_text(day)
    return scope(first or last or "", last or first or "", area, programme)


def totals(
    projections: Projections,
    scope: Scope,
    as_of: AsOf,
    *,
    by_month: bool = False,
    by_programme: bool = False,
    by_level: Level | None = None,
) -> list[Row]:
    """Return the totals of a scope, one row a group; without groups one row.

    households and persons are distinct over the months of a row; person_times are covered heads summed
    over the months; household_months are lines. Three measures in fen, never mixed: entitled_fen by the
    rules; listed_fen on monthly lists that were not rejected or cancelled; paid_fen of it as payment
    systems reported. Each counts for the month that it is for.
    """
    groups = {"by_month": by_month, "by_programme": by_programme}
    digits = None if by_level is None else DIGITS[by_level]
    parameters = scope.parameters(as_of) | groups | {"digits": digits}
    rows = projections.rows("totals", "totals", parameters, many=True)
    if rows or by_month or by_programme or by_level:
        return rows
    return [
        {"month": None, "area": None, "programme": None, "households": 0, "persons": 0,
         "person_times": 0, "household_months": 0, "entitled_fen": 0, "listed_fen": 0, "paid_fen": 0}
    ]  # fmt: skip


def lines(projections: Projections, scope: Scope, as_of: AsOf) -> Iterator[Row]:
    """Yield all lines behind the totals, in order of month and household.

    base_fen and supplements_fen are exact to four decimals, before rounding; members are those in
    the income test, covered those covered of them; `standard` is the id of the fact that adopted it.
    """
    return projections.stream("totals", "lines", scope.parameters(as_of))


def page_of_lines(
    projections: Projections,
    scope: Scope,
    as_of: AsOf,
    after: tuple[date, UUID] | None = None,
    limit: int = 100,
) -> list[Row]:
    """Return the first lines, or those after a given month and household, at most `limit`.

    Only a few households are computed at a time, so that a page costs little in a large area.
    """
    found: list[Row] = []
    month, household = after or (scope.first, None)
    while month <= scope.last and len(found) < limit:
        parameters = scope.parameters(as_of) | {"first": month, "last": month}
        asked = parameters | {"after": household, "many": HOUSEHOLDS_AT_ONCE}
        households = [
            row["household"] for row in projections.rows("totals", "next_households", asked)
        ]
        asked = parameters | {"households": households}
        found += projections.rows("totals", "lines_of_households", asked)
        if len(households) == HOUSEHOLDS_AT_ONCE:
            household = households[-1]
        else:
            month, household = next_month(month), None
    return found[:limit]


class ListedAfter(NamedTuple):
    """The last line of a page of what was listed or paid."""

    month: date
    household: UUID
    list: UUID


def lines_listed(
    projections: Projections, scope: Scope, as_of: AsOf, measure: Measure
) -> Iterator[Row]:
    """Yield the lines behind listed_fen or paid_fen: (month, household, list), area, programme, fen.

    A line is the part of one list for one household and month, which the scope's months are about;
    fen below zero took back what was overpaid. Listed are parts of monthly lists that were neither
    rejected nor cancelled; paid are those whose line, or the one that repeats it, was reported as paid.
    """
    asked = _of_lists(scope, as_of, measure, None, None)
    return projections.stream("payment_lists", "lines_listed", asked)


def page_of_lines_listed(
    projections: Projections,
    scope: Scope,
    as_of: AsOf,
    measure: Measure,
    after: ListedAfter | None = None,
    limit: int = 100,
) -> list[Row]:
    """Return the first lines of what was listed or paid, or those after one, at most `limit`."""
    asked = _of_lists(scope, as_of, measure, after, limit)
    return projections.rows("payment_lists", "lines_listed", asked, many=True)


def _of_lists(
    scope: Scope, as_of: AsOf, measure: Measure, after: ListedAfter | None, limit: int | None
) -> dict[str, Any]:
    month, household, list_ = after or (None, None, None)
    return scope.parameters(as_of) | {
        "paid": measure == "paid", "limit": limit, "after_month": month,
        "after_household": household, "after_list": list_,
    }  # fmt: skip


def lines_of_household(
    projections: Projections, household: UUID, scope: Scope, as_of: AsOf
) -> list[Row]:
    """Return one household's lines in order of month."""
    parameters = scope.parameters(as_of) | {"household": household}
    return projections.rows("totals", "lines_of_household", parameters)
