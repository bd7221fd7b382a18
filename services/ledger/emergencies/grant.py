"""A grant: help-first aid with what follows it, or temporary or funeral aid."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.emergencies.facts import (
    AidFoundUnjustified,
    AidInstalmentGranted,
    EmergencyAidGranted,
    EmergencyEnded,
    FuneralAidGranted,
    TemporaryAidGranted,
)
from ledger.fact import Fact
from ledger.stream import Stream
from ledger.timeline import latest_of_chains

GRANTS = (EmergencyAidGranted, TemporaryAidGranted, FuneralAidGranted)


class Grant(Stream):
    """One grant's stream: it opens with the grant, the paperwork follows."""

    @property
    def standing(self) -> Sequence[Fact]:
        """The facts that stand, corrections in the place of what they correct."""
        return list(latest_of_chains(self.facts).values())

    @property
    def help_first(self) -> bool:
        """Whether the grant is help-first aid."""
        return bool(self.facts) and isinstance(self.facts[0], EmergencyAidGranted)

    @property
    def ended(self) -> bool:
        """Whether the end of the emergency is on record."""
        return any(isinstance(fact, EmergencyEnded) for fact in self.facts)

    @property
    def granted_fen(self) -> int:
        """What was given in all, in fen, goods by their value."""
        given = (*GRANTS, AidInstalmentGranted)
        return sum(fact.amount_fen for fact in self.standing if isinstance(fact, given))

    def unjustified_fen(self, leaving_out: int | None = None) -> int:
        """What was found not due, in fen, but for the correction chain of rank `leaving_out`."""
        return sum(
            fact.amount_fen
            for rank, fact in latest_of_chains(self.facts).items()
            if isinstance(fact, AidFoundUnjustified) and rank != leaving_out
        )
