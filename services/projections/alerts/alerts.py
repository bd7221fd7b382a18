"""Open alerts and referrals, as known at a position and as things stood on a day.

An alert is open until it is resolved, whoever looked at it meanwhile; the most urgent come first,
of these the oldest. A referral is open until it is declined or has ended in help; `answer` says
`accepted`, or nothing. Ages are whole days from the day of the act (decided_on).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from projections.areas import area_of
from projections.database import Row
from projections.projections import AsOf, Projections

Urgency = Literal["urgent", "high", "normal"]
Kind = Literal[
    "disability_grade", "large_medical_bill", "accident", "job_lost", "job_found", "death_match",
    "imprisonment", "company", "vehicle", "second_home", "pension_match", "public_pay_match",
    "grid_report",
]  # fmt: skip
Department = Literal[
    "civil_affairs", "medical_insurance", "education", "housing", "employment", "charity",
    "rural_revitalisation", "disabled_federation", "health", "emergency_management", "other",
]  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """The day on which alerts or referrals are open, and which of them are wanted."""

    on: date
    area: str | None = None
    kind: Kind | None = None
    urgency: Urgency | None = None
    department: Department | None = None

    def parameters(self, as_of: AsOf) -> dict[str, Any]:
        """Return the parameters that both questions take."""
        return {
            "position": as_of.position,
            "on": self.on,
            "last": self.on.replace(day=1),
            "area": self.area,
            "programme": None,
        }


def asked(
    projections: Projections, on: date | None = None, area: str | None = None, **filters: Any
) -> Asked:
    """Return what is asked: a day, by default today, an area, kind, urgency, department."""
    return Asked(on or projections.today(), area_of(area), **filters)


def alerts(
    projections: Projections,
    asked: Asked,
    as_of: AsOf,
    *,
    after: tuple[int, date, UUID] | None = None,
    limit: int | None = None,
) -> Iterator[Row]:
    """Yield the open alerts by urgency and age, with how often and when somebody looked.

    `urgency_rank`, `raised_on` and `alert_id` of the last row are the `after` of the next page.
    """
    rank, day, alert = after or (None, None, None)
    parameters = asked.parameters(as_of) | {
        "kind": asked.kind,
        "urgency": asked.urgency,
        "after_rank": rank,
        "after_day": day,
        "after_alert": alert,
        "limit": limit,
    }
    return projections.stream("alerts", "alerts", parameters)


def referrals(
    projections: Projections,
    asked: Asked,
    as_of: AsOf,
    *,
    after: tuple[date, UUID] | None = None,
    limit: int | None = None,
) -> Iterator[Row]:
    """Yield the open referrals, the oldest first; `area` is where the household is.

    `made_on` and `referral_id` of the last row are the `after` of the next page.
    """
    day, referral = after or (None, None)
    parameters = asked.parameters(as_of) | {
        "department": asked.department,
        "after_day": day,
        "after_referral": referral,
        "limit": limit,
    }
    return projections.stream("alerts", "referrals", parameters)
