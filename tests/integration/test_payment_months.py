"""Payment months, proved on random lives: no fen appears or vanishes, and none is paid twice.

A machine lets households live, late facts come in and officers freeze, approve, reject, cancel, send,
report on, re-issue, close and order back, in any order and in overlapping areas and programmes. After
every list, what the formula leaves open is exactly the open candidates (model); at the end every list
comes to the fen, and is computed again byte for byte, also after the projections were made anew.

A step is read byte by byte, each byte a choice among what makes sense then, as in lives.py: a smaller
byte is the plainer choice, and a step of zeros is a rest. What was done is told with a failure.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from ledger.months import shift
from tests.integration.life import AREAS, MONTHS, PREFECTURE, Chance
from tests.integration.lives import examples, patiently
from tests.integration.payment_months_books import NEXT, Listed, Recovery
from tests.integration.payment_months_cell import Cell
from tests.integration.payment_months_checks import check
from tests.integration.payment_months_lives import FIRST_MONTHS, SHARES, begin_lists, enrol, happen
from tests.integration.payment_months_office import Office
from tests.postgres import EMBEDDED_18, Servers

pytestmark = patiently

STEPS = st.binary(min_size=48, max_size=48)
SCOPES = (*[PREFECTURE] * 3, *AREAS)
PROGRAMMES = (None, None, None, "dibao", "dibao.urban", "tekun.rural", "tekun")
NTH = (0, 0, 0, 1, 1, 2, 3, 4)
LAST = "2025-12"


@pytest.fixture(scope="module")
def cell(servers: Servers) -> Iterator[Cell]:
    """A ledger and its projections."""
    with Cell(servers[EMBEDDED_18]) as cell:
        yield cell


class Officers:
    """What officers do in one place; each picks by chance what it does it with."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.place = cell.place()
        self.office = Office(self.place)
        self.books = self.office.books
        self.rebuilt = False

    def rest(self, chance: Chance) -> None:
        """Nothing is done."""

    def live(self, chance: Chance) -> None:
        """Something becomes known of a household or an area."""
        self.place.live(happen, chance)

    def project(self, chance: Chance) -> None:
        """The projections come up to date, with what they keep for speed or without."""
        self.cell.project(kept=chance.rarely(2))

    def rebuild(self, chance: Chance) -> None:
        """The projections are made anew, once a place."""
        if len(self.books.lists) > 2 and not self.rebuilt:
            self.cell.rebuild()
            self.rebuilt = True

    # --- lists

    def month(self, area: str, by: int) -> str:
        """Return the month that is so many after the last one listed here, or the first."""
        code = self.place.code(area)
        months = [
            one.month
            for one in self.books.standing()
            if one.area.startswith(code) or code.startswith(one.area)
        ]
        if months:
            return min(LAST, shift(max(months), by))
        first = self.place.roll.policy(code, "lists.first_month", MONTHS[0])
        return shift(str(first or MONTHS[0]), by - 1)

    def freeze(self, chance: Chance) -> None:
        """A list is frozen: of any area and programme, mostly for the next month."""
        self.live(chance)
        area, programme = chance.of(SCOPES), chance.of(PROGRAMMES)
        month = self.month(area, chance.of((1, 0, 1, -1, 1, -2, 2)))
        self.office.freeze(self.place.code(area), programme, month)

    def pay(self, chance: Chance) -> None:
        """Months go by: each is listed everywhere, and mostly approved and reported on."""
        for _ in range(chance.of((1, 2))):
            self.live(chance)
            month = self.month(PREFECTURE, 1)
            listed = self.office.freeze(self.place.code(PREFECTURE), None, month)
            if listed and listed.lines and not chance.rarely():
                self._report(listed, chance)

    def freeze_late(self, chance: Chance) -> None:
        """Between the computation and the freeze of a list something becomes known."""
        area = chance.of(SCOPES)
        month = self.month(area, 1)
        self.office.freeze(self.place.code(area), None, month, lambda: self.live(chance))

    def listed(self, chance: Chance, *states: str) -> Listed | None:
        """One of the lists, mostly a late one that stands so and has lines."""
        every = list(self.books.lists.values())[::-1]
        fitting = [one for one in every if one.status in states]
        fitting = [one for one in fitting if one.lines] or fitting or every
        return fitting[chance.of(NTH) % len(fitting)] if fitting else None

    def decide(self, chance: Chance) -> None:
        """A list is approved, sent, rejected or cancelled; or frozen again from the same document."""
        office = self.office
        acts = (office.approve, office.send, office.reject, office.cancel, office.try_old_document)
        act = chance.of(acts)
        wanted = "frozen" if act in (office.approve, office.reject) else "approved"
        if listed := self.listed(
            chance, *(("frozen", "approved") if chance.rarely() else (wanted,))
        ):
            act(listed)

    def report(self, chance: Chance) -> None:
        """A payment system reports on a list."""
        listed = self.listed(chance, "approved", "frozen")
        if listed and listed.lines:
            self._report(listed, chance)

    def _report(self, listed: Listed, chance: Chance) -> None:
        """A list is reported on, mostly as it may be; one that is frozen is approved first."""
        if listed.status == "frozen" and not chance.rarely(8):
            self.office.approve(listed)
        known = sorted(listed.by_reference)
        chosen = [r for r in known if not chance.rarely()] or known
        statuses = {r: chance.of(NEXT[listed.reported.get(r)]) for r in chosen}
        if chance.rarely(8):
            statuses[chosen[0]] = chance.of(("succ", "rjct", "pdng", "returned"))
        if chance.rarely(12):
            statuses[self.place.new_id()] = "succ"
        self.office.report(listed, statuses, off_by=int(chance.rarely(12)))

    def reissue(self, chance: Chance) -> None:
        """Failed lines are issued again."""
        failed = self._failed(chance)
        if failed and (again := self.office.reissue(failed)):
            self.office.try_reissue_again(failed, again)

    def close(self, chance: Chance) -> None:
        """A line is closed; only a failed one can be."""
        listed = self._failed(chance)
        if listed and listed.lines:
            known = sorted(listed.by_reference)
            open_ = [reference for reference, _ in self.books.reissuable(listed)]
            self.office.close(listed, chance.of(known if chance.rarely() else open_ or known))

    def _failed(self, chance: Chance) -> Listed | None:
        """One of the lists with failed lines, the last ones first; any list when there is none."""
        every = list(self.books.lists.values())[::-1]
        failed = [one for one in every if one.failed()]
        fitting = [one for one in failed if self.books.reissuable(one)] or failed or every
        return fitting[chance.of(NTH) % len(fitting)] if fitting else None

    # --- recoveries

    def order(self, chance: Chance) -> None:
        """What was overpaid is ordered back, all of it, some, or too much; or what was not overpaid."""
        open_ = self.office.model.candidates(self.place.prefecture, None, LAST)
        if not open_ and not chance.rarely():
            return
        household = chance.of(sorted(open_) or self.office.model.households())
        parts = dict(open_.get(household, {chance.of(MONTHS): 1_000}))
        for month in sorted(parts)[1:]:
            if chance.rarely(3):
                del parts[month]
        times, over = chance.of(((1, 1), (1, 1), (2, 1), (1, 3)))
        parts = {month: max(1, fen * times // over) for month, fen in parts.items()}
        self.office.order(household, parts)

    def settle(self, chance: Chance) -> None:
        """An instalment comes in, or something is waived."""
        if recovery := self._recovery(chance):
            act = chance.of((self.office.receive, self.office.receive, self.office.waive))
            act(recovery, chance.of(_amounts(recovery)))

    def correct(self, chance: Chance) -> None:
        """A recovery, an instalment or a waiver was otherwise."""
        recovery = self._recovery(chance)
        if recovery is None:
            return
        receipts, waivers = sorted(recovery.receipts), sorted(recovery.waivers)
        fen = chance.of(_amounts(recovery))
        if receipts and not chance.rarely(2):
            self.office.receive(recovery, fen, corrects=chance.of(receipts))
        elif waivers and not chance.rarely(2):
            self.office.waive(recovery, fen, corrects=chance.of(waivers))
        else:
            months = {shift(month, chance.of((0, 1, -1))) for month in recovery.parts}
            each = chance.of((recovery.ordered_fen, 1, 20_000))
            self.office.correct_order(recovery, dict.fromkeys(sorted(months), each))

    def _recovery(self, chance: Chance) -> Recovery | None:
        """One of the recoveries, the last ones first."""
        every = list(self.books.recoveries.values())[::-1]
        return every[chance.of(NTH) % len(every)] if every else None


def _amounts(recovery: Recovery) -> tuple[int, ...]:
    """What may come in: part of what is open, all of it, or too much."""
    left = recovery.balance_fen
    return max(1, left // 2), max(1, left), max(1, left // 3), left + 1


Act = Callable[[Officers, Chance], None]

OFTEN: dict[Act, int] = {
    Officers.rest: 1, Officers.live: 8, Officers.pay: 7, Officers.freeze: 5, Officers.report: 5,
    Officers.decide: 4, Officers.order: 5, Officers.settle: 4, Officers.reissue: 4,
    Officers.freeze_late: 2, Officers.correct: 2, Officers.close: 2, Officers.project: 1,
    Officers.rebuild: 1,
}  # fmt: skip
"""How often each is done."""

DONE = [act for act, times in OFTEN.items() for _ in range(times)]


class PaymentMonths(RuleBasedStateMachine):
    """One place and what becomes of it."""

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self.cell = cell

    @initialize(
        listed=st.sampled_from(FIRST_MONTHS),
        share=st.sampled_from((None, *SHARES)),
        steps=st.tuples(STEPS, STEPS, STEPS),
    )
    def begin(self, listed: str, share: int | None, steps: tuple[bytes, ...]) -> None:
        """Some households are on a roll in a place that lists from some month on."""
        self.officers = Officers(self.cell)
        place = self.officers.place
        place.live(lambda life, _: begin_lists(life, listed, share), Chance(b""))
        for step in steps:
            place.live(enrol, Chance(step))

    @rule(step=STEPS)
    def goes_on(self, step: bytes) -> None:
        """One thing is done."""
        chance, life = Chance(step), self.officers.place.life
        act, told = chance.of(DONE), len(life.done)
        try:
            act(self.officers, chance)
        finally:
            note(f"{act.__name__}, recorded: {life.done[told:]}")

    def teardown(self) -> None:
        """What holds at the end is asked only of a place of which nothing was wrong before."""
        if hasattr(self, "officers") and sys.exc_info()[0] is None:
            check(self.officers.office)


def test_no_fen_appears_or_vanishes_and_no_line_is_paid_twice(cell: Cell) -> None:
    run_state_machine_as_test(
        lambda: PaymentMonths(cell),  # type: ignore[arg-type]  # a factory serves, as its own text says
        settings=settings(examples(10), stateful_step_count=40),
    )
