"""Lives on which the ledger and the projections once differed, as small as they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from ledger.households.household import Household
from tests.integration.ground import Ground
from tests.integration.life import HOUSEHOLDS, PERSONS, TOWN, Life
from tests.integration.lives import live
from tests.postgres import EMBEDDED_18, Servers

HOME = HOUSEHOLDS[0]
ANN, BOB = PERSONS[:2]


@pytest.fixture(scope="module")
def ground(servers: Servers) -> Iterator[Ground]:
    """A ledger and its projections."""
    with Ground(servers[EMBEDDED_18]) as ground:
        yield ground


@pytest.fixture
def life() -> Life:
    """Ann and Bob, covered from 2025-01 on where the standard is 700.00; counted income 300.00."""
    life = live([])
    members = [{"person": str(ANN), "role": "head"}, {"person": str(BOB), "role": "other"}]
    roll = {"programme": "dibao.urban", "area": TOWN, "decided_by": "county", "legal_basis": "Law"}
    given(life, "EnrolHousehold", effective="2025-01", income_fen=30_000, members=members, **roll)
    return life


def given(life: Life, command: str, **data: Any) -> None:
    """Expect a command about the household to be accepted."""
    named = {name: str(value) if isinstance(value, UUID) else value for name, value in data.items()}
    assert life.attempt(command, HOME, named)


def paid(ground: Ground, life: Life, month: str) -> tuple[int, int, int]:
    """N, c and the fen of a month, on which the ledger has to agree."""
    told = ground.tell(life)
    ground.project()
    [answer] = [a for (_, m), a in ground.answers(told, told.positions()[-1]).items() if m == month]
    state = life.streams.get(Household, HOME).state_at(month)
    assert (state.tested, len(state.covered)) == (answer["members"], answer["covered"])
    return answer["members"], answer["covered"], answer["entitled_fen"]


def test_cover_restored_before_the_death_was_known_does_not_cover_the_dead(
    ground: Ground, life: Life
) -> None:
    given(
        life, "StopMemberCover", effective="2025-02", person=BOB, reason="other", legal_basis="Law"
    )
    given(life, "RestoreMemberCover", effective="2025-04", person=BOB)
    given(life, "RecordDeath", person=BOB, died_on="2025-02-15")
    assert paid(ground, life, "2025-05") == (2, 1, 55_000)  # 1 x (2 x 700 - 300) / 2
