"""What holds for a household in a month, each part with the facts by which it holds.

The rules are DOMAIN's "Which state holds in a month": of what took effect in the running spell the last
word holds; a grace period leaves out what it defers; the dead are no longer covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from projections.explanations.assertions import Assertion, Assertions, last


class Undone(NamedTuple):
    """An enrolment, exit or grace period that is left out, and the fact that revoked it."""

    said: Assertion
    by: str


@dataclass(frozen=True)
class Standing:
    """On or off the roll: the last enrolment that stands, and how the household left, if it did.

    `later` is the first enrolment of a later month; `undone` is what would have changed the standing.
    """

    enrolment: Assertion | None
    left: Assertion | None
    later: Assertion | None
    undone: list[Undone]


@dataclass(frozen=True)
class Member:
    """A person in the household; tested: counted in N, covered: counted in c.

    `cover` is the last word on cover; the dead have `death`, and `released` once an income takes effect
    after it, from which month on they are no longer tested.
    """

    number: int
    person: UUID
    head: bool
    covered: bool
    tested: bool
    joined: Assertion
    cover: Assertion
    death: Assertion | None
    released: Assertion | None
    supplements: list[Assertion]
    withdrawn: list[Assertion]
    self_care: Assertion | None

    @property
    def facts(self) -> list[str]:
        """The facts by which the person is tested and covered, or not."""
        said = (self.joined, self.cover, self.death, self.released)
        return [one.fact for one in said if one is not None]


@dataclass(frozen=True)
class Deferrable:
    """An income or tier, and what a grace period puts off; `grace` is the one in force, if any."""

    said: Assertion | None
    grace: Assertion | None
    put_off: list[Assertion]


@dataclass(frozen=True)
class Holding:
    """A household on a roll in a month."""

    standing: Standing
    enrolment: Assertion
    programme: Assertion
    area: Assertion
    head: Assertion | None
    income: Deferrable
    tier: Deferrable
    care_form: Assertion | None
    suspension: Assertion | None
    members: list[Member]
    gone: list[Assertion]
    grace_revoked: list[Undone]

    @property
    def tested(self) -> list[Member]:
        """The members in the income test, N of them."""
        return [member for member in self.members if member.tested]

    @property
    def covered(self) -> list[Member]:
        """The covered members, c of them."""
        return [member for member in self.members if member.covered]


def standing(known: Assertions, month: date) -> Standing:
    """Return the standing of a household in a month; an exit ends its own spell only."""
    enrolment: Assertion | None = None
    left: Assertion | None = None
    said = known.of("standing")
    entries = [one for one in said if known.revoked_by(one) is None]
    for entry in (one for one in entries if one.effective <= month):
        if entry.said["on_roll"]:
            enrolment, left = entry, None
        elif enrolment and entry.spell == enrolment.spell:
            left = entry if left is None or left.effective == entry.effective else left
    later = (one for one in entries if one.said["on_roll"] and one.effective > month)
    return Standing(enrolment, left, next(later, None), _undone(known, said, enrolment, month))


def _undone(
    known: Assertions, said: Iterable[Assertion], enrolment: Assertion | None, month: date
) -> list[Undone]:
    """Return what was revoked of the running spell, and the enrolments revoked since it began."""
    began, spell = (enrolment.ordinal, enrolment.spell) if enrolment else (0, None)
    return [
        Undone(one, by)
        for one in said
        if began < one.ordinal and one.effective <= month
        if one.said["on_roll"] or one.spell == spell
        if (by := known.revoked_by(one)) is not None
    ]


def holding(known: Assertions, stands: Standing, month: date) -> Holding | None:
    """Return what holds for a household in a month, None when it is on no roll."""
    enrolment = stands.enrolment
    if enrolment is None or stands.left is not None:
        return None
    kinds = ("programme", "area", "head", "income", "tier", "care_form", "suspension", "grace")
    said = {kind: known.in_spell(enrolment, kind, month) for kind in kinds}
    head = last(said["head"])
    of_members = known.in_spell(enrolment, "member", month)
    grace = last(said["grace"], lambda one: _runs(one, month) and known.revoked_by(one) is None)
    [programme], [area] = said["programme"][-1:], said["area"][-1:]
    return Holding(
        standing=stands,
        enrolment=enrolment,
        programme=programme,
        area=area,
        head=head,
        income=_income(said["income"], grace),
        tier=_tier(said["tier"], grace),
        care_form=last(said["care_form"]),
        suspension=last(said["suspension"]),
        members=_members(known, enrolment, head, month),
        gone=_gone(of_members),
        grace_revoked=[
            Undone(one, by)
            for one in said["grace"]
            if _runs(one, month) and (by := known.revoked_by(one)) is not None
        ],
    )


def _runs(grace: Assertion, month: date) -> bool:
    return grace.effective <= month <= date.fromisoformat(grace.said["until"])


def _income(incomes: list[Assertion], grace: Assertion | None) -> Deferrable:
    """A grace period leaves out what it defers; then only reductions of income count."""
    if grace is None:
        return Deferrable(last(incomes), None, [])
    kept = [one for one in incomes if one.rank != grace.said["deferred_rank"]]
    again = [one for one in kept if _reassessed_in(one, grace)]
    before = [one for one in kept if one not in again]
    counted = min([*before[-1:], *again], key=lambda one: one.said["income_fen"], default=None)
    return Deferrable(counted, grace, _put_off(incomes, grace, counted))


def _reassessed_in(income: Assertion, grace: Assertion) -> bool:
    return income.said["reassessed"] and income.effective >= grace.effective


def _tier(tiers: list[Assertion], grace: Assertion | None) -> Deferrable:
    if grace is None:
        return Deferrable(last(tiers), None, [])
    counted = last(tiers, lambda one: one.rank != grace.said["deferred_rank"])
    return Deferrable(counted, grace, _put_off(tiers, grace, counted))


def _put_off(
    said: Iterable[Assertion], grace: Assertion, counted: Assertion | None
) -> list[Assertion]:
    """Return what a grace period puts off, and what else came later without counting."""
    since = counted.ordinal if counted else 0
    return [one for one in said if one.rank == grace.said["deferred_rank"] or one.ordinal > since]


def _members(
    known: Assertions, enrolment: Assertion, head: Assertion | None, month: date
) -> list[Member]:
    """Return who is present, the head first, then in the order in which they came."""
    kinds = ("member", "supplement", "self_care", "income")
    words = {kind: known.in_spell(enrolment, kind, month) for kind in kinds}
    chief = head and head.person
    came = sorted(
        (
            (person, one)
            for person, one in _last_presence(words["member"]).items()
            if one.said["present"]
        ),
        key=lambda found: (found[0] != chief, found[1].ordinal, str(found[0])),
    )
    return [
        _member((number, person, person == chief), joined, words)
        for number, (person, joined) in enumerate(came, 1)
    ]


def _gone(said: Iterable[Assertion]) -> list[Assertion]:
    return [one for one in _last_presence(said).values() if not one.said["present"]]


def _last_presence(said: Iterable[Assertion]) -> dict[UUID, Assertion]:
    return {one.person: one for one in said if one.person and "present" in one.said}


def _member(
    who: tuple[int, UUID, bool], joined: Assertion, words: Mapping[str, Sequence[Assertion]]
) -> Member:
    number, person, head = who
    said, supplements, self_cares = (
        [one for one in words[kind] if one.person == person]
        for kind in ("member", "supplement", "self_care")
    )
    cover = last(said, lambda one: "covered" in one.said) or joined
    death = last(said, lambda one: bool(one.said["died"]) and one.ordinal > joined.ordinal)
    incomes = words["income"]
    released = death and next((one for one in incomes if one.ordinal > death.ordinal), None)
    classes = _classes(supplements, joined)
    return Member(
        number=number,
        person=person,
        head=head,
        covered=bool(cover.said["covered"]) and death is None,
        tested=released is None,
        joined=joined,
        cover=cover,
        death=death,
        released=released,
        supplements=[one for one in classes if one.said["assigned"]],
        withdrawn=[one for one in classes if not one.said["assigned"]],
        self_care=last(self_cares, lambda one: one.ordinal >= joined.ordinal),
    )


def _classes(supplements: Iterable[Assertion], joined: Assertion) -> list[Assertion]:
    """Return the last word on each class of supplement since a person came."""
    since = (one for one in supplements if one.ordinal >= joined.ordinal)
    words = {one.said["supplement"]: one for one in since}
    return [words[name] for name in sorted(words)]
