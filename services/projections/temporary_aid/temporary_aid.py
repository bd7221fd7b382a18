"""What was granted as temporary assistance (Law 37): heads of its own, never in dibao totals."""

from __future__ import annotations

from projections.database import Row
from projections.projections import AsOf, Projections
from projections.totals.totals import Scope


def totals(
    projections: Projections, scope: Scope, as_of: AsOf, *, by_month: bool = False
) -> list[Row]:
    """Return one row a type (emergency, expenditure), and a month when asked for.

    grants, person_times (recipients of every grant, summed) and granted_fen, by the month of decided_on
    and the area where the need arose.
    """
    parameters = scope.parameters(as_of) | {"by_month": by_month}
    return projections.rows("temporary_aid", "totals", parameters)
