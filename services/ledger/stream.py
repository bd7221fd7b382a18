"""A stream of facts: what the library loads and saves, and what every subject builds on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self
from uuid import UUID

from ledger.fact import Fact
from ledger.ids import fact_id, is_reserved


class Event(NamedTuple):
    """A fact in its place: what the event store takes and gives."""

    originator_id: UUID
    originator_version: int
    fact: Fact


class Stream:
    """Facts in the order recorded; `facts[n]` has version n + 1.

    Public verbs of subclasses decide, and `trigger` what they decided. What a stream means is folded
    from `facts` on demand, so that taking back facts not yet saved is cutting the list.
    """

    def __init__(self, stream: UUID) -> None:
        self.id = stream
        self.facts: list[Fact] = []
        self.saved = 0

    @property
    def version(self) -> int:
        """The version of the last fact, saved or not; 0 when there is none."""
        return len(self.facts)

    def version_of(self, fact: Fact) -> int:
        """Return the version that a command for this fact has to name: the stream's, usually."""
        return self.version

    def names_version(self, fact: Fact) -> bool:
        """Tell whether a command for this fact names the version on whatever way it comes."""
        return False

    @classmethod
    def may_have(cls, stream: UUID) -> bool:
        """Tell whether such a stream can have this id: a reserved one is its owner's alone."""
        return not is_reserved(stream)

    def trigger(self, fact: Fact) -> None:
        """Add a fact that was decided, not yet saved."""
        self.facts.append(fact)
        self.changed()

    def rollback(self, version: int) -> None:
        """Take back what was triggered after `version`."""
        del self.facts[version:]
        self.changed()

    def changed(self) -> None:
        """Forget what was folded; subclasses that keep a fold override this."""

    def extend(self, facts: Iterable[Fact]) -> None:
        """Add facts that are stored already, in order."""
        self.facts.extend(facts)
        self.saved = len(self.facts)
        self.changed()

    def collect_events(self) -> Sequence[Event]:
        """Return the facts not yet saved and count them as saved."""
        start = self.saved
        self.saved = len(self.facts)
        return [Event(self.id, start + n, fact) for n, fact in enumerate(self.facts[start:], 1)]

    def fact_id(self, version: int) -> str:
        """Return the id of the fact of a version."""
        return fact_id(self.id, version)

    @classmethod
    def project(cls, stream: Self | None, events: Iterable[Event]) -> Self | None:
        """Fold stored events into a stream: the library's projector function."""
        for event in events:
            if stream is None:
                stream = cls(event.originator_id)
            stream.extend((event.fact,))
        return stream
