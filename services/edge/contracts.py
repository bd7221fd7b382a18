"""Where the contracts are: data beside the code, shared by both services."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve()
_CANDIDATES = (_HERE.parents[2] / "contracts", _HERE.parents[1] / "contracts")
"""Beside services/ in a checkout; beside the packages in a wheel."""


def contracts() -> Path:
    """Return the folder of contracts: facts/, commands/, feed.sql, OpenAPI and more."""
    return next(path for path in _CANDIDATES if (path / "feed.sql").is_file())


def read_contract(name: str) -> bytes:
    """Return a contract's bytes, e.g. `feed.sql` or `facts/HouseholdEnrolled.v1.json`."""
    return (contracts() / name).read_bytes()
