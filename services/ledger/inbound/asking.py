"""What a message comes down to: a command whose sender may send it, or nothing, by a rule for signals."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from ledger.commands import Command
from ledger.errors import NotAllowed
from ledger.inbound.reading import Wanted
from ledger.inbound.senders import Senders
from ledger.signals.respond import command_of
from ledger.signals.shapes import BY_SIGNAL, Signal
from ledger.world import World

_NAMES = {kind.cls: kind.name for kind in BY_SIGNAL.values()}


class Asked(NamedTuple):
    """A command to decide, or none; of a signal the rule and what it became."""

    command: Command | None
    signal: dict[str, str] | None = None


def asked(wanted: Wanted, senders: Senders, around: Callable[[str], World]) -> Asked:
    """Return what is to be decided for a message.

    Raises NotAllowed when its sender may not send it, and what the rules of signals raise.
    """
    if isinstance(wanted.asks, Command):
        areas = senders.areas(wanted.source, "command", wanted.asks.name)
        return Asked(replace(wanted.asks, areas=areas))
    return _of_signal(wanted, wanted.asks, senders, around)


def _of_signal(
    wanted: Wanted, signal: Signal, senders: Senders, around: Callable[[str], World]
) -> Asked:
    name = _NAMES[type(signal)]
    areas = senders.areas(wanted.source, "signal", name)
    if not signal.area.startswith(areas):
        raise NotAllowed(
            f"{wanted.source} may not send {name} for this area. The ledger's table of senders says which "
            "areas it may act for: `assistance senders list`."
        )
    key = f"signal:{wanted.id}"
    response, command = command_of(signal, around(wanted.source), wanted.source, key)
    applied = {"rule": response.code, "became": response.became}
    return Asked(replace(command, areas=areas) if command else None, applied)
