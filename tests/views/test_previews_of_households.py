"""Previews of a household's facts, of lists and of recoveries: months and open parts come out as told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg

from projections.previews import previews
from projections.previews.previews import wanted
from projections.totals import totals
from tests.views.facts import Facts, member, named
from tests.views.lists import STREAM, Lists
from tests.views.previewing import (
    CITY,
    EXIT,
    TOWN_A,
    Fact,
    contents,
    facts,
    lists,
    next_fact,
    one,
    record,
)

__all__ = ["facts", "lists"]


def comes_true(lists: Lists, *said: Fact, last: str = "2026-09") -> dict[str, Any]:
    """Preview facts, record them, and see that everything is as it was said, before and after."""
    views = lists.views
    before, last_month = contents_of(lists, last), wanted(last=last)
    held = contents(views.dsn)
    found = previews.preview(views.projections(), list(said), last_month)
    assert contents(views.dsn) == held
    record(views.facts, *said)
    after = contents_of(lists, last)
    for side, real in (("fen_before", before), ("fen_after", after)):
        for kind in ("months", "open_parts"):
            assert said_of(found, kind, side) == {
                key: fen for key, fen in real[kind].items() if key in keys_of(found, kind)
            }
    for kind in ("months", "open_parts"):
        changed = {
            key
            for key in before[kind].keys() | after[kind].keys()
            if before[kind].get(key) != after[kind].get(key)
        }
        assert changed <= keys_of(found, kind)
    return found


def keys_of(found: dict[str, Any], kind: str) -> set[tuple[UUID, str]]:
    return {(one["household"], row["month"]) for one in found["households"] for row in one[kind]}


def said_of(found: dict[str, Any], kind: str, side: str) -> dict[tuple[UUID, str], int]:
    return {
        (one["household"], row["month"]): row[side]
        for one in found["households"]
        for row in one[kind]
        if row[side]
    }


def contents_of(lists: Lists, last: str) -> dict[str, dict[tuple[UUID, str], int]]:
    """What the projections now answer for every household: amounts, and what is open."""
    projections = lists.views.projections()
    as_of = projections.as_of()
    scope = totals.scope("2026-01", last)
    lines = [*totals.lines(projections, scope, as_of)]
    with psycopg.connect(lists.views.dsn) as connection:
        rows = connection.execute("select distinct household from register.areas").fetchall()
    asked = {
        "position": as_of.position, "first": scope.first, "last": scope.last,
        "households": [household for (household,) in rows],
    }  # fmt: skip
    balances = projections.rows("payment_lists", "balances_of_households", asked)
    return {
        "months": {
            (line["household"], f"{line['month']:%Y-%m}"): line["entitled_fen"]
            for line in lines
            if line["entitled_fen"]
        },
        "open_parts": {
            (row["household"], f"{row['month']:%Y-%m}"): row["fen"]
            for row in balances
            if row["fen"]
        },
    }


def test_an_exit_takes_the_months_away_and_leaves_what_was_listed_overpaid(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    one(facts)
    lists.freeze(CITY, "2026-07")
    found = comes_true(lists, next_fact(facts, household, "HouseholdExited", **EXIT))
    (told,) = found["households"]
    assert told["household"] == household
    assert told["months"] == [
        {"month": month, "fen_before": 78_000, "fen_after": 0}
        for month in ("2026-07", "2026-08", "2026-09")
    ]
    assert told["open_parts"] == [
        {"month": "2026-07", "fen_before": 0, "fen_after": -78_000},
        {"month": "2026-08", "fen_before": 78_000, "fen_after": 0},
        {"month": "2026-09", "fen_before": 78_000, "fen_after": 0},
    ]
    assert (found["list_month"], found["households_touched"]) == ("2026-09", 1)


def test_a_correction_and_a_revocation_take_their_places(lists: Lists, facts: Facts) -> None:
    household = one(facts)
    income = facts.reassessed(household, "2026-07", 10_000)
    exit_ = facts.exited(household, "2026-08")
    reassessed: Fact = {
        "spell": 1, "effective": "2026-08", "income_fen": 20_000, "corrects": income, "rank": 2,
    }  # fmt: skip
    comes_true(lists, next_fact(facts, household, "IncomeReassessed", **reassessed))
    revoked = next_fact(facts, household, "ExitRevoked", exit=exit_, reason="error")
    found = comes_true(lists, revoked)
    assert [row["month"] for row in found["households"][0]["months"]] == ["2026-08", "2026-09"]


def test_facts_that_name_one_another_are_taken_together(lists: Lists, facts: Facts) -> None:
    household, worker = one(facts), named("worker")
    income = next_fact(
        facts, household, "IncomeReassessed", spell=1, effective="2026-08", income_fen=50_000
    )
    grace = next_fact(
        facts, household, "GracePeriodStarted", after=1, spell=1, effective="2026-08",
        until="2026-08", defers=income["id"], person=str(worker), decided_by="county",
    )  # fmt: skip
    found = comes_true(lists, income, grace)
    assert found["households"][0]["months"] == [
        {"month": "2026-09", "fen_before": 78_000, "fen_after": 0}
    ]


def test_a_correction_of_a_fact_of_the_same_trial_takes_its_place(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    said: Fact = {"spell": 1, "effective": "2026-08"}
    income = next_fact(facts, household, "IncomeReassessed", **said, income_fen=50_000)
    corrected = next_fact(
        facts, household, "IncomeReassessed", after=1, **said, income_fen=5_000,
        corrects=income["id"], rank=2,
    )  # fmt: skip
    found = comes_true(lists, income, corrected)
    assert [row["fen_after"] for row in found["households"][0]["months"]] == [73_000, 73_000]


def test_an_enrolment_brings_months_and_persons_of_its_own(lists: Lists, facts: Facts) -> None:
    household, person = named("new household"), facts.person()
    enrolled = next_fact(
        facts, household, "HouseholdEnrolled", spell=1, effective="2026-08", programme="dibao.urban",
        area=TOWN_A, income_fen=8_000, members=[member(person, "head")], decided_by="county",
        legal_basis="Law 18", tier=None,
    )  # fmt: skip
    cover = next_fact(
        facts, person, "CoverTaken", household=str(household), programme="dibao.urban",
        effective="2026-08",
    )  # fmt: skip
    found = comes_true(lists, enrolled, cover)
    assert [row["fen_after"] for row in found["households"][0]["months"]] == [70_000, 70_000]


def test_a_merger_tells_of_both_households(lists: Lists, facts: Facts) -> None:
    absorbed, survivor = one(facts), one(facts)
    lists.freeze(CITY, "2026-07")
    found = comes_true(lists, merger(facts, survivor, absorbed), absorption(facts, absorbed))
    assert [row["household"] for row in found["households"]] == sorted([absorbed, survivor])


def merger(facts: Facts, survivor: UUID, absorbed: UUID, **more: Any) -> Fact:
    """What a survivor's stream says of a merger in August; who is absorbed brings one person."""
    return next_fact(
        facts, survivor, "HouseholdsMerged", spell=1, effective="2026-08", absorbed=str(absorbed),
        income_fen=0, members=[member(facts.person(), "parent")], legal_basis="Law 18",
        decided_by="county", **more,
    )  # fmt: skip


def absorption(facts: Facts, absorbed: UUID) -> Fact:
    """What the stream of who is absorbed says of the same merger."""
    return next_fact(
        facts, absorbed, "HouseholdExited", **EXIT | {"effective": "2026-08", "reason": "merged"}
    )


def parts_of(found: dict[str, Any], household: UUID) -> list[Any]:
    """What a preview says is open of a household."""
    (parts,) = [o["open_parts"] for o in found["households"] if o["household"] == household]
    return list(parts)


def test_a_merger_brings_in_who_is_absorbed_as_it_was_before(lists: Lists, facts: Facts) -> None:
    absorbed, survivor = one(facts, "2026-08"), one(facts, "2026-08")
    found = comes_true(lists, merger(facts, survivor, absorbed), last="2026-08")
    assert parts_of(found, absorbed) == [
        {"month": "2026-08", "fen_before": 78_000, "fen_after": 78_000}
    ]


def test_a_merger_that_is_revoked_tells_what_is_open_again_of_who_was_absorbed(
    lists: Lists, facts: Facts
) -> None:
    absorbed, survivor = one(facts, "2026-08"), one(facts, "2026-08")
    lists.freeze(CITY, "2026-08")
    record(facts, merger(facts, survivor, absorbed), absorption(facts, absorbed))
    revoked = next_fact(
        facts, survivor, "EnrolmentRevoked", spell=1, enrolment=f"{survivor}:1", reason="error",
        legal_basis="Law 18",
    )  # fmt: skip
    found = comes_true(lists, revoked, last="2026-08")
    assert parts_of(found, absorbed) == [
        {"month": "2026-08", "fen_before": 0, "fen_after": -78_000}
    ]


def test_a_corrected_merger_tells_of_who_was_absorbed_and_of_who_is(
    lists: Lists, facts: Facts
) -> None:
    survivor, wrong, right = (one(facts, "2026-08") for _ in range(3))
    record(facts, merger(facts, survivor, wrong))
    corrected = merger(facts, survivor, right, corrects=f"{survivor}:2", rank=2)
    found = comes_true(lists, corrected, last="2026-08")
    for household in (wrong, right):
        assert parts_of(found, household) == [
            {"month": "2026-08", "fen_before": 78_000, "fen_after": 78_000}
        ]


def test_money_that_comes_back_is_told_of_the_household_it_comes_from(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    lists.freeze(CITY, "2026-07")
    exit_ = facts.exited(household, "2026-07")
    recovery = lists.order(household, {"2026-07": 78_000})
    facts.change(household, "ExitRevoked", exit=exit_)
    received = next_fact(
        facts, STREAM, "RecoveryReceived", recovery=str(recovery), amount_fen=30_000
    )
    found = comes_true(lists, received, last="2026-07")
    assert found["households"] == [
        {"household": household, "months": [],
         "open_parts": [{"month": "2026-07", "fen_before": 0, "fen_after": 30_000}]}
    ]  # fmt: skip


def test_a_list_that_is_rejected_leaves_its_households_open_again(
    lists: Lists, facts: Facts
) -> None:
    households = {one(facts) for _ in range(3)}
    july = lists.freeze(CITY, "2026-07")
    rejected = next_fact(facts, STREAM, "PaymentListRejected", list=str(july), reason="error")
    found = comes_true(lists, rejected, last="2026-07")
    assert {row["household"] for row in found["households"]} == households
    assert {row["fen_after"] for one in found["households"] for row in one["open_parts"]} == {
        78_000
    }


def test_months_are_told_up_to_now_or_as_far_as_the_facts_reach(lists: Lists, facts: Facts) -> None:
    household = one(facts)
    exited = next_fact(facts, household, "HouseholdExited", **EXIT | {"effective": "2098-12"})
    found = previews.preview(lists.views.projections(), [exited], wanted(first="2098-11"))
    assert (found["from"], found["to"]) == ("2098-11", "2098-12")
    assert [row["month"] for row in found["households"][0]["months"]] == ["2098-12"]
    assert previews.preview(lists.views.projections(), [exited])["from"] == "2026-07"
    enacted = next_fact(facts, household, "HouseholdExited", **EXIT)
    now = f"{lists.views.projections().today():%Y-%m}"
    assert previews.preview(lists.views.projections(), [enacted])["to"] == max(now, "2026-07")
