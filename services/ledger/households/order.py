"""What breaks the order of a household's life, checked over every month, not only the latest.

A late fact can break one that is already effective later; so the whole timeline is walked with and
without the fact asked for, and only what it newly breaks is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger.errors import Refused
from ledger.fact import BY_CLASS, Fact
from ledger.households.facts import (
    HeadChanged,
    HouseholdEnrolled,
    HouseholdsMerged,
    HouseholdSplit,
    MemberCoverRestored,
    MemberCoverStopped,
    MemberDied,
    MemberJoined,
    MemberLeft,
    PayeeDesignated,
    PaymentResumed,
    PaymentSuspended,
    SelfCareAssessed,
    SupplementAssigned,
    SupplementWithdrawn,
)
from ledger.households.state import State, evolve
from ledger.timeline import Entry

_OF_A_MEMBER = (
    MemberLeft, MemberDied, MemberCoverStopped, MemberCoverRestored, HeadChanged, PayeeDesignated,
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
    for entry in entries:
        found = _breach(state, entry)
        if found:
            rule, detail, way_out = found
            yield Breach(rule, entry.effective, entry.rank, detail, way_out)
        evolve(state, entry)


def refuse_new_breaches(before: Sequence[Entry], after: Sequence[Entry]) -> None:
    """Raise Refused for the first breach that `after` has and `before` has not."""
    known = {(b.rule, b.rank) for b in breaches(before)}
    for breach in breaches(after):
        if (breach.rule, breach.rank) not in known:
            raise Refused(breach.rule, breach.detail, breach.way_out, breach.month)


Found = tuple[str, str, str]


def _breach(state: State, entry: Entry) -> Found | None:
    fact = entry.fact
    name = BY_CLASS[type(fact)].name
    if isinstance(fact, HouseholdEnrolled):
        if state.on_roll:
            return (
                "spells_apart",
                f"The household is on the roll already in {entry.effective} (spell {state.spell}).",
                "Exit it first, or correct the earlier enrolment.",
            )
        return None
    if entry.ends:
        later = state.on_roll and state.spell != fact.spell
        return _outside(name, entry) if later else None
    if not state.on_roll or state.spell != fact.spell:
        return _outside(name, entry)
    return _breach_of_members(state, fact) or _breach_of_payment(state, fact)


def _outside(name: str, entry: Entry) -> Found:
    return (
        "inside_spell",
        f"{name} of spell {entry.fact.spell} would be effective in {entry.effective}, outside that spell.",
        "Give a month in which the household is on the roll, or correct the enrolment or the exit.",
    )


def _breach_of_members(state: State, fact: Fact) -> Found | None:
    match fact:
        case MemberJoined() if fact.member.person in state.members:
            return _member("is a member already", "Change what is known of the member instead.")
        case HouseholdsMerged() if any(m.person in state.members for m in fact.members):
            return _member("is a member already", "List only the absorbed household's members.")
        case HouseholdSplit() if not {m.person for m in fact.members} < set(state.members):
            return _member("is none", "List some, not all, of this household's members.")
    if isinstance(fact, _OF_A_MEMBER):
        member = state.members.get(fact.person)  # type: ignore[attr-defined]
        if member is None:
            return _member("is none", "Name a person who is a member in that month.")
        if member.died and not isinstance(fact, MemberLeft):
            return _member("has died", "Name a living member.")
        if isinstance(fact, MemberCoverStopped) and not member.covered:
            return _member("is not covered", "Stop the cover of a member who has it.")
        if isinstance(fact, MemberCoverRestored) and member.covered:
            return _member("is covered already", "Restore the cover of a member who lost it.")
    return None


def _member(what: str, way_out: str) -> Found:
    return ("member_there", f"A person whom the fact names as a member {what} in that month.", way_out)


def _breach_of_payment(state: State, fact: Fact) -> Found | None:
    if isinstance(fact, PaymentSuspended) and state.suspended:
        return ("suspended_once", "Payment is suspended already.", "Nothing needs to be done.")
    if isinstance(fact, PaymentResumed) and not state.suspended:
        return ("resumed_once", "Payment is not suspended.", "Nothing needs to be done.")
    return None
