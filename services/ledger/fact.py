"""What every fact has, and the register of facts by topic and by command.

A fact is decoded from a command's `data`, decided upon, stamped by the ledger and stored, all as one
object: what a caller asks for and what is recorded have one shape, less the fields that only the
ledger sets (`RECORDED`). The bytes stored are the bytes published.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, NamedTuple, TypeVar

from eventsourcing.utils import register_topic
from msgspec import Meta, Struct

from ledger.ids import FactId
from ledger.months import Month

RECORDED = ("actor", "command_id", "spell", "rank")
"""Fields that the ledger alone sets."""

Code = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[a-z0-9_.\-]+$(?!\n)")]
"""A coded reason or kind: lower case, no spaces, never a person's name."""

Text = Annotated[str, Meta(min_length=1, max_length=400)]
"""Words for people; never a name, an identity number, an account or a phone."""

AreaCode = Annotated[
    str,
    Meta(
        pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$(?!\n)",
        max_length=12,
        description="An area's code of 2, 4, 6, 9 or 12 digits: province to village.",
    ),
]
"""A division code; a longer code lies inside every shorter prefix."""


class Fact(
    Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False
):
    """What was decided, by whom, on which day."""

    decided_on: Annotated[date, Meta(description="The day of the decision or the act.")]
    actor: Annotated[str, Meta(description="Who decided; set by the ledger.")] = ""
    command_id: Annotated[str, Meta(description="The command's key; set by the ledger.")] = ""
    spell: Annotated[int | None, Meta(description="The household's spell; set by the ledger.")] = (
        None
    )
    corrects: Annotated[
        FactId | None,
        Meta(description="The fact of the same type and stream that this one corrects."),
    ] = None
    rank: Annotated[
        int | None,
        Meta(
            description="Of a correction: the version of the first fact of its chain; set by the ledger."
        ),
    ] = None
    migrated: Annotated[
        bool,
        Meta(description="Imported from an older system: what procedure lacks becomes a lead."),
    ] = False


class FactOfMonth(Fact, frozen=True, kw_only=True):
    """A fact that changes cover, amount or place from a month on."""

    effective: Annotated[Month, Meta(description="The first month of the new state.")]


class FactType(NamedTuple):
    """A kind of fact: its class, its topic, the command that asks for it."""

    cls: type[Fact]
    topic: str
    command: str | None

    @property
    def name(self) -> str:
        """The fact's name without the topic's prefix and version."""
        return self.topic.split(".")[1]


BY_TOPIC: dict[str, FactType] = {}
BY_COMMAND: dict[str, FactType] = {}
BY_CLASS: dict[type[Fact], FactType] = {}

F = TypeVar("F", bound=type[Fact])


def recorded(topic: str, command: str | None = None) -> Callable[[F], F]:
    """Register a fact under its topic, the storage format, and under the command that asks for it."""

    def register(cls: F) -> F:
        kind = FactType(cls, topic, command)
        register_topic(topic, cls)
        BY_TOPIC[topic] = BY_CLASS[cls] = kind
        if command:
            BY_COMMAND[command] = kind
        return cls

    return register
