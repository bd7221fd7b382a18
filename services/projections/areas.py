"""Area codes as questions take them."""

from __future__ import annotations

from projections.errors import BadParameter

DIGITS = (2, 4, 6, 9, 12)


def area_of(code: str | None) -> str | None:
    """Return an area's code, province to village, or None; BadParameter when it is none."""
    if code is not None and not (code.isascii() and code.isdigit() and len(code) in DIGITS):
        raise BadParameter("`area` must have 2, 4, 6, 9 or 12 digits.", parameter="area")
    return code
