"""What may be recorded of a person: the digest of an identity, once; cover follows households."""

from __future__ import annotations

from msgspec.structs import replace

from ledger.cover.facts import PersonCorrected, PersonRegistered
from ledger.cover.person import Person
from ledger.errors import NotFound, Refused
from ledger.fact import Fact
from ledger.timeline import corrected_rank
from ledger.world import World


def decide(person: Person, fact: Fact, world: World) -> None:
    """Record a registration or its correction, or refuse it."""
    rank = corrected_rank(person.id, person.facts, fact)
    if isinstance(fact, PersonRegistered) and person.registered and rank is None:
        raise Refused(
            "registered_once",
            f"Person {person.id} is registered already.",
            "Use CorrectPerson when the identity behind the id was wrong.",
        )
    if isinstance(fact, PersonCorrected) and not person.registered:
        raise NotFound(f"Person {person.id} is not registered; use RegisterPerson.")
    person.trigger(replace(fact, rank=rank) if rank else fact)
