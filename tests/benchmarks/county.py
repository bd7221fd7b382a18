"""A county's move from an older system, as command lines: enrolments, then changes and exits.

Every household is enrolled with the mark `migrated`; a fifth are reassessed, a twentieth leave.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson

AREA = "140403"
ACTOR = "migration"


def _uuid(rng: random.Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def lines(households: int, seed: int = 7) -> Iterator[bytes]:
    """Yield command lines for so many households, standards first; the same for the same seed."""
    rng = random.Random(seed)
    yield _line("AdoptStandard", "standard", None, {
        "decided_on": "2017-12-01", "effective": "2018-01", "area": AREA, "programme": "dibao",
        "period": "month", "mode": "gap", "amount_fen": 70000, "adopted_by": "county government",
    })  # fmt: skip
    ids = [_uuid(rng) for _ in range(households)]
    for n, household in enumerate(ids):
        yield _line("EnrolHousehold", f"enrol-{n}", household, _enrolment(rng))
    for n, household in enumerate(ids):
        if n % 5 == 0:
            yield _line("ReassessIncome", f"income-{n}", household, {
                "decided_on": "2023-05-20", "effective": "2023-06", "income_fen": rng.randrange(60000),
                "migrated": True,
            })  # fmt: skip
        if n % 20 == 0:
            yield _line("ExitHousehold", f"exit-{n}", household, {
                "decided_on": "2023-08-20", "effective": "2023-09", "reason": "income_above_standard",
                "legal_basis": "Interim Measures 13", "decided_by": "county", "migrated": True,
            })  # fmt: skip


def first_month(key: str, month: str) -> bytes:
    """Return the line by which the county lists from a month on, YYYY-MM."""
    return _line("AdoptPolicy", key, None, {
        "decided_on": "2017-12-01", "effective": "2018-01", "area": AREA,
        "setting": "lists.first_month", "value": month,
    })  # fmt: skip


def _enrolment(rng: random.Random) -> dict[str, Any]:
    roles = ["head", "spouse", "child", "child"][: rng.choice((1, 1, 2, 2, 3, 4))]
    month = rng.randrange(1, 13)
    return {
        "decided_on": f"2022-{month:02d}-15", "effective": f"2022-{month:02d}", "migrated": True,
        "programme": rng.choice(("dibao.urban", "dibao.rural")), "area": AREA,
        "income_fen": rng.randrange(0, 60000),
        "members": [{"person": _uuid(rng), "role": role} for role in roles],
        "decided_by": "county", "legal_basis": "Interim Measures 11",
    }  # fmt: skip


def _line(command: str, key: str, subject: str | None, data: dict[str, Any]) -> bytes:
    envelope: dict[str, Any] = {"command": command, "idempotency_key": key, "actor": ACTOR}
    if subject:
        envelope["subject"] = subject
    return orjson.dumps({**envelope, "data": data}) + b"\n"
