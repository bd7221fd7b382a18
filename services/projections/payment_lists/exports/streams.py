"""Bytes on their way out: canonical JSON, in chunks of one size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

CHUNK = 1 << 16
_ENCODER = msgspec.json.Encoder()


def chunked(pieces: Iterable[bytes], size: int = CHUNK) -> Iterator[bytes]:
    """Yield the same bytes in chunks of `size`, the last one shorter, however the pieces were cut."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)


def json_line(value: Any) -> bytes:
    """Return compact JSON, keys in the order given, with a line feed."""
    return _ENCODER.encode(value) + b"\n"


def json_text(value: Any) -> bytes:
    """Return compact JSON, keys in the order given."""
    return _ENCODER.encode(value)
