"""Turns a signal into the command that the area's rule says, for the ledger to decide as any other."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

import msgspec
from msgspec.structs import replace

from ledger.commands import Command, read_command
from ledger.cover.person import Person
from ledger.months import month_of
from ledger.signals.rules import Response, Setting, answer
from ledger.signals.shapes import SIGNAL_OF, DepartmentAidGiven, Signal


class Around(Protocol):
    """What a rule may look at; `ledger.world.World` is one."""

    def require_area(self, code: str) -> None:
        """Raise Refused (known_area) for an area that no file has named."""

    def policy(self, area: str, setting: str, month: str) -> Any:
        """Return the nearest enclosing area's value of a setting in a month, else the default."""

    def person(self, person: UUID) -> Person:
        """Return a person's stream, empty when nothing is known of them."""


def command_of(
    signal: Signal, around: Around, actor: str, key: str
) -> tuple[Response, Command | None]:
    """Return what a signal becomes in its area, and the command that makes it so, or None.

    `actor` is the sender (the CloudEvents source), `key` the command's idempotency key (its id). The
    rule is the area's in the month of `reported_on`; nothing is recorded here. Raises Refused for an
    unknown area, and for an id of a person that is something else's.
    """
    around.require_area(signal.area)
    setting = setting_for(signal, around)
    response, request = answer(_with_household(signal, around), setting, actor)
    if request is None:
        return response, None
    command, data, subject = request
    encoded = msgspec.json.encode(data)
    return response, read_command(command, encoded, key=key, actor=actor, subject=subject)


def setting_for(signal: Signal, around: Around) -> Setting:
    """Return the rule of the signal's area in the month in which it was reported."""
    name = SIGNAL_OF[type(signal)].setting
    value = around.policy(signal.area, name, month_of(signal.reported_on))
    return msgspec.convert(value, Setting)


def _with_household(signal: Signal, around: Around) -> Signal:
    """Name the household of aid that names a person alone: the one that covers them in its month."""
    if not isinstance(signal, DepartmentAidGiven) or signal.household or signal.person is None:
        return signal
    return replace(signal, household=_covering(around.person(signal.person), signal.month))


def _covering(person: Person, month: str) -> UUID | None:
    """Return the household whose roll covers a person in a month; one at most does."""
    for household, spans in person.spans().items():
        if any(since <= month and (to is None or month < to) for since, to in spans):
            return household
    return None
