"""How a household comes onto a roll and leaves it: the acts in the order in which they are due."""

from __future__ import annotations

from random import Random
from typing import Any

from assistance.demo.envelopes import Stream, day_in, days_after, demo_id
from ledger.months import shift

ORDER_649_ENTRY = "State Council Order 649, Article 11"
ORDER_649_CHANGE = "State Council Order 649, Article 13"
ORDER_649_TEKUN = "State Council Order 649, Articles 14 to 17"
"""The Interim Measures on Social Assistance: the rules in force in the years of the demo."""

Members = list[dict[str, Any]]


def members(label: str, size: int, since: str, last_role: str | None = None) -> Members:
    """Return a household's members, head first; `last_role` names the last one's role."""
    roles = ["head", "spouse", "child", "child", "parent", "grandchild"][:size]
    if size == 2:
        roles[1] = "child" if len(label) % 2 else "spouse"
    if last_role and size > 1:
        roles[-1] = last_role
    return [
        {"person": demo_id(f"{label}/person/{n}", since), "role": role}
        for n, role in enumerate(roles)
    ]


def migrate(stream: Stream, effective: str, day: int, /, **enrolment: Any) -> str:
    """Enrol a household that an older system had on its roll; return the fact's id."""
    return stream.do(
        "EnrolHousehold",
        day_in(shift(effective, -1), day),
        migrated=True,
        effective=effective,
        decided_by="county",
        **{"legal_basis": ORDER_649_ENTRY, **enrolment},
    )


def apply_and_enrol(
    rng: Random, stream: Stream, effective: str, proactive: bool, /, **enrolment: Any
) -> str:
    """Take a household from the application to the publication; return the enrolment's fact id.

    The decision is taken in the month before the first one paid.
    """
    decided = day_in(shift(effective, -1), rng.randint(16, 27))
    received = days_after(decided, -rng.randint(18, 32))
    village = enrolment["area"]
    found: dict[str, Any] = {"channel": "counter" if rng.random() < 0.8 else "online"}
    if proactive:
        found = {"channel": "proactive", "grid": f"grid-{village}"}
    persons = [member["person"] for member in enrolment["members"]]
    stream.do(
        "ReceiveApplication",
        received,
        area=village,
        applied_for=enrolment["programme"],
        persons=persons,
        **found,
    )
    related = {"relative_of_staff": True} if rng.random() < 0.02 else {}
    stream.do("AcceptApplication", days_after(received, rng.randint(1, 3)), **related)
    verified = stream.do(
        "VerifyMeans",
        days_after(decided, -10),
        income_fen=enrolment["income_fen"],
        sources=["tax", "social_insurance", "vehicles", "property"],
    )
    stream.do("PostOpinion", days_after(decided, -8), days=7)
    enrolled = stream.do(
        "EnrolHousehold",
        decided,
        effective=effective,
        decided_by="county",
        legal_basis=ORDER_649_ENTRY,
        verification=verified,
        **enrolment,
    )
    stream.do("PublishDecision", days_after(decided, 3), decision=enrolled)
    return enrolled


def hear(stream: Stream, rng: Random, decided: str, intended: str) -> None:
    """Hear the household, or invite it in vain, some days before a decision against it."""
    manner = "heard" if rng.random() < 0.85 else "invited_silent"
    stream.do(
        "HearOpinion", days_after(decided, -rng.randint(3, 8)), intended=[intended], manner=manner
    )


def notify(stream: Stream, rng: Random, decided: str, decision: str) -> None:
    """Serve the notice of a decision; one in twenty is never served, for the audit to find."""
    if rng.random() < 0.95:
        manner = rng.choice(("in_person", "in_person", "post", "electronic"))
        stream.do(
            "ServeNotice", days_after(decided, rng.randint(1, 6)), decision=decision, manner=manner
        )


def leave_by_death(stream: Stream, rng: Random, person: str, effective: str) -> None:
    """The only member dies in the month before `effective`, the first one not paid."""
    died = day_in(shift(effective, -1), rng.randint(1, 28))
    late = rng.random() < 0.06
    learned = days_after(died, rng.randint(45, 80) if late else rng.randint(1, 12))
    stream.do(
        "RecordDeath",
        learned,
        effective=effective,
        person=person,
        died_on=died,
        learned_on=learned,
    )
    stream.do(
        "ExitHousehold",
        learned,
        effective=effective,
        reason="death",
        legal_basis=ORDER_649_CHANGE,
        decided_by="county",
    )


def leave(stream: Stream, rng: Random, reason: str, effective: str) -> None:
    """The whole household leaves: review or request, hearing, exit, notice."""
    late = rng.random() < 0.05
    month = effective if late else shift(effective, -1)
    decided = day_in(month, rng.randint(12, 28))
    said: dict[str, Any] = {}
    if reason == "voluntary":
        said["signed_request_on"] = days_after(decided, -4)
    else:
        stream.do("CompleteReview", days_after(decided, -10), outcome="exit")
        hear(stream, rng, decided, "exit")
    exited = stream.do(
        "ExitHousehold",
        decided,
        effective=effective,
        reason=reason,
        legal_basis=ORDER_649_CHANGE,
        decided_by="county",
        **said,
    )
    notify(stream, rng, decided, exited)
