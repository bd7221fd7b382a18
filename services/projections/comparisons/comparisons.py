"""Two lists beside each other: which parts of which lines differ, and the facts that made them differ.

A part of a line follows from what is known at a position: the household's own facts, the standards and
settings of the areas around it, codes that gave way, the lists and recoveries that count (DOMAIN, Lists).
What became known between the positions of the two sides, and says something of a part that differs, is a
cause of the difference. Where the sides ask for different months, areas or programmes, that is a cause too:
its kind is `scope`. A difference without a cause is counted as unexplained. Lists of grants, and of lines
issued again, are compared by their documents, and caused by what became known of whom they are for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import psycopg

from projections import sql
from projections.database import Row
from projections.errors import BadParameter
from projections.payment_lists import computing, lists
from projections.payment_lists.computing import Asked
from projections.projections import AsOf, Projections

CAUSES = (
    "area", "grant", "household", "list", "merger", "policy", "recovery", "result", "scope", "standard",
)  # fmt: skip
"""The kinds of causes, as the answers name them."""


@dataclass(frozen=True)
class Side:
    """What is compared: what is asked for at a position, or the list that was frozen so."""

    asked: Asked
    position: int
    frozen: UUID | None = None


@dataclass(frozen=True)
class Comparison:
    """Two sides; differences are told as from `before` to `after`, whichever is known later."""

    before: Side
    after: Side

    @property
    def of_months(self) -> bool:
        """Whether both are months' lists, so that every amount can be followed to where it is from."""
        return self.before.asked.kind == self.after.asked.kind == "monthly"

    def at(self, before: int, after: int) -> Comparison:
        """Return the same question at the positions of an earlier page."""
        return Comparison(
            replace(self.before, position=before), replace(self.after, position=after)
        )

    @property
    def low(self) -> int:
        """The position after which causes lie."""
        return min(self.before.position, self.after.position)

    @property
    def high(self) -> int:
        """The position up to which causes lie."""
        return max(self.before.position, self.after.position)


def of_positions(asked: Asked, before: AsOf, after: AsOf) -> Comparison:
    """Compare what a month's list is at two positions; BadParameter when it is no month's list."""
    if asked.kind != "monthly":
        raise BadParameter("Only months' lists are compared at positions.", parameter="kind")
    return Comparison(Side(asked, before.position), Side(asked, after.position))


def of_lists(projections: Projections, list_: UUID, other: UUID, as_of: AsOf) -> Comparison:
    """Compare two frozen lists, as their documents have them; NotFound when there is no such list."""
    return Comparison(_frozen(projections, list_, as_of), _frozen(projections, other, as_of))


def _frozen(projections: Projections, list_: UUID, as_of: AsOf) -> Side:
    found = lists.find(projections, list_, as_of)
    return Side(computing.as_frozen(found), found["computed_at"], list_)


def summary(projections: Projections, comparison: Comparison) -> Row:
    """Return what the sides come to, and what the differences come to by the kinds of their causes.

    `before` and `after` hold lines and total_fen; subjects, lines and parts count what differs, and
    fen_before and fen_after sum it. `by_cause` has a row for each set of kinds of causes that occurs:
    its rows add up to the whole. `unexplained` counts differences without a cause.
    """
    return page(projections, comparison, limit=0)[0]


def page(
    projections: Projections, comparison: Comparison, after: UUID | None = None, limit: int = 100
) -> tuple[Row, list[Row]]:
    """Return the summary, and the first entries or those after the subject `after`."""
    found = list(_entries(projections, comparison, summarised=True, after=after, limit=limit))
    return found[0], found[1:]


def entries(projections: Projections, comparison: Comparison) -> Iterator[Row]:
    """Yield an entry for each household (or grant) of which a line differs, in order of their ids.

    `parts` have head, month, fen_before and fen_after (0: no part), `lines` those that go to another
    area or payee; each names its causes by id. `causes` says of each id its kind, the fact's type,
    position and first month; a cause of kind scope has no fact, and its id says what the two sides ask
    differently: scope.month, scope.area, scope.programme, scope.kind, scope.grant or scope.list.
    """
    yield from _entries(projections, comparison)


def _entries(
    projections: Projections, comparison: Comparison, *, summarised: bool = False,
    after: UUID | None = None, limit: int | None = None,
) -> Iterator[Row]:  # fmt: skip
    parameters = _parameters(projections, comparison) | {
        "summarised": summarised, "after": after, "limit": limit,
    }  # fmt: skip
    with projections.database.reading(many=True) as connection:
        cursor = psycopg.ClientCursor(connection)
        text = _text(projections, comparison, parameters, cursor)
        yield from (entry for (_, _, entry) in cursor.stream(text))


def _text(
    projections: Projections, comparison: Comparison, parameters: dict[str, Any],
    cursor: psycopg.ClientCursor[Any],
) -> bytes:  # fmt: skip
    """Put the two sides, each with its own values, into the question about both."""
    if not comparison.of_months:
        return cursor.mogrify(sql.query("comparisons", "compared_documents"), parameters).encode()
    parts = "parts_listed" if comparison.before.frozen else "parts_computed"
    compared = sql.query("comparisons", parts) + b",\n" + sql.query("comparisons", "compared")
    sides = (
        (b"figures_before", comparison.before, parameters["before_first"]),
        (b"figures_after", comparison.after, parameters["after_first"]),
    )
    asked = cursor.mogrify(sql.query("comparisons", "asked"), parameters)
    texts = [b"with recursive\n" + asked.encode()]
    for name, side, first in sides:
        computed = cursor.mogrify(sql.query("comparisons", "figures"), _of_side(side, first))
        texts.append(name + b" as materialized (\n" + computed.encode() + b"\n)")
    texts.append(cursor.mogrify(compared, parameters).encode())
    return b",\n".join(texts)


def _of_side(side: Side, first: date) -> dict[str, Any]:
    return {
        "position": side.position, "first": first, "last": side.asked.month,
        "of_area": side.asked.area, "of_programme": side.asked.programme,
    }  # fmt: skip


def _parameters(projections: Projections, comparison: Comparison) -> dict[str, Any]:
    found: dict[str, Any] = {
        "low": comparison.low, "high": comparison.high,
        "forward": comparison.after.position >= comparison.before.position,
    }  # fmt: skip
    for name, side in (("before", comparison.before), ("after", comparison.after)):
        asked = side.asked
        first = computing.first_listed(projections, AsOf(side.position)) or asked.month
        found |= {
            f"{name}_area": asked.area, f"{name}_programme": asked.programme,
            f"{name}_month": asked.month, f"{name}_first": min(first, asked.month),
            f"{name}_list": side.frozen, f"{name}_kind": asked.kind,
            f"{name}_grant": asked.area_grant, f"{name}_reissues": asked.reissues,
        }  # fmt: skip
    return found
