"""Which streams a batch of commands will look at: read ahead in a few set queries.

Only speed depends on this: a verb that asks for a stream that was not read ahead gets it all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from ledger.areas import enclosing
from ledger.commands import Command
from ledger.cover.person import Person
from ledger.fact import Fact
from ledger.households.facts import (
    ApplicationReceived,
    EnrolmentRevoked,
    ExitRevoked,
    GracePeriodStarted,
    HouseholdEnrolled,
    HouseholdExited,
    HouseholdMoved,
    HouseholdsMerged,
    HouseholdSplit,
    MemberCoverRestored,
    MemberCoverStopped,
    MemberDied,
    MemberJoined,
    MemberLeft,
)
from ledger.households.household import Household
from ledger.ids import area_stream
from ledger.standards.area import Area
from ledger.stream import Stream
from ledger.subjects import SUBJECT_OF
from ledger.world import S


class Prefetching(Protocol):
    """Streams that can be read ahead."""

    def get(self, cls: type[S], stream: UUID) -> S:
        """Return a stream."""

    def prefetch(self, cls: type[Stream], streams: Iterable[UUID]) -> None:
        """Read streams ahead."""


def prefetch(streams: Prefetching, commands: Sequence[Command]) -> None:
    """Read ahead what the commands' verbs will ask for."""
    for subject in {SUBJECT_OF[type(command.fact)] for command in commands}:
        own = (c.subject for c in commands if c.subject and SUBJECT_OF[type(c.fact)] is subject)
        streams.prefetch(subject.stream, own)
    facts = [command.fact for command in commands]
    streams.prefetch(Household, (h for fact in facts for h in _households(fact)))
    on = [(streams.get(Household, c.subject), c.fact) for c in commands if _on_household(c)]
    codes = {code for household, fact in on for code in _areas(household, fact)}
    streams.prefetch(Area, (area_stream(c) for code in codes for c in enclosing(code)))
    streams.prefetch(Person, (p for household, fact in on for p in _persons(household, fact)))


def _on_household(command: Command) -> bool:
    return command.subject is not None and SUBJECT_OF[type(command.fact)].stream is Household


def _households(fact: Fact) -> Iterable[UUID]:
    names = ("household", "beside", "absorbed", "new_household")
    return (found for name in names if (found := getattr(fact, name, None)) is not None)


def _areas(household: Household, fact: Fact) -> set[str]:
    placed = (HouseholdEnrolled, HouseholdMoved, ApplicationReceived)
    found = {f.area for f in household.facts if isinstance(f, placed)}
    area = getattr(fact, "area", None)
    return found | {area} if area else found


def _persons(household: Household, fact: Fact) -> Iterable[UUID]:
    """The persons whose cover a fact may change."""
    match fact:
        case HouseholdEnrolled() | HouseholdSplit() | HouseholdsMerged():
            return {m.person for m in fact.members}
        case MemberJoined():
            return {fact.member.person}
        case MemberLeft() | MemberDied() | MemberCoverStopped() | MemberCoverRestored():
            return {fact.person}
        case HouseholdExited() | ExitRevoked() | EnrolmentRevoked() | GracePeriodStarted():
            return set(household.covers())
    return ()
