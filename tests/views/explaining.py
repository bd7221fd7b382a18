"""Explanations as tests look at them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from uuid import UUID

from projections.explanations.explanations import Explanation, explain_month
from tests.views.conftest import Views


def explain(
    views: Views, household: UUID, month: str = "2023-01", position: int | None = None
) -> Explanation:
    """The explanation of a month, of which the steps add up to what the line says."""
    asked = views.projections()
    explained = explain_month(asked, household, month, asked.as_of(position=position))
    entitled = views.entitled(household, month, position=position)
    adds = [step.adds for step in explained.steps if step.adds is not None]
    assert sum(adds, start=Fraction(0)) == explained.entitled_fen == sum(entitled)
    return explained


def step(explained: Explanation, name: str) -> dict[str, Any]:
    """The only step of a name, as an answer gives it."""
    [found] = steps(explained, name)
    return found


def steps(explained: Explanation, name: str) -> list[dict[str, Any]]:
    """The steps of a name."""
    return [one.as_json() for one in explained.steps if one.step == name]


def names(explained: Explanation) -> list[str]:
    """The names of the steps, in order."""
    return [one.step for one in explained.steps]
