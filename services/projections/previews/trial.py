"""A trial: facts brought into the projections' own tables within a transaction that never commits.

The same apply.sql that brings recorded facts in brings these in, at positions far above any real one, on a
connection of their own that is set to write for the time being. So every question can be asked twice, as
known before the facts and after them, and no answer is computed in another way than it will be.

The runner goes on meanwhile. It takes its locks row by row: what it writes meets the trial's rows only where
it changes a household that the trial changes too, and then it waits for the trial's end. Positions and
versions of the trial's facts are ones that nobody else takes, so that unique keys never make it wait. The
trial itself gives way: it waits for a lock a moment only, less than a deadlock is looked for.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg

from projections import catalogue, sql
from projections.database import MANY, ONE, Database, Reader
from projections.errors import NotInstalled, Unreachable
from projections.previews.hypothetical import Hypothetical, wrong
from projections.projections import POSITION, AsOf, Projections

APPLIED = ("register", "payment_lists")
"""The projections that amounts and lists are computed from."""

FAR: Final = 2**62
APART: Final = 2**11
LATER_VERSIONS: Final = 10**9
"""Added to the versions of a trial's facts, and some more: others may record, or try, the same version."""

ATTEMPTS = 3
_LIMITS = """
set transaction isolation level repeatable read, read write;
set local lock_timeout = '500ms';
set local statement_timeout = '120s';
set local idle_in_transaction_session_timeout = '60s';
set local client_min_messages = warning
"""
_CHANGED_MEANWHILE = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)


class Trial:
    """The projections before and after facts that are not recorded, as of one moment."""

    def __init__(self, connection: Reader, projections: Projections, last: int) -> None:
        self.connection = connection
        self.projections = projections
        self.before, self.after = AsOf(last), AsOf(FAR * 2 - 1)


class _Borrowed(Database):
    """The trial's connection, asked like the database."""

    def __init__(self, connection: Reader) -> None:
        self._connection = connection

    @contextmanager
    def reading(self, *, many: bool = False) -> Iterator[Reader]:
        """The one connection, set for the question; all of it is undone with the transaction."""
        self._connection.execute(MANY if many else ONE)
        yield self._connection


@contextmanager
def trying(projections: Projections, facts: Sequence[Hypothetical]) -> Iterator[Trial]:
    """Bring facts in, for the time of the block.

    Raises BadParameter when a fact does not follow the last one of its stream, or when facts that each
    fit their contract make no sense together; Unreachable when the runner is at work on the same rows.
    """
    with (
        projections.database.reading() as connection,
        _refusing(),
        _begun(connection, facts) as last,
    ):
        asked = Projections(
            _Borrowed(connection), projections.zone, wait_seconds=0, source=projections.source
        )
        yield Trial(connection, asked, last)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.LockNotAvailable as error:
        raise Unreachable("Facts of the same households are coming in. Ask again.") from error
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        raise wrong([{"pointer": "/facts", "detail": "Make no sense together"}]) from error


@contextmanager
def _begun(connection: Reader, facts: Sequence[Hypothetical]) -> Iterator[int]:
    """Yield the position that is known, in a transaction with the facts in it; then undo it."""
    for attempt in range(ATTEMPTS):
        with ExitStack() as transaction:
            transaction.enter_context(connection.transaction(force_rollback=True))
            try:
                last = _apply(connection, facts)
            except _CHANGED_MEANWHILE as error:
                if attempt + 1 == ATTEMPTS:
                    raise Unreachable("Facts come in too fast just now. Ask again.") from error
                continue
            yield last
            return


def _apply(connection: Reader, facts: Sequence[Hypothetical]) -> int:
    connection.execute(_LIMITS)
    last = _known(connection)
    _refuse_others(connection, facts)
    (path,) = connection.execute("show search_path").fetchone() or ("",)
    connection.execute(sql.query("", "tables"))
    later = LATER_VERSIONS + secrets.randbelow(LATER_VERSIONS)
    said = msgspec.json.encode(_out_of_the_way(facts, later)).decode()
    base = FAR + secrets.randbelow(2**50) * APART
    connection.execute(sql.query("previews", "batch"), {"base": base, "facts": said})
    connection.execute(sql.query("", "prepare"))
    for projection in catalogue.projections():
        if projection.name in APPLIED:
            connection.execute(f"set local search_path = {projection.name}, pg_temp".encode())
            connection.execute(projection.apply)
    connection.execute("select set_config('search_path', %s, true)", (path,))
    return last


def _known(connection: Reader) -> int:
    try:
        row = connection.execute(POSITION).fetchone()
    except psycopg.errors.UndefinedTable:
        row = None
    if row is None or row[0] is None:
        raise NotInstalled("The projections are not made yet; start the runner, or install them.")
    return int(row[0])


def _refuse_others(connection: Reader, facts: Sequence[Hypothetical]) -> None:
    """Refuse facts that were decided on other facts than are known here."""
    asked = {"streams": list({fact.stream for fact in facts})}
    rows = connection.execute(sql.query("previews", "versions"), asked).fetchall()
    reached: dict[UUID, int] = dict(rows)
    errors = []
    for n, fact in enumerate(facts):
        last = reached.get(fact.stream, 0)
        if fact.version != last + 1:
            detail = f"Follows version {fact.version - 1} of its stream, which is at {last} here"
            errors.append({"pointer": f"/facts/{n}/id", "detail": detail})
        reached[fact.stream] = fact.version
    if errors:
        raise wrong(errors)


def _out_of_the_way(facts: Sequence[Hypothetical], later: int) -> list[dict[str, Any]]:
    """Return the facts with later versions, also where they name one another."""
    own = {fact.id: f"{fact.stream}:{fact.version + later}" for fact in facts}
    moved = []
    for fact in facts:
        data = _renamed(fact.data, own)
        if f"{fact.stream}:{data.get('rank')}" in own:
            data["rank"] += later
        version = fact.version + later
        moved.append(
            {"stream": str(fact.stream), "version": version, "type": fact.type, "data": data}
        )
    return moved


def _renamed(said: Any, own: Mapping[str, str]) -> Any:
    """Return what is said with ids in `own` replaced; what is null is left out, as the ledger writes it."""
    match said:
        case dict():
            items = said.items()
            return {key: _renamed(value, own) for key, value in items if value is not None}
        case list():
            return [_renamed(value, own) for value in said]
        case str():
            return own.get(said, said)
    return said
