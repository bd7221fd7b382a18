"""What producers ask for: households that are enrolled, then reassessed month by month.

Each command names the version that it expects, so that one that is lost, comes twice or comes too early
shows itself as a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import orjson

from ledger.months import shift
from tests.ledger_database import COUNTY, TOWN

SPACE = UUID("6f1c7f0e-51f4-4a6e-9b87-0d8a4f5f3c11")


class Act(NamedTuple):
    """A message: the sender's id of it, its key, its type and its value."""

    id: str
    key: bytes
    type: str
    value: bytes


def standard(sender: str) -> Act:
    """The county's standard, which everything else needs."""
    data = {
        "area": COUNTY, "programme": "dibao", "period": "month", "mode": "gap", "amount_fen": 74000,
        "adopted_by": "county government", "effective": "2023-01", "decided_on": "2022-12-01",
    }  # fmt: skip
    return _act(sender, "standard", "AdoptStandard", None, None, data)


def household(sender: str, number: int, reassessed: int) -> Iterator[Act]:
    """Yield what is asked for one household, in order: `reassessed` + 1 commands."""
    subject = uuid5(SPACE, f"{sender}/{number}")
    name = f"{number}"
    yield _act(sender, f"{name}-enrol", "EnrolHousehold", subject, 0, {
        "effective": "2023-01", "decided_on": "2023-01-10", "programme": "dibao.urban", "area": TOWN,
        "income_fen": 30000, "members": [{"person": str(uuid5(subject, "head")), "role": "head"}],
        "decided_by": "county", "legal_basis": "Law 18", "migrated": True,
    })  # fmt: skip
    for n in range(1, reassessed + 1):
        yield _act(sender, f"{name}-income-{n}", "ReassessIncome", subject, n, {
            "effective": shift("2023-01", n), "decided_on": "2023-01-10",
            "income_fen": 30000 + 100 * n, "migrated": True,
        })  # fmt: skip


def _act(
    sender: str, name: str, command: str, subject: UUID | None, version: int | None,
    data: dict[str, Any],
) -> Act:  # fmt: skip
    envelope: dict[str, Any] = {"command": command, "idempotency_key": f"{sender}-{name}"}
    if subject:
        envelope |= {"subject": str(subject), "expected_version": version}
    return Act(
        f"{sender}-{name}", str(subject or sender).encode(), f"assistance.{command}.v1",
        orjson.dumps({**envelope, "data": data}),
    )  # fmt: skip


def headers(act: Act, sender: str) -> list[tuple[str, bytes]]:
    """Return the message's headers: a binary CloudEvent."""
    return [
        ("content-type", b"application/json"), ("ce_specversion", b"1.0"), ("ce_id", act.id.encode()),
        ("ce_type", act.type.encode()), ("ce_source", sender.encode()),
        ("ce_time", b"2026-09-01T08:00:00Z"),
    ]  # fmt: skip
