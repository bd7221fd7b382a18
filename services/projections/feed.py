"""The feed: facts from the ledger's view, in order, into the runner's temporary table."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import sql

from edge.closing import Closing
from projections import sql as texts
from projections.errors import UnknownFactType

CHANNEL = "facts"

_OUT = sql.SQL(
    "copy (select position, stream, version, type, recorded_at, data from ledger.feed"
    " where position > {after} and position <= {upto} order by position) to stdout"
)
# Positions have no gaps: those of one moment follow one another.
_NEXT_MOMENT = """
select position from ledger.feed
where position > %(last)s
  and recorded_at > (select recorded_at from ledger.feed where position = %(last)s)
order by position
limit 1
"""
_IN = "copy batch (position, stream, version, type, recorded_at, data) from stdin"
_DOCUMENTS_OUT = sql.SQL(
    "copy (select digest, part, content from ledger.document_feed where digest = any ({digests})) to stdout"
)
_DOCUMENTS_IN = "copy documents (digest, part, content) from stdin"
_CHUNK = 1 << 18


class Feed(Closing):
    """A reader of ledger.feed, in the same database as the projections or in another.

    Facts go from one connection to the other as they are on the wire; Python never looks into them.
    """

    def __init__(self, dsn: str) -> None:
        self._connection = psycopg.connect(
            dsn, autocommit=True, application_name="projections feed"
        )

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def listen(self) -> None:
        """Ask the ledger's database to say when facts are recorded."""
        self._connection.execute(f"listen {CHANNEL}")

    def wait(self, seconds: float) -> None:
        """Return when facts were recorded, or after some seconds: news may be lost with a connection."""
        for _ in self._connection.notifies(timeout=seconds, stop_after=1):
            return

    def head(self) -> int:
        """Return the position of the last fact recorded; 0 when there is none."""
        row = self._connection.execute("select max(position) from ledger.feed").fetchone()
        return (row[0] if row else None) or 0

    def copy(
        self, into: psycopg.Cursor[tuple[object, ...]], after: int, upto: int, most: int
    ) -> int:
        """Copy facts with after < position <= upto into `batch`; return how many.

        They are at most `most`, and those that were recorded together with the last of them: what one append
        recorded is never taken apart, so that no position between two batches shows half of it.
        """
        statement = _OUT.format(
            after=sql.Literal(after), upto=sql.Literal(min(upto, self._end(after + most, upto)))
        )
        return self._pass_on(statement, into, _IN)

    def _end(self, last: int, upto: int) -> int:
        """Return the position of the last fact of the moment of `last`; `upto` where nothing comes after."""
        if last >= upto:
            return upto
        row = self._connection.execute(_NEXT_MOMENT, {"last": last}).fetchone()
        return row[0] - 1 if row else upto

    def copy_documents(
        self, into: psycopg.Cursor[tuple[object, ...]], digests: Sequence[str]
    ) -> int:
        """Copy the parts of documents into `documents`; return how many."""
        statement = _DOCUMENTS_OUT.format(digests=sql.Literal(list(digests)))
        return self._pass_on(statement, into, _DOCUMENTS_IN)

    def _pass_on(
        self, out_of: sql.Composed, into: psycopg.Cursor[tuple[object, ...]], target: str
    ) -> int:
        with (
            self._connection.cursor() as out,
            out.copy(out_of) as found,
            into.copy(target.encode()) as rows,
        ):
            held = bytearray()
            for one in found:
                held += one
                if len(held) >= _CHUNK:
                    rows.write(held)
                    held = bytearray()
            rows.write(held)
        return into.rowcount


class Following:
    """One batch of the feed: facts with after < position <= upto, at most `most` and the rest of a moment."""

    def __init__(self, feed: Feed, after: int, upto: int, most: int, known: Sequence[str]) -> None:
        self._feed = feed
        self.after = after
        self._upto = upto
        self._most = most
        self._known = list(known)

    def copy(
        self, cursor: psycopg.Cursor[tuple[object, ...]], register: str
    ) -> tuple[int, UnknownFactType | None]:
        """Copy the facts into `batch`, up to the moment of the first of a type that is not known."""
        copied = self._feed.copy(cursor, self.after, self._upto, self._most)
        if not copied:
            return 0, None
        cursor.execute(texts.query("", "first_unknown"), {"known": self._known})
        found = cursor.fetchone()
        if found is None:
            return copied, None
        kind, position = str(found[0]), int(str(found[1]))
        cursor.execute(texts.query("", "cut"), {"position": position})
        return copied, UnknownFactType(kind, position)

    def copy_documents(
        self, cursor: psycopg.Cursor[tuple[object, ...]], digests: Sequence[str]
    ) -> None:
        """Copy the parts of documents into `documents`."""
        self._feed.copy_documents(cursor, digests)
