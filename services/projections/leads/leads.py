"""Leads, computed when asked for: over an area, as of a day, as known at a position.

A lead is a finding for people to look into: a decision unheard, an amount that nothing explains,
a pattern. It names the facts that raise it and gives its reason in a sentence with figures. The
roll is that of the day's month; acts are those decided up to the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, TypedDict

from psycopg.rows import dict_row

from projections import sql
from projections.areas import area_of
from projections.calendar.elapsed import calendar_parameters
from projections.database import Row
from projections.errors import NotFound
from projections.leads.codes import LEADS, Lead
from projections.projections import AsOf, Projections, first_of_month, month_text


@dataclass(frozen=True)
class Thresholds:
    """From when on something is a lead; a place may set each. Days are calendar days."""

    notice_days: int = 0
    """A notice is missed so many days after the decision."""
    publish_days: int = 0
    """A publication is missed so many days after the decision."""
    death_days: int = 30
    """A death learned of more than so many days later is learned of late."""
    return_months: int = 12
    """Who is back within so many months has returned soon."""
    recorded_days: int = 90
    """An act recorded more than so many days after its decision is recorded late."""
    backdated_months: int = 3
    """An act effective more than so many months before its decision is backdated."""
    payee_households: int = 3
    """An account for so many households, or more, is shared by many."""
    under_ceiling_bp: int = 9_000
    """At this share of the ceiling, in basis points, or above it, a grant is just under."""
    urgent_days: int = 3
    """An urgent alert open for more than so many days is unresolved."""
    high_days: int = 10
    """The same, of high urgency."""
    normal_days: int = 30
    """The same, of normal urgency."""
    referral_days: int = 30
    """A referral open for more than so many days is unanswered."""
    identical_households: int = 5
    """So many households with the same amount in a village are a pattern."""
    bunch_least: int = 10
    """So few decisions on a day are no bunch."""
    bunch_factor: int = 5
    """A bunch is more than so many times the average of the days with any."""
    approval_days: int = 10
    """A list frozen more than so many days ago is to be approved or rejected by then."""
    payment_days: int = 30
    """So many days are given to pay out a standard, to report on what was sent, to repeat what failed."""


@dataclass(frozen=True)
class Asked:
    """What leads are asked for: a day, an area's prefix, acts since a day, thresholds."""

    on: date
    area: str | None = None
    since: date | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)


class Count(TypedDict):
    """A code with what it means and how many leads it has."""

    code: str
    title: str
    question: str
    rule: str
    leads: int


def asked(
    projections: Projections,
    on: date | None = None,
    area: str | None = None,
    since: date | None = None,
    thresholds: Thresholds | None = None,
) -> Asked:
    """Return what is asked: the day is today by default; BadParameter for the area."""
    return Asked(on or projections.today(), area_of(area), since, thresholds or Thresholds())


def lead_of(code: str) -> Lead:
    """Return the lead of a code; NotFound names the codes."""
    if code not in LEADS:
        raise NotFound(f"There is no lead `{code}`; there are {', '.join(LEADS)}.")
    return LEADS[code]


def counts(projections: Projections, asked: Asked, as_of: AsOf) -> list[Count]:
    """Return every code with its number of leads, zero included; CalendarTooShort."""
    found: dict[str, int] = {}
    for whole_cell in (False, True):
        codes = [lead.code for lead in LEADS.values() if lead.whole_cell is whole_cell]
        parameters = _parameters(projections, asked, as_of, whole_cell)
        found |= {
            row["code"]: row["leads"] for row in _ask(projections, _counting(codes), parameters)
        }
    return [
        Count(
            code=lead.code, title=lead.title, question=lead.question, rule=lead.rule,
            leads=found[lead.code],
        )
        for lead in LEADS.values()
    ]  # fmt: skip


def leads(
    projections: Projections,
    code: str,
    asked: Asked,
    as_of: AsOf,
    *,
    after: str | None = None,
    limit: int | None = None,
) -> Iterator[Row]:
    """Yield the leads of a code by area and day: facts, household, person, month, day, reason.

    `figures` are the reason's, by name; `key` of the last row is the `after` of the next page.
    Raises NotFound for the code, CalendarTooShort.
    """
    lead = lead_of(code)
    parameters = _parameters(projections, asked, as_of, lead.whole_cell) | {
        "code": code,
        "after": after,
        "limit": limit,
    }
    statement = sql.query("leads", "ground") + b"\n" + _filled("rows", code)
    for row in _ask(projections, statement, parameters):
        month = row["month"] and month_text(row["month"])
        yield row | {"month": month, "reason": reason(lead, row["figures"])}


def reason(lead: Lead, figures: Mapping[str, Any]) -> str:
    """Return why a row is a lead, in a sentence; amounts of fen are written in yuan."""
    written = {name: _written(name, value) for name, value in figures.items()}
    return lead.reason.format_map(written)


def unset_settings(
    projections: Projections, month: str, as_of: AsOf, area: str | None = None
) -> list[Row]:
    """Return the policy settings with neither a value nor a default, as (area, setting).

    Asked of every area that has a standard of its own in force in the month, YYYY-MM: there the
    rule of the setting is silent. BadParameter for the month or the area.
    """
    last = first_of_month(month)
    parameters = {"position": as_of.position, "last": last, "area": area_of(area)}
    return projections.rows("leads", "unset_settings", parameters)


def _written(name: str, value: Any) -> str:
    if name.endswith("_fen"):
        yuan, fen = divmod(int(value), 100)
        return f"{yuan:,}.{fen:02d}"
    return str(value).replace("_", " ") if name in ("reduction", "reason", "kind") else str(value)


def _parameters(
    projections: Projections, asked: Asked, as_of: AsOf, whole_cell: bool
) -> dict[str, Any]:
    month = asked.on.replace(day=1)
    return {
        "position": as_of.position,
        "on": asked.on,
        "first": month,
        "last": month,
        "area": None if whole_cell else asked.area,
        "within": asked.area,
        "programme": None,
        "since": asked.since,
        "zone": projections.zone.key,
        **calendar_parameters(projections.calendar, asked.on),
        **asdict(asked.thresholds),
    }


def _counting(codes: list[str]) -> bytes:
    parts = [
        _filled("count", code).replace(b"%(code)s", b"'" + code.encode() + b"'") for code in codes
    ]
    return sql.query("leads", "ground") + b"\n" + b"\nunion all\n".join(parts)


def _filled(frame: str, code: str) -> bytes:
    return sql.query("leads", frame).replace(b"[lead]", sql.query("leads", code))


def _ask(
    projections: Projections, statement: bytes, parameters: Mapping[str, Any]
) -> Iterator[Row]:
    with (
        projections.database.reading(many=True) as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        yield from cursor.stream(statement, parameters)
