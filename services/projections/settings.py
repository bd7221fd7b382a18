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
class CellsSettings:
    """What a process was told that asks all cells; `connections` are to each."""

    file: Path
    zone: ZoneInfo
    connections: int = 8
    wait_seconds: float = 2.0


@dataclass(frozen=True)
class Settings:
    """What a process of the projections was told; `cells` are those that it asks together, if any."""

    dsn: str
    feed_dsn: str
    zone: ZoneInfo
    workdays_file: Path | None = None
    batch: int = 5_000
    connections: int = 8
    wait_seconds: float = 2.0
    source: str = "cell-1"
    cells: CellsSettings | None = None


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Return the settings; CannotStart names the variable that is missing or makes no sense."""
    dsn = environment.get("PROJECTIONS_DSN")
    if not dsn:
        raise CannotStart("PROJECTIONS_DSN is missing: the projections' own database.")
    file = environment.get("ASSISTANCE_WORKDAYS_FILE")
    return Settings(
        dsn=dsn,
        feed_dsn=environment.get("FEED_DSN") or dsn,
        zone=_zone(environment),
        workdays_file=Path(file) if file else None,
        batch=int(_number(environment, "PROJECTIONS_BATCH", 5_000, 1, 1_000_000)),
        connections=_connections(environment),
        wait_seconds=_wait_seconds(environment),
        source=environment.get("ASSISTANCE_SOURCE", "cell-1"),
        cells=cells_settings(environment) if environment.get("PROJECTIONS_CELLS") else None,
    )


def asks_cells_alone(environment: Mapping[str, str]) -> bool:
    """Tell whether a process has cells to ask, and no projections of its own."""
    return bool(environment.get("PROJECTIONS_CELLS")) and not environment.get("PROJECTIONS_DSN")


def cells_settings(environment: Mapping[str, str]) -> CellsSettings:
    """Return what is needed to ask all cells; CannotStart when no file of them is named."""
    return CellsSettings(
        cells_file(environment),
        _zone(environment),
        _connections(environment),
        _wait_seconds(environment),
    )


def cells_file(environment: Mapping[str, str]) -> Path:
    """Return the file of cells; CannotStart when the environment names none."""
    if not environment.get("PROJECTIONS_CELLS"):
        raise CannotStart("PROJECTIONS_CELLS is missing: a TOML file that names the cells.")
    return Path(environment["PROJECTIONS_CELLS"])


def _connections(environment: Mapping[str, str]) -> int:
    return int(_number(environment, "PROJECTIONS_CONNECTIONS", 8, 1, 1_000))


def _wait_seconds(environment: Mapping[str, str]) -> float:
    return _number(environment, "PROJECTIONS_WAIT_SECONDS", 2.0, 0, 60)


def _zone(environment: Mapping[str, str]) -> ZoneInfo:
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
