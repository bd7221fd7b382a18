"""What holds for a household in a month: the fold of its facts, which only assigns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ledger.fact import Fact
from ledger.households.facts import (
    CareFormChanged,
    GracePeriodStarted,
    HeadChanged,
    HouseholdEnrolled,
    HouseholdExited,
    HouseholdMoved,
    HouseholdsMerged,
    HouseholdSplit,
    IncomeReassessed,
    Member,
    MemberCoverRestored,
    MemberCoverStopped,
    MemberDied,
    MemberJoined,
    MemberLeft,
    PaymentResumed,
    PaymentSuspended,
    ProgrammeChanged,
    SelfCareAssessed,
    SupplementAssigned,
    SupplementWithdrawn,
    TierChanged,
)
from ledger.timeline import Entry


@dataclass(slots=True, frozen=True)
class Income:
    """A counted income in fen a month, with the place in time of the fact that asserts it."""

    effective: str
    rank: int
    fen: int
    reassessed: bool


@dataclass(slots=True)
class MemberState:
    """One member: covered or not, of which classes, dead since when."""

    covered: bool
    supplements: set[str]
    self_care: str | None
    died: tuple[str, int] | None = None


@dataclass(slots=True)
class State:
    """A household in a month. What it is paid is the projections' business, not this one's."""

    on_roll: bool = False
    spell: int | None = None
    programme: str | None = None
    area: str | None = None
    single_person: bool = False
    care_form: str | None = None
    head: UUID | None = None
    suspended: bool = False
    grace: GracePeriodStarted | None = None
    deferred: int | None = None
    members: dict[UUID, MemberState] = field(default_factory=dict)
    incomes: list[Income] = field(default_factory=list)
    tiers: list[tuple[int, str | None]] = field(default_factory=list)

    @property
    def income_fen(self) -> int:
        """Counted income in fen a month, 0 before any; in a grace period only reductions count."""
        grace = self.grace
        if grace is None or not self.incomes:
            return self.incomes[-1].fen if self.incomes else 0
        waiting = [i for i in self.incomes if i.rank != self.deferred]
        within = [i for i in waiting if i.reassessed and i.effective >= grace.effective]
        before = [i for i in waiting if not (i.reassessed and i.effective >= grace.effective)]
        return min(income.fen for income in (*before[-1:], *within))

    @property
    def tier(self) -> str | None:
        """The tier, leaving out the change that a grace period defers."""
        said = [t for rank, t in self.tiers if self.grace is None or rank != self.deferred]
        return said[-1] if said else None

    @property
    def covered(self) -> frozenset[UUID]:
        """The persons covered, payment suspended or not; none when off the roll."""
        if not self.on_roll:
            return frozenset()
        return frozenset(person for person, member in self.members.items() if member.covered)

    @property
    def tested(self) -> int:
        """N, the members in the income test: the dead stay until income is assessed anew."""
        last = (self.incomes[-1].effective, self.incomes[-1].rank) if self.incomes else ("", 0)
        return sum(m.died is None or last < m.died for m in self.members.values())


def fold(entries: Iterable[Entry], until: str | None = None) -> State:
    """Return the state in the month `until`, or after every entry."""
    state = State()
    for entry in entries:
        if until is not None and entry.effective > until:
            break
        evolve(state, entry)
    return state


def states_at(entries: Sequence[Entry], months: Iterable[str]) -> Iterator[State]:
    """Yield the state in each of some months, which are in order (one object, evolving)."""
    state, done = State(), 0
    for month in months:
        while done < len(entries) and entries[done].effective <= month:
            evolve(state, entries[done])
            done += 1
        yield state


def steps(entries: Sequence[Entry]) -> Iterator[tuple[str, State]]:
    """Yield each month in which something changes, and the state then (one object, evolving)."""
    state = State()
    for n, entry in enumerate(entries):
        evolve(state, entry)
        if n + 1 == len(entries) or entries[n + 1].effective != entry.effective:
            yield entry.effective, state


def evolve(state: State, entry: Entry) -> None:
    """Assign what one standing fact asserts; no rule is checked: old streams load for ever."""
    fact = entry.fact
    if isinstance(fact, HouseholdEnrolled):
        _enrol(state, fact, entry)
    elif fact.spell == state.spell:
        if isinstance(fact, HouseholdExited) or entry.ends:
            state.on_roll, state.grace = False, None
        else:
            _set_attribute(state, fact, entry)
            _set_income_or_tier(state, fact, entry)
            _set_members(state, fact)
            _set_member(state, fact, entry)


def _enrol(state: State, fact: HouseholdEnrolled, entry: Entry) -> None:
    state.on_roll, state.spell, state.programme = True, fact.spell, fact.programme
    state.area, state.single_person, state.care_form = fact.area, fact.single_person, fact.care_form
    state.suspended, state.grace, state.deferred = False, None, None
    state.members = {}
    _join(state, fact.members)
    state.head = next((m.person for m in fact.members if m.role == "head"), None)
    state.incomes = [Income(entry.effective, entry.rank, fact.income_fen, reassessed=False)]
    state.tiers = [(entry.rank, fact.tier)]


def _set_attribute(state: State, fact: Fact, entry: Entry) -> None:
    match fact:
        case HouseholdMoved():
            state.area = fact.area
        case ProgrammeChanged():
            state.programme = fact.programme
        case CareFormChanged():
            state.care_form = fact.care_form
        case HeadChanged():
            state.head = fact.person
        case PaymentSuspended() | PaymentResumed():
            state.suspended = isinstance(fact, PaymentSuspended)
        case GracePeriodStarted():
            state.grace, state.deferred = fact, entry.names


def _set_income_or_tier(state: State, fact: Fact, entry: Entry) -> None:
    match fact:
        case (
            IncomeReassessed()
            | MemberJoined()
            | MemberLeft()
            | HouseholdSplit()
            | HouseholdsMerged()
        ):
            reassessed = isinstance(fact, IncomeReassessed)
            state.incomes.append(Income(entry.effective, entry.rank, fact.income_fen, reassessed))
        case TierChanged() | ProgrammeChanged():
            state.tiers.append((entry.rank, fact.tier))


def _set_members(state: State, fact: Fact) -> None:
    match fact:
        case MemberJoined():
            _join(state, (fact.member,))
        case HouseholdsMerged():
            _join(state, fact.members)
        case HouseholdSplit():
            for member in fact.members:
                state.members.pop(member.person, None)
        case MemberLeft():
            state.members.pop(fact.person, None)


def _join(state: State, members: Iterable[Member]) -> None:
    for m in members:
        state.members[m.person] = MemberState(m.covered, set(m.supplements), m.self_care)


def _set_member(state: State, fact: Fact, entry: Entry) -> None:
    member = state.members.get(getattr(fact, "person", None))  # type: ignore[arg-type]
    if member is None:
        return
    match fact:
        case MemberDied():
            member.covered, member.died = False, (entry.effective, entry.rank)
        case MemberCoverStopped():
            member.covered = False
        case MemberCoverRestored():
            member.covered = member.died is None  # a death may become known after the decision
        case SupplementAssigned():
            member.supplements.add(fact.supplement)
        case SupplementWithdrawn():
            member.supplements.discard(fact.supplement)
        case SelfCareAssessed():
            member.self_care = fact.self_care
