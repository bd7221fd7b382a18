"""Random lives of a few households: commands in any order of months, of which the refused are dropped.

    life = live(steps)          # each step some bytes: what is done, by whom, from which month on
    life.done                   # the commands that were accepted, in their order

A step is read byte by byte, each byte a choice among what makes sense then: a smaller byte is the
plainer choice, and a step may be left out, so that Hypothesis shrinks a life to its few acts that matter.
The verbs are the ledger's own, over streams in memory; what a life asks for is sent to the real ledger
afterwards, under ids and area codes of its own (`Life.commands`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID, uuid5

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ledger.commands import read_command
from ledger.errors import LedgerError
from ledger.fact import BY_CLASS, RECORDED, Fact
from ledger.households.facts import (
    GracePeriodStarted,
    HouseholdEnrolled,
    HouseholdExited,
    IncomeReassessed,
    TierChanged,
)
from ledger.households.household import Household
from ledger.households.state import State
from ledger.ids import area_stream, fact_id
from ledger.months import shift
from ledger.standards.area import Area
from ledger.subjects import SUBJECT_OF
from ledger.timeline import effective_of
from ledger.world import World
from tests.ledger_database import TODAY
from tests.rules.given import Streams

_NAMES = UUID("00000000-0000-5000-8000-00000000f01d")
MONTHS = [f"2025-{n:02d}" for n in range(1, 11)]
DECIDED = "2026-05-01"
"""Before the law: no hearing is due. Everything is `migrated`, so that no procedure is due either."""

PREFECTURE = "9900"
COUNTY, TOWN, TOWN_2, TOWN_3 = (PREFECTURE + rest for rest in ("01", "01001", "01002", "01003"))
VILLAGE = TOWN + "001"
AREAS = (PREFECTURE, COUNTY, TOWN, TOWN_2, TOWN_3, VILLAGE)
HOMES = (VILLAGE, TOWN, TOWN_2, TOWN_3, COUNTY)
SUCCESSORS = {TOWN: TOWN_2, TOWN_2: TOWN_3}

PERSONS = [uuid5(_NAMES, f"person {n}") for n in range(5)]
HOUSEHOLDS = [uuid5(_NAMES, f"household {n}") for n in range(3)]
SPLIT_OFF = [uuid5(_NAMES, f"split off {n}") for n in range(3)]

INCOMES = (30_000, 0, 10_001, 50_000, 75_005, 120_000)
CLASSES = ("elderly", "severely_disabled", "minor")

T = TypeVar("T")
Test = TypeVar("Test", bound=Callable[..., None])
Data = dict[str, Any]


class Chance:
    """The bytes of a step, each taken as one choice; zeros when they have run out."""

    def __init__(self, step: bytes) -> None:
        self._bytes = iter(step)

    def of(self, options: Sequence[T]) -> T:
        """Choose one; the first is the plainest."""
        return options[next(self._bytes, 0) % len(options)]

    def rarely(self, one_in: int = 4) -> bool:
        """Say yes once in a while."""
        return next(self._bytes, 0) % one_in == one_in - 1


class Done(NamedTuple):
    """A command that was accepted: its name, subject and data."""

    name: str
    subject: UUID | None
    data: Data


class Life:
    """What was done so far, and the streams that it led to."""

    def __init__(self) -> None:
        self.streams = Streams()
        self.done: list[Done] = []

    def attempt(self, name: str, subject: UUID | None, data: Data) -> bool:
        """Ask for a command; tell whether it was accepted."""
        said = {"decided_on": DECIDED, "migrated": True, **data}
        body = msgspec.json.encode(said)
        try:
            asked = read_command(name, body, key="key", actor="decider", subject=subject)
            world = World(self.streams, AREAS, TODAY)
            kind = SUBJECT_OF[type(asked.fact)]
            try:
                kind.decide(world.get(kind.stream, asked.subject or HOUSEHOLDS[0]), asked.fact, world)
            except LedgerError:
                world.rollback()
                return False
        except LedgerError:
            return False
        self.done.append(Done(name, subject, msgspec.json.decode(body)))
        return True

    def household(self, household: UUID) -> Household:
        """Return a household, empty when nothing is recorded of it."""
        return self.streams.get(Household, household)

    def households(self) -> list[Household]:
        """Return the households of which something is recorded."""
        return [h for h in map(self.household, (*HOUSEHOLDS, *SPLIT_OFF)) if h.version]


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


def _enrolment(scene: Scene) -> Data:
    chance = scene.chance
    first = 2 * HOUSEHOLDS.index(scene.household.id) if scene.household.id in HOUSEHOLDS else 0
    single = chance.rarely(8)
    count = 1 if single else chance.of((2, 1, 3))
    persons = [PERSONS[(first + n) % len(PERSONS)] for n in range(count)]
    found: Data = {
        "programme": chance.of(("dibao.urban", "dibao.urban", "tekun.rural", "dibao", "dibao.rural")),
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


def _grace(scene: Scene) -> Data:
    deferrable = [v for v, _ in scene.household.all_of(IncomeReassessed, TierChanged)]
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
    "EnrolHousehold": _enrolment,
    "ReassessIncome": lambda s: {"income_fen": s.chance.of(INCOMES)},
    "RecordDeath": _death,
    "StopMemberCover": _of_member(True, reason="other", legal_basis="Law 18"),
    "RestoreMemberCover": _of_member(False),
    "ExitHousehold": lambda s: {
        "reason": "voluntary", "legal_basis": "Law 18", "decided_by": "county"},
    "StartGracePeriod": _grace,
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

ENDING = ("ExitHousehold", "SplitHousehold", "MergeHouseholds", "RemoveMember")
"""What is mostly refused when something is known of a later month."""

INSTEAD = {"ResumePayment": "SuspendPayment", "RestoreMemberCover": "StopMemberCover"}
"""What is done where there is nothing to undo yet."""

SENSIBLE: dict[str, Callable[[State], bool]] = {
    "SuspendPayment": lambda state: not state.suspended,
    "ResumePayment": lambda state: state.suspended,
    "RestoreMemberCover": lambda s: any(not m.covered and not m.died for m in s.members.values()),
}

RULINGS: dict[str, Callable[[Chance], Data]] = {
    "AdoptStandard": lambda c: _standard(c),
    "EndStandard": lambda c: {"area": c.of(AREAS[:3]), "programme": c.of(("dibao", "dibao.urban"))},
    "AdoptPolicy": lambda c: {"area": c.of(AREAS[:3]), **_setting(*c.of(POLICIES))},
    "EndPolicy": lambda c: {"area": c.of(AREAS[:3]), "setting": c.of(POLICIES)[0]},
    "ReplaceArea": lambda c: _succession(c.of((TOWN, TOWN_2))),
}  # fmt: skip
"""What may be asked of an area."""

POLICIES: list[tuple[str, Any]] = [
    ("supplement.elderly", {"bp": 1_500}),
    ("supplement.severely_disabled", {"fen": 5_000}),
    ("supplement.elderly", {"fen": 3_333}),
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


def _succession(area: str) -> Data:
    return {"area": area, "successor": SUCCESSORS[area]}


def _standard(chance: Chance) -> Data:
    tekun = chance.rarely()
    tiered = not tekun and chance.rarely(3)
    found: Data = {
        "area": chance.of(AREAS[:3]),
        "programme": chance.of(("tekun", "tekun.rural") if tekun else ("dibao", "dibao.urban", "dibao.rural")),
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


def _change(life: Life, chance: Chance, name: str) -> None:
    """Something new happens to a household, late or not."""
    every = [life.household(h) for h in HOUSEHOLDS]
    if name == "EnrolHousehold":
        some = [h for h in every if not h.latest().on_roll] or every
    else:
        some = life.households() or every[:1]
    household = chance.of(some)
    fitting = _fitting(life, name, household)
    if not fitting and name in INSTEAD:
        name = INSTEAD[name]
        fitting = _fitting(life, name, household)
    scene = _scene(life, household, chance.of(MONTHS if chance.rarely(8) else fitting or MONTHS), chance)
    life.attempt(name, household.id, {"effective": scene.month, **CHANGES[name](scene)})


def _fitting(life: Life, name: str, household: Household) -> list[str]:
    """Return the months in which an act is most likely to make sense."""
    on_roll = _on_roll(household)
    if name == "EnrolHousehold":
        return [month for month in MONTHS if month > on_roll[-1]] if on_roll else MONTHS
    if name == "MergeHouseholds":
        others = [h for h in life.households() if h is not household]
        on_roll = [m for m in on_roll if any(h.state_at(m).on_roll for h in others)]
    if name in ENDING:
        last = max((entry.effective for entry in household.entries), default="")
        return [month for month in on_roll if month >= last] or on_roll
    asked = SENSIBLE.get(name)
    return [m for m in on_roll if asked is None or asked(household.state_at(m))]


def _on_roll(household: Household) -> list[str]:
    return [month for month in MONTHS if household.state_at(month).on_roll]


def _scene(life: Life, household: Household, month: str, chance: Chance) -> Scene:
    return Scene(life, household, month, household.state_at(month), chance)


def _correct(life: Life, chance: Chance) -> None:
    """Something recorded turns out to have been otherwise; what is corrected may be a correction."""
    said = [
        (household, version, fact)
        for household in life.households()
        for version, fact in enumerate(household.facts, 1)
        if BY_CLASS[type(fact)].command in CHANGES
    ]
    if not said:
        return
    again = [one for one in said if one[2].corrects or isinstance(one[2], HouseholdExited)]
    household, version, fact = chance.of(again if again and chance.rarely(2) else said)
    name, was = BY_CLASS[type(fact)].command or "", _data_of(fact)
    month = chance.of([shift(effective_of(fact) or MONTHS[0], by) for by in (1, -1, 2, -2, 0)])
    scene = _scene(life, household, month, chance)
    data = chance.of((
        lambda: {**was, "effective": month},
        lambda: {"effective": month, **CHANGES[name](scene)},
        lambda: {**was, **CHANGES[name](scene), "effective": was.get("effective")},
    ))()  # fmt: skip
    if "died_on" in data:
        data |= {"effective": None, "died_on": f"{shift(month, -1)}-15"}
    life.attempt(name, household.id, {**data, "corrects": fact_id(household.id, version)})


def _data_of(fact: Fact) -> Data:
    """Return the data of the command that asked for a fact."""
    found: Data = msgspec.json.decode(msgspec.json.encode(fact))
    return {key: value for key, value in found.items() if key not in (*RECORDED, "corrects")}


def _revoke(life: Life, chance: Chance) -> None:
    """An exit or a grace period is left out; more rarely a whole enrolment."""
    whole = chance.rarely()
    kinds = (HouseholdEnrolled,) if whole else (HouseholdExited, GracePeriodStarted)
    said = [
        fact_id(household.id, version)
        for household in life.households()
        for version, fact in enumerate(household.facts, 1)
        if isinstance(fact, kinds)
    ]
    if not said:
        return
    named = chance.of(said[::-1])  # any link of a chain
    household = UUID(named.partition(":")[0])
    if whole:
        data = {"enrolment": named, "reason": "error", "legal_basis": "Law 18"}
        life.attempt("RevokeEnrolment", household, data)
    else:
        life.attempt("RevokeExit", household, {"exit": named, "reason": "error"})


def _find_work(life: Life, chance: Chance) -> None:
    """A member finds work: a higher income or another tier, put off by a grace period."""
    household = chance.of(life.households())
    month = chance.of(_on_roll(household) or MONTHS)
    scene = _scene(life, household, month, chance)
    name = chance.of(("ReassessIncome", "ChangeTier"))
    if life.attempt(name, household.id, {"effective": month, **CHANGES[name](scene)}):
        start = shift(month, chance.of((0, 0, -1, 1)))
        data = {"effective": start, **_grace(scene), "defers": fact_id(household.id, household.version)}
        data["until"] = shift(start, chance.of((2, 1, 4)))
        life.attempt("StartGracePeriod", household.id, data)


def _return(life: Life, chance: Chance) -> None:
    """A household leaves, and comes back as a new spell."""
    household = chance.of(life.households())
    left = chance.of(_fitting(life, "ExitHousehold", household) or MONTHS)
    scene = _scene(life, household, left, chance)
    life.attempt("ExitHousehold", household.id, {"effective": left, **CHANGES["ExitHousehold"](scene)})
    back = shift(left, chance.of((1, 0, 2)))
    life.attempt("EnrolHousehold", household.id, {"effective": back, **_enrolment(scene)})


def _rule(life: Life, chance: Chance, name: str) -> None:
    """A place adopts, ends or corrects a standard, a setting or a code."""
    data = {"effective": chance.of(MONTHS), **RULINGS[name](chance)}
    said = _ruled(life, name)
    adopted = _ruled(life, name.replace("End", "Adopt")) if name.startswith("End") else []
    if adopted:
        was = chance.of(adopted)[2]
        data |= {key: getattr(was, key) for key in data if key != "effective"}
    if said and chance.rarely(2):
        area, version, fact = chance.of(said)
        data |= {"corrects": fact_id(area.id, version)}
        data = {**_data_of(fact), **data, "area": getattr(fact, "area", None)}
        if name == "ReplaceArea":
            data |= _succession(data["area"])
    life.attempt(name, None, data)


def _ruled(life: Life, name: str) -> list[tuple[Area, int, Fact]]:
    """Return the facts of areas that a command recorded."""
    return [
        (area, version, fact)
        for area in (life.streams.get(Area, area_stream(code)) for code in AREAS)
        for version, fact in enumerate(area.facts, 1)
        if BY_CLASS[type(fact)].command == name
    ]


def _acts() -> list[Callable[[Life, Chance], None]]:
    """Return the acts, each as often as it should come: most lives have corrections and revocations."""
    weights = {"EnrolHousehold": 8, "ReassessIncome": 6, "RecordDeath": 6, "StopMemberCover": 4,
               "RestoreMemberCover": 5, "ExitHousehold": 8, "ResumePayment": 5, "StartGracePeriod": 3, "AddMember": 4,
               "SplitHousehold": 2, "MergeHouseholds": 4}  # fmt: skip
    acts: list[Callable[[Life, Chance], None]] = []
    for name in CHANGES:
        acts += [lambda life, chance, name=name: _change(life, chance, name)] * weights.get(name, 2)  # type: ignore[misc]
    acts += [_correct] * 22 + [_revoke] * 9 + [_find_work] * 8 + [_return] * 6
    for name in RULINGS:
        often = 4 if name == "AdoptStandard" else 2 if name.endswith("Policy") else 1
        acts += [lambda life, chance, name=name: _rule(life, chance, name)] * often  # type: ignore[misc]
    return acts


ACTS = _acts()


def live(steps: Sequence[bytes]) -> Life:
    """Live through the steps, in a prefecture that has standards and a household on the roll."""
    life = Life()
    for programme, mode in (("dibao", "gap"), ("tekun", "full")):
        life.attempt("AdoptStandard", None, {
            "effective": "2024-01", "area": PREFECTURE, "programme": programme, "mode": mode,
            "period": "month", "amount_fen": 70_000, "adopted_by": "the government"})  # fmt: skip
    for setting, value in (POLICIES[0], POLICIES[1]):
        life.attempt("AdoptPolicy", None, {
            "effective": "2024-01", "area": PREFECTURE, "setting": setting, "value": value})  # fmt: skip
    for step in steps:
        chance = Chance(step)
        if any(_on_roll(household) for household in life.households()):
            chance.of(ACTS)(life, chance)
        else:
            _change(life, chance, "EnrolHousehold")
    return life


def lives(most: int = 30) -> st.SearchStrategy[Life]:
    """Lives of at most so many steps."""
    return st.lists(st.binary(min_size=14, max_size=14), min_size=1, max_size=most).map(live)


def examples(most: int) -> Callable[[Test], Test]:
    """Tell so many lives, the same ones every time; in the profile `deep` many more, new ones each time."""
    deep = settings.default.max_examples // 100 if settings.default else 1
    chosen = settings(
        max_examples=most * deep,
        derandomize=deep == 1,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    return lambda test: chosen(test)
