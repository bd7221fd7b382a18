"""Spells: the times on a basic roll, told from the enrolments and exits that stand.

The rule is the register's (states.sql, `standing`), for one household at hand: of two facts that
take effect in one month the later in rank holds, an exit ends its own spell only, and a grace
period brings its end unless the household left before.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from projections.database import Row

ENROLLED = "assistance.HouseholdEnrolled.v1"
EXITED = "assistance.HouseholdExited.v1"
GRACE = "assistance.GracePeriodStarted.v1"
_TURNS = (ENROLLED, EXITED, GRACE)


class Turn(NamedTuple):
    """Entering or leaving, in its place in time."""

    month: str
    rank: int
    fact: Row


def spells(facts: Iterable[tuple[int, Row]], until: str | None = None) -> list[Row]:
    """Return the spells that follow from a household's own facts, each given with its rank.

    Facts that were corrected or revoked are passed over; so is what takes effect after `until`.
    """
    turns = sorted(turn for rank, fact in facts for turn in _turns(rank, fact))
    told: list[Row] = []
    for month, _, fact in turns:
        if until is not None and month > until:
            break
        if fact["type"] == ENROLLED:
            if told and told[-1]["to"] is None:
                told[-1]["to"] = month
            told.append(_begun(month, fact))
        elif told and told[-1]["spell"] == fact["spell"] and told[-1]["to"] in (None, month):
            told[-1] |= _ended(month, fact)
    _name_grace(told, turns, until)
    return told


def _turns(rank: int, fact: Row) -> list[Turn]:
    if fact["type"] not in _TURNS or fact["corrected_by"] or fact["revoked_by"]:
        return []
    month = fact["effective"] if fact["type"] != GRACE else _after(fact["data"]["until"])
    return [Turn(month, rank, fact)]


def _begun(month: str, fact: Row) -> Row:
    return {
        "spell": fact["spell"],
        "from": month,
        "to": None,
        "exit_reason": None,
        "enrolment": fact["id"],
        "exit": None,
        "single_person": bool(fact["data"].get("single_person")),
        "grace_from": None,
        "grace_until": None,
    }


def _ended(month: str, fact: Row) -> Row:
    reason = fact["reason"] if fact["type"] == EXITED else "grace_ended"
    return {"to": month, "exit": fact["id"], "exit_reason": reason}


def _name_grace(told: list[Row], turns: list[Turn], until: str | None) -> None:
    """Put each spell's last grace period beside it."""
    by_spell = {spell["spell"]: spell for spell in told}
    for _, _, fact in turns:
        spell = by_spell.get(fact["spell"])
        if fact["type"] == GRACE and spell and (until is None or fact["effective"] <= until):
            spell |= {"grace_from": fact["effective"], "grace_until": fact["data"]["until"]}


def _after(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"
