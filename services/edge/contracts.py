"""Where the contracts are: data beside the code, shared by both services."""

from __future__ import annotations

from importlib.resources import files


def read_contract(name: str) -> bytes:
    """Return a contract's bytes, e.g. `feed.sql` or `facts/HouseholdEnrolled.v1.json`."""
    return files("contracts").joinpath(name).read_bytes()


def contract_names(folder: str) -> list[str]:
    """Return the file names of a folder of contracts, sorted."""
    return sorted(path.name for path in files("contracts").joinpath(folder).iterdir())
