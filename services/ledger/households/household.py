"""The household: its stream, its spells, and the state that holds in any month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from ledger.fact import Fact
from ledger.households import state
from ledger.households.facts import (
    EnrolmentRevoked,
    ExitRevoked,
    GracePeriodStarted,
    HouseholdEnrolled,
    RecognitionEnded,
    RecognitionRecorded,
)
from ledger.ids import version_in
from ledger.months import shift
from ledger.stream import Stream
from ledger.timeline import Entry, effective_of, latest_of_chains, rank_of

Span = tuple[str, str | None]
"""Months from the first, to the first no longer in it; None while it lasts."""


def standing(stream: UUID, facts: Sequence[Fact]) -> list[Entry]:
    """Return the facts that take part in the fold, in order of (effective, rank).

    Corrected, revoked and procedural facts are left out; a grace period brings its own end.
    """
    chains = latest_of_chains(facts)
    revoked, spells = _revoked(stream, facts, chains)
    entries = []
    for rank, fact in chains.items():
        month = effective_of(fact)
        if month is None or rank in revoked or fact.spell in spells:
            continue
        if isinstance(fact, RecognitionRecorded | RecognitionEnded):
            continue
        entries.append(Entry(month, rank, fact))
        if isinstance(fact, GracePeriodStarted):
            entries.append(Entry(shift(fact.until, 1), rank, fact, ends=True))
    entries.sort(key=lambda entry: (entry.effective, entry.rank))
    return entries


def _revoked(
    stream: UUID, facts: Sequence[Fact], chains: dict[int, Fact]
) -> tuple[set[int], set[int | None]]:
    """Return the ranks of the exits, and the spells, that revocations leave out."""
    ranks: set[int] = set()
    spells: set[int | None] = set()
    for fact in chains.values():
        if isinstance(fact, ExitRevoked):
            ranks.add(rank_of(facts, version_in(stream, fact.exit) or 0))
        elif isinstance(fact, EnrolmentRevoked):
            spells.add(fact.spell)
    return ranks, spells


class Household(Stream):
    """One household's life: applications, spells, changes, recognitions."""

    def __init__(self, stream: UUID) -> None:
        super().__init__(stream)
        self._entries: list[Entry] | None = None

    def changed(self) -> None:
        """Forget the order of the facts that stand."""
        self._entries = None

    @property
    def entries(self) -> list[Entry]:
        """The facts that stand, in order of (effective, rank)."""
        if self._entries is None:
            self._entries = standing(self.id, self.facts)
        return self._entries

    def state_at(self, month: str) -> state.State:
        """Return what holds in a month, as now known."""
        return state.fold(self.entries, month)

    def latest(self) -> state.State:
        """Return what holds after everything known, future months included."""
        return state.fold(self.entries)

    @property
    def next_spell(self) -> int:
        """The number of the next spell; a revoked spell keeps its number."""
        return 1 + max((f.spell or 0 for f in self.facts if isinstance(f, HouseholdEnrolled)), default=0)

    def covers(self) -> dict[UUID, list[Span]]:
        """Return each person's covered months, as spans."""
        spans: dict[UUID, list[Span]] = {}
        open_since: dict[UUID, str] = {}
        for month, now in state.steps(self.entries):
            covered = now.covered
            for person in [p for p in open_since if p not in covered]:
                spans.setdefault(person, []).append((open_since.pop(person), month))
            for person in covered:
                open_since.setdefault(person, month)
        for person, since in open_since.items():
            spans.setdefault(person, []).append((since, None))
        return spans

    def recognitions(self, recognition: str, month: str) -> list[RecognitionRecorded]:
        """Return the recognition of a kind that is in force in a month, if any."""
        said = [
            (fact.effective, rank, fact)
            for rank, fact in latest_of_chains(self.facts).items()
            if isinstance(fact, RecognitionRecorded | RecognitionEnded)
            and fact.recognition == recognition
            and fact.effective <= month
        ]
        last = max(said, key=lambda s: s[:2], default=(None, 0, None))[2]
        lasts = isinstance(last, RecognitionRecorded) and (last.until is None or last.until >= month)
        return [last] if lasts and isinstance(last, RecognitionRecorded) else []

    def all_of(self, *types: type[Fact]) -> Iterator[tuple[int, Fact]]:
        """Yield version and fact of the given types, latest links of correction chains only."""
        chains = latest_of_chains(self.facts)
        for rank, fact in chains.items():
            if isinstance(fact, types):
                yield rank, fact
