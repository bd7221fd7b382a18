"""The assistance list of one household and month: every policy and department, one line each.

A line says who gave (department), under which policy or head, in which form (money, goods, points,
service), how much of which unit (fen, item, point, hour), and the facts behind it. Goods of
help-first aid count by their value in fen but are no money. Area grants go to everyone on the rolls
that they name, suspended payment or not. Aid of a month is what was granted on a day in it.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from projections.database import Row
from projections.errors import NotFound
from projections.projections import AsOf, Projections, first_of_month


class AssistanceList(NamedTuple):
    """The lines of a household's month, and the fen of those that are money."""

    lines: list[Row]
    money_fen: int


def assistance_list(
    projections: Projections, household: UUID, month: str, as_of: AsOf
) -> AssistanceList:
    """Return what a household received in a month, YYYY-MM, as known at a position.

    Raises BadParameter for the month, NotFound when nothing is on record of the household.
    """
    first = first_of_month(month)
    parameters = {
        "household": household,
        "position": as_of.position,
        "first": first,
        "last": first,
        "month": month,
        "area": None,
        "programme": None,
    }
    if not projections.rows("assistance_lists", "known", parameters)[0]["known"]:
        raise NotFound(f"Nothing is on record of household {household}.")
    lines = projections.rows("assistance_lists", "list", parameters)
    return AssistanceList(lines, sum(line["quantity"] for line in lines if line["form"] == "money"))
