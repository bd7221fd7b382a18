"""What a month's list has to say, word by word from the rules: slow on purpose, and without any SQL.

    entitled(k) - listed(k) + min(ordered(k), max(received(k), listed(k) - entitled(k)))

States of households come from the ledger's fold and amounts from amounts.py, which are compared with the
projections on their own; what was listed, ordered back and received comes from the machine's own books.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple
from uuid import UUID

from ledger.households.facts import HouseholdsMerged, PayeeDesignated
from ledger.households.household import Household
from ledger.households.state import State
from ledger.months import shift
from ledger.timeline import latest_of_chains
from tests.integration.amounts import Known, counted_in, entitled_fen, policy_of, standing
from tests.integration.life import DECIDED
from tests.integration.payment_months_books import Books, Line, Listed, Parts
from tests.rules.given import Streams

EARLIEST = "2024-08"
"""Before it nothing happens in these lives."""


def months_up_to(last: str) -> Iterator[str]:
    """Yield the months from the earliest to one, that one included."""
    month = EARLIEST
    while month <= last:
        yield month
        month = shift(month, 1)


class Seat(NamedTuple):
    """Where a household is counted in a month, on which programme, and who its head is."""

    area: str
    programme: str
    head: UUID | None


class Balance(NamedTuple):
    """The formula's figures for a household and month, in fen."""

    entitled: int = 0
    listed: int = 0
    ordered: int = 0
    received: int = 0

    @property
    def part(self) -> int:
        """What is open: above zero it is due, below zero it was overpaid."""
        over = self.listed - self.entitled
        return -over + min(self.ordered, max(self.received, over))

    def plus(self, other: Balance) -> Balance:
        """Return the sums of both."""
        return Balance(*(a + b for a, b in zip(self, other, strict=True)))


class Roll:
    """What the facts say of households, standards and policies, asked month by month."""

    def __init__(self) -> None:
        self.streams = Streams()
        self.of_areas: list[Known] = []
        self.forget()

    def forget(self) -> None:
        """Forget what followed from the facts before another one came."""
        self._standing = standing(self.of_areas)
        self._states: dict[tuple[UUID, str], State] = {}
        self._entitled: dict[tuple[UUID, str], int] = {}
        self._mergers: list[tuple[UUID, UUID, str]] | None = None

    def households(self) -> list[Household]:
        """Return every household of which something is recorded."""
        return [s for s in self.streams.by_id.values() if isinstance(s, Household) and s.version]

    def state(self, household: UUID, month: str) -> State:
        """Return what holds for a household in a month."""
        if (household, month) not in self._states:
            found = self.streams.get(Household, household).state_at(month)
            self._states[household, month] = found
        return self._states[household, month]

    def seat(self, household: UUID, month: str) -> Seat | None:
        """Return where a household stands in a month; None when it is on no roll."""
        state = self.state(household, month)
        if not state.on_roll:
            return None
        area = counted_in(state.area or "", month, self._standing)
        return Seat(area, state.programme or "", state.head)

    def last_seat(self, household: UUID, month: str) -> Seat | None:
        """Return where a household stood last, up to a month."""
        seats = [self.seat(household, each) for each in months_up_to(month)]
        return next((seat for seat in reversed(seats) if seat), None)

    def entitled(self, household: UUID, month: str) -> int:
        """Return the fen to which a household is entitled in a month."""
        if (household, month) not in self._entitled:
            state = self.state(household, month)
            fen = entitled_fen(state, month, self._standing) if state.on_roll else 0
            self._entitled[household, month] = fen
        return self._entitled[household, month]

    def policy(self, area: str, setting: str, month: str) -> str | int | None:
        """Return a setting's value for the area as it is counted in the month."""
        found: str | int | None = policy_of(
            self.counted(area, month), setting, month, self._standing
        )
        return found

    def counted(self, area: str, month: str) -> str:
        """Return the code by which an area goes in a month."""
        return counted_in(area, month, self._standing)

    def lists(self, area: str, month: str) -> bool:
        """Tell whether an area's first listed month has come."""
        first = self.policy(area, "lists.first_month", month)
        return isinstance(first, str) and month >= first

    def payee(self, household: UUID, month: str) -> UUID | None:
        """Return whom a household designated by a month, or None."""
        facts = latest_of_chains(self.streams.get(Household, household).facts)
        said = [
            (fact.effective, rank, fact.person)
            for rank, fact in facts.items()
            if isinstance(fact, PayeeDesignated) and fact.effective <= month
        ]
        return max(said)[2] if said else None

    def heir(self, household: UUID, month: str, seen: tuple[UUID, ...] = ()) -> UUID:
        """Return with whom a household's month is settled: the survivor of a merger from then on.

        Who stands by itself again after the merger is settled by itself from there on.
        """
        if self._mergers is None:
            self._mergers = list(self._merged())
        since, survivor = max(
            (
                (effective, survivor)
                for absorbed, survivor, effective in self._mergers
                if absorbed == household and effective <= month and survivor not in seen
            ),
            default=("", household),
            key=lambda merger: merger[0],
        )
        if survivor == household or any(
            self.state(household, each).on_roll for each in months_up_to(month) if each >= since
        ):
            return household
        return self.heir(survivor, month, (*seen, household))

    def _merged(self) -> Iterator[tuple[UUID, UUID, str]]:
        for survivor in self.households():
            for entry in survivor.entries:
                if isinstance(entry.fact, HouseholdsMerged):
                    yield entry.fact.absorbed, survivor.id, entry.effective


class Carried(NamedTuple):
    """With the list of which place and programme a household's corrections go, and who is paid."""

    area: str
    programme: str
    payee: UUID | None
    stands: bool


class Model:
    """The formula over a roll and books; `first_said` is the earliest first listed month of any place."""

    def __init__(self, roll: Roll, books: Books, first_said: Callable[[], str | None]) -> None:
        self.roll = roll
        self.books = books
        self.first_said = first_said

    def households(self) -> list[UUID]:
        """Return every household that facts or books know, in order."""
        return sorted({h.id for h in self.roll.households()} | self.books.households())

    def balances(self, month: str) -> dict[tuple[UUID, str], Balance]:
        """Return the formula's figures up to a month, by household and month: the survivor's for all.

        Left out are months before the first listed one of the area where the household stood, and
        claims for months before any that was ever to be listed: others paid them.
        """
        found: dict[tuple[UUID, str], Balance] = {}
        for household in self.households():
            own = (self.books.listed(household), *self.books.claimed(household))
            for each in months_up_to(month):
                if self._has_part(household, each, month):
                    place = (self.roll.heir(household, each), each)
                    figures = Balance(
                        self.roll.entitled(household, each), *(parts.get(each, 0) for parts in own)
                    )
                    found[place] = found.get(place, Balance()).plus(figures)
        return found

    def _has_part(self, household: UUID, month: str, last: str) -> bool:
        if seat := self.roll.seat(household, month):
            return self.roll.lists(seat.area, month)
        return month >= min(self.first_said() or last, last)

    def open_parts(self, month: str) -> dict[UUID, Parts]:
        """Return what is open by household and month, zeros left out."""
        found: dict[UUID, Parts] = {}
        for (household, each), figures in sorted(self.balances(month).items(), key=str):
            if figures.part:
                found.setdefault(household, {})[each] = figures.part
        return found

    def carried(self, household: UUID, month: str) -> Carried | None:
        """Return where a household's corrections go: where it stands; else the last list; else its
        last place."""
        payee = self.roll.payee(household, month)
        if seat := self.roll.seat(household, month):
            return Carried(seat.area, seat.programme, payee or seat.head, stands=True)
        last, line = self.roll.last_seat(household, month), self.books.last_line(household)
        payee = payee or (last.head if last else None)
        if line:
            return Carried(line.area, line.head, payee, stands=False)
        return Carried(last.area, last.programme, payee, stands=False) if last else None

    def lines(self, area: str, programme: str | None, month: str) -> list[Line]:
        """Return the lines of a month's list, in order."""
        found = []
        for household, parts, carried in self._here(area, programme, month):
            listed = {k: fen for k, fen in parts.items() if fen > 0}
            if carried.stands:
                listed |= self._offsets(carried.area, month, parts)
            if listed:
                ordered = tuple(sorted(listed.items()))
                line = Line(household, carried.programme, carried.area, carried.payee, ordered)
                found.append(line)
        return found

    def candidates(self, area: str, programme: str | None, month: str) -> dict[UUID, Parts]:
        """Return what was overpaid and is open, by household and month, above zero."""
        found = {
            household: {k: -fen for k, fen in parts.items() if fen < 0}
            for household, parts, _ in self._here(area, programme, month)
        }
        return {household: parts for household, parts in found.items() if parts}

    def _here(
        self, area: str, programme: str | None, month: str
    ) -> Iterator[tuple[UUID, Parts, Carried]]:
        """Yield what is open for the households of a list."""
        for household, parts in sorted(self.open_parts(month).items()):
            carried = self.carried(household, month)
            if carried and carried.area.startswith(area) and _of(carried.programme, programme):
                yield household, parts, carried

    def _offsets(self, area: str, month: str, parts: Parts) -> Parts:
        """Return what the list takes of overpayments: the oldest first, up to the policy's share."""
        share = self.roll.policy(area, "overpayments.offset_bp", month)
        left = max(0, parts.get(month, 0)) * int(share or 0) // 10_000
        found: Parts = {}
        for each, fen in sorted(parts.items()):
            taken = min(left, -fen)
            if taken > 0:
                found[each] = -taken
                left -= taken
        return found

    def may_freeze(self, area: str, programme: str | None, month: str) -> str | None:
        """Return the rule that a month's list of an area breaks, or None: months go in order."""
        if month > shift(DECIDED[:7], 1):
            return "month_at_hand"
        first = self.roll.policy(area, "lists.first_month", month)
        if not isinstance(first, str) or month < first:
            return "first_listed_month"
        months = [
            one.month
            for one in self.books.standing()
            if one.month >= first
            and _meet(one.programme, programme)
            and self._nest(one, area, month)
        ]
        following = shift(max(months), 1) if months else first
        return None if month <= following else "next_listed_month"

    def _nest(self, one: Listed, area: str, month: str) -> bool:
        """Tell whether a list's area lies around another or in it, as named or as counted."""
        pairs = (
            (one.area, area),
            (self.roll.counted(one.area, month), self.roll.counted(area, month)),
        )
        return any(a.startswith(b) or b.startswith(a) for a, b in pairs)


def _of(programme: str, wanted: str | None) -> bool:
    return wanted in (None, programme, programme.partition(".")[0])


def _meet(one: str | None, other: str | None) -> bool:
    """Tell whether a household can be on lists of both programmes."""
    return one is None or other is None or _of(one, other) or _of(other, one)
