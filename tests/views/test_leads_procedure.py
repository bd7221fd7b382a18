"""Leads about procedure: heard, notified, published, checked, in time."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests.postgres import on_every_server
from tests.views.conftest import Views
from tests.views.facts import AREA, Facts, covered_members, member, named
from tests.views.raised import heard, households, notified, on_roll, raised, reasons


@on_every_server
def test_an_exit_without_a_hearing_on_or_before_its_decision_is_a_lead(
    views: Views, facts: Facts
) -> None:
    unheard, late, in_time = (on_roll(facts) for _ in range(3))
    exits = [
        facts.exited(h, "2026-09", "employment", decided_on="2026-08-20") for h in (unheard, late)
    ]
    heard(facts, late, "exit", "2026-08-21")
    heard(facts, in_time, "exit", "2026-08-20")
    facts.exited(in_time, "2026-09", "employment", decided_on="2026-08-20")
    rows = raised(views, "exit_unheard")
    assert {row["household"] for row in rows} == {unheard, late}
    assert {row["facts"][0] for row in rows} == set(exits)
    assert {(row["month"], row["day"], row["area"]) for row in rows} == {
        ("2026-09", date(2026, 8, 20), AREA)
    }
    assert rows[0]["reason"] == (
        "Left from 2026-09 (employment), decided on 2026-08-20: neither heard nor invited before."
    )


def test_a_death_and_a_signed_request_need_no_hearing(views: Views, facts: Facts) -> None:
    dead, asked, unsigned = (on_roll(facts) for _ in range(3))
    facts.exited(dead, "2026-09", "death", decided_on="2026-08-20")
    facts.exited(asked, "2026-09", decided_on="2026-08-20", signed_request_on="2026-08-18")
    facts.exited(unsigned, "2026-09", decided_on="2026-08-20")
    assert households(views, "exit_unheard") == [unsigned]


def test_a_grace_period_is_the_exit_that_it_brings(views: Views, facts: Facts) -> None:
    household = on_roll(facts)
    raise_ = facts.reassessed(household, "2026-09", 90_000, decided_on="2026-08-20")
    facts.grace(household, "2026-09", "2026-11", raise_, decided_on="2026-08-20")
    [row] = raised(views, "exit_unheard")
    assert (row["month"], row["figures"]["reason"]) == ("2026-12", "grace_ended")
    assert raised(views, "reduction_unheard") == []


def test_what_is_revoked_or_not_yet_known_raises_nothing(views: Views, facts: Facts) -> None:
    household = on_roll(facts)
    before = facts.position
    exit_ = facts.exited(household, "2026-09", "fraud", decided_on="2026-08-20")
    after = facts.position
    facts.change(household, "ExitRevoked", decided_on="2026-09-01", exit=exit_, reason="appeal")
    assert raised(views, "exit_unheard") == []
    assert len(raised(views, "exit_unheard", position=after)) == 1
    assert raised(views, "exit_unheard", position=before) == []


def test_each_reduction_needs_a_hearing_of_its_own(views: Views, facts: Facts) -> None:
    household = on_roll(facts, income=10_000)
    heard(facts, household, "higher_income", "2026-08-01")
    facts.reassessed(household, "2026-09", 20_000, decided_on="2026-08-10")
    facts.reassessed(household, "2026-10", 15_000, decided_on="2026-08-11")
    second = facts.reassessed(household, "2026-11", 30_000, decided_on="2026-08-20")
    [row] = raised(views, "reduction_unheard")
    assert (row["facts"], row["figures"]["reduction"]) == ([second], "higher_income")
    assert (row["figures"]["before_fen"], row["figures"]["after_fen"]) == (15_000, 30_000)


def test_every_kind_of_reduction_is_known(views: Views, facts: Facts) -> None:
    facts.standard("14", "dibao", 59_000, mode="tiered", tiers={"A": 59_000, "B": 43_000})
    persons = facts.persons(3)
    members = [
        *covered_members(persons[:2], supplements=["minor"]),
        member(persons[2], covered=False),
    ]
    household = on_roll(facts, members=members, tier="A")
    decided = {"decided_on": "2026-08-20"}
    facts.change(household, "TierChanged", "2026-09", tier="B", **decided)
    facts.change(household, "PaymentSuspended", "2026-09", reason="unreachable", **decided)
    facts.of_member(
        household,
        "SupplementWithdrawn",
        persons[0],
        "2026-09",
        supplement="minor",
        reason="aged",
        **decided,
    )
    facts.of_member(
        household, "MemberCoverStopped", persons[1], "2026-09", reason="imprisonment", **decided
    )
    left = {"income_fen": 0, "reason": "moved"} | decided
    facts.of_member(household, "MemberLeft", persons[2], "2026-09", **left)
    rows = raised(views, "reduction_unheard")
    assert sorted(row["figures"]["reduction"] for row in rows) == [
        "lower_tier", "member_lost", "supplement_lost", "suspension"
    ]  # fmt: skip
    assert len(raised(views, "reduction_not_notified")) == 4


def test_a_higher_tier_is_no_reduction(views: Views, facts: Facts) -> None:
    facts.standard("14", "dibao", 59_000, mode="tiered", tiers={"A": 59_000, "B": 43_000})
    household = on_roll(facts, tier="B")
    facts.change(household, "TierChanged", "2026-09", tier="A", decided_on="2026-08-20")
    assert raised(views, "reduction_unheard") == []


def test_notices_are_missed_until_they_are_served_for_the_decision(
    views: Views, facts: Facts
) -> None:
    told, untold = on_roll(facts), on_roll(facts)
    for household in (told, untold):
        exit_ = facts.exited(household, "2026-09", "fraud", decided_on="2026-08-20")
        if household == told:
            notified(facts, household, exit_, "2026-08-25")
    assert households(views, "exit_not_notified") == [untold]
    assert reasons(views, "exit_not_notified") == [
        "Left from 2026-09 (fraud); 26 days after the decision of 2026-08-20 no notice is served."
    ]
    assert len(raised(views, "exit_not_notified", "2026-08-22")) == 2
    assert raised(views, "exit_not_notified", "2026-08-22", notice_days=10) == []


def test_a_notice_of_the_corrected_decision_serves_the_correction(
    views: Views, facts: Facts
) -> None:
    household = on_roll(facts)
    first = facts.exited(household, "2026-09", "fraud", decided_on="2026-08-20")
    notified(facts, household, first, "2026-08-25")
    facts.exited(household, "2026-09", "other", decided_on="2026-08-20", corrects=first)
    assert raised(views, "exit_not_notified") == []


def test_decisions_are_published_by_name_or_by_the_next_publication(
    views: Views, facts: Facts
) -> None:
    unpublished, named_, unnamed = facts.enrolled(), on_roll(facts), facts.enrolled()
    facts.change(unnamed, "DecisionPublished", decided_on="2023-02-01")
    facts.exited(named_, "2026-09", "fraud", decided_on="2026-08-20")
    assert households(views, "enrolment_not_published") == [unpublished]
    assert households(views, "exit_not_published") == [named_]


def test_an_enrolment_needs_a_check_since_the_last_exit(views: Views, facts: Facts) -> None:
    unchecked, late, returned = facts.enrolled(), facts.enrolled(), on_roll(facts)
    facts.change(late, "MeansVerified", decided_on="2023-01-20", income_fen=0)
    facts.exited(returned, "2026-09", "fraud", decided_on="2026-08-20")
    facts.enrolled(returned, effective="2026-10", decided_on="2026-09-10")
    assert set(households(views, "enrolled_unchecked")) == {unchecked, returned}
    assert reasons(views, "checked_late") == [
        "Decided on 2023-01-10, checked on 2023-01-20, 10 days later."
    ]


def test_a_check_of_another_stream_or_of_the_household_that_split_is_a_check(
    views: Views, facts: Facts
) -> None:
    first = on_roll(facts)
    facts.enrolled(verification=f"{first}:1", effective="2026-08", decided_on="2026-07-15")
    new = named("new household")
    facts.change(
        first, "HouseholdSplit", "2026-09", decided_on="2026-08-20", new_household=str(new),
        members=[member(facts.person(), "head")], income_fen=0, new_income_fen=0,
    )  # fmt: skip
    facts.enrolled(new, effective="2026-09", decided_on="2026-08-20", came_from=str(first))
    assert raised(views, "enrolled_unchecked") == []


def test_what_an_older_system_lacks_is_one_lead_a_household(views: Views, facts: Facts) -> None:
    household = facts.enrolled(
        members=[member(facts.person(), "head", self_care="unable")],
        programme="tekun.urban",
        migrated=True,
    )
    facts.exited(household, "2023-06", "fraud", migrated=True)
    for code in (
        "exit_unheard",
        "exit_not_notified",
        "enrolled_unchecked",
        "enrolment_not_published",
    ):
        assert raised(views, code) == []
    [row] = raised(views, "migrated_without_procedure")
    assert (row["household"], len(row["facts"])) == (household, 2)
    assert row["figures"]["lacks"] == (
        "enrolled unchecked, enrolment not published, exit not notified, exit not published, "
        "exit unheard, "
        "full care unassessed"
    )


def test_the_last_check_found_assets_over_the_limits(views: Views, facts: Facts) -> None:
    facts.standard("14", "dibao", 74_000)
    over, cleared = on_roll(facts), on_roll(facts)
    for household in (over, cleared):
        facts.change(
            household,
            "MeansVerified",
            decided_on="2026-08-01",
            income_fen=0,
            assets_within_limits=False,
        )
    facts.change(cleared, "MeansVerified", decided_on="2026-08-10", income_fen=0)
    assert households(views, "assets_over_limits") == [over]
    assert "740.00 this month" in reasons(views, "assets_over_limits")[0]
    assert raised(views, "assets_over_limits", "2026-07-31") == []


def test_a_review_is_due_by_policy_by_stability_or_as_it_said(views: Views, facts: Facts) -> None:
    plain, unstable, said, gone = (
        on_roll(facts, "2025-07-10", effective="2025-08") for _ in range(4)
    )
    facts.change(
        unstable, "ReviewCompleted", decided_on="2026-03-01", outcome="unchanged", unstable=True
    )
    facts.change(
        said, "ReviewCompleted", decided_on="2026-03-01", outcome="unchanged", next_due="2027-03"
    )
    facts.exited(gone, "2026-01")
    rows = {row["household"]: row["day"] for row in raised(views, "review_overdue")}
    assert rows == {plain: date(2026, 7, 10), unstable: date(2026, 9, 1)}
    assert raised(views, "review_overdue", "2026-07-10") == []
    facts.policy("14", "review.months", 24)
    assert households(views, "review_overdue") == [unstable]


def test_a_decision_is_overdue_by_the_clock_of_its_acceptance(views: Views, facts: Facts) -> None:
    """From 1 July to 12 August 2026 there are 30 working days, to 13 August 31."""
    waiting, special, decided = facts.persons(3)
    for household, clock in ((waiting, "regular"), (special, "special"), (decided, "regular")):
        facts.change(
            household, "ApplicationReceived", area=AREA, channel="counter", decided_on="2026-06-30"
        )
        facts.change(household, "ApplicationAccepted", decided_on="2026-07-01", clock=clock)
    facts.change(decided, "ApplicationRefused", decided_on="2026-08-14", reason="x")
    assert raised(views, "decision_overdue", "2026-08-12") == []
    assert households(views, "decision_overdue", "2026-08-13", area=AREA) == sorted(
        [waiting, decided]
    )
    assert households(views, "decision_overdue", "2026-08-14") == [waiting]
    assert reasons(views, "decision_late", "2026-08-14") == [
        "Accepted on 2026-07-01, decided on 2026-08-14 after 32 working days (regular: 30)."
    ]


def test_who_waits_since_before_the_calendar_begins_is_overdue_for_certain(
    views: Views, facts: Facts
) -> None:
    household = facts.person()
    facts.change(
        household, "ApplicationReceived", area=AREA, channel="counter", decided_on="2016-05-01"
    )
    facts.change(household, "ApplicationAccepted", decided_on="2016-06-01")
    assert households(views, "decision_overdue") == [household]


def test_backdated_acts_are_one_lead_a_household(views: Views, facts: Facts) -> None:
    household = facts.enrolled(
        effective="2023-01", decided_on="2022-12-10", at=datetime(2023, 3, 31, tzinfo=UTC)
    )
    assert reasons(views, "recorded_late") == [
        "Recorded late: 1, one of them 111 days after its decision."
    ]
    facts.reassessed(household, "2023-02", 0, decided_on="2023-06-10")
    facts.reassessed(household, "2023-03", 0, decided_on="2023-06-10")
    facts.reassessed(household, "2023-01", 0, decided_on="2023-06-10", migrated=True)
    [row] = raised(views, "effective_long_before")
    assert (row["figures"]["acts"], row["month"]) == (1, "2023-02")
    assert row["reason"] == (
        "Reaching back: 1, the first to 2023-02, the farthest 4 months before its decision."
    )
