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
    GridAssigned,
    HouseholdEnrolled,
    PayeeDesignated,
    RecognitionEnded,
    RecognitionRecorded,
)
from ledger.ids import version_in
from ledger.months import shift
from ledger.stream import Stream
from ledger.timeline import Entry, effective_of, latest_of_chains, rank_of

Span = tuple[str, str | None]
"""Months from the first, to the first no longer in it; None while it lasts."""

UNBOUND = (RecognitionRecorded, RecognitionEnded, GridAssigned, PayeeDesignated)
"""Facts with a month that change neither cover, amount nor programme: no spell binds them."""


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
        if isinstance(fact, UNBOUND):
            continue
        if isinstance(fact, GracePeriodStarted):
            deferred = rank_of(facts, version_in(stream, fact.defers) or 0)
            entries.append(Entry(month, rank, fact, names=deferred))
            entries.append(Entry(shift(fact.until, 1), rank, fact, ends=True))
        else:
            entries.append(Entry(month, rank, fact))
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
        self._covers: dict[UUID, list[Span]] | None = None
        self._programmes: dict[str, str | None] = {}

    def changed(self) -> None:
        """Forget the order of the facts that stand, and what follows from it."""
        self._entries = self._covers = None

    def trigger_in(self, entries: list[Entry], fact: Fact) -> None:
        """Trigger a fact whose timeline, with the fact in it, was made to decide upon it."""
        self.trigger(fact)
        self._entries = entries

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
        return 1 + max(
            (f.spell or 0 for f in self.facts if isinstance(f, HouseholdEnrolled)), default=0
        )

    def covers(self) -> dict[UUID, list[Span]]:
        """Return each person's covered months, as spans; not to be changed by the caller."""
        if self._covers is None:
            self._covers = self._spans()
        return self._covers

    def _spans(self) -> dict[UUID, list[Span]]:
        spans: dict[UUID, list[Span]] = {}
        open_since: dict[UUID, str] = {}
        self._programmes = {}
        for month, now in state.steps(self.entries):
            covered = now.covered
            self._programmes[month] = now.programme
            for person in [p for p in open_since if p not in covered]:
                spans.setdefault(person, []).append((open_since.pop(person), month))
            for person in covered:
                open_since.setdefault(person, month)
        for person, since in open_since.items():
            spans.setdefault(person, []).append((since, None))
        return spans

    def programme_at(self, month: str) -> str | None:
        """Return the programme in a month; known already where covers change."""
        if self._covers is not None and month in self._programmes:
            return self._programmes[month]
        return self.state_at(month).programme

    def recognised(
        self, recognition: str, month: str, leaving_out: int | None = None
    ) -> RecognitionRecorded | None:
        """Return the recognition of a kind that is in force in a month, or None.

        The correction chain with the rank `leaving_out` is looked past.
        """
        said = [
            (fact.effective, rank, fact)
            for rank, fact in latest_of_chains(self.facts).items()
            if isinstance(fact, RecognitionRecorded | RecognitionEnded)
            and fact.recognition == recognition
            and fact.effective <= month
            and rank != leaving_out
        ]
        last = max(said, key=lambda s: s[:2], default=(None, 0, None))[2]
        if isinstance(last, RecognitionRecorded) and (last.until or month) >= month:
            return last
        return None

    def all_of(self, *types: type[Fact]) -> Iterator[tuple[int, Fact]]:
        """Yield version and fact of the given types, latest links of correction chains only."""
        chains = latest_of_chains(self.facts)
        for rank, fact in chains.items():
            if isinstance(fact, types):
                yield rank, fact
