"""The ledger's fold and the register's answers are one: every month, as known at every position."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given

from ledger.cover.person import Person
from ledger.households.household import Household
from ledger.months import shift
from ledger.world import World
from tests.integration.amounts import Known, counted_in, entitled_fen, standard_of, standing
from tests.integration.ground import FIRST, LAST, Answer, Answers, Ground, Told
from tests.integration.life import Life
from tests.integration.lives import examples, lives, patiently
from tests.ledger_database import TODAY
from tests.postgres import EMBEDDED_18, Servers
from tests.rules.given import Streams

MONTHS = [FIRST]
while MONTHS[-1] < LAST:
    MONTHS.append(shift(MONTHS[-1], 1))

Said = dict[tuple[UUID, str], dict[str, Any]]
"""What is said of a household and month on a roll, in the words that both sides share."""

pytestmark = patiently


@pytest.fixture(scope="module")
def ground(servers: Servers) -> Iterator[Ground]:
    """A ledger and its projections."""
    with Ground(servers[EMBEDDED_18]) as ground:
        yield ground


def of_the_ledger(streams: Streams) -> Said:
    """What the ledger's fold says of every household and month on a roll."""
    said: Said = {}
    households = [s for s in streams.by_id.values() if isinstance(s, Household)]
    for household in households:
        for month in MONTHS:
            state = household.state_at(month)
            if state.on_roll:
                said[household.id, month] = {
                    "spell": state.spell,
                    "programme": state.programme,
                    "area": state.area,
                    "single_person": state.single_person,
                    "income_fen": state.income_fen,
                    "tier": state.tier,
                    "suspended": state.suspended,
                    "care_form": state.care_form,
                    "head": state.head,
                    "in_grace": state.grace is not None,
                    "N and c": (state.tested, len(state.covered)),
                    "members": {
                        str(person): [
                            member.covered,
                            sorted(member.supplements),
                            [member.self_care] if member.self_care else [],
                        ]
                        for person, member in state.members.items()
                    },
                }
    return said


def of_the_register(answers: Answers) -> Said:
    """What the register says of every household and month on a roll."""
    same = ("spell", "programme", "single_person", "income_fen", "tier", "suspended", "care_form",
            "head", "in_grace")  # fmt: skip
    return {
        place: {
            **{name: answer[name] for name in same},
            "area": answer["stood_in"],
            "N and c": (answer["members"], answer["covered"]),
            "members": {person: [c, sorted(s), care] for person, c, s, care in answer["told"]},
        }
        for place, answer in answers.items()
    }


def differences(ledger: Said, register: Said) -> list[str]:
    """What is said differently, in words."""
    return [
        f"{place}: {name}: the ledger says {one.get(name)}, the register {other.get(name)}"
        for place in sorted({*ledger, *register}, key=str)
        for one, other in [(ledger.get(place, {}), register.get(place, {}))]
        for name in {**one, **other}
        if one.get(name) != other.get(name)
    ]


def told_as(told: Told) -> str:
    """The life's facts, a line each, for a failure."""
    return "\n".join(f"{r.position}: {r.stream}:{r.version} {r.fact}" for r in told.facts)


@given(life=lives())
@examples(60)
def test_the_ledgers_state_equals_the_registers_answer_for_every_month_and_position(
    ground: Ground, life: Life
) -> None:
    told = ground.tell(life)
    ground.project()
    for position, streams in told.known():
        found = differences(of_the_ledger(streams), of_the_register(ground.answers(told, position)))
        assert not found, f"known at {position}:\n" + "\n".join(found[:6]) + "\n" + told_as(told)


@given(life=lives())
@examples(60)
def test_amounts_equal_what_the_rules_give_fact_by_fact(ground: Ground, life: Life) -> None:
    told = ground.tell(life)
    ground.project()
    for position, streams in told.known():
        facts = standing(told.of_areas(position))
        for (household, month), answer in ground.answers(told, position).items():
            found = _amount_differs(streams, facts, household, month, answer)
            assert not found, f"{found}, known at {position}\n{told_as(told)}"


def _amount_differs(
    streams: Streams, facts: list[Known], household: UUID, month: str, answer: Answer
) -> str | None:
    state = streams.get(Household, household).state_at(month)
    area = counted_in(state.area or "", month, facts)
    known = standard_of(area, state.programme or "", month, facts)
    standard = known and f"{known.stream}:{known.version}"
    ruled = World(streams, (), TODAY).standard(state.area or "", state.programme or "", month)
    right = (area, standard, entitled_fen(state, month, facts))
    said = (answer["area"], answer["standard"], answer["entitled_fen"])
    if right != said or ruled is not (known and known.fact):
        return (
            f"{household} in {month}: the rules give {right}, the query {said}, the verbs {ruled}"
        )
    return None


@given(life=lives())
@examples(60)
def test_persons_are_covered_in_the_months_of_their_households_timelines(life: Life) -> None:
    said: dict[tuple[UUID, UUID], list[Any]] = {}
    for household in life.households():
        for person, spans in household.covers().items():
            said[person, household.id] = spans
    persons = [s for s in life.streams.by_id.values() if isinstance(s, Person)]
    taken = {(p.id, h): spans for p in persons for h, spans in p.spans().items() if spans}
    assert taken == said
    for stream in persons:
        spans = sorted(span for found in stream.spans().values() for span in found)
        for (_, until), (since, _) in pairwise(spans):
            assert until is not None
            assert until <= since
