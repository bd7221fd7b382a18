"""What breaks the order of a household's life, checked over every month, not only the latest.

A late fact can break one that is already effective later; so the whole timeline is walked with and
without the fact asked for, and only what it newly breaks is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from ledger.errors import Refused
from ledger.fact import BY_CLASS, Fact
from ledger.households.facts import (
    GracePeriodStarted,
    HeadChanged,
    HouseholdEnrolled,
    HouseholdsMerged,
    HouseholdSplit,
    Member,
    MemberCoverRestored,
    MemberCoverStopped,
    MemberDied,
    MemberJoined,
    MemberLeft,
    PaymentResumed,
    PaymentSuspended,
    SelfCareAssessed,
    SupplementAssigned,
    SupplementWithdrawn,
)
from ledger.households.state import MemberState, State, evolve
from ledger.timeline import Entry

_OF_A_MEMBER = (
    MemberLeft, MemberDied, MemberCoverStopped, MemberCoverRestored, HeadChanged,
    SupplementAssigned, SupplementWithdrawn, SelfCareAssessed,
)  # fmt: skip


class Breach(NamedTuple):
    """A rule of order that a fact breaks, in the month from which it holds."""

    rule: str
    month: str
    rank: int
    detail: str
    way_out: str


def breaches(entries: Sequence[Entry]) -> Iterator[Breach]:
    """Yield every breach of order in a timeline."""
    state = State()
    for n, entry in enumerate(entries):
        if n:
            evolve(state, entries[n - 1])
        found = _breach(state, entry)
        if found:
            rule, detail, way_out = found
            yield Breach(rule, entry.effective, entry.rank, detail, way_out)


def refuse_new_breaches(before: Sequence[Entry], after: Sequence[Entry]) -> None:
    """Raise Refused for the first breach that `after` has and `before` has not."""
    known = {(b.rule, b.rank) for b in breaches(before)}
    for breach in breaches(after):
        if (breach.rule, breach.rank) not in known:
            raise Refused(breach.rule, breach.detail, breach.way_out, breach.month)


Found = tuple[str, str, str]


def _breach(state: State, entry: Entry) -> Found | None:
    fact = entry.fact
    if isinstance(fact, HouseholdEnrolled):
        return _breach_of_spells(state, entry)
    if entry.ends:
        return None  # ends its own spell, when nothing ended that before
    if not state.on_roll or state.spell != fact.spell:
        return (
            "inside_spell",
            f"{BY_CLASS[type(fact)].name} of spell {fact.spell} would be effective in "
            f"{entry.effective}, outside that spell.",
            "Give a month in which the household is on the roll; or correct first the fact that is "
            "in the way: this one, the enrolment or the exit.",
        )
    return _breach_of_members(state, entry) or _breach_of_payment(state, fact)


def _breach_of_spells(state: State, entry: Entry) -> Found | None:
    if not state.on_roll:
        return None
    return (
        "spells_apart",
        f"The household is on the roll already in {entry.effective} (spell {state.spell}).",
        "Exit it first, or correct the earlier enrolment.",
    )


def _breach_of_members(state: State, entry: Entry) -> Found | None:
    match entry.fact:
        case MemberJoined() as fact:
            return _breach_of_joining(state, [fact.member])
        case HouseholdsMerged() as fact:
            return _breach_of_joining(state, fact.members)
        case HouseholdSplit() as fact if not {m.person for m in fact.members} < _living(
            state, entry
        ):
            return _member("is none", "List some, not all, of this household's living members.")
        case MemberLeft() as fact if not _living(state, entry) - {fact.person}:
            return ("someone_stays", "Nobody would be left in the household.", "Use ExitHousehold.")
    if isinstance(entry.fact, _OF_A_MEMBER):
        return _breach_of_member(state, entry)
    return None


def _breach_of_joining(state: State, members: Sequence[Member]) -> Found | None:
    if any(m.person in state.members for m in members):
        return _member("is one already", "Change what is known of the member instead.")
    if any(m.role == "head" for m in members):
        return (
            "one_head",
            "The household has its head.",
            "Give another role; then use ChangeHead.",
        )
    if state.single_person:
        return (
            "single_person_alone",
            "A single-person enrolment has one member.",
            "End it, and enrol the household.",
        )
    return None


def _breach_of_member(state: State, entry: Entry) -> Found | None:
    fact = entry.fact
    member = state.members.get(fact.person)  # type: ignore[attr-defined]
    if member is None:
        return _member("is none", "Name a person who is a member in that month.")
    if _dead(member, entry) and not isinstance(fact, MemberLeft):
        return _member("has died", "Name a living member.")
    if isinstance(fact, MemberCoverStopped) and not member.covered and member.died is None:
        return _member("is not covered", "Stop the cover of a member who has it.")
    if isinstance(fact, MemberCoverRestored) and member.covered:
        return _member("is covered already", "Restore the cover of a member who lost it.")
    return None


def _living(state: State, entry: Entry) -> set[UUID]:
    return {person for person, member in state.members.items() if not _dead(member, entry)}


def _dead(member: MemberState, entry: Entry) -> bool:
    """Tell whether the death was on record: one learned of later breaks nothing decided before."""
    return member.died is not None and member.died[1] < entry.rank


def _member(what: str, way_out: str) -> Found:
    return (
        "member_there",
        f"A person whom the fact names as a member {what} in that month.",
        f"{way_out} Or correct first the fact that is in the way.",
    )


def _breach_of_payment(state: State, fact: Fact) -> Found | None:
    if isinstance(fact, PaymentSuspended) and state.suspended:
        return (
            "suspended_once",
            "Payment is suspended already.",
            "Correct the suspension on record.",
        )
    if isinstance(fact, PaymentResumed) and not state.suspended:
        return ("resumed_once", "Payment is not suspended.", "Correct the resumption on record.")
    if isinstance(fact, GracePeriodStarted) and state.grace:
        return ("grace_once", "A grace period is running.", "Correct the grace period on record.")
    return None
