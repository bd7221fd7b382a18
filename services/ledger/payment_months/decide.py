"""What an authority may do with payment lists: freeze, have approved, send, record what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from ledger.areas import lies_in
from ledger.errors import NotFound, Refused, StaleVersion
from ledger.fact import Fact
from ledger.ids import is_area_stream
from ledger.months import month_of, shift
from ledger.payment_months import list_document
from ledger.payment_months.facts import (
    PaymentLineClosed,
    PaymentListApproved,
    PaymentListCancelled,
    PaymentListFrozen,
    PaymentListRejected,
    PaymentListSent,
    PaymentResultsRecorded,
)
from ledger.payment_months.list_document import ListHead
from ledger.payment_months.payment_lists import PaymentList, PaymentLists
from ledger.payment_months.reissuing import refuse_other_lines
from ledger.payment_months.reporting import refuse_closing, refuse_other_results
from ledger.payment_months.standing import refuse_unless
from ledger.programmes import scheme
from ledger.standards.area import Area
from ledger.standards.facts import AreaGrantAdopted
from ledger.timeline import named
from ledger.world import World

FIRST_MONTH = "lists.first_month"
"""The setting without which no month of an area is frozen."""


def decide(lists: PaymentLists, fact: Fact, world: World) -> None:
    """Record an act on a list, or refuse it; nothing is computed here, and no list corrected."""
    if fact.corrects is not None:
        raise Refused(
            "lists_stand_as_recorded",
            "A fact about a payment list is not corrected.",
            "Reject or cancel the list and freeze a new one; report results again as they are.",
        )
    if isinstance(fact, PaymentListFrozen):
        _refuse_freeze(lists, fact, world)
    else:
        _refuse_act(lists, fact, world)
    lists.trigger(fact)


def _refuse_act(lists: PaymentLists, fact: Fact, world: World) -> None:
    match fact:
        case PaymentListApproved():
            _refuse_approval(_known(lists, fact), fact, world)
        case PaymentListRejected():
            refuse_unless(_known(lists, fact), "frozen")
        case PaymentListCancelled():
            _refuse_cancelling(_known(lists, fact))
        case PaymentListSent():
            refuse_unless(_known(lists, fact), "approved")
        case PaymentResultsRecorded():
            listed = _known(lists, fact)
            refuse_unless(listed, "approved")
            refuse_other_results(listed, fact, world)
        case PaymentLineClosed():
            listed = _known(lists, fact)
            refuse_unless(listed, "approved")
            refuse_closing(lists, listed, fact, world)


def _known(
    lists: PaymentLists,
    fact: PaymentListApproved
    | PaymentListRejected
    | PaymentListCancelled
    | PaymentListSent
    | PaymentResultsRecorded
    | PaymentLineClosed,
) -> PaymentList:
    found = lists.list_of(fact.list)
    if found is None:
        raise NotFound(f"There is no payment list {fact.list}; its first command freezes it.")
    return found


def _refuse_approval(listed: PaymentList, fact: PaymentListApproved, world: World) -> None:
    refuse_unless(listed, "frozen")
    if world.actor == listed.frozen.actor:
        raise Refused(
            "approved_by_another",
            "Who froze a list cannot approve it.",
            "Let another officer look at the list and approve it.",
            listed.frozen.month,
        )
    if fact.document != listed.frozen.document:
        raise Refused(
            "approved_as_computed",
            "The digest approved is not that of the list's document.",
            "Verify the list; when it is computed otherwise, reject it and freeze it anew.",
            listed.frozen.month,
        )


def _refuse_cancelling(listed: PaymentList) -> None:
    refuse_unless(listed, "approved")
    if listed.sent or listed.results:
        raise Refused(
            "cancelled_unsent",
            "The list was sent, or results are on record for it.",
            "Record what came of each line; order what was overpaid to be recovered.",
            listed.frozen.month,
        )


def _refuse_freeze(lists: PaymentLists, fact: PaymentListFrozen, world: World) -> None:
    if lists.list_of(fact.list) is not None:
        raise Refused(
            "one_freeze_a_list", "The list was frozen already.", "Choose a new id for a new list."
        )
    world.require_area(fact.area)
    _refuse_other_document(fact, world)
    if fact.lists_version != lists.version:
        raise StaleVersion(
            f"The lists and recoveries are at version {lists.version}; the document was computed at "
            f"{fact.lists_version}: compute it again.",
            version=lists.version,
        )
    _refuse_month(lists, fact, world)
    if fact.reissues is not None:
        refuse_other_lines(lists, fact, fact.reissues, world)
    if fact.grant is not None:
        _refuse_other_grant(fact, fact.grant, world)


def _refuse_month(lists: PaymentLists, fact: PaymentListFrozen, world: World) -> None:
    if fact.month > (latest := shift(month_of(fact.decided_on), 1)):
        raise Refused(
            "month_at_hand",
            f"On {fact.decided_on} no list is frozen for a month after {latest}.",
            "Freeze the list in its month, or in the one before.",
            fact.month,
        )
    if fact.kind != "reissue":  # what was listed once may be issued again wherever it was
        first = _first_month(fact, world)
        if fact.kind == "monthly":
            _refuse_month_after_next(lists, fact, first, world)


def _first_month(fact: PaymentListFrozen, world: World) -> str:
    """Return the area's first listed month; Refused without one, and for a month before it."""
    first: str | None = world.policy(fact.area, FIRST_MONTH, fact.month)
    if first is None or fact.month < first:
        raise Refused(
            "first_listed_month",
            f"The first listed month of {fact.area} is {first}."
            if first
            else f"{fact.area} has no first listed month: nothing is frozen there.",
            f"Adopt the setting {FIRST_MONTH} for the area, or freeze from that month on.",
            fact.month,
        )
    return first


def _refuse_month_after_next(
    lists: PaymentLists, fact: PaymentListFrozen, first: str, world: World
) -> None:
    following = _next_month(lists, fact, first)
    if fact.month > following:
        # Only now: following every code that gave way asks for every area that was ever listed.
        following = _next_month(lists, fact, first, world)
    if fact.month > following:
        raise Refused(
            "next_listed_month",
            f"The next month to be listed for {fact.area} is {following}.",
            "Freeze the months in order; a month without payments is an empty list.",
            fact.month,
        )


def _next_month(
    lists: PaymentLists, fact: PaymentListFrozen, first: str, world: World | None = None
) -> str:
    """Return the month after the latest that is listed here, the first one when there is none."""
    months = [month for month in _months_listed(lists, fact, world) if month >= first]
    return shift(max(months), 1) if months else first


def _months_listed(
    lists: PaymentLists, fact: PaymentListFrozen, world: World | None
) -> Iterator[str]:
    """Yield the months of standing lists of an area around this one, in it, or the same.

    With a `world`, areas are compared by the codes to which theirs gave way.
    """

    def code(area: str) -> str:
        return world.counted_as(area, fact.month) if world else area

    here = code(fact.area)
    for one in lists.standing():
        if one.frozen.kind == "monthly" and _overlap(one.frozen.programme, fact.programme):
            there = code(one.frozen.area)
            if lies_in(here, there) or lies_in(there, here):
                yield one.frozen.month


def _overlap(one: str | None, other: str | None) -> bool:
    """Tell whether some household can be on lists of both programmes."""
    if one is None or other is None or one == other:
        return True
    return scheme(one) == scheme(other) and scheme(one) in (one, other)


def _refuse_other_document(fact: PaymentListFrozen, world: World) -> None:
    """Refuse a freeze that says anything else than its document does."""
    document = world.document(fact.document, list_document.KIND)
    head = list_document.decode_head(document.head)
    said = {name: getattr(head, name) for name in ListHead.__struct_fields__ if name != "document"}
    said |= {"lines": document.lines, "total_fen": document.total_fen}
    others = [name for name, value in said.items() if getattr(fact, name) != value]
    if others:
        raise Refused(
            "as_its_document",
            f"The document says otherwise of {', '.join(others)}.",
            "Send the document itself: the command is made from what it says.",
            fact.month,
        )


def _refuse_other_grant(fact: PaymentListFrozen, grant: str, world: World) -> None:
    """Refuse a list of an area grant that is on record neither around this area nor in it."""
    stream = UUID(grant.partition(":")[0])
    area = world.get(Area, stream) if is_area_stream(stream) else Area(stream)
    adopted = area.facts[named(area.id, area.facts, grant, "grant", AreaGrantAdopted) - 1]
    place: str = getattr(adopted, "area")  # noqa: B009  an AreaGrantAdopted, as `named` found
    if not (lies_in(fact.area, place) or lies_in(place, fact.area)):
        raise Refused(
            "grant_of_the_area",
            f"The grant is for {place}, the list for {fact.area}.",
            "Freeze the list for an area in which the grant was adopted.",
            fact.month,
        )
