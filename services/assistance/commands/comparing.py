"""`compare`: two lists, or a month's list at two positions, and the facts that made them differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import typer

from assistance import settings
from assistance.asking import asked
from assistance.commands.act_options import ListArea, ListMonth
from assistance.commands.options import Data, Json, Programme
from assistance.showing import say, show, write_json
from ledger.money import yuan
from projections.comparisons import comparisons
from projections.comparisons.comparisons import Comparison
from projections.payment_lists import computing
from projections.projections import AsOf, Projections

Place = Annotated[
    int | None, typer.Option("--position", help="With --area: what was known here.", min=0)
]
OtherPlace = Annotated[
    int | None,
    typer.Option("--other-position", help="And what is known here; default: now.", min=0),
]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("compare")(compare)


def compare(
    list_id: Annotated[UUID | None, typer.Argument(metavar="LIST", help="A list.")] = None,
    other: Annotated[
        UUID | None, typer.Argument(metavar="OTHER", help="The list that it is compared with.")
    ] = None,
    area: ListArea = None, month: ListMonth = None, programme: Programme = None,
    position: Place = None, other_position: OtherPlace = None, data: Data = None,
    differences: Annotated[
        bool, typer.Option("--differences", help="Each household that differs, and why.")
    ] = False,
    json: Json = False,
) -> None:  # fmt: skip
    """What differs between two lists, or a month's list at two positions, by what caused it."""
    with asked(settings.read(data), other_position, None) as (projections, as_of):
        if list_id is not None and other is not None:
            compared = comparisons.of_lists(projections, list_id, other, as_of)
        else:
            compared = _of_positions(projections, as_of, area, month, programme, position)
        if differences:
            rows = comparisons.entries(projections, compared)
            show(rows if json else map(_in_words, rows), json=json, title="Differences")
            return
        summary = comparisons.summary(projections, compared)
    if json:
        write_json(summary)
    else:
        _tell(summary)


def _of_positions(
    projections: Projections, as_of: AsOf, area: str | None, month: str | None,
    programme: str | None, position: int | None,
) -> Comparison:  # fmt: skip
    if area is None or month is None or position is None:
        raise typer.BadParameter("Give two lists, or --area, --month and --position.")
    wanted = computing.monthly(area, month, programme)
    return comparisons.of_positions(wanted, projections.as_of(position=position), as_of)


def _tell(summary: Mapping[str, Any]) -> None:
    before, after = summary["before"], summary["after"]
    say(
        f"{before['lines']:,} lines, {yuan(before['total_fen'])} yuan; then {after['lines']:,} lines, "
        f"{yuan(after['total_fen'])} yuan. {summary['parts']:,} parts differ, "
        f"{summary['unexplained']:,} of them unexplained."
    )
    show(map(_cause, summary["by_cause"]), json=False, title="By what caused it")


def _cause(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the differences of one set of causes as a row of a table."""
    return {
        "causes": ", ".join(row["causes"]) or "unexplained", "subjects": row["subjects"],
        "parts": row["parts"], "before_fen": row["fen_before"], "after_fen": row["fen_after"],
    }  # fmt: skip


def _in_words(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry as a row of a table: whose, how much, and the facts that caused it."""
    facts = (f"{cause['type'] or cause['cause']} {cause['id']}" for cause in entry["causes"])
    return {
        "subject": entry["subject"], "before_fen": entry["fen_before"],
        "after_fen": entry["fen_after"], "causes": ", ".join(facts) or "unexplained",
    }  # fmt: skip
