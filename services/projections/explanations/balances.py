"""What is open for a household and month: entitled, listed before, ordered and received back.

    open = entitled - listed + min(ordered, max(received, listed - entitled))

Above zero it is paid; below zero it was overpaid, and a person decides, or a policy takes it from the
next lists up to a share. Receipts of a recovery fill its oldest month first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from projections.explanations.assertions import FOLDER
from projections.explanations.explanations import Explanation, explain_months
from projections.explanations.kin import Kin, Merger
from projections.explanations.places import Places, Setting
from projections.explanations.steps import Step
from projections.payment_lists import computing
from projections.projections import AsOf, Projections, first_of_month, month_text, next_month

FIRST_LISTED = "lists.first_month"


class Listed(NamedTuple):
    """What a list ordered for a household and month, in fen, and the fact that froze the list."""

    household: UUID
    month: date
    fen: int
    list: UUID
    area: str
    head: str
    known_from: int
    list_month: date
    fact: str


class Claim(NamedTuple):
    """What a recovery orders back for a month and what of it came in, in fen, with their facts."""

    recovery: UUID
    household: UUID
    month: date
    ordered_fen: int
    received_fen: int
    facts: list[str]


@dataclass(frozen=True)
class Entitled:
    """A household's month: the amount by the rules, whose it is, and whether the place lists it.

    `way` are the mergers by which it counts with another household; `first_listed` is the setting of
    the area where the household stands, None when it stands on no roll.
    """

    explanation: Explanation
    way: list[Merger]
    first_listed: Setting | None

    @property
    def counts(self) -> bool:
        """Whether the month is not before the first that is listed where the household stands."""
        first = self.first_listed
        return first is None or (first.value is not None and self.explanation.month >= first.value)


@dataclass(frozen=True)
class Balance:
    """A month of a household and of those that it absorbed; all amounts in fen."""

    month: date
    entitled: list[Entitled]
    listed: list[Listed]
    claims: list[Claim]

    @property
    def entitled_fen(self) -> int:
        """What is due by the rules."""
        return sum(one.explanation.entitled_fen for one in self.entitled if one.counts)

    @property
    def listed_fen(self) -> int:
        """What lists ordered before."""
        return sum(one.fen for one in self.listed)

    @property
    def ordered_fen(self) -> int:
        """What recoveries order back."""
        return sum(one.ordered_fen for one in self.claims)

    @property
    def received_fen(self) -> int:
        """What of it came in."""
        return sum(one.received_fen for one in self.claims)

    @property
    def settled_fen(self) -> int:
        """What recoveries settle: all that is overpaid up to what is ordered, and what came in."""
        over = self.listed_fen - self.entitled_fen
        return min(self.ordered_fen, max(self.received_fen, over))

    @property
    def open_fen(self) -> int:
        """What is left: above zero to be paid, below zero overpaid."""
        return self.entitled_fen - self.listed_fen + self.settled_fen


def balances(
    projections: Projections, household: UUID, last: date, as_of: AsOf
) -> dict[date, Balance]:
    """Return a household's months up to `last`, those with anything to tell, in order.

    What absorbed households bring counts with their survivor. NotFound, ExplanationDiffers.
    """
    kin = Kin(projections, household, last, as_of)
    months = _months(projections, last, as_of)
    due = [one for h in kin.households for one in _entitled(projections, kin, h, months, as_of)]
    asked = {
        "household": household, "households": kin.households, "last": last,
        "position": as_of.position,
    }  # fmt: skip
    listed = [Listed(**row) for row in projections.rows(FOLDER, "listed", asked)]
    # What came in for a month before any that lists have was paid by others: nothing of it is paid again.
    claims = [one for one in _claims(projections, asked) if month_text(one.month) >= months[0]]

    def mine(whose: UUID, month: date) -> bool:
        return kin.heir(whose, month) == household and (whose, month) not in unlisted

    unlisted = {_whose(one) for one in due if not one.counts}
    due = [one for one in due if kin.heir(*_whose(one)) == household]
    listed = [one for one in listed if mine(one.household, one.month)]
    claims = [one for one in claims if mine(one.household, one.month)]
    found = {first_of_month(one.explanation.month) for one in due if one.first_listed is not None}
    found |= {one.month for one in listed} | {one.month for one in claims}
    return {month: _balance(month, due, listed, claims) for month in sorted(found)}


def _balance(
    month: date, due: Iterable[Entitled], listed: Iterable[Listed], claims: Iterable[Claim]
) -> Balance:
    return Balance(
        month,
        [one for one in due if one.explanation.month == month_text(month)],
        [one for one in listed if one.month == month],
        [one for one in claims if one.month == month],
    )


def _whose(one: Entitled) -> tuple[UUID, date]:
    return one.explanation.household, first_of_month(one.explanation.month)


def _months(projections: Projections, last: date, as_of: AsOf) -> list[str]:
    """Return the months that may be listed, up to the last one."""
    month = min(computing.first_listed(projections, as_of) or last, last)
    months = [month_text(month)]
    while month < last:
        month = next_month(month)
        months.append(month_text(month))
    return months


def _entitled(
    projections: Projections, kin: Kin, household: UUID, months: Sequence[str], as_of: AsOf
) -> list[Entitled]:
    places = Places(projections, as_of)
    return [
        Entitled(
            explained, kin.way(household, first_of_month(explained.month)), _first(places, explained)
        )
        for explained in explain_months(projections, household, months, as_of)
    ]  # fmt: skip


def _first(places: Places, explained: Explanation) -> Setting | None:
    """Return from when on the place lists where a household stands; None when it stands nowhere."""
    area = said(explained, "area")
    return area and places.setting(area["area"], FIRST_LISTED, first_of_month(explained.month))


def said(explained: Explanation, name: str) -> Any:
    """Return what a step of an explanation says, None when it has no such step."""
    step = found_step(explained, name)
    return step and step.says


def found_step(explained: Explanation, name: str) -> Step | None:
    """Return a step of an explanation, None when there is none."""
    return next((step for step in explained.steps if step.step == name), None)


def _claims(projections: Projections, asked: dict[str, Any]) -> list[Claim]:
    ordered = projections.rows(FOLDER, "ordered", asked)
    recoveries = list({row["recovery"] for row in ordered})
    wanted = {"recoveries": recoveries, "position": asked["position"]}
    received = projections.rows(FOLDER, "received", wanted) if recoveries else []
    left = {one: sum(r["fen"] for r in received if r["recovery"] == one) for one in recoveries}
    claims = []
    for row in ordered:
        came = min(row["fen"], left[row["recovery"]])
        left[row["recovery"]] -= came
        facts = [r["fact"] for r in received if came and r["recovery"] == row["recovery"]]
        claims.append(
            Claim(
                row["recovery"], row["household"], row["month"], row["fen"], came,
                [row["fact"], *facts],
            )
        )  # fmt: skip
    return claims


def settle(balances: Iterable[Balance], last: date, share_bp: int) -> dict[date, int]:
    """Return the parts of a line, in fen by month: what is open is paid; by policy some is taken back.

    What was overpaid is taken from the oldest month on, up to a share, in basis points, of what the
    list pays for its own month.
    """
    gaps = {one.month: one.open_fen for one in balances if one.open_fen}
    parts = {month: fen for month, fen in gaps.items() if fen > 0}
    left = min(sum(parts.values()), parts.get(last, 0) * share_bp // 10_000)
    for month, fen in sorted(gaps.items()):
        if fen < 0 < left:
            parts[month] = -min(-fen, left)
            left += parts[month]
    return dict(sorted(parts.items()))
