"""Households that became one: whose months are settled with whom.

From the month of a merger on, what is entitled and was listed for the absorbed household counts with its
survivor, until it stands on a roll of its own again.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from projections.explanations.assertions import FOLDER, Assertions, load
from projections.explanations.holding import standing
from projections.projections import AsOf, Projections, next_month


class Merger(NamedTuple):
    """A household absorbed by another from a month on, and the fact that says so."""

    absorbed: UUID
    survivor: UUID
    effective: date
    fact: str


class Kin:
    """A household and those that it absorbed, or that absorbed it, up to a month."""

    def __init__(self, projections: Projections, household: UUID, last: date, as_of: AsOf) -> None:
        self._projections = projections
        self._as_of = as_of
        asked = {"household": household, "last": last, "position": as_of.position}
        self.mergers = [Merger(**row) for row in projections.rows(FOLDER, "mergers", asked)]
        both = {one for merger in self.mergers for one in (merger.absorbed, merger.survivor)}
        self.households = sorted({household, *both})
        self._known: dict[UUID, Assertions] = {}

    def way(self, household: UUID, month: date) -> list[Merger]:
        """Return the mergers by which a household's month is settled with another; none: with itself."""
        way: list[Merger] = []
        while (merger := self._absorbed(household, month)) and merger not in way:
            way.append(merger)
            household = merger.survivor
        return way

    def heir(self, household: UUID, month: date) -> UUID:
        """Return the household with which a household's month is settled."""
        way = self.way(household, month)
        return way[-1].survivor if way else household

    def _absorbed(self, household: UUID, month: date) -> Merger | None:
        """Return the merger by which a household is gone in a month; who stands on a roll is not gone."""
        mergers = [one for one in self.mergers if one.absorbed == household]
        last = max(
            (one for one in mergers if one.effective <= month),
            key=lambda one: one.effective,
            default=None,
        )
        if last is None or self._stands(household, last.effective, month):
            return None
        return last

    def _stands(self, household: UUID, first: date, last: date) -> bool:
        if household not in self._known:
            self._known[household] = load(self._projections, household, self._as_of)
        while first <= last:
            stands = standing(self._known[household], first)
            if stands.enrolment is not None and stands.left is None:
                return True
            first = next_month(first)
        return False
