"""Leads about help-first aid: paperwork, ceilings, several grants."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.postgres import on_every_server
from tests.views.conftest import Views
from tests.views.facts import AREA, Facts, named
from tests.views.raised import raised, reasons
from tests.views.test_help_first import ended, granted

TOWN_CEILING = "help_first.ceiling_fen.town"


def above(facts: Facts, name: str, amount: int, **more: Any) -> UUID:
    """A grant on 3 August 2026."""
    return granted(facts, name, "2026-08-03", amount, **more)


@on_every_server
def test_paperwork_is_a_lead_once_it_is_overdue(views: Views, facts: Facts) -> None:
    grant = above(facts, "flood", 150_000)
    ended(facts, grant, "2026-08-10")
    assert raised(views, "paperwork_overdue", "2026-08-24") == []
    assert reasons(views, "paperwork_overdue", "2026-08-26") == [
        "The emergency ended on 2026-08-10, paperwork for 1,500.00 was due on 2026-08-24: "
        "2 working days overdue."
    ]
    facts.record(grant, "PaperworkCompleted", decided_on="2026-08-27")
    assert raised(views, "paperwork_overdue", "2026-08-27") == []


def test_paperwork_due_beyond_the_calendar_is_not_overdue(views: Views, facts: Facts) -> None:
    ended(facts, above(facts, "flood", 150_000), "2026-12-28")
    assert raised(views, "paperwork_overdue", "2026-12-31") == []


def test_paperwork_due_before_the_calendar_begins_is_overdue(views: Views, facts: Facts) -> None:
    ended(facts, granted(facts, "flood", "2015-08-01"), "2015-08-10")
    assert "before the calendar begins" in reasons(views, "paperwork_overdue")[0]


def test_an_emergency_that_does_not_end_is_a_lead_where_a_policy_says_when(
    views: Views, facts: Facts
) -> None:
    above(facts, "flood", 150_000)
    assert raised(views, "emergency_too_long") == []
    facts.policy("14", "help_first.emergency_days", 30)
    assert reasons(views, "emergency_too_long") == [
        "Granted 1,500.00 on 2026-08-03; the emergency has gone on for 43 days (30 are usual)."
    ]


def test_above_the_ceiling_is_worse_without_its_records(views: Views, facts: Facts) -> None:
    facts.policy("14", TOWN_CEILING, 200_000)
    above(facts, "bare", 200_001)
    above(facts, "half", 300_000, justification="house lost")
    above(facts, "full", 300_000, justification="house lost", collective_decision="meeting 7")
    above(facts, "county", 300_000, level="county")
    rows = raised(views, "above_ceiling_unjustified")
    assert {row["figures"]["missing"] for row in rows} == {
        "justification and collective decision", "collective decision"
    }  # fmt: skip
    assert [row["facts"] for row in raised(views, "above_ceiling")] == [[f"{named('full')}:1"]]


def test_instalments_count_towards_the_ceiling(views: Views, facts: Facts) -> None:
    facts.policy("14", TOWN_CEILING, 200_000)
    grant = above(facts, "flood", 150_000)
    instalment = facts.record(
        grant,
        "AidInstalmentGranted",
        decided_on="2026-08-05",
        form="cash",
        amount_fen=60_000,
        level="town",
    )
    [row] = raised(views, "above_ceiling_unjustified")
    assert (row["facts"], row["figures"]["given_fen"]) == ([instalment], 210_000)


def test_nine_tenths_of_the_ceiling_are_just_under_it(views: Views, facts: Facts) -> None:
    facts.policy("14", TOWN_CEILING, 200_000)
    for amount in (179_999, 180_000, 200_000, 200_001):
        above(facts, f"grant {amount}", amount)
    rows = raised(views, "just_under_ceiling")
    assert sorted(row["figures"]["share_percent"] for row in rows) == [90, 100]
    assert len(raised(views, "just_under_ceiling", under_ceiling_bp=8_999)) == 3


def test_several_grants_to_one_household_or_person_on_a_day_are_a_lead(
    views: Views, facts: Facts
) -> None:
    household, person = facts.enrolled(), facts.person()
    for name in ("a", "b"):
        above(facts, name, 10_000, household=str(household))
        above(facts, f"person {name}", 10_000, persons=[str(person)], cause="fire")
    above(facts, "once", 10_000, persons=[str(facts.person())])
    rows = raised(views, "several_on_one_day")
    assert {(row["household"], row["person"]) for row in rows} == {
        (household, None),
        (None, person),
    }
    assert rows[0]["reason"] == "2 grants on 2026-08-03, 200.00 together."


def test_again_for_the_same_cause_while_paperwork_is_due_is_a_lead(
    views: Views, facts: Facts
) -> None:
    household = facts.enrolled()
    to = {"household": str(household)}
    first = above(facts, "first", 10_000, **to)
    granted(facts, "other cause", "2026-08-05", 10_000, cause="fire", **to)
    granted(facts, "again", "2026-08-05", 20_000, justification="worse", **to)
    facts.record(first, "PaperworkCompleted", decided_on="2026-08-06", household=str(household))
    facts.record(
        named("again"), "PaperworkCompleted", decided_on="2026-08-06", household=str(household)
    )
    granted(facts, "after", "2026-08-10", 10_000, **to)
    assert reasons(views, "again_while_due") == [
        "200.00 on 2026-08-05 for flood, without a collective decision, while the paperwork for "
        "the "
        "grant of 2026-08-03 was due."
    ]
    assert raised(views, "again_while_due")[0]["area"] == AREA
