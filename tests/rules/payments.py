"""An office that pays: lists frozen from documents, approved by another, reported on.

office = PayingOffice()                              # July 2026 is the first listed month
office.froze(LIST, line(HOME, {"2026-07": 78_000}), month="2026-07")
office.approved(LIST)
office.reported(LIST, {HOME: "rjct"})
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ledger.ids import PAYMENT_LISTS
from ledger.payment_months.list_document import Line as ReadLine
from ledger.payment_months.list_document import decode_line, reference_of
from ledger.payment_months.payment_lists import PaymentList, PaymentLists, Recovery
from tests.payment_documents import (
    Line,
    freeze_data,
    list_document,
    reported,
    results_data,
    results_document,
)
from tests.rules.given import COUNTY, HOME, Office, named

LIST, SECOND_LIST, THIRD_LIST, FOURTH_LIST = map(
    named, ("list", "second list", "third list", "fourth list")
)
DEBT, OTHER_DEBT = named("debt"), named("other debt")
JULY, AUGUST, SEPTEMBER = "2026-07", "2026-08", "2026-09"


class PayingOffice(Office):
    """An office whose county lists payments from July 2026 on."""

    def __init__(self, first_month: str | None = JULY) -> None:
        super().__init__()
        if first_month:
            self.policy("lists.first_month", first_month, area=COUNTY)

    @property
    def lists(self) -> PaymentLists:
        """The stream of lists and recoveries."""
        return self.streams.get(PaymentLists, PAYMENT_LISTS)

    def listed(self, list_id: UUID) -> PaymentList:
        """A list as it stands."""
        found = self.lists.list_of(list_id)
        assert found is not None
        return found

    def owed(self, recovery: UUID) -> Recovery:
        """A recovery as it stands."""
        found = self.lists.recovery_of(recovery)
        assert found is not None
        return found

    def to_freeze(self, list_id: UUID, *lines: Line, **head: Any) -> dict[str, Any]:
        """The data of a freeze, computed at the present version; its document is on record."""
        said = {"month": AUGUST, "lists_version": self.lists.version, **head}
        document = list_document(*lines, **said)
        self.documents.put(document)
        return freeze_data(document, list_id)

    def froze(self, list_id: UUID, *lines: Line, **head: Any) -> dict[str, Any]:
        """Freeze a list; return the data of the freeze."""
        data = self.to_freeze(list_id, *lines, **head)
        self.by("clerk", "FreezePaymentList", **data)
        return data

    def approved(self, list_id: UUID) -> None:
        """Approve a frozen list."""
        document = self.listed(list_id).frozen.document
        self.by("approver", "ApprovePaymentList", list=list_id, document=document)

    def to_report(self, list_id: UUID, *lines: Line) -> dict[str, Any]:
        """The data of results; their document is on record."""
        document = results_document(list_id, *lines)
        self.documents.put(document)
        return results_data(document)

    def reported(self, list_id: UUID, *lines: Line) -> None:
        """Record results of a list."""
        self.accepts("RecordPaymentResults", **self.to_report(list_id, *lines))

    def said(self, list_id: UUID, household: UUID, status: str) -> Line:
        """What is reported of a household's line on a list."""
        for reference, line in self.references(list_id):
            if line.household == household:
                return reported(reference, status, line.amount_fen)
        raise LookupError(f"{household} is not on the list")

    def references(self, list_id: UUID) -> list[tuple[UUID, ReadLine]]:
        """The lines of a list with their reference ids."""
        lines = map(decode_line, self.documents.lines(self.listed(list_id).frozen.document))
        return [(reference_of(list_id, line), line) for line in lines]

    def reference(self, list_id: UUID, household: UUID = HOME) -> UUID:
        """The reference id of a household's line."""
        return next(r for r, line in self.references(list_id) if line.household == household)

    def by(self, actor: str, command: str, **data: Any) -> None:
        """Have a command of another actor accepted."""
        usual, self.actor = self.actor, actor
        try:
            self.accepts(command, **data)
        finally:
            self.actor = usual

    def ordered(self, recovery: UUID = DEBT, **more: Any) -> None:
        """Order a recovery of 62,000 fen for July and for August."""
        self.accepts("OrderRecovery", **order(recovery, **more))


def order(recovery: UUID = DEBT, **more: Any) -> dict[str, Any]:
    """The data of a recovery of a household that was paid after its exit."""
    return {
        "recovery": recovery,
        "household": HOME,
        "ground": "kept_after_decision",
        "legal_basis": "Law 60",
        "parts": [{"month": JULY, "fen": 62_000}, {"month": AUGUST, "fen": 62_000}],
        "position": 12,
        **more,
    }
