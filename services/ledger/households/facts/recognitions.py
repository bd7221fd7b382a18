"""Recognitions: specialised aid, no monthly cash, not bound by a spell."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from ledger.fact import AreaCode, Code, FactOfMonth, Text, recorded
from ledger.ids import FactId
from ledger.money import Fen
from ledger.months import Month
from ledger.programmes import Level, Recognition


@recorded("assistance.RecognitionRecorded.v1", command="RecordRecognition")
class RecognitionRecorded(FactOfMonth, frozen=True, kw_only=True):
    """A household or a person was recognised."""

    recognition: Recognition
    area: AreaCode
    persons: Annotated[list[UUID], Meta(min_length=1, max_length=50)]
    until: Annotated[
        Month | None, Meta(description="The last month; left out, by policy (rigid: 12 months).")
    ] = None
    income_fen: Annotated[
        Fen | None, Meta(description="Counted income a month, of the household.")
    ] = None
    spending_fen: Annotated[Fen | None, Meta(description="Rigid: necessary spending a year.")] = (
        None
    )
    verification: FactId | None = None
    decided_by: Level
    legal_basis: Text


@recorded("assistance.RecognitionEnded.v1", command="EndRecognition")
class RecognitionEnded(FactOfMonth, frozen=True, kw_only=True):
    """A recognition ended; `effective` is the first month without it."""

    recognition: Recognition
    reason: Code
