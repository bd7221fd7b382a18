"""The one stream of a cell's payment lists and recoveries, folded by list and by recovery.

A freeze or a recovery is decided on all of it, every other act on its own list or recovery alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from ledger.fact import Fact
from ledger.ids import PAYMENT_LISTS
from ledger.payment_months.facts import (
    PaymentLineClosed,
    PaymentListApproved,
    PaymentListCancelled,
    PaymentListFrozen,
    PaymentListRejected,
    PaymentListSent,
    PaymentResultsRecorded,
    RecoveryOrdered,
    RecoveryReceived,
    RecoveryWaived,
)
from ledger.stream import Stream

Status = Literal["frozen", "approved", "rejected", "cancelled"]
"""Where a list stands; it may be sent and reported on while it is approved."""


@dataclass(slots=True)
class PaymentList:
    """A list as its facts left it; `version` is that of the last fact about it."""

    frozen: PaymentListFrozen
    version: int
    status: Status = "frozen"
    sent: bool = False
    results: list[PaymentResultsRecorded] = field(default_factory=list)
    closed: set[UUID] = field(default_factory=set)

    @property
    def standing(self) -> bool:
        """Whether it counts as listed: it is neither rejected nor cancelled."""
        return self.status in ("frozen", "approved")

    @property
    def failed(self) -> bool:
        """Whether any of its lines was ever reported as rejected or returned."""
        return any(fact.rjct or fact.returned for fact in self.results)

    def add(self, fact: Fact) -> None:
        """Take a later fact about the list into account."""
        match fact:
            case PaymentListApproved():
                self.status = "approved"
            case PaymentListRejected():
                self.status = "rejected"
            case PaymentListCancelled():
                self.status = "cancelled"
            case PaymentListSent():
                self.sent = True
            case PaymentResultsRecorded():
                self.results.append(fact)
            case PaymentLineClosed():
                self.closed.add(fact.reference_id)


@dataclass(slots=True)
class Recovery:
    """A recovery as its facts left it: corrections in the place of what they correct, by rank."""

    order: RecoveryOrdered
    version: int
    chains: dict[int, Fact] = field(default_factory=dict)

    @property
    def ordered_fen(self) -> int:
        """What was ordered back in all, in fen."""
        return sum(part.fen for part in self.order.parts)

    @property
    def received_fen(self) -> int:
        """What came in, in fen."""
        return sum(f.amount_fen for f in self.chains.values() if isinstance(f, RecoveryReceived))

    @property
    def waived_fen(self) -> int:
        """What will not be asked for any more, in fen."""
        return sum(f.amount_fen for f in self.chains.values() if isinstance(f, RecoveryWaived))

    @property
    def balance_fen(self) -> int:
        """What is still to come in, in fen; never below zero."""
        return self.ordered_fen - self.received_fen - self.waived_fen


class PaymentLists(Stream):
    """Every payment list and recovery of a cell."""

    def __init__(self, stream: UUID = PAYMENT_LISTS) -> None:
        super().__init__(stream)
        self._folded = 0
        self._lists: dict[UUID, PaymentList] = {}
        self._recoveries: dict[UUID, Recovery] = {}

    @classmethod
    def may_have(cls, stream: UUID) -> bool:
        """Tell whether an id is that of the one stream of lists."""
        return stream == PAYMENT_LISTS

    def list_of(self, list_id: UUID) -> PaymentList | None:
        """Return a list, or None when it was never frozen."""
        self._fold()
        return self._lists.get(list_id)

    def recovery_of(self, recovery: UUID) -> Recovery | None:
        """Return a recovery, or None when it was never ordered."""
        self._fold()
        return self._recoveries.get(recovery)

    def standing(self) -> Iterator[PaymentList]:
        """Yield every list that counts as listed, in the order of their freezes."""
        self._fold()
        return (one for one in self._lists.values() if one.standing)

    def reissues_of(self, list_id: UUID) -> Iterator[PaymentList]:
        """Yield the standing lists that re-issue failed lines of a list."""
        return (one for one in self.standing() if one.frozen.reissues == list_id)

    def version_of(self, fact: Fact) -> int:
        """Return the version that a command has to name: the whole stream's, or its own subject's."""
        match fact:
            case PaymentListFrozen() | RecoveryOrdered(corrects=None):
                return self.version
            case RecoveryOrdered() | RecoveryReceived() | RecoveryWaived():
                recovery = self.recovery_of(fact.recovery)
                return recovery.version if recovery else 0
        found = self.list_of(getattr(fact, "list"))  # noqa: B009  every other fact of one has it
        return found.version if found else 0

    def names_version(self, fact: Fact) -> bool:
        """Tell whether a fact rests on a computation that only the version names: an order does."""
        return isinstance(fact, RecoveryOrdered) and not (fact.corrects or fact.migrated)

    def changed(self) -> None:
        """Forget what was folded of facts that were taken back; new ones are folded on demand."""
        if self._folded > len(self.facts):
            self._folded = 0
            self._lists.clear()
            self._recoveries.clear()

    def _fold(self) -> None:
        while self._folded < len(self.facts):
            fact = self.facts[self._folded]
            self._folded += 1
            self._add(fact, self._folded)

    def _add(self, fact: Fact, version: int) -> None:
        match fact:
            case PaymentListFrozen():
                self._lists[fact.list] = PaymentList(fact, version)
            case RecoveryOrdered() | RecoveryReceived() | RecoveryWaived():
                self._add_to_recovery(fact, version)
            case _:
                found = self._lists[getattr(fact, "list")]  # noqa: B009  every other fact has it
                found.version = version
                found.add(fact)

    def _add_to_recovery(
        self, fact: RecoveryOrdered | RecoveryReceived | RecoveryWaived, version: int
    ) -> None:
        if isinstance(fact, RecoveryOrdered):
            found = self._recoveries.setdefault(fact.recovery, Recovery(fact, version))
            found.order = fact
        found = self._recoveries[fact.recovery]
        found.version = version
        found.chains[fact.rank or version] = fact
