"""Small exact solvers over integers: sizes, shares, sums of coins."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

LARGEST = 6
"""The largest household of the demo."""


def sizes(rng: Random, households: int, persons: int) -> list[int]:
    """Return that many sizes from 1 to 6 that sum to `persons`."""
    if not households <= persons <= LARGEST * households:
        raise ValueError(f"{persons} persons do not fit into {households} households")
    result = [1] * households
    left = persons - households
    while left:
        at = rng.randrange(households)
        if result[at] < LARGEST:
            result[at] += 1
            left -= 1
    return result


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Split `total` in proportion to the weights, by largest remainder: the parts sum to it."""
    scale = total / sum(weights)
    parts = [int(weight * scale) for weight in weights]
    by_remainder = sorted(range(len(parts)), key=lambda at: (parts[at] - weights[at] * scale, at))
    for at in by_remainder[: total - sum(parts)]:
        parts[at] += 1
    return parts


def coins_for(total: int, coins: Sequence[int]) -> list[int]:
    """Return the fewest coins that sum to `total` exactly; a coin may be used again.

    Sums that n coins reach are the set bits of one integer, so a step is a shift for each coin.
    Raises ValueError where no sum of coins is `total`.
    """
    mask = (1 << (total + 1)) - 1
    reached = [1]
    while not reached[-1] >> total & 1:
        step = 0
        for coin in coins:
            step |= reached[-1] << coin
        if not step & mask:
            raise ValueError(f"no sum of {sorted(coins)} is {total}")
        reached.append(step & mask)
    return _walk_back(total, coins, reached)


def _walk_back(total: int, coins: Sequence[int], reached: list[int]) -> list[int]:
    """Return the coins that led to `total`, step by step back to nothing."""
    used: list[int] = []
    for before in reversed(reached[:-1]):
        coin = next(c for c in coins if c <= total and before >> (total - c) & 1)
        used.append(coin)
        total -= coin
    return used
