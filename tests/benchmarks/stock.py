"""The library as it comes: an Application, and a runner that keeps one counter per area."""

from __future__ import annotations

from functools import singledispatchmethod
from typing import Any, ClassVar
from uuid import UUID, uuid4

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier


class Household(Aggregate):
    """A plain aggregate of the library, with events about as large as a small fact."""

    def __init__(self, area: str, programme: str, legal_basis: str) -> None:
        self.area = area
        self.programme = programme
        self.legal_basis = legal_basis

    @event("Covered")
    def cover(self, person: UUID, effective: str, decided_on: str, area: str) -> None:
        """Cover a person."""
        self.person = person
        self.effective = effective
        self.decided_on = decided_on
        self.area = area


class Stock(Application[UUID]):
    """The library's Application as it comes."""

    name: ClassVar[str] = "stock"  # type: ignore[misc]


def three_events() -> Household:
    """Return an aggregate with three events not yet saved."""
    household = Household("140403", "dibao.urban", "Interim Measures 11")
    for _ in range(2):
        household.cover(uuid4(), "2022-06", "2022-06-15", "140403")
    return household


def environment(dsn: str) -> dict[str, str]:
    """Return what the library reads to use a database."""
    given = psycopg.conninfo.conninfo_to_dict(dsn)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(given["dbname"]),
        "POSTGRES_HOST": str(given["host"]),
        "POSTGRES_PORT": str(given["port"]),
        "POSTGRES_USER": str(given["user"]),
        "POSTGRES_PASSWORD": "",
    }


class Counters(PostgresTrackingRecorder):
    """A table with one counter per area, kept in the transaction that tracks the event."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = Identifier(self.datastore.schema, "area_counters")
        self.sql_create_statements.append(
            SQL("create table if not exists {0} (area text primary key, events bigint)").format(
                self.table
            )
        )

    def count(self, area: str, tracking: Tracking) -> None:
        """Count one event of an area."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                SQL(
                    "insert into {0} as c values (%s, 1)"
                    " on conflict (area) do update set events = c.events + 1"
                ).format(self.table),
                (area,),
                prepare=True,
            )

    def total(self) -> int:
        """Return how many events were counted."""
        with self.datastore.transaction() as cursor:
            row = cursor.execute(
                SQL("select coalesce(sum(events), 0) as total from {0}").format(self.table)
            ).fetchone()
        return int(row["total"]) if row else 0


class PerArea(Projection[Counters]):
    """Counts every event under its area."""

    name = "perarea"

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Count an event."""
        self.view.count(domain_event.area, tracking)


def run_to_the_end(env: dict[str, str], last: int) -> int:
    """Run the projection over everything recorded; return how many events it counted."""
    with ProjectionRunner(
        application_class=Stock, projection_class=PerArea, view_class=Counters, env=env
    ) as runner:
        runner.wait(last, timeout=300)
        return runner.projection.view.total()
