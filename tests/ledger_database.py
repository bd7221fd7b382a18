"""A ledger's database for tests: migrated once for each server, copied for every test.

    def test_something(ledger: Ledger) -> None:
        [outcome] = ledger.process([adopt_standard()])

The fixtures are in tests/integration/conftest.py; here are the database and the commands.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from time import monotonic, sleep
from typing import Any, LiteralString
from uuid import UUID, uuid4

import msgspec
import psycopg
from psycopg.conninfo import make_conninfo

from ledger.answers import Accepted, Outcome
from ledger.commands import Command, read_command
from ledger.ledger import Ledger
from ledger.settings import Settings
from ledger.store.migrations import migrate
from ledger.store.queries import query

COUNTY, TOWN, OTHER_TOWN = "140403", "140403001", "140403002"
AREAS = ("14", "1404", COUNTY, TOWN, OTHER_TOWN)
TODAY = date(2026, 9, 1)
WAIT_SECONDS = 30


@dataclass(frozen=True)
class LedgerDatabase:
    """A migrated database with a few areas, as a superuser and as each service sees it."""

    superuser: str

    def dsn(self, role: str) -> str:
        """The connection string of a role."""
        return make_conninfo(self.superuser, user=role)

    @contextmanager
    def connect(self, role: str = "postgres") -> Iterator[psycopg.Connection]:
        """A connection in autocommit, closed afterwards."""
        with psycopg.connect(self.dsn(role), autocommit=True) as connection:
            yield connection

    def ask(self, question: LiteralString, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a query, as a superuser sees them."""
        with self.connect() as connection:
            return connection.execute(question, parameters).fetchall()

    def counts(self) -> tuple[int, int]:
        """How many facts and how many commands are on record."""
        [row] = self.ask(
            "select (select count(*) from ledger.facts), (select count(*) from ledger.commands)"
        )
        return row[0], row[1]

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """A ledger on this database, as in a process of its own."""
        ledger = Ledger(Settings(dsn=self.dsn("ledger_service")), day=lambda: TODAY)
        try:
            yield ledger
        finally:
            ledger.close()

    @contextmanager
    def appends_held(self) -> Iterator[None]:
        """Let appends wait before their lock, for the time of a `with` block."""
        with self.connect() as holder, holder.transaction():
            holder.execute("lock table ledger.facts in exclusive mode")
            yield

    def race(self, *runs: tuple[Ledger, Sequence[Command]]) -> list[list[Outcome]]:
        """Let ledgers decide on the same state: none appends before all of them have decided."""
        with ThreadPoolExecutor(len(runs)) as pool:
            with self.appends_held():
                futures = [pool.submit(ledger.process, commands) for ledger, commands in runs]
                self.wait_for_appends(len(runs))
            return [future.result(WAIT_SECONDS) for future in futures]

    def wait_for_appends(self, waiting: int) -> None:
        """Wait until that many appends stand before the lock, each decided already."""
        question: LiteralString = """
            select count(*) from pg_locks
            where relation = 'ledger.facts'::regclass and mode = 'ExclusiveLock' and not granted"""
        deadline = monotonic() + WAIT_SECONDS
        while self.ask(question) != [(waiting,)]:
            if monotonic() > deadline:
                raise TimeoutError(f"there are no {waiting} appends waiting")
            sleep(0.002)


def migrate_and_load_areas(superuser: str) -> None:
    """Prepare a template: the ledger's schema, a county and two of its towns."""
    with psycopg.connect(superuser) as connection:
        migrate(connection)
        areas = {"codes": list(AREAS), "names": list(AREAS), "kinds": ["area"] * len(AREAS)}
        connection.execute(query("load_areas"), areas)


def command(
    name: str,
    data: dict[str, Any],
    subject: UUID | None = None,
    *,
    key: str | None = None,
    actor: str = "decider-7",
    expected_version: int | None = None,
    version_required: bool = False,
    dry_run: bool = False,
) -> Command:
    """A command as the edge reads it, under a key of its own unless one is given."""
    return read_command(
        name,
        msgspec.json.encode(data),
        key=key or str(uuid4()),
        actor=actor,
        subject=subject,
        expected_version=expected_version,
        version_required=version_required,
        dry_run=dry_run,
    )


def adopt_standard(amount_fen: int = 74000, **how: Any) -> Command:
    """Adopt the county's unified standard from January 2023 on."""
    data = {
        "area": COUNTY,
        "programme": "dibao",
        "period": "month",
        "mode": "gap",
        "amount_fen": amount_fen,
        "adopted_by": "county government",
        "effective": "2023-01",
        "decided_on": "2022-12-01",
    }
    return command("AdoptStandard", data, **how)


def enrol(
    *persons: UUID,
    household: UUID | None = None,
    area: str = TOWN,
    effective: str = "2023-01",
    migrated: bool = True,
    **how: Any,
) -> Command:
    """Enrol a household of the given persons, or of one new person."""
    members = persons or (uuid4(),)
    roles = ["head", *["child"] * (len(members) - 1)]
    data = {
        "effective": effective,
        "decided_on": "2023-01-10",
        "programme": "dibao.urban",
        "area": area,
        "income_fen": 30000 * len(members),
        "members": [{"person": str(p), "role": r} for p, r in zip(members, roles, strict=True)],
        "decided_by": "county",
        "legal_basis": "Law 18",
        "migrated": migrated,
    }
    return command("EnrolHousehold", data, household or uuid4(), **how)


def verify(household: UUID, decided_on: str = "2023-01-05", **how: Any) -> Command:
    """Verify a household's means: a fact that no rule refuses twice."""
    return command("VerifyMeans", {"decided_on": decided_on, "income_fen": 30000}, household, **how)


def accepted(outcome: Outcome) -> Accepted:
    """The outcome, which has to be an acceptance."""
    assert isinstance(outcome, Accepted), outcome
    return outcome


def refused_with(connection: psycopg.Connection, statement: str) -> str | None:
    """The SQLSTATE with which a statement is refused, or None; what it did is taken back."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
    except psycopg.Error as error:
        return error.sqlstate
    return None
