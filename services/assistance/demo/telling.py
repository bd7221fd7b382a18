"""How a life is told as data, and how the data become commands.

A step names a day, a stream of that life, a command and its data. In the data a string that begins
with `@` stands for an id: `@person:NAME`, `@stream:NAME`, or `@fact:LABEL` of an earlier step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from assistance.demo.envelopes import Envelope, Stream, demo_id


class Step(NamedTuple):
    """One act: when, on which stream, what."""

    day: str
    stream: str
    command: str
    data: dict[str, Any]
    label: str = ""
    """By which later steps name the fact."""


def act(day: str, stream: str, command: str, /, label: str = "", **data: Any) -> Step:
    """Return a step; the data are the fields of the command's fact."""
    return Step(day, stream, command, data, label)


class Life(NamedTuple):
    """One household's life."""

    name: str
    title: str
    told: str
    """What happens, what of it was published, and what is assumed."""
    since: str
    """The month in which it begins, YYYY-MM."""
    office: str
    """The actor of its acts."""
    steps: tuple[Step, ...]

    @property
    def household(self) -> str:
        """The id of the household's stream."""
        return self.id_of("household")

    def id_of(self, name: str) -> str:
        """Return the id of one of the life's streams or persons."""
        return demo_id(f"life/{self.name}/{name}", self.since)


def tell(life: Life) -> Iterator[Envelope]:
    """Yield the commands of a life. Raises KeyError where a step names no earlier step's fact."""
    out: list[Envelope] = []
    streams: dict[str, Stream] = {}
    facts: dict[str, str] = {}
    for step in life.steps:
        stream = streams.setdefault(step.stream, Stream(out, life.id_of(step.stream), life.office))
        fact = stream.do(step.command, step.day, **_resolved(step.data, life, facts))
        if step.label:
            facts[step.label] = fact
    yield from out


def _resolved(value: Any, life: Life, facts: dict[str, str]) -> Any:
    """Return the data with every `@` name replaced by the id that it stands for."""
    match value:
        case dict():
            return {key: _resolved(item, life, facts) for key, item in value.items()}
        case list():
            return [_resolved(item, life, facts) for item in value]
        case str() if value.startswith("@fact:"):
            return facts[value.removeprefix("@fact:")]
        case str() if value.startswith("@"):
            return life.id_of(value.partition(":")[2])
    return value
