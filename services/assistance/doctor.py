"""What `doctor` looks at: each finding says what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Literal, TypedDict

import psycopg

from assistance.asking import projections_of
from assistance.cell import Cell, opened
from assistance.server_account import EmbeddedPostgresError
from assistance.settings import Settings
from ledger.errors import LedgerError
from ledger.store.migrations import check_current
from projections.errors import ProjectionError
from projections.leads import leads
from projections.projections import month_text


class Finding(TypedDict):
    """One thing that is missing or wrong."""

    severity: Literal["error", "advice"]
    what: str
    do: str


def findings(settings: Settings) -> list[Finding]:
    """Return what is wrong, worst first; nothing is changed."""
    try:
        with opened(settings) as cell:
            return [found for look in _LOOKS for found in look(cell)]
    except (LedgerError, ProjectionError, EmbeddedPostgresError, psycopg.Error) as error:
        return [
            {
                "severity": "error",
                "what": str(error),
                "do": "Mend this first; the rest was not looked at.",
            }
        ]


def _schema(cell: Cell) -> Iterator[Finding]:
    try:
        with psycopg.connect(cell.ledger.dsn, connect_timeout=3) as connection:
            check_current(connection)
    except LedgerError as error:
        yield {"severity": "error", "what": str(error), "do": "Run `assistance migrate`."}


_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


def _durability(cell: Cell) -> Iterator[Finding]:
    with psycopg.connect(cell.ledger.dsn, connect_timeout=3) as connection:
        for name in _DURABLE:
            row = connection.execute("select current_setting(%s)", (name,)).fetchone()
            if row and row[0] not in ("on", "remote_apply", "remote_write"):
                yield {
                    "severity": "error",
                    "what": f"PostgreSQL runs with {name} = {row[0]}: an accepted fact could be lost.",
                    "do": f"Set {name} = on.",
                }


def _rights(cell: Cell) -> Iterator[Finding]:
    with psycopg.connect(cell.ledger.dsn, connect_timeout=3) as connection:
        row = connection.execute(
            "select rolsuper, has_table_privilege('ledger.facts', 'insert, update, delete, truncate')"
            " from pg_roles where rolname = current_user"
        ).fetchone()
    if row and any(row):
        yield {
            "severity": "error",
            "what": "The ledger connects as a role that may change facts.",
            "do": "Connect as ledger_service: LEDGER_DSN names the role.",
        }


def _settings(cell: Cell) -> Iterator[Finding]:
    with projections_of(cell) as projections:
        month = month_text(projections.today())
        rows = leads.unset_settings(projections, month, projections.as_of())
    for setting, of in groupby(sorted(rows, key=itemgetter("setting")), itemgetter("setting")):
        areas = sorted(row["area"] for row in of)
        yield {
            "severity": "advice",
            "what": f"{setting} has neither a value nor a default in {_some(areas)}: its rule is silent.",
            "do": "Adopt it with AdoptPolicy, or leave the rule silent.",
        }


def _some(areas: list[str]) -> str:
    more = f" and {len(areas) - 3} more areas" if len(areas) > 3 else ""
    return ", ".join(areas[:3]) + more


_LOOKS: tuple[Callable[[Cell], Iterator[Finding]], ...] = (_schema, _durability, _rights, _settings)
