"""Help-first grants: what was given, the clock of the paperwork, what became of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from projections.calendar.elapsed import CalendarTooShort
from projections.errors import BadParameter
from projections.help_first import help_first as questions
from projections.help_first import http
from projections.projections import Projections
from tests.postgres import on_every_server
from tests.views.asking import NDJSON, Asking
from tests.views.conftest import Views
from tests.views.facts import AREA, Facts, named


def granted(facts: Facts, name: str, on: str, amount: int = 100_000, **more: Any) -> UUID:
    """A grant of help-first aid, in cash and by the town unless said otherwise."""
    grant = named(name)
    said = {"area": AREA, "cause": "flood", "form": "cash", "level": "town"} | more
    facts.record(grant, "EmergencyAidGranted", decided_on=on, amount_fen=amount, **said)
    return grant


def ended(facts: Facts, grant: UUID, on: str, **more: Any) -> str:
    """The emergency ended."""
    return facts.record(grant, "EmergencyEnded", decided_on=on, **more)


def grants(views: Views, on: str, area: str | None = None, **more: Any) -> list[dict[str, Any]]:
    """The grants as things stood on a day; `state` and `position` as asked."""
    projections = views.projections()
    as_of = projections.as_of(position=more.pop("position", None))
    asked = questions.asked(projections, date.fromisoformat(on), area)
    return list(questions.grants(projections, asked, as_of, **more))


def one(views: Views, on: str, **more: Any) -> dict[str, Any]:
    """The one grant."""
    [row] = grants(views, on, **more)
    return row


@on_every_server
def test_paperwork_is_due_ten_working_days_after_the_emergency_ended(
    views: Views, facts: Facts
) -> None:
    """The national days lie in between: 1 to 8 October off, 28 September and 11 October worked."""
    grant = granted(facts, "flood", "2025-09-20")
    ended(facts, grant, "2025-09-26")
    row = one(views, "2025-10-20")
    assert (row["state"], row["due_on"], row["overdue_working_days"]) == (
        "outstanding", date(2025, 10, 16), 2
    )  # fmt: skip
    assert one(views, "2025-10-16")["overdue_working_days"] == 0
    assert one(views, "2025-10-18")["overdue_working_days"] == 1


def test_the_areas_own_number_of_working_days_counts(views: Views, facts: Facts) -> None:
    facts.policy("1404", "help_first.paperwork_working_days", 5)
    ended(facts, granted(facts, "flood", "2025-08-01"), "2025-08-04")
    assert one(views, "2025-08-20")["due_on"] == date(2025, 8, 11)


def test_each_state_is_that_of_the_day(views: Views, facts: Facts) -> None:
    grant = granted(facts, "flood", "2025-07-01")
    ended(facts, grant, "2025-07-10")
    facts.record(grant, "PaperworkCompleted", decided_on="2025-07-15")
    household = facts.enrolled()
    facts.record(
        grant, "AidConvertedToEnrolment", decided_on="2025-07-20", household=str(household)
    )
    facts.record(
        grant, "AidFoundUnjustified", decided_on="2025-08-01", ground="insured", amount_fen=40_000
    )
    days = ("2025-07-05", "2025-07-10", "2025-07-15", "2025-07-20", "2025-08-01")
    assert [one(views, day)["state"] for day in days] == [
        "emergency", "outstanding", "completed", "converted", "unjustified"
    ]  # fmt: skip
    assert grants(views, "2025-06-30") == []
    assert one(views, "2025-08-01")["unjustified_fen"] == 40_000


def test_a_correction_counts_from_its_own_position_on(views: Views, facts: Facts) -> None:
    grant = granted(facts, "flood", "2025-07-01")
    wrong = ended(facts, grant, "2025-07-04")
    before = facts.position
    ended(facts, grant, "2025-07-11", corrects=wrong)
    assert one(views, "2025-08-01")["due_on"] == date(2025, 7, 25)
    assert one(views, "2025-08-01", position=before)["due_on"] == date(2025, 7, 18)


def test_instalments_add_up_cash_and_goods_apart(views: Views, facts: Facts) -> None:
    grant = granted(facts, "flood", "2025-07-01", 100_000, recipients=4)
    facts.record(
        grant,
        "AidInstalmentGranted",
        decided_on="2025-07-03",
        form="kind",
        amount_fen=7_000,
        level="town",
    )
    facts.record(
        grant,
        "AidInstalmentGranted",
        decided_on="2025-07-09",
        form="cash",
        amount_fen=50_000,
        level="town",
    )
    row = one(views, "2025-07-20")
    assert (row["cash_fen"], row["kind_fen"], row["amount_fen"]) == (150_000, 7_000, 157_000)
    assert one(views, "2025-07-05")["amount_fen"] == 107_000
    assert len(row["facts"]) == 3


def test_the_paperwork_joins_the_grant_to_a_household(views: Views, facts: Facts) -> None:
    household, person = facts.enrolled(), facts.person()
    grant = granted(facts, "flood", "2025-07-01")
    assert one(views, "2025-07-02")["household"] is None
    facts.record(
        grant,
        "PaperworkCompleted",
        decided_on="2025-07-15",
        household=str(household),
        persons=[str(person)],
    )
    row = one(views, "2025-07-20")
    assert (row["household"], row["persons"]) == (household, [person])


def test_an_emergency_may_last_too_long_where_a_policy_says_how_long(
    views: Views, facts: Facts
) -> None:
    granted(facts, "flood", "2025-07-01")
    assert not one(views, "2026-07-01")["emergency_too_long"]
    facts.policy("14", "help_first.emergency_days", 30)
    row = one(views, "2025-08-01")
    assert (row["emergency_for_days"], row["emergency_too_long"]) == (31, True)
    assert not one(views, "2025-07-31")["emergency_too_long"]


def test_an_area_takes_in_what_its_code_gave_way_to(views: Views, facts: Facts) -> None:
    granted(facts, "flood", "2025-07-01")
    granted(facts, "fire", "2025-07-01", area="140404001")
    facts.of_area("AreaReplaced", AREA, "2025-08", successor="140409001")
    assert [row["area"] for row in grants(views, "2025-07-20", "140403")] == [AREA]
    assert [row["area"] for row in grants(views, "2025-08-20", "140409")] == ["140409001"]
    assert grants(views, "2025-08-20", "140403") == []


def test_a_term_that_leaves_the_calendar_is_an_error_that_names_the_year(
    views: Views, facts: Facts, tmp_path: Path
) -> None:
    ended(facts, granted(facts, "flood", "2026-12-01"), "2026-12-28")
    with pytest.raises(CalendarTooShort, match="2027"):
        one(views, "2026-12-30")
    override = tmp_path / "2027.csv"
    override.write_text("day,working\n2027,covered\n2027-01-01,0\n", encoding="utf-8")
    projections = Projections(views.projections().database, workdays_file=override)
    asked = questions.asked(projections, date(2027, 1, 15))
    [row] = questions.outstanding(projections, asked, projections.as_of())
    assert (row["due_on"], row["overdue_working_days"]) == (date(2027, 1, 12), 3)


def test_a_day_beyond_the_calendar_is_refused(views: Views) -> None:
    with pytest.raises(CalendarTooShort, match="2031"):
        grants(views, "2031-01-01")


def test_an_area_code_of_another_length_is_refused(views: Views) -> None:
    with pytest.raises(BadParameter):
        grants(views, "2025-01-01", "140")


def test_counts_are_by_state_with_what_was_given(views: Views, facts: Facts) -> None:
    granted(facts, "a", "2025-07-01", 10_000)
    for name in ("b", "c"):
        ended(facts, granted(facts, name, "2025-07-01", 20_000, form="kind"), "2025-07-02")
    projections = views.projections()
    asked = questions.asked(projections, date(2025, 9, 1))
    rows = {row["state"]: row for row in questions.counts(projections, asked, projections.as_of())}
    assert (rows["emergency"]["grants"], rows["emergency"]["cash_fen"]) == (1, 10_000)
    assert (rows["outstanding"]["overdue"], rows["outstanding"]["kind_fen"]) == (2, 40_000)


def test_over_http_outstanding_grants_come_page_by_page_in_order_of_their_due_day(
    views: Views, facts: Facts
) -> None:
    for number, day in enumerate(("2025-07-08", "2025-07-02", "2025-07-15")):
        ended(facts, granted(facts, f"flood {number}", "2025-07-01"), day)
    granted(facts, "going on", "2025-07-01")
    asking = Asking(views, http.router)
    rows = asking.all_pages("/v1/help-first/outstanding", "grants", on="2025-08-01", limit=1)
    assert [row["due_on"] for row in rows] == ["2025-07-16", "2025-07-22", "2025-07-29"]
    assert len(asking.all_pages("/v1/help-first", "grants", on="2025-08-01", limit=3)) == 4
    counted = asking.get("/v1/help-first/counts", on="2025-08-01").json()["counts"]
    assert {row["state"]: row["grants"] for row in counted} == {"emergency": 1, "outstanding": 3}


def test_over_http_all_grants_stream_and_a_short_calendar_is_a_problem(
    views: Views, facts: Facts
) -> None:
    granted(facts, "going on", "2025-07-01")
    asking = Asking(views, http.router)
    answer = asking.get("/v1/help-first", on="2025-08-01", headers=NDJSON)
    assert len(answer.text.splitlines()) == 1
    problem = asking.get("/v1/help-first", on="2031-08-01")
    assert (problem.status_code, problem.json()["year"]) == (503, 2031)
