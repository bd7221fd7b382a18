"""Luzhou district, January to September 2023: tekun, as commands.

Only the amount is published. Nearly everybody is on the roll for all nine months; what is then
missing of the amount is made up of persons who die in the year, each worth a whole number of
months of one kind of support: coins, of which some sum is exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from assistance.demo import published
from assistance.demo.envelopes import Envelope, Stream, demo_id
from assistance.demo.luzhou import OFFICE, month_name
from assistance.demo.places import villages
from assistance.demo.procedure import ORDER_649_TEKUN, leave_by_death, migrate
from assistance.demo.rolls import LAST_MONTH
from assistance.demo.solve import coins_for
from assistance.demo.standards import TEKUN_CARE, tekun_basic
from ledger.months import shift


class Support(NamedTuple):
    """A kind of support: where, and how much care."""

    care_form: str
    self_care: str

    @property
    def fen(self) -> int:
        """What one person is due a month of 2023, in fen."""
        return tekun_basic("2023-01")[self.care_form] + TEKUN_CARE[self.self_care]


STEADY = {
    Support("dispersed", "able"): 262,
    Support("dispersed", "partial"): 70,
    Support("dispersed", "unable"): 25,
    Support("institutional", "able"): 20,
    Support("institutional", "partial"): 40,
    Support("institutional", "unable"): 42,
}
"""Assumed: persons on the roll all nine months, by kind of support; no count is published."""


def _leaving() -> list[tuple[Support, int]]:
    """Return who dies in the year: the kind of support, and the months paid in 2023."""
    worth = {
        support.fen * months: (support, months)
        for support in STEADY
        for months in range(1, LAST_MONTH)
    }
    steady = sum(support.fen * number * LAST_MONTH for support, number in STEADY.items())
    missing = published.TEKUN_AMOUNT.published - steady
    coins = coins_for(missing // 100, [fen // 100 for fen in worth])
    return [worth[coin * 100] for coin in coins]


def tekun() -> Iterator[Envelope]:
    """Yield the commands of every tekun person's household; each lives alone."""
    out: list[Envelope] = []
    rng = Random("demo:tekun")  # noqa: S311  the same story in every run
    persons = [(support, LAST_MONTH) for support, number in STEADY.items() for _ in range(number)]
    for n, (support, months) in enumerate([*persons, *_leaving()]):
        _person(out, rng, n, support, months)
    yield from out


def _person(out: list[Envelope], rng: Random, n: int, support: Support, months: int) -> None:
    """Tell one person's story: on the older system's roll, and for some the death."""
    stream = Stream(out, demo_id(f"luzhou/tekun/{n}", "2022-12"), OFFICE)
    person = demo_id(f"luzhou/tekun/{n}/person", "2022-12")
    urban = rng.random() < 0.3
    migrate(
        stream,
        shift("2022-12", -int(46 * rng.random() ** 1.5)),
        rng.randint(5, 28),
        programme="tekun.urban" if urban else "tekun.rural",
        area=rng.choice(villages("14040390" if urban else "14040395")),
        income_fen=0,
        members=[{"person": person, "role": "head", "self_care": support.self_care}],
        care_form=support.care_form,
        legal_basis=ORDER_649_TEKUN,
    )
    if months < LAST_MONTH:
        leave_by_death(stream, rng, person, month_name(months + 1))
