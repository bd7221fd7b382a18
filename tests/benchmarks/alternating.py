"""Measure and limit in turn, so that a machine whose speed drifts tells the same ratio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

Rate = Callable[[], float]
"""Runs once, checks its own result, returns a figure; raises AssertionError when it is wrong."""


@dataclass(frozen=True)
class Comparison:
    """A measure, the limit that it is held against, and the ratio that is the goal."""

    name: str
    unit: str
    subject: Rate
    limit: Rate
    limit_name: str
    goal: float
    smaller_is_better: bool = False
    note: str = ""


@dataclass
class Result:
    """The figures of all repeats of a comparison, the first pair left out."""

    comparison: Comparison
    subject: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Subject over limit, pair by pair."""
        return [s / li for s, li in zip(self.subject, self.limit, strict=True)]

    @property
    def met(self) -> bool:
        """Whether the median ratio meets the goal."""
        ratio = median(self.ratios)
        goal = self.comparison.goal
        return ratio <= goal if self.comparison.smaller_is_better else ratio >= goal

    def told(self) -> str:
        """Return the result as lines for people."""
        c, sign = self.comparison, "<=" if self.comparison.smaller_is_better else ">="
        return (
            f"{c.name}\n"
            f"  measured {_figures(self.subject)} {c.unit}{f'  ({c.note})' if c.note else ''}\n"
            f"  limit    {_figures(self.limit)} {c.unit}  ({c.limit_name})\n"
            f"  ratio    {_figures(self.ratios)}  goal {sign} {c.goal:g}: {'met' if self.met else 'MISSED'}"
        )


def _figures(values: list[float]) -> str:
    def one(value: float) -> str:
        return f"{value:,.0f}" if value >= 100 else f"{value:.3f}"

    return f"{one(median(values))} [{one(min(values))} .. {one(max(values))}]"


def run(comparison: Comparison, repeats: int) -> Result:
    """Run subject and limit in turn; the first pair warms up and is not counted."""
    result = Result(comparison)
    for n in range(repeats + 1):
        subject, limit = comparison.subject(), comparison.limit()
        if n:
            result.subject.append(subject)
            result.limit.append(limit)
    return result
