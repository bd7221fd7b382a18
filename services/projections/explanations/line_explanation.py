"""The explanation of a line of a payment list: a part a month, each with the steps that add up to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from projections.explanations import telling
from projections.explanations.explanations import Explanation, ExplanationDiffers
from projections.explanations.steps import Derivation, Step
from projections.explanations.telling import PROGRAMMES, in_words, in_yuan, plain
from projections.household_histories.telling import yuan
from projections.projections import month_text


class Frozen(NamedTuple):
    """What a list was frozen as, and the fact that froze it.

    `computed_at` is the position at which it was computed; `reissues_list` is the list whose failed
    lines it repeats, `area_grant` the id of the grant of which it is.
    """

    list: UUID
    kind: str
    list_area: str
    list_programme: str | None
    list_month: date
    computed_at: int
    reissues_list: UUID | None
    area_grant: str | None
    frozen_by: str
    frozen_on: date
    frozen: str


class Line(NamedTuple):
    """A line as it was listed: amounts in fen, `parts` by the first day of their month.

    `subject` is the household, or the grant of help-first and temporary aid.
    """

    subject: UUID
    household: UUID | None
    head: str
    area: str
    payee: UUID | None
    amount_fen: int
    reference_id: UUID | None
    reissues: UUID | None
    parts: dict[date, int]


@dataclass(frozen=True)
class Part:
    """A month of a line: the steps add up to `fen`; 0 where something is open that the line leaves.

    `households` are the explanations of what is due for the month, the line's household first.
    """

    month: date
    fen: int
    steps: tuple[Step, ...]
    households: tuple[Explanation, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the part as an answer gives it."""
        return {
            "month": month_text(self.month),
            "part_fen": self.fen,
            "households": [one.as_json() for one in self.households],
            "steps": [step.as_json() for step in self.steps],
        }


@dataclass(frozen=True)
class LineExplanation:
    """Why a line is what it is: `steps` tell of the line as a whole, `parts` what it is made of.

    The sum of what the steps of the parts add is the line's amount in fen, exactly. Without a line,
    `reference_id` None, the steps say why a household has none. `position` is the list's own.
    """

    frozen: Frozen
    line: Line
    steps: tuple[Step, ...]
    parts: tuple[Part, ...]

    @property
    def amount_fen(self) -> int:
        """What the line orders."""
        return self.line.amount_fen

    @property
    def position(self) -> int:
        """The position at which the list was computed."""
        return self.frozen.computed_at

    @property
    def facts(self) -> list[str]:
        """The ids of every fact used, each once."""
        named = [fact for _, steps in self._sections() for step in steps for fact in step.facts]
        return list(dict.fromkeys(named))

    @property
    def text(self) -> list[str]:
        """The sentences, a step each, to be read out."""
        return [step.text for _, steps in self._sections() for step in steps]

    def lines(self) -> Iterator[str]:
        """Yield the explanation as lines of text, month by month, facts below each sentence."""
        for heading, steps in self._sections():
            yield from telling.tell(heading, steps)

    def as_json(self) -> dict[str, Any]:
        """Return the explanation as an answer gives it."""
        line, frozen = self.line, self.frozen
        return {
            "list": str(frozen.list),
            "kind": frozen.kind,
            "month": month_text(frozen.list_month),
            "computed_at": self.position,
            "reference_id": line.reference_id and str(line.reference_id),
            "subject": str(line.subject),
            "household": line.household and str(line.household),
            "head": line.head,
            "area": line.area,
            "amount_fen": line.amount_fen,
            "steps": [step.as_json() for step in self.steps],
            "parts": [part.as_json() for part in self.parts],
            "text": self.text,
        }

    def _sections(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        yield self._heading(), self.steps
        for part in self.parts:
            for one in part.households:
                whose = f"household {one.household}, as known at position {one.position}"
                yield f"{in_words(part.month)}, what is due to {whose}", one.steps
            yield f"{in_words(part.month)}, on this line", part.steps
        if self.line.reference_id is not None:
            yield "In all", (self._sum(),)

    def _heading(self) -> str:
        line, month = self.line, in_words(self.frozen.list_month)
        who = f"Household {line.household}" if line.household else f"Grant {line.subject}"
        if line.reference_id is None:
            return f"{who}, no line on list {self.frozen.list} for {month}"
        what = f"{head_in_words(line.head)}, {in_yuan(line.amount_fen)}"
        return f"{who}, {what}, line {line.reference_id} of list {self.frozen.list} for {month}"

    def _sum(self) -> Step:
        told = [part.fen for part in self.parts if part.fen]
        summed = " ".join(
            f"{'-' if fen < 0 else '+'} {yuan(abs(fen))}" if n else yuan(fen)
            for n, fen in enumerate(told)
        )
        text = f"The line orders {summed + ' = ' if len(told) > 1 else ''}{in_yuan(sum(told))}."
        return Step("line", {"amount_fen": self.amount_fen}, text, ())


def head_in_words(head: str) -> str:
    """Return what a line pays, in words."""
    return PROGRAMMES.get(head, plain(head))


def part_of(
    month: date, derived: Derivation, fen: int, households: Iterable[Explanation] = ()
) -> Part:
    """Return a month's part; ExplanationDiffers when the steps taken do not lead to its amount."""
    adds = sum((step.adds for step in derived.steps if step.adds is not None), Fraction(0))
    if adds != fen:
        raise ExplanationDiffers(
            f"The steps for {month_text(month)} lead to {adds} fen, not to {fen}; tell the operators."
        )
    return Part(month, fen, tuple(derived.steps), tuple(households))


def explained(
    frozen: Frozen, line: Line, steps: Derivation, parts: Iterable[Part], **expected: Any
) -> LineExplanation:
    """Return the explanation of a line; `expected` are what the facts lead to, by the line's fields.

    Raises ExplanationDiffers unless they are the line's, its parts and its amount among them.
    """
    found = tuple(parts)
    told = {
        **expected,
        "parts": {part.month: part.fen for part in found if part.fen},
        "amount_fen": sum(part.fen for part in found),
    }
    refuse_other(line, told)
    return LineExplanation(frozen, line, tuple(steps.steps), found)


def refuse_other(line: Line, told: Mapping[str, Any]) -> None:
    """Raise ExplanationDiffers when the facts lead to another line than the one listed."""
    differing = [name for name, value in told.items() if getattr(line, name) != value]
    if differing:
        raise ExplanationDiffers(
            f"The facts explain another line for {line.household or line.subject} than the one listed"
            f" ({', '.join(differing)} differ); tell the operators.",
            differing=differing,
        )


def say_frozen(derived: Derivation, frozen: Frozen) -> None:
    """Say which list a line is on."""
    of = f" of {head_in_words(frozen.list_programme)}" if frozen.list_programme else ""
    text = (
        f"The list{of} for area {frozen.list_area} and {in_words(frozen.list_month)} was computed at"
        f" position {frozen.computed_at} and frozen by {frozen.frozen_by} on {frozen.frozen_on}."
    )
    derived.say(
        "list", text, [frozen.frozen], list=str(frozen.list), kind=frozen.kind,
        area=frozen.list_area, programme=frozen.list_programme, month=month_text(frozen.list_month),
    )  # fmt: skip
