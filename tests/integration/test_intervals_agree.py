"""What is kept for speed never changes an answer: kept, not kept or half kept, at every position."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.ground import Answers, Ground, Told
from tests.integration.life import Life
from tests.integration.lives import examples, lives, patiently
from tests.postgres import EMBEDDED_18, Servers

pytestmark = patiently


@pytest.fixture(scope="module")
def ground(servers: Servers) -> Iterator[Ground]:
    """A ledger and its projections."""
    with Ground(servers[EMBEDDED_18]) as ground:
        yield ground


def amounts(answers: Answers) -> dict[object, tuple[object, ...]]:
    """What a question about an area says of each household and month."""
    names = ("entitled_fen", "area", "programme", "members", "covered", "income_fen", "tier",
             "suspended", "in_grace", "supplements_fen")  # fmt: skip
    return {place: tuple(answer[name] for name in names) for place, answer in answers.items()}


def differing(ground: Ground, told: Told, position: int) -> set[object]:
    """The households and months of which the two ways to answer say something else."""
    resolved = amounts(ground.answers(told, position))
    kept = amounts(ground.answers_kept(told, position))
    return {place for place in {*resolved, *kept} if resolved.get(place) != kept.get(place)}


@given(life=lives(), kept_after=st.integers(0, 30))
@examples(40)
def test_kept_intervals_answer_as_the_assertions_do(
    ground: Ground, life: Life, kept_after: int
) -> None:
    told = ground.tell(life)
    for recorded in told.facts[kept_after : kept_after + 1]:
        ground.keep_up_to(recorded.position)
    ground.project()
    for position in told.positions():
        assert not differing(ground, told, position), position
