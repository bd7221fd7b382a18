"""The steps of an explanation: each says one thing, by which facts, and what it adds to the amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from projections.explanations.telling import exact


@dataclass(frozen=True)
class Step:
    """One step: `says` are its values (amounts in fen), `text` the sentence to read out.

    `adds` is what it adds to the amount and `fen` the amount so far, both exact, None where the step
    is about no amount. `facts` are the ids of what it rests on.
    """

    step: str
    says: dict[str, Any]
    text: str
    facts: tuple[str, ...]
    adds: Fraction | None = None
    fen: Fraction | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the step as an answer gives it; what is less than a fen as text: "126850/3"."""
        amounts = {"adds": self.adds, "fen": self.fen}
        return {
            "step": self.step,
            "says": self.says,
            **{name: exact(fen) for name, fen in amounts.items() if fen is not None},
            "facts": list(self.facts),
            "text": self.text,
        }


class Derivation:
    """Steps as they are taken, and the amount that they have come to, in fen."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.fen = Fraction(0)

    def say(self, step: str, text: str, facts: Sequence[str] = (), **says: Any) -> None:
        """Take a step that is about no amount."""
        self.steps.append(Step(step, says, text, tuple(dict.fromkeys(facts))))

    def add(
        self, step: str, adds: Fraction | int, text: str, facts: Sequence[str] = (), **says: Any
    ) -> None:
        """Take a step that adds to the amount, or takes away from it."""
        self.fen += adds
        named = tuple(dict.fromkeys(facts))
        self.steps.append(Step(step, says, text, named, Fraction(adds), self.fen))
