"""What holds at the end of a place's payment months, however they went."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from projections.projections import month_text
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


def check_balances(office: Office) -> None:
    """For every household and month the figures of the formula are the model's."""
    households = office.model.households()
    asked = {
        "households": households, "position": office.cell.projections.position(),
        "first": date.fromisoformat(f"{EARLIEST}-01"), "last": date.fromisoformat(f"{LAST}-01"),
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
