"""One writer, many commands: it takes all that wait, decides, appends once, and then answers.

While one commit flushes the next batch gathers; there is no timer.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from threading import Condition, Thread
from time import perf_counter
from typing import NamedTuple

from edge.measures import Histogram, Measure, count, counts
from edge.problems import type_of
from ledger.answers import Accepted, Outcome
from ledger.commands import Command
from ledger.errors import LedgerError, StillRunning, Unprocessed
from ledger.ledger import Ledger

MOST_COMMANDS = 200
"""Commands decided in one append, unless one batch alone has more."""

MOST_WAITING = 20_000
"""Requests that may wait; who comes after them is told to come again."""

_log = logging.getLogger(__name__)


class _Waiting(NamedTuple):
    commands: Sequence[Command]
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[list[Outcome]]


_Answers = list[tuple[asyncio.Future[list[Outcome]], list[Outcome]]]


class Writer:
    """The one thread that decides and appends; `submit` is called from the event loop."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiting: deque[_Waiting] = deque()
        self._running: set[tuple[str, str]] = set()
        self._news = Condition()
        self._closing = False
        self._thread = Thread(target=self._run, name="writer", daemon=True)
        self._accepted = 0
        self._refused: Counter[str] = Counter()
        self._sizes = Histogram(1, 2, 5, 10, 20, 50, 100, 200, 500)
        self._seconds = Histogram(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 30)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, then end the thread."""
        with self._news:
            self._closing = True
            self._news.notify()
        self._thread.join()

    def measures(self) -> Iterable[Measure]:
        """Return what was decided so far, in how large batches, how fast."""
        yield count("ledger_commands_accepted_total", "Commands accepted.", self._accepted)
        about = "Commands that were read and not accepted, by problem."
        yield counts("ledger_commands_refused_total", about, "type", self._refused.copy())
        yield self._sizes.measure("ledger_batch_commands", "Commands decided in one append.")
        yield self._seconds.measure(
            "ledger_batch_seconds", "Time of one batch, its commit included."
        )

    async def submit(self, command: Command) -> Accepted:
        """Return a command's answer once it is committed; raises the LedgerError that says no."""
        key = (command.actor, command.key)
        if key in self._running:
            raise StillRunning("The command with this key is being decided: ask again in a moment.")
        self._running.add(key)
        try:
            (outcome,) = await self.submit_all((command,))
        finally:
            self._running.discard(key)
        if isinstance(outcome, LedgerError):
            raise outcome
        return outcome

    async def submit_all(self, commands: Sequence[Command]) -> list[Outcome]:
        """Return the outcomes of commands that are decided in order, in one append."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(commands, loop, loop.create_future())
        with self._news:
            if self._closing or len(self._waiting) >= MOST_WAITING:
                raise Unprocessed("The ledger takes no more commands just now: send it again.")
            self._waiting.append(waiting)
            self._news.notify()
        return await waiting.answer

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waiting or self._closing)
                if not self._waiting:
                    return
                batch = self._take()
            self._answer(batch)

    def _take(self) -> list[_Waiting]:
        """Take what waits, up to a bound, at least one; called under the condition's lock."""
        batch = [self._waiting.popleft()]
        size = len(batch[0].commands)
        while self._waiting and size + len(self._waiting[0].commands) <= MOST_COMMANDS:
            batch.append(self._waiting.popleft())
            size += len(batch[-1].commands)
        return batch

    def _answer(self, batch: Sequence[_Waiting]) -> None:
        outcomes = self._decide([command for waiting in batch for command in waiting.commands])
        answers: dict[asyncio.AbstractEventLoop, _Answers] = {}
        start = 0
        for waiting in batch:
            end = start + len(waiting.commands)
            answers.setdefault(waiting.loop, []).append((waiting.answer, outcomes[start:end]))
            start = end
        for loop, pairs in answers.items():
            with suppress(RuntimeError):  # a loop that has ended waits for no answer
                loop.call_soon_threadsafe(_resolve, pairs)

    def _decide(self, commands: Sequence[Command]) -> list[Outcome]:
        """Decide a batch, and count it. Whatever happens, there is an outcome for each command."""
        began = perf_counter()
        try:
            outcomes = self._ledger.process(commands, fresh=True)
        except Exception:  # the thread must outlive it: without it nobody would be answered again
            _log.exception("a batch of %d commands failed", len(commands))
            unknown = "Send the command again with the same key."
            outcomes = [Unprocessed(unknown) for _ in commands]
        refused = [type_of(outcome) for outcome in outcomes if isinstance(outcome, LedgerError)]
        self._accepted += len(outcomes) - len(refused)
        self._refused.update(refused)
        self._sizes.observe(len(commands))
        self._seconds.observe(perf_counter() - began)
        return outcomes


def _resolve(pairs: _Answers) -> None:
    for future, outcomes in pairs:
        if not future.done():
            future.set_result(outcomes)
