"""Why a line pays a grant: help-first (Law 50) and temporary aid, each grant paid once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from projections.database import Row
from projections.explanations.assertions import FOLDER
from projections.explanations.balances import FIRST_LISTED
from projections.explanations.line_explanation import (
    Frozen,
    Line,
    LineExplanation,
    Part,
    explained,
    part_of,
    say_frozen,
)
from projections.explanations.places import Places
from projections.explanations.steps import Derivation
from projections.explanations.telling import in_words, in_yuan, plain
from projections.projections import AsOf, Projections, first_of_month, next_month

HEADS = {
    "assistance.EmergencyAidGranted.v1": "help_first",
    "assistance.TemporaryAidGranted.v1": "temporary_aid",
    "assistance.FuneralAidGranted.v1": "funeral_aid",
}
_WORDS = {
    **{name: plain(head) for name, head in HEADS.items()},
    "assistance.AidInstalmentGranted.v1": "a further instalment",
}


def explain_grant(projections: Projections, frozen: Frozen, line: Line) -> LineExplanation:
    """Return why a line pays a grant of help-first or temporary aid; ExplanationDiffers."""
    derived, as_of = Derivation(), AsOf(frozen.computed_at)
    say_frozen(derived, frozen)
    asked = {"stream": line.subject, "position": as_of.position}
    granted = projections.rows(FOLDER, "granted", asked)
    opened = [row for row in granted if row["type"] in HEADS]
    places = Places(projections, as_of)
    area, followed = places.counted_in(opened[-1]["area"], frozen.list_month)
    first = places.setting(area, FIRST_LISTED, frozen.list_month)
    text = f"The grant is counted in area {area}, which lists from {first.value} on."
    facts = [opened[-1]["fact"], *(one.fact for one in followed), *first.facts]
    derived.say("area", text, facts, area=area, first_listed=first.value)
    parts = [
        part for part in _parts(projections, frozen, line, granted, as_of)
        if first.value is not None and part.month >= first_of_month(first.value)
    ]  # fmt: skip
    return explained(frozen, line, derived, parts, area=area, head=HEADS[opened[0]["type"]])


def _parts(
    projections: Projections, frozen: Frozen, line: Line, granted: list[Row], as_of: AsOf
) -> Iterator[Part]:
    """Yield a part for each month in which more was granted in cash than listed before."""
    asked = {"subject": line.subject, "kind": frozen.kind, "area_grant": None}
    before = projections.rows(FOLDER, "listed_once", asked | {"position": as_of.position})
    end = next_month(frozen.list_month)
    cash = [row for row in granted if row["form"] == "cash" and row["decided_on"] < end]
    for month in sorted({row["decided_on"].replace(day=1) for row in cash}):
        derived = Derivation()
        _granted(derived, [row for row in cash if row["decided_on"].replace(day=1) == month])
        say_listed(derived, [row for row in before if row["month"] == month])
        if derived.fen > 0:
            fen = int(derived.fen)
            yield part_of(month, _paid(derived, month, fen), fen)


def _granted(derived: Derivation, cash: list[Row]) -> None:
    for row in cash:
        cause = f" (cause: {plain(row['cause'])})" if row["cause"] else ""
        what = _WORDS[row["type"]].capitalize()
        text = f"{what} of {in_yuan(row['fen'])} in cash was granted on {row['decided_on']}{cause}."
        says: dict[str, Any] = {"granted_fen": row["fen"], "granted_on": str(row["decided_on"])}
        derived.add("granted", row["fen"], text, [row["fact"]], **says)


def say_listed(derived: Derivation, before: list[Row]) -> None:
    """Take off what lists ordered before, in fen: each grant is paid once."""
    for row in before:
        text = f"Ordered on the list for {in_words(row['list_month'])}: {in_yuan(row['fen'])}."
        derived.add(
            "listed", -row["fen"], text, [row["fact"]], list=str(row["list"]), listed_fen=row["fen"]
        )


def _paid(derived: Derivation, month: date, fen: int) -> Derivation:
    text = f"The line pays {in_yuan(fen)} of what was granted in {in_words(month)}."
    derived.say("part", text, part_fen=fen)
    return derived
