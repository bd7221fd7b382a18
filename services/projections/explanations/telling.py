"""Amounts, months and codes in the words in which an explanation is read out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Protocol

from projections.household_histories.telling import yuan

PROGRAMMES = {
    "dibao": "dibao", "dibao.urban": "urban dibao", "dibao.rural": "rural dibao",
    "tekun": "tekun", "tekun.urban": "urban tekun", "tekun.rural": "rural tekun",
}  # fmt: skip
ROUNDINGS = {
    "half_up_fen": "to the nearest fen",
    "half_up_jiao": "to the nearest jiao (0.10 yuan)",
    "ceil_jiao": "up to a full jiao (0.10 yuan)",
    "ceil_yuan": "up to a full yuan",
}


def in_yuan(fen: Fraction | int) -> str:
    """Write an amount of fen in yuan, what is less than a fen as a fraction of one."""
    whole, rest = divmod(abs(Fraction(fen)), 1)
    more = f" and {rest} fen" if rest else ""
    return f"{'minus ' if fen < 0 else ''}{yuan(whole)} yuan{more}"


def in_words(month: date) -> str:
    """Write a month: January 2023."""
    return f"{_MONTHS[month.month - 1]} {month.year}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def share(basis_points: int) -> str:
    """Write a share given in basis points: 1550 is 15.5%."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"


def plain(code: object) -> str:
    """Write a coded word plainly."""
    return str(code).replace("_", " ")


def counted(number: int, one: str) -> str:
    """Write a number of things: 1 member, 2 members."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def listed(words: Sequence[str]) -> str:
    """Write a list: a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


class Told(Protocol):
    """What can be told line by line: a sentence, and the ids of the facts that it rests on."""

    @property
    def text(self) -> str:
        """The sentence."""

    @property
    def facts(self) -> Sequence[str]:
        """The ids."""


def tell(heading: str, steps: Iterable[Told]) -> Iterator[str]:
    """Yield an explanation's lines: the sentences, and below each the facts that it rests on."""
    yield heading
    for number, step in enumerate(steps, 1):
        yield f"{number}. {step.text}"
        if step.facts:
            yield f"   [{', '.join(step.facts)}]"


def exact(fen: Fraction) -> int | str:
    """Return an amount of fen as a number when it is whole, else as a fraction: "126850/3"."""
    return fen.numerator if fen.denominator == 1 else str(fen)


def said_of(*values: Any) -> list[Any]:
    """Return the values that are there."""
    return [value for value in values if value is not None]
