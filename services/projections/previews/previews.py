"""What facts that are not recorded would change: a place's roll, and the months of single households.

A standard, a setting, an area grant or a code that gives way is held against the whole roll of a month:
households, persons and cost before and after, by area, and how the change is spread. A fact of a household,
or of payment lists and recoveries, is followed month by month: the amounts that would change, and what the
next month's list would then have open (DOMAIN, Lists). Both are the answers that the projections will give
once the facts are recorded, for they are computed from the same tables by the same texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

import psycopg

from projections import sql
from projections.database import MANY, Row
from projections.errors import BadParameter
from projections.payment_lists import computing
from projections.previews.hypothetical import Hypothetical, read
from projections.previews.trial import Trial, trying
from projections.projections import AsOf, Projections, first_of_month, month_text
from projections.totals.totals import DIGITS, Level

EDGES = (
    -50_000, -20_000, -10_000, -5_000, -1_000, 0, 1, 1_000, 5_000, 10_000, 20_000, 50_000,
)  # fmt: skip
"""Where a band of change begins, in fen a month; one holds what does not change, from 0 up to 1."""

MOST_HOUSEHOLDS = 1_000
"""Of so many households, in the order of their ids, the months are told."""

ON_ROLLS = (
    "assistance.StandardAdopted.v1", "assistance.StandardEnded.v1", "assistance.PolicyAdopted.v1",
    "assistance.PolicyEnded.v1", "assistance.AreaReplaced.v1",
)  # fmt: skip
"""Facts that are held against the roll of a month."""

_ON_LISTS = ("lists.first_month", "overpayments.offset_bp")
_REPLACED = "assistance.AreaReplaced.v1"
_UNLISTED = ("assistance.PaymentListRejected.v1", "assistance.PaymentListCancelled.v1")


@dataclass(frozen=True)
class Wanted:
    """What a preview is about.

    `month` is the roll's (default: the latest first month of the facts), `first` and `last` the months of
    households (default: all months up to this one, or up to the facts' latest first month).
    """

    month: date | None = None
    first: date | None = None
    last: date | None = None
    level: Level = "county"


def wanted(
    month: str | None = None, first: str | None = None, last: str | None = None,
    level: Level = "county",
) -> Wanted:  # fmt: skip
    """Read what a preview is about: months as YYYY-MM; BadParameter says which makes no sense."""
    begin = None if first is None else first_of_month(first, "from")
    end = None if last is None else first_of_month(last, "to")
    if begin is not None and end is not None and begin > end:
        raise BadParameter("`from` must not be after `to`.", parameter="from")
    return Wanted(None if month is None else first_of_month(month), begin, end, level)


def preview(projections: Projections, facts: object, asked: Wanted | None = None) -> Row:
    """Return what facts would change that are given as the ledger's dry run answers them.

    position: the last fact known. roll: for facts of areas, else None. area_grants: what each would
    cost. list: for settings of lists, what the month's list of the area comes to before and after, in
    lines and fen. households: of each the months with another amount, and the open parts of the list of
    `list_month` (arrears above 0, overpayments below), in fen before and after; `households_touched`
    says how many there are. Raises BadParameter with JSON pointers for facts that cannot be, Unreachable
    when the projections are busy with the same households.
    """
    said, about = read(facts), asked or Wanted()
    with trying(projections, said) as trial:
        return {
            "position": trial.before.position,
            "facts": [{"id": f.id, "type": f.type, "effective": f.effective} for f in said],
            "roll": _roll(trial, said, about),
            "area_grants": _area_grants(trial, about),
            "list": _list(trial, said, about),
            **_households(trial, said, about),
        }


def _roll(trial: Trial, facts: Sequence[Hypothetical], asked: Wanted) -> Row | None:
    of_areas = [fact for fact in facts if fact.type in ON_ROLLS]
    if not of_areas:
        return None
    month = asked.month or _latest(of_areas)
    area = _enclosing(of_areas)
    shared = {"first": month, "last": month, "area": area, "programme": None}
    found = {"month": month_text(month), "area": area, "level": asked.level}
    return found | _both_sides(trial, shared, DIGITS[asked.level])


def _both_sides(trial: Trial, shared: dict[str, Any], digits: int) -> Row:
    trial.connection.execute(MANY)
    cursor = psycopg.ClientCursor(trial.connection)
    side, texts = sql.query("previews", "side"), []
    for name, as_of in (("side_before", trial.before), ("side_after", trial.after)):
        text = cursor.mogrify(side, shared | {"position": as_of.position})
        texts.append(f"{name} as materialized (\n{text}\n)")
    asked = {"digits": digits, "edges": list(EDGES)}
    texts.append(cursor.mogrify(sql.query("previews", "roll"), asked))
    (found,) = cursor.execute(("with\n" + ",\n".join(texts)).encode()).fetchone() or ({},)
    answer: Row = found
    return answer


def _area_grants(trial: Trial, asked: Wanted) -> list[Row]:
    rows = trial.projections.rows("previews", "grants", {"after": trial.before.position})
    return [_area_grant(trial, row, DIGITS[asked.level]) for row in rows]


def _area_grant(trial: Trial, grant: Row, digits: int) -> Row:
    month = grant["effective"]
    parameters = {
        "position": trial.after.position, "first": month, "last": month, "area": grant["area"],
        "of_area": grant["area"], "of_programme": None, "programme": None, "household": None,
        "on": None, "roll": None, "area_grant": grant["grant_id"], "rolls": grant["rolls"],
        "per": grant["per"], "amount_fen": grant["amount_fen"], "head": grant["head"],
        "digits": digits,
    }  # fmt: skip
    whole, *areas = trial.projections.rows("previews", "grant", parameters, many=True)
    names = ("head", "rolls", "per", "amount_fen", "area")
    counted = ("households", "persons", "total_fen")
    return {
        **{name: grant[name] for name in names}, "month": month_text(month),
        **{name: whole[name] for name in counted}, "areas": areas,
    }  # fmt: skip


def _list(trial: Trial, facts: Sequence[Hypothetical], asked: Wanted) -> Row | None:
    of_lists = [fact for fact in facts if fact.data.get("setting") in _ON_LISTS]
    if not of_lists:
        return None
    area, month = of_lists[0].data["area"], asked.month or _this_month(trial.projections)
    wanted_list = computing.monthly(area, month_text(month))
    sides = {}
    for name, as_of in (("before", trial.before), ("after", trial.after)):
        found = computing.summarise(trial.projections, wanted_list, as_of)
        sides[name] = {"lines": found.lines, "total_fen": found.total_fen}
    return {"area": area, "month": month_text(month), **sides}


def _households(trial: Trial, facts: Sequence[Hypothetical], asked: Wanted) -> Row:
    touched = _touched(trial, facts)
    told = touched[:MOST_HOUSEHOLDS]
    last = asked.last or max(_latest(facts), _this_month(trial.projections))
    first = asked.first or _first_month(trial, told) or last
    changed, opened = _changed(trial, told, first, last), _open(trial, told, last)
    return {
        "from": month_text(min(first, last)), "to": month_text(last), "list_month": month_text(last),
        "households_touched": len(touched),
        "households": [
            {"household": household, "months": changed.get(household, []),
             "open_parts": opened.get(household, [])}
            for household in sorted({*told, *opened})
        ],
    }  # fmt: skip


def _touched(trial: Trial, facts: Sequence[Hypothetical]) -> list[UUID]:
    recoveries = [fact.data["recovery"] for fact in facts if "recovery" in fact.data]
    unlisted = [fact.data["list"] for fact in facts if fact.type in _UNLISTED]
    parameters = {
        "streams": list({fact.stream for fact in facts}), "recoveries": recoveries,
        "lists": unlisted,
    }  # fmt: skip
    rows = trial.projections.rows("previews", "touched", parameters)
    return [row["household"] for row in rows]


def _first_month(trial: Trial, households: list[UUID]) -> date | None:
    (row,) = trial.projections.rows("previews", "first_month", {"households": households})
    found: date | None = row["first"]
    return found


Months = dict[UUID, list[Row]]
"""By household: month, fen_before and fen_after."""


def _changed(trial: Trial, households: list[UUID], first: date, last: date) -> Months:
    """Return the months of households in which the amount is another."""

    def entitled(as_of: AsOf) -> dict[tuple[UUID, date], int]:
        asked = {
            "position": as_of.position, "first": first, "last": last, "area": None,
            "programme": None, "households": households,
        }  # fmt: skip
        rows = trial.projections.rows("totals", "lines_of_households", asked)
        return {(row["household"], row["month"]): row["entitled_fen"] for row in rows}

    if not households or first > last:
        return {}
    return _beside(entitled(trial.before), entitled(trial.after), changed=True)


def _open(trial: Trial, households: list[UUID], month: date) -> Months:
    """Return what the list of a month has open for households, before and after."""
    if not households:
        return {}
    together = _settled_together(trial, households, month)

    def parts(as_of: AsOf) -> dict[tuple[UUID, date], int]:
        first = computing.first_listed(trial.projections, as_of) or month
        asked = {
            "position": as_of.position, "first": min(first, month), "last": month,
            "households": together,
        }  # fmt: skip
        rows = trial.projections.rows("payment_lists", "balances_of_households", asked)
        return {(row["household"], row["month"]): row["fen"] for row in rows if row["fen"]}

    return _beside(parts(trial.before), parts(trial.after))


def _settled_together(trial: Trial, households: list[UUID], month: date) -> list[UUID]:
    """Return the households, and those that mergers bind them to, before the facts or after them.

    A merger that the facts bring or revoke binds on one side only. If each side were asked about those that
    it binds itself, one of them would seem to have nothing open on the other side, or not be told at all.
    """
    found, grown = set[UUID](), set(households)
    while found != grown:
        found = grown
        for as_of in (trial.before, trial.after):
            asked = {"position": as_of.position, "last": month, "households": list(grown)}
            rows = trial.projections.rows("payment_lists", "settled_together", asked)
            grown = {row["household"] for row in rows}
    return sorted(found)


def _beside(
    before: dict[tuple[UUID, date], int], after: dict[tuple[UUID, date], int], *,
    changed: bool = False,
) -> Months:  # fmt: skip
    rows = [
        (household, {"month": month_text(month), "fen_before": was, "fen_after": now})
        for household, month in sorted(before.keys() | after.keys())
        for was, now in [(before.get((household, month), 0), after.get((household, month), 0))]
        if not changed or was != now
    ]
    return {key: [row for _, row in found] for key, found in groupby(rows, lambda row: row[0])}


def _latest(facts: Sequence[Hypothetical]) -> date:
    months = [fact.effective for fact in facts if fact.effective]
    return first_of_month(max(months)) if months else date.min


def _this_month(projections: Projections) -> date:
    return projections.today().replace(day=1)


def _enclosing(facts: Sequence[Hypothetical]) -> str | None:
    """Return the area that encloses all of the facts', None when none does or codes give way."""
    areas = {str(fact.data["area"]) for fact in facts}
    widest = min(areas, key=len)
    if any(fact.type == _REPLACED for fact in facts):
        return None
    return widest if all(area.startswith(widest) for area in areas) else None
