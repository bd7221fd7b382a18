"""What holds at the end of a place's payment months, however they went."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from projections.explanations.lines import explain_line
from projections.payment_lists.computing import first_listed
from projections.projections import month_text
from projections.totals.totals import lines_listed, scope
from tests.integration.payment_months_model import EARLIEST, Balance
from tests.integration.payment_months_office import Office

LAST = "2026-01"
STATES = ("paid", "failed", "returned", "pending", "closed")


def check(office: Office) -> None:
    """Everything that holds at the end."""
    office.cell.project(kept=True)
    check_balances(office)
    check_reconciliations(office)
    check_paid_once(office)
    check_computed_again(office)
    check_measures(office)
    check_explained(office)


def check_balances(office: Office) -> None:
    """For every household and month the figures of the formula are the model's."""
    households, last = office.model.households(), date.fromisoformat(f"{LAST}-01")
    as_of = office.cell.projections.as_of()
    asked = {
        "households": households, "position": as_of.position, "last": last,
        "first": min(first_listed(office.cell.projections, as_of) or last, last),
        "area": None, "programme": None, "household": None, "of_area": None, "of_programme": None,
    }  # fmt: skip
    rows = office.cell.projections.rows("payment_lists", "balances_of_households", asked)
    found = {
        (row["household"], month_text(row["month"])): Balance(
            row["entitled_fen"], row["listed_fen"], row["ordered_fen"], row["received_fen"]
        )
        for row in rows
    }
    right = office.model.balances(LAST)
    assert _without_zeros(found) == _without_zeros(right)
    assert all(right[place].part == row["fen"] for place, row in zip(found, rows, strict=True))


def _without_zeros(balances: dict[tuple[UUID, str], Balance]) -> dict[tuple[UUID, str], Balance]:
    return {place: figures for place, figures in balances.items() if figures != Balance()}


def check_reconciliations(office: Office) -> None:
    """Of each list that counts, listed = paid + failed + returned + pending + closed, to the fen."""
    for listed in office.books.lists.values():
        if not listed.standing:
            continue
        right: Counter[str] = Counter(dict.fromkeys(STATES, 0))
        for reference, line in listed.by_reference.items():
            right[listed.state_of(reference)] += line.amount_fen
        (row,) = _reconciliation(office, listed.id)
        assert {state: row[f"{state}_fen"] for state in STATES} == right
        assert row["listed_fen"] == sum(right.values())
        assert row["listed_fen"] == sum(fen for line in listed.lines for _, fen in line.parts)


def _reconciliation(office: Office, list_id: UUID) -> list[dict[str, Any]]:
    asked = {
        "list": list_id, "area": None, "month": None,
        "position": office.cell.projections.position(),
    }  # fmt: skip
    return office.cell.projections.rows("payment_lists", "reconciliations", asked)


def check_paid_once(office: Office) -> None:
    """Of a line and what re-issued it at most one is paid, and at most one is still to be paid."""
    for chain in office.books.chains():
        states = [one.state_of(reference) for one, reference in chain if one.standing]
        assert sum(state in ("paid", "pending") for state in states) <= 1, states


def check_computed_again(office: Office) -> None:
    """Every list that was ever frozen is computed again, byte for byte; so say the projections."""
    for listed in office.books.lists.values():
        assert office.again(listed) == listed.document
        [(agrees,)] = office.cell.rows(
            "select agrees from payment_lists.verifications where list = %s", listed.id
        )
        assert agrees


def check_measures(office: Office) -> None:
    """What is told as listed, and as paid, is by household, month and list what the books say."""
    projections = office.cell.projections
    asked = scope(EARLIEST, LAST, office.place.prefecture)
    for measure, right in (("listed", _listed(office)), ("paid", _paid(office))):
        rows = lines_listed(projections, asked, projections.as_of(), measure)  # type: ignore[arg-type]
        found = [(r["list"], r["household"], month_text(r["month"]), r["fen"]) for r in rows]
        assert sorted(found) == sorted(right), measure


Told = list[tuple[UUID, UUID, str, int]]
"""List, household, month and fen."""


def _listed(office: Office) -> Told:
    return [
        (one.id, line.household, month, fen)
        for one in office.books.standing()
        for line in one.lines
        for month, fen in line.parts
    ]


def _paid(office: Office) -> Told:
    return [
        (one.id, line.household, month, fen)
        for kind in ("monthly", "reissue")
        for one in office.books.standing(kind)
        for reference, line in one.by_reference.items()
        if one.state_of(reference) == "paid"
        for month, fen in line.parts
    ]


def check_explained(office: Office) -> None:
    """Each line follows from the facts that its explanation names, part by part."""
    projections = office.cell.projections
    for listed in office.books.lists.values():
        for reference, line in listed.by_reference.items():
            told = explain_line(projections, listed.id, reference, projections.as_of())
            parts = {month_text(part.month): part.fen for part in told.parts if part.fen}
            assert told.amount_fen == line.amount_fen
            assert parts == dict(line.parts)
