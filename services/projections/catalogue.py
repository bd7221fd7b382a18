"""Which projections there are, discovered from the folders, and which types of facts are known.

A projection is a folder with a tables.sql; its schema has the folder's name:

    tables.sql    its tables, with unqualified names
    indexes.sql   its indexes, made after the first load (may be missing)
    apply.sql     statements that bring the facts of the temporary table `batch` into its tables

A folder without tables.sql asks only, of the register and other projections.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from edge.contracts import contracts, read_contract
from projections import sql


@dataclass(frozen=True)
class Projection:
    """A folder of SQL that turns facts into the tables of one schema."""

    name: str
    folder: Path

    @property
    def tables(self) -> bytes:
        """The statements that make the tables."""
        return sql.script(self.folder / "tables.sql")

    @property
    def indexes(self) -> bytes:
        """The statements that make the indexes; empty when there are none."""
        path = self.folder / "indexes.sql"
        return sql.script(path) if path.exists() else b""

    @property
    def apply(self) -> bytes:
        """The statements that bring a batch in."""
        return sql.script(self.folder / "apply.sql")

    @property
    def refresh(self) -> bytes:
        """The statement that makes what is kept for speed; empty when there is none."""
        path = self.folder / "refresh.sql"
        return sql.query(self.name, "refresh") if path.exists() else b""

    @cached_property
    def digest(self) -> str:
        """What the tables follow from: when it changes, the projection is made anew."""
        parts = (self.tables, self.indexes, self.apply, self.refresh, policy_settings())
        return hashlib.sha256(b"\0".join(parts)).hexdigest()


@cache
def projections() -> tuple[Projection, ...]:
    """Return every projection, the register first because others may read it."""
    folders = sorted(path.parent for path in sql.FOLDER.glob("*/tables.sql"))
    found = [Projection(folder.name, folder) for folder in folders]
    return tuple(sorted(found, key=lambda projection: projection.name != "register"))


@cache
def policy_settings() -> bytes:
    """Return the policy settings with their defaults, JSON."""
    return read_contract("policy-settings.json")


@cache
def known_types() -> tuple[str, ...]:
    """Return the types of facts that have a contract: another type stops the runner."""
    return tuple(
        f"assistance.{path.stem}" for path in sorted((contracts() / "facts").glob("*.json"))
    )
