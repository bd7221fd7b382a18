"""The demo's towns and villages: invented ones, under real districts, read from areas.csv."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

AREAS_CSV = Path(__file__).with_name("areas.csv")
"""Towns and villages to load before the demo's commands: code, name, kind."""


@lru_cache(maxsize=1)
def _codes() -> tuple[str, ...]:
    """Return every code of areas.csv, in its order."""
    with AREAS_CSV.open(encoding="utf-8", newline="") as lines:
        return tuple(row["code"] for row in csv.DictReader(lines))


def villages(prefix: str) -> list[str]:
    """Return the villages and communities whose code begins with `prefix`."""
    return [code for code in _codes() if len(code) == 12 and code.startswith(prefix)]
