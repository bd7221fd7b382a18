"""However facts reach the projections, and whenever one asks: the same rows, the same answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.ground import Answers, Ground
from tests.integration.life import Life
from tests.integration.lives import examples, lives, patiently
from tests.postgres import EMBEDDED_18, Servers

WHOLE = 100_000

pytestmark = patiently


@pytest.fixture(scope="module")
def ground(servers: Servers) -> Iterator[Ground]:
    """A ledger and its projections."""
    with Ground(servers[EMBEDDED_18]) as ground:
        yield ground


@given(life=lives(), batch=st.integers(1, 7))
@examples(30)
def test_known_at_a_position_is_what_was_answered_when_it_was_the_last(
    ground: Ground, life: Life, batch: int
) -> None:
    told = ground.tell(life)
    answered: dict[int, Answers] = {}
    ground.project(
        batch, lambda position: answered.update({position: ground.answers(told, position)})
    )
    for position, answer in answered.items():
        assert ground.answers(told, position) == answer, (
            f"known at {position} of {told.positions()}"
        )


@given(life=lives(), part=st.integers(0, 99))
@examples(20)
def test_known_at_a_position_is_what_the_facts_up_to_it_give(
    ground: Ground, life: Life, part: int
) -> None:
    told = ground.tell(life)
    ground.project()
    position = told.positions()[len(told.facts) * part // 100]
    with ground.beside() as beside:
        beside.project("upto", told.before, position, WHOLE)
        assert beside.answers("upto", told) == ground.answers(told, position), told.facts


@given(life=lives(), batch=st.integers(2, 20))
@examples(20)
def test_batches_of_any_size_give_the_same_rows(ground: Ground, life: Life, batch: int) -> None:
    told = ground.tell(life)
    with ground.beside() as beside:
        sizes = {"singly": 1, "threes": 3, "some": batch, "whole": WHOLE}
        for name, size in sizes.items():
            beside.project(name, told.before, told.positions()[-1], size)
        singly = beside.contents("singly")
        assert any(singly.values())
        for name, size in sizes.items():
            assert beside.contents(name) == singly, f"batches of {size}: {told.facts}"


@given(some=st.lists(lives(), min_size=1, max_size=3), batch=st.sampled_from((1, 3, 1_000)))
@examples(6)
def test_a_rebuild_gives_the_rows_that_were_there(
    ground: Ground, some: list[Life], batch: int
) -> None:
    for life in some:
        ground.tell(life)
    ground.project(batch)
    before = ground.contents()
    ground.rebuild()
    assert ground.contents() == before
