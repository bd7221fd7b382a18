"""Histories of households as tests look at them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from projections.household_histories import changes, histories
from tests.views.conftest import Views


def history(
    views: Views, household: UUID, *, month: str | None = None, position: int | None = None
) -> dict[str, Any]:
    """The plain history of a household."""
    asked = views.projections()
    return histories.history(
        asked, histories.asked(household, month), asked.as_of(position=position)
    )


def full(views: Views, household: UUID, **more: Any) -> dict[str, Any]:
    """The history with changes, amounts and chain."""
    asked = views.projections()
    return changes.full_history(asked, histories.asked(household, more.get("month")), asked.as_of())


def names(told: dict[str, Any]) -> list[str]:
    """The facts of a history by name."""
    return [fact["type"].split(".")[1] for fact in told["facts"]]


def spans(told: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The spells of a history: number, first month, first month off the roll, reason."""
    return [(s["spell"], s["from"], s["to"], s["exit_reason"]) for s in told["spells"]]
