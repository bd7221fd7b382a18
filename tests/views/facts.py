"""Facts for the projections' tests: recorded straight into a stand-in for the ledger's table.

    facts = Facts(dsn)
    facts.standard("14", "dibao.urban", 74_000)
    household = facts.enrolled(members=3, income=60_000, effective="2023-01")
    facts.reassessed(household, "2023-05", 70_000)

Every act returns what it made: a household's or person's id, or the fact's id `<stream>:<version>`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import psycopg

from edge.contracts import read_contract

AREA = "140403001"
DAY_ONE = datetime(2023, 1, 1, tzinfo=UTC)
_NAMES = UUID("00000000-0000-5000-8000-000000000000")


def prepare_feed(dsn: str) -> None:
    """Make a stand-in for the ledger's table, and the feed over it."""
    with psycopg.connect(dsn) as connection:
        connection.execute("create schema ledger")
        connection.execute(
            "create table ledger.facts (originator_id uuid not null, originator_version bigint not null,"
            " topic text not null, state bytea not null, notification_id bigint primary key,"
            " recorded_at timestamptz not null, unique (originator_id, originator_version))"
        )
        connection.execute(
            "create table ledger.document_parts (digest text, part int, content bytea,"
            " primary key (digest, part))"
        )
        connection.execute(read_contract("feed.sql"))
        connection.execute(read_contract("documents.sql"))


def named(name: str) -> UUID:
    """A stable id for a name, so that failures can be compared."""
    return uuid5(_NAMES, name)


def member(person: UUID, role: str = "other", **more: Any) -> dict[str, Any]:
    """A member as an enrolment lists it; covered unless said otherwise."""
    return {"person": str(person), "role": role, **more}


class Facts:
    """A ledger's table that believes everything it is told; what it names is numbered from `names`."""

    def __init__(self, dsn: str, names: int = 0) -> None:
        self._dsn = dsn
        self.position = 0
        self._versions: dict[UUID, int] = {}
        self._spells: dict[UUID, int] = {}
        self._ranks: dict[str, int] = {}
        self._rows: list[tuple[UUID, int, str, bytes, int, datetime]] = []
        self._names = names

    def record(self, stream: UUID, name: str, *, at: datetime | None = None, **data: Any) -> str:
        """Record a fact; `corrects` takes over the rank of what it names, as in the ledger."""
        version = self._versions.get(stream, 0) + 1
        self._versions[stream] = version
        self.position += 1
        fact = f"{stream}:{version}"
        if data.get("corrects"):
            data["rank"] = self._ranks[data["corrects"]]
        self._ranks[fact] = data.get("rank", version)
        said = {"decided_on": "2023-01-10", "actor": "decider-7"} | data
        instant = at or self.at(self.position)
        state = json.dumps({k: v for k, v in said.items() if v is not None}).encode()
        self._rows.append((stream, version, f"assistance.{name}.v1", state, self.position, instant))
        return fact

    def at(self, position: int) -> datetime:
        """The instant at which the fact at a position was recorded, unless it was said otherwise."""
        return DAY_ONE + timedelta(minutes=position)

    def save(self) -> int:
        """Put what was recorded into the table; return the last position."""
        with psycopg.connect(self._dsn) as connection, connection.cursor() as cursor:
            with cursor.copy("copy ledger.facts from stdin (format binary)") as copy:
                copy.set_types(["uuid", "int8", "text", "bytea", "int8", "timestamptz"])
                for row in self._rows:
                    copy.write_row(row)
            cursor.execute("notify facts")
        self._rows = []
        return self.position

    def person(self) -> UUID:
        """A new person's id."""
        self._names += 1
        return named(f"person {self._names}")

    def persons(self, count: int) -> list[UUID]:
        """So many new persons' ids."""
        return [self.person() for _ in range(count)]

    def change(self, household: UUID, name: str, effective: str | None = None, **data: Any) -> str:
        """Record a fact of a household in its current spell, or in the one given."""
        data.setdefault("spell", self._spells.get(household))
        return self.record(household, name, effective=effective, **data)

    # --- households

    def enrolled(
        self,
        household: UUID | None = None,
        *,
        effective: str = "2023-01",
        members: int | Sequence[dict[str, Any]] = 1,
        income: int = 0,
        programme: str = "dibao.urban",
        area: str = AREA,
        **more: Any,
    ) -> UUID:
        """A household enrolled in a new spell; `members` are so many covered ones, or as listed."""
        if household is None:
            self._names += 1
            household = named(f"household {self._names}")
        if isinstance(members, int):
            roles = ["head", *["other"] * (members - 1)]
            members = [member(self.person(), role) for role in roles]
        if "corrects" not in more:
            self._spells[household] = self._spells.get(household, 0) + 1
        self.change(
            household, "HouseholdEnrolled", effective, programme=programme, area=area,
            income_fen=income, members=list(members), **more,
        )  # fmt: skip
        return household

    def last(self, stream: UUID) -> str:
        """The id of the last fact recorded on a stream."""
        return f"{stream}:{self._versions[stream]}"

    def exited(
        self, household: UUID, effective: str, reason: str = "voluntary", **more: Any
    ) -> str:
        """The household left; `effective` is the first month not paid."""
        return self.change(household, "HouseholdExited", effective, reason=reason, **more)

    def reassessed(self, household: UUID, effective: str, income: int, **more: Any) -> str:
        """The household's counted income was assessed anew."""
        return self.change(household, "IncomeReassessed", effective, income_fen=income, **more)

    def grace(
        self,
        household: UUID,
        effective: str,
        until: str,
        defers: str,
        person: UUID | None = None,
        **more: Any,
    ) -> str:
        """Payment goes on up to and with `until`."""
        return self.change(
            household, "GracePeriodStarted", effective, until=until, defers=defers,
            person=str(person or named("worker")), **more,
        )  # fmt: skip

    def of_member(
        self, household: UUID, name: str, person: UUID, effective: str, **more: Any
    ) -> str:
        """Something happened to one member."""
        return self.change(household, name, effective, person=str(person), **more)

    # --- areas

    def of_area(self, name: str, area: str, effective: str, **data: Any) -> str:
        """A fact on an area's stream."""
        return self.record(named(f"area {area}"), name, area=area, effective=effective, **data)

    def standard(
        self,
        area: str,
        programme: str,
        amount: int,
        *,
        effective: str = "2018-01",
        mode: str = "gap",
        period: str = "month",
        **more: Any,
    ) -> str:
        """A standard of an area, in fen a period."""
        return self.of_area(
            "StandardAdopted", area, effective, programme=programme, mode=mode, period=period,
            amount_fen=amount, **more,
        )  # fmt: skip

    def policy(
        self, area: str, setting: str, value: Any, effective: str = "2018-01", **more: Any
    ) -> str:
        """A policy setting of an area."""
        return self.of_area("PolicyAdopted", area, effective, setting=setting, value=value, **more)


def covered_members(persons: Iterable[UUID], **of_all: Any) -> list[dict[str, Any]]:
    """Members as an enrolment lists them: the first one is the head."""
    return [member(p, "head" if n == 0 else "other", **of_all) for n, p in enumerate(persons)]
