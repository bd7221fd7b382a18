"""Luzhou district, January to September 2023: the dibao rolls as commands.

The totals are published; households, incomes, joinings and exits are synthetic and solved to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from assistance.demo import published
from assistance.demo.envelopes import Envelope, Stream, day_in, days_after, demo_id
from assistance.demo.places import villages
from assistance.demo.procedure import (
    ORDER_649_CHANGE,
    Members,
    apply_and_enrol,
    hear,
    leave,
    leave_by_death,
    members,
    migrate,
    notify,
)
from assistance.demo.rolls import LAST_MONTH, Draft, Roll, drafts
from assistance.demo.standards import LUZHOU_STANDARDS
from ledger.months import shift

STANDARD = LUZHOU_STANDARDS["2023-01"]
URBAN_END = (3_759, 5_538)
"""Assumed: how the published roll of September divides into urban and rural households, persons."""

OFFICE = f"bureau-{published.LUZHOU}"
REASONS = {
    "income_above_standard": 40,
    "employment": 20,
    "assets_above_limit": 8,
    "obligor_able": 6,
    "moved_away": 9,
    "joined_other_scheme": 5,
    "voluntary": 6,
    "unreachable": 3,
    "non_cooperation": 3,
}
"""Assumed: why whole households left, as weights."""


def _income_times(amount: published.Published, person_times: published.Published) -> int:
    """Return the counted incomes that the published amount leaves under the standard, in yuan."""
    return (STANDARD * person_times.published - amount.published) // 100


URBAN = Roll(
    programme="dibao.urban",
    person_times=published.URBAN_PERSON_TIMES.published,
    income_times=_income_times(published.URBAN_AMOUNT, published.URBAN_PERSON_TIMES),
    new=(published.URBAN_NEW_HOUSEHOLDS.published, published.URBAN_NEW_PERSONS.published),
    end=URBAN_END,
    leaving=(330, 480),
    members_left=90,
    members_died=60,
    reassessed=120,
    returned=6,
)
RURAL = Roll(
    programme="dibao.rural",
    person_times=published.RURAL_PERSON_TIMES.published,
    income_times=_income_times(published.RURAL_AMOUNT, published.RURAL_PERSON_TIMES),
    new=(published.RURAL_NEW_HOUSEHOLDS.published, published.RURAL_NEW_PERSONS.published),
    end=(
        published.ROLL_HOUSEHOLDS.published - URBAN_END[0],
        published.ROLL_PERSONS.published - URBAN_END[1],
    ),
    leaving=(115, 180),
    members_left=35,
    members_died=20,
    reassessed=50,
    returned=2,
)


def month_name(number: int) -> str:
    """Return the month of 2023 with a number from 1 to 10."""
    return f"2023-{number:02d}"


def dibao() -> Iterator[Envelope]:
    """Yield the commands of both rolls, household by household."""
    out: list[Envelope] = []
    for roll, prefix in ((URBAN, "14040390"), (RURAL, "14040395")):
        rng = Random(f"demo:{roll.programme}:story")  # noqa: S311  the same story in every run
        places = villages(prefix)
        for draft in drafts(roll):
            _household(out, rng, draft, rng.choice(places))
    yield from out


def household_id(draft: Draft) -> str:
    """Return the id of a draft's household."""
    return demo_id(f"luzhou/{draft.label}", "2022-12")


def _household(out: list[Envelope], rng: Random, draft: Draft, village: str) -> None:
    """Tell one household's story from its enrolment to September."""
    stream = Stream(out, household_id(draft), OFFICE)
    role = {"member_left": "child", "member_died": "parent"}.get(draft.turn)
    people = members(f"luzhou/{draft.label}", draft.size, "2022-12", role)
    enrolment = {
        "programme": draft.programme,
        "area": village,
        "income_fen": draft.income * 100,
        "members": people,
    }
    _enter(rng, stream, draft, enrolment)
    if draft.turn != "none":
        _turn(rng, stream, draft, people[-1]["person"])
    if draft.last < LAST_MONTH:
        _leave(rng, stream, people, month_name(draft.last + 1))


def _enter(rng: Random, stream: Stream, draft: Draft, enrolment: dict[str, Any]) -> None:
    if draft.origin == "migrated":
        migrate(stream, _earlier_month(rng), rng.randint(5, 28), **enrolment)
        return
    if draft.origin == "returned":
        _earlier_spell(rng, stream, enrolment)
    apply_and_enrol(rng, stream, month_name(draft.first), rng.random() < 0.2, **enrolment)


def _earlier_month(rng: Random) -> str:
    """Return a first paid month between February 2019 and December 2022, later ones likelier."""
    return shift("2022-12", -int(46 * rng.random() ** 1.5))


def _earlier_spell(rng: Random, stream: Stream, enrolment: dict[str, Any]) -> None:
    """The household was on the older system's roll and left it before 2023."""
    migrate(stream, shift("2020-01", rng.randint(0, 11)), rng.randint(5, 28), **enrolment)
    effective = shift("2021-07", rng.randint(0, 15))
    stream.do(
        "ExitHousehold",
        day_in(shift(effective, -1), rng.randint(5, 28)),
        migrated=True,
        effective=effective,
        reason="employment",
        legal_basis=ORDER_649_CHANGE,
        decided_by="county",
    )


def _turn(rng: Random, stream: Stream, draft: Draft, person: str) -> None:
    """A member dies or leaves, or the income is assessed anew, in the month of the draft's turn."""
    effective = month_name(draft.turns_in)
    decided = day_in(shift(effective, -1), rng.randint(12, 28))
    fen = draft.income_after * 100
    if draft.turn == "member_died":
        _member_died(rng, stream, person, effective, fen)
    elif draft.turn == "member_left":
        hear(stream, rng, decided, "member_lost")
        reason = rng.choice(("married_out", "found_work", "enlisted", "moved_away"))
        left = stream.do(
            "RemoveMember",
            decided,
            effective=effective,
            person=person,
            income_fen=fen,
            reason=reason,
        )
        notify(stream, rng, decided, left)
    elif fen != draft.income * 100:
        _reassessed(rng, stream, draft, decided)


def _member_died(rng: Random, stream: Stream, person: str, effective: str, fen: int) -> None:
    """A member dies in the month before; the income test follows at once, without the dead."""
    died = day_in(shift(effective, -1), rng.randint(1, 20))
    learned = days_after(died, rng.randint(1, 7))
    stream.do(
        "RecordDeath", learned, effective=effective, person=person, died_on=died, learned_on=learned
    )
    stream.do("ReassessIncome", learned, effective=effective, income_fen=fen, reason="member_died")


def _reassessed(rng: Random, stream: Stream, draft: Draft, decided: str) -> None:
    """The yearly review finds another income; a higher one is decided after a hearing."""
    raised = draft.income_after > draft.income
    fen = draft.income_after * 100
    verified = stream.do("VerifyMeans", days_after(decided, -10), income_fen=fen)
    outcome = "lowered" if raised else "raised"
    stream.do("CompleteReview", days_after(decided, -9), outcome=outcome)
    if raised:
        hear(stream, rng, decided, "higher_income")
    changed = stream.do(
        "ReassessIncome",
        decided,
        effective=month_name(draft.turns_in),
        income_fen=fen,
        verification=verified,
        reason="yearly_review",
    )
    if raised:
        notify(stream, rng, decided, changed)


def _leave(rng: Random, stream: Stream, people: Members, effective: str) -> None:
    """The household leaves; of those who live alone a third by death."""
    if len(people) == 1 and rng.random() < 0.35:
        leave_by_death(stream, rng, people[0]["person"], effective)
        return
    reason = rng.choices(list(REASONS), list(REASONS.values()))[0]
    leave(stream, rng, reason, effective)
