"""Explanations lead to the amounts of the lines, fen by fen, on random lives: every household and month,
as known at every position, from facts that are known there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given

from ledger.households.household import Household
from ledger.months import shift
from projections.database import Database
from projections.errors import NotFound
from projections.explanations.explanations import Explanation, explain_months
from projections.projections import AsOf, Projections
from projections.totals.totals import lines_of_household, scope
from tests.integration.ground import FIRST, LAST, Ground, Told
from tests.integration.life import Life
from tests.integration.lives import examples, lives, patiently
from tests.postgres import EMBEDDED_18, Servers
from tests.rules.given import Streams

MONTHS = [FIRST]
while MONTHS[-1] < LAST:
    MONTHS.append(shift(MONTHS[-1], 1))

pytestmark = patiently


class Asked:
    """A ground, and questions of its present database."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._database: Database | None = None
        self._dsn = ""

    def projections(self) -> Projections:
        """The projections of the database that the ground has now."""
        if self._database is None or self._dsn != self.ground.dsn:
            self.close()
            self._dsn, self._database = self.ground.dsn, Database(self.ground.dsn, connections=1)
            self._database.open()
        return Projections(self._database)

    def close(self) -> None:
        """Close the connections."""
        if self._database is not None:
            self._database.close()


@contextmanager
def asking(ground: Ground) -> Iterator[Asked]:
    """Questions that end when it is done."""
    asked = Asked(ground)
    try:
        yield asked
    finally:
        asked.close()


@pytest.fixture(scope="module")
def asked(servers: Servers) -> Iterator[Asked]:
    """A ledger and its projections, to be asked."""
    with Ground(servers[EMBEDDED_18]) as ground, asking(ground) as found:
        yield found


@given(life=lives())
@examples(24)
def test_the_steps_add_up_to_the_line_and_name_only_facts_that_are_known(
    asked: Asked, life: Life
) -> None:
    told = asked.ground.tell(life)
    asked.ground.project()
    projections = asked.projections()
    ids = {f"{r.stream}:{r.version}": r.position for r in told.facts}
    for position, streams in told.known():
        known = {fact for fact, recorded in ids.items() if recorded <= position}
        for household in households(streams):
            amounts = entitled(projections, household, position)
            for explained in explain_months(projections, household, MONTHS, AsOf(position)):
                assert explained.position == position
                assert total(explained) == amounts.get(explained.month, 0) == running(explained)
                assert explained.entitled_fen == total(explained)
                assert set(explained.facts) <= known
                assert on_roll(explained) == (explained.month in amounts)


@given(life=lives(12))
@examples(10)
def test_nothing_is_explained_before_anything_is_recorded(asked: Asked, life: Life) -> None:
    told = asked.ground.tell(life)
    asked.ground.project()
    for stream, position in first_positions(told).items():
        with pytest.raises(NotFound):
            explain_months(asked.projections(), stream, [FIRST], AsOf(position - 1))


def households(streams: Streams) -> list[UUID]:
    return [s.id for s in streams.by_id.values() if isinstance(s, Household)]


def first_positions(told: Told) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for recorded in told.facts:
        found.setdefault(recorded.stream, recorded.position)
    return found


def entitled(projections: Projections, household: UUID, position: int) -> dict[str, int]:
    """The amounts of the lines, by month."""
    asked = scope(FIRST, LAST)
    rows: list[dict[str, Any]] = lines_of_household(projections, household, asked, AsOf(position))
    return {month_of(row["month"]): row["entitled_fen"] for row in rows}


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def total(explained: Explanation) -> Fraction:
    """What the steps add, as they are given out: numbers, and fractions as text."""
    steps = [step.as_json() for step in explained.steps]
    return sum((Fraction(step["adds"]) for step in steps if "adds" in step), start=Fraction(0))


def running(explained: Explanation) -> Fraction:
    """The amount that the last of the steps came to."""
    steps = [step.as_json() for step in explained.steps]
    return next((Fraction(step["fen"]) for step in reversed(steps) if "fen" in step), Fraction(0))


def on_roll(explained: Explanation) -> bool:
    return bool(explained.steps[0].says["on_roll"])
