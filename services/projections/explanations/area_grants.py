"""Why a line pays an area grant: an amount for everyone on given rolls in a month (Law 32).

A person on several rolls, or in several households, counts once: with a basic roll before a
recognition, then with the household whose id comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from projections.database import Row
from projections.errors import NotFound
from projections.explanations.assertions import FOLDER, load
from projections.explanations.grants import say_listed
from projections.explanations.holding import holding, standing
from projections.explanations.line_explanation import (
    Frozen,
    Line,
    LineExplanation,
    explained,
    head_in_words,
    part_of,
    say_frozen,
)
from projections.explanations.places import Places
from projections.explanations.steps import Derivation
from projections.explanations.telling import counted, in_words, in_yuan, listed
from projections.projections import AsOf, Projections

BASIC = "basic"


class Stay(NamedTuple):
    """A household on a roll of the grant in its month, with the persons who count there."""

    household: UUID
    kind: str
    roll: str
    area: str
    persons: list[UUID]
    facts: list[str]

    @property
    def place(self) -> tuple[bool, str]:
        """What comes first of the stays of one person."""
        return self.kind != BASIC, str(self.household)


class Rolls:
    """Who is on the rolls of a grant, household by household."""

    def __init__(self, projections: Projections, grant: Row, month: date, as_of: AsOf) -> None:
        self._projections = projections
        self._grant = grant
        self._month = month
        self._as_of = as_of
        self._places = Places(projections, as_of)

    def stays(self, household: UUID) -> list[Stay]:
        """Return where a household is on a roll of the grant, inside of its area."""
        found = [*self._basic(household), *self._recognised(household)]
        return [
            one for one in found
            if one.area.startswith(self._grant["area"])
            and {one.roll, one.roll.partition(".")[0]} & set(self._grant["rolls"])
        ]  # fmt: skip

    def counted_elsewhere(self, household: UUID, own: Iterable[Stay]) -> dict[UUID, Stay]:
        """Return the persons of a household who count with another one, and where."""
        persons = {person: stay for stay in sorted(own, key=_place, reverse=True)
                   for person in stay.persons}  # fmt: skip
        asked = {"persons": list(persons)}
        rows = self._projections.rows(FOLDER, "households_of_persons", asked) if persons else []
        others = [row["household"] for row in rows if row["household"] != household]
        stays = sorted((one for other in others for one in self.stays(other)), key=_place)
        return {
            person: other
            for person, stay in persons.items()
            for other in [next((one for one in stays if person in one.persons), None)]
            if other is not None and other.place < stay.place
        }

    def _basic(self, household: UUID) -> Iterator[Stay]:
        try:
            known = load(self._projections, household, self._as_of)
        except NotFound:
            return
        held = holding(known, standing(known, self._month), self._month)
        if held is not None:
            code, followed = self._places.counted_in(held.area.said["area"], self._month)
            facts = [held.enrolment.fact, held.programme.fact, held.area.fact]
            facts += [one.fact for one in followed]
            facts += [fact for member in held.covered for fact in member.facts]
            persons = [member.person for member in held.covered]
            yield Stay(household, BASIC, held.programme.said["programme"], code, persons, facts)

    def _recognised(self, household: UUID) -> Iterator[Stay]:
        asked = {"household": household, "last": self._month, "position": self._as_of.position}
        for row in self._projections.rows(FOLDER, "recognitions_held", asked):
            if row["in_force"] and not self._over(row):
                code, followed = self._places.counted_in(row["area"], self._month)
                facts = [row["fact"], *(one.fact for one in followed)]
                roll = row["recognition"]
                yield Stay(household, roll, roll, code, row["persons"] or [], facts)

    def _over(self, row: Row) -> bool:
        """Tell whether a recognition ended; rigid expenditure by policy, where nobody said when."""
        if row["until"] is not None:
            return bool(row["until"] < self._month)
        if row["recognition"] != "rigid":
            return False
        term = self._places.setting(row["area"], "rigid.months", row["effective"]).value
        return term is not None and _months(row["effective"], self._month) >= term


def _place(stay: Stay) -> tuple[bool, str]:
    return stay.place


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def explain_area_grant(projections: Projections, frozen: Frozen, line: Line) -> LineExplanation:
    """Return why a line pays an area grant: who counts, and what was listed; ExplanationDiffers."""
    derived, as_of = Derivation(), AsOf(frozen.computed_at)
    say_frozen(derived, frozen)
    stream, _, version = (frozen.area_grant or "").partition(":")
    asked: dict[str, Any] = {"stream": stream, "version": int(version), "position": as_of.position}
    [grant] = projections.rows(FOLDER, "area_grant", asked)
    _adopted(derived, grant)
    rolls = Rolls(projections, grant, frozen.list_month, as_of)
    stays = rolls.stays(line.subject)
    elsewhere = rolls.counted_elsewhere(line.subject, stays) if grant["per"] == "person" else {}
    _on_rolls(derived, stays, frozen.list_month)
    month = Derivation()
    _persons(month, grant, stays, elsewhere)
    asked = {"subject": line.subject, "kind": "area_grant", "area_grant": frozen.area_grant}
    say_listed(month, projections.rows(FOLDER, "listed_once", asked | {"position": as_of.position}))
    fen = int(month.fen)
    month.say("part", f"The line pays {in_yuan(fen)}.", part_fen=fen)
    part = part_of(frozen.list_month, month, fen)
    area = _area(stays, elsewhere, grant["per"] == "person")
    return explained(frozen, line, derived, [part], area=area, head=grant["head"])


def _adopted(derived: Derivation, grant: Row) -> None:
    rolls = listed([head_in_words(roll) for roll in grant["rolls"]])
    text = (
        f"Area {grant['area']} grants {in_yuan(grant['amount_fen'])} a {grant['per']} for"
        f" {in_words(grant['effective'])} ({head_in_words(grant['head'])}) to everyone on the rolls of"
        f" {rolls}."
    )
    derived.say(
        "grant", text, [grant["fact"]], amount_fen=grant["amount_fen"], per=grant["per"],
        rolls=grant["rolls"], head=grant["head"],
    )  # fmt: skip


def _on_rolls(derived: Derivation, stays: Iterable[Stay], month: date) -> None:
    for stay in stays:
        text = (
            f"In {in_words(month)} the household is on the roll of {head_in_words(stay.roll)} in area"
            f" {stay.area}, with {counted(len(stay.persons), 'person')}."
        )
        derived.say("roll", text, stay.facts, roll=stay.roll, persons=len(stay.persons))


def _persons(
    derived: Derivation, grant: Row, stays: Iterable[Stay], elsewhere: dict[UUID, Stay]
) -> None:
    """Add the amount: a household's once, or one for each person who counts here."""
    stays = list(stays)
    if grant["per"] == "household":
        if stays:
            text = f"The household is granted {in_yuan(grant['amount_fen'])}, once."
            derived.add("granted", grant["amount_fen"], text, [grant["fact"]])
        return
    here = {person for stay in stays for person in stay.persons} - elsewhere.keys()
    fen = len(here) * grant["amount_fen"]
    text = f"{counted(len(here), 'person')} x {in_yuan(grant['amount_fen'])} = {in_yuan(fen)}."
    if elsewhere:
        others = listed(sorted({str(stay.household) for stay in elsewhere.values()}))
        text += f" {counted(len(elsewhere), 'person')} of it counted with household {others}."
    facts = [grant["fact"], *(fact for stay in elsewhere.values() for fact in stay.facts)]
    derived.add("granted", fen, text, facts, persons=len(here), elsewhere=len(elsewhere))


def _area(stays: Iterable[Stay], elsewhere: dict[UUID, Stay], by_person: bool) -> str | None:
    """Return where the line is counted: of several places, the one whose code comes first."""
    ordered = sorted(stays, key=_place)
    if by_person:
        persons = {person for stay in ordered for person in stay.persons} - elsewhere.keys()
        ordered = [
            next(stay for stay in ordered if person in stay.persons) for person in sorted(persons)
        ]
    return min((stay.area for stay in ordered), default=None)
