"""The history of one household: its facts with their three dates, its spells, its chain.

A history is known at a position: facts recorded later do not appear, and corrections and
revocations count only once they are recorded. With a month it is told as of that month: what takes
effect later is left out, as is what was decided later without taking effect in any month.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from projections.database import Row
from projections.errors import NotFound
from projections.household_histories.spells import EXITED, GRACE, spells
from projections.projections import AsOf, Projections, first_of_month, month_text

EXIT_REVOKED = "assistance.ExitRevoked.v1"
ENROLMENT_REVOKED = "assistance.EnrolmentRevoked.v1"
_EVIDENCE = ("verification", "alert", "offer", "appeal", "decision", "defers", "exit", "enrolment")
_WHY = ("reason", "ground", "cause", "need")

_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True)
class Asked:
    """A household, and optionally the month as of which its history is told."""

    household: UUID
    until: date | None = None

    def parameters(self, as_of: AsOf) -> dict[str, Any]:
        """Return the parameters of the texts about a whole history."""
        return {"household": self.household, "position": as_of.position}


def asked(household: UUID, month: str | None = None) -> Asked:
    """Read a question about a household's history; BadParameter when the month cannot be read."""
    return Asked(household, None if month is None else first_of_month(month))


def history(projections: Projections, question: Asked, as_of: AsOf) -> dict[str, Any]:
    """Return a household's facts in the order of recording, and its spells, by one query.

    Each fact has id, position, type, stream (the household's, or one that names it), effective
    (month, or null for facts of procedure), decided_on, recorded_at, actor, spell, reason,
    legal_basis, instrument, evidence (what it rests on or names), corrects, corrected_by,
    revoked_by, and data, the fact as recorded. Each spell has its number, `from`, `to` (the first
    month off the roll), exit_reason, the ids of enrolment and exit, single_person, grace_from and
    grace_until. Raises NotFound when nothing is recorded of the household.
    """
    found = projections.rows("household_histories", "facts", question.parameters(as_of))
    household = str(question.household)
    said = [_told(row) for row in found]
    ranked = [
        (row["rank"], fact)
        for row, fact in zip(found, said, strict=True)
        if fact["stream"] == household
    ]
    if not ranked:
        raise NotFound("Nothing is recorded of this household, as known then.")
    _mark_corrected(said, {row["position"]: row["known_to"] for row in found})
    _mark_revoked(ranked)
    month = None if question.until is None else month_text(question.until)
    return {
        "household": household,
        "facts": said if month is None else [fact for fact in said if _by_then(fact, month)],
        "spells": spells(ranked, month),
    }


def chain(projections: Projections, question: Asked, as_of: AsOf) -> list[Row]:
    """Return how households hang together with this one, through splits, merges and moves.

    A row says that `household` names `other` in the field `kind` (came_from, beside, new_household,
    absorbed, went_to, transfer_from) of the fact `fact`; the chain is followed in both directions.
    """
    rows = projections.rows("household_histories", "chain", question.parameters(as_of))
    return [
        {
            "household": str(row["household"]),
            "kind": row["kind"],
            "other": str(row["other"]),
            "effective": row["effective"] and month_text(row["effective"]),
            "fact": f"{row['household']}:{row['version']}",
        }
        for row in rows
    ]


def _told(row: Row) -> Row:
    data = _decode(row["data"])
    stream = row["stream"]
    return {
        "id": f"{stream}:{row['version']}",
        "position": row["position"],
        "type": row["type"],
        "stream": stream,
        "effective": data.get("effective"),
        "decided_on": data.get("decided_on"),
        "recorded_at": row["recorded_at"],
        "actor": data.get("actor"),
        "spell": data.get("spell"),
        "reason": _reason(data),
        "legal_basis": data.get("legal_basis"),
        "instrument": data.get("instrument"),
        "evidence": [data[key] for key in _EVIDENCE if key in data],
        "corrects": data.get("corrects"),
        "corrected_by": None,
        "revoked_by": None,
        "data": data,
    }


def _reason(data: Row) -> Any:
    for key in _WHY:
        if key in data:
            return data[key]
    return None


def _mark_corrected(said: Iterable[Row], known_to: dict[int, int | None]) -> None:
    """Name, beside what was corrected, the correction, when it is known."""
    if not any(known_to.values()):
        return
    at = {fact["position"]: fact["id"] for fact in said}
    for fact in said:
        fact["corrected_by"] = at.get(known_to[fact["position"]] or 0)


def _mark_revoked(ranked: list[tuple[int, Row]]) -> None:
    """Name, beside what was revoked, the revocation that stands."""
    for _, fact in ranked:
        if fact["type"] not in (EXIT_REVOKED, ENROLMENT_REVOKED) or fact["corrected_by"]:
            continue
        for other in _revoked_by(fact, ranked):
            other["revoked_by"] = other["revoked_by"] or fact["id"]


def _revoked_by(fact: Row, ranked: list[tuple[int, Row]]) -> list[Row]:
    if fact["type"] == ENROLMENT_REVOKED:
        return [
            other for _, other in ranked if other["spell"] == fact["spell"] and other["effective"]
        ]
    revoked = next((rank for rank, other in ranked if other["id"] == fact["data"]["exit"]), None)
    return [other for rank, other in ranked if rank == revoked and other["type"] in (EXITED, GRACE)]


def _by_then(fact: Row, month: str) -> bool:
    if fact["effective"] is not None:
        return bool(fact["effective"] <= month)
    last = monthrange(int(month[:4]), int(month[5:]))[1]
    return bool((fact["decided_on"] or "") <= f"{month}-{last:02d}")
