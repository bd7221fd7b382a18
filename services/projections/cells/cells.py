"""Several cells, asked side by side: each from its own database, as of its own position.

Nothing is left out in silence: a cell that does not answer is an error that names it. Asked again with the
same positions, an answer is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from itertools import chain, islice
from threading import BoundedSemaphore
from typing import Self, TypeVar
from zoneinfo import ZoneInfo

from edge.closing import Closing
from projections.cells.positions import Positions, read_positions
from projections.database import TIMEOUT_SECONDS, Database, Row
from projections.errors import BadParameter, ProjectionError, Unreachable
from projections.projections import SHANGHAI, Projections
from projections.topic.cells import Cell

T = TypeVar("T")

AT_ONCE = 32
"""Cells that one question asks at the same time, at most."""


class Begun(Iterator[Row]):
    """Rows of which the first has come: what goes wrong before it is raised when they are made."""

    def __init__(self, rows: Generator[Row]) -> None:
        self._rows = rows
        self._all = chain(list(islice(rows, 1)), rows)

    def __next__(self) -> Row:
        return next(self._all)

    def close(self) -> None:
        """Let go of the connection, whatever is still to come."""
        self._rows.close()


class Cells(Closing):
    """The projections of several cells. `connections` are to each cell's database, at most.

    `wait_seconds` bounds the wait for positions that are not projected yet, `answer_seconds` the wait for a
    connection.
    """

    def __init__(
        self,
        cells: Sequence[Cell],
        zone: ZoneInfo = SHANGHAI,
        connections: int = 4,
        wait_seconds: float = 2.0,
        answer_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        # In order of names, so that an answer does not depend on the order in which cells are listed.
        databases = {
            cell.name: Database(cell.projections_dsn, connections, answer_seconds)
            for cell in sorted(cells, key=lambda cell: cell.name)
        }
        self._databases = tuple(databases.values())
        self._of = {
            name: Projections(database, zone, wait_seconds, source=name)
            for name, database in databases.items()
        }
        self._answer_seconds = answer_seconds
        self._turns = BoundedSemaphore(connections)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self.open()
        return self

    def open(self) -> None:
        """Let connections to every cell be made as they are needed."""
        for database in self._databases:
            self._open.enter_context(database)

    def close(self) -> None:
        """Close every connection."""
        self._open.close()

    def today(self) -> date:
        """Return the day that it now is, the same for all cells."""
        return next(iter(self._of.values())).today()

    def as_of(self, positions: str | None = None, known_at: datetime | None = None) -> Positions:
        """Return the position of every cell: as asked, or of an instant, or as it now is.

        Raises BadParameter when both are given, or when the asked ones do not name every cell and no
        other; NotYetProjected when a cell has not come so far.
        """
        if positions is not None and known_at is not None:
            raise BadParameter("Give `positions` or `known_at`, not both.")
        asked = {} if positions is None else read_positions(positions)
        if positions is not None and asked.keys() != self._of.keys():
            # Which position would be meant of a cell that is not named?
            raise BadParameter(
                f"`positions` must name these cells and no other: {', '.join(self._of)}.",
                parameter="positions",
            )
        return Positions(
            self.each(lambda of: of.as_of(position=asked.get(of.source), known_at=known_at))
        )

    def each(self, ask: Callable[[Projections], T]) -> dict[str, T]:
        """Ask every cell at the same time; return their answers in order of names."""
        with ThreadPoolExecutor(min(len(self._of), AT_ONCE), "cells") as pool:
            asked: dict[str, Future[T]] = {
                name: pool.submit(_named, name, ask, of) for name, of in self._of.items()
            }
            return {name: answer.result() for name, answer in asked.items()}

    @contextmanager
    def rows(
        self, ask: Callable[[Projections], Iterator[Row]]
    ) -> Iterator[Sequence[Iterator[Row]]]:
        """Ask every cell for rows that come one by one; all have begun to come inside of the `with`.

        So a cell that does not answer is known before anything is told of the others. Raises Unreachable
        when too many such questions are under way.
        """
        with self._turn(), ExitStack() as ends:
            found = self.each(lambda of: Begun(_rows_named(of.source, ask(of)))).values()
            for rows in found:
                ends.callback(rows.close)
            yield list(found)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let in as many as a cell has connections: none waits here for one that waits for it elsewhere."""
        if not self._turns.acquire(timeout=self._answer_seconds):
            raise Unreachable("Too many questions over all cells are under way. Ask again.")
        try:
            yield
        finally:
            self._turns.release()


def _named(name: str, ask: Callable[[Projections], T], of: Projections) -> T:
    """Ask one cell; an error says which one it was."""
    try:
        return ask(of)
    except Exception as error:
        _name(error, name)
        raise


def _rows_named(name: str, rows: Iterator[Row]) -> Generator[Row]:
    """Yield a cell's rows; an error on the way says which one it was."""
    try:
        yield from rows
    except Exception as error:
        _name(error, name)
        raise


def _name(error: Exception, name: str) -> None:
    """Put a cell's name into an error, once; what was asked wrongly is wrong for every cell."""
    if isinstance(error, BadParameter) or name in getattr(error, "__notes__", ()):
        return
    error.add_note(name)
    if isinstance(error, ProjectionError):
        error.extra["cell"] = name
        error.detail = f"Cell {name}: {error.detail}"
        error.args = (error.detail,)
