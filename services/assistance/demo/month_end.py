"""Luzhou's month's ends after the months that it published: who decides what when. All of it is assumed.

October 2023 is listed, paid, and in part fails; what failed is listed again. In November two exits and a
higher standard become known, both from October on, so that November's list carries arrears.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from assistance.demo.envelopes import demo_id
from assistance.demo.procedure import ORDER_649_CHANGE
from assistance.demo.published import LUZHOU
from assistance.demo.standards import ASSUMED, TEKUN_CARE

AREA = LUZHOU
CLERK, OFFICER, BANK = f"clerk-{LUZHOU}", f"officer-{LUZHOU}", f"bank-{LUZHOU}"
PAYER_ACCOUNT, PROVIDER = "140403000000000001", "bank.example"

LATE_STANDARD = 720_00
"""Fen a month from October 2023 on, announced on 8 November: 20.00 more than was listed."""
TEKUN_BASIC = {"dispersed": LATE_STANDARD * 130 // 100, "institutional": LATE_STANDARD * 143 // 100}
ONE_PERSON = 700_00
"""What a person alone without income was listed for October, in fen."""

RECEIVED = 300_00
RECOVERED_BY = ORDER_649_CHANGE

Said = dict[str, Any]


class ListPlan(NamedTuple):
    """A list of the demo: its fixed id, its month, and the days on which it is dealt with."""

    name: str
    month: str
    frozen_on: str
    approved_on: str
    sent_on: str
    reported_on: str

    @property
    def list(self) -> UUID:
        """The list's id, the same in every run."""
        return UUID(demo_id(f"month-end/{self.name}", self.month))

    @property
    def file(self) -> str:
        """The file into which it is exported, in the data folder."""
        return f"demo-{self.name}.g2p.ndjson"


OCTOBER = ListPlan("october", "2023-10", "2023-10-05", "2023-10-07", "2023-10-09", "2023-10-16")
AGAIN = ListPlan("october-again", "2023-10", "2023-10-25", "2023-10-26", "2023-10-27", "2023-10-31")
NOVEMBER = ListPlan("november", "2023-11", "2023-11-09", "2023-11-10", "2023-11-13", "2023-11-17")
RECOVERY = UUID(demo_id("month-end/recovery", "2023-11"))


def october_status(n: int) -> str:
    """Return what the bank first reports of October's n-th line."""
    if n % 380 == 6:
        return "rjct"
    return "pdng" if n % 700 == 10 else "succ"


def november_status(n: int) -> str:
    """Return what the bank reports of November's n-th line; what is pending is so at the end."""
    if n % 900 == 4:
        return "rjct"
    return "pdng" if n % 1300 == 20 else "succ"


def account_of(payee: UUID) -> str:
    """Return the invented account of a person."""
    return f"6217{payee.int % 10**12:012d}"


def first_month() -> Said:
    """Return the policy without which nothing is listed: Luzhou lists from October 2023 on."""
    return {
        "area": AREA, "setting": "lists.first_month", "value": "2023-10", "effective": "2023-10",
        "instrument": ASSUMED,
    }  # fmt: skip


def late_standards() -> Iterator[Said]:
    """Yield the higher standards, of dibao and of the tekun that follows it, announced late."""
    shared = {
        "area": AREA, "effective": "2023-10", "period": "month", "adopted_by": ASSUMED,
        "announced_on": "2023-11-08",
    }  # fmt: skip
    yield {**shared, "programme": "dibao", "mode": "gap", "amount_fen": LATE_STANDARD}
    yield {
        **shared, "programme": "tekun", "mode": "full", "amount_fen": TEKUN_BASIC["dispersed"],
        "by_care_form": TEKUN_BASIC, "care": TEKUN_CARE,
    }  # fmt: skip


def exit_from_october(reason: str) -> Said:
    """Return an exit effective October, decided in November."""
    return {
        "effective": "2023-10", "reason": reason, "legal_basis": ORDER_649_CHANGE,
        "decided_by": "county",
    }  # fmt: skip
