"""A life of a few households: commands decided by the ledger's verbs, over streams in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID, uuid5

import msgspec

from ledger.commands import read_command
from ledger.errors import LedgerError
from ledger.households.household import Household
from ledger.subjects import SUBJECT_OF
from ledger.world import World
from tests.ledger_database import TODAY
from tests.rules.given import Streams

_NAMES = UUID("00000000-0000-5000-8000-00000000f01d")
MONTHS = [f"2025-{n:02d}" for n in range(1, 11)]
DECIDED = "2026-05-01"
"""Before the law, so that no hearing is due; all is `migrated`, so that no procedure is."""

PREFECTURE = "9900"
COUNTY, TOWN, TOWN_2, TOWN_3 = (PREFECTURE + rest for rest in ("01", "01001", "01002", "01003"))
VILLAGE, VILLAGE_2 = TOWN + "001", TOWN_3 + "001"
AREAS = (PREFECTURE, COUNTY, TOWN, TOWN_2, TOWN_3, VILLAGE, VILLAGE_2)
HOMES = (VILLAGE, TOWN, TOWN_2, TOWN_3, COUNTY)
SUCCESSORS = {TOWN: TOWN_2, TOWN_2: TOWN_3, VILLAGE: VILLAGE_2}

PERSONS = [uuid5(_NAMES, f"person {n}") for n in range(5)]
HOUSEHOLDS = [uuid5(_NAMES, f"household {n}") for n in range(3)]
SPLIT_OFF = [uuid5(_NAMES, f"split off {n}") for n in range(3)]

T = TypeVar("T")
Data = dict[str, Any]


class Chance:
    """The bytes of a step, each taken as one choice; zeros when they have run out."""

    def __init__(self, step: bytes) -> None:
        self._bytes = iter(step)

    def of(self, options: Sequence[T]) -> T:
        """Choose one; the first is the plainest."""
        return options[next(self._bytes, 0) % len(options)]

    def rarely(self, one_in: int = 4) -> bool:
        """Say yes once in a while."""
        return next(self._bytes, 0) % one_in == one_in - 1


class Done(NamedTuple):
    """A command that was accepted: its name, subject and data."""

    name: str
    subject: UUID | None
    data: Data


class Life:
    """What was done so far, and the streams that it led to."""

    def __init__(self) -> None:
        self.streams = Streams()
        self.done: list[Done] = []

    def attempt(self, name: str, subject: UUID | None, data: Data) -> bool:
        """Ask for a command; tell whether it was accepted."""
        said = {"decided_on": DECIDED, "migrated": True, **data}
        body = msgspec.json.encode(said)
        try:
            asked = read_command(name, body, key="key", actor="decider", subject=subject)
            world = World(self.streams, AREAS, TODAY)
            kind = SUBJECT_OF[type(asked.fact)]
            try:
                kind.decide(
                    world.get(kind.stream, asked.subject or HOUSEHOLDS[0]), asked.fact, world
                )
            except LedgerError:
                world.rollback()
                return False
        except LedgerError:
            return False
        self.done.append(Done(name, subject, msgspec.json.decode(body)))
        return True

    def household(self, household: UUID) -> Household:
        """Return a household, empty when nothing is recorded of it."""
        return self.streams.get(Household, household)

    def households(self) -> list[Household]:
        """Return the households of which something is recorded."""
        return [h for h in map(self.household, (*HOUSEHOLDS, *SPLIT_OFF)) if h.version]
