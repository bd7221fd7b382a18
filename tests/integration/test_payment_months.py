"""Payment months, proved on random lives: no fen appears or vanishes, and none is paid twice.

A machine lets households live, late facts come in and officers freeze, approve, reject, cancel, send,
report on, re-issue, close and order back, in any order and in overlapping areas and programmes. After
every list, what the formula leaves open is exactly the open candidates (model); at the end every list
comes to the fen, and is computed again byte for byte, also after the projections were made anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ledger.months import shift
from tests.integration.life import AREAS, HOMES, HOUSEHOLDS, MONTHS, PREFECTURE, Chance, Life
from tests.integration.life_data import Scene, enrolment
from tests.integration.lives import ACTS, examples, patiently
from tests.integration.payment_months_books import NEXT, Listed, Recovery
from tests.integration.payment_months_cell import Cell
from tests.integration.payment_months_checks import check
from tests.integration.payment_months_office import Office
from tests.postgres import EMBEDDED_18, Servers

pytestmark = patiently

STEPS = st.binary(min_size=14, max_size=14)
NTH = st.integers(0, 9)
SCOPES = st.sampled_from((*[PREFECTURE] * 3, *AREAS))
PROGRAMMES = st.sampled_from((None, None, None, "dibao", "dibao.urban", "tekun.rural", "tekun"))
FIRST_MONTHS = ("2025-01", "2025-02", "2025-04", "2024-11", "2025-06")
SHARES = (2_500, 10_000, 0, 333)
PLACES = {"MergeHouseholds", "SplitHousehold", "MoveHousehold", "ReplaceArea", "ChangeProgramme"}
"""What changes where, and with whom, a household is listed."""

OF_PLACES = [act for act in ACTS if getattr(act, "keywords", {}).get("name") in PLACES]
UP_AND_DOWN = (1, 1, 1, 0, 0, -1, -2, 2)


@pytest.fixture(scope="module")
def cell(servers: Servers) -> Iterator[Cell]:
    """A ledger and its projections."""
    with Cell(servers[EMBEDDED_18]) as cell:
        yield cell


def _enrol(life: Life, chance: Chance) -> None:
    """A household comes on a roll."""
    household = life.household(chance.of(HOUSEHOLDS))
    month = chance.of(MONTHS)
    scene = Scene(life, household, month, household.state_at(month), chance)
    life.attempt("EnrolHousehold", household.id, {"effective": month, **enrolment(scene)})


def _live(life: Life, chance: Chance) -> None:
    """Anything happens."""
    chance.of(ACTS)(life, chance)


def _go_elsewhere(life: Life, chance: Chance) -> None:
    """A household merges, splits, moves, changes its programme; or a code gives way."""
    chance.of(OF_PLACES)(life, chance)


def _designate(life: Life, chance: Chance) -> None:
    """Somebody else is paid."""
    household = chance.of(life.households())
    members = sorted(household.latest().members, key=str) or [HOUSEHOLDS[0]]
    data = {"person": str(chance.of(members)), "account_digest": "0" * 64}
    life.attempt("DesignatePayee", household.id, {"effective": chance.of(MONTHS), **data})


def _rule_on_lists(life: Life, chance: Chance) -> None:
    """A place says from when on it lists, or how much of overpayments it takes from a list."""
    setting = chance.of(("lists.first_month", "overpayments.offset_bp"))
    value: Any = chance.of(FIRST_MONTHS if setting == "lists.first_month" else SHARES)
    area, month = chance.of((*HOMES, PREFECTURE)), chance.of(("2024-09", *MONTHS))
    data = {"area": area, "effective": month, "setting": setting}
    if chance.rarely(6):
        life.attempt("EndPolicy", None, data)
    else:
        life.attempt("AdoptPolicy", None, {**data, "value": value})


class PaymentMonths(RuleBasedStateMachine):
    """One place and what becomes of it."""

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self.cell = cell
        self.rebuilt = False

    @initialize(first=STEPS, second=STEPS, listed=st.sampled_from(FIRST_MONTHS))
    def begin(self, first: bytes, second: bytes, listed: str) -> None:
        self.place = self.cell.place()
        self.office = Office(self.place)
        data = {"area": PREFECTURE, "effective": "2024-01", "setting": "lists.first_month"}
        adopt = {**data, "value": listed}
        self.place.live(lambda life, _: bool(life.attempt("AdoptPolicy", None, adopt)), b"")
        for step in (first, second):
            self.place.live(_enrol, step)

    # --- what becomes known

    @rule(step=STEPS)
    def lives(self, step: bytes) -> None:
        self.place.live(_live if self.place.life.households() else _enrol, step)

    @rule(step=STEPS)
    def goes_elsewhere(self, step: bytes) -> None:
        self.place.live(_go_elsewhere if self.place.life.households() else _enrol, step)

    @rule(step=STEPS)
    def designates(self, step: bytes) -> None:
        self.place.live(_designate if self.place.life.households() else _enrol, step)

    @rule(step=STEPS)
    def rules_on_lists(self, step: bytes) -> None:
        self.place.live(_rule_on_lists, step)

    @rule(kept=st.booleans())
    def projects(self, kept: bool) -> None:
        self.cell.project(kept=kept)

    @precondition(lambda self: len(self.office.books.lists) > 2 and not self.rebuilt)
    @rule()
    def rebuilds(self) -> None:
        self.cell.rebuild()
        self.rebuilt = True

    # --- lists

    @rule(area=SCOPES, programme=PROGRAMMES, by=st.sampled_from(UP_AND_DOWN))
    def freezes(self, area: str, programme: str | None, by: int) -> None:
        self.office.freeze(self.place.code(area), programme, self.month(area, by))

    @rule()
    def freezes_next(self) -> None:
        self.office.freeze(self.place.code(PREFECTURE), None, self.month(PREFECTURE, 1))

    @rule(area=SCOPES, step=STEPS)
    def freezes_what_is_older_than_the_last_fact(self, area: str, step: bytes) -> None:
        def meanwhile() -> None:
            self.lives(step)

        self.office.freeze(self.place.code(area), None, self.month(area, 1), meanwhile)

    def month(self, area: str, by: int) -> str:
        """The month that is so many after the last one listed here, or the first."""
        code = self.place.code(area)
        months = [
            one.month
            for one in self.office.books.standing()
            if one.area.startswith(code) or code.startswith(one.area)
        ]
        if months:
            return shift(max(months), by)
        first = self.place.roll.policy(code, "lists.first_month", MONTHS[0])
        return shift(str(first or MONTHS[0]), by - 1)

    def listed(self, nth: int, *states: str) -> Listed | None:
        """One of the lists, the last ones first; mostly one that stands so."""
        every = list(self.office.books.lists.values())[::-1]
        fitting = [one for one in every if one.status in states] or every
        return fitting[nth % len(fitting)] if fitting else None

    @rule(nth=NTH)
    def freezes_an_old_document(self, nth: int) -> None:
        if listed := self.listed(nth):
            self.office.try_old_document(listed)

    @rule(nth=NTH)
    def approves(self, nth: int) -> None:
        if listed := self.listed(nth, "frozen"):
            self.office.approve(listed)

    @rule(nth=NTH)
    def rejects(self, nth: int) -> None:
        if listed := self.listed(nth, "frozen"):
            self.office.reject(listed)

    @rule(nth=NTH)
    def cancels(self, nth: int) -> None:
        if listed := self.listed(nth, "approved"):
            self.office.cancel(listed)

    @rule(nth=NTH)
    def sends(self, nth: int) -> None:
        if listed := self.listed(nth, "approved"):
            self.office.send(listed)

    @rule(nth=NTH, step=STEPS)
    def reports(self, nth: int, step: bytes) -> None:
        listed = self.listed(nth, "approved")
        if listed is None or not listed.lines:
            return
        if listed.status == "frozen":
            self.office.approve(listed)
        chance = Chance(step)
        known = sorted(listed.by_reference)
        chosen = [r for r in known if not chance.rarely()] or known
        statuses = {r: chance.of(NEXT[listed.reported.get(r)][::-1]) for r in chosen}
        if chance.rarely(5):
            statuses[chosen[0]] = chance.of(("succ", "rjct", "pdng", "returned"))
        if chance.rarely(8):
            statuses[self.place.new_id()] = "succ"
        self.office.report(listed, statuses, off_by=int(chance.rarely(8)))

    @rule(nth=NTH)
    def reissues(self, nth: int) -> None:
        failed = self.failed(nth)
        if failed and (again := self.office.reissue(failed)):
            self.office.try_reissue_again(failed, again)

    @rule(nth=NTH, line=NTH)
    def closes(self, nth: int, line: int) -> None:
        listed = self.failed(nth)
        if listed and listed.lines:
            references = listed.failed() or sorted(listed.by_reference)
            self.office.close(listed, references[line % len(references)])

    def failed(self, nth: int) -> Listed | None:
        """One of the lists with failed lines, the last ones first; any list when there is none."""
        every = list(self.office.books.lists.values())[::-1]
        fitting = [one for one in every if one.failed()] or every
        return fitting[nth % len(fitting)] if fitting else None

    # --- recoveries

    @rule(step=STEPS)
    def orders(self, step: bytes) -> None:
        chance = Chance(step)
        open_ = self.office.model.candidates(self.place.prefecture, None, self.month(PREFECTURE, 0))
        households = sorted(open_) or self.office.model.households()
        if not households:
            return
        household = chance.of(households)
        parts = dict(open_.get(household, {chance.of(MONTHS): 1_000}))
        for month in sorted(parts)[1:]:
            if chance.rarely(3):
                del parts[month]
        how = chance.of((1, 1, 2, 3))
        parts = {
            month: max(1, fen * how // (1 if how == 2 else how)) for month, fen in parts.items()
        }
        self.office.order(household, parts)

    @rule(nth=NTH, step=STEPS)
    def settles(self, nth: int, step: bytes) -> None:
        if recovery := self.recovery(nth):
            chance = Chance(step)
            act = chance.of((self.office.receive, self.office.receive, self.office.waive))
            act(recovery, chance.of(self.amounts(recovery)))

    @rule(nth=NTH, step=STEPS)
    def corrects(self, nth: int, step: bytes) -> None:
        recovery, chance = self.recovery(nth), Chance(step)
        if recovery is None:
            return
        receipts, waivers = sorted(recovery.receipts), sorted(recovery.waivers)
        if receipts and chance.rarely(2):
            fen = chance.of(self.amounts(recovery))
            self.office.receive(recovery, fen, corrects=chance.of(receipts))
        elif waivers and chance.rarely(2):
            fen = chance.of(self.amounts(recovery))
            self.office.waive(recovery, fen, corrects=chance.of(waivers))
        else:
            months = {shift(m, chance.of((0, 1, -1))) for m in recovery.parts}
            fen = chance.of((recovery.ordered_fen, 1, 20_000))
            self.office.correct_order(recovery, dict.fromkeys(sorted(months), fen))

    def recovery(self, nth: int) -> Recovery | None:
        """One of the recoveries, the last ones first."""
        every = list(self.office.books.recoveries.values())[::-1]
        return every[nth % len(every)] if every else None

    def amounts(self, recovery: Recovery) -> tuple[int, ...]:
        """What may come in: part of what is open, all of it, or too much."""
        left = recovery.balance_fen
        return max(1, left // 2), max(1, left), max(1, left // 3), left + 1

    def teardown(self) -> None:
        """What holds at the end is asked only of a place of which nothing was wrong before."""
        if hasattr(self, "office") and sys.exc_info()[0] is None:
            check(self.office)


def test_no_fen_appears_or_vanishes_and_no_line_is_paid_twice(cell: Cell) -> None:
    run_state_machine_as_test(
        lambda: PaymentMonths(cell),  # type: ignore[arg-type]  # a factory serves, as its own text says
        settings=settings(examples(12), stateful_step_count=30),
    )
