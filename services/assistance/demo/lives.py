"""The six lives that the demo tells, and how to find one."""

from __future__ import annotations

from assistance.demo.lives_jiyuan import AFTER_A_STROKE, TIER_B_FAMILY
from assistance.demo.lives_rural import FLOODED, LARGE_BILL
from assistance.demo.lives_urban import BACK_TO_WORK, MARGINAL
from assistance.demo.telling import Life

LIVES: tuple[Life, ...] = (
    TIER_B_FAMILY,
    AFTER_A_STROKE,
    LARGE_BILL,
    MARGINAL,
    FLOODED,
    BACK_TO_WORK,
)
"""In the order in which the demo tells them."""


def life(name: str) -> str:
    """Return the household id of a life by its name. Raises KeyError for an unknown name."""
    return {told.name: told.household for told in LIVES}[name]
