"""A case: an alert with its visits, a referral with its answer, or a report of its own."""

from __future__ import annotations

from ledger.alerts.facts import (
    AlertRaised,
    AlertResolved,
    HomeVisited,
    ReferralAnswered,
    ReferralMade,
)
from ledger.fact import Fact
from ledger.stream import Stream


class Case(Stream):
    """One alert, referral or report."""

    def opened_by(self, *types: type[Fact]) -> bool:
        """Tell whether the stream opens with one of the types."""
        return bool(self.facts) and isinstance(self.facts[0], types)

    @property
    def closed(self) -> bool:
        """Whether the alert is resolved or the referral answered for good."""
        return any(
            isinstance(fact, AlertResolved)
            or (isinstance(fact, ReferralAnswered) and fact.outcome != "accepted")
            for fact in self.facts
        )


FOLLOWS: dict[type[Fact], tuple[type[Fact], ...]] = {
    AlertResolved: (AlertRaised,),
    ReferralAnswered: (ReferralMade,),
    HomeVisited: (AlertRaised, HomeVisited),
}
"""Which fact opens the stream on which another may follow."""
