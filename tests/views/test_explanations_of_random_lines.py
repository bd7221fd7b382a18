"""On random histories every line of every list is explained to the fen, and so is every missing one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.database import Database
from projections.explanations.lines import explain_household_on_list
from projections.projections import Projections
from projections.runner import Runner
from tests.views.conftest import Views
from tests.views.explaining_lines import added, parts
from tests.views.facts import Facts
from tests.views.lists import Lists

MONTHS = [f"2026-{n:02d}" for n in range(1, 7)]
CITIES = count()


@dataclass
class Known:
    """What is known of one household: where and since when it is on the roll, or how it left."""

    household: UUID
    since: str
    position: int
    exit: str | None = None
    absorbed: bool = False


@dataclass
class History:
    """A city of its own, its households and lists; each step does something, or nothing where it cannot."""

    lists: Lists
    city: str = field(default_factory=lambda: f"{11 + (n := next(CITIES)) // 90}{10 + n % 90}")
    households: list[Known] = field(default_factory=list)
    frozen: dict[UUID, int] = field(default_factory=dict)
    recoveries: list[UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.facts.standard(self.city, "dibao.urban", 78_000, effective="2025-01")
        self.facts.policy(self.city, "lists.first_month", MONTHS[0], effective="2025-01")

    @property
    def facts(self) -> Facts:
        """Where facts are recorded."""
        return self.lists.views.facts

    def town(self, n: int) -> str:
        """One of two towns."""
        return f"{self.city}0300{1 + n % 2}"

    def some(self, n: int, month: str, left: bool = False, undone: bool = False) -> Known | None:
        """A household that is on the roll by a month, or that left it; undone: whose exit may be."""
        found = [
            one for one in self.households
            if (one.exit is not None) is left and one.since <= month
            and not (one.absorbed and undone)
        ]  # fmt: skip
        return found[n % len(found)] if found else None

    def enrol(self, n: int, month: str) -> None:
        """A household comes on the roll; it may be that it returns."""
        back = self.some(n, month, left=True) if n % 3 == 0 else None
        household = self.facts.enrolled(
            back.household if back else None, effective=month, members=1 + n % 2, income=n * 1_000,
            area=self.town(n),
        )  # fmt: skip
        if back:
            back.since, back.exit, back.absorbed = month, None, False
        else:
            self.households.append(Known(household, month, self.facts.position))

    def reassess(self, n: int, month: str) -> None:
        """A household's income is assessed anew."""
        if one := self.some(n, month):
            self.facts.reassessed(one.household, month, n * 7_100)

    def leave(self, n: int, month: str) -> None:
        """A household leaves the roll."""
        if one := self.some(n, month):
            one.exit = self.facts.exited(one.household, month)

    def come_back(self, n: int, month: str) -> None:
        """An exit is revoked."""
        if (one := self.some(n, month, left=True, undone=True)) and one.exit:
            self.facts.change(one.household, "ExitRevoked", exit=one.exit)
            one.exit = None

    def move(self, n: int, month: str) -> None:
        """A household moves to one of the towns."""
        if one := self.some(n, month):
            self.facts.change(one.household, "HouseholdMoved", month, area=self.town(n // 2))

    def merge(self, n: int, month: str) -> None:
        """A household absorbs another."""
        survivor, absorbed = self.some(n, month), self.some(n + 1, month)
        if survivor and absorbed and survivor is not absorbed:
            self.facts.change(
                survivor.household, "HouseholdsMerged", month, absorbed=str(absorbed.household),
                members=[{"person": str(self.facts.person()), "role": "other"}], income_fen=n * 500,
            )  # fmt: skip
            absorbed.exit = self.facts.exited(absorbed.household, month, "merged")
            absorbed.absorbed = True

    def standard(self, n: int, month: str) -> None:
        """Another standard, in the city or in a town."""
        area = self.city if n % 2 else self.town(n // 2)
        self.facts.standard(area, "dibao.urban", 70_000 + n * 1_500, effective=month)

    def offset(self, n: int, month: str) -> None:
        """What was overpaid is taken from lists, up to a share, or no more."""
        value = None if n == 0 else n * 900
        self.facts.policy(self.city, "overpayments.offset_bp", value, effective=month)

    def freeze(self, n: int, month: str) -> None:
        """A list is frozen for the city or a town."""
        area = self.city if n % 2 else self.town(n // 2)
        self.frozen[self.lists.freeze(area, month)] = self.facts.position

    def reject(self, n: int, month: str) -> None:
        """The last list is rejected."""
        if self.frozen:
            self.lists.act(self.frozen.popitem()[0], "PaymentListRejected", reason="error")

    def order(self, n: int, month: str) -> None:
        """Some of what was overpaid is ordered back."""
        for household, months in sorted(self.lists.overpaid(self.city, month).items())[:1]:
            ordered = {one: max(1, fen * n // 10) for one, fen in sorted(months.items())}
            self.recoveries.append(self.lists.order(household, ordered))

    def receive(self, n: int, month: str) -> None:
        """Some of what was ordered comes back."""
        if self.recoveries:
            self.lists.receive(self.recoveries[n % len(self.recoveries)], 1 + n * 3_000)


STEPS: list[Callable[[History, int, str], None]] = [
    History.enrol, History.freeze, History.freeze, History.freeze, History.reassess, History.leave,
    History.standard, History.move, History.come_back, History.order, History.receive,
    History.offset, History.merge, History.reject,
]  # fmt: skip
STEP = st.tuples(st.sampled_from(STEPS), st.integers(0, 10), st.sampled_from(MONTHS))


class Followed(Views):
    """Views of which one runner keeps up for all examples."""

    def __init__(self, dsn: str, projections: Projections, runner: Runner) -> None:
        super().__init__(dsn, projections)
        self._runner = runner

    def projections(self) -> Projections:
        """The projections, with everything recorded so far."""
        self.facts.save()
        self._runner.catch_up()
        return self._projections


@pytest.fixture
def lists(dsn: str) -> Iterator[Lists]:
    """The lists of all examples."""
    with Database(dsn, connections=2) as database, Runner(dsn, dsn) as runner:
        yield Lists(Followed(dsn, Projections(database), runner))


@given(steps=st.lists(STEP, min_size=4, max_size=14))
@settings(
    max_examples=40, derandomize=True, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@pytest.mark.timeout(600)
def test_every_line_and_every_missing_one_is_explained_on_random_histories(
    lists: Lists, steps: list[tuple[Callable[[History, int, str], None], int, str]]
) -> None:
    history = History(lists)
    history.enrol(1, MONTHS[0])
    for step, n, month in steps:
        step(history, n, month)
    history.freeze(1, MONTHS[-1])
    for found in history.frozen:
        explain_all(history, found)


def explain_all(history: History, found: UUID) -> None:
    """Explain every household's lines on a list, or why it has none."""
    projections = history.lists.views.projections()
    listed = {row["subject"]: row for row in history.lists.lines(found)}
    assert listed.keys() <= {one.household for one in history.households}
    for one in (known for known in history.households if known.position < history.frozen[found]):
        [explained] = explain_household_on_list(
            projections, found, one.household, projections.as_of()
        )
        line = listed.get(one.household)
        assert explained.amount_fen == added(explained) == (line["amount_fen"] if line else 0)
        assert parts(explained) == (dict(line["parts"]) if line else {})
