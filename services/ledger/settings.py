"""The environment, read once into one frozen object; nothing else here reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ledger.errors import CannotStart

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Settings:
    """How a ledger runs.

    dsn            LEDGER_DSN: PostgreSQL, as the role ledger_service
    zone           ASSISTANCE_ZONE: the zone in which days and months are counted; default Asia/Shanghai
    below_county   ASSISTANCE_AREAS_BELOW_COUNTY=y: codes below a known county need no file
    source         ASSISTANCE_SOURCE: the name of this cell
    cells          ASSISTANCE_CELLS: every cell that shares the topics, with commas, the same for each
                   of them; by default this one alone
    """

    dsn: str
    zone: ZoneInfo = SHANGHAI
    below_county: bool = False
    source: str = "cell-1"
    cells: tuple[str, ...] = ()

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the environment; CannotStart when it asks for what would lose facts."""
        env = os.environ if environment is None else environment
        refuse_database_functions(env)
        if not env.get("LEDGER_DSN"):
            raise CannotStart(
                "LEDGER_DSN is not set: give the ledger's database, as ledger_service."
            )
        return cls(
            dsn=env["LEDGER_DSN"],
            zone=_zone(env.get("ASSISTANCE_ZONE", "Asia/Shanghai")),
            below_county=env.get("ASSISTANCE_AREAS_BELOW_COUNTY", "n") == "y",
            source=(source := env.get("ASSISTANCE_SOURCE", "cell-1")),
            cells=_cells(env.get("ASSISTANCE_CELLS", ""), source),
        )


def _cells(names: str, source: str) -> tuple[str, ...]:
    cells = tuple(filter(None, map(str.strip, names.split(","))))
    if cells and (source not in cells or len({*cells}) < len(cells)):
        raise CannotStart(
            "ASSISTANCE_CELLS must name every cell once, this one (ASSISTANCE_SOURCE) too."
        )
    return cells


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CannotStart(f"ASSISTANCE_ZONE is no zone of the tz database: {name}") from error


def refuse_database_functions(environment: Mapping[str, str] | None = None) -> None:
    """Must not be set: the library's own functions drop the lock, and readers then miss facts."""
    env = os.environ if environment is None else environment
    if env.get("POSTGRES_ENABLE_DB_FUNCTIONS"):
        raise CannotStart(
            "POSTGRES_ENABLE_DB_FUNCTIONS is set: it drops the append's lock and loses facts. Unset it."
        )
