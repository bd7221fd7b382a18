"""Whatever is sent, in whatever order: what must hold of two households and five persons."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.fact import BY_COMMAND, Fact
from ledger.households.facts import (
    GracePeriodStarted,
    HouseholdEnrolled,
    HouseholdExited,
    IncomeReassessed,
    TierChanged,
)
from ledger.months import shift
from tests.rules.given import (
    ANN,
    BOB,
    CARL,
    DORA,
    EVE,
    HOME,
    OTHER,
    OTHER_TOWN,
    TOWN,
    TOWN_WITHOUT_STANDARD,
    Office,
    member,
    named,
)

PERSONS = (ANN, BOB, CARL, DORA, EVE)
NEW = named("split off")
FIRST = "2026-01"
MONTHS = tuple(shift(FIRST, by) for by in range(8))
ALL_MONTHS = tuple(shift(FIRST, by) for by in range(-1, 16))
DECISION = {"decided_by": "county", "legal_basis": "Law 18"}
PROCEDURES: tuple[dict[str, Any], ...] = (
    {"migrated": True},
    {"decided_on": "2026-05-05"},
    {"decided_on": "2026-09-09"},
)

bounded = settings(
    max_examples=120, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)


class Act(NamedTuple):
    """Numbers drawn at random, from which the data of any command are made."""

    command: str
    household: UUID
    persons: tuple[UUID, ...]
    month: str
    fen: int
    version: int
    procedure: dict[str, Any]
    corrects: bool
    covered: bool
    months: int

    @property
    def other(self) -> UUID:
        """The household that this one splits from or merges with."""
        return OTHER if self.household == HOME else HOME

    @property
    def named_fact(self) -> str:
        """A fact of the stream, there or not."""
        return f"{self.household}:{self.version}"

    @property
    def members(self) -> list[dict[str, Any]]:
        """The persons drawn, with a head unless they join another one's household."""
        head = "spouse" if self.command == "MergeHouseholds" else "head"
        return [
            member(p, "child" if n else head, covered=self.covered or not n, supplements=["minor"])
            for n, p in enumerate(self.persons)
        ]

    def data(self) -> dict[str, Any]:
        """The data of the command."""
        corrects = {"corrects": self.named_fact} if self.corrects else {}
        return {**_DATA[self.command](self), **self.procedure, **corrects}


def _of_month(act: Act, **more: Any) -> dict[str, Any]:
    return {"effective": act.month, **more}


def _of_person(act: Act, **more: Any) -> dict[str, Any]:
    return {"effective": act.month, "person": act.persons[0], **more}


_DATA: dict[str, Any] = {
    "VerifyMeans": lambda a: {"income_fen": a.fen},
    "EnrolHousehold": lambda a: _of_month(
        a, programme="dibao.urban", area=TOWN, income_fen=a.fen, members=a.members, **DECISION
    ),
    "AddMember": lambda a: _of_month(
        a, member=member(a.persons[0], "child", covered=a.covered), income_fen=a.fen
    ),
    "RemoveMember": lambda a: _of_person(a, income_fen=a.fen, reason="left"),
    "RecordDeath": lambda a: {"person": a.persons[0], "died_on": f"{shift(a.month, -1)}-03"},
    "StopMemberCover": lambda a: _of_person(a, reason="other", legal_basis="Law 48"),
    "RestoreMemberCover": _of_person,
    "ChangeHead": _of_person,
    "ReassessIncome": lambda a: _of_month(a, income_fen=a.fen),
    "ChangeTier": lambda a: _of_month(a, tier="AB"[a.covered]),
    "ChangeProgramme": lambda a: _of_month(
        a, programme="tekun" if a.covered else "dibao", **DECISION
    ),
    "AssignSupplement": lambda a: _of_person(a, supplement="elderly"),
    "WithdrawSupplement": lambda a: _of_person(a, supplement="minor", reason="of_age"),
    "MoveHousehold": lambda a: _of_month(
        a, area=(OTHER_TOWN, TOWN_WITHOUT_STANDARD)[a.fen == 0]
    ),
    "SuspendPayment": lambda a: _of_month(a, reason="unreachable", legal_basis="Law 48"),
    "ResumePayment": _of_month,
    "HearOpinion": lambda _: {
        "intended": ["exit", "higher_income", "member_lost", "suspension"], "manner": "heard",
    },
    "StartGracePeriod": lambda a: _of_person(
        a, until=shift(a.month, a.months - 1), defers=a.named_fact, employed_on="2026-01-01",
        decided_by="county",
    ),
    "ExitHousehold": lambda a: _of_month(a, reason="income_above_standard", **DECISION),
    "RevokeExit": lambda a: {"exit": a.named_fact, "reason": "appeal"},
    "RevokeEnrolment": lambda a: {
        "enrolment": a.named_fact, "reason": "forged", "legal_basis": "Law 60",
    },
    "SplitHousehold": lambda a: _of_month(
        a, new_household=NEW, members=a.members, income_fen=a.fen, new_income_fen=0, **DECISION
    ),
    "MergeHouseholds": lambda a: _of_month(
        a, absorbed=a.other, members=a.members, income_fen=a.fen, **DECISION
    ),
    "ServeNotice": lambda a: {"decision": a.named_fact},
}  # fmt: skip

ANY = [*_DATA, *["ExitHousehold", "RevokeExit", "StartGracePeriod", "StopMemberCover"] * 3,
       *["RestoreMemberCover", "SuspendPayment", "ResumePayment"] * 3]  # fmt: skip
"""Every command; those oftener that undo or follow another."""

UNRELATED = [
    name
    for name in _DATA
    if name not in {"StartGracePeriod", "RevokeExit", "RevokeEnrolment", "ServeNotice"}
    and name not in {"SplitHousehold", "MergeHouseholds", "EnrolHousehold", "HearOpinion"}
]
"""Commands on one household that name no other fact."""


def acts(commands: list[str], **fixed: Any) -> st.SearchStrategy[Act]:
    """Random acts of some kinds."""
    drawn: dict[str, st.SearchStrategy[Any]] = {
        "command": st.sampled_from(commands),
        "household": st.sampled_from((HOME, OTHER)),
        "persons": st.permutations(PERSONS).flatmap(
            lambda order: st.integers(1, 3).map(lambda n: tuple(order[:n]))
        ),
        "month": st.sampled_from(MONTHS),
        "fen": st.sampled_from((0, 20_000, 50_000)),
        "version": st.integers(1, 9),
        "procedure": st.sampled_from(PROCEDURES),
        "corrects": st.sampled_from((False, False, False, True)),
        "covered": st.booleans(),
        "months": st.integers(0, 7),
    }
    return st.builds(Act, **drawn | {name: st.just(value) for name, value in fixed.items()})


def an_office() -> Office:
    """Both households enrolled, so that there is something to change."""
    office = Office()
    office.enrolled(HOME, [ANN, BOB], effective=FIRST)
    office.enrolled(OTHER, [CARL], effective=FIRST)
    return office


def sent(office: Office, act: Act) -> bool:
    """Send an act; tell whether it was accepted. Anything but a LedgerError goes through."""
    try:
        office.sends(act.command, act.household, **act.data())
    except LedgerError:
        return False
    return True


AIMS: dict[str, tuple[type[Fact], ...]] = {
    "RevokeExit": (HouseholdExited, GracePeriodStarted),
    "RevokeEnrolment": (HouseholdEnrolled,),
    "StartGracePeriod": (IncomeReassessed, TierChanged),
}
"""What a command that names a fact is about: most names drawn at random mean nothing."""


def aimed(office: Office, act: Act) -> Act:
    """Point an act at what is there, so that it has a chance: the facts and the members."""
    facts = office.streams.by_id[act.household].facts
    kinds = (BY_COMMAND[act.command].cls,) if act.corrects else AIMS.get(act.command, (Fact,))
    fitting = [n for n, fact in enumerate(facts, 1) if isinstance(fact, kinds)]
    if fitting:
        act = act._replace(version=fitting[act.version % len(fitting)])
    state = office.state(
        act.other if act.command == "MergeHouseholds" else act.household, act.month
    )
    members = sorted(state.members)
    if act.command == "RestoreMemberCover":
        members = [p for p in members if p not in state.covered]
    elif act.command != "MergeHouseholds" and len(members) > 1:
        members = members[:-1]
    return act._replace(persons=tuple(members)) if act.covered and members else act


def told(office: Office, household: UUID) -> list[Any]:
    """What holds for a household in every month, without the ranks."""
    return [_told(office.state(household, month)) for month in ALL_MONTHS]


def _told(state: Any) -> tuple[Any, ...]:
    members = {
        p: (m.covered, m.died is not None, frozenset(m.supplements), m.self_care)
        for p, m in state.members.items()
    }
    return (
        state.on_roll, state.spell, state.programme, state.area, state.care_form, state.head,
        state.suspended, state.income_fen, state.tier, state.tested, state.covered, members,
    )  # fmt: skip


@bounded
@given(st.lists(acts(ANY), min_size=4, max_size=16))
def test_no_person_is_covered_twice_and_a_refusal_changes_nothing(life: list[Act]) -> None:
    office = an_office()
    for drawn in life:
        act = aimed(office, drawn)
        before = office.recorded()
        if not sent(office, act):
            assert office.recorded() == before
        office.expect_covers_to_agree()
        for household in (HOME, OTHER):
            assert len(told(office, household)) == len(ALL_MONTHS)


@bounded
@given(st.data())
def test_facts_of_different_months_in_any_order_that_is_accepted_give_one_state(
    data: st.DataObject,
) -> None:
    months = data.draw(st.permutations(MONTHS[1:]))
    life = [
        data.draw(acts(UNRELATED, household=HOME, procedure=PROCEDURES[0], corrects=False, month=m))
        for m in months[: data.draw(st.integers(2, 5))]
    ]
    other_order = data.draw(st.permutations(life))
    one, other = an_office(), an_office()
    accepted = [act for act in life if sent(one, act)]
    if all(sent(other, act) for act in other_order if act in accepted):
        assert told(one, HOME) == told(other, HOME)


@bounded
@given(st.data())
def test_a_corrected_life_is_the_life_that_was_right_at_once(data: st.DataObject) -> None:
    fixed = {"household": HOME, "procedure": PROCEDURES[0], "corrects": False}
    life = data.draw(st.lists(acts(UNRELATED, **fixed), min_size=1, max_size=5))
    wrong, right = an_office(), an_office()
    accepted = [act for act in life if sent(wrong, act)]
    if not accepted:
        return
    place = data.draw(st.integers(0, len(accepted) - 1))
    better = data.draw(acts([accepted[place].command], **fixed))
    corrected = better._replace(corrects=True, version=place + 3)
    rightly = [*accepted[:place], better, *accepted[place + 1 :]]
    if sent(wrong, corrected) and all(sent(right, act) for act in rightly):
        assert told(wrong, HOME) == told(right, HOME)


@bounded
@given(acts(["EnrolHousehold"]), st.lists(acts(UNRELATED), max_size=6))
def test_a_revoked_enrolment_leaves_the_months_as_if_it_had_never_been(
    enrolled: Act, life: list[Act]
) -> None:
    office = an_office()
    exited = {"effective": "2026-03", "reason": "employment", "migrated": True, **DECISION}
    office.given("ExitHousehold", HOME, **exited)
    before = told(office, HOME)
    fixed: dict[str, Any] = {"household": HOME, "procedure": PROCEDURES[0], "corrects": False}
    if not sent(office, enrolled._replace(**fixed)):
        return
    enrolment = office.last(HOME)
    for act in life:
        if act.month >= enrolled.month:
            sent(office, act._replace(**fixed))
    revoked = {"enrolment": enrolment, "reason": "forged", "legal_basis": "Law 60"}
    office.given("RevokeEnrolment", HOME, **revoked, migrated=True)
    assert told(office, HOME) == before
