"""What becomes known while months are paid: lives as elsewhere, and what places say of their lists."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.integration.life import HOMES, HOUSEHOLDS, MONTHS, PREFECTURE, Chance, Life
from tests.integration.life_data import Scene, enrolment
from tests.integration.lives import ACTS

FIRST_MONTHS = ("2025-01", "2025-02", "2025-04", "2024-11", "2025-06")
SHARES = (2_500, 10_000, 333, 0)
SETTINGS: dict[str, tuple[Any, ...]] = {
    "overpayments.offset_bp": SHARES, "lists.first_month": FIRST_MONTHS,
}  # fmt: skip
MOVES = (
    "MergeHouseholds", "MoveHousehold", "MergeHouseholds", "SplitHousehold", "ReplaceArea",
    "ChangeProgramme", "ExitHousehold",
)  # fmt: skip
"""What changes where, and with whom, a household is listed."""

BY_NAME = {act.keywords["name"]: act for act in ACTS if isinstance(act, partial)}


def happen(life: Life, chance: Chance) -> None:
    """Anything happens; somebody comes on a roll when nobody is known."""
    act = chance.of(HAPPENS) if life.households() else enrol
    act(life, chance)


def enrol(life: Life, chance: Chance) -> None:
    """A household comes on a roll, mostly a new one, in one of the first months."""
    new = [life.household(h) for h in HOUSEHOLDS if not life.household(h).version]
    household = chance.of(new or life.households())
    month = chance.of((*MONTHS[:3], *MONTHS[:3], *MONTHS))
    for _ in range(3):  # persons may be covered elsewhere
        scene = Scene(life, household, month, household.state_at(month), chance)
        if life.attempt("EnrolHousehold", household.id, {"effective": month, **enrolment(scene)}):
            break


def begin_lists(life: Life, month: str, share_bp: int | None) -> None:
    """The prefecture lists from a month on; it offsets overpayments up to a share, or does not."""
    for setting, value in (("lists.first_month", month), ("overpayments.offset_bp", share_bp)):
        data = {"area": PREFECTURE, "effective": "2024-01", "setting": setting}
        if value is not None:
            life.attempt("AdoptPolicy", None, {**data, "value": value})


def _live(life: Life, chance: Chance) -> None:
    chance.of(ACTS)(life, chance)


def _move(life: Life, chance: Chance) -> None:
    """A household merges, splits, moves, leaves or changes its programme; or a code gives way."""
    BY_NAME[chance.of(MOVES)](life, chance)


def _designate(life: Life, chance: Chance) -> None:
    """Somebody else is paid."""
    household = chance.of(life.households())
    members = sorted(household.latest().members, key=str) or [HOUSEHOLDS[0]]
    data = {"person": str(chance.of(members)), "account_digest": "0" * 64}
    life.attempt("DesignatePayee", household.id, {"effective": chance.of(MONTHS), **data})


def _rule_on_lists(life: Life, chance: Chance) -> None:
    """A place says from when on it lists, or how much of overpayments it takes from a list."""
    setting = chance.of(("overpayments.offset_bp", "overpayments.offset_bp", "lists.first_month"))
    area, month = chance.of((PREFECTURE, *HOMES)), chance.of(("2024-09", *MONTHS))
    data = {"area": area, "effective": month, "setting": setting}
    if chance.rarely(6):
        life.attempt("EndPolicy", None, data)
    else:
        life.attempt("AdoptPolicy", None, {**data, "value": chance.of(SETTINGS[setting])})


HAPPENS: tuple[Callable[[Life, Chance], None], ...] = (
    _live, _live, _live, _live, _live, _move, _move, _rule_on_lists, _designate, enrol,
)  # fmt: skip
