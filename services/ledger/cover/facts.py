"""Facts of a person's own small stream: who is covered where, and the digest of the identity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from ledger.fact import Fact, FactOfMonth, recorded
from ledger.programmes import Programme

Digest = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{64}$(?!\n)", max_length=64, description="A keyed digest, 64 hex digits."
    ),
]


@recorded("assistance.PersonRegistered.v1", command="RegisterPerson")
class PersonRegistered(Fact, frozen=True, kw_only=True):
    """A person became known under a random id; the digest makes a swap of identities detectable."""

    identity_digest: Digest


@recorded("assistance.PersonCorrected.v1", command="CorrectPerson")
class PersonCorrected(Fact, frozen=True, kw_only=True):
    """The identity behind a person's id was corrected."""

    identity_digest: Digest


@recorded("assistance.CoverTaken.v1")
class CoverTaken(FactOfMonth, frozen=True, kw_only=True):
    """A basic roll covers the person from the month on."""

    household: UUID
    programme: Programme


@recorded("assistance.CoverEnded.v1")
class CoverEnded(FactOfMonth, frozen=True, kw_only=True):
    """The household's roll no longer covers the person from the month on."""

    household: UUID
    programme: Programme
