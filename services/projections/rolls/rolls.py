"""Rolls, month by month: who is on them, who is new, who left, who was found before applying.

A basic roll is a programme with monthly cash (dibao, tekun); a recognition (marginal, rigid, ...)
is a roll of its own beside it. New means on a basic roll (or under the recognition) in a month and
not in the month before, in any area and household; left likewise. Proactive: the last application
before the enrolment came through the grid or an alert (Law 39).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from projections.database import Row
from projections.errors import BadParameter
from projections.projections import AsOf, Projections
from projections.totals.totals import DIGITS, PROGRAMMES, Level
from projections.totals.totals import scope as read_scope

RECOGNITIONS = (
    "marginal",
    "rigid",
    "orphan",
    "unattended_child",
    "hardship_child",
    "severe_disability",
    "left_behind",
    "anti_poverty_monitored",
)
ROLLS = (*PROGRAMMES, *RECOGNITIONS)


@dataclass(frozen=True)
class Scope:
    """What a question is about: months, both included, and optionally an area and a roll.

    A shorter area code takes in every code inside it; `dibao` takes in its urban and rural kinds.
    """

    first: date
    last: date
    area: str | None = None
    roll: str | None = None

    def parameters(self, as_of: AsOf, before: date | None = None) -> dict[str, Any]:
        """Return the parameters of every text with `stays`; `before` is where looking starts."""
        return {
            "first": before or self.first,
            "last": self.last,
            "area": self.area,
            "roll": self.roll,
            "programme": None,
            "position": as_of.position,
        }


def scope(first: str, last: str, area: str | None = None, roll: str | None = None) -> Scope:
    """Read a scope: months YYYY-MM, an area's code, a roll; BadParameter says what is wrong."""
    months = read_scope(first, last, area)
    if roll is not None and roll not in ROLLS:
        raise BadParameter(f"`roll` must be one of {', '.join(ROLLS)}.", parameter="roll")
    return Scope(months.first, months.last, area, roll)


def counts(
    projections: Projections,
    scope: Scope,
    as_of: AsOf,
    *,
    by_roll: bool = True,
    by_level: Level | None = None,
) -> list[Row]:
    """Return one row a month, and a roll and area when asked for them.

    A row counts households and persons (covered members; of a recognition, those it names) as they
    stand in the month, new, left, moved_in and moved_out since the month before, and proactive
    among the new. Last month's stock + new - left + moved_in - moved_out is this month's. Without
    by_roll the basic rolls are taken together, and recognitions are left out unless the scope's
    roll is one.
    """
    parameters = scope.parameters(as_of, month_before(scope.first)) | {
        "from_month": scope.first,
        "by_roll": by_roll,
        "digits": None if by_level is None else DIGITS[by_level],
    }
    return projections.rows("rolls", "counts", parameters, many=True)


def members(
    projections: Projections,
    scope: Scope,
    as_of: AsOf,
    *,
    after: tuple[UUID, str] | None = None,
    limit: int | None = None,
) -> Iterator[Row]:
    """Yield the households on the rolls of a scope's first month, in order of household and roll.

    A row has household, roll, area (where it counts), stood_in, since (month), persons (covered; of
    a recognition, those it names), and on basic rolls spell, single_person, tier, income_fen (a
    month), suspended and members (in the income test).
    """
    household, roll = after or (None, None)
    of_month = Scope(scope.first, scope.first, scope.area, scope.roll)
    parameters = of_month.parameters(as_of) | {
        "after_household": household,
        "after_roll": roll,
        "limit": limit,
    }
    return projections.stream("rolls", "members", parameters)


def month_before(month: date) -> date:
    """Return the first day of the month before."""
    if month.month == 1:
        return date(month.year - 1, 12, 1)
    return date(month.year, month.month - 1, 1)
