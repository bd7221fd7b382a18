"""Reads signals strictly: their shape first, then what no schema can say of two fields at once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import msgspec

from ledger.commands import check_body, refuse_shape
from ledger.errors import Malformed, Unreadable
from ledger.shapes import problem
from ledger.signals.shapes import BY_SIGNAL, EmploymentRegistered, Signal


@cache
def _decoder(topic: str) -> msgspec.json.Decoder[Signal]:
    return msgspec.json.Decoder(BY_SIGNAL[topic].cls)


def read_signal(topic: str, data: bytes) -> Signal:
    """Read a signal by its CloudEvents type, e.g. `assistance.DeathRegistered.v1`.

    Raises TooLarge, Unreadable or Malformed with JSON pointers; never echoes a submitted value. The
    types that there are, are the keys of BY_SIGNAL.
    """
    if topic not in BY_SIGNAL:
        raise Malformed(
            "There is no signal of this type; contracts/signals lists them.",
            errors=[{"in": "header", "detail": "ce_type is no signal's"}],
        )
    check_body(data)
    try:
        signal = _decoder(topic).decode(data)
    except msgspec.ValidationError as error:
        refuse_shape(error)
    except msgspec.DecodeError:
        # Nothing else is left after `check_body`.
        raise Unreadable("The body has half of a surrogate pair: text must be whole.") from None
    _refuse_faults(list(_faults(signal)))
    return signal


def _refuse_faults(faults: list[dict[str, str]]) -> None:
    if faults:
        said = "; ".join(f"{fault['pointer']}: {fault['detail']}" for fault in faults)
        raise Malformed(f"{said}.", errors=faults)


def _faults(signal: Signal) -> Iterator[dict[str, str]]:
    """Say what is wrong between fields. Work may be registered ahead; nothing else is."""
    if signal.person is None and signal.household is None:
        yield problem("/person", "A person or a household is required, and neither is named")
    ahead = isinstance(signal, EmploymentRegistered)
    if signal.occurred_on > signal.reported_on and not ahead:
        yield problem("/occurred_on", "Is after `reported_on`")
