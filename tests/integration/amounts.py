"""What a household is entitled to in a month, word by word from the rules, fact by fact.

Slow on purpose and without any SQL: the query that computes amounts is compared with it. States of
households come from the ledger's fold, which is compared with the register on its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from edge.contracts import read_contract
from ledger.fact import Fact
from ledger.households.state import MemberState, State
from ledger.standards.facts import (
    AreaReplaced,
    PolicyAdopted,
    PolicyEnded,
    StandardAdopted,
    StandardEnded,
)

DEFAULTS: dict[str, Any] = {
    name: setting["default"]
    for name, setting in orjson.loads(read_contract("policy-settings.json"))["settings"].items()
}
OF_AMOUNTS = ("rounding", "single_person.amount", "supplements.combine",
              *(name for name in DEFAULTS if name.startswith("supplement.")))  # fmt: skip
"""The settings on which amounts depend."""


class Known(NamedTuple):
    """A fact of an area as recorded: the stream that it is on, and its version there."""

    stream: UUID
    version: int
    fact: Fact

    @property
    def rank(self) -> int:
        """The version of the first fact of its chain."""
        return self.fact.rank or self.version


Area = Sequence[Known]


def standing(facts: Area) -> list[Known]:
    """Return what stands of the areas' facts: of each correction chain the last."""
    last: dict[tuple[UUID, int], Known] = {}
    for known in facts:
        last[known.stream, known.rank] = known
    return list(last.values())


def _last_word(said: Sequence[Known], month: str) -> Known | None:
    """Return the latest effective by a month, then the later rank."""
    found: Known | None = None
    place = ("", 0)
    for known in said:
        effective: str = known.fact.effective  # type: ignore[attr-defined]
        if effective <= month and (effective, known.rank) > place:
            found, place = known, (effective, known.rank)
    return found


def counted_in(area: str, month: str, facts: Area) -> str:
    """Return the code that an area goes by in a month.

    Codes give way in the order of their months, the nearest enclosing one first. Codes inside one
    that gave way to a code of the same level keep their own digits behind it.
    """
    since = ""
    while (found := _gave_way(area, month, since, facts)) is not None:
        kept = area[len(found.area) :] if len(found.area) == len(found.successor) else ""
        area, since = found.successor + kept, found.effective
    return area


def _gave_way(area: str, month: str, since: str, facts: Area) -> AreaReplaced | None:
    for code in enclosing(area):
        said = [k for k in facts if isinstance(k.fact, AreaReplaced) and k.fact.area == code]
        last = _last_word(said, month)
        found = last and last.fact
        if isinstance(found, AreaReplaced) and found.effective >= since:
            return found
    return None


def enclosing(area: str) -> list[str]:
    """Return an area's code and those around it, nearest first."""
    return [area[:digits] for digits in (12, 9, 6, 4, 2) if digits <= len(area)]


def standard_of(area: str, programme: str, month: str, facts: Area) -> Known | None:
    """Return the standard in force: the nearest enclosing area's, there the specific code first."""
    for code in enclosing(area):
        for kind in (programme, programme.partition(".")[0]):
            said = [
                k for k in facts
                if isinstance(k.fact, StandardAdopted | StandardEnded)
                and (k.fact.area, k.fact.programme, k.fact.kind) == (code, kind, "standard")
            ]  # fmt: skip
            last = _last_word(said, month)
            if last is not None and isinstance(last.fact, StandardAdopted):
                return last
    return None


def policy_of(area: str, setting: str, month: str, facts: Area) -> Any:
    """Return a setting's value: of the nearest enclosing area that has one, else the default."""
    for code in enclosing(area):
        said = [
            k for k in facts
            if isinstance(k.fact, PolicyAdopted | PolicyEnded)
            and (k.fact.area, k.fact.setting) == (code, setting)
        ]  # fmt: skip
        last = _last_word(said, month)
        if last is not None and isinstance(last.fact, PolicyAdopted):
            return last.fact.value
    return DEFAULTS[setting]


def entitled_fen(state: State, month: str, facts: Area) -> int:
    """Return the fen to which a household on the roll is entitled in a month, rounded once."""
    area = counted_in(state.area or "", month, facts)
    known = standard_of(area, state.programme or "", month, facts)
    if known is None or not isinstance(known.fact, StandardAdopted) or state.suspended:
        return 0
    standard = known.fact
    policy = {name: policy_of(area, name, month, facts) for name in OF_AMOUNTS}
    base = _base(state, standard, policy)
    if base <= 0:
        return 0
    extra = sum(
        (_supplement(member, standard, policy) for member in _covered(state)), start=Fraction()
    )
    return _rounded(base + extra, policy["rounding"])


def _covered(state: State) -> list[MemberState]:
    return [member for member in state.members.values() if member.covered]


def _monthly(fen: int, standard: StandardAdopted) -> Fraction:
    return Fraction(fen, 12 if standard.period == "year" else 1)


def _base(state: State, standard: StandardAdopted, policy: Mapping[str, Any]) -> Fraction:
    """Return the amount before supplements; never negative."""
    c, n, s = len(_covered(state)), state.tested, _monthly(standard.amount_fen, standard)
    if standard.mode == "full":
        return _full(state, standard)
    if state.single_person:
        return c * max(Fraction(0), _of_single_person(s, state.income_fen, policy))
    if standard.mode == "tiered":
        return c * _monthly(standard.tiers.get(state.tier or "", 0), standard)
    return max(Fraction(0), c * (n * s - state.income_fen) / n) if c else Fraction(0)


def _full(state: State, standard: StandardAdopted) -> Fraction:
    basic = dict(standard.by_care_form).get(state.care_form, standard.amount_fen)  # type: ignore[call-overload]
    care = [dict(standard.care).get(m.self_care, 0) for m in _covered(state)]  # type: ignore[call-overload]
    return _monthly(len(care) * basic + sum(care), standard)


def _of_single_person(s: Fraction, income_fen: int, policy: Mapping[str, Any]) -> Fraction:
    rule = policy["single_person.amount"]
    match rule["method"]:
        case "fixed":
            return Fraction(rule["fen"])
        case "share":
            return s * Fraction(rule["bp"], 10_000)
    return s - income_fen


def _supplement(
    member: MemberState, standard: StandardAdopted, policy: Mapping[str, Any]
) -> Fraction:
    """Return what a covered member's classes add: the highest only, unless policy sums them."""
    worth = []
    for name in member.supplements:
        rule = policy[f"supplement.{name}"]
        if rule is not None and "bp" in rule:
            worth.append(_monthly(standard.amount_fen, standard) * rule["bp"] / 10_000)
        elif rule is not None:
            worth.append(Fraction(rule["fen"]))
    if policy["supplements.combine"] == "sum":
        return sum(worth, start=Fraction())
    return max(worth, default=Fraction())


def _rounded(fen: Fraction, how: str) -> int:
    match how:
        case "half_up_jiao":
            return 10 * floor(fen / 10 + Fraction(1, 2))
        case "ceil_jiao":
            return 10 * ceil(fen / 10)
        case "ceil_yuan":
            return 100 * ceil(fen / 100)
    return floor(fen + Fraction(1, 2))
