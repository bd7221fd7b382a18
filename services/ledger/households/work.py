"""Work offered and refused: what may follow from a refusal, and what may not."""

from __future__ import annotations

from typing import Any

from ledger.errors import Refused
from ledger.households.facts import MemberCoverStopped, PaymentSuspended, WorkOffered, WorkRefused
from ledger.households.household import Household
from ledger.households.rules import INTERIM_MEASURES, since
from ledger.months import month_of
from ledger.timeline import named
from ledger.world import World


def of_a_member(household: Household, fact: Any, world: World) -> None:
    """Work is offered to, and refused by, a member of a household on the roll."""
    for state in (household.state_at(month_of(fact.decided_on)), household.latest()):
        if state.on_roll and fact.person in state.members:
            return
    raise Refused(
        "member_there",
        "The person is no member of this household on the roll.",
        "Name one of its members.",
        month_of(fact.decided_on),
    )


def refuses_an_offer(household: Household, fact: WorkRefused, world: World) -> None:
    """The offer that a refusal names is one of this stream."""
    if fact.offer is not None:
        named(household.id, household.facts, fact.offer, "offer", WorkOffered)


@since(INTERIM_MEASURES)
def refusals_on_record(household: Household, fact: MemberCoverStopped, world: World) -> None:
    """Who refuses work is stopped after three refusals on record, and only that member's share."""
    state = household.state_at(fact.effective)
    if fact.reason != "work_refused" or state.area is None:
        return
    refused = sum(
        isinstance(f, WorkRefused)
        and f.person == fact.person
        and f.spell == fact.spell
        and f.decided_on <= fact.decided_on
        for _, f in household.all_of(WorkRefused)
    )
    needed = int(world.policy(state.area, "work.refusals", fact.effective))
    if refused < needed:
        raise Refused(
            "three_refusals",
            f"{refused} refusals of work by this member are on record; {needed} are needed.",
            "Record each refusal with RecordWorkRefusal; stop only that member's share.",
            fact.effective,
        )


@since(INTERIM_MEASURES)
def only_the_share(household: Household, fact: PaymentSuspended, world: World) -> None:
    """A refusal of work never stops more than that member's share."""
    if fact.reason == "work_refused":
        raise Refused(
            "only_the_share",
            "A refusal of work stops that member's share alone, never the household's payment.",
            "Use StopMemberCover for the member after three refusals.",
            fact.effective,
        )
