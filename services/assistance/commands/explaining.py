"""`explain`: why a household, or a line of a list, gets what it gets, fact by fact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from assistance import settings
from assistance.asking import asked
from assistance.commands.options import Data, Json, KnownAt, Position, instant
from assistance.showing import OUT, write_json
from projections.explanations.explanations import Explanation, explain_month
from projections.explanations.line_explanation import LineExplanation
from projections.explanations.lines import explain_household_on_list, explain_line
from projections.projections import AsOf, Projections, month_text


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("explain")(explain)


def explain(
    household: Annotated[
        UUID | None, typer.Argument(metavar="HOUSEHOLD", help="The household's id.")
    ] = None,
    month: Annotated[
        str | None, typer.Option("--month", help="YYYY-MM; default: this month.")
    ] = None,
    list_id: Annotated[
        UUID | None, typer.Option("--list", help="A list: why its line is what it is.")
    ] = None,
    reference: Annotated[
        UUID | None, typer.Option("--reference", help="A line's id, where no household is given.")
    ] = None,
    data: Data = None, position: Position = None, known_at: KnownAt = None, json: Json = False,
) -> None:  # fmt: skip
    """Why a household is entitled to its amount in a month, or why a list's line is what it is."""
    with asked(settings.read(data), position, instant(known_at)) as (projections, as_of):
        told = _told(projections, as_of, household, month, list_id, reference)
    for one in told:
        if json:
            write_json(one.as_json())
            continue
        for line in one.lines():
            OUT.print(line, markup=False)


def _told(
    projections: Projections, as_of: AsOf, household: UUID | None, month: str | None,
    list_id: UUID | None, reference: UUID | None,
) -> Sequence[Explanation | LineExplanation]:  # fmt: skip
    if household is None and list_id is not None and reference is not None:
        return [explain_line(projections, list_id, reference, as_of)]
    if household is None or reference is not None:
        raise typer.BadParameter("Give a household, or --list with --reference.")
    if list_id is not None:
        return explain_household_on_list(projections, list_id, household, as_of)
    return [explain_month(projections, household, month or month_text(projections.today()), as_of)]
