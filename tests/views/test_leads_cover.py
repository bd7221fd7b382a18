"""Leads about the roll: late exits, returns, double cover, matches, what was missed."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tests.postgres import on_every_server
from tests.views.conftest import Views
from tests.views.facts import AREA, Facts, covered_members, member, named
from tests.views.raised import households, on_roll, raised, reasons

OTHER = "140404001"


@pytest.fixture(autouse=True)
def standards(facts: Facts) -> None:
    facts.standard("14", "dibao", 74_000)
    facts.standard("14", "tekun", 96_200, mode="full", care={"unable": 80_000})


def alert(facts: Facts, name: str, kind: str, on: str = "2026-08-03", **more: Any) -> UUID:
    """An alert, of normal urgency unless said otherwise."""
    said = {"area": AREA, "urgency": "normal", "source": "registers"} | more
    facts.record(named(name), "AlertRaised", kind=kind, decided_on=on, **said)
    return named(name)


def recognised(facts: Facts, recognition: str, persons: list[UUID], **more: Any) -> UUID:
    """A household with a recognition from January 2026 on."""
    household = facts.person()
    facts.record(
        household, "RecognitionRecorded", effective="2026-01", area=AREA, recognition=recognition,
        persons=[str(person) for person in persons], **more,
    )  # fmt: skip
    return household


def test_an_exit_decided_in_months_not_due_came_too_late(views: Views, facts: Facts) -> None:
    late, in_time = on_roll(facts), on_roll(facts)
    facts.exited(late, "2026-08", "fraud", decided_on="2026-09-03")
    facts.exited(in_time, "2026-10", "fraud", decided_on="2026-09-30")
    assert reasons(views, "stopped_late") == [
        "Not due from 2026-08 (fraud), decided on 2026-09-03; months that may have been paid: 2."
    ]
    assert households(views, "stopped_late") == [late]


def test_a_death_learned_of_late_is_a_lead(views: Views, facts: Facts) -> None:
    person = facts.person()
    household = on_roll(facts, members=covered_members([person]))
    died = {"died_on": "2026-07-31", "learned_on": "2026-09-01", "decided_on": "2026-09-02"}
    facts.of_member(household, "MemberDied", person, "2026-08", **died)
    [row] = raised(views, "death_learned_late")
    assert (row["person"], row["figures"]["days"]) == (person, 32)
    assert raised(views, "death_learned_late", death_days=32) == []


def test_a_household_whose_covered_members_died_is_still_on_the_roll(
    views: Views, facts: Facts
) -> None:
    persons = facts.persons(2)
    members = [member(persons[0], "head"), member(persons[1], covered=False)]
    household = on_roll(facts, members=members)
    death = facts.of_member(
        household,
        "MemberDied",
        persons[0],
        "2026-09",
        died_on="2026-08-02",
        decided_on="2026-08-05",
    )
    [row] = raised(views, "on_roll_without_covered")
    assert (row["facts"][1], row["day"]) == (death, date(2026, 8, 2))
    assert raised(views, "on_roll_without_covered", "2026-08-20") == []


@on_every_server
def test_who_is_back_within_the_months_returned_soon(views: Views, facts: Facts) -> None:
    soon = facts.enrolled(effective="2025-01")
    later = facts.enrolled(effective="2025-01")
    for household, back in ((soon, "2026-05"), (later, "2026-08")):
        facts.exited(household, "2025-06", "employment")
        facts.enrolled(household, effective=back)
    assert reasons(views, "returned_soon") == [
        "Left from 2025-06 (employment), back from 2026-05; months between: 11."
    ]
    assert len(raised(views, "returned_soon", return_months=14)) == 2


def test_a_person_covered_by_two_households_is_a_lead_in_both_areas(
    views: Views, facts: Facts
) -> None:
    person = facts.person()
    first = on_roll(facts, members=covered_members([person]))
    second = on_roll(facts, members=covered_members([person]), area=OTHER)
    assert set(households(views, "covered_twice")) == {first, second}
    [row] = raised(views, "covered_twice", area="140404")
    assert (row["household"], len(row["facts"]), row["figures"]["households"]) == (second, 2, 2)
    facts.exited(first, "2026-09")
    assert raised(views, "covered_twice") == []


def test_a_member_of_a_dibao_household_covered_by_tekun_is_a_lead(
    views: Views, facts: Facts
) -> None:
    persons = facts.persons(2)
    dibao = on_roll(facts, members=[member(persons[0], "head"), member(persons[1], covered=False)])
    on_roll(facts, members=covered_members([persons[1]]), programme="tekun.urban", area=OTHER)
    [row] = raised(views, "dibao_beside_tekun", area="140403")
    assert (row["household"], row["person"]) == (dibao, persons[1])


def test_a_covered_orphan_is_a_lead_while_the_recognition_lasts(views: Views, facts: Facts) -> None:
    person = facts.person()
    household = on_roll(facts, members=covered_members([person]))
    recognised(facts, "orphan", [person], until="2026-09")
    assert households(views, "roll_beside_orphan") == [household]
    assert raised(views, "roll_beside_orphan", "2026-10-01") == []


def test_a_base_of_zero_is_a_lead(views: Views, facts: Facts) -> None:
    household = on_roll(facts, members=2, income=150_000)
    on_roll(facts, members=2, income=147_999)
    assert households(views, "base_zero") == [household]
    assert reasons(views, "base_zero") == [
        "2 covered of 2, income 1,500.00 a month against a standard of 740.00 a month: nothing "
        "is due."
    ]


def test_a_household_without_a_rate_is_a_lead(views: Views, facts: Facts) -> None:
    household = on_roll(facts, area="310101001")
    assert households(views, "no_rate") == [household]
    assert raised(views, "base_zero") == []


def test_full_care_needs_an_assessment(views: Views, facts: Facts) -> None:
    persons = facts.persons(2)
    roll = {"programme": "tekun.urban"}
    unassessed = on_roll(facts, members=[member(persons[0], "head", self_care="unable")], **roll)
    assessed = on_roll(facts, members=[member(persons[1], "head", self_care="unable")], **roll)
    facts.of_member(assessed, "SelfCareAssessed", persons[1], "2026-08", self_care="unable")
    on_roll(facts, members=[member(facts.person(), "head", self_care="partial")], **roll)
    [row] = raised(views, "care_unassessed")
    assert (row["household"], row["person"]) == (unassessed, persons[0])


def test_an_account_that_many_households_name_is_one_lead(views: Views, facts: Facts) -> None:
    digest = "ab" * 32
    for number in range(4):
        household = on_roll(facts)
        payee = {"person": str(facts.person()), "account_digest": digest}
        facts.change(household, "PayeeDesignated", "2026-08", **payee)
        if number == 3:
            facts.change(
                household, "PayeeDesignated", "2026-09", **payee | {"account_digest": "cd" * 32}
            )
    assert reasons(views, "shared_payee") == [
        "The account abababababab… receives 2,220.00 a month for 3 households."
    ]
    assert len(raised(views, "shared_payee")[0]["facts"]) == 3
    assert raised(views, "shared_payee", payee_households=4) == []
    assert raised(views, "shared_payee", "2026-08-31", payee_households=4) != []


def test_a_relative_of_staff_on_the_roll_is_a_lead(views: Views, facts: Facts) -> None:
    household = facts.person()
    facts.change(household, "ApplicationAccepted", decided_on="2026-07-01", relative_of_staff=True)
    on_roll(facts, household=household)
    assert households(views, "relative_of_staff") == [household]
    facts.exited(household, "2026-09")
    assert raised(views, "relative_of_staff") == []


def test_a_death_match_of_somebody_covered_is_a_lead_until_resolved(
    views: Views, facts: Facts
) -> None:
    person = facts.person()
    household = on_roll(facts, members=covered_members([person]))
    match = alert(facts, "match", "death_match", person=str(person))
    alert(facts, "stranger", "death_match", person=str(facts.person()))
    [row] = raised(views, "death_match_on_roll")
    assert (row["household"], row["person"], row["figures"]["days"]) == (household, person, 43)
    facts.record(match, "AlertResolved", decided_on="2026-09-01", outcome="false_match")
    assert raised(views, "death_match_on_roll") == []


def test_imprisonment_is_a_lead_from_the_month_after_the_alert_unless_false(
    views: Views, facts: Facts
) -> None:
    person = facts.person()
    on_roll(facts, members=covered_members([person]))
    match = alert(facts, "match", "imprisonment", person=str(person))
    assert raised(views, "imprisonment_on_roll", "2026-08-31") == []
    assert len(raised(views, "imprisonment_on_roll")) == 1
    facts.record(match, "AlertResolved", decided_on="2026-09-01", outcome="reassessed")
    assert "(outcome: reassessed)" in reasons(views, "imprisonment_on_roll")[0]


def test_matched_means_are_a_lead_for_person_or_household(views: Views, facts: Facts) -> None:
    person = facts.person()
    first, second = on_roll(facts, members=covered_members([person])), on_roll(facts)
    alert(facts, "car", "vehicle", person=str(person))
    alert(facts, "firm", "company", household=str(second))
    alert(facts, "bill", "large_medical_bill", household=str(second))
    assert set(households(views, "means_match_on_roll")) == {first, second}
    assert raised(views, "means_match_on_roll", area="140404") == []


def test_an_alert_is_unresolved_after_the_days_of_its_urgency(views: Views, facts: Facts) -> None:
    alert(facts, "urgent", "accident", "2026-09-11", urgency="urgent")
    alert(facts, "high", "accident", "2026-09-11", urgency="high")
    alert(facts, "normal", "job_lost", "2026-08-01")
    rows = raised(views, "alert_unresolved")
    assert [row["figures"]["urgency"] for row in rows] == ["normal", "urgent"]
    assert len(raised(views, "alert_unresolved", high_days=3)) == 3


def test_a_referral_without_an_answer_is_a_lead(views: Views, facts: Facts) -> None:
    household = on_roll(facts)
    made: dict[str, Any] = {
        "decided_on": "2026-08-10",
        "household": str(household),
        "to": "housing",
        "need": "rent",
    }
    for name in ("open", "accepted"):
        facts.record(named(name), "ReferralMade", **made)
    facts.record(named("accepted"), "ReferralAnswered", decided_on="2026-08-20", outcome="accepted")
    assert reasons(views, "referral_unanswered") == [
        "Referred to housing (rent) on 2026-08-10: no answer after 36 days."
    ]


def test_a_severely_disabled_marginal_member_not_covered_was_missed(
    views: Views, facts: Facts
) -> None:
    by_alert, by_recognition, covered = facts.persons(3)
    marginal = recognised(facts, "marginal", [by_alert, by_recognition, covered])
    recognised(facts, "severe_disability", [by_recognition, covered])
    alert(facts, "grade", "disability_grade", person=str(by_alert))
    on_roll(facts, members=covered_members([covered]), single_person=True, area=OTHER)
    rows = raised(views, "disabled_not_enrolled", area=AREA)
    assert {(row["household"], row["person"]) for row in rows} == {
        (marginal, by_alert), (marginal, by_recognition)
    }  # fmt: skip
