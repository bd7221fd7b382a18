"""Command envelopes: what the generator writes is what any user could import."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any

Envelope = dict[str, Any]
"""One line of an import: command, idempotency_key, subject, actor, data."""

MIGRATION = "older-system"
"""The actor of what an older system had decided."""


@lru_cache(maxsize=512)
def _stamp(month: str) -> int:
    """Return the milliseconds since 1970 at the start of a month, in the place of a UUID's time."""
    day = date(int(month[:4]), int(month[5:7]), 1)
    return ((day - date(1970, 1, 1)).days * 86_400_000) << 80


def demo_id(label: str, month: str) -> str:
    """Return a UUID (version 7) made from a label alone: the same in every run.

    Its time is that of `month` (`YYYY-MM`), so that ids sort roughly as the demo's people arrived.
    """
    chance = int.from_bytes(blake2b(label.encode(), digest_size=10).digest(), "big")
    value = (_stamp(month) | chance) & ~(0xF000 << 64) & ~(0xC000 << 48)
    text = f"{value | (0x7000 << 64) | (0x8000 << 48):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def day_in(month: str, day: int) -> str:
    """Return a day of a month as an ISO date."""
    return f"{month}-{day:02d}"


def days_after(day: str, days: int) -> str:
    """Return the ISO date some days after another one (before it, when negative)."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


class Stream:
    """One subject's stream: takes its commands in order and foretells the ids of their facts.

    Each of the demo's commands becomes exactly one fact on its subject's stream, so a command's
    place in the stream is its fact's version, and its idempotency key.
    """

    def __init__(self, out: list[Envelope], subject: str, actor: str) -> None:
        self.out = out
        self.subject = subject
        self.actor = actor
        self.version = 0

    def do(self, command: str, decided_on: str, /, **data: Any) -> str:
        """Write one command; return the id of the fact that it becomes, `<stream>:<version>`."""
        self.version += 1
        actor = MIGRATION if data.get("migrated") else self.actor
        self.out.append(
            {
                "command": command,
                "idempotency_key": f"demo-{self.subject}-{self.version}",
                "subject": self.subject,
                "actor": actor,
                "data": {"decided_on": decided_on, **data},
            }
        )
        return f"{self.subject}:{self.version}"


def area_command(command: str, key: str, decided_on: str, **data: Any) -> Envelope:
    """Return a command on an area: its subject follows from `area` in the data."""
    return {
        "command": command,
        "idempotency_key": f"demo-area-{key}",
        "actor": f"bureau-{data['area']}",
        "data": {"decided_on": decided_on, **data},
    }
