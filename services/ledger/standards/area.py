"""An area's own standards and policies, asked month by month."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from ledger.fact import Fact
from ledger.ids import is_area_stream
from ledger.standards.facts import (
    AreaReplaced,
    PolicyAdopted,
    PolicyEnded,
    StandardAdopted,
    StandardEnded,
)
from ledger.stream import Stream
from ledger.timeline import latest_of_chains


class Said(NamedTuple):
    """A fact about a standard, a setting or the code; `ended` uncovers the wider area's."""

    effective: str
    rank: int
    fact: StandardAdopted | StandardEnded | PolicyAdopted | PolicyEnded | AreaReplaced

    @property
    def ended(self) -> bool:
        """Whether the fact takes the area's own word back."""
        return isinstance(self.fact, StandardEnded | PolicyEnded)


def _subject(fact: Fact) -> str | None:
    """Return what a fact speaks of: a programme's standard, a setting, or the code itself."""
    match fact:
        case StandardAdopted() | StandardEnded():
            return f"{fact.kind}:{fact.programme}"
        case PolicyAdopted() | PolicyEnded():
            return f"policy:{fact.setting}"
        case AreaReplaced():
            return "replaced"
    return None


class Area(Stream):
    """The stream of one area's standards, policies and grants."""

    def __init__(self, stream: UUID) -> None:
        super().__init__(stream)
        self._said: dict[str, list[Said]] | None = None
        self._found: dict[tuple[str, str, int | None], Said | None] = {}

    @classmethod
    def may_have(cls, stream: UUID) -> bool:
        """Tell whether an id is one in which an area's code is written."""
        return is_area_stream(stream)

    def changed(self) -> None:
        """Forget the folded standards and settings, and what was asked of them."""
        self._said = None
        self._found.clear()

    def _by_subject(self) -> dict[str, list[Said]]:
        if self._said is None:
            self._said = {}
            for rank, fact in latest_of_chains(self.facts).items():
                subject = _subject(fact)
                if subject and isinstance(
                    fact,
                    StandardAdopted | StandardEnded | PolicyAdopted | PolicyEnded | AreaReplaced,
                ):
                    self._said.setdefault(subject, []).append(Said(fact.effective, rank, fact))
            for said in self._said.values():
                said.sort(key=lambda s: (s.effective, s.rank))
        return self._said

    def _last(self, subject: str, month: str, leaving_out: int | None = None) -> Said | None:
        """Return the last word on a subject by a month, past the chain of rank `leaving_out`.

        An import asks the same of its county again and again, so answers are kept.
        """
        asked = (subject, month, leaving_out)
        if asked not in self._found:
            self._found[asked] = self._look(subject, month, leaving_out)
        return self._found[asked]

    def _look(self, subject: str, month: str, leaving_out: int | None) -> Said | None:
        found = [
            s for s in self._by_subject().get(subject, ())
            if s.effective <= month and s.rank != leaving_out
        ]  # fmt: skip
        return found[-1] if found and not found[-1].ended else None

    def standard(
        self, programme: str, month: str, kind: str = "standard", leaving_out: int | None = None
    ) -> StandardAdopted | None:
        """Return the area's own standard for a programme in a month; a guideline when asked for."""
        said = self._last(f"{kind}:{programme}", month, leaving_out)
        return said.fact if said and isinstance(said.fact, StandardAdopted) else None

    def policy(
        self, setting: str, month: str, leaving_out: int | None = None
    ) -> PolicyAdopted | None:
        """Return the area's own setting in force in a month."""
        said = self._last(f"policy:{setting}", month, leaving_out)
        return said.fact if said and isinstance(said.fact, PolicyAdopted) else None

    def gave_way(self, month: str) -> AreaReplaced | None:
        """Return the replacement by which this area's code gave way to another by a month."""
        said = self._last("replaced", month)
        return said.fact if said and isinstance(said.fact, AreaReplaced) else None
