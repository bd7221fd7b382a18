"""Household histories: every fact, what it changed, the amounts, the spells and the chain."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from uuid import UUID

import pytest

from projections import rebuild
from projections.errors import NotFound
from projections.household_histories import changes, histories
from tests.postgres import on_every_server
from tests.views.conftest import Views
from tests.views.facts import AREA, Facts, covered_members, member, named
from tests.views.histories import full, history, names, spans

COUNTY = AREA[:6]
MONTHS = [f"2023-{n:02d}" for n in range(1, 13)]


@on_every_server
def test_every_fact_comes_in_order_with_three_dates_who_and_why(views: Views, facts: Facts) -> None:
    household = facts.person()
    verified = facts.record(household, "MeansVerified", income_fen=0, decided_on="2023-01-05")
    facts.enrolled(
        household, effective="2023-02", verification=verified, legal_basis="Law 18",
        at=datetime(2023, 1, 11, tzinfo=UTC),
    )  # fmt: skip
    left = facts.exited(household, "2023-06", "employment", legal_basis="Law 48", actor="decider-9")
    told = history(views, household)
    assert names(told) == ["MeansVerified", "HouseholdEnrolled", "HouseholdExited"]
    enrolled = told["facts"][1]
    assert (enrolled["effective"], enrolled["decided_on"]) == ("2023-02", "2023-01-10")
    assert enrolled["recorded_at"] == datetime(2023, 1, 11, tzinfo=UTC)
    assert (enrolled["legal_basis"], enrolled["evidence"]) == ("Law 18", [verified])
    last = told["facts"][2]
    assert (last["id"], last["position"], last["actor"], last["reason"]) == (
        left,
        3,
        "decider-9",
        "employment",
    )
    assert last["data"]["decided_on"] == "2023-01-10"


def test_revoking_an_enrolment_marks_every_fact_of_its_spell(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    enrolment = facts.last(household)
    facts.reassessed(household, "2023-02", 1)
    facts.change(household, "HomeVisited", found="no_need")
    revoked = facts.change(
        household, "EnrolmentRevoked", enrolment=enrolment, reason="error", legal_basis="Law 48"
    )
    told = full(views, household)
    assert [fact["revoked_by"] for fact in told["facts"]] == [revoked, revoked, None, None]
    assert (told["spells"], told["amounts"]) == ([], [])


@on_every_server
def test_spells_have_number_months_reason_and_grace(views: Views, facts: Facts) -> None:
    household = facts.enrolled(effective="2023-01")
    facts.grace(household, "2023-03", "2023-05", facts.reassessed(household, "2023-03", 9))
    facts.enrolled(household, effective="2023-08", single_person=True)
    facts.exited(household, "2023-10", "fraud")
    told = history(views, household)
    assert spans(told) == [
        (1, "2023-01", "2023-06", "grace_ended"),
        (2, "2023-08", "2023-10", "fraud"),
    ]
    first, second = told["spells"]
    assert (first["grace_from"], first["grace_until"], first["exit"]) == (
        "2023-03",
        "2023-05",
        f"{household}:3",
    )
    assert (second["grace_from"], second["single_person"]) == (None, True)


def test_an_exit_in_the_grace_period_takes_the_place_of_its_end(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    facts.grace(household, "2023-03", "2023-05", facts.reassessed(household, "2023-03", 9))
    facts.exited(household, "2023-04", "moved_away")
    assert spans(history(views, household)) == [(1, "2023-01", "2023-04", "moved_away")]


def test_as_of_a_month_what_takes_effect_later_is_left_out(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    facts.change(household, "ReviewCompleted", outcome="unchanged", decided_on="2023-02-28")
    facts.change(household, "ReviewCompleted", outcome="unchanged", decided_on="2023-03-01")
    facts.exited(household, "2023-03")
    told = history(views, household, month="2023-02")
    assert names(told) == ["HouseholdEnrolled", "ReviewCompleted"]
    assert spans(told) == [(1, "2023-01", None, None)]
    assert spans(history(views, household, month="2023-03"))[0][2] == "2023-03"


def test_facts_recorded_later_do_not_appear(views: Views, facts: Facts) -> None:
    household = facts.enrolled(at=datetime(2023, 1, 2, tzinfo=UTC))
    facts.exited(household, "2023-02", at=datetime(2023, 3, 2, tzinfo=UTC))
    asked = views.projections()
    as_of = asked.as_of(known_at=datetime(2023, 3, 1, tzinfo=UTC))
    assert names(histories.history(asked, histories.asked(household), as_of)) == [
        "HouseholdEnrolled"
    ]


@on_every_server
def test_alerts_grants_and_services_that_name_the_household_are_part_of_it(
    views: Views, facts: Facts
) -> None:
    household, alert, found, referral, grant, service, aid, person = facts.persons(8)
    facts.record(alert, "AlertRaised", area=AREA, kind="accident", urgency="high", source="grid")
    facts.record(alert, "HomeVisited", found="needs_help")
    facts.record(found, "AlertRaised", area=AREA, kind="accident", urgency="high", source="grid")
    facts.record(household, "ApplicationReceived", area=AREA, channel="proactive", alert=str(alert))
    facts.enrolled(household)
    facts.record(
        referral,
        "ReferralMade",
        household=str(household),
        to="charity",
        need="goods",
        alert=str(found),
    )
    facts.record(referral, "ReferralAnswered", outcome="helped")
    facts.record(
        grant,
        "EmergencyAidGranted",
        area=AREA,
        amount_fen=100,
        cause="fire",
        form="cash",
        level="town",
    )
    facts.record(grant, "PaperworkCompleted", household=str(household))
    facts.record(
        service, "ServiceDelivered", household=str(household), kind="care", month="2023-02"
    )
    facts.record(
        aid,
        "DepartmentAidReported",
        household=str(household),
        department="education",
        month="2023-02",
    )
    facts.record(person, "CoverTaken", household=str(household), programme="dibao.urban")
    facts.record(alert, "AlertResolved", outcome="enrolled", household=str(facts.person()))
    told = history(views, household)
    assert names(told) == [
        "AlertRaised", "HomeVisited", "AlertRaised", "ApplicationReceived", "HouseholdEnrolled",
        "ReferralMade", "ReferralAnswered", "EmergencyAidGranted", "PaperworkCompleted",
        "ServiceDelivered", "DepartmentAidReported", "AlertResolved",
    ]  # fmt: skip
    assert {fact["stream"] for fact in told["facts"]} == {
        str(stream) for stream in (household, alert, found, referral, grant, service, aid)
    }
    assert names(history(views, household, position=5)) == [
        "AlertRaised", "HomeVisited", "ApplicationReceived", "HouseholdEnrolled",
    ]  # fmt: skip
    assert all(
        f["changes"] == [] for f in full(views, household)["facts"] if f["stream"] != str(household)
    )


@on_every_server
def test_the_chain_is_followed_through_splits_merges_moves_and_in_both_directions(
    views: Views, facts: Facts
) -> None:
    persons = facts.persons(4)
    old, split, absorbed, moved, single = (
        named(n) for n in ("old", "split", "absorbed", "moved", "single")
    )
    facts.enrolled(old, members=covered_members(persons[:2]))
    facts.enrolled(absorbed, members=covered_members(persons[2:3]))
    facts.change(
        old, "HouseholdSplit", "2023-02", new_household=str(split), income_fen=0,
        members=[member(persons[1], "head")],
    )  # fmt: skip
    facts.enrolled(split, effective="2023-02", came_from=str(old))
    facts.change(
        split, "HouseholdsMerged", "2023-03", absorbed=str(absorbed), members=[], income_fen=0
    )
    facts.exited(absorbed, "2023-03", "merged", went_to=str(split))
    facts.record(
        moved, "ApplicationReceived", channel="transfer", area=AREA, transfer_from=str(old)
    )
    facts.enrolled(single, single_person=True, beside=str(moved))
    facts.enrolled()
    links = {
        (link["household"], link["kind"], link["other"]) for link in full(views, absorbed)["chain"]
    }
    expected = [
        (old, "new_household", split), (split, "came_from", old), (split, "absorbed", absorbed),
        (absorbed, "went_to", split), (moved, "transfer_from", old), (single, "beside", moved),
    ]  # fmt: skip
    assert links == {(str(a), kind, str(b)) for a, kind, b in expected}
    assert full(views, single)["chain"] == full(views, old)["chain"]


def test_a_corrected_link_is_none_from_the_correction_on(views: Views, facts: Facts) -> None:
    household, first, second = (named(name) for name in ("one", "first", "second"))
    left = facts.exited(facts.enrolled(household), "2023-02", "merged", went_to=str(first))
    views.projections()
    facts.exited(household, "2023-02", "merged", went_to=str(second), corrects=left)
    assert [link["other"] for link in full(views, household)["chain"]] == [str(second)]


def test_an_unknown_household_is_not_found(views: Views, facts: Facts) -> None:
    household = facts.person()
    facts.record(
        facts.person(), "ReferralMade", household=str(household), to="charity", need="goods"
    )
    asked = views.projections()
    with pytest.raises(NotFound):
        histories.history(asked, histories.asked(household), asked.as_of())
    with pytest.raises(NotFound):
        changes.state(asked, household, "2023-01", asked.as_of())


def random_life(facts: Facts, seed: int) -> UUID:
    """A household that enters and leaves in any order, with corrections, revocations and grace."""
    rng, household = Random(seed), facts.person()
    turns: list[tuple[str, str]] = []
    for _ in range(rng.randint(4, 12)):
        month, act = (
            rng.choice(MONTHS),
            rng.choice(["enrol", "exit", "grace", "correct", "revoke", "void"]),
        )
        same = [fact for kind, fact in turns if kind in ("enrol", "exit")]
        exits = [fact for kind, fact in turns if kind in ("exit", "grace")]
        if act == "enrol" or not turns:
            facts.enrolled(household, effective=month)
            turns.append(("enrol", facts.last(household)))
        elif act == "exit":
            turns.append(("exit", facts.exited(household, month)))
        elif act == "grace":
            defers = facts.reassessed(household, month, 10)
            turns.append(
                ("grace", facts.grace(household, month, max(month, rng.choice(MONTHS)), defers))
            )
        elif act == "correct" and turns[-1][1] in same:
            kind, fact = turns[-1]
            if kind == "enrol":
                facts.enrolled(household, effective=month, corrects=fact)
            else:
                facts.exited(household, month, corrects=fact)
            turns[-1] = (kind, facts.last(household))
        elif act == "revoke" and exits:
            facts.change(household, "ExitRevoked", exit=rng.choice(exits), reason="appeal")
        elif act == "void" and rng.random() < 0.2:
            facts.change(
                household, "EnrolmentRevoked", enrolment=turns[0][1], reason="x", legal_basis="x"
            )
    return household


def test_spells_agree_with_the_registers_months_on_the_roll(views: Views, facts: Facts) -> None:
    households = [random_life(facts, seed) for seed in range(60)]
    asked, told = views.projections(), 0
    for household in households:
        as_of = asked.as_of()
        spells = histories.history(asked, histories.asked(household), as_of)["spells"]
        months = {m for s in spells for m in MONTHS if s["from"] <= m < (s["to"] or "9999-12")}
        lines = views.lines(household, MONTHS[0], MONTHS[-1])
        assert months == {f"{line['month']:%Y-%m}" for line in lines}
        told += len(months)
    assert told > 100


def test_a_rebuilt_history_is_the_same(views: Views, facts: Facts) -> None:
    households = [random_life(facts, seed) for seed in range(5)]
    facts.change(
        households[0],
        "HouseholdSplit",
        "2023-12",
        new_household=str(households[1]),
        members=[],
        income_fen=0,
    )
    before = [full(views, household) for household in households]
    rebuild.rebuild(views.dsn, views.dsn)
    assert [full(views, household) for household in households] == before
