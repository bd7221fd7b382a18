"""Between any two positions, and between any two lists, every difference has a cause: on random lives with
lists frozen, rejected and recovered in between. And what is reported is what the documents say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.comparisons import comparisons
from projections.comparisons.comparisons import Comparison, Side
from projections.payment_lists import computing
from projections.payment_lists.computing import Asked
from projections.projections import AsOf, Projections
from tests.integration.life import MONTHS, PREFECTURE, TOWN, TOWN_2, Chance, Life
from tests.integration.lives import examples, lives, patiently
from tests.integration.retold import Retold
from tests.postgres import EMBEDDED_18, Servers

pytestmark = patiently

Parts = dict[tuple[str, str, str], int]
"""By household, head and month: fen."""

PROGRAMMES = (None, None, None, "dibao", "tekun.rural")
STEPS = st.lists(st.binary(min_size=6, max_size=6), min_size=6, max_size=16)
PAIRS = st.lists(st.binary(min_size=8, max_size=8), min_size=4, max_size=4)


class Retelling:
    """One life with its lists, and where it begins and ends."""

    def __init__(self, retold: Retold, life: Life, steps: list[bytes]) -> None:
        told = retold.hear(life)
        self.lists, self.facts = retold.lists, retold.lists.views.facts
        self.prefecture = told.prefecture
        self.frozen: list[UUID] = []
        self._recoveries: list[UUID] = []
        self._standing: list[UUID] = []
        self.begin = self.facts.position + 1
        every = max(1, len(told.facts) // len(steps))
        for n, recorded in enumerate(told.facts, 1):
            retold.record(recorded)
            if n % every == 0 and n // every <= len(steps):
                self._act(Chance(steps[n // every - 1]))
        self.end = self.facts.position

    def area(self, chance: Chance) -> str:
        """One of the life's areas."""
        code = chance.of((PREFECTURE, PREFECTURE, PREFECTURE, TOWN, TOWN_2))
        return code.replace(PREFECTURE, self.prefecture, 1)

    def asked(self, chance: Chance) -> Asked:
        """A month's list of one of them."""
        month = chance.of((*MONTHS[8:], *MONTHS[5:8]))
        return computing.monthly(self.area(chance), month, chance.of(PROGRAMMES))

    def _act(self, chance: Chance) -> None:
        act = chance.of((self._freeze, self._rule, self._freeze, self._recover, self._reject))
        act(chance)

    def _freeze(self, chance: Chance) -> None:
        found = self.lists.freeze(self.asked(chance))
        self.frozen.append(found)
        self._standing.append(found)

    def _reject(self, chance: Chance) -> None:
        if self._standing:
            gone = chance.of(self._standing)
            self._standing.remove(gone)
            self.lists.act(gone, "PaymentListRejected", reason="error")

    def _recover(self, chance: Chance) -> None:
        """Something is ordered back of a list's line, or some of it comes in."""
        if self._recoveries and chance.rarely(2):
            self.lists.receive(chance.of(self._recoveries), chance.of((1_000, 20_000, 500)))
        elif self._standing:
            for subject, parts in self.lists.parts(chance.of(self._standing)).items():
                ordered = {month: fen // 2 for month, fen in parts.items() if fen > 1}
                if ordered:
                    self._recoveries.append(self.lists.order(subject, ordered))

    def _rule(self, chance: Chance) -> None:
        setting, value = chance.of(
            (("overpayments.offset_bp", 10_000), ("lists.first_month", MONTHS[3]))
        )
        self.facts.policy(self.area(chance), setting, value, effective=chance.of(MONTHS[:2]))


@pytest.fixture(scope="module")
def retold(servers: Servers) -> Iterator[Retold]:
    """Where lives are told twice."""
    with Retold(servers[EMBEDDED_18]) as found:
        yield found


def document_parts(projections: Projections, side: Side) -> Parts:
    """What the document of a side says, as it is computed."""
    made = b"".join(computing.document(projections, side.asked, AsOf(side.position)))
    return {
        (line["household"], line["head"], part["month"]): part["fen"]
        for line in map(json.loads, made.splitlines()[1:-1])
        for part in line["parts"]
    }


def check(projections: Projections, comparison: Comparison) -> None:
    """Everything that differs is reported, with its cause, and nothing else."""
    summary, entries = comparisons.page(projections, comparison, limit=1_000)
    before, after = (document_parts(projections, s) for s in (comparison.before, comparison.after))
    differ = {
        key: (before.get(key, 0), after.get(key, 0))
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    }
    assert reported(entries) == differ
    assert [entry for entry in entries if entry["unexplained"]] == []
    assert summary["unexplained"] == 0
    assert summary["parts"] == len(differ)
    assert summary["before"]["total_fen"] == sum(before.values())
    assert sum(row["fen_after"] for row in summary["by_cause"]) == summary["fen_after"]
    lies_between(comparison, entries)


def reported(entries: list[dict[str, Any]]) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {
        (entry["subject"], part["head"], part["month"]): (part["fen_before"], part["fen_after"])
        for entry in entries
        for part in entry["parts"]
    }


def lies_between(comparison: Comparison, entries: list[dict[str, Any]]) -> None:
    """Every cause is a fact between the positions, or a difference of what was asked."""
    same = comparison.before.asked == comparison.after.asked
    for cause in (cause for entry in entries for cause in entry["causes"]):
        if cause["cause"] == "scope":
            assert not same
        else:
            assert comparison.low < cause["position"] <= comparison.high


@given(life=lives(), steps=STEPS, pairs=PAIRS)
@examples(18)
def test_every_difference_between_two_positions_has_a_cause(
    retold: Retold, life: Life, steps: list[bytes], pairs: list[bytes]
) -> None:
    told = Retelling(retold, life, steps)
    projections = told.lists.views.projections()
    for chance in map(Chance, pairs):
        asked, positions = told.asked(chance), range(told.begin - 1, told.end + 1)
        middle = len(positions) // 2
        one, other = AsOf(chance.of(positions[:middle])), AsOf(chance.of(positions[middle:][::-1]))
        asked_for = (one, other) if chance.rarely(2) else (other, one)
        check(projections, comparisons.of_positions(asked, *asked_for))


@given(life=lives(), steps=STEPS, pairs=PAIRS)
@examples(18)
def test_every_difference_between_two_lists_has_a_cause(
    retold: Retold, life: Life, steps: list[bytes], pairs: list[bytes]
) -> None:
    told = Retelling(retold, life, steps)
    projections = told.lists.views.projections()
    as_of = projections.as_of()
    for chance in map(Chance, pairs if len(told.frozen) > 1 else []):
        one, other = chance.of(told.frozen), chance.of(told.frozen)
        check(projections, comparisons.of_lists(projections, one, other, as_of))
