"""Facts about payment lists: what was ordered to be paid, who approved it, what came of it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from ledger.fact import AreaCode, Code, Fact, Text, recorded
from ledger.ids import FactId
from ledger.money import MAX_FEN, Fen
from ledger.months import Month
from ledger.programmes import Programme

ListKind = Literal["monthly", "help_first", "temporary_aid", "area_grant", "reissue"]
"""What a list orders to be paid: a month, each grant of a kind once, or lines that failed, again."""

Digest = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{64}$(?!\n)",
        max_length=64,
        description="SHA-256 of a document's bytes, 64 hex digits: its name in the store.",
    ),
]
"""A document's name: the SHA-256 of its bytes, in hex."""

ListId = Annotated[UUID, Meta(description="The list's id.")]
Count = Annotated[int, Meta(ge=0, le=10**9, description="How many lines.")]
Position = Annotated[
    int, Meta(ge=0, le=10**15, description="The ledger's position at which it was computed.")
]
Version = Annotated[
    int,
    Meta(ge=0, le=10**9, description="The version of the lists' stream that the computation saw."),
]


@recorded("assistance.PaymentListFrozen.v1", command="FreezePaymentList")
class PaymentListFrozen(Fact, frozen=True, kw_only=True):
    """What is to be paid was fixed: a document of lines, named by its digest, awaits approval."""

    list: ListId
    kind: Annotated[ListKind, Meta(description="What the list orders to be paid.")]
    area: AreaCode
    programme: Annotated[
        Programme | None, Meta(description="The programme listed; left out, all of them.")
    ] = None
    month: Annotated[Month, Meta(description="The month that the list is for, YYYY-MM.")]
    position: Position
    lists_version: Version
    calculation: Annotated[int, Meta(ge=1, le=10**6, description="The calculation's version.")]
    document: Digest
    lines: Count
    total_fen: Annotated[Fen, Meta(description="The sum of its lines, in fen.")]
    reissues: Annotated[
        UUID | None, Meta(description="Of a re-issue: the list whose failed lines these are.")
    ] = None
    grant: Annotated[
        FactId | None,
        Meta(description="Of an area grant's list: the grant (a fact's id, AreaGrantAdopted)."),
    ] = None


@recorded("assistance.PaymentListApproved.v1", command="ApprovePaymentList")
class PaymentListApproved(Fact, frozen=True, kw_only=True):
    """Another officer than the one who froze the list approved it; it may be paid."""

    list: ListId
    document: Annotated[
        Digest,
        Meta(description="SHA-256 of the document as the projections computed it themselves."),
    ]


@recorded("assistance.PaymentListRejected.v1", command="RejectPaymentList")
class PaymentListRejected(Fact, frozen=True, kw_only=True):
    """A frozen list was not approved: it counts as never listed."""

    list: ListId
    reason: Annotated[Code, Meta(description="The coded reason.")]
    note: Annotated[Text | None, Meta(description="The reason in words.")] = None


@recorded("assistance.PaymentListCancelled.v1", command="CancelPaymentList")
class PaymentListCancelled(Fact, frozen=True, kw_only=True):
    """An approved list that nobody was sent was cancelled: it counts as never listed."""

    list: ListId
    reason: Annotated[Code, Meta(description="The coded reason.")]
    note: Annotated[Text | None, Meta(description="The reason in words.")] = None


@recorded("assistance.PaymentListSent.v1", command="SendPaymentList")
class PaymentListSent(Fact, frozen=True, kw_only=True):
    """A list was handed to a payment system; recorded before the first byte, and again for a re-send."""

    list: ListId
    format: Annotated[
        Code,
        Meta(description="The export's format: ndjson, csv, xlsx, g2p, payment_hub or govstack."),
    ]


@recorded("assistance.PaymentResultsRecorded.v1", command="RecordPaymentResults")
class PaymentResultsRecorded(Fact, frozen=True, kw_only=True):
    """Payment systems reported what became of lines: a document of results, and its totals."""

    list: ListId
    document: Digest
    lines: Count
    total_fen: Annotated[Fen, Meta(description="The sum of the lines reported, in fen.")]
    succ: Annotated[Count, Meta(description="Lines reported as paid.")] = 0
    succ_fen: Annotated[Fen, Meta(description="Their amounts, in fen.")] = 0
    rjct: Annotated[Count, Meta(description="Lines reported as rejected.")] = 0
    rjct_fen: Annotated[Fen, Meta(description="Their amounts, in fen.")] = 0
    pdng: Annotated[Count, Meta(description="Lines reported as pending.")] = 0
    pdng_fen: Annotated[Fen, Meta(description="Their amounts, in fen.")] = 0
    returned: Annotated[Count, Meta(description="Lines reported as returned after payment.")] = 0
    returned_fen: Annotated[Fen, Meta(description="Their amounts, in fen.")] = 0


@recorded("assistance.PaymentLineClosed.v1", command="ClosePaymentLine")
class PaymentLineClosed(Fact, frozen=True, kw_only=True):
    """A failed line will not be paid again: the payee died, say."""

    list: ListId
    reference_id: Annotated[UUID, Meta(description="The line's reference id.")]
    amount_fen: Annotated[int, Meta(ge=1, le=MAX_FEN, description="The line's amount, in fen.")]
    reason: Annotated[
        Literal["payee_died", "household_gone", "settled_otherwise", "other"],
        Meta(description="Why it is not paid again."),
    ]
    note: Annotated[Text | None, Meta(description="The reason in words; due for `other`.")] = None
