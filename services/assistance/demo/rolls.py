"""Drafts of households on a roll from January to September, solved to the totals published.

A draft says who is on the roll in which months, with how many persons and which counted income;
which commands tell that story is the next module's business. Under a gap standard S with all N
members covered a household is due N x S - income, so a roll's amount follows from two sums that
are linear in the drafts: person-times and income-times.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Literal, NamedTuple

from assistance.demo.solve import sizes

LAST_MONTH = 9
"""Months are numbered 1 to 9: January to September 2023."""

PER_HEAD = (30, 480, 90)
"""Assumed: lowest, highest and likeliest income per head before it is scaled to the total, yuan."""

WITHOUT_INCOME = 0.3
"""Assumed: the share of households without any counted income."""

Turn = Literal["none", "member_left", "member_died", "reassessed"]


@dataclass
class Draft:
    """One household: on the roll from month `first` to `last`, both included."""

    label: str
    programme: str
    origin: Literal["migrated", "new", "returned"]
    first: int
    last: int
    size: int
    """Persons until the turn."""
    turn: Turn = "none"
    turns_in: int = LAST_MONTH + 1
    """The first month after the turn; 10 where there is none."""
    size_after: int = 0
    per_head: float = 0.0
    """How its income weighs against the others', per head."""
    factor: float = 1.0
    """What a turn makes of the income per head."""
    income: int = 0
    """Counted income in yuan a month, until the turn."""
    income_after: int = 0

    @property
    def months_before(self) -> int:
        """Months on the roll before the turn."""
        return min(self.last + 1, self.turns_in) - self.first

    @property
    def months_after(self) -> int:
        """Months on the roll from the turn on."""
        return max(0, self.last + 1 - self.turns_in)

    @property
    def person_times(self) -> int:
        """Persons, summed over the months."""
        return self.months_before * self.size + self.months_after * self.size_after

    @property
    def income_times(self) -> int:
        """Counted income in yuan, summed over the months."""
        return self.months_before * self.income + self.months_after * self.income_after


class Roll(NamedTuple):
    """What one programme's drafts must come to, and how many of each kind there are."""

    programme: str
    person_times: int
    income_times: int
    """Yuan: S x person-times - amount."""
    new: tuple[int, int]
    """Households, persons."""
    end: tuple[int, int]
    """Households, persons on the roll in September, the new included."""
    leaving: tuple[int, int]
    """Households, persons: whole households that leave."""
    members_left: int
    members_died: int
    reassessed: int
    returned: int
    """How many of the new households had been on the roll before."""


def drafts(roll: Roll) -> list[Draft]:
    """Return drafts that come to the roll's targets exactly; the same ones in every run."""
    rng = Random(f"demo:{roll.programme}")  # noqa: S311  a demo needs the same numbers, not secrets
    found = [*_new(rng, roll), *_leaving(rng, roll), *_staying(rng, roll)]
    for draft in found:
        poor = rng.random() < WITHOUT_INCOME
        draft.per_head = 0.0 if poor else rng.triangular(*PER_HEAD)
    settle_person_times(found, roll.person_times)
    settle_incomes(found, roll.income_times)
    return found


def _new(rng: Random, roll: Roll) -> list[Draft]:
    """Households that join, in every month alike; the first few are returning ones."""
    households, persons = roll.new
    return [
        Draft(
            f"{roll.programme}/new/{n}",
            roll.programme,
            "returned" if n < roll.returned else "new",
            first=LAST_MONTH - n % LAST_MONTH,
            last=LAST_MONTH,
            size=size,
            size_after=size,
        )
        for n, size in enumerate(sizes(rng, households, persons))
    ]


def _leaving(rng: Random, roll: Roll) -> list[Draft]:
    """Households that were there in January and leave before September."""
    households, persons = roll.leaving
    return [
        Draft(
            f"{roll.programme}/leaving/{n}",
            roll.programme,
            "migrated",
            first=1,
            last=rng.randint(1, LAST_MONTH - 1),
            size=size,
            size_after=size,
        )
        for n, size in enumerate(sizes(rng, households, persons))
    ]


def _turns(roll: Roll, households: int) -> list[Turn]:
    """Return what happens in each of the staying households; in most of them nothing does."""
    turns: list[Turn] = []
    turns.extend(["member_left"] * roll.members_left)
    turns.extend(["member_died"] * roll.members_died)
    turns.extend(["reassessed"] * roll.reassessed)
    turns.extend(["none"] * (households - len(turns)))
    return turns


def _staying(rng: Random, roll: Roll) -> list[Draft]:
    """Households on the roll all nine months; some lose a member, some have another income."""
    households = roll.end[0] - roll.new[0]
    persons = roll.end[1] - roll.new[1]
    result = []
    turns = _turns(roll, households)
    for n, (size, turn) in enumerate(zip(sizes(rng, households, persons), turns, strict=True)):
        draft = Draft(
            f"{roll.programme}/staying/{n}",
            roll.programme,
            "migrated",
            first=1,
            last=LAST_MONTH,
            size=size + (turn in ("member_left", "member_died")),
            size_after=size,
            turn=turn,
        )
        if turn != "none":
            draft.turns_in = rng.randint(2, LAST_MONTH)
        if turn == "reassessed":
            draft.factor = rng.choice((0.4, 0.6, 0.8, 1.3, 1.6))
        result.append(draft)
    return result


def settle_person_times(found: list[Draft], target: int) -> None:
    """Let single persons leave a month later or earlier until the person-times are the target's.

    Raises ValueError where the target lies out of reach of those that leave.
    """
    missing = target - sum(draft.person_times for draft in found)
    movable = [d for d in found if d.size == 1 and d.last < LAST_MONTH]
    step = 1 if missing > 0 else -1
    for at, draft in enumerate(cycle(movable)):
        if not missing:
            return
        if at > len(movable) * LAST_MONTH:
            break
        if 1 <= draft.last + step < LAST_MONTH:
            draft.last += step
            missing -= step
    raise ValueError(f"{missing} person-times are left over")


def settle_incomes(found: list[Draft], target: int) -> None:
    """Set incomes in whole yuan so that their sum over all months is the target's, in yuan."""
    weight = sum(
        d.per_head * (d.months_before * d.size + d.months_after * d.size_after * d.factor)
        for d in found
    )
    scale = target / weight
    for d in found:
        d.income = int(d.per_head * scale * d.size)
        d.income_after = int(d.per_head * d.factor * scale * d.size_after)
    _spread(found, target - sum(d.income_times for d in found))


def _spread(found: list[Draft], missing: int) -> None:
    """Add what rounding down left over: a yuan each to some who stay, the rest to one month."""
    steady = [d for d in found if d.months_before == LAST_MONTH and d.income]
    for draft in cycle(steady):
        if missing < LAST_MONTH:
            break
        draft.income += 1
        missing -= LAST_MONTH
    brief = next(d for d in found if d.months_before == 1 and not d.months_after and d.income)
    brief.income += missing
