"""Up to where each cell is known to an answer, and how that is written: `cell-1:1204,cell-2:998`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from projections.database import Row
from projections.errors import BadParameter
from projections.projections import AsOf

_ONE = re.compile(r"([^,\s]+):([0-9]{1,19})", re.ASCII)
_MOST = 2**63 - 1


@dataclass(frozen=True)
class Positions:
    """The position of every cell: asking again with all of them gives the same answer."""

    of: Mapping[str, AsOf]

    def __getitem__(self, cell: str) -> AsOf:
        """Return a cell's position."""
        return self.of[cell]

    def __str__(self) -> str:
        """Write the positions as one text, cells in order of their names."""
        return ",".join(f"{name}:{self.of[name].position}" for name in sorted(self.of))

    def rows(self) -> list[Row]:
        """Return a row for each cell: cell and position."""
        return [{"cell": name, "position": self.of[name].position} for name in sorted(self.of)]


def read_positions(text: str) -> dict[str, int]:
    """Return the positions that a text names, by cell; BadParameter when it cannot be read."""
    found: dict[str, int] = {}
    for part in text.split(","):
        one = _ONE.fullmatch(part.strip())
        if one is None or one[1] in found or int(one[2]) > _MOST:
            raise BadParameter(
                "`positions` must be written as answers have them, each cell once: cell-1:1204,cell-2:998.",
                parameter="positions",
            )
        found[one[1]] = int(one[2])
    return found
