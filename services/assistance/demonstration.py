"""The demo: loaded through the same import as anybody's, then compared with what places published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

import orjson
import psycopg

from assistance.asking import projections_of
from assistance.cell import Cell, load_areas
from assistance.demo import AREAS_CSV, LIVES, PUBLISHED, PUBLISHED_LIVES, commands
from assistance.demo.published import Published
from assistance.importing import import_lines
from assistance.showing import OUT, progress, say, show
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.money import yuan
from projections.household_histories import changes, histories, telling
from projections.projections import AsOf, Projections
from projections.rolls import rolls
from projections.temporary_aid import temporary_aid
from projections.totals import totals

TOLD = (
    "What places published, against what is computed from facts. Incomes, joinings and exits are synthetic,\n"
    "calibrated to the published totals; standards and tiers that were not published are assumed and say so."
)


def load(cell: Cell, rejected: Path) -> None:
    """Import the demo's areas and commands; a second time nothing changes.

    Raises LedgerError when a line is rejected: the demo's own lines never are.
    """
    with psycopg.connect(cell.ledger.dsn) as connection:
        load_areas(connection, Path(str(AREAS_CSV)))
    with (
        closing(Ledger(cell.ledger)) as ledger,
        TemporaryFile() as lines,
        progress("loading") as bar,
    ):
        lines.writelines(orjson.dumps(command) + b"\n" for command in commands())
        lines.seek(0)
        report = import_lines(
            ledger, lines, rejected, None, lambda n: bar.advance(bar.task_ids[0], n)
        )
    if report.rejected:
        raise LedgerError(f"{report.rejected} of the demo's lines were rejected; see {rejected}.")
    say(
        f"{report.accepted:,} commands ({report.before:,} loaded before), {report.facts:,} new facts."
    )


def figures(cell: Cell, *, json: bool) -> bool:
    """Print published, computed, equal? for each figure, then the six lives; True when all are equal."""
    with projections_of(cell) as projections:
        as_of = projections.as_of()
        rows = [*_figures(projections, as_of), *_lives(projections, as_of)]
    if json:
        show(rows, json=True)
    else:
        _print(rows)
    return all(row["equal"] for row in rows)


def _print(rows: Sequence[dict[str, Any]]) -> None:
    OUT.print(TOLD)
    columns = ("what", "published", "computed", "equal")
    for place, figures in groupby(rows, lambda row: row["place"]):
        show(list(figures), json=False, title=f"\n{place}", columns=columns)


def _figures(projections: Projections, as_of: AsOf) -> Iterator[dict[str, Any]]:
    for one in PUBLISHED:
        computed = _computed(projections, as_of, one)
        yield {
            "place": one.place,
            "what": one.what,
            "published": _written(one, one.published),
            "computed": _written(one, computed),
            "equal": one.equals(computed),
        }


def _written(one: Published, value: int) -> str:
    return yuan(value) if one.measure.endswith("_fen") else f"{value:,}"


def _computed(projections: Projections, as_of: AsOf, one: Published) -> int:
    """Ask the projections for one published figure, in fen or heads."""
    if one.measure.startswith("temporary_aid"):
        return _temporary_aid(projections, as_of, one)
    if one.measure.startswith("new_"):
        return _new(projections, as_of, one)
    first = one.last if one.measure.endswith("_on_roll") else one.first
    scope = totals.scope(first, one.last, one.area, one.programme)
    (row,) = totals.totals(projections, scope, as_of)
    column = {
        "amount_fen": "entitled_fen",
        "households_on_roll": "households",
        "persons_on_roll": "persons",
    }
    return int(row[column.get(one.measure, one.measure)])


def _temporary_aid(projections: Projections, as_of: AsOf, one: Published) -> int:
    scope = totals.scope(one.first, one.last, one.area)
    column = "granted_fen" if one.measure == "temporary_aid_fen" else "person_times"
    return sum(int(row[column]) for row in temporary_aid.totals(projections, scope, as_of))


def _new(projections: Projections, as_of: AsOf, one: Published) -> int:
    scope = rolls.scope(one.first, one.last, one.area, one.programme)
    return sum(
        int(row[one.measure]) for row in rolls.counts(projections, scope, as_of, by_roll=False)
    )


def _lives(projections: Projections, as_of: AsOf) -> Iterator[dict[str, Any]]:
    households = {life.name: life for life in LIVES}
    for one in PUBLISHED_LIVES:
        life = households[one.life]
        scope = totals.scope(one.month, one.month)
        rows = totals.lines_of_household(projections, UUID(life.household), scope, as_of)
        computed = sum(row["entitled_fen"] for row in rows)
        yield {
            "place": "Three of the six lives told below",
            "what": one.what,
            "published": yuan(one.published_fen),
            "computed": yuan(computed),
            "equal": computed == one.published_fen,
        }


def tell_lives(cell: Cell) -> None:
    """Tell the six lives: every fact in order, and the monthly amount that it led to."""
    with projections_of(cell) as projections:
        as_of = projections.as_of()
        for life in LIVES:
            OUT.print(f"\n[bold]{life.title}[/bold]  household {life.household}\n{life.told}")
            told = changes.full_history(projections, histories.asked(UUID(life.household)), as_of)
            for line in telling.tell(told):
                OUT.print(f"  {line}", markup=False)


def hints(base: str) -> None:
    """Say what to open, and three lines that work."""
    household = LIVES[1].household
    OUT.print(
        f"\nOpen {base}/docs, or try:\n"
        f"  curl '{base}/v1/totals?area=140403&programme=dibao&from=2023-01&to=2023-09&by=month'\n"
        f"  curl '{base}/v1/households/{household}/history'\n"
        f"  curl '{base}/v1/exits/counts?area=140403&from=2023-01&to=2023-09'\n"
        "Ctrl-C ends it."
    )
