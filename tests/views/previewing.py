"""What tests of previews share: a city that lists, and the facts that its ledger would record next."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest

from projections.checksums import checksums
from tests.views.conftest import Views
from tests.views.facts import Facts, named
from tests.views.lists import Lists

CITY = "1404"
TOWN_A, TOWN_B = "140403001", "140403002"
Fact = dict[str, Any]
SAID: Fact = {"decided_on": "2026-07-20", "actor": "decider-7", "command_id": "018f-preview"}
STANDARD: Fact = {
    "area": CITY, "effective": "2026-07", "programme": "dibao.urban", "mode": "gap",
    "period": "month", "amount_fen": 81_500, "adopted_by": "the city",
}  # fmt: skip
EXIT: Fact = {
    "spell": 1, "effective": "2026-07", "reason": "voluntary", "legal_basis": "Law 48",
    "decided_by": "county",
}  # fmt: skip


@pytest.fixture
def lists(views: Views) -> Lists:
    """A city that lists from January 2026 on, with a standard of 780.00."""
    views.facts.standard(CITY, "dibao.urban", 78_000, effective="2025-01")
    views.facts.policy(CITY, "lists.first_month", "2026-01", effective="2025-01")
    return Lists(views)


@pytest.fixture
def facts(lists: Lists) -> Facts:
    """Where a test records its facts."""
    return lists.views.facts


def one(
    facts: Facts, effective: str = "2026-07", area: str = TOWN_A, income: int = 0, **more: Any
) -> UUID:
    """A household of one person, or as said."""
    asked: dict[str, Any] = {"members": 1, "income": income, "effective": effective, "area": area}
    return facts.enrolled(**(asked | more))


def next_fact(facts: Facts, stream: UUID, name: str, *, after: int = 0, **data: Any) -> Fact:
    """The fact that the ledger would record next on a stream, as its dry run answers it."""
    try:
        version = int(facts.last(stream).partition(":")[2])
    except KeyError:
        version = 0
    return {
        "id": f"{stream}:{version + 1 + after}", "type": f"assistance.{name}.v1",
        "data": SAID | data,
    }  # fmt: skip


def of_area(facts: Facts, name: str, area: str = CITY, **data: Any) -> Fact:
    return next_fact(facts, named(f"area {area}"), name, **{"area": area, **data})


def record(facts: Facts, *said: Fact) -> None:
    """Record what was previewed."""
    for fact in said:
        stream = UUID(fact["id"].partition(":")[0])
        name = fact["type"].removeprefix("assistance.").removesuffix(".v1")
        assert facts.record(stream, name, **fact["data"]) == fact["id"]


def contents(dsn: str) -> dict[str, Any]:
    """Every row that the projections hold, what is kept for speed included."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        kept = {
            table: connection.execute(
                f"select count(*), sum(hashtextextended(t::text, 0)) from register.{table} t"
            ).fetchone()
            for table in ("intervals", "kept_households", "changed_households")
        }
        temporary = connection.execute(
            "select count(*) from pg_class where relpersistence = 't'"
        ).fetchone()
        positions = connection.execute("select * from projections.positions order by 1").fetchall()
        return checksums(connection) | kept | {"temporary": temporary, "positions": positions}
