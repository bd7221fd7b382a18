"""What may be adopted for an area."""

from __future__ import annotations

from msgspec.structs import replace

from ledger.errors import Refused
from ledger.fact import Fact
from ledger.programmes import scheme
from ledger.standards.area import Area
from ledger.standards.facts import (
    AreaReplaced,
    PolicyAdopted,
    PolicyEnded,
    StandardAdopted,
    StandardEnded,
)
from ledger.standards.settings import check_setting
from ledger.timeline import corrected_rank
from ledger.world import World


def decide(area: Area, fact: Fact, world: World) -> None:
    """Record a standard, a policy, an area grant or a code's successor, or refuse it."""
    rank = corrected_rank(area.id, area.facts, fact)
    world.require_area(getattr(fact, "area"))  # noqa: B009  every fact of this stream has one
    match fact:
        case StandardAdopted():
            _refuse_bad_standard(fact)
        case StandardEnded():
            own = area.standard(fact.programme, fact.effective, fact.kind, rank)
            _refuse_unless(own, fact.kind, fact.programme, fact.effective)
        case PolicyAdopted():
            check_setting(fact.setting, fact.value)
        case PolicyEnded():
            adopted = area.policy(fact.setting, fact.effective, rank)
            _refuse_unless(adopted, "policy", fact.setting, fact.effective)
        case AreaReplaced():
            _refuse_bad_successor(fact, world)
    area.trigger(replace(fact, rank=rank) if rank else fact)


def _refuse_bad_standard(fact: StandardAdopted) -> None:
    if (fact.mode == "tiered") != bool(fact.tiers):
        raise Refused(
            "standard_complete",
            "A tiered standard names the amount of each tier, and no other mode has tiers.",
            'Give `tiers`, e.g. {"A": 59000}, with mode `tiered`; leave it out otherwise.',
            fact.effective,
        )
    if (fact.mode == "full") != (scheme(fact.programme) == "tekun"):
        raise Refused(
            "standard_mode",
            "Tekun is full support, dibao is gap or tiered (Law 18).",
            "Use mode `full` for tekun programmes only.",
            fact.effective,
        )


def _refuse_unless(found: object, what: str, which: str, month: str) -> None:
    if found is None:
        raise Refused(
            f"{what}_to_end",
            f"This area has no {what} of its own in force for {which} in {month}.",
            "Only what the area itself adopted can be ended, from a month in which it holds.",
            month,
        )


def _refuse_bad_successor(fact: AreaReplaced, world: World) -> None:
    world.require_area(fact.successor)
    if fact.successor == fact.area:
        raise Refused(
            "successor_differs", "An area cannot give way to itself.", "Name another code."
        )
