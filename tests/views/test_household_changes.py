"""What a household's facts changed: states, amounts; histories as lines and over HTTP."""

from __future__ import annotations

import json

from projections.household_histories import changes, http
from projections.household_histories.telling import tell
from tests.postgres import on_every_server
from tests.views.asking import NDJSON, Asking
from tests.views.conftest import Views
from tests.views.facts import AREA, Facts, covered_members
from tests.views.histories import full, history, spans

COUNTY = AREA[:6]
MONTHS = [f"2023-{n:02d}" for n in range(1, 13)]


@on_every_server
def test_each_fact_says_what_it_changed_and_the_amount_it_led_to(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_200)
    persons = facts.persons(3)
    household = facts.enrolled(members=covered_members(persons), income=35_000)
    facts.change(household, "ReviewCompleted", outcome="unchanged")
    facts.reassessed(household, "2023-03", 65_000)
    facts.of_member(household, "MemberDied", persons[2], "2023-04", died_on="2023-03-02")
    facts.change(household, "HeadChanged", "2023-04", person=str(persons[1]))
    facts.change(household, "PaymentSuspended", "2023-05", reason="unreachable")
    facts.exited(household, "2023-06", "death")
    told = [fact["changes"] for fact in full(views, household)["facts"]]
    enrolled, reviewed, raised, died, head, suspended, left = told
    assert reviewed == []
    amounts = [
        (change["month"], change["entitled_before_fen"], change["entitled_after_fen"])
        for [change] in (enrolled, raised, died, head, suspended, left)
    ]
    assert amounts == [
        ("2023-01", 0, 145_600),
        ("2023-03", 145_600, 115_600),
        ("2023-04", 115_600, 77_067),
        ("2023-04", 77_067, 77_067),
        ("2023-05", 77_067, 0),
        ("2023-06", 0, 0),
    ]
    assert enrolled[0]["before"] == changes.OFF_ROLL
    assert enrolled[0]["after"]["persons_covered"] == sorted(str(person) for person in persons)
    assert {"income_fen", "entitled_fen"} <= set(raised[0]["changed"])
    assert (died[0]["after"]["members"], died[0]["after"]["covered"]) == (3, 2)
    assert head[0]["changed"] == ["head"]
    assert (suspended[0]["after"]["suspended"], left[0]["after"]["on_roll"]) == (True, False)


def test_changes_are_told_as_known_when_they_were_recorded(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    household = facts.enrolled()
    facts.reassessed(household, "2023-03", 30_000)
    facts.reassessed(household, "2023-02", 10_000)
    facts.standard(COUNTY, "dibao.urban", 70_000, effective="2023-01")
    facts.reassessed(household, "2023-03", 20_000)
    told = full(views, household)["facts"]
    amounts = [
        (c["entitled_before_fen"], c["entitled_after_fen"]) for f in told for c in f["changes"]
    ]
    assert amounts == [(0, 60_000), (60_000, 30_000), (60_000, 50_000), (40_000, 50_000)]


@on_every_server
def test_a_correction_names_what_it_corrects_and_tells_both_months(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    household = facts.enrolled()
    first = facts.reassessed(household, "2023-03", 10_000)
    before = facts.position
    second = facts.reassessed(household, "2023-04", 20_000, corrects=first)
    told = full(views, household)["facts"]
    assert (told[1]["corrected_by"], told[2]["corrects"], told[2]["corrected_by"]) == (
        second,
        first,
        None,
    )
    assert [
        (change["month"], change["entitled_before_fen"], change["entitled_after_fen"])
        for change in told[2]["changes"]
    ] == [("2023-04", 50_000, 40_000), ("2023-03", 50_000, 60_000)]
    known = history(views, household, position=before)["facts"]
    assert [fact["corrected_by"] for fact in known] == [None, None]


def test_a_revoked_exit_is_marked_and_the_amount_comes_back(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    household = facts.enrolled()
    left = facts.exited(household, "2023-03")
    before = facts.position
    revoked = facts.change(household, "ExitRevoked", exit=left, reason="appeal")
    told = full(views, household)
    assert [fact["revoked_by"] for fact in told["facts"]] == [None, revoked, None]
    [change] = told["facts"][2]["changes"]
    assert (change["month"], change["entitled_after_fen"]) == ("2023-03", 60_000)
    assert spans(told) == [(1, "2023-01", None, None)]
    assert spans(history(views, household, position=before)) == [
        (1, "2023-01", "2023-03", "voluntary")
    ]


@on_every_server
def test_amounts_show_what_standards_changed_in_spans_of_months(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    household = facts.enrolled(income=10_000)
    facts.change(household, "HeadChanged", "2023-02", person=str(facts.person()))
    facts.standard(COUNTY, "dibao.urban", 70_000, effective="2023-04")
    told = full(views, household)["amounts"]
    assert [(span["from"], span["to"], span["entitled_fen"]) for span in told] == [
        ("2023-01", "2023-04", 50_000),
        ("2023-04", None, 60_000),
    ]
    facts.exited(household, "2023-08")
    assert full(views, household)["amounts"][-1]["to"] == "2023-08"


def test_the_state_of_a_month_tells_what_holds_and_the_amount(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_200)
    persons = facts.persons(2)
    household = facts.enrolled(members=covered_members(persons), income=35_000, effective="2023-02")
    facts.change(
        household, "RecognitionRecorded", "2023-01", recognition="marginal", area=AREA,
        until="2023-02", persons=[str(persons[0])],
    )  # fmt: skip
    asked = views.projections()
    found = {month: changes.state(asked, household, month, asked.as_of()) for month in MONTHS[:3]}
    assert found["2023-01"] == {
        "household": str(household), "month": "2023-01", "on_roll": False, "entitled_fen": 0,
        "recognitions": ["marginal"],
    }  # fmt: skip
    state = found["2023-02"]
    assert (state["head"], state["entitled_fen"], state["members"]) == (str(persons[0]), 85_400, 2)
    assert [found[month]["recognitions"] for month in MONTHS[1:3]] == [["marginal"], []]


def test_a_clerk_reads_date_what_why_and_the_amount_in_yuan(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_200)
    household = facts.enrolled(members=2, income=35_000, legal_basis="Law 18", tier="B")
    raised = facts.reassessed(household, "2023-03", 6_500_000, reason="found_work")
    facts.grace(household, "2023-03", "2023-04", raised)
    facts.change(household, "GridAssigned", "2023-01", grid="grid-1", responsible="worker-3")
    first = facts.record(household, "MeansVerified")
    facts.record(
        household, "MeansVerified", income_fen=0, assets_within_limits=False, deductions=[],
        extra={"kind": "x", "fen": 1}, sources=["tax", "vehicles"], corrects=first,
    )  # fmt: skip
    lines = list(tell(full(views, household)))
    assert lines[0] == f"Household {household}"
    assert lines[1].startswith("2023-01-10  from 2023-01  Household enrolled: ")
    assert "because Law 18; by decider-7" in lines[1]
    assert lines[1].endswith("->  854.00 a month in 2023-01, before 0.00")
    assert "income 65,000.00; because found work" in lines[2]
    assert any(
        "not assets within limits" in line and "sources tax+vehicles" in line for line in lines
    )
    assert any(
        line.startswith("Spell 1: from 2023-01, to 2023-05, grace_ended, grace 2023-03")
        for line in lines
    )
    assert (
        "Amount from 2023-01 up to 2023-03: 854.00 a month (2 of 2 covered, income 350.00, "
        in "\n".join(lines)
    )


def test_histories_over_http_page_by_page_and_as_lines(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    for month in MONTHS[1:6]:
        facts.reassessed(household, month, 1)
    asking, path = Asking(views, http.router), f"/v1/households/{household}/history"
    rows = asking.all_pages(path, "facts", limit=4)
    assert [fact["position"] for fact in rows] == [1, 2, 3, 4, 5, 6]
    lines = asking.get(path, headers=NDJSON).text.splitlines()
    assert [json.loads(line) for line in lines] == rows
    assert len(asking.get(path, effective_on="2023-03-31").json()["facts"]) == 3
    answer = asking.get(path, position=2)
    assert (len(answer.json()["facts"]), answer.headers["Ledger-Position"]) == (2, "2")


def test_full_histories_over_http(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_200)
    household = facts.enrolled()
    facts.exited(household, "2023-03")
    asking = Asking(views, http.router)
    told = asking.get(f"/v1/households/{household}/history", detail="full", limit=1).json()
    [change] = told["facts"][0]["changes"]
    assert change["after"]["base_fen"] == "60200.0000"
    assert told["amounts"][0]["entitled_fen"] == 60_200
    assert (told["chain"], told["next"] is None) == ([], False)


def test_states_over_http(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    asking = Asking(views, http.router)
    path = f"/v1/households/{household}/state"
    assert asking.get(path, month="2023-02").json()["on_roll"] is True
    assert asking.get(path).status_code == 200
    assert asking.get(path, month="2023-2").status_code == 422
    assert asking.get(f"/v1/households/{facts.person()}/state").status_code == 404
    assert asking.get("/v1/households/nobody/state").status_code == 422
