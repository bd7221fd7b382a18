"""Lists whose lines tests have explained, and what an explanation says."""

from __future__ import annotations

from fractions import Fraction
from uuid import UUID

import psycopg

from projections.explanations.line_explanation import LineExplanation
from projections.explanations.lines import explain_household_on_list, explain_line
from tests.views.conftest import Views
from tests.views.facts import Facts
from tests.views.lists import Lists

CITY = "1404"
TOWN_A, TOWN_B = "140403001", "140403002"


def city(views: Views) -> Lists:
    """A city that lists from January 2026 on, with a standard of 780.00."""
    views.facts.standard(CITY, "dibao.urban", 78_000, effective="2025-01")
    views.facts.policy(CITY, "lists.first_month", "2026-01", effective="2025-01")
    return Lists(views)


def one(facts: Facts, effective: str = "2026-07", income: int = 0, area: str = TOWN_A) -> UUID:
    """A household of one person."""
    return facts.enrolled(members=1, income=income, effective=effective, area=area)


def why(lists: Lists, found: UUID, household: UUID) -> LineExplanation:
    """The explanation of a household's line, which adds up, of facts that were known to the list."""
    [line] = [row for row in lists.lines(found) if row["subject"] == household]
    projections = lists.views.projections()
    as_of = projections.as_of()
    explained = explain_line(projections, found, line["reference_id"], as_of)
    assert added(explained) == explained.amount_fen == line["amount_fen"]
    assert parts(explained) == dict(line["parts"])
    assert {position_of(lists, fact) for fact in explained.facts} <= {
        *range(explained.position + 1), position_of(lists, explained.frozen.frozen)
    }  # fmt: skip
    [same] = explain_household_on_list(projections, found, household, as_of)
    assert same == explained
    return explained


def why_not(lists: Lists, found: UUID, household: UUID) -> LineExplanation:
    """Why a household has no line on a list."""
    projections = lists.views.projections()
    [explained] = explain_household_on_list(projections, found, household, projections.as_of())
    assert explained.line.reference_id is None
    assert added(explained) == 0
    return explained


def added(explained: LineExplanation) -> Fraction:
    """What all steps of all parts add."""
    return sum((s.adds or Fraction(0) for p in explained.parts for s in p.steps), Fraction(0))


def parts(explained: LineExplanation) -> dict[str, int]:
    """What the line pays or takes, by month."""
    return {f"{part.month:%Y-%m}": part.fen for part in explained.parts if part.fen}


def told(explained: LineExplanation, month: str) -> list[str]:
    """The sentences of a month on the line."""
    [part] = [one for one in explained.parts if f"{one.month:%Y-%m}" == month]
    return [step.text for step in part.steps]


def position_of(lists: Lists, fact: str) -> int:
    """The position of a fact."""
    stream, _, version = fact.partition(":")
    with psycopg.connect(lists.views.dsn) as connection:
        row = connection.execute(
            "select notification_id from ledger.facts"
            " where originator_id = %s and originator_version = %s",
            (stream, version),
        ).fetchone()
    assert row is not None
    return int(row[0])


def merged(facts: Facts, survivor: UUID, absorbed: UUID, effective: str) -> str:
    """One household absorbed another, of which one person joined it; the fact."""
    said = facts.change(
        survivor, "HouseholdsMerged", effective, absorbed=str(absorbed), income_fen=0,
        members=[{"person": str(facts.person()), "role": "parent"}], legal_basis="Law 20",
        decided_by="county",
    )  # fmt: skip
    facts.exited(absorbed, effective, "merged")
    return said
