"""The steps that say from what an amount follows: the roll, the place, the standard, the members."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from projections.explanations.assertions import Assertion
from projections.explanations.holding import Deferrable, Holding, Member, Standing, Undone
from projections.explanations.places import InForce, Ruling
from projections.explanations.steps import Derivation
from projections.explanations.telling import (
    PROGRAMMES,
    counted,
    in_words,
    in_yuan,
    listed,
    plain,
    said_of,
)
from projections.projections import month_text

MODES = {
    "gap": "the gap between it and the income is paid",
    "tiered": "a rate by tier is paid",
    "full": "it is paid in full",
}


def off_roll(derived: Derivation, stands: Standing, month: date) -> None:
    """Say why a household is on no roll in a month."""
    found, undone = stands.left or stands.later, stands.undone
    says: dict[str, Any] = {"on_roll": False, "since": None}
    if stands.left:
        reason = stands.left.said.get("reason")
        says |= {"why": "exited", "reason": reason, "since": month_text(stands.left.effective)}
        why = (
            f"it left the roll from {in_words(stands.left.effective)} on (reason: {plain(reason)})"
        )
    elif undone:
        says["why"] = "enrolment_revoked"
        why = "its enrolment was revoked"
    elif stands.later:
        says |= {"why": "not_yet_enrolled", "enrolled": month_text(stands.later.effective)}
        why = f"it is enrolled from {in_words(stands.later.effective)} on only"
    else:
        says["why"] = "never_enrolled"
        why = "no enrolment by then is on record"
    text = f"In {in_words(month)} the household is on no roll: {why}, so nothing is due."
    facts = [*([found.fact] if found else []), *_facts_of(undone)]
    derived.say("roll", text + _told_undone(undone if stands.left else []), facts, **says)


def roll(derived: Derivation, held: Holding, month: date) -> None:
    """Say on which roll a household is, and since when."""
    programme = held.programme.said["programme"]
    single = bool(held.enrolment.said.get("single_person"))
    text = f"In {in_words(month)} the household is on the roll of {PROGRAMMES[programme]}"
    text += f", enrolled from {in_words(held.enrolment.effective)} on"
    text += ", one person alone (single-person enrolment)." if single else "."
    if held.programme.fact != held.enrolment.fact:
        text += f" It came to this programme in {in_words(held.programme.effective)}."
    facts = [held.enrolment.fact, held.programme.fact, *_facts_of(held.standing.undone)]
    resumed = held.suspension if held.suspension and not held.suspension.said["suspended"] else None
    if resumed:
        text += f" Payment was resumed from {in_words(resumed.effective)} on."
        facts.append(resumed.fact)
    text += _told_undone(held.standing.undone)
    derived.say(
        "roll", text, facts, on_roll=True, programme=programme, spell=held.enrolment.spell,
        single_person=single, since=month_text(held.enrolment.effective),
    )  # fmt: skip


def _told_undone(undone: Iterable[Undone]) -> str:
    return "".join(
        f" {'An enrolment' if said.said['on_roll'] else 'An exit'} from {in_words(said.effective)}"
        " on was revoked."
        for said, _ in undone
    )


def _facts_of(undone: Iterable[Undone]) -> list[str]:
    return [fact for said, by in undone for fact in (said.fact, by)]


def area(derived: Derivation, held: Holding, code: str, followed: Sequence[Ruling]) -> None:
    """Say where a household stands, and where it is counted once codes that gave way are followed."""
    stood_in = held.area.said["area"]
    text = f"It is counted in area {code}."
    if followed:
        ways = [
            f"{gave_way.area} gave way to {gave_way.said['successor']}"
            f" from {in_words(gave_way.effective)} on"
            for gave_way in followed
        ]
        text = f"It stands in area {stood_in}; {listed(ways)}, so it is counted in area {code}."
    facts = [held.area.fact, *(gave_way.fact for gave_way in followed)]
    derived.say("area", text, facts, stood_in=stood_in, area=code)


def standard(derived: Derivation, in_force: InForce, programme: str) -> None:
    """Say which standard is in force, by which instrument; or that there is none."""
    found, ended = in_force
    facts = [*([found.fact] if found else []), *(one.fact for one in ended)]
    passed = "".join(
        f" The standard of area {one.area} for {PROGRAMMES[one.key]} ended in"
        f" {in_words(one.effective)}, so it is passed over."
        for one in ended
    )
    if found is None:
        text = f"No standard for {PROGRAMMES[programme]} is in force there, so nothing is due."
        derived.say("standard", text + passed, facts, standard=None)
        return
    said = found.said
    text = (
        f"The standard in force is that of area {found.area} for {PROGRAMMES[found.key]}:"
        f" {in_yuan(said['amount_fen'])} a person and {said['period']}, in force from"
        f" {in_words(found.effective)} on{_origin(found)}; {MODES[said['mode']]}."
    )
    if said["period"] == "year":
        text += " A month is one twelfth of it, divided in the sum."
    named = ("period", "mode", "amount_fen", "adopted_by", "announced_on", "instrument")
    derived.say(
        "standard", text + passed, facts, standard=found.fact, area=found.area,
        programme=found.key, since=month_text(found.effective),
        **{name: said[name] for name in named},
    )  # fmt: skip


def _origin(found: Ruling) -> str:
    said = found.said
    parts = said_of(
        said["adopted_by"] and f"adopted by {said['adopted_by']}",
        said["announced_on"] and f"announced on {said['announced_on']}",
        said["instrument"] and f"by {said['instrument']}",
    )
    return f" ({', '.join(parts)})" if parts else ""


def members(derived: Derivation, held: Holding) -> None:
    """Say who counts in the income test (N) and who is covered (c), and who does not and why."""
    tested, covered = held.tested, held.covered
    texts = [
        f"{counted(len(tested), 'member')} in the income test"
        f"{_named(tested)}; {len(covered)} covered{_named(covered)}.",
        *(_uncovered(member) for member in held.members if not member.covered),
        *(f"One person left the household from {in_words(one.effective)} on." for one in held.gone),
    ]
    facts = [fact for member in held.members for fact in member.facts]
    facts += [*([held.head.fact] if held.head else []), *(one.fact for one in held.gone)]
    derived.say(
        "members", " ".join(texts), facts, members=len(tested), covered=len(covered),
        persons=[_as_json(member) for member in held.members],
        gone=[{"person": str(one.person), "from": month_text(one.effective), "facts": [one.fact]}
              for one in held.gone],
    )  # fmt: skip


def name_of(member: Member) -> str:
    """Return how a member is called: by number, never by name."""
    return f"member {member.number}{' (head)' if member.head else ''}"


def _named(some: Sequence[Member]) -> str:
    return f" ({listed([name_of(member) for member in some])})" if some else ""


def _uncovered(member: Member) -> str:
    name = name_of(member).capitalize()
    if member.death:
        text = f"{name} died"
        text += f" on {died_on}" if (died_on := member.death.said.get("died_on")) else ""
        text += f" and is no longer covered from {in_words(member.death.effective)} on"
        if member.released:
            since = in_words(member.released.effective)
            return f"{text}, and no longer in the income test from {since} on."
        return f"{text}, and stays in the income test until the income is assessed anew."
    since = in_words(member.cover.effective)
    reason = member.cover.said.get("reason")
    why = f" (reason: {plain(reason)})" if reason and member.cover != member.joined else ""
    return f"{name} is not covered from {since} on{why}."


def _as_json(member: Member) -> dict[str, Any]:
    return {
        "member": member.number,
        "person": str(member.person),
        "head": member.head,
        "role": member.joined.said.get("role"),
        "in_income_test": member.tested,
        "covered": member.covered,
        "died": member.death is not None,
        "facts": list(dict.fromkeys(member.facts)),
    }


def income(derived: Derivation, held: Holding) -> None:
    """Say which counted income holds, and what a grace period puts off."""
    said = held.income.said
    fen = said and said.said["income_fen"]
    since = f", from {in_words(said.effective)} on" if said else ""
    text = f"The household's counted income is {in_yuan(fen or 0)} a month{since}."
    facts = [*([said.fact] if said else []), *_grace_facts(held, held.income)]
    derived.say(
        "income", text + _grace_text(held, held.income, "income"), facts, income_fen=fen,
        **_grace_says(held.income),
    )  # fmt: skip


def tier(derived: Derivation, held: Holding, rate_fen: int | None) -> None:
    """Say in which tier a household is and what the standard pays there, in fen a period."""
    said = held.tier.said
    name = said and said.said.get("tier")
    where = f"in tier {name}" if name else "in no tier"
    since = f" from {in_words(said.effective)} on" if said else ""
    rate = "for which the standard has no rate" if rate_fen is None else f"{in_yuan(rate_fen)}"
    text = f"The household is {where}{since}, {rate}{' a person' if rate_fen is not None else ''}."
    facts = [*([said.fact] if said else []), *_grace_facts(held, held.tier)]
    derived.say(
        "tier", text + _grace_text(held, held.tier, "tier"), facts, tier=name, rate_fen=rate_fen,
        **_grace_says(held.tier),
    )  # fmt: skip


def _grace_text(held: Holding, deferrable: Deferrable, what: str) -> str:
    text = "".join(
        f" A grace period from {in_words(one.effective)} on was revoked."
        for one, _ in held.grace_revoked
    )
    grace = deferrable.grace
    if grace is None:
        return text
    until = in_words(date.fromisoformat(grace.said["until"]))
    text += f" A grace period runs from {in_words(grace.effective)} to {until}"
    put_off = [f"{_valued(one)} from {in_words(one.effective)} on" for one in deferrable.put_off]
    return text + (f"; until then this {what} counts, not {listed(put_off)}." if put_off else ".")


def _grace_facts(held: Holding, deferrable: Deferrable) -> list[str]:
    said: list[Assertion] = [*said_of(deferrable.grace), *deferrable.put_off]
    return [one.fact for one in said] + _facts_of(held.grace_revoked)


def _grace_says(deferrable: Deferrable) -> dict[str, Any]:
    grace = deferrable.grace
    if grace is None:
        return {"grace": None}
    until = date.fromisoformat(grace.said["until"])
    return {
        "grace": {
            "from": month_text(grace.effective),
            "until": month_text(until),
            "put_off": [{"fact": one.fact, **_value(one)} for one in deferrable.put_off],
        }
    }


def _valued(one: Assertion) -> str:
    if "income_fen" in one.said:
        return in_yuan(one.said["income_fen"])
    return f"tier {one.said['tier']}" if "tier" in one.said else "none"


def _value(one: Assertion) -> dict[str, Any]:
    return {name: one.said[name] for name in ("income_fen", "tier") if name in one.said}
