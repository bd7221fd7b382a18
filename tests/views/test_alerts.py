"""Open alerts by urgency and age, and referrals without an end."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from projections.alerts import alerts as questions
from projections.alerts import http
from tests.postgres import on_every_server
from tests.views.asking import NDJSON, Asking
from tests.views.conftest import Views
from tests.views.facts import AREA, Facts, named


def raised(facts: Facts, name: str, on: str = "2026-07-01", **more: Any) -> UUID:
    """An alert, of normal urgency unless said otherwise."""
    said = {"area": AREA, "kind": "job_lost", "urgency": "normal", "source": "grid"} | more
    facts.record(named(name), "AlertRaised", decided_on=on, **said)
    return named(name)


def alerts(views: Views, on: str = "2026-08-01", **filters: Any) -> list[dict[str, Any]]:
    """The alerts that are open on a day."""
    projections = views.projections()
    as_of = projections.as_of(position=filters.pop("position", None))
    asked = questions.asked(projections, date.fromisoformat(on), **filters)
    return list(questions.alerts(projections, asked, as_of))


def referrals(views: Views, on: str = "2026-08-01", **filters: Any) -> list[dict[str, Any]]:
    """The referrals that are open on a day."""
    projections = views.projections()
    asked = questions.asked(projections, date.fromisoformat(on), **filters)
    return list(questions.referrals(projections, asked, projections.as_of()))


@on_every_server
def test_the_most_urgent_come_first_and_of_these_the_oldest(views: Views, facts: Facts) -> None:
    new = raised(facts, "new", "2026-07-20")
    old = raised(facts, "old", "2026-07-02")
    urgent = raised(facts, "urgent", "2026-07-25", urgency="urgent")
    rows = alerts(views)
    assert [row["alert_id"] for row in rows] == [urgent, old, new]
    assert [row["open_for_days"] for row in rows] == [7, 30, 12]


def test_an_alert_is_open_until_it_is_resolved_whoever_looked(views: Views, facts: Facts) -> None:
    alert, household = raised(facts, "alert"), facts.enrolled()
    facts.record(alert, "HomeVisited", decided_on="2026-07-03", found="not_at_home")
    facts.record(
        alert, "HomeVisited", decided_on="2026-07-08", found="needs_help", household=str(household)
    )
    [row] = alerts(views)
    assert (row["visits"], row["last_visit_on"], row["found"]) == (
        2,
        date(2026, 7, 8),
        "needs_help",
    )
    assert row["household"] == household
    before = facts.position
    facts.record(alert, "AlertResolved", decided_on="2026-07-20", outcome="aided")
    assert alerts(views) == []
    assert len(alerts(views, "2026-07-19")) == 1
    assert len(alerts(views, position=before)) == 1


def test_alerts_are_filtered_by_area_kind_and_urgency(views: Views, facts: Facts) -> None:
    raised(facts, "a")
    raised(facts, "b", kind="accident", urgency="high")
    raised(facts, "c", area="140404001")
    assert len(alerts(views, area="140403")) == 2
    assert [row["kind"] for row in alerts(views, kind="accident")] == ["accident"]
    assert [row["urgency"] for row in alerts(views, urgency="high")] == ["high"]


def test_a_referral_is_open_until_declined_or_helped(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    outcomes = (None, "accepted", "declined", "helped")
    for number, outcome in enumerate(outcomes):
        referral = named(f"referral {number}")
        facts.record(
            referral,
            "ReferralMade",
            decided_on=f"2026-07-0{number + 1}",
            household=str(household),
            to="education",
            need="fees",
        )
        if outcome:
            facts.record(referral, "ReferralAnswered", decided_on="2026-07-20", outcome=outcome)
    rows = referrals(views)
    assert [(row["answer"], row["open_for_days"], row["area"]) for row in rows] == [
        (None, 31, AREA), ("accepted", 30, AREA)
    ]  # fmt: skip
    assert referrals(views, department="housing") == []
    assert referrals(views, area="140404") == []
    assert len(referrals(views, area="1404", department="education")) == 2


def test_over_http_both_come_page_by_page(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    for number in range(3):
        raised(facts, f"alert {number}", urgency=("urgent", "high", "normal")[number])
        facts.record(
            named(f"referral {number}"),
            "ReferralMade",
            decided_on="2026-07-05",
            household=str(household),
            to="health",
            need="care",
        )
    asking = Asking(views, http.router)
    rows = asking.all_pages("/v1/alerts", "alerts", on="2026-08-01", limit=2)
    assert [row["urgency"] for row in rows] == ["urgent", "high", "normal"]
    assert len(asking.all_pages("/v1/referrals", "referrals", on="2026-08-01", limit=2)) == 3
    for path in ("/v1/alerts", "/v1/referrals"):
        assert len(asking.get(path, headers=NDJSON).text.splitlines()) == 3
    assert asking.get("/v1/alerts", kind="moon").status_code == 422
