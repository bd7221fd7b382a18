"""Luzhou district, January to September 2023: temporary assistance, and alerts, as commands.

Person-times and amount of the assistance are published; who got how much is synthetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from assistance.demo import published
from assistance.demo.envelopes import Envelope, Stream, day_in, days_after, demo_id
from assistance.demo.luzhou import OFFICE, month_name
from assistance.demo.places import villages
from assistance.demo.rolls import LAST_MONTH
from assistance.demo.solve import apportion, sizes

GRANTS = 1_310
"""Assumed: how many grants; the published person-times are their recipients together."""

UNIT = 100_00
"""Grants are whole hundreds of yuan, in fen."""

CAUSES = {"illness": 46, "education": 12, "traffic": 8, "fire": 4, "job_lost": 14, "other": 16}
"""Assumed: the causes, as weights."""

URGENT = ("traffic", "fire")

ALERTS = 36
"""Assumed: alerts in the nine months; every third one is still open in September."""


def temporary_aid() -> Iterator[Envelope]:
    """Yield the grants: together exactly the published person-times and amount."""
    out: list[Envelope] = []
    rng = Random("demo:temporary-aid")  # noqa: S311  the same grants in every run
    recipients = sizes(rng, GRANTS, published.AID_PERSON_TIMES.published)
    weights = [persons * rng.uniform(0.5, 1.6) for persons in recipients]
    units = apportion(published.AID_AMOUNT.published // UNIT, weights)
    for n, (persons, unit) in enumerate(zip(recipients, units, strict=True)):
        _grant(out, rng, n, persons, unit * UNIT)
    yield from out


def _grant(out: list[Envelope], rng: Random, n: int, recipients: int, fen: int) -> None:
    cause = rng.choices(list(CAUSES), list(CAUSES.values()))[0]
    month = month_name(1 + n % LAST_MONTH)
    urgent = cause in URGENT
    checks = {"simplified": ["income", "publication"]} if urgent else {}
    Stream(out, demo_id(f"luzhou/aid/{n}", month), OFFICE).do(
        "GrantTemporaryAid",
        day_in(month, rng.randint(3, 28)),
        area=rng.choice(villages(published.LUZHOU)),
        type="emergency" if urgent else "expenditure",
        cause=cause,
        amount_fen=fen,
        recipients=recipients,
        decided_by="county",
        **checks,
    )


def alerts() -> Iterator[Envelope]:
    """Yield alerts of early warning; most are looked into and resolved, some are still open."""
    out: list[Envelope] = []
    rng = Random("demo:alerts")  # noqa: S311  the same alerts in every run
    for n in range(ALERTS):
        _alert(out, rng, n)
    yield from out


def _alert(out: list[Envelope], rng: Random, n: int) -> None:
    month = month_name(1 + n % LAST_MONTH)
    raised = day_in(month, rng.randint(3, 20))
    stream = Stream(out, demo_id(f"luzhou/alert/{n}", month), OFFICE)
    kind, source = rng.choice(
        (
            ("large_medical_bill", "medical_insurance"),
            ("disability_grade", "disabled_federation"),
            ("job_lost", "employment"),
            ("grid_report", "grid"),
        )
    )
    said: dict[str, Any] = {"kind": kind, "source": source}
    if kind == "large_medical_bill":
        said["amount_fen"] = rng.randrange(30_000_00, 120_000_00, 100_00)
    urgency = rng.choice(("urgent", "high", "normal"))
    area = rng.choice(villages(published.LUZHOU))
    stream.do("RaiseAlert", raised, area=area, urgency=urgency, **said)
    if n % 3 == 0:
        return
    needs_help = rng.random() < 0.5
    seen = days_after(raised, rng.randint(1, 6))
    stream.do("VisitHome", seen, found="needs_help" if needs_help else "no_need")
    outcome = "aided" if needs_help else "no_need"
    stream.do("ResolveAlert", days_after(seen, rng.randint(1, 5)), outcome=outcome)
