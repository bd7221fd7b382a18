"""What a preview of a fact tells is what comes of it, fen by fen, on random lives: each fact is previewed,
then recorded, then looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.fact import BY_CLASS
from ledger.subjects import SUBJECT_OF
from projections.payment_lists import computing
from projections.previews import previews
from projections.previews.previews import wanted
from projections.projections import Projections, month_text
from projections.totals import totals
from tests.integration.ground import FIRST, LAST, Recorded, Told
from tests.integration.life import MONTHS, Chance, Life
from tests.integration.lives import examples, lives, patiently
from tests.integration.retold import Retold, data_of
from tests.postgres import EMBEDDED_18, Servers

pytestmark = patiently

Key = tuple[UUID, str]
STEPS = st.lists(st.binary(min_size=3, max_size=3), min_size=6, max_size=10)


@pytest.fixture(scope="module")
def retold(servers: Servers) -> Iterator[Retold]:
    """Where lives are told twice."""
    with Retold(servers[EMBEDDED_18]) as found:
        yield found


def amounts(projections: Projections, prefecture: str) -> dict[Key, int]:
    """Every household's amounts of every month."""
    scope = totals.scope(FIRST, LAST, prefecture)
    return {
        (line["household"], month_text(line["month"])): line["entitled_fen"]
        for line in totals.lines(projections, scope, projections.as_of())
        if line["entitled_fen"]
    }


def open_parts(projections: Projections, households: list[UUID]) -> dict[Key, int]:
    """What the list of the last month has open."""
    as_of = projections.as_of()
    last = totals.scope(LAST, LAST).last
    first = computing.first_listed(projections, as_of) or last
    asked = {"position": as_of.position, "first": first, "last": last, "households": households}
    rows = projections.rows("payment_lists", "balances_of_households", asked)
    return {(row["household"], month_text(row["month"])): row["fen"] for row in rows if row["fen"]}


def households_of(heard: Told) -> list[UUID]:
    """The households of a life, also those of which nothing is told again yet."""
    found = {r.stream for r in heard.facts if SUBJECT_OF[type(r.fact)].name == "household"}
    return sorted(found)


def told(found: dict[str, Any], kind: str, side: str) -> dict[Key, int]:
    """What a preview says of the months of households, on one side."""
    return {
        (one["household"], row["month"]): row[side]
        for one in found["households"]
        for row in one[kind]
        if row[side]
    }


def figures(projections: Projections, month: str, area: str | None) -> dict[str, int]:
    scope = totals.scope(month, month, area)
    (row,) = totals.totals(projections, scope, projections.as_of())
    return {name: row[name] or 0 for name in ("households", "persons", "entitled_fen")}


class Previewed:
    """One fact, previewed while it is not recorded."""

    def __init__(self, retold: Retold, heard: Told, recorded: Recorded, month: str) -> None:
        self._retold, self._heard, self._recorded = retold, heard, recorded
        self._asked = retold.lists.views.projections()
        topic, id_ = BY_CLASS[type(recorded.fact)].topic, f"{recorded.stream}:{recorded.version}"
        self._before = amounts(self._asked, heard.prefecture)
        self._found = previews.preview(
            self._asked, [{"id": id_, "type": topic, "data": data_of(recorded)}],
            wanted(month=month, first=FIRST, last=LAST),
        )  # fmt: skip
        self._roll = self._found["roll"]
        if self._roll:
            self._rolls = figures(self._asked, month, self._roll["area"])

    def comes_true(self) -> None:
        """Record the fact, and find everything as it was told."""
        opened = open_parts(self._asked, households_of(self._heard))
        self._retold.record(self._recorded)
        projections = self._retold.lists.views.projections()
        if self._roll:
            after = figures(projections, self._roll["month"], self._roll["area"])
            assert (self._roll["before"], self._roll["after"]) == (self._rolls, after)
            assert not self._found["households"]
        else:
            self._months_come_true(amounts(projections, self._heard.prefecture))
            self._parts_come_true(opened, open_parts(projections, households_of(self._heard)))

    def _months_come_true(self, after: dict[Key, int]) -> None:
        changed = {
            key
            for key in self._before.keys() | after.keys()
            if self._before.get(key) != after.get(key)
        }
        was = {key: fen for key, fen in self._before.items() if key in changed}
        now = {key: fen for key, fen in after.items() if key in changed}
        assert told(self._found, "months", "fen_before") == was
        assert told(self._found, "months", "fen_after") == now

    def _parts_come_true(self, before: dict[Key, int], after: dict[Key, int]) -> None:
        """All that is open of the households told, among them all of which anything changes."""
        households = {one["household"] for one in self._found["households"]}
        was = {key: fen for key, fen in before.items() if key[0] in households}
        now = {key: fen for key, fen in after.items() if key[0] in households}
        assert told(self._found, "open_parts", "fen_before") == was
        assert told(self._found, "open_parts", "fen_after") == now
        assert {key[0] for key, _ in before.items() ^ after.items()} <= households


@given(life=lives(20), steps=STEPS)
@examples(8)
def test_what_a_preview_tells_is_what_comes(retold: Retold, life: Life, steps: list[bytes]) -> None:
    heard = retold.hear(life)
    every = max(1, len(heard.facts) // len(steps))
    for n, recorded in enumerate(heard.facts):
        chance = Chance(steps[n // every % len(steps)])
        if n % every == every - 1:
            retold.lists.freeze(heard.prefecture, chance.of(MONTHS[4:]))
        Previewed(retold, heard, recorded, chance.of(MONTHS)).comes_true()
