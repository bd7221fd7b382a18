"""What is asserted of one household, as known at a position, each with the id of its fact.

The months are folded in Python, apart from the register's SQL: an explanation is to lead to an amount
on a way of its own, and to know at each turn which fact it goes by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from projections.errors import NotFound
from projections.projections import AsOf, Projections

FOLDER = "explanations"


class Assertion(NamedTuple):
    """What one fact says of a household from a month on; `said` are the words, by kind."""

    kind: str
    spell: int
    person: UUID | None
    effective: date
    rank: int
    ordinal: int
    fact: str
    said: Mapping[str, Any]


class Revocation(NamedTuple):
    """A fact that leaves out an exit or a grace period, by its rank, or a whole spell."""

    revoked_rank: int | None
    revoked_spell: int | None
    fact: str


@dataclass(frozen=True)
class Assertions:
    """Everything asserted of a household, in the order in which it takes effect."""

    household: UUID
    every: Iterable[Assertion]
    revocations: Iterable[Revocation]

    def of(self, kind: str) -> list[Assertion]:
        """Return the assertions of a kind."""
        return [said for said in self.every if said.kind == kind]

    def revoked_by(self, said: Assertion) -> str | None:
        """Return the id of the fact that leaves out an exit, a grace period or its spell, if one does."""
        for revocation in self.revocations:
            if revocation.revoked_rank == said.rank or revocation.revoked_spell == said.spell:
                return revocation.fact
        return None

    def in_spell(self, enrolment: Assertion, kind: str, month: date) -> list[Assertion]:
        """Return what took effect in a spell by a month; what came before the spell began is void."""
        return [
            said
            for said in self.of(kind)
            if said.spell == enrolment.spell
            and said.ordinal >= enrolment.ordinal
            and said.effective <= month
        ]


def load(projections: Projections, household: UUID, as_of: AsOf) -> Assertions:
    """Return what is asserted of a household; NotFound when nothing is recorded of it by then."""
    asked = {"household": household, "position": as_of.position}
    every = [Assertion(**row) for row in projections.rows(FOLDER, "assertions", asked)]
    if not every:
        [answer] = projections.rows(FOLDER, "recorded", asked)
        if not answer["recorded"]:
            raise NotFound("Nothing is recorded of this household, as known then.")
    revocations = [Revocation(**row) for row in projections.rows(FOLDER, "revocations", asked)]
    return Assertions(household, every, revocations)


def last(
    said: Iterable[Assertion], accepted: Callable[[Assertion], bool] = lambda _: True
) -> Assertion | None:
    """Return the last of those that are accepted, None when there is none."""
    return next((one for one in reversed(list(said)) if accepted(one)), None)
