"""For which areas a sending service may act: looked at where the command is decided."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from ledger.commands import Command
from ledger.errors import NotAllowed
from ledger.households.household import Household
from ledger.payment_months.payment_lists import PaymentLists
from ledger.stream import Stream
from ledger.world import World


def refuse_elsewhere(stream: Stream, command: Command, world: World) -> None:
    """Refuse, NotAllowed, a command about an area for which its actor may not send it.

    Counted are the areas that the fact names, the one where its subject last was, that of a household which
    it names, and those of all streams to which the decision came. So it is asked before the decision, that
    no rule tells a stranger what is on record, and after it. What is about no area at all is for those
    alone who may act everywhere.
    """
    if command.areas is None or "" in command.areas:
        return
    about = set(_areas(stream, command, world))
    if not about:
        raise NotAllowed(
            f"Nothing says which area {command.name} is about: it names none, and of its subject nothing is "
            f"on record. {command.actor} would need a right for all areas: `assistance senders list`."
        )
    if not all(area.startswith(command.areas) for area in about):
        raise NotAllowed(
            f"{command.actor} may not send {command.name} for this area. The ledger's table of senders "
            "says which areas it may act for: `assistance senders list`."
        )


def _areas(stream: Stream, command: Command, world: World) -> Iterator[str]:
    """Yield the areas that a command is about."""
    fact = command.fact
    named = (getattr(fact, name, None) for name in ("area", "successor"))
    yield from filter(None, named)
    household = getattr(fact, "household", None)
    if isinstance(household, UUID):
        yield from _last(world.get(Household, household))
    for one in (stream, *world.changed()):
        if not isinstance(one, PaymentLists):
            yield from _last(one)


def _last(stream: Stream) -> Iterator[str]:
    """Yield the last area that a stream's facts name, if any does."""
    areas = (getattr(fact, "area", None) for fact in reversed(stream.facts))
    if area := next(filter(None, areas), None):
        yield area
