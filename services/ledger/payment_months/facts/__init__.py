"""Facts of payment months, all on one stream; importing this package registers them all."""

from ledger.payment_months.facts.lists import (
    ListKind,
    PaymentLineClosed,
    PaymentListApproved,
    PaymentListCancelled,
    PaymentListFrozen,
    PaymentListRejected,
    PaymentListSent,
    PaymentResultsRecorded,
)
from ledger.payment_months.facts.recoveries import (
    RecoveryOrdered,
    RecoveryPart,
    RecoveryReceived,
    RecoveryWaived,
)

__all__ = [
    "ListKind",
    "PaymentLineClosed",
    "PaymentListApproved",
    "PaymentListCancelled",
    "PaymentListFrozen",
    "PaymentListRejected",
    "PaymentListSent",
    "PaymentResultsRecorded",
    "RecoveryOrdered",
    "RecoveryPart",
    "RecoveryReceived",
    "RecoveryWaived",
]
