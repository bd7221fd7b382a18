"""Exits: who left a basic roll, when, why, on what basis; heard, notified, in grace; and who came
back.

An exit is a spell's end: the household was on the roll in the month before and is off it from
`month` on. The end that a grace period brings counts like any other, once; an earlier exit takes
its place. A decision against a household needs its opinion heard on or before it (Law 48); a
voluntary exit's signed request is the opinion, and a death or a merger needs none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from projections.database import Row
from projections.errors import BadParameter
from projections.projections import AsOf, Projections
from projections.rolls import rolls
from projections.totals.totals import DIGITS, PROGRAMMES, Level, Scope

AFTER_ALL = date(9999, 12, 1)
REASONS = (
    "income_above_standard",
    "assets_above_limit",
    "employment",
    "labour_regained",
    "obligor_able",
    "death",
    "declared_missing",
    "imprisonment",
    "compulsory_detention",
    "moved_away",
    "residence_ineligible",
    "joined_other_scheme",
    "aged_out",
    "household_changed",
    "merged",
    "split",
    "unreachable",
    "non_cooperation",
    "fraud",
    "voluntary",
    "grace_ended",
    "validity_expired",
    "other",
)


class Groups(NamedTuple):
    """By what exits are counted: one row each that occurs."""

    month: bool = False
    programme: bool = False
    reason: bool = False
    level: Level | None = None


def exits(
    projections: Projections,
    scope: Scope,
    as_of: AsOf,
    *,
    reason: str | None = None,
    after: tuple[date, UUID, int] | None = None,
    limit: int | None = None,
) -> Iterator[Row]:
    """Yield the exits of a scope's months in order of month, household and spell, after a given
    one.

    A row has household, spell, since (its first month), month (the first one off the roll), reason,
    derived (a grace period's end), text, legal_basis, decided_on, recorded_at, decided_by, actor,
    migrated, exit (the fact's id); as of the month before: programme, area (where it counted),
    stood_in, members (in the income test), covered, persons and last_fen (the amount of that
    month); hearing (heard, invited_silent, not_needed, missing), heard_on, heard_by, notified_on
    and notice (null: not notified); grace_from and grace_until; returned and months_away (null: not
    returned); went_to. Raises BadParameter for an unknown reason.
    """
    month, household, spell = after or (None, None, None)
    parameters = _parameters(scope, as_of, reason) | {
        "after_month": month,
        "after_household": household,
        "after_spell": spell,
        "limit": limit,
    }
    return projections.stream("exits", "exits", parameters)


def departures(
    projections: Projections,
    scope: Scope,
    as_of: AsOf,
    *,
    reason: str | None = None,
    after: tuple[date, UUID, UUID] | None = None,
    limit: int | None = None,
) -> Iterator[Row]:
    """Yield the persons whose cover ended while their household was on a roll, after a given one.

    They left, died, were stopped or split off; in order of month, household and person. A row has
    month (the first one not covered), household, person, spell, type and fact, reason (`death` and
    `split` where the fact has no code), legal_basis, decided_on, recorded_at, actor, died_on;
    programme, area and stood_in of the month before; hearing and heard_on; returned (the month from
    which the person is covered again, in any household) and went_to (the household that split off).
    """
    month, household, person = after or (None, None, None)
    parameters = _parameters(scope, as_of, reason, departures=True) | {
        "after_month": month,
        "after_household": household,
        "after_person": person,
        "limit": limit,
    }
    return projections.stream("exits", "departures", parameters)


def counts(
    projections: Projections,
    scope: Scope,
    as_of: AsOf,
    *,
    by_month: bool = False,
    by_programme: bool = False,
    by_reason: bool = False,
    by_level: Level | None = None,
) -> list[Row]:
    """Return the exits of a scope counted by month, area, programme and reason, one row a group.

    A row has exits (households), persons (covered in the month before), unheard (of those that had
    to be), unnotified, after_grace, returned, last_fen (what they were entitled to in the month
    before, fen), and the rate against the roll: roll_households and roll_persons are those on the
    roll in the month before, summed over months, whatever the reason; rate is exits /
    roll_households, null without a roll.
    """
    groups = Groups(by_month, by_programme, by_reason, by_level)
    before = rolls_before(projections, scope, as_of, groups)
    return [with_rate(row, before) for row in counted(projections, scope, as_of, groups)]


def counted(projections: Projections, scope: Scope, as_of: AsOf, groups: Groups) -> list[Row]:
    """Return what `counts` returns, but for the roll and the rate against it."""
    parameters = _parameters(scope, as_of, None) | {
        "by_month": groups.month,
        "by_programme": groups.programme,
        "by_reason": groups.reason,
        "digits": None if groups.level is None else DIGITS[groups.level],
    }
    return projections.rows("exits", "counts", parameters, many=True)


Place = tuple[date | None, str | None, str | None]
Rolls = dict[str, Counter[Place]]
"""Households and persons on the roll, by month of exit, area and programme."""


def rolls_before(projections: Projections, scope: Scope, as_of: AsOf, groups: Groups) -> Rolls:
    """Return who was on the roll in the months before those of a scope, whoever then left."""
    months = rolls.Scope(
        rolls.month_before(scope.first), rolls.month_before(scope.last), scope.area, scope.programme
    )
    found = rolls.counts(
        projections, months, as_of, by_roll=groups.programme, by_level=groups.level
    )
    sums: Rolls = {"households": Counter(), "persons": Counter()}
    for row in found:
        if row["roll"] is None or row["roll"] in PROGRAMMES:
            place = (_month_after(row["month"]) if groups.month else None, row["area"], row["roll"])
            for unit, counter in sums.items():
                counter[place] += row[unit]
    return sums


def with_rate(row: Row, before: Rolls) -> Row:
    """Return a row of counts with the roll that it is of, and the rate against it."""
    place = (row["month"], row["area"], row["programme"])
    households, persons = before["households"][place], before["persons"][place]
    rate = round(row["exits"] / households, 6) if households else None
    return row | {"roll_households": households, "roll_persons": persons, "rate": rate}


def _parameters(
    scope: Scope, as_of: AsOf, reason: str | None, *, departures: bool = False
) -> dict[str, Any]:
    if reason is not None and reason not in REASONS and not departures:
        raise BadParameter(f"`reason` must be one of {', '.join(REASONS)}.", parameter="reason")
    months = {"from_month": scope.first, "to_month": scope.last, "last": AFTER_ALL}
    return scope.parameters(as_of) | months | {"reason": reason}


def _month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
