"""One city's late standard: announced on 11 July from July on, for 10,000 households, end to end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest

from ledger.commands import Command
from ledger.ledger import Ledger
from ledger.payment_months.receiving import Sender, freeze
from projections import rebuild
from projections.database import Database
from projections.payment_lists import computing, verifying
from projections.projections import Projections
from projections.runner import Runner
from tests.ledger_database import (
    COUNTY,
    LedgerDatabase,
    accepted,
    command,
    migrate_and_load_areas,
)
from tests.postgres import EMBEDDED_18, Servers

HOUSEHOLDS = 10_000
CHUNK = 2_000
BEFORE, AFTER = 78_000, 81_500

Parts = dict[UUID, dict[str, int]]


def prepare(superuser: str) -> None:
    """A migrated ledger with its areas, and empty projections."""
    migrate_and_load_areas(superuser)
    rebuild.install(superuser, superuser)


class City:
    """A city whose ledger and projections are real, and whose officers are two."""

    def __init__(self, ledger: Ledger, dsn: str, projections: Projections) -> None:
        self._ledger = ledger
        self._dsn = dsn
        self._projections = projections
        self._number = 0

    def does(self, *commands: Command) -> None:
        """Have commands decided; each has to be accepted."""
        for n in range(0, len(commands), CHUNK):
            for outcome in self._ledger.process(commands[n : n + CHUNK]):
                accepted(outcome)

    def project(self) -> Projections:
        """Bring the projections up to date; they verify every frozen list."""
        with Runner(self._dsn, self._dsn) as runner:
            runner.catch_up()
        return self._projections

    def pays(self, month: str, decided_on: str) -> Parts:
        """Freeze a month's list, approve it as the projections computed it, and return its parts."""
        projections = self.project()
        as_of = projections.as_of()
        document = b"".join(
            computing.document(projections, computing.monthly(COUNTY, month), as_of)
        )
        day, self._number = date.fromisoformat(decided_on), self._number + 1
        sender = Sender("officer-1", f"freeze-{self._number}", decided_on=day)
        taken = freeze(self._ledger, BytesIO(document), sender)
        self._approve(taken.list, decided_on)
        return {
            UUID(line["household"]): {part["month"]: part["fen"] for part in line["parts"]}
            for line in map(json.loads, document.splitlines()[1:-1])
        }

    def _approve(self, list_id: UUID, decided_on: str) -> None:
        projections = self.project()
        asked = {"list": list_id, "position": projections.position()}
        (found,) = projections.rows("payment_lists", "list", asked)
        assert found["agrees"]
        assert verifying.verify(projections, found).agrees
        data = {
            "decided_on": decided_on,
            "list": str(list_id),
            "document": found["computed_document"],
        }
        self.does(command("ApprovePaymentList", data, actor="officer-2"))


@pytest.fixture
def city(servers: Servers) -> Iterator[City]:
    """An empty city."""
    with ExitStack() as stack:
        dsn = stack.enter_context(servers[EMBEDDED_18].fresh_database(prepare=prepare))
        ledger = stack.enter_context(LedgerDatabase(dsn).ledger())
        database = stack.enter_context(Database(dsn, connections=2))
        yield City(ledger, dsn, Projections(database))


def standard(amount_fen: int, effective: str, announced_on: str) -> Command:
    """The city's standard, announced on a day from a month on."""
    return command("AdoptStandard", {
        "area": COUNTY, "programme": "dibao", "period": "month", "mode": "gap",
        "amount_fen": amount_fen, "adopted_by": "city government", "effective": effective,
        "decided_on": announced_on, "announced_on": announced_on,
    })  # fmt: skip


def enrolment(household: UUID, members: int, income_fen: int) -> Command:
    """A household of so many covered members, moved from an older system."""
    data: dict[str, Any] = {
        "effective": "2024-01", "decided_on": "2024-01-05", "programme": "dibao.urban",
        "area": f"{COUNTY}001", "income_fen": income_fen, "decided_by": "county",
        "legal_basis": "Law 18", "migrated": True,
        "members": [
            {"person": str(uuid4()), "role": "head" if n == 0 else "child"} for n in range(members)
        ],
    }  # fmt: skip
    return command("EnrolHousehold", data, household)


def test_a_late_standard_over_ten_thousand_households_is_made_up_for_once(city: City) -> None:
    members = {uuid4(): 1 + n % 4 for n in range(HOUSEHOLDS)}
    incomes = {household: 997 * n % 60_000 for n, household in enumerate(members)}
    first_month = {
        "area": COUNTY, "setting": "lists.first_month", "value": "2025-07", "effective": "2025-01",
        "decided_on": "2025-01-02",
    }  # fmt: skip
    city.does(standard(BEFORE, "2024-01", "2023-12-20"), command("AdoptPolicy", first_month))
    city.does(*(enrolment(h, size, incomes[h]) for h, size in members.items()))

    july = city.pays("2025-07", "2025-07-05")
    city.does(standard(AFTER, "2025-07", "2025-07-11"))
    august = city.pays("2025-08", "2025-08-05")
    september = city.pays("2025-09", "2025-09-05")

    def due(household: UUID, amount_fen: int) -> int:
        return members[household] * amount_fen - incomes[household]

    assert july == {h: {"2025-07": due(h, BEFORE)} for h in members}
    assert august == {
        h: {"2025-07": size * (AFTER - BEFORE), "2025-08": due(h, AFTER)}
        for h, size in members.items()
    }
    assert september == {h: {"2025-09": due(h, AFTER)} for h in members}
