"""Why a household's line on a monthly list is what it is: what was open, month by month (Law 18, 48)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from projections.explanations.assertions import FOLDER
from projections.explanations.balances import (
    Balance,
    Entitled,
    balances,
    found_step,
    said,
    settle,
)
from projections.explanations.explanations import Explanation, explain_months
from projections.explanations.kin import Kin
from projections.explanations.line_explanation import (
    Frozen,
    Line,
    LineExplanation,
    Part,
    explained,
    head_in_words,
    part_of,
    say_frozen,
)
from projections.explanations.places import Places, Setting
from projections.explanations.steps import Derivation
from projections.explanations.telling import in_words, in_yuan, listed, share
from projections.household_histories.telling import yuan
from projections.payment_lists import computing
from projections.projections import AsOf, Projections, month_text, next_month

OFFSET = "overpayments.offset_bp"


class Place(NamedTuple):
    """Where what is open for a household goes: an area and a programme, in words, by which facts.

    `offset` is the setting of the share that may be taken back, None off the roll.
    """

    area: str | None
    programme: str | None
    text: str
    facts: list[str]
    offset: Setting | None = None


def explain_monthly(projections: Projections, frozen: Frozen, line: Line) -> LineExplanation:
    """Return why a household's line on a monthly list is what it is; ExplanationDiffers."""
    derived, as_of = Derivation(), AsOf(frozen.computed_at)
    say_frozen(derived, frozen)
    place = _place(projections, line.subject, frozen.list_month, as_of)
    derived.say("place", place.text, place.facts, area=place.area, programme=place.programme)
    designated = _payee(projections, derived, frozen, line, as_of)
    parts = _parts(projections, line.subject, frozen.list_month, place, as_of)
    return explained(
        frozen, line, derived, parts, area=place.area, head=place.programme, **designated
    )


def explain_no_line(projections: Projections, frozen: Frozen, household: UUID) -> LineExplanation:
    """Return why a household has no line on a monthly list; ExplanationDiffers, NotFound."""
    derived, as_of = Derivation(), AsOf(frozen.computed_at)
    say_frozen(derived, frozen)
    place = _place(projections, household, frozen.list_month, as_of)
    line = Line(
        household, household, place.programme or "", place.area or "", None, 0, None, None, {}
    )
    _say_merged(projections, derived, frozen, household, as_of)
    if place.area is None or not _takes_in(frozen, place):
        text = f"{place.text} This list does not take that in."
        derived.say("place", text, place.facts, area=place.area, programme=place.programme)
        return explained(frozen, line, derived, [])
    derived.say("place", place.text, place.facts, area=place.area, programme=place.programme)
    parts = list(_parts(projections, household, frozen.list_month, place, as_of))
    rest = "and what was overpaid is for a person to decide on" if parts else "all is settled"
    derived.say("nothing_open", f"Nothing is left to be paid for any month, {rest}.")
    return explained(frozen, line, derived, parts)


def _takes_in(frozen: Frozen, place: Place) -> bool:
    programmes = (place.programme, (place.programme or "").partition(".")[0])
    return (place.area or "").startswith(frozen.list_area) and (
        frozen.list_programme is None or frozen.list_programme in programmes
    )


def _say_merged(
    projections: Projections, derived: Derivation, frozen: Frozen, household: UUID, as_of: AsOf
) -> None:
    way = Kin(projections, household, frozen.list_month, as_of).way(household, frozen.list_month)
    if way:
        since, survivor = in_words(way[0].effective), way[-1].survivor
        text = f"The household was absorbed: from {since} on it is settled with {survivor}."
        derived.say("merged", text, [one.fact for one in way], survivor=str(survivor))


def _place(projections: Projections, household: UUID, month: date, as_of: AsOf) -> Place:
    """Return where what is open goes: where the household stands, else where it was last listed."""
    [now] = explain_months(projections, household, [month_text(month)], as_of)
    if said(now, "area"):
        area = said(now, "area")["area"]
        offset = Places(projections, as_of).setting(area, OFFSET, month)
        return _where(now, "so what is open goes with the list there.")._replace(offset=offset)
    asked = {"household": household, "position": as_of.position}
    for row in projections.rows(FOLDER, "last_listed", asked):
        text = (
            f"In {in_words(month)} the household is on no roll; what is open goes where it was last"
            f" listed, on the list for {in_words(row['list_month'])}: area {row['area']},"
            f" {head_in_words(row['head'])}."
        )
        roll = found_step(now, "roll")
        return Place(row["area"], row["head"], text, [*(roll.facts if roll else ()), row["fact"]])
    return _last_stood(projections, household, month, as_of)


def _where(stands: Explanation, so: str) -> Place:
    area, programme = said(stands, "area")["area"], said(stands, "roll")["programme"]
    text = (
        f"In {in_words(date.fromisoformat(f'{stands.month}-01'))} the household is counted in area"
        f" {area}, on the roll of {head_in_words(programme)}, {so}"
    )
    steps = [found_step(stands, name) for name in ("roll", "area")]
    return Place(area, programme, text, [fact for one in steps if one for fact in one.facts])


def _last_stood(projections: Projections, household: UUID, month: date, as_of: AsOf) -> Place:
    first = min(computing.first_listed(projections, as_of) or month, month)
    months = []
    while first <= month:
        months.append(month_text(first))
        first = next_month(first)
    for stood in reversed(explain_months(projections, household, months, as_of)):
        if said(stood, "area"):
            return _where(stood, "and later on none; what is open goes with the list there.")
    text = "The household stood on no roll in any month that is listed."
    return Place(None, None, text, [])


def _payee(
    projections: Projections, derived: Derivation, frozen: Frozen, line: Line, as_of: AsOf
) -> dict[str, Any]:
    """Say to whom a line is paid; return whom the household designated, as the line must have it."""
    asked = {"household": line.subject, "last": frozen.list_month, "position": as_of.position}
    rows = projections.rows(FOLDER, "payee", asked)
    whom = f"It is paid to person {line.payee}, "
    if rows:
        derived.say("payee", f"{whom}whom the household designated.", [rows[0]["fact"]])
        return {"payee": rows[0]["person"]}
    text = f"{whom}the household's head." if line.payee else "The household has no head to be paid."
    derived.say("payee", text)
    return {}


def _parts(
    projections: Projections, household: UUID, last: date, place: Place, as_of: AsOf
) -> Iterator[Part]:
    """Yield each month with something open: with what the line pays or takes of it."""
    months = balances(projections, household, last, as_of)
    parts = settle(months.values(), last, (place.offset and place.offset.value) or 0)
    for month, balance in months.items():
        if balance.open_fen:
            derived, fen = Derivation(), parts.get(month, 0)
            _balance(derived, balance, household)
            _settle(derived, balance, fen, place.offset)
            _part(derived, balance, fen, last)
            whose = [one.explanation for one in balance.entitled if _told(one, balance, household)]
            whose.sort(key=lambda one: one.household != household)
            yield part_of(month, derived, fen, whose)


def _told(one: Entitled, balance: Balance, household: UUID) -> bool:
    """Tell whether a household's month is worth telling: the line's own, or with any amount."""
    whose = one.explanation.household
    listed_too = any(found.household == whose for found in balance.listed)
    return whose == household or listed_too or one.explanation.entitled_fen != 0


def _balance(derived: Derivation, balance: Balance, household: UUID) -> None:
    """Take the steps of the formula: entitled - listed + what recoveries settle."""
    _entitled(derived, balance, household)
    for one in balance.listed:
        whose = "" if one.household == household else f" to household {one.household}"
        how = "Ordered" if one.fen > 0 else "Taken back"
        text = f"{how}{whose} on the list for {in_words(one.list_month)}: {in_yuan(abs(one.fen))}."
        derived.add(
            "listed", -one.fen, text, [one.fact], list=str(one.list), listed_fen=one.fen,
            household=str(one.household),
        )  # fmt: skip
    if balance.claims:
        _recovered(derived, balance)
    formula = (
        f"{yuan(balance.entitled_fen)} - {yuan(balance.listed_fen)} + {yuan(balance.settled_fen)}"
    )
    derived.say(
        "open", f"Open is {formula} = {in_yuan(balance.open_fen)}.", formula=formula,
        entitled_fen=balance.entitled_fen, listed_fen=balance.listed_fen,
        ordered_fen=balance.ordered_fen, received_fen=balance.received_fen,
        settled_fen=balance.settled_fen, open_fen=balance.open_fen,
    )  # fmt: skip


def _entitled(derived: Derivation, balance: Balance, household: UUID) -> None:
    whose = [one for one in balance.entitled if one.counts and one.explanation.entitled_fen]
    text = f"By the rules {in_yuan(balance.entitled_fen)} is due for {in_words(balance.month)}"
    others = [one for one in whose if one.explanation.household != household]
    if others:
        shares = [
            f"{in_yuan(one.explanation.entitled_fen)} to household {one.explanation.household},"
            f" absorbed from {in_words(one.way[0].effective)} on"
            for one in others
        ]
        text += f", of it {listed(shares)}"
    if any(not one.counts and one.explanation.entitled_fen for one in balance.entitled):
        text += "; what lies before the first month that its area lists does not count"
    facts = [merger.fact for one in balance.entitled for merger in one.way]
    firsts = [one.first_listed for one in balance.entitled if one.first_listed]
    facts += [fact for setting in firsts for fact in setting.facts]
    derived.add("entitled", balance.entitled_fen, f"{text}.", facts)


def _recovered(derived: Derivation, balance: Balance) -> None:
    over = balance.listed_fen - balance.entitled_fen
    formula = f"min({yuan(balance.ordered_fen)}, max({yuan(balance.received_fen)}, {yuan(over)}))"
    text = (
        f"{in_yuan(balance.ordered_fen)} is ordered to be paid back, {in_yuan(balance.received_fen)}"
        f" came in; {formula} = {in_yuan(balance.settled_fen)} counts as settled."
    )
    derived.add(
        "recovered", balance.settled_fen, text,
        [fact for claim in balance.claims for fact in claim.facts], formula=formula,
        recoveries=[str(claim.recovery) for claim in balance.claims],
    )  # fmt: skip


def _settle(derived: Derivation, balance: Balance, fen: int, offset: Setting | None) -> None:
    """Say what of an overpayment the line takes, and what it leaves to people."""
    if fen == balance.open_fen:
        return
    text = "It was overpaid; whether it is to be paid back is for a person to decide"
    facts: list[str] = []
    if offset and fen:
        facts = offset.facts
        text = (
            f"By policy up to {share(offset.value)} of what the list pays for its own month is taken"
            f" for what was overpaid, the oldest month first; {in_yuan(fen - balance.open_fen)} is left"
        )
    derived.add("left", fen - balance.open_fen, f"{text}.", facts)


def _part(derived: Derivation, balance: Balance, fen: int, last: date) -> None:
    what = "arrears" if balance.month < last else "the list's own month"
    text = f"The line pays {in_yuan(fen)} for {in_words(balance.month)}, {what}."
    if fen < 0:
        text = f"The line takes back {in_yuan(-fen)} of what was overpaid for {in_words(balance.month)}."
    elif fen == 0:
        text = f"The line takes nothing back for {in_words(balance.month)}."
    derived.say("part", text, part_fen=fen)
