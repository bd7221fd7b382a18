"""Lists computed again: whoever approves one knows that it follows from the facts, byte for byte.

The runner computes each frozen list once more at the position at which it was computed. One that comes
out otherwise is disputed: a lead for people, while folding goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import psycopg
from psycopg.rows import dict_row

from projections import sql
from projections.database import Database, Row
from projections.payment_lists import computing, lists
from projections.projections import AsOf, Projections


class Verification(NamedTuple):
    """What came of computing a list again: the digest of its document then and now."""

    list: UUID
    frozen: str
    computed: str

    @property
    def agrees(self) -> bool:
        """Whether the bytes are the same."""
        return self.frozen == self.computed


class Difference(NamedTuple):
    """A line that comes out otherwise: its amounts in fen, None where there is no line."""

    subject: UUID
    head: str
    frozen_fen: int | None
    computed_fen: int | None


def verify(projections: Projections, found: Row) -> Verification:
    """Compute a frozen list, a row of `lists`, again at its position, by its calculation."""
    digest = hashlib.sha256()
    for part in computed_again(projections, found):
        digest.update(part)
    return Verification(found["list"], found["document"], digest.hexdigest())


def computed_again(projections: Projections, found: Row) -> Iterator[bytes]:
    """Yield a frozen list's document as it is computed now."""
    asked = computing.as_frozen(found)
    return computing.document(projections, asked, AsOf(found["computed_at"]))


def differences(projections: Projections, found: Row, as_of: AsOf) -> list[Difference]:
    """Return the households (or grants) and heads whose line is another now, with both amounts in fen.

    None stands for no line. A list that agrees has none.
    """
    frozen = {
        (str(row["subject"]), row["head"]): (row["amount_fen"], row["parts"])
        for row in lists.lines(projections, found["list"], as_of)
    }
    again = {}
    for line in b"".join(computed_again(projections, found)).splitlines()[1:-1]:
        read = msgspec.json.decode(line)
        parts = [[part["month"], part["fen"]] for part in read["parts"]]
        again[read.get("grant") or read["household"], read["head"]] = (read["amount_fen"], parts)
    return [
        Difference(
            UUID(key[0]),
            key[1],
            *(side[key][0] if key in side else None for side in (frozen, again)),
        )
        for key in sorted({*frozen, *again})
        if frozen.get(key) != again.get(key)
    ]


def verify_next(connection: psycopg.Connection[Any], database: Database) -> Verification | None:
    """Verify the oldest list that was not yet; None when there is none. Written on `connection`.

    A list whose position is not reached by all partitions waits.
    """
    with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute("select set_config('search_path', 'payment_lists', true)")
        cursor.execute(
            sql.query("payment_lists", "unverified"),
            {"calculation": computing.CALCULATION, "position": Projections(database).position()},
        )
        found = cursor.fetchone()
    if found is None:
        return None
    result = verify(Projections(database), found)
    connection.execute(
        sql.query("payment_lists", "verified"),
        {"list": result.list, "document": result.computed, "agrees": result.agrees},
    )
    return result
