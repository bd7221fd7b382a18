"""Lives on which the ledger and the projections once differed, as small as they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from ledger.households.household import Household
from tests.integration.ground import Answer, Ground
from tests.integration.lives import HOUSEHOLDS, PERSONS, TOWN, Fresh, Life, live
from tests.postgres import EMBEDDED_18, Servers

HOME = HOUSEHOLDS[0]
ANN, BOB = PERSONS[:2]


@pytest.fixture(scope="module")
def ground(servers: Servers) -> Iterator[Ground]:
    """A ledger and its projections."""
    with Ground(servers[EMBEDDED_18]) as ground:
        yield ground


class Told:
    """A life of one household of two, told act by act."""

    def __init__(self) -> None:
        self.life = live([])
        members = [{"person": str(ANN), "role": "head"}, {"person": str(BOB), "role": "other"}]
        self.asks("EnrolHousehold", "2025-01", programme="dibao.urban", area=TOWN, income_fen=40_000,
                  members=members, decided_by="county", legal_basis="Law 18")  # fmt: skip

    def asks(self, name: str, effective: str | None, **data: Any) -> None:
        """Expect a command to be accepted."""
        assert self.life.attempt(name, HOME, {"effective": effective, **data})
