"""What may be recorded of alerts, visits, referrals and reports."""

from __future__ import annotations

from msgspec.structs import replace

from ledger.alerts.case import FOLLOWS, Case
from ledger.alerts.facts import HomeVisited
from ledger.errors import NotFound, Refused
from ledger.fact import BY_CLASS, Fact
from ledger.timeline import corrected_rank
from ledger.world import World


def decide(case: Case, fact: Fact, world: World) -> None:
    """Record what opens a case or follows in it, or refuse it."""
    rank = corrected_rank(case.id, case.facts, fact)
    if rank is None:
        _refuse_out_of_place(case, fact)
    area, household = getattr(fact, "area", None), getattr(fact, "household", None)
    if area is not None:
        world.require_area(area)
    if household is not None:
        world.household(household)
    case.trigger(replace(fact, rank=rank) if rank else fact)


def _refuse_out_of_place(case: Case, fact: Fact) -> None:
    name = BY_CLASS[type(fact)].name
    opening = FOLLOWS.get(type(fact))
    if opening is None or (isinstance(fact, HomeVisited) and not case.version):
        if case.version:
            raise Refused(
                "one_case_a_stream",
                f"{name} opens a stream; this one has facts already.",
                "Choose a new id.",
            )
    elif not case.version:
        raise NotFound(f"There is no case {case.id} that {name} could follow.")
    elif not case.opened_by(*opening):
        raise Refused(
            "follows_its_kind", f"{name} does not follow on this stream.", "Name the right stream."
        )
    elif case.closed and not isinstance(fact, HomeVisited):
        raise Refused(
            "closed_once", "The case is closed already.", "Open a new one if there is new cause."
        )
