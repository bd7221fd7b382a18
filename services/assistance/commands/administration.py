"""`migrate`, `rebuild`, `doctor`, `areas load`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import psycopg
import typer

from assistance import settings
from assistance.cell import load_areas, migrate_all, opened
from assistance.commands.options import Data, Json
from assistance.doctor import findings
from assistance.showing import progress, say, show, write_json
from ledger.areas import AreaFileError
from ledger.errors import CannotStart
from projections.rebuild import rebuild as rebuild_projections


def register(app: typer.Typer, areas: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("migrate")(migrate)
    app.command("rebuild")(rebuild)
    app.command("doctor")(doctor)
    areas.command("load")(areas_load)


def migrate(data: Data = None, json: Json = False) -> None:
    """Bring the database's schema up to date, as the administrator of MIGRATE_DSN (embedded: by itself)."""
    configured = settings.read(data)
    if configured.embedded and configured.admin_dsn:
        raise CannotStart("MIGRATE_DSN is set without LEDGER_DSN: set both, or neither (embedded).")
    if configured.embedded:
        with opened(configured):
            applied: list[str] = []
    elif configured.admin_dsn is None:
        raise CannotStart("MIGRATE_DSN is not set: give an administrator of the ledger's database.")
    else:
        applied = migrate_all(configured.admin_dsn)
    if json:
        write_json({"applied": applied})
    else:
        say(f"Applied: {', '.join(applied)}." if applied else "The schema is up to date.")


def rebuild(
    projection: Annotated[str | None, typer.Argument(help="Its name; all, when left out.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Make a projection anew from the facts, beside the live one, and swap it."""
    with opened(settings.read(data)) as cell, progress("rebuilding") as bar:
        facts = rebuild_projections(
            cell.projections.dsn, cell.projections.feed_dsn, [projection] if projection else [],
            lambda at, goal: bar.update(bar.task_ids[0], completed=at, total=goal),
        )  # fmt: skip
    if json:
        write_json({"facts": facts})
    else:
        say(f"{facts:,} facts projected anew.")


def doctor(data: Data = None, json: Json = False) -> None:
    """Look for what is missing or wrong: schema, environment, projections, policy settings."""
    found = findings(settings.read(data))
    if json or found:
        show(found, json=json, title="Findings")
    else:
        say("Nothing is wrong.")
    raise typer.Exit(5 if any(one["severity"] == "error" for one in found) else 0)


def areas_load(
    file: Annotated[
        Path,
        typer.Argument(help="CSV with the columns code,name,kind.", exists=True, dir_okay=False),
    ],
    data: Data = None,
    json: Json = False,
) -> None:
    """Load area codes: what the file names is added or renamed, nothing is taken away."""
    with opened(settings.read(data)) as cell, psycopg.connect(cell.ledger.dsn) as connection:
        try:
            changed = load_areas(connection, file)
        except AreaFileError as error:
            say(f"assistance: {file}: {error}")
            raise typer.Exit(2) from None
    if json:
        write_json({"changed": changed})
    else:
        say(f"{changed:,} areas added or renamed.")
