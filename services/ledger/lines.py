"""Command lines, NDJSON: read strictly one by one, refused line by line, never half of a line."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, NamedTuple

import msgspec

from edge.problems import describe
from ledger.answers import Accepted, Outcome
from ledger.commands import MAX_BODY, Command, read_line
from ledger.errors import LedgerError
from ledger.ledger import Ledger

MAX_LINE = MAX_BODY
CHUNK = 2000
CHUNK_BYTES = 4 << 20
_ENCODER = msgspec.json.Encoder()


NumberedLine = tuple[int, bytes]
"""A line with its number, from 1."""


class Chunk:
    """Lines that are gathered to be decided in one append: bounded in number and in bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self.lines: list[NumberedLine] = []

    def add(self, line: NumberedLine) -> bool:
        """Add a line; tell whether the chunk is full."""
        self.lines.append(line)
        self._size += len(line[1])
        return len(self.lines) >= self._most or self._size >= CHUNK_BYTES

    def take(self) -> list[NumberedLine]:
        """Return the lines, and start anew."""
        taken, self.lines, self._size = self.lines, [], 0
        return taken


class Line(NamedTuple):
    """A numbered line: the command that it holds, or why it cannot be read."""

    number: int
    command: Command | None
    error: LedgerError | None


class Verdict(NamedTuple):
    """What became of a numbered line."""

    number: int
    outcome: Outcome


def read_lines(lines: Iterable[NumberedLine], actor: str | None = None) -> list[Line]:
    """Read numbered lines; what cannot be read keeps its error."""
    return [_read(number, line, actor) for number, line in lines]


def _read(number: int, line: bytes, actor: str | None) -> Line:
    try:
        return Line(number, read_line(line, actor), None)
    except LedgerError as error:
        # What the error came from holds the whole line, and would be kept until the chunk is done.
        error.__context__ = None
        return Line(number, None, error.with_traceback(None))


def verdict_line(verdict: Verdict) -> bytes:
    """Return a verdict as a line of JSON: the answer, or the problem, with the line's number."""
    outcome = verdict.outcome
    said = (
        {"line": verdict.number, "accepted": outcome.written}
        if isinstance(outcome, Accepted)
        else {"line": verdict.number, "problem": describe(outcome)}
    )
    return _ENCODER.encode(said) + b"\n"


def is_command(line: bytes) -> bool:
    """Tell whether a line, less its end, is to be decided: a blank one is not, unless too long."""
    return bool(line.strip()) or len(line) > MAX_LINE


def numbered(source: BinaryIO) -> Iterator[NumberedLine]:
    """Yield a file's numbered lines, blank ones left out; of one too long, enough to refuse it."""
    number = 0
    while line := source.readline(MAX_LINE + 2):
        number += 1
        if len(line) > MAX_LINE + 1:
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = source.readline(MAX_LINE)
        line = line.removesuffix(b"\n")
        if is_command(line):
            yield number, line


def chunks(lines: Iterable[NumberedLine], most: int) -> Iterator[list[NumberedLine]]:
    """Gather lines into chunks of at most `most` lines, and of not much more than CHUNK_BYTES."""
    gathered = Chunk(most)
    for line in lines:
        if gathered.add(line):
            yield gathered.take()
    if gathered.lines:
        yield gathered.take()


def decide_lines(
    ledger: Ledger, source: BinaryIO, actor: str | None = None, chunk: int = CHUNK
) -> Iterator[list[Verdict]]:
    """Decide the lines of a file in order, `chunk` lines in one append; yield their verdicts.

    Lines that were accepted before are answered as before: run an import again to resume it. The
    chunk after the next is read, and the next decided, while the database works on this one.
    """
    parts = chunks(numbered(source), chunk)
    coming: deque[list[Line]] = deque()

    def read_next() -> list[Line] | None:
        part = next(parts, None)
        return None if part is None else read_lines(part, actor)

    def batches() -> Iterator[list[Command]]:
        with ThreadPoolExecutor(1, "reading lines") as ahead:
            next_one = ahead.submit(read_next)
            while (read := next_one.result()) is not None:
                next_one = ahead.submit(read_next)
                coming.append(read)
                yield [line.command for line in read if line.command is not None]

    for outcomes in ledger.process_all(batches()):
        answers = iter(outcomes)
        yield [Verdict(line.number, line.error or next(answers)) for line in coming.popleft()]
