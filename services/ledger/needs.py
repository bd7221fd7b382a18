"""Which streams a batch of commands will look at: read ahead in a few set queries.

Only speed depends on this: a verb that asks for a stream that was not read ahead gets it all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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

Wanted = tuple[type[Stream], UUID]
PLACED = (HouseholdEnrolled, HouseholdMoved, ApplicationReceived)
ENDS_COVER = (HouseholdExited, ExitRevoked, EnrolmentRevoked, GracePeriodStarted)


class Prefetching(Protocol):
    """Streams that can be read ahead."""

    def get(self, cls: type[S], stream: UUID) -> S:
        """Return a stream."""

    def prefetch(self, wanted: Iterable[Wanted]) -> None:
        """Read streams ahead, with one query."""


def prefetch(streams: Prefetching, commands: Sequence[Command]) -> None:
    """Read ahead what the commands' verbs will ask for: first what the commands themselves name."""
    streams.prefetch([wanted for command in commands for wanted in _named(command)])
    streams.prefetch([w for command in commands for w in _followed(streams, command)])


def _named(command: Command) -> Iterator[Wanted]:
    """What a command names: its subject, households, its area, the persons that it covers."""
    fact = command.fact
    if command.subject is not None:
        yield SUBJECT_OF[type(fact)].stream, command.subject
    for name in ("household", "beside", "absorbed", "new_household"):
        found = getattr(fact, name, None)
        if found is not None:
            yield Household, found
    area = getattr(fact, "area", None)
    if area is not None:
        yield from ((Area, area_stream(code)) for code in enclosing(area))
    yield from ((Person, person) for person in _persons(fact))


def _followed(streams: Prefetching, command: Command) -> Iterator[Wanted]:
    """What follows from a household's own facts: where it stood, and whose cover may end."""
    if command.subject is None or SUBJECT_OF[type(command.fact)].stream is not Household:
        return
    household = streams.get(Household, command.subject)
    for code in {fact.area for fact in household.facts if isinstance(fact, PLACED)}:
        yield from ((Area, area_stream(wider)) for wider in enclosing(code))
    if isinstance(command.fact, ENDS_COVER):
        yield from ((Person, person) for person in household.covers())


def _persons(fact: Fact) -> Iterable[UUID]:
    """The persons whom a fact names and whose cover it may change."""
    match fact:
        case HouseholdEnrolled() | HouseholdSplit() | HouseholdsMerged():
            return {m.person for m in fact.members}
        case MemberJoined():
            return {fact.member.person}
        case MemberLeft() | MemberDied() | MemberCoverStopped() | MemberCoverRestored():
            return {fact.person}
    return ()
