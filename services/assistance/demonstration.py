"""The demo: loaded through the same import as anybody's, then compared with what places published."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import psycopg
import orjson

from assistance.asking import projections_of
from assistance.cell import Cell, load_areas
from assistance.demo import AREAS_CSV, LIVES, PUBLISHED, PUBLISHED_LIVES, commands
from assistance.demo.published import Published
from assistance.importing import import_lines
from assistance.showing import OUT, progress, say, show
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.money import yuan
from projections.projections import AsOf, Projections
from projections.totals import totals

TOLD = "published figures against figures computed from facts; incomes, joinings and exits are synthetic"


def load(cell: Cell, rejected: Path) -> None:
    """Import the demo's areas and commands; a second time nothing changes.

    Raises LedgerError when a line is rejected: the demo's own lines never are.
    """
    with psycopg.connect(cell.ledger.dsn) as connection:
        load_areas(connection, Path(str(AREAS_CSV)))
    with closing(Ledger(cell.ledger)) as ledger, TemporaryFile() as lines, progress("loading") as bar:
        lines.writelines(orjson.dumps(command) + b"\n" for command in commands())
        lines.seek(0)
        report = import_lines(ledger, lines, rejected, None, lambda n: bar.advance(bar.task_ids[0], n))
    if report.rejected:
        raise LedgerError(f"{report.rejected} of the demo's lines were rejected; see {rejected}.")
    say(f"{report.accepted:,} commands ({report.before:,} loaded before), {report.facts:,} new facts.")


def figures(cell: Cell, *, json: bool) -> bool:
    """Print published, computed, equal? for each figure, then the six lives; True when all are equal."""
    with projections_of(cell) as projections:
        as_of = projections.as_of()
        rows = [*_figures(projections, as_of), *_lives(projections, as_of)]
        show(rows, json=json, title=TOLD)
    return all(row["equal"] for row in rows)
