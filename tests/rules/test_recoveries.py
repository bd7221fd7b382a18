"""Recoveries: ordered on a ground, received and waived within what was ordered, and corrected."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.ids import PAYMENT_LISTS
from tests.rules.given import ANN, HOME, OTHER, named
from tests.rules.payments import AUGUST, DEBT, JULY, LIST, OTHER_DEBT, PayingOffice, order

WITHIN = "recovery_within_order"


def an_office() -> PayingOffice:
    """An office with a household."""
    office = PayingOffice()
    office.enrolled(HOME, [ANN])
    return office


def an_order() -> PayingOffice:
    """An office that ordered 124,000 fen back: version 1 of the stream of lists."""
    office = an_office()
    office.ordered()
    return office


def received(fen: int, **more: Any) -> dict[str, Any]:
    """The data of an instalment."""
    return {"recovery": DEBT, "amount_fen": fen, **more}


def waived(fen: int, **more: Any) -> dict[str, Any]:
    """The data of a waiver."""
    return {**received(fen), "reason": "no_means", "legal_basis": "Law 60", **more}


def fact(version: int) -> str:
    """The id of a fact of the stream."""
    return f"{PAYMENT_LISTS}:{version}"


def test_a_recovery_is_ordered_received_waived_and_balanced() -> None:
    office = an_order()
    office.accepts("ReceiveRecovery", **received(30_000))
    office.accepts("WaiveRecovery", **waived(50_000))
    debt = office.owed(DEBT)
    assert (debt.ordered_fen, debt.received_fen, debt.waived_fen) == (124_000, 30_000, 50_000)
    assert debt.balance_fen == 44_000
    assert debt.version == 3


def test_a_recovery_is_ordered_once() -> None:
    office = an_order()
    office.refuses("one_order_a_recovery", "OrderRecovery", None, order())
    office.ordered(OTHER_DEBT)


def test_a_recovery_is_ordered_on_a_ground() -> None:
    office = an_office()
    silent = order(ground="other")
    office.refuses("ground_of_a_recovery", "OrderRecovery", None, silent)
    office.accepts("OrderRecovery", **silent, note="Two counties paid for the same months.")


def test_a_recovery_is_ordered_of_a_household_that_is_there() -> None:
    an_office().misses("OrderRecovery", **order(household=OTHER))


@pytest.mark.parametrize("months", [(AUGUST, JULY), (JULY, JULY)])
def test_the_months_of_a_recovery_ascend(months: tuple[str, str]) -> None:
    parts = [{"month": month, "fen": 1} for month in months]
    an_office().refuses(
        "months_in_order", "OrderRecovery", None, order(parts=parts), month=months[1]
    )


@pytest.mark.parametrize("act", ["ReceiveRecovery", "WaiveRecovery"])
def test_what_was_never_ordered_is_neither_received_nor_waived(act: str) -> None:
    data = waived(1) if act == "WaiveRecovery" else received(1)
    an_office().misses(act, **data)


def test_no_more_is_received_and_waived_than_was_ordered() -> None:
    office = an_order()
    office.refuses(WITHIN, "ReceiveRecovery", None, received(124_001))
    office.accepts("ReceiveRecovery", **received(100_000))
    office.refuses(WITHIN, "WaiveRecovery", None, waived(24_001))
    office.accepts("WaiveRecovery", **waived(24_000))
    office.refuses(WITHIN, "ReceiveRecovery", None, received(1))
    assert office.owed(DEBT).balance_fen == 0


def test_a_corrected_instalment_stands_in_the_place_of_the_first() -> None:
    office = an_order()
    office.accepts("ReceiveRecovery", **received(100_000))
    office.accepts("ReceiveRecovery", **received(10_000, corrects=fact(2)))
    assert office.owed(DEBT).received_fen == 10_000
    office.accepts("ReceiveRecovery", **received(124_000, corrects=fact(3)))
    assert office.owed(DEBT).balance_fen == 0
    office.refuses(WITHIN, "ReceiveRecovery", None, received(124_001, corrects=fact(2)))


def test_a_corrected_order_is_not_less_than_what_came_in() -> None:
    office = an_order()
    office.accepts("ReceiveRecovery", **received(100_000))
    parts = [{"month": JULY, "fen": 99_999}]
    office.refuses(WITHIN, "OrderRecovery", None, order(parts=parts, corrects=fact(1)))
    enough = [{"month": JULY, "fen": 100_000}]
    office.accepts("OrderRecovery", **order(parts=enough, corrects=fact(1)))
    assert (office.owed(DEBT).ordered_fen, office.owed(DEBT).balance_fen) == (100_000, 0)


def test_a_correction_names_a_fact_of_its_own_recovery() -> None:
    office = an_order()
    office.ordered(OTHER_DEBT)
    office.accepts("ReceiveRecovery", **received(1))
    other = received(1, corrects=fact(3), recovery=OTHER_DEBT)
    office.refuses("names_a_fact", "ReceiveRecovery", None, other)
    for wrong in (fact(1), fact(9), f"{HOME}:1"):
        office.refuses("names_a_fact", "ReceiveRecovery", None, received(1, corrects=wrong))


def test_a_correction_of_a_waiver_keeps_within_the_order() -> None:
    office = an_order()
    office.accepts("WaiveRecovery", **waived(24_000))
    office.accepts("ReceiveRecovery", **received(100_000))
    office.refuses(WITHIN, "WaiveRecovery", None, waived(24_001, corrects=fact(2)))
    office.accepts("WaiveRecovery", **waived(1, corrects=fact(2)))
    assert office.owed(DEBT).balance_fen == 23_999


def test_an_order_rests_on_the_whole_stream_an_instalment_on_its_recovery() -> None:
    office = an_order()
    office.froze(LIST, month=JULY)
    first = office.lists.facts[0]
    assert office.lists.version_of(first) == 2
    instalment = office.accepts("ReceiveRecovery", **received(1))
    assert office.lists.version_of(instalment) == 3
    office.by("approver", "RejectPaymentList", list=LIST, reason="wrong")
    assert office.lists.version_of(instalment) == 3
    unknown = office.accepts("OrderRecovery", **order(named("third debt")))
    assert office.lists.names_version(unknown)
    assert not office.lists.names_version(instalment)
