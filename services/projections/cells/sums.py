"""The totals and the exits of all cells, added up.

A household or a person of two cells counts in each: `covered_in_two_cells` names such persons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from projections.cells.cells import Cells
from projections.cells.positions import Positions
from projections.database import Row
from projections.exits import exits as exit_questions
from projections.exits.exits import Groups, Rolls
from projections.totals import totals as total_questions
from projections.totals.totals import Level, Scope

TOTALS = (
    "households", "persons", "person_times", "household_months", "entitled_fen", "listed_fen", "paid_fen",
)  # fmt: skip
EXITS = ("exits", "persons", "unheard", "unnotified", "after_grace", "returned", "last_fen")


def totals(
    cells: Cells,
    scope: Scope,
    positions: Positions,
    *,
    by_cell: bool = False,
    by_month: bool = False,
    by_programme: bool = False,
    by_level: Level | None = None,
) -> list[Row]:
    """Return the totals of a scope over all cells, one row a group, as totals.totals has them, and `cell`."""
    of_each = cells.each(
        lambda of: total_questions.totals(
            of, scope, positions[of.source], by_month=by_month, by_programme=by_programme,
            by_level=by_level,
        )
    )  # fmt: skip
    return _added(of_each, ("month", "area", "programme"), TOTALS, by_cell)


def exit_counts(
    cells: Cells, scope: Scope, positions: Positions, groups: Groups, *, by_cell: bool = False
) -> list[Row]:
    """Return the exits of a scope counted over all cells, as exits.counts has them, and `cell`.

    The roll that a rate is against is that of all cells, of those without such an exit too.
    """
    of_each = cells.each(
        lambda of: (
            exit_questions.counted(of, scope, positions[of.source], groups),
            exit_questions.rolls_before(of, scope, positions[of.source], groups),
        )
    )
    counted = {name: rows for name, (rows, _) in of_each.items()}
    rolls = {name: before for name, (_, before) in of_each.items()}
    whole = _together(rolls.values())
    return [
        exit_questions.with_rate(row, rolls[row["cell"]] if by_cell else whole)
        for row in _added(counted, ("month", "area", "programme", "reason"), EXITS, by_cell)
    ]


def _added(
    of_each: Mapping[str, Sequence[Row]], groups: Sequence[str], sums: Sequence[str], by_cell: bool
) -> list[Row]:
    """Add up the rows of the same group, in order of groups, what has no value last."""
    found: dict[tuple[Any, ...], Counter[str]] = {}
    for cell, rows in of_each.items():
        for row in rows:
            key = (*(row[name] for name in groups), cell if by_cell else None)
            found.setdefault(key, Counter()).update({name: row[name] or 0 for name in sums})
    return [
        {
            "cell": key[-1],
            **dict(zip(groups, key, strict=False)),
            **{n: found[key][n] for n in sums},
        }
        for key in sorted(found, key=lambda key: [(part is None, str(part)) for part in key])
    ]


def _together(rolls: Iterable[Rolls]) -> Rolls:
    whole: Rolls = {"households": Counter(), "persons": Counter()}
    for one in rolls:
        for unit, counter in whole.items():
            counter.update(one[unit])
    return whole
