"""Which facts of a stream stand, and in which order they take effect.

The order is (effective, rank). Rank is the version of the first fact of a correction chain: a
correction stands in the place of what it corrects. Within one stream versions are ordered as
positions are, so that versions serve as ranks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from ledger.errors import Refused
from ledger.fact import BY_CLASS, Fact
from ledger.ids import version_in


class Entry(NamedTuple):
    """A fact that stands, in its place in time."""

    effective: str
    rank: int
    fact: Fact
    ends: bool = False
    """Whether the entry is the derived end of a fact that has one (a grace period)."""
    names: int | None = None
    """The rank of the fact that this one names (a grace period: the reassessment it defers)."""


def latest_of_chains(facts: Sequence[Fact]) -> dict[int, Fact]:
    """Return the last fact of every correction chain, by rank."""
    chains: dict[int, Fact] = {}
    for version, fact in enumerate(facts, 1):
        chains[fact.rank or version] = fact
    return chains


def rank_of(facts: Sequence[Fact], version: int) -> int:
    """Return the rank of the fact of a version: that of its chain's first fact."""
    return facts[version - 1].rank or version


def effective_of(fact: Fact) -> str | None:
    """Return the month from which a fact changes something, or None for a fact of procedure."""
    month: str | None = getattr(fact, "effective", None)
    return month


def named(stream: UUID, facts: Sequence[Fact], fact: str, what: str, *types: type[Fact]) -> int:
    """Return the version that a fact's id names on this stream.

    Raises Refused when it names another stream's fact, none at all, or one of another type.
    """
    version = version_in(stream, fact)
    if version is None or version > len(facts) or not isinstance(facts[version - 1], types):
        names = " or ".join(BY_CLASS[kind].name if kind in BY_CLASS else "fact" for kind in types)
        raise Refused(
            "names_a_fact",
            f"`{what}` names no {names} of this stream.",
            f"Name the {names} that is meant by its id, <stream>:<version>: see the history.",
        )
    return version


def corrected_rank(stream: UUID, facts: Sequence[Fact], fact: Fact) -> int | None:
    """Return the rank that a correction takes over, or None when the fact corrects nothing.

    Raises Refused when `corrects` names no fact of the same type on this stream.
    """
    if fact.corrects is None:
        return None
    return rank_of(facts, named(stream, facts, fact.corrects, "corrects", type(fact)))
