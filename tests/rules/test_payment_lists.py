"""Payment lists: what may be frozen, who approves, when one is cancelled or sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from ledger.errors import StaleVersion
from ledger.ids import PAYMENT_LISTS, area_stream
from ledger.payment_months.facts import PaymentListFrozen
from ledger.payment_months.list_document import reference_of
from tests.payment_documents import freeze_data, line, list_document
from tests.rules.given import (
    ANN,
    COUNTY,
    HOME,
    OTHER,
    OTHER_TOWN,
    PROVINCE,
    TOWN,
    TOWN_WITHOUT_STANDARD,
    named,
)
from tests.rules.payments import (
    AUGUST,
    JULY,
    LIST,
    SECOND_LIST,
    SEPTEMBER,
    THIRD_LIST,
    PayingOffice,
)

NEXT = "next_listed_month"
OF_NO_MONTH = ("one_freeze_a_list", "known_area", "names_a_fact")


def refuses_freeze(office: PayingOffice, rule: str, list_id: UUID = LIST, **head: Any) -> None:
    """Expect a list that is computed now to be refused by a rule, in its month if in any."""
    data = office.to_freeze(list_id, **head)
    month = None if rule in OF_NO_MONTH else data["month"]
    office.refuses(rule, "FreezePaymentList", None, data, month=month)


def test_a_list_is_frozen_as_its_document_says() -> None:
    office = PayingOffice()
    data = office.to_freeze(LIST, line(HOME, {JULY: 78_000}), month=JULY)
    fact = office.accepts("FreezePaymentList", **data)
    assert isinstance(fact, PaymentListFrozen)
    assert (fact.lines, fact.total_fen, fact.lists_version) == (1, 78_000, 0)
    assert office.listed(LIST).status == "frozen"


def test_all_lists_and_recoveries_are_one_stream() -> None:
    office = PayingOffice()
    office.enrolled(HOME, [ANN])
    office.froze(LIST, month=JULY)
    office.ordered()
    assert office.lists.version == 2
    assert office.lists.id == PAYMENT_LISTS


def test_nobody_else_takes_the_id_of_that_stream() -> None:
    office = PayingOffice()
    office.refuses(
        "one_subject_a_stream", "VerifyMeans", PAYMENT_LISTS, {"income_fen": 1}, month=None
    )


def test_a_lists_id_is_used_once() -> None:
    office = PayingOffice()
    office.froze(LIST, month=JULY)
    refuses_freeze(office, "one_freeze_a_list", month=JULY)


def test_a_freeze_names_a_document_on_record() -> None:
    office = PayingOffice()
    data = freeze_data(list_document(month=JULY), LIST)
    office.refuses("document_on_record", "FreezePaymentList", None, data, month=None)


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "help_first"}, {"area": TOWN}, {"programme": "tekun"}, {"programme": None},
        {"month": AUGUST}, {"position": 13}, {"lists_version": 1}, {"calculation": 2},
        {"lines": 2}, {"total_fen": 1}, {"reissues": str(SECOND_LIST)}, {"grant": f"{HOME}:1"},
    ],
    ids=lambda changed: next(iter(changed)),
)  # fmt: skip
def test_a_freeze_says_what_its_document_says(changed: dict[str, Any]) -> None:
    office = PayingOffice()
    data = office.to_freeze(LIST, month=JULY) | changed
    error = office.refuses(
        "as_its_document", "FreezePaymentList", None, data, month=changed.get("month", JULY)
    )
    assert next(iter(changed)) in error.detail


def test_a_list_computed_before_another_act_is_stale() -> None:
    office = PayingOffice()
    stale = office.to_freeze(SECOND_LIST, month=JULY)
    office.froze(LIST, month=JULY)
    with pytest.raises(StaleVersion, match="at version 1; the document was computed at 0"):
        office.sends("FreezePaymentList", None, **stale)
    assert office.lists.version == 1


def test_without_a_first_listed_month_nothing_is_frozen() -> None:
    office = PayingOffice(first_month=None)
    refuses_freeze(office, "first_listed_month", month=JULY)


def test_a_month_before_the_first_listed_is_refused() -> None:
    office = PayingOffice()
    refuses_freeze(office, "first_listed_month", month="2026-06")


def test_the_first_list_is_for_the_first_listed_month() -> None:
    office = PayingOffice()
    refuses_freeze(office, NEXT, month=AUGUST)
    office.froze(LIST, month=JULY)


def test_months_are_listed_in_order_and_may_be_listed_again() -> None:
    office = PayingOffice()
    office.froze(LIST, month=JULY)
    refuses_freeze(office, NEXT, SECOND_LIST, month=SEPTEMBER)
    office.froze(SECOND_LIST, month=AUGUST)
    office.froze(THIRD_LIST, month=JULY)


@pytest.mark.parametrize("end", ["RejectPaymentList", "CancelPaymentList"])
def test_a_month_whose_list_was_taken_back_is_the_next_again(end: str) -> None:
    office = PayingOffice()
    office.froze(LIST, month=JULY)
    if end == "CancelPaymentList":
        office.approved(LIST)
    office.accepts(end, list=LIST, reason="wrong")
    refuses_freeze(office, NEXT, SECOND_LIST, month=AUGUST)
    office.froze(SECOND_LIST, month=JULY)


@pytest.mark.parametrize(
    ("area", "programme"),
    [(TOWN, "dibao"), (COUNTY, None), (COUNTY, "dibao.urban"), (COUNTY, "dibao")],
)
def test_a_list_of_an_area_in_it_around_it_or_of_one_of_its_programmes_counts(
    area: str, programme: str | None
) -> None:
    office = PayingOffice()
    office.froze(LIST, month=JULY, area=area, programme=programme)
    office.froze(SECOND_LIST, month=AUGUST)


@pytest.mark.parametrize(
    ("area", "programme"), [(OTHER_TOWN, "dibao"), (TOWN, "tekun"), (TOWN, "dibao.rural")]
)
def test_a_list_beside_it_or_of_another_programme_does_not_count(area: str, programme: str) -> None:
    office = PayingOffice()
    office.froze(LIST, month=JULY, area=TOWN, programme="dibao.urban")
    refuses_freeze(office, NEXT, SECOND_LIST, month=AUGUST, area=area, programme=programme)


def test_lists_under_a_code_that_gave_way_count_for_its_successor() -> None:
    office = PayingOffice()
    office.policy("lists.first_month", JULY, area=PROVINCE)
    office.froze(LIST, month=JULY, area=OTHER_TOWN)
    office.accepts("ReplaceArea", area=OTHER_TOWN, successor=TOWN, effective=AUGUST)
    office.froze(SECOND_LIST, month=AUGUST, area=TOWN)


def test_no_month_after_the_next_one_is_frozen() -> None:
    office = PayingOffice()
    for list_id, month in ((LIST, JULY), (SECOND_LIST, AUGUST), (THIRD_LIST, SEPTEMBER)):
        office.froze(list_id, month=month)
    refuses_freeze(office, "month_at_hand", named("fourth"), month="2026-10")


@pytest.mark.parametrize("kind", ["help_first", "temporary_aid"])
def test_grants_are_listed_from_the_first_month_on_whatever_was_listed_before(kind: str) -> None:
    refuses_freeze(PayingOffice(first_month=None), "first_listed_month", LIST, kind=kind)
    office = PayingOffice(first_month="2026-06")
    head = "funeral_aid" if kind == "temporary_aid" else kind
    paid = line(named("grant"), {JULY: 50_000}, head, subject="grant")
    office.froze(LIST, paid, kind=kind, programme=None)
    refuses_freeze(office, "month_at_hand", THIRD_LIST, kind=kind, month="2026-12")


def adopt_grant(office: PayingOffice, area: str) -> str:
    """Adopt a heating grant for an area; return the fact's id."""
    office.accepts(
        "AdoptAreaGrant", area=area, head="heating", rolls=["dibao.urban"], per="household",
        amount_fen=20_000, effective=AUGUST,
    )  # fmt: skip
    return office.last(area_stream(area))


@pytest.mark.parametrize("area", [TOWN, COUNTY, PROVINCE])
def test_an_area_grants_list_names_a_grant_around_the_area_or_in_it(area: str) -> None:
    office = PayingOffice()
    grant = adopt_grant(office, area)
    paid = line(HOME, {AUGUST: 20_000}, "heating")
    office.froze(LIST, paid, kind="area_grant", grant=grant, programme=None)


def test_an_area_grant_of_elsewhere_is_refused() -> None:
    office = PayingOffice()
    grant = adopt_grant(office, OTHER_TOWN)
    refuses_freeze(office, "grant_of_the_area", kind="area_grant", grant=grant, area=TOWN)


@pytest.mark.parametrize("which", ["another fact", "no fact", "another stream"])
def test_an_area_grant_that_is_none_is_refused(which: str) -> None:
    office = PayingOffice()
    adopt_grant(office, COUNTY)
    grant = {
        "another fact": f"{area_stream(COUNTY)}:1",
        "no fact": f"{area_stream(COUNTY)}:99",
        "another stream": f"{HOME}:1",
    }[which]
    refuses_freeze(office, "names_a_fact", kind="area_grant", grant=grant)


def test_a_list_of_an_unknown_area_is_refused() -> None:
    office = PayingOffice()
    refuses_freeze(office, "known_area", area="990000")


def test_a_list_of_an_area_without_the_setting_is_refused() -> None:
    office = PayingOffice()
    refuses_freeze(office, "first_listed_month", area=TOWN_WITHOUT_STANDARD, month=JULY)


# Approval, rejection, cancelling, sending.


def test_another_officer_approves() -> None:
    office = PayingOffice()
    data = office.froze(LIST, month=JULY)
    office.by("approver", "ApprovePaymentList", list=LIST, document=data["document"])
    assert office.listed(LIST).status == "approved"


def test_nobody_approves_a_list_frozen_by_themselves() -> None:
    office = PayingOffice()
    data = office.froze(LIST, month=JULY)
    office.actor = "clerk"
    office.refuses(
        "approved_by_another",
        "ApprovePaymentList",
        list=LIST,
        document=data["document"],
        month=JULY,
    )


def test_an_approval_with_another_digest_is_refused() -> None:
    office = PayingOffice()
    office.froze(LIST, month=JULY)
    office.refuses(
        "approved_as_computed", "ApprovePaymentList", list=LIST, document="0" * 64, month=JULY
    )


ACTS: dict[str, dict[str, Any]] = {
    "ApprovePaymentList": {"document": "0" * 64},
    "RejectPaymentList": {"reason": "wrong"},
    "CancelPaymentList": {"reason": "wrong"},
    "SendPaymentList": {"format": "csv"},
    "ClosePaymentLine": {"reference_id": HOME, "amount_fen": 1, "reason": "payee_died"},
}


@pytest.mark.parametrize("act", ACTS)
def test_an_act_on_a_list_that_is_not_there_is_not_found(act: str) -> None:
    PayingOffice().misses(act, list=LIST, **ACTS[act])


@pytest.mark.parametrize("act", ["CancelPaymentList", "SendPaymentList", "ClosePaymentLine"])
def test_a_frozen_list_is_neither_sent_nor_cancelled_nor_closed(act: str) -> None:
    office = PayingOffice()
    office.froze(LIST, month=JULY)
    office.refuses("list_approved", act, list=LIST, month=JULY, **ACTS[act])


@pytest.mark.parametrize("act", ["ApprovePaymentList", "RejectPaymentList"])
def test_an_approved_list_is_neither_approved_nor_rejected(act: str) -> None:
    office = PayingOffice()
    office.froze(LIST, month=JULY)
    office.approved(LIST)
    office.refuses("list_frozen", act, list=LIST, month=JULY, **ACTS[act])


@pytest.mark.parametrize("end", ["RejectPaymentList", "CancelPaymentList"])
@pytest.mark.parametrize("act", ACTS)
def test_nothing_follows_a_list_that_was_taken_back(act: str, end: str) -> None:
    office = PayingOffice()
    office.froze(LIST, month=JULY)
    if end == "CancelPaymentList":
        office.approved(LIST)
    office.accepts(end, list=LIST, reason="wrong")
    due = "frozen" if act in ("ApprovePaymentList", "RejectPaymentList") else "approved"
    office.refuses(f"list_{due}", act, list=LIST, month=JULY, **ACTS[act])


def test_a_list_is_sent_again_and_then_not_cancelled() -> None:
    office = PayingOffice()
    office.froze(LIST, month=JULY)
    office.approved(LIST)
    office.accepts("SendPaymentList", list=LIST, format="csv")
    office.accepts("SendPaymentList", list=LIST, format="g2p")
    office.refuses("cancelled_unsent", "CancelPaymentList", list=LIST, reason="wrong", month=JULY)


def test_a_list_with_results_is_not_cancelled() -> None:
    office = PayingOffice()
    office.froze(LIST, line(HOME, {JULY: 78_000}), month=JULY)
    office.approved(LIST)
    office.reported(LIST, office.said(LIST, HOME, "succ"))
    office.refuses("cancelled_unsent", "CancelPaymentList", list=LIST, reason="wrong", month=JULY)


def test_no_fact_about_a_list_is_corrected() -> None:
    office = PayingOffice()
    data = office.froze(LIST, month=JULY)
    corrects = f"{PAYMENT_LISTS}:1"
    office.refuses("lists_stand_as_recorded", "FreezePaymentList", None, data, corrects=corrects)
    reject = {"list": LIST, "reason": "wrong"}
    office.refuses("lists_stand_as_recorded", "RejectPaymentList", None, reject, corrects=corrects)


def test_a_list_has_the_version_of_its_own_last_fact() -> None:
    office = PayingOffice()
    office.froze(LIST, month=JULY)
    office.froze(SECOND_LIST, month=JULY)
    office.approved(LIST)
    assert (office.listed(LIST).version, office.listed(SECOND_LIST).version) == (3, 2)
    reject = office.accepts("RejectPaymentList", list=SECOND_LIST, reason="wrong")
    assert office.lists.version_of(reject) == 4
    assert office.lists.version_of(office.lists.facts[0]) == office.lists.version


def test_a_reference_id_follows_from_list_household_and_head() -> None:
    office = PayingOffice()
    both = [line(HOME, {JULY: 1}), line(HOME, {JULY: 1}, "tekun"), line(OTHER, {JULY: 1})]
    office.froze(LIST, *both, month=JULY)
    office.froze(SECOND_LIST, *both, month=JULY)
    found = {
        reference_of(one, read) for one in (LIST, SECOND_LIST) for _, read in office.references(one)
    }
    assert len(found) == 6
    assert {reference.version for reference in found} == {8}
