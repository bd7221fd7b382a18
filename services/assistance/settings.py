"""The environment of the product, read once; the services' own settings are filled from it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Where the product keeps and finds its data.

    data        ASSISTANCE_DATA: the data folder of the embedded PostgreSQL, ./data by default
    admin_dsn   MIGRATE_DSN: an administrator of another PostgreSQL, for `migrate` alone
    ledger_dsn  LEDGER_DSN: another PostgreSQL in the place of the embedded one
    """

    data: Path
    ledger_dsn: str | None
    admin_dsn: str | None
    environment: Mapping[str, str]

    @property
    def embedded(self) -> bool:
        """Whether the embedded PostgreSQL is used."""
        return self.ledger_dsn is None


def read(data: Path | None = None) -> Settings:
    """Read the environment; `data` comes from the command line and goes before it."""
    env = dict(os.environ)
    return Settings(
        data=data or Path(env.get("ASSISTANCE_DATA", "data")),
        ledger_dsn=env.get("LEDGER_DSN"),
        admin_dsn=env.get("MIGRATE_DSN"),
        environment=env,
    )
