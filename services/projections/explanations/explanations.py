"""Why a household is entitled to what it is in a month: the calculation, fact by fact.

The amount is derived anew from the facts with exact fractions, apart from the query that computes
amounts; when the two differ there is no explanation but an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from projections.database import Row
from projections.errors import ProjectionError
from projections.explanations import amounts, circumstances, telling
from projections.explanations.assertions import Assertions, load
from projections.explanations.holding import Deferrable, Holding, holding, standing
from projections.explanations.places import Places, Setting
from projections.explanations.steps import Derivation, Step
from projections.projections import AsOf, Projections, first_of_month, month_text
from projections.totals.totals import Scope, lines_of_household


class ExplanationDiffers(ProjectionError):
    """The facts explain another amount than the one computed; a wrong story is not told."""

    title = "The explanation does not lead to the amount"
    name = "explanation-differs"


@dataclass(frozen=True)
class Explanation:
    """A household's month: the steps, which add up to `entitled_fen`, as known at `position`.

    The sum of what the steps add, rounding among them, is entitled_fen exactly.
    """

    household: UUID
    month: str
    position: int
    entitled_fen: int
    steps: tuple[Step, ...]

    @property
    def facts(self) -> list[str]:
        """The ids of every fact used, each once, in the order of the steps."""
        return list(dict.fromkeys(fact for step in self.steps for fact in step.facts))

    @property
    def text(self) -> list[str]:
        """The sentences, a step each, to be read out."""
        return [step.text for step in self.steps]

    def lines(self) -> Iterator[str]:
        """Yield the explanation as lines of text, the ids of the facts below each sentence."""
        month = telling.in_words(first_of_month(self.month))
        heading = f"Household {self.household}, {month}, as known at position {self.position}"
        return telling.tell(heading, self.steps)

    def as_json(self) -> dict[str, Any]:
        """Return the explanation as an answer gives it."""
        return {
            "household": str(self.household),
            "month": self.month,
            "position": self.position,
            "entitled_fen": self.entitled_fen,
            "steps": [step.as_json() for step in self.steps],
            "text": self.text,
        }


def explain_month(
    projections: Projections, household: UUID, month: str, as_of: AsOf
) -> Explanation:
    """Return why a household is entitled to what it is in a month, YYYY-MM, or why to nothing.

    The steps are roll, area, standard, members, income or tier, base, care and supplement (one a
    member), suspension, rounding and entitled, as far as they apply; each names its facts. Off the
    roll the only steps are roll and entitled. Raises BadParameter for what is no month, NotFound when
    nothing is recorded of the household, ExplanationDiffers.
    """
    [explained] = explain_months(projections, household, [month], as_of)
    return explained


def explain_months(
    projections: Projections, household: UUID, months: Iterable[str], as_of: AsOf
) -> list[Explanation]:
    """Return the explanations of several months, in their order; errors as for one month."""
    asked = [first_of_month(month) for month in months]
    if not asked:
        return []
    known, places = load(projections, household, as_of), Places(projections, as_of)
    scope = Scope(min(asked), max(asked))
    lines = {row["month"]: row for row in lines_of_household(projections, household, scope, as_of)}
    return [explain(known, places, month, as_of, lines.get(month)) for month in asked]


def explain(
    known: Assertions, places: Places, month: date, as_of: AsOf, line: Row | None
) -> Explanation:
    """Return the explanation of a month from what is known, given the line as computed, if there is one.

    Raises ExplanationDiffers when the facts lead to anything else than the line says.
    """
    stands, derived = standing(known, month), Derivation()
    held = holding(known, stands, month)
    if held is None:
        circumstances.off_roll(derived, stands, month)
        found: Row = {}
    else:
        found = _on_roll(derived, held, places, month)
    fen = amounts.entitled(derived, month)
    _check(known.household, month, {**found, "entitled_fen": fen}, line)
    return Explanation(
        known.household, month_text(month), as_of.position, fen, tuple(derived.steps)
    )


def _on_roll(derived: Derivation, held: Holding, places: Places, month: date) -> Row:
    """Take the steps of a month on a roll; return what a line says of it."""
    programme = held.programme.said["programme"]
    code, followed = places.counted_in(held.area.said["area"], month)

    def setting(name: str) -> Setting:
        return places.setting(code, name, month)

    circumstances.roll(derived, held, month)
    circumstances.area(derived, held, code, followed)
    in_force = places.standard(code, programme, month)
    circumstances.standard(derived, in_force, programme)
    circumstances.members(derived, held)
    if in_force.ruling:
        amounts.derive(derived, held, in_force.ruling, setting)
        amounts.round_off(derived, setting("rounding"))
    return {
        "programme": programme,
        "stood_in": held.area.said["area"],
        "area": code,
        "standard": in_force.ruling and in_force.ruling.fact,
        "members": len(held.tested),
        "covered": len(held.covered),
        "income_fen": _said(held.income, "income_fen"),
        "tier": _said(held.tier, "tier"),
    }


def _said(deferrable: Deferrable, name: str) -> Any:
    return deferrable.said and deferrable.said.said.get(name)


def _check(household: UUID, month: date, found: Row, line: Row | None) -> None:
    """Compare what the facts lead to with the line as computed; off the roll there is none."""
    computed: Row = line or {"entitled_fen": 0}
    names = found if line else {*found, *computed}
    differing = [name for name in names if found.get(name) != computed.get(name)]
    if differing or (line is not None and "programme" not in found):
        raise ExplanationDiffers(
            f"The facts of household {household} explain another amount for {month_text(month)} than"
            f" the one computed ({', '.join(differing) or 'standing'} differ); tell the operators.",
            differing=differing,
        )
