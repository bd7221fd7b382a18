"""The steps that add up: the base amount, care, supplements, a suspension, rounding (Law 18, 20, 21).

All sums are exact fractions of a fen; what follows from a standard a year is divided by twelve in the
same fraction, and the total is rounded once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

from projections.explanations import circumstances
from projections.explanations.circumstances import name_of
from projections.explanations.holding import Holding, Member
from projections.explanations.places import Ruling, Setting
from projections.explanations.steps import Derivation
from projections.explanations.telling import (
    ROUNDINGS,
    in_words,
    in_yuan,
    listed,
    plain,
    share,
)
from projections.household_histories.telling import yuan

SettingOf = Callable[[str], Setting]


@dataclass(frozen=True)
class Rate:
    """What a standard pays: `fen` a period, a year or a month."""

    fen: int
    periods: int

    @property
    def a_month(self) -> Fraction:
        """The amount a month, exact."""
        return Fraction(self.fen, self.periods)

    @property
    def says(self) -> dict[str, Any]:
        """The rate as an explanation gives it: fen, and by how many months they are divided."""
        return {"rate_fen": self.fen, "periods": self.periods}

    def __str__(self) -> str:
        return f"{yuan(self.fen)} / 12" if self.periods == 12 else yuan(self.fen)


def rate_of(standard: Ruling, fen: int) -> Rate:
    """Return an amount of a standard with its period."""
    return Rate(fen, 12 if standard.said["period"] == "year" else 1)


class Base(NamedTuple):
    """An amount before supplements: exact fen a month, the sum in words, by which facts, its values."""

    fen: Fraction
    formula: str
    facts: list[str]
    says: dict[str, Any]


def derive(derived: Derivation, held: Holding, standard: Ruling, setting: SettingOf) -> None:
    """Take the steps from the standard to what is paid, before rounding."""
    own = rate_of(standard, standard.said["amount_fen"])
    _add_base(derived, held, standard, _base(derived, held, standard, setting))
    if standard.said["mode"] == "full":
        for member in held.covered:
            _care(derived, member, standard)
    _supplements(derived, held, own, setting)
    _suspended(derived, held)


def _base(derived: Derivation, held: Holding, standard: Ruling, setting: SettingOf) -> Base:
    """Return the base amount by the standard's mode; full support knows no single persons."""
    mode, own = standard.said["mode"], rate_of(standard, standard.said["amount_fen"])
    if mode == "full":
        return _full(held, standard)
    if held.enrolment.said.get("single_person"):
        return _single_person(derived, held, own, setting("single_person.amount"))
    if mode == "tiered":
        return _tiered(derived, held, standard)
    return _gap(derived, held, own)


def _add_base(derived: Derivation, held: Holding, standard: Ruling, base: Base) -> None:
    """Add the base amount; below zero it is zero."""
    text = f"The base amount is {base.formula} = {in_yuan(base.fen)}"
    text += "; below zero, so nothing is due." if base.fen < 0 else "."
    counting = [fact for member in held.members for fact in member.facts]
    derived.add(
        "base", max(Fraction(0), base.fen), text, [standard.fact, *counting, *base.facts],
        formula=base.formula, covered=len(held.covered), **base.says,
    )  # fmt: skip


def _gap(derived: Derivation, held: Holding, standard: Rate) -> Base:
    circumstances.income(derived, held)
    n, c, (fen, facts) = len(held.tested), len(held.covered), _income(held)
    shares = max(n, 1)
    found = c * (n * standard.a_month - fen) / shares
    formula = f"{c} covered x ({n} in the income test x {standard} - {yuan(fen)}) / {shares}"
    return Base(found, formula, facts, {"members": n, "income_fen": fen, **standard.says})


def _tiered(derived: Derivation, held: Holding, standard: Ruling) -> Base:
    name = held.tier.said and held.tier.said.said.get("tier")
    fen = (standard.said["tiers"] or {}).get(name)
    circumstances.tier(derived, held, fen)
    rate, c = rate_of(standard, fen or 0), len(held.covered)
    facts = [held.tier.said.fact] if held.tier.said else []
    return Base(c * rate.a_month, f"{c} covered x {rate}", facts, {"tier": name, **rate.says})


def _single_person(derived: Derivation, held: Holding, standard: Rate, setting: Setting) -> Base:
    """By policy the standard less the own income, a fixed sum, or a share of the standard."""
    rule, facts = setting.value, setting.facts
    says: dict[str, Any] = {"policies": [setting.says]}
    match rule["method"]:
        case "fixed":
            found, formula = Fraction(rule["fen"]), f"{yuan(rule['fen'])}, fixed by policy,"
        case "share":
            found = standard.a_month * Fraction(rule["bp"], 10_000)
            formula = f"{share(rule['bp'])} of {standard}"
            says |= standard.says
        case _:
            circumstances.income(derived, held)
            fen, sources = _income(held)
            found, formula = standard.a_month - fen, f"({standard} - {yuan(fen)})"
            facts, says = facts + sources, {**says, **standard.says, "income_fen": fen}
    c = len(held.covered)
    return Base(c * found, f"{c} covered, a single person, x {formula}", facts, says)


def _full(held: Holding, standard: Ruling) -> Base:
    """The basic standard, by care form where it has one; each member's care comes after it."""
    form = held.care_form.said["care_form"] if held.care_form else None
    own = (standard.said["by_care_form"] or {}).get(form)
    rate = rate_of(standard, standard.said["amount_fen"] if own is None else own)
    c = len(held.covered)
    formula = f"{c} covered x {rate}" + (f" ({plain(form)} care)" if own is not None else "")
    facts = [held.care_form.fact] if held.care_form else []
    return Base(c * rate.a_month, formula, facts, {"care_form": form, **rate.says})


def _income(held: Holding) -> tuple[int, list[str]]:
    said = held.income.said
    return (said.said["income_fen"], [said.fact]) if said else (0, [])


def _care(derived: Derivation, member: Member, standard: Ruling) -> None:
    name = name_of(member).capitalize()
    if member.self_care is None:
        text = f"{name} gets no care allowance: the ability of self-care is not assessed."
        derived.add("care", 0, text, member=member.number, self_care=None)
        return
    ability = member.self_care.said["self_care"]
    fen = (standard.said["care"] or {}).get(ability)
    rate = rate_of(standard, fen or 0)
    adds = f"adds {rate} = {in_yuan(rate.a_month)} for care" if fen else "adds nothing for care"
    text = f"{name}, assessed as {plain(ability)} in self-care, {adds}."
    derived.add(
        "care", rate.a_month, text, [member.self_care.fact], member=member.number,
        self_care=ability, rate_fen=fen,
    )  # fmt: skip


def _supplements(derived: Derivation, held: Holding, standard: Rate, setting: SettingOf) -> None:
    """Add each covered member's supplements, unless the base is zero."""
    concerned = [m for m in held.covered if m.supplements or m.withdrawn]
    if derived.fen == 0:
        facts = [one.fact for member in concerned for one in member.supplements]
        text = "The amount is zero, so no supplement is due either; the household is a lead to be looked at."
        derived.add("supplements", 0, text, facts, base_zero=True)
        return
    for member in concerned:
        _supplement(derived, member, standard, setting)


def _supplement(derived: Derivation, member: Member, standard: Rate, setting: SettingOf) -> None:
    settings = [setting(f"supplement.{one.said['supplement']}") for one in member.supplements]
    worth = [(one, _worth(one.value, standard)) for one in settings]
    priced = [(one, fen) for one, fen in worth if fen is not None]
    combine = setting("supplements.combine") if len(priced) > 1 else None
    amounts = [fen for _, fen in priced]
    adds = (
        sum(amounts, Fraction(0))
        if combine and combine.value == "sum"
        else max(amounts, default=Fraction(0))
    )
    asked = [*settings, *([combine] if combine else [])]
    said = [*member.supplements, *member.withdrawn]
    parts = [_priced(one, fen, standard) for one, fen in worth]
    text = _told(member, parts, combine, adds)
    derived.add(
        "supplement", adds, text, [one.fact for one in said] + [f for one in asked for f in one.facts],
        member=member.number, classes=[one.said["supplement"] for one in member.supplements],
        withdrawn=[one.said["supplement"] for one in member.withdrawn],
        policies=[one.says for one in asked],
    )  # fmt: skip


def _worth(rule: Any, standard: Rate) -> Fraction | None:
    """A share is of the area's standard, never of a tier's rate; a sum is a month's."""
    if rule is None:
        return None
    if "bp" in rule:
        return standard.a_month * Fraction(rule["bp"], 10_000)
    return Fraction(rule["fen"])


def _priced(setting: Setting, fen: Fraction | None, standard: Rate) -> str:
    name = plain(setting.name.partition(".")[2])
    if fen is None:
        return f"{name}, for which no supplement is set"
    if "bp" in setting.value:
        return f"{name}, {share(setting.value['bp'])} of {standard} = {in_yuan(fen)}"
    return f"{name}, {in_yuan(fen)}"


def _told(member: Member, parts: list[str], combine: Setting | None, adds: Fraction) -> str:
    name = name_of(member).capitalize()
    withdrawn = "".join(
        f" {plain(one.said['supplement']).capitalize()} was withdrawn"
        f" from {in_words(one.effective)} on."
        for one in member.withdrawn
    )
    if not parts:
        return f"{name} gets no supplement.{withdrawn}"
    how = ""
    if combine:
        how = "; they are summed" if combine.value == "sum" else "; the highest counts"
    return (
        f"{name} is {'of the classes' if len(parts) > 1 else 'of the class'}"
        f" {listed(parts)}{how}: {in_yuan(adds)} more.{withdrawn}"
    )


def _suspended(derived: Derivation, held: Holding) -> None:
    said = held.suspension
    if said is None or not said.said["suspended"]:
        return
    reason = said.said.get("reason")
    why = f" (reason: {plain(reason)})" if reason else ""
    text = f"Payment is suspended from {in_words(said.effective)} on{why}, so nothing is paid."
    derived.add("suspension", -derived.fen, text, [said.fact], reason=reason)


def round_off(derived: Derivation, setting: Setting) -> None:
    """Round the total once, as policy says."""
    total = rounded(derived.fen, setting.value)
    facts, policies = setting.facts, [setting.says]
    how = ROUNDINGS[setting.value] + ("" if setting.found.ruling else ", the default")
    text = f"Rounded once, {how}: {in_yuan(total)}."
    derived.add("rounding", total - derived.fen, text, facts, policies=policies)


def rounded(fen: Fraction, how: str) -> int:
    """Return an amount rounded as a setting of policy says; whole fen."""
    match how:
        case "half_up_jiao":
            return 10 * floor(fen / 10 + Fraction(1, 2))
        case "ceil_jiao":
            return 10 * ceil(fen / 10)
        case "ceil_yuan":
            return 100 * ceil(fen / 100)
    return floor(fen + Fraction(1, 2))


def entitled(derived: Derivation, month: date) -> int:
    """Say what the household is entitled to in a month; return it in fen."""
    fen = int(derived.fen)
    text = f"For {in_words(month)} the household is entitled to {in_yuan(fen)}."
    derived.say("entitled", text, entitled_fen=fen)
    return fen
