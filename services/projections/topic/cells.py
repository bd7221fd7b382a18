"""The cells that workers project: each its own ledger, and its own database of projections."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from projections.errors import CannotStart

_NAME = re.compile(r"[!-+\--~]+", re.ASCII)
"""A name as the source of an event may be; positions of several cells are told apart by commas."""


@dataclass(frozen=True)
class Cell:
    """A cell as the projections see it.

    name             the source of its events, ASSISTANCE_SOURCE of its ledger
    projections_dsn  the database of its projections, as a role that may create schemas in it
    ledger_url       where its ledger answers: documents are fetched from it
    """

    name: str
    projections_dsn: str
    ledger_url: str


def read_cells(file: Path) -> tuple[Cell, ...]:
    """Read a TOML file of [[cells]]; CannotStart says what of it is wrong, never a DSN."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8")).get("cells") or []
        cells = tuple(Cell(**cell) for cell in found)
    except OSError as error:
        raise CannotStart(f"PROJECTIONS_CELLS: {file} cannot be read: {error.strerror}.") from None
    except tomllib.TOMLDecodeError as error:
        raise CannotStart(f"PROJECTIONS_CELLS: {file} is no TOML: {error}.") from None
    except (TypeError, AttributeError):
        raise CannotStart(
            f"PROJECTIONS_CELLS: {file} must hold [[cells]], each with name, projections_dsn and ledger_url, "
            "and nothing else."
        ) from None
    if not all(_NAME.fullmatch(str(cell.name)) for cell in cells):
        raise CannotStart(
            "PROJECTIONS_CELLS: a cell's name has no spaces and no commas, and is of ASCII characters."
        )
    if not cells or len({cell.name for cell in cells}) < len(cells):
        raise CannotStart("PROJECTIONS_CELLS must name at least one cell, and none twice.")
    return cells
