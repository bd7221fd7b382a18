"""What may be asked of a household or an area in a random life, and with which data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from ledger.households.facts import IncomeReassessed, TierChanged
from ledger.households.household import Household
from ledger.households.state import State
from ledger.ids import fact_id
from ledger.months import shift
from tests.integration.life import (
    AREAS,
    HOMES,
    HOUSEHOLDS,
    PERSONS,
    SPLIT_OFF,
    SUCCESSORS,
    Chance,
    Data,
    Life,
)

INCOMES = (30_000, 0, 10_001, 50_000, 75_005, 120_000)
PROGRAMMES = ("dibao.urban", "dibao.urban", "tekun.rural", "dibao", "dibao.rural")
TEKUN, DIBAO = ("tekun", "tekun.rural"), ("dibao", "dibao.urban", "dibao.rural")
CLASSES = ("elderly", "severely_disabled", "minor")


class Scene(NamedTuple):
    """Where an act is set: a household, a month, and what holds there and then."""

    life: Life
    household: Household
    month: str
    state: State
    chance: Chance

    def member(self, *, covered: bool | None = None) -> str:
        """Choose a member, mostly one that fits."""
        members = self.state.members.items()
        fitting = sorted(p for p, m in members if covered in (None, m.covered))
        return str(self.chance.of(fitting or PERSONS))

    def stranger(self) -> UUID:
        """Choose somebody who is no member, mostly."""
        return self.chance.of([p for p in PERSONS if p not in self.state.members] or PERSONS)


def _member(person: UUID | str, role: str, chance: Chance) -> Data:
    found: Data = {"person": str(person), "role": role}
    if chance.rarely(5):
        found["covered"] = False
    if chance.rarely(3):
        found["supplements"] = list(CLASSES[: 1 + chance.of((0, 1, 2))])
    if chance.rarely(2):
        found["self_care"] = chance.of(("partial", "unable", "able"))
    return found


def enrolment(scene: Scene) -> Data:
    chance = scene.chance
    first = 2 * HOUSEHOLDS.index(scene.household.id) if scene.household.id in HOUSEHOLDS else 0
    single = chance.rarely(8)
    count = 1 if single else chance.of((2, 1, 3))
    persons = [PERSONS[(first + n) % len(PERSONS)] for n in range(count)]
    found: Data = {
        "programme": chance.of(
            ("dibao.urban", "dibao.urban", "tekun.rural", "dibao", "dibao.rural")
        ),
        "area": chance.of(HOMES),
        "income_fen": chance.of(INCOMES),
        "members": [_member(p, "other" if n else "head", chance) for n, p in enumerate(persons)],
        "decided_by": "county",
        "legal_basis": "Law 18",
        "single_person": single,
    }
    if not chance.rarely():
        found["tier"] = chance.of(("A", "B"))
    if chance.rarely(3):
        found["care_form"] = chance.of(("institutional", "dispersed"))
    return found


def grace(scene: Scene) -> Data:
    kinds = (IncomeReassessed, TierChanged)
    said = enumerate(scene.household.facts, 1)
    deferrable = [version for version, fact in said if isinstance(fact, kinds)]
    return {
        "person": scene.member(),
        "until": shift(scene.month, scene.chance.of((1, 0, 2, 4))),
        "defers": fact_id(scene.household.id, scene.chance.of(deferrable[::-1] or [1])),
        "decided_by": "county",
    }


def _split(scene: Scene) -> Data:
    members = sorted(scene.state.members) or PERSONS
    leaving = members[: max(1, len(members) // 2)]
    free = [h for h in SPLIT_OFF if not scene.life.household(h).version]
    chance = scene.chance
    return {
        "new_household": str((free or SPLIT_OFF)[0]),
        "members": [_member(p, "other" if n else "head", chance) for n, p in enumerate(leaving)],
        "income_fen": chance.of(INCOMES),
        "new_income_fen": chance.of(INCOMES),
        "new_tier": chance.of(("A", "B")),
        "legal_basis": "Law 18",
        "decided_by": "county",
    }


def _merge(scene: Scene) -> Data:
    others = [h for h in scene.life.households() if h is not scene.household]
    standing = [h for h in others if h.state_at(scene.month).on_roll]
    other = scene.chance.of(standing or others or [scene.household])
    living = sorted(p for p, m in other.state_at(scene.month).members.items() if m.died is None)
    return {
        "absorbed": str(other.id),
        "members": [_member(p, "other", scene.chance) for p in living] or [],
        "income_fen": scene.chance.of(INCOMES),
        "legal_basis": "Law 18",
        "decided_by": "county",
    }


def _of_member(covered: bool | None = None, **more: Any) -> Callable[[Scene], Data]:
    return lambda scene: {"person": scene.member(covered=covered), **more}


def _death(scene: Scene) -> Data:
    day = f"{shift(scene.month, -1)}-15"
    return {"effective": None, "person": scene.member(), "died_on": day}


CHANGES: dict[str, Callable[[Scene], Data]] = {
    "EnrolHousehold": enrolment,
    "ReassessIncome": lambda s: {"income_fen": s.chance.of(INCOMES)},
    "RecordDeath": _death,
    "StopMemberCover": _of_member(True, reason="other", legal_basis="Law 18"),
    "RestoreMemberCover": _of_member(False),
    "ExitHousehold": lambda s: {
        "reason": "voluntary", "legal_basis": "Law 18", "decided_by": "county"},
    "StartGracePeriod": grace,
    "AddMember": lambda s: {
        "member": _member(s.stranger(), "other", s.chance), "income_fen": s.chance.of(INCOMES)},
    "RemoveMember": lambda s: {
        "person": s.member(), "reason": "moved", "income_fen": s.chance.of(INCOMES)},
    "ChangeTier": lambda s: {"tier": s.chance.of(("B", "A"))},
    "SuspendPayment": lambda s: {"reason": "other", "legal_basis": "Law 18"},
    "ResumePayment": lambda s: {},
    "MoveHousehold": lambda s: {"area": s.chance.of(HOMES)},
    "ChangeProgramme": lambda s: {
        "programme": s.chance.of(("dibao.rural", "tekun.rural", "dibao.urban", "dibao")),
        "tier": s.chance.of(("A", "B", None)), "legal_basis": "Law 18", "decided_by": "county"},
    "ChangeHead": _of_member(),
    "AssignSupplement": lambda s: {"person": s.member(), "supplement": s.chance.of(CLASSES)},
    "WithdrawSupplement": lambda s: {
        "person": s.member(), "supplement": s.chance.of(CLASSES), "reason": "other"},
    "AssessSelfCare": lambda s: {
        "person": s.member(), "self_care": s.chance.of(("unable", "partial", "able"))},
    "ChangeCareForm": lambda s: {"care_form": s.chance.of(("institutional", "dispersed"))},
    "SplitHousehold": _split,
    "MergeHouseholds": _merge,
}  # fmt: skip
"""What may be asked of a household, and with which data, its month left out."""

POLICIES: list[tuple[str, Any]] = [
    ("supplement.elderly", {"bp": 1_500}),
    ("supplement.severely_disabled", {"fen": 5_000}),
    ("supplement.elderly", {"fen": 3_333}),
    ("supplements.combine", "sum"),
    ("supplements.combine", "sum"),
    ("rounding", "half_up_jiao"),
    ("rounding", "ceil_jiao"),
    ("rounding", "ceil_yuan"),
    ("single_person.amount", {"method": "fixed", "fen": 30_000}),
    ("single_person.amount", {"method": "share", "bp": 7_777}),
    ("supplement.minor", {"bp": 3_333}),
]


def _setting(setting: str, value: Any) -> Data:
    return {"setting": setting, "value": value}


def succession(area: str) -> Data:
    return {"area": area, "successor": SUCCESSORS[area]}


def _standard(chance: Chance) -> Data:
    tekun = chance.rarely()
    tiered = not tekun and chance.rarely(3)
    found: Data = {
        "area": chance.of(AREAS[:3]),
        "programme": chance.of(TEKUN if tekun else DIBAO),
        "period": chance.of(("month", "year")),
        "mode": "full" if tekun else "tiered" if tiered else "gap",
        "amount_fen": chance.of((70_000, 50_741, 91_007)),
        "adopted_by": "the government",
    }  # fmt: skip
    if found["period"] == "year":
        found["amount_fen"] *= 11
    if tiered:
        found["tiers"] = {"A": found["amount_fen"] - 1, "B": found["amount_fen"] // 2}
    if tekun:
        found["care"] = {"partial": 20_001, "unable": 60_000}
        found["by_care_form"] = {"institutional": 120_000} if chance.rarely(2) else {}
    if chance.rarely(8):
        found["kind"] = "guideline"
    return found


RULINGS: dict[str, Callable[[Chance], Data]] = {
    "AdoptStandard": _standard,
    "EndStandard": lambda c: {"area": c.of(AREAS[:3]), "programme": c.of(DIBAO)},
    "AdoptPolicy": lambda c: {"area": c.of(AREAS[:3]), **_setting(*c.of(POLICIES))},
    "EndPolicy": lambda c: {"area": c.of(AREAS[:3]), "setting": c.of(POLICIES)[0]},
    "ReplaceArea": lambda c: succession(c.of(tuple(SUCCESSORS))),
}  # fmt: skip
"""What may be asked of an area."""
