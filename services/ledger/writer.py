"""One writer, many commands: it takes all that wait, decides, appends once, answers after the commit.

While one commit flushes the next batch gathers; there is no timer.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from threading import Condition, Thread
from typing import NamedTuple

from ledger.commands import Command
from ledger.errors import LedgerError, StillRunning, Unprocessed
from ledger.ledger import Accepted, Ledger, Outcome

MOST_COMMANDS = 200
MOST_WAITING = 20_000


class _Waiting(NamedTuple):
    commands: Sequence[Command]
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[list[Outcome]]


class Writer:
    """The one thread that decides and appends; `submit` is called from the event loop."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiting: deque[_Waiting] = deque()
        self._running: set[tuple[str, str]] = set()
        self._news = Condition()
        self._closing = False
        self._thread = Thread(target=self._run, name="writer", daemon=True)
        self.counts: Counter[str] = Counter(accepted=0, refused=0, batches=0)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, then end the thread."""
        with self._news:
            self._closing = True
            self._news.notify()
        self._thread.join()

    async def submit(self, command: Command) -> Accepted:
        """Return a command's answer once it is committed; raises the LedgerError that refuses it."""
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
        commands = [command for waiting in batch for command in waiting.commands]
        outcomes = self._ledger.process(commands)
        refused = sum(isinstance(outcome, LedgerError) for outcome in outcomes)
        self.counts.update(accepted=len(outcomes) - refused, refused=refused, batches=1)
        answers: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[list[Outcome]], list[Outcome]]]]
        answers = {}
        start = 0
        for waiting in batch:
            end = start + len(waiting.commands)
            answers.setdefault(waiting.loop, []).append((waiting.answer, outcomes[start:end]))
            start = end
        for loop, pairs in answers.items():
            loop.call_soon_threadsafe(_resolve, pairs)


def _resolve(pairs: Sequence[tuple[asyncio.Future[list[Outcome]], list[Outcome]]]) -> None:
    for future, outcomes in pairs:
        if not future.done():
            future.set_result(outcomes)
