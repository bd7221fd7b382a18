"""Why a line of a payment list is what it is: month by month, to the fen, at the list's own position.

The amounts are derived anew from the facts, apart from the query that computed the list; where the
two differ there is no explanation but an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

from projections.database import Row
from projections.errors import NotFound
from projections.explanations.area_grants import explain_area_grant
from projections.explanations.assertions import FOLDER
from projections.explanations.grants import explain_grant
from projections.explanations.line_explanation import (
    Frozen,
    Line,
    LineExplanation,
    refuse_other,
    say_frozen,
)
from projections.explanations.monthly import explain_monthly, explain_no_line
from projections.explanations.steps import Derivation
from projections.explanations.telling import in_yuan
from projections.projections import AsOf, Projections

Explain = Callable[[Projections, Frozen, Line], LineExplanation]


def explain_line(
    projections: Projections, list_id: UUID, reference_id: UUID, as_of: AsOf
) -> LineExplanation:
    """Return why a line of a list orders what it does, at the position at which the list was computed.

    Of a monthly list: for each month what is due, step by step, what was listed, ordered and received
    back before, and the part that follows. Of a list of grants: the grants, and what was listed of
    them. Of a line issued again: how it failed, and the explanation of the line that it repeats.
    Raises NotFound when the list, as known at `as_of`, has no such line; ExplanationDiffers.
    """
    rows = _rows(projections, list_id, as_of, reference=reference_id)
    if not rows:
        raise NotFound(f"List {list_id} has no line {reference_id}.")
    return _explain(projections, rows[0])


def explain_household_on_list(
    projections: Projections, list_id: UUID, household: UUID, as_of: AsOf
) -> list[LineExplanation]:
    """Return why a household has its lines on a list, or why it has none on a monthly list.

    NotFound when there is no list, no household, or no line of another kind; ExplanationDiffers.
    """
    rows = _rows(projections, list_id, as_of, household=household)
    if rows:
        return [_explain(projections, row) for row in rows]
    asked = {"list": list_id, "position": as_of.position}
    lists = [Frozen(**row) for row in projections.rows(FOLDER, "list_frozen", asked)]
    if not lists:
        raise NotFound(f"There is no payment list {list_id}.")
    if lists[0].kind != "monthly":
        raise NotFound(f"List {list_id} has no line for {household}.")
    return [explain_no_line(projections, lists[0], household)]


def _rows(
    projections: Projections,
    list_id: UUID,
    as_of: AsOf,
    reference: UUID | None = None,
    household: UUID | None = None,
) -> list[Row]:
    asked = {
        "list": list_id, "position": as_of.position, "reference": reference, "household": household,
    }  # fmt: skip
    return projections.rows(FOLDER, "lines_listed", asked)


def _explain(projections: Projections, row: Row) -> LineExplanation:
    frozen = Frozen(**{name: row[name] for name in Frozen._fields})
    parts = {date.fromisoformat(month): fen for month, fen in row["parts"]}
    own = (name for name in Line._fields if name != "parts")
    line = Line(**{name: row[name] for name in own}, parts=parts)
    return _BY_KIND[frozen.kind](projections, frozen, line)


def _explain_again(projections: Projections, frozen: Frozen, line: Line) -> LineExplanation:
    """Explain a line that repeats a failed one: how that failed, and what it was."""
    failed_list, reference = frozen.reissues_list, line.reissues
    if failed_list is None or reference is None:
        raise NotFound(f"The line {line.reference_id} names no line that it repeats.")
    as_of = AsOf(frozen.computed_at)
    first = explain_line(projections, failed_list, reference, as_of)
    names = ("subject", "household", "head", "area", "payee", "amount_fen", "parts")
    refuse_other(line, {name: getattr(first.line, name) for name in names})
    derived = Derivation()
    say_frozen(derived, frozen)
    _say_failed(projections, derived, frozen, line, as_of)
    return replace(first, frozen=frozen, line=line, steps=(*derived.steps, *first.steps))


def _say_failed(
    projections: Projections, derived: Derivation, frozen: Frozen, line: Line, as_of: AsOf
) -> None:
    asked = {"reference": line.reissues, "position": as_of.position}
    for row in projections.rows(FOLDER, "failure", asked):
        how = "was returned" if row["status"] == "returned" else "was rejected"
        why = f" (reason: {row['reason']})" if row["reason"] else ""
        text = (
            f"It repeats line {line.reissues} of list {frozen.reissues_list}, which {how}{why};"
            f" nothing new is ordered, {in_yuan(line.amount_fen)} as before."
        )
        derived.say(
            "failed", text, [row["fact"]], reissues=str(line.reissues), status=row["status"],
            reason=row["reason"],
        )  # fmt: skip


_BY_KIND: dict[str, Explain] = {
    "monthly": explain_monthly,
    "help_first": explain_grant,
    "temporary_aid": explain_grant,
    "area_grant": explain_area_grant,
    "reissue": _explain_again,
}
