"""Random lives of a few households: commands in any order of months, the refused ones dropped.

    @given(life=lives())        # each step some bytes: what is done, by whom, from which month on
    @examples(60)
    def test_something(life: Life) -> None: ...

A step is read byte by byte, each byte a choice among what makes sense then: a smaller byte is the
plainer choice, and a step of zeros is a rest, so that a failing life shrinks to the acts that matter.
What a life asked for is sent to the real ledger afterwards, under ids of its own (ground.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ledger.fact import BY_CLASS, RECORDED, Fact
from ledger.households.facts import GracePeriodStarted, HouseholdEnrolled, HouseholdExited
from ledger.households.household import Household
from ledger.households.state import State
from ledger.ids import area_stream, fact_id
from ledger.months import shift
from ledger.standards.area import Area
from ledger.timeline import effective_of
from tests.integration.life import AREAS, HOUSEHOLDS, MONTHS, PREFECTURE, Chance, Data, Life
from tests.integration.life_data import (
    CHANGES,
    POLICIES,
    RULINGS,
    Scene,
    enrolment,
    grace,
    succession,
)

Act = Callable[[Life, Chance], None]

ENDING = ("ExitHousehold", "SplitHousehold", "MergeHouseholds", "RemoveMember")
"""What is mostly refused when something is known of a later month."""

INSTEAD = {"ResumePayment": "SuspendPayment", "RestoreMemberCover": "StopMemberCover"}
"""What is done where there is nothing to undo yet."""

SENSIBLE: dict[str, Callable[[State], bool]] = {
    "SuspendPayment": lambda state: not state.suspended,
    "ResumePayment": lambda state: state.suspended,
    "RestoreMemberCover": lambda s: any(not m.covered and not m.died for m in s.members.values()),
}


def _rest(life: Life, chance: Chance) -> None:
    """Nothing happens: what a step that does not matter shrinks to."""


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
    scene = _scene(
        life, household, chance.of(MONTHS if chance.rarely(8) else fitting or MONTHS), chance
    )
    life.attempt(name, household.id, {"effective": scene.month, **CHANGES[name](scene)})


def _enrol(life: Life, chance: Chance, household: Household) -> None:
    month = chance.of(_fitting(life, "EnrolHousehold", household) or MONTHS)
    scene = _scene(life, household, month, chance)
    life.attempt("EnrolHousehold", household.id, {"effective": month, **enrolment(scene)})


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
    """Something recorded was otherwise; what is corrected may be a correction."""
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
    asked: Data = {"effective": month, **CHANGES[name](scene)}
    same: Data = {"effective": was.get("effective")}
    data = chance.of(({**was, "effective": month}, asked, {**was, **asked, **same}))
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
    named = chance.of(said[::-1])  # the last first: any link of a chain may be named
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
    change: Data = {"effective": month, **CHANGES[name](scene)}
    if not life.attempt(name, household.id, change):
        return
    last = fact_id(household.id, household.version)
    if chance.rarely(3):
        life.attempt(name, household.id, {**change, **CHANGES[name](scene), "corrects": last})
    start = shift(month, chance.of((0, 0, -1, 1)))
    data = {"effective": start, **grace(scene), "until": shift(start, chance.of((2, 1, 4)))}
    data["defers"] = fact_id(household.id, household.version)
    life.attempt("StartGracePeriod", household.id, data)


def _return(life: Life, chance: Chance) -> None:
    """A household leaves, and comes back as a new spell."""
    household = chance.of(life.households())
    left = chance.of(_fitting(life, "ExitHousehold", household) or MONTHS)
    scene, back = _scene(life, household, left, chance), shift(left, chance.of((1, 0, 2)))
    for name, month in (("ExitHousehold", left), ("EnrolHousehold", back)):
        life.attempt(name, household.id, {"effective": month, **CHANGES[name](scene)})


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
            data |= succession(data["area"])
    life.attempt(name, None, data)


def _ruled(life: Life, name: str) -> list[tuple[Area, int, Fact]]:
    """Return the facts of areas that a command recorded."""
    return [
        (area, version, fact)
        for area in (life.streams.get(Area, area_stream(code)) for code in AREAS)
        for version, fact in enumerate(area.facts, 1)
        if BY_CLASS[type(fact)].command == name
    ]


WEIGHTS = {
    "EnrolHousehold": 8, "ExitHousehold": 8, "RecordDeath": 6, "ReassessIncome": 6,
    "ResumePayment": 5, "RestoreMemberCover": 5, "StopMemberCover": 4, "AddMember": 4,
    "MergeHouseholds": 4, "SplitHousehold": 4, "AdoptStandard": 4, "StartGracePeriod": 3,
    "EndStandard": 1,
}  # fmt: skip
"""How often a command is drawn for its own sake; 2, unless said otherwise."""


def _acts() -> list[Act]:
    """Return the acts, each as often as it should come: most lives have corrections."""
    named = [
        partial(act, name=name)
        for act, commands in ((_change, CHANGES), (_rule, RULINGS))
        for name in commands
        for _ in range(WEIGHTS.get(name, 2))
    ]
    return [_rest, *named, *[_correct] * 22, *[_revoke] * 9, *[_find_work] * 8, *[_return] * 6]


ACTS = _acts()


def live(steps: Sequence[bytes]) -> Life:
    """Live through the steps, in a prefecture that has standards."""
    life = Life()
    given: Data = {"effective": "2024-01", "area": PREFECTURE}
    for programme, mode in (("dibao", "gap"), ("tekun", "full")):
        adopted = {"period": "month", "amount_fen": 70_000, "adopted_by": "the government"}
        life.attempt(
            "AdoptStandard", None, {**given, **adopted, "programme": programme, "mode": mode}
        )
    for setting, value in POLICIES[:2]:
        life.attempt("AdoptPolicy", None, {**given, "setting": setting, "value": value})
    for number, step in enumerate(steps):
        chance = Chance(step)
        if number < 2 or not any(_on_roll(household) for household in life.households()):
            _enrol(life, chance, life.household(HOUSEHOLDS[number % 2]))
        else:
            chance.of(ACTS)(life, chance)
    return life


def lives(most: int = 30) -> st.SearchStrategy[Life]:
    """Lives of at most so many steps, of which some may be rest."""
    return st.lists(st.binary(min_size=14, max_size=14), min_size=10, max_size=most).map(live)


TIMES = settings().max_examples // 100
"""How often the number of examples is told: once, in the profile `deep` many times."""

patiently = pytest.mark.timeout(120 * TIMES)


def examples(most: int) -> settings:
    """Tell so many lives, the same in every run; in the profile `deep` many more, and new ones."""
    return settings(
        max_examples=most * TIMES,
        derandomize=TIMES == 1,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
