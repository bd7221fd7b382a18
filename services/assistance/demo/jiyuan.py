"""Jiyuan in 2021: a tiered dibao roll as commands.

Households, persons and the rounded total are published, the total's period is not (a year fits).
The households are synthetic and on the roll all year; the tier-B family of `lives` is one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from assistance.demo import published
from assistance.demo.envelopes import Envelope, Stream, demo_id
from assistance.demo.places import villages
from assistance.demo.procedure import members, migrate
from assistance.demo.solve import sizes
from assistance.demo.standards import JIYUAN_TIERS
from ledger.months import shift

TIERS = "ABCD"
SHARES = (4, 15, 26, 55)
"""Assumed: how households divide among the tiers before the total is solved, in percent."""

INCOME_PER_HEAD = {"A": (0, 60), "B": (60, 150), "C": (150, 250), "D": (250, 440)}
"""Assumed: counted income per head by tier, yuan a month; a tiered amount does not depend on it."""

FAMILY_SIZE, FAMILY_TIER = 3, "B"
"""The published tier-B family, told in `lives`, belongs to the roll."""

MONTHS = 12


@dataclass
class Placed:
    """A household and its tier."""

    size: int
    tier: str

    @property
    def fen(self) -> int:
        """What the household is due a month of 2021, in fen."""
        return self.size * JIYUAN_TIERS["2021-01"][self.tier]


def placed() -> list[Placed]:
    """Return the roll but for the family: the year's total then rounds to the published one."""
    rng = Random("demo:jiyuan")  # noqa: S311  the same roll in every run
    households = published.JIYUAN_HOUSEHOLDS.published - 1
    persons = published.JIYUAN_PERSONS.published - FAMILY_SIZE
    found = [
        Placed(size, rng.choices(TIERS, SHARES)[0]) for size in sizes(rng, households, persons)
    ]
    family = Placed(FAMILY_SIZE, FAMILY_TIER).fen
    settle(found, published.JIYUAN_AMOUNT.published // MONTHS - family)
    return found


def settle(found: list[Placed], target: int) -> None:
    """Move households one tier, each only where it brings the monthly sum nearer to the target."""
    missing = target - sum(household.fen for household in found)
    for household in found:
        before, was = household.fen, household.tier
        at = TIERS.index(was) + (-1 if missing > 0 else 1)
        if not 0 <= at < len(TIERS):
            continue
        household.tier = TIERS[at]
        gained = household.fen - before
        if abs(missing - gained) < abs(missing):
            missing -= gained
        else:
            household.tier = was


def jiyuan() -> Iterator[Envelope]:
    """Yield the enrolments of the roll, each from the older system and before 2021."""
    out: list[Envelope] = []
    rng = Random("demo:jiyuan:story")  # noqa: S311  the same story in every run
    places = villages(published.JIYUAN)
    for n, household in enumerate(placed()):
        label = f"jiyuan/{n}"
        effective = shift("2018-11", rng.randint(0, 25))
        stream = Stream(out, demo_id(label, "2020-12"), f"bureau-{published.JIYUAN}")
        low, high = INCOME_PER_HEAD[household.tier]
        migrate(
            stream,
            effective,
            rng.randint(15, 28),
            programme="dibao",
            area=rng.choice(places),
            income_fen=household.size * rng.randrange(low, high) * 100,
            tier=household.tier,
            members=members(label, household.size, "2020-12"),
        )
    yield from out
