"""Ids: random ones for persons and streams, derived ones for areas and lines, and the ids of facts."""

from __future__ import annotations

import hashlib
import os
import time
from functools import lru_cache
from typing import Annotated
from uuid import UUID

from msgspec import Meta

FactId = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[1-9][0-9]{0,8}$(?!\n)",
        max_length=46,
        description="A fact's id: <stream>:<version>.",
    ),
]
"""A fact's id, `<stream>:<version>`; corrections, evidence links and messages use it."""

_AREAS = "6f0f7a52-6a56-8c0e-9d0c-"
_AREAS_BITS = int(_AREAS.replace("-", ""), 16)

PAYMENT_LISTS = UUID("6f0f7a52-6a56-8c0e-9d0d-000000000000")
"""The stream of every payment list and recovery of a cell: a freeze is decided on the whole of it."""


def new_id() -> UUID:
    """Return a random id that sorts by time (UUID version 7), so that index pages stay hot."""
    stamp = (time.time_ns() // 1_000_000) << 80
    chance = int.from_bytes(os.urandom(10), "big")
    return _versioned(stamp | chance, 7)


def derived_id(text: str) -> UUID:
    """Return the id that follows from a text: the first half of its SHA-256, as UUID version 8."""
    return _versioned(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big"), 8)


def _versioned(bits: int, version: int) -> UUID:
    """Set the version and the variant in 128 bits, as RFC 9562 has them."""
    value = bits & ~(0xF000 << 64) & ~(0xC000 << 48)
    return UUID(int=value | (version << 76) | (0x8000 << 48))


@lru_cache(maxsize=65536)
def area_stream(code: str) -> UUID:
    """Return the stream that holds an area's standards and policies: its code is written in the id.

    So every such id is known for one, whether or not anything is recorded of the area (UUID version 8).
    """
    return UUID(f"{_AREAS}{code:f<12}")


def is_area_stream(stream: UUID) -> bool:
    """Tell whether a stream is, or may once be, an area's: no other subject may have its id."""
    return stream.int >> 48 == _AREAS_BITS


def is_reserved(stream: UUID) -> bool:
    """Tell whether an id says by itself what is recorded under it: nobody may choose it."""
    return is_area_stream(stream) or stream == PAYMENT_LISTS


def fact_id(stream: UUID, version: int) -> str:
    """Return the id of a fact, `<stream>:<version>`."""
    return f"{stream}:{version}"


def version_in(stream: UUID, fact: str) -> int | None:
    """Return the version that a fact's id names on `stream`, or None when it is another stream's."""
    owner, _, version = fact.partition(":")
    return int(version) if owner == str(stream) else None
