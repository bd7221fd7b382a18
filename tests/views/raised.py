"""Leads as tests ask for them, and households whose procedure lacks nothing."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from projections.leads import leads as questions
from projections.leads.leads import Thresholds
from tests.views.conftest import Views
from tests.views.facts import Facts

ON = "2026-09-15"


def raised(
    views: Views,
    code: str,
    on: str = ON,
    *,
    area: str | None = None,
    since: str | None = None,
    position: int | None = None,
    **thresholds: int,
) -> list[dict[str, Any]]:
    """The leads of a code, as of a day and known at a position."""
    projections = views.projections()
    asked = questions.asked(
        projections,
        date.fromisoformat(on),
        area,
        None if since is None else date.fromisoformat(since),
        Thresholds(**thresholds),
    )
    return list(questions.leads(projections, code, asked, projections.as_of(position=position)))


def reasons(views: Views, code: str, on: str = ON, **asked: Any) -> list[str]:
    """The reasons alone."""
    return [row["reason"] for row in raised(views, code, on, **asked)]


def households(views: Views, code: str, on: str = ON, **asked: Any) -> list[UUID]:
    """Which households the leads of a code are about."""
    return [row["household"] for row in raised(views, code, on, **asked)]


def on_roll(facts: Facts, decided_on: str = "2026-07-10", **more: Any) -> UUID:
    """A household checked before, enrolled, and published after the decision."""
    household = more.pop("household", None) or facts.person()
    facts.change(household, "MeansVerified", decided_on=decided_on, income_fen=0)
    facts.enrolled(
        household,
        **{"effective": "2026-08", "decided_on": decided_on, "legal_basis": "Law 18"} | more,
    )
    facts.change(
        household, "DecisionPublished", decided_on=decided_on, decision=facts.last(household)
    )
    return household


def heard(facts: Facts, household: UUID, intended: str, on: str) -> None:
    """The household was heard on a reduction or an exit."""
    facts.change(household, "OpinionHeard", decided_on=on, intended=[intended], manner="heard")


def notified(facts: Facts, household: UUID, decision: str, on: str) -> None:
    """The notice of a decision was served."""
    facts.change(household, "NoticeServed", decided_on=on, decision=decision)
