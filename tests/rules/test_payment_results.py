"""Results of payment lists: what may follow what, failed lines re-issued once, or closed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from ledger.payment_months.facts import PaymentResultsRecorded
from ledger.payment_months.reporting import TURNS
from tests.payment_documents import Line, freeze_data, line, list_document, reported, results_data
from tests.payment_documents import results_document as results_of
from tests.rules.given import BOB, HOME, OTHER, TOWN, named
from tests.rules.payments import (
    AUGUST,
    JULY,
    LIST,
    SECOND_LIST,
    THIRD_LIST,
    PayingOffice,
)

STATUSES = ("succ", "rjct", "pdng", "returned")


def an_approved_list(month: str = JULY) -> PayingOffice:
    """An office with a list of two households that was approved."""
    office = PayingOffice()
    lines = [line(HOME, {month: 78_000}), line(OTHER, {month: 50_000}, "dibao.rural")]
    office.froze(LIST, *lines, month=month)
    office.approved(LIST)
    return office


def a_failed_line() -> PayingOffice:
    """An office with a list on which the line of HOME was rejected, and that of OTHER paid."""
    office = an_approved_list()
    office.reported(LIST, office.said(LIST, HOME, "rjct"), office.said(LIST, OTHER, "succ"))
    return office


def refuses_results(office: PayingOffice, rule: str, *lines: Line, **changed: Any) -> str:
    """Expect results to be refused by a rule; return what was said."""
    data = office.to_report(LIST, *lines) | changed
    error = office.refuses(rule, "RecordPaymentResults", None, data, month=JULY)
    return error.detail


def test_results_are_recorded_with_their_totals() -> None:
    office = an_approved_list()
    data = office.to_report(LIST, office.said(LIST, HOME, "rjct"), office.said(LIST, OTHER, "succ"))
    fact = office.accepts("RecordPaymentResults", **data)
    assert isinstance(fact, PaymentResultsRecorded)
    assert (fact.rjct, fact.rjct_fen, fact.succ, fact.succ_fen) == (1, 78_000, 1, 50_000)
    assert (fact.pdng, fact.returned, fact.lines, fact.total_fen) == (0, 0, 2, 128_000)
    assert office.listed(LIST).failed


def test_results_of_a_list_that_is_not_approved_are_refused() -> None:
    office = PayingOffice()
    office.froze(LIST, line(HOME, {JULY: 78_000}), month=JULY)
    refuses_results(office, "list_approved", office.said(LIST, HOME, "succ"))


def test_results_of_an_unknown_list_are_not_found() -> None:
    office = PayingOffice()
    office.misses("RecordPaymentResults", **office.to_report(LIST))


def test_results_name_a_document_on_record() -> None:
    office = an_approved_list()
    data = results_data(results_of(LIST, office.said(LIST, HOME, "succ")))
    office.refuses("document_on_record", "RecordPaymentResults", None, data, month=None)


def test_a_list_is_no_document_of_results() -> None:
    office = an_approved_list()
    listed = office.listed(LIST).frozen.document
    refuses = office.to_report(LIST) | {"document": listed}
    office.refuses("document_on_record", "RecordPaymentResults", None, refuses, month=None)


@pytest.mark.parametrize(
    "field", ["lines", "total_fen", "succ", "succ_fen", "rjct", "returned_fen"]
)
def test_results_say_what_their_document_says(field: str) -> None:
    office = an_approved_list()
    refuses_results(office, "as_its_document", office.said(LIST, HOME, "succ"), **{field: 7})


def test_results_of_another_list_are_refused() -> None:
    office = an_approved_list()
    office.froze(SECOND_LIST, month=JULY)
    office.approved(SECOND_LIST)
    data = office.to_report(LIST, office.said(LIST, HOME, "succ")) | {"list": str(SECOND_LIST)}
    office.refuses("as_its_document", "RecordPaymentResults", None, data, month=JULY)


def test_a_line_that_the_list_has_not_is_refused() -> None:
    office = an_approved_list()
    lines = [office.said(LIST, HOME, "succ"), reported(UUID(int=1), "succ", 1)]
    said = refuses_results(office, "known_line", *lines)
    assert said.startswith("Line 2 ")


def test_a_line_with_another_amount_is_refused() -> None:
    office = an_approved_list()
    said = refuses_results(
        office, "line_amount", office.said(LIST, HOME, "succ") | {"amount_fen": 77_999}
    )
    assert said.startswith("Line 2 ")


@pytest.mark.parametrize("before", [None, *STATUSES])
@pytest.mark.parametrize("after", STATUSES)
def test_what_may_be_reported_after_what(before: str | None, after: str) -> None:
    office = an_approved_list()
    if before == "returned":
        office.reported(LIST, office.said(LIST, HOME, "succ"))
    if before:
        office.reported(LIST, office.said(LIST, HOME, before))
    now = office.said(LIST, HOME, after)
    if after in TURNS[before]:
        office.reported(LIST, now)
    else:
        refuses_results(office, "line_turn", now)


def test_the_allowed_turns_are_these() -> None:
    turns = {(before, after) for before, afters in TURNS.items() for after in afters}
    assert turns == {
        (None, "succ"), (None, "rjct"), (None, "pdng"),
        ("pdng", "succ"), ("pdng", "rjct"), ("pdng", "pdng"),
        ("succ", "returned"), ("succ", "succ"), ("rjct", "rjct"), ("returned", "returned"),
    }  # fmt: skip


def test_one_bad_line_refuses_results_whole() -> None:
    office = a_failed_line()
    lines = [office.said(LIST, HOME, "rjct"), office.said(LIST, OTHER, "rjct")]
    refuses_results(office, "line_turn", *lines)
    assert len(office.listed(LIST).results) == 1


def test_results_of_a_line_long_after_are_still_its_own() -> None:
    office = a_failed_line()
    office.froze(SECOND_LIST, line(HOME, {AUGUST: 78_000}), month=AUGUST)
    office.reported(LIST, office.said(LIST, OTHER, "returned"))
    assert office.listed(LIST).results[-1].returned_fen == 50_000


# Re-issues.


def again(office: PayingOffice, household: UUID = HOME, fen: int = 78_000, **more: Any) -> Line:
    """The line of a household, re-issued."""
    head = "dibao.rural" if household == OTHER else "dibao.urban"
    reference = office.reference(LIST, household)
    return line(household, {JULY: fen}, **{"head": head, "reissues": reference, **more})


def to_reissue(office: PayingOffice, list_id: UUID, *lines: Line, **head: Any) -> dict[str, Any]:
    """The data of a freeze that re-issues lines of LIST."""
    said = {"kind": "reissue", "month": JULY, "reissues": str(LIST), **head}
    return office.to_freeze(list_id, *lines, **said)


def refuses_reissue(office: PayingOffice, rule: str, *lines: Line, **head: Any) -> str:
    """Expect a re-issue to be refused by a rule; return what was said."""
    data = to_reissue(office, THIRD_LIST, *lines, **head)
    month = head.get("month", JULY)
    return office.refuses(rule, "FreezePaymentList", None, data, month=month).detail


def test_a_failed_line_is_reissued_under_a_reference_of_its_own() -> None:
    office = a_failed_line()
    office.by("clerk", "FreezePaymentList", **to_reissue(office, SECOND_LIST, again(office)))
    [(reference, read)] = office.references(SECOND_LIST)
    assert read.reissues == office.reference(LIST)
    assert reference not in {one for one, _ in office.references(LIST)}


def test_a_failed_line_may_go_to_another_payee() -> None:
    office = a_failed_line()
    line_again = again(office, payee=str(BOB))
    office.accepts("FreezePaymentList", **to_reissue(office, SECOND_LIST, line_again))


def test_a_failed_line_is_never_reissued_twice() -> None:
    office = a_failed_line()
    office.accepts("FreezePaymentList", **to_reissue(office, SECOND_LIST, again(office)))
    assert "Line 2" not in refuses_reissue(office, "settled_once", again(office))


def test_a_reissue_that_was_rejected_may_be_made_again() -> None:
    office = a_failed_line()
    office.accepts("FreezePaymentList", **to_reissue(office, SECOND_LIST, again(office)))
    office.accepts("RejectPaymentList", list=SECOND_LIST, reason="wrong")
    office.accepts("FreezePaymentList", **to_reissue(office, THIRD_LIST, again(office)))


def test_a_line_that_failed_again_is_reissued_from_the_list_on_which_it_did() -> None:
    office = a_failed_line()
    office.by("clerk", "FreezePaymentList", **to_reissue(office, SECOND_LIST, again(office)))
    office.approved(SECOND_LIST)
    office.reported(SECOND_LIST, office.said(SECOND_LIST, HOME, "rjct"))
    third = line(HOME, {JULY: 78_000}, reissues=office.reference(SECOND_LIST))
    data = to_reissue(office, THIRD_LIST, third, reissues=str(SECOND_LIST))
    office.accepts("FreezePaymentList", **data)


@pytest.mark.parametrize("status", [None, "succ", "pdng"])
def test_only_what_failed_is_reissued(status: str | None) -> None:
    office = an_approved_list()
    office.reported(LIST, office.said(LIST, HOME, "rjct"))
    if status:
        office.reported(LIST, office.said(LIST, OTHER, status))
    refuses_reissue(office, "failed_line", again(office, OTHER, 50_000))


def test_a_list_without_failed_lines_is_not_reissued() -> None:
    office = an_approved_list()
    office.reported(LIST, office.said(LIST, HOME, "succ"))
    refuses_reissue(office, "failed_lines", again(office))


def test_a_list_that_is_not_approved_is_not_reissued() -> None:
    office = PayingOffice()
    office.froze(LIST, line(HOME, {JULY: 78_000}), month=JULY)
    refuses_reissue(office, "list_approved", again(office))


def test_an_unknown_list_is_not_reissued() -> None:
    office = PayingOffice()
    data = to_reissue(office, SECOND_LIST, line(HOME, {JULY: 1}, reissues=HOME))
    office.misses("FreezePaymentList", **data)


@pytest.mark.parametrize("head", [{"area": TOWN}, {"programme": None}, {"month": AUGUST}])
def test_a_reissue_is_for_the_area_programme_and_month_that_failed(head: dict[str, Any]) -> None:
    office = a_failed_line()
    refuses_reissue(office, "as_first_listed", again(office), **head)


@pytest.mark.parametrize("changed", [{"fen": 77_999}, {"head": "tekun"}])
def test_a_line_is_reissued_as_it_was_listed(changed: dict[str, Any]) -> None:
    office = a_failed_line()
    refuses_reissue(office, "as_first_listed", again(office, **changed))


def test_a_line_is_not_reissued_to_another_household() -> None:
    office = a_failed_line()
    other = line(named("somebody"), {JULY: 78_000}, reissues=office.reference(LIST))
    refuses_reissue(office, "as_first_listed", other)


def test_one_failed_line_is_not_reissued_to_two_households() -> None:
    office = a_failed_line()
    other = line(named("somebody"), {JULY: 78_000}, reissues=office.reference(LIST))
    refuses_reissue(office, "settled_once", other, again(office))


def test_a_reference_that_the_list_never_had_is_not_reissued() -> None:
    office = a_failed_line()
    refuses_reissue(office, "failed_line", line(HOME, {JULY: 78_000}, reissues=named("nothing")))


# Closing.


def to_close(office: PayingOffice, household: UUID = HOME, **more: Any) -> dict[str, Any]:
    """The data that close the line of a household."""
    return {
        "list": LIST,
        "reference_id": office.reference(LIST, household),
        "amount_fen": 78_000,
        "reason": "payee_died",
        **more,
    }


def test_a_failed_line_is_closed_with_a_reason() -> None:
    office = a_failed_line()
    office.accepts("ClosePaymentLine", **to_close(office))
    assert office.listed(LIST).closed == {office.reference(LIST)}


def test_a_line_is_closed_once_and_then_not_reissued() -> None:
    office = a_failed_line()
    office.accepts("ClosePaymentLine", **to_close(office))
    office.refuses("settled_once", "ClosePaymentLine", None, to_close(office), month=JULY)
    refuses_reissue(office, "settled_once", again(office))


def test_a_reissued_line_is_not_closed_unless_its_reissue_was_taken_back() -> None:
    office = a_failed_line()
    office.accepts("FreezePaymentList", **to_reissue(office, SECOND_LIST, again(office)))
    office.refuses("settled_once", "ClosePaymentLine", None, to_close(office), month=JULY)
    office.accepts("RejectPaymentList", list=SECOND_LIST, reason="payee_died")
    office.accepts("ClosePaymentLine", **to_close(office))


def test_a_paid_or_unknown_line_is_not_closed() -> None:
    office = a_failed_line()
    paid = to_close(office, OTHER, amount_fen=50_000)
    office.refuses("failed_line", "ClosePaymentLine", None, paid, month=JULY)
    unknown = to_close(office, reference_id=named("nothing"))
    office.refuses("failed_line", "ClosePaymentLine", None, unknown, month=JULY)


def test_a_line_is_closed_with_its_amount() -> None:
    office = a_failed_line()
    wrong = to_close(office, amount_fen=78_001)
    office.refuses("line_amount", "ClosePaymentLine", None, wrong, month=JULY)


def test_another_reason_is_given_in_words() -> None:
    office = a_failed_line()
    silent = to_close(office, reason="other")
    office.refuses("reason_in_words", "ClosePaymentLine", None, silent, month=JULY)
    office.accepts("ClosePaymentLine", **silent, note="The village paid in kind.")


def test_what_was_returned_after_payment_is_closed_or_reissued() -> None:
    office = an_approved_list()
    office.reported(LIST, office.said(LIST, HOME, "succ"))
    office.reported(LIST, office.said(LIST, HOME, "returned"))
    office.accepts("FreezePaymentList", **to_reissue(office, SECOND_LIST, again(office)))


def test_a_reissue_is_frozen_from_its_own_document_alone() -> None:
    office = a_failed_line()
    data = freeze_data(
        list_document(
            again(office), kind="reissue", reissues=str(LIST), lists_version=3, month=JULY
        ),
        SECOND_LIST,
    )
    office.refuses("document_on_record", "FreezePaymentList", None, data, month=None)
