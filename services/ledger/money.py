"""Money is integer fen: one hundredth of a yuan, never a float, never a decimal."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

MAX_FEN = 10**13

Fen = Annotated[int, Meta(ge=0, le=MAX_FEN, description="An amount in fen.")]
"""An amount in fen, at least 0, at most a hundred billion yuan."""


def yuan(fen: int) -> str:
    """Write fen as yuan for people, with two decimals: `129000` -> `1,290.00`."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}"
