"""Settings of the projections, read from the environment once: nothing else here reads it.

PROJECTIONS_DSN            the projections' own database, as a role that may create schemas in it
FEED_DSN                   the ledger's database, for the view ledger.feed; default: PROJECTIONS_DSN
PROJECTIONS_CELLS          a TOML file of [[cells]], each with name, projections_dsn and ledger_url
ASSISTANCE_ZONE            the zone in which days and months are counted; default Asia/Shanghai
ASSISTANCE_SOURCE          the name of this cell, the sender of exports; default cell-1
ASSISTANCE_WORKDAYS_FILE   working days and holidays that add to the ones that ship
PROJECTIONS_BATCH          facts a batch at most; default 5000
PROJECTIONS_CONNECTIONS    connections for questions at most; default 8
PROJECTIONS_WAIT_SECONDS   how long a question waits for min_position; default 2
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from projections.errors import CannotStart


@dataclass(frozen=True)
class Settings:
    """What a process of the projections was told."""

    dsn: str
    feed_dsn: str
    zone: ZoneInfo
    workdays_file: Path | None = None
    batch: int = 5_000
    connections: int = 8
    wait_seconds: float = 2.0
    source: str = "cell-1"
    cells_file: Path | None = None


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Return the settings; CannotStart names the variable that is missing or makes no sense."""
    dsn = environment.get("PROJECTIONS_DSN")
    if not dsn:
        raise CannotStart("PROJECTIONS_DSN is missing: the projections' own database.")
    file, cells = environment.get("ASSISTANCE_WORKDAYS_FILE"), environment.get("PROJECTIONS_CELLS")
    return Settings(
        dsn=dsn,
        feed_dsn=environment.get("FEED_DSN") or dsn,
        zone=zone_of(environment),
        workdays_file=Path(file) if file else None,
        batch=int(_number(environment, "PROJECTIONS_BATCH", 5_000, 1, 1_000_000)),
        connections=int(_number(environment, "PROJECTIONS_CONNECTIONS", 8, 1, 1_000)),
        wait_seconds=_number(environment, "PROJECTIONS_WAIT_SECONDS", 2.0, 0, 60),
        source=environment.get("ASSISTANCE_SOURCE", "cell-1"),
        cells_file=Path(cells) if cells else None,
    )


def cells_file(environment: Mapping[str, str]) -> Path:
    """Return the file of cells; CannotStart when the environment names none."""
    if not environment.get("PROJECTIONS_CELLS"):
        raise CannotStart("PROJECTIONS_CELLS is missing: a TOML file that names the cells.")
    return Path(environment["PROJECTIONS_CELLS"])


def zone_of(environment: Mapping[str, str]) -> ZoneInfo:
    """Return the zone in which days and months are counted; CannotStart when there is no such zone."""
    name = environment.get("ASSISTANCE_ZONE", "Asia/Shanghai")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CannotStart(f"ASSISTANCE_ZONE is no zone of the tz database: {name}") from error


def _number(
    environment: Mapping[str, str], name: str, default: float, least: float, most: float
) -> float:
    text = environment.get(name, "")
    try:
        number = float(text) if text else default
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise CannotStart(f"{name} must be a number from {least:g} to {most:g}.")
    return number
