"""What is on record of payment lists: their acts, lines, results and reconciliation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal
from uuid import UUID

from projections.database import Row
from projections.errors import NotFound
from projections.payment_lists.exports import Line
from projections.projections import AsOf, Projections
from projections.totals.totals import Scope

State = Literal["paid", "failed", "returned", "pending", "closed"]
Measure = Literal["listed", "paid"]
NO_LIMIT = 2**62


def find(projections: Projections, found: UUID, as_of: AsOf) -> Row:
    """Return what is on record of a list; NotFound when nothing is.

    `status` is frozen, approved, sent, rejected or cancelled; `version` is what its next act must name;
    `computed_document` and `agrees` say what the projections computed themselves, null until they have.
    """
    asked = {"list": found, "position": as_of.position}
    rows = projections.rows("payment_lists", "list", asked)
    if not rows:
        raise NotFound(f"There is no payment list {found}.")
    return rows[0]


def page_of_lists(
    projections: Projections,
    as_of: AsOf,
    area: str | None = None,
    month: date | None = None,
    after: int | None = None,
    limit: int = 100,
) -> list[Row]:
    """Return lists, the latest first, or those before the position `after`."""
    asked = {
        "position": as_of.position, "area": area, "month": month, "after": after, "limit": limit,
    }  # fmt: skip
    return projections.rows("payment_lists", "lists", asked)


def lines(
    projections: Projections, found: UUID, as_of: AsOf, after: int = 0, limit: int = NO_LIMIT
) -> Iterator[Row]:
    """Yield a list's lines in their order, from the one after `after`; amounts and parts in fen."""
    asked = {"list": found, "after": after, "limit": limit, "position": as_of.position}
    return projections.stream("payment_lists", "lines_of_list", asked, many=False)


def exported_lines(projections: Projections, found: UUID, as_of: AsOf) -> Iterator[Line]:
    """Yield a list's lines as exports take them."""
    for row in lines(projections, found, as_of):
        yield Line(
            row["reference_id"], row["subject"], row["household"], row["head"], row["area"], row["payee"],
            row["amount_fen"], tuple((month, int(fen)) for month, fen in row["parts"]), row["reissues"],
        )  # fmt: skip


def states_of_lines(
    projections: Projections,
    found: UUID,
    as_of: AsOf,
    state: State | None = None,
    after: int = 0,
    limit: int = NO_LIMIT,
) -> Iterator[Row]:
    """Yield the lines of a list with what became of each: paid, failed, returned, pending, closed."""
    asked = {
        "list": found, "position": as_of.position, "state": state, "after": after, "limit": limit,
    }  # fmt: skip
    return projections.stream("payment_lists", "states_of_lines", asked)


def measured_lines(
    projections: Projections, scope: Scope, as_of: AsOf, measure: Measure
) -> Iterator[Row]:
    """Yield the lines behind what totals say was listed, or paid: by household, month, list, in fen."""
    asked = scope.parameters(as_of) | {
        "paid": measure == "paid", "limit": NO_LIMIT,
        "after_month": None, "after_household": None, "after_list": None,
    }  # fmt: skip
    return projections.stream("payment_lists", "lines_listed", asked)


def reconciliations(
    projections: Projections,
    as_of: AsOf,
    found: UUID | None = None,
    area: str | None = None,
    month: date | None = None,
) -> list[Row]:
    """Return, of each list that counts, what was listed and what became of it, in lines and fen.

    listed = paid + failed + returned + pending + closed; `reissued` counts lines of follow-up lists.
    """
    asked = {"list": found, "area": area, "month": month, "position": as_of.position}
    return projections.rows("payment_lists", "reconciliations", asked, many=True)


def recoveries(
    projections: Projections,
    as_of: AsOf,
    household: UUID | None = None,
    after: UUID | None = None,
    limit: int = NO_LIMIT,
) -> list[Row]:
    """Return recoveries with what was ordered, received and waived in fen, and the balance left."""
    asked = {
        "household": household, "position": as_of.position, "after": after, "limit": limit,
    }  # fmt: skip
    return projections.rows("payment_lists", "recoveries", asked)
