"""What an authority may do about an overpayment: order it back on a ground, receive it, waive it."""

from __future__ import annotations

from itertools import pairwise

from msgspec.structs import replace

from ledger.errors import NotFound, Refused
from ledger.fact import Fact
from ledger.payment_months.facts import RecoveryOrdered, RecoveryReceived, RecoveryWaived
from ledger.payment_months.payment_lists import PaymentLists, Recovery
from ledger.timeline import corrected_rank, named
from ledger.world import World

RecoveryFact = RecoveryOrdered | RecoveryReceived | RecoveryWaived


def decide(lists: PaymentLists, fact: Fact, world: World) -> None:
    """Record a recovery, an instalment or a waiver, or a correction of one, or refuse it."""
    if not isinstance(fact, RecoveryFact):
        raise TypeError(f"no fact about a recovery: {type(fact).__name__}")
    rank = corrected_rank(lists.id, lists.facts, fact)
    if fact.corrects is not None:
        _refuse_correction_of_another(lists, fact, fact.corrects)
    known = lists.recovery_of(fact.recovery)
    if isinstance(fact, RecoveryOrdered):
        _refuse_order(fact, known, world)
        known = known or Recovery(fact, 0)
    elif known is None:
        raise NotFound(f"There is no recovery {fact.recovery}; its first command is OrderRecovery.")
    _refuse_more_than_ordered(known, fact, rank)
    lists.trigger(replace(fact, rank=rank) if rank else fact)


def _refuse_correction_of_another(lists: PaymentLists, fact: RecoveryFact, corrects: str) -> None:
    corrected = lists.facts[named(lists.id, lists.facts, corrects, "corrects", type(fact)) - 1]
    if getattr(corrected, "recovery") != fact.recovery:  # noqa: B009  of the same type as the fact
        raise Refused(
            "names_a_fact",
            "`corrects` names a fact of another recovery.",
            "Name a fact of this recovery by its id, <stream>:<version>: see its history.",
        )


def _refuse_order(fact: RecoveryOrdered, known: Recovery | None, world: World) -> None:
    if known and fact.corrects is None:
        raise Refused(
            "one_order_a_recovery",
            "The recovery was ordered already.",
            "Choose a new id for a new recovery, or correct the order.",
        )
    if fact.ground == "other" and fact.note is None:
        raise Refused(
            "ground_of_a_recovery",
            "A recovery is ordered on a ground; `other` says none.",
            "Say in `note` why it has to be paid back.",
        )
    for before, part in pairwise(fact.parts):
        if part.month <= before.month:
            raise Refused(
                "months_in_order",
                "The months of `parts` do not ascend, each month once.",
                "Give one part a month, the oldest first.",
                part.month,
            )
    world.household(fact.household)


def _refuse_more_than_ordered(known: Recovery, fact: RecoveryFact, rank: int | None) -> None:
    """Refuse what leaves less ordered than was received and waived; a new fact has no rank yet: 0."""
    order = fact if isinstance(fact, RecoveryOrdered) else known.order
    after = Recovery(order, known.version, {**known.chains, rank or 0: fact})
    if after.balance_fen < 0:
        raise Refused(
            "recovery_within_order",
            f"{after.ordered_fen} fen are ordered; {after.received_fen} received and "
            f"{after.waived_fen} waived are more.",
            "Record at most what is still to come in, or correct the order first.",
        )
