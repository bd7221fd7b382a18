"""Lives on which the ledger and the projections once differed, as small as they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from ledger.households.household import Household
from tests.integration.ground import Answer, Ground
from tests.integration.life import (
    HOUSEHOLDS,
    PERSONS,
    PREFECTURE,
    TOWN,
    TOWN_2,
    TOWN_3,
    VILLAGE,
    VILLAGE_2,
    Life,
)
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


def answer(ground: Ground, life: Life, month: str) -> Answer:
    """What the projections say of a month, on whose N and c the ledger has to agree."""
    told = ground.tell(life)
    ground.project()
    known = ground.answers(told, told.positions()[-1])
    [found] = [said for (_, m), said in known.items() if m == month]
    state = life.streams.get(Household, HOME).state_at(month)
    assert (state.tested, len(state.covered)) == (found["members"], found["covered"])
    return {**found, "area": found["area"].replace(told.prefecture, PREFECTURE, 1)}


def test_cover_restored_before_the_death_was_known_does_not_cover_the_dead(
    ground: Ground, life: Life
) -> None:
    given(
        life, "StopMemberCover", effective="2025-02", person=BOB, reason="other", legal_basis="Law"
    )
    given(life, "RestoreMemberCover", effective="2025-04", person=BOB)
    given(life, "RecordDeath", person=BOB, died_on="2025-02-15")
    said = answer(ground, life, "2025-05")
    # 1 x (2 x 700 - 300) / 2
    assert (said["members"], said["covered"], said["entitled_fen"]) == (2, 1, 55_000)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first to last", "last to first"])
def test_codes_that_give_way_in_one_month_follow_each_other_however_recorded(
    ground: Ground, life: Life, order: tuple[int, int]
) -> None:
    gave_way = [(TOWN, TOWN_2), (TOWN_2, TOWN_3)]
    for area, successor in (gave_way[n] for n in order):
        given(life, "ReplaceArea", effective="2025-03", area=area, successor=successor)
    assert answer(ground, life, "2025-03")["area"] == TOWN_3


def test_a_village_that_went_elsewhere_stays_there_when_its_old_town_gives_way(
    ground: Ground, life: Life
) -> None:
    given(life, "MoveHousehold", effective="2025-02", area=VILLAGE)
    given(life, "ReplaceArea", effective="2025-03", area=VILLAGE, successor=VILLAGE_2)
    given(life, "ReplaceArea", effective="2025-04", area=TOWN, successor=TOWN_2)
    assert answer(ground, life, "2025-05")["area"] == VILLAGE_2
