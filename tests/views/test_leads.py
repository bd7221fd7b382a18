"""Leads as a whole: codes, counts, pages, what narrows them."""

from __future__ import annotations

from datetime import date
from string import Formatter

import pytest

from projections import sql
from projections.calendar.elapsed import CalendarTooShort
from projections.errors import NotFound
from projections.leads import http
from projections.leads import leads as questions
from projections.leads.codes import LEADS
from tests.postgres import on_every_server
from tests.views.asking import NDJSON, Asking
from tests.views.conftest import Views
from tests.views.facts import Facts
from tests.views.raised import ON, raised


@pytest.mark.parametrize("code", LEADS)
def test_every_code_has_its_sql_text_with_every_figure_of_its_reason(code: str) -> None:
    text = sql.query("leads", code).decode()
    assert "figures" in text
    if "lacks" not in text:
        for _, figure, _, _ in Formatter().parse(LEADS[code].reason):
            assert figure is None or f"'{figure}'" in text


@on_every_server
def test_every_code_is_counted_as_its_rows_are(views: Views, facts: Facts) -> None:
    facts.standard("14", "dibao", 74_000)
    for income in (0, 90_000):
        facts.exited(facts.enrolled(income=income), "2023-06", "fraud")
        facts.enrolled(income=income)
    projections = views.projections()
    asked = questions.asked(projections, date.fromisoformat(ON))
    counted = questions.counts(projections, asked, projections.as_of())
    assert [row["code"] for row in counted] == list(LEADS)
    found = {row["code"]: row["leads"] for row in counted}
    assert found == {code: len(raised(views, code)) for code in LEADS}
    assert (found["exit_unheard"], found["base_zero"], found["enrolled_unchecked"]) == (2, 1, 4)


def test_leads_are_narrowed_by_area_and_by_the_day_they_date_from(
    views: Views, facts: Facts
) -> None:
    facts.enrolled(decided_on="2023-01-10")
    facts.enrolled(decided_on="2023-05-10", area="140404001")
    assert len(raised(views, "enrolled_unchecked", area="14")) == 2
    assert len(raised(views, "enrolled_unchecked", area="140403")) == 1
    assert [row["day"] for row in raised(views, "enrolled_unchecked", since="2023-02-01")] == [
        date(2023, 5, 10)
    ]
    assert raised(views, "enrolled_unchecked", "2023-01-09") == []


def test_an_unknown_code_and_a_day_beyond_the_calendar_are_refused(views: Views) -> None:
    with pytest.raises(NotFound):
        raised(views, "moon")
    with pytest.raises(CalendarTooShort):
        raised(views, "exit_unheard", "2040-01-01")


def test_over_http_leads_are_counted_paged_and_streamed(views: Views, facts: Facts) -> None:
    for _ in range(3):
        facts.enrolled()
    asking = Asking(views, http.router)
    counts = {row["code"]: row for row in asking.get("/v1/leads", on=ON).json()["leads"]}
    assert counts["enrolled_unchecked"]["leads"] == 3
    assert counts["exit_unheard"]["rule"] == "Law 48"
    rows = asking.all_pages("/v1/leads/enrolled_unchecked", "leads", on=ON, limit=2)
    assert len({row["household"] for row in rows}) == 3
    assert set(rows[0]) == {
        "code", "facts", "household", "person", "area", "month", "day", "figures", "reason"
    }  # fmt: skip
    streamed = asking.get("/v1/leads/enrolled_unchecked", on=ON, headers=NDJSON)
    assert len(streamed.text.splitlines()) == 3
    assert asking.get("/v1/leads/moon").status_code == 404
    assert asking.get("/v1/leads", on="today").status_code == 422
