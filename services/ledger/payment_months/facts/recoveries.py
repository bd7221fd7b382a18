"""Facts about recoveries: what was overpaid is ordered back, comes in, or is waived."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from ledger.fact import Code, Fact, Text, recorded
from ledger.money import MAX_FEN
from ledger.months import Month
from ledger.payment_months.facts.lists import Position

RecoveryId = Annotated[UUID, Meta(description="The recovery's id.")]
Received = Annotated[int, Meta(ge=1, le=MAX_FEN, description="How much, in fen.")]


class RecoveryPart(Struct, frozen=True, forbid_unknown_fields=True):
    """What is ordered back of one month."""

    month: Annotated[Month, Meta(description="The month that was overpaid, YYYY-MM.")]
    fen: Annotated[int, Meta(ge=1, le=MAX_FEN, description="How much of it, in fen.")]


@recorded("assistance.RecoveryOrdered.v1", command="OrderRecovery")
class RecoveryOrdered(Fact, frozen=True, kw_only=True):
    """A household has to pay back what it was overpaid, on a ground, month by month."""

    recovery: RecoveryId
    household: Annotated[UUID, Meta(description="The household's stream.")]
    ground: Annotated[
        Literal["fraud", "kept_after_decision", "paid_after_death", "other"],
        Meta(description="Why it has to be paid back."),
    ]
    note: Annotated[Text | None, Meta(description="The ground in words; due for `other`.")] = None
    legal_basis: Annotated[Text, Meta(description="The article or rule on which it rests.")]
    parts: Annotated[
        list[RecoveryPart],
        Meta(min_length=1, max_length=600, description="The months, ascending, each once."),
    ]
    position: Position


@recorded("assistance.RecoveryReceived.v1", command="ReceiveRecovery")
class RecoveryReceived(Fact, frozen=True, kw_only=True):
    """An instalment came in; it fills the oldest month first."""

    recovery: RecoveryId
    amount_fen: Received


@recorded("assistance.RecoveryWaived.v1", command="WaiveRecovery")
class RecoveryWaived(Fact, frozen=True, kw_only=True):
    """Part of what was ordered back will not be asked for any more."""

    recovery: RecoveryId
    amount_fen: Received
    reason: Annotated[Code, Meta(description="The coded reason.")]
    legal_basis: Annotated[Text, Meta(description="The article or rule on which it rests.")]
