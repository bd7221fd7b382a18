"""Lives that a real ledger decided on, told again to a feed that believes everything, fact by fact.

told = retold.hear(life)          # recorded by the real ledger, in one append
for recorded in told.facts:
    retold.record(recorded)       # and again, with lists frozen or previews asked in between
retold.lists.views.projections()  # with everything told again so far
"""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import msgspec

from projections.database import Database
from projections.projections import Projections
from projections.runner import Runner
from tests.integration.ground import Ground, Recorded, Told
from tests.integration.life import MONTHS, PREFECTURE, Life
from tests.postgres import Server
from tests.views.conftest import Views, prepare
from tests.views.lists import Lists


class Kept(Views):
    """Views with one runner, since they are brought up to date again and again."""

    def __init__(self, dsn: str, asked: Projections, runner: Runner) -> None:
        super().__init__(dsn, asked)
        self._asked, self._runner = asked, runner

    def projections(self) -> Projections:
        """The projections, with everything recorded so far."""
        self.facts.save()
        self._runner.catch_up()
        return self._asked


class Retold:
    """A ledger, and the projections of what is told again; both anew when codes would come twice.

    The places list from the second month on.
    """

    lists: Lists

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stack = ExitStack()
        self._prefectures: set[str] = set()
        self._ground = Ground(server)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()
        self._ground.__exit__(kind, error, traceback)

    def hear(self, life: Life) -> Told:
        """Have a life recorded by the ledger; nothing of it is told again yet."""
        told = self._ground.tell(life)
        if not self._prefectures or told.prefecture in self._prefectures:
            self._renew()
        self._prefectures.add(told.prefecture)
        return told

    def record(self, recorded: Recorded) -> str:
        """Tell a fact again."""
        name = type(recorded.fact).__name__
        return self.lists.views.facts.record(recorded.stream, name, **data_of(recorded))

    def _renew(self) -> None:
        self._stack.close()
        self._prefectures.clear()
        dsn = self._stack.enter_context(self._server.fresh_database(prepare=prepare))
        database = self._stack.enter_context(Database(dsn, connections=3))
        runner = self._stack.enter_context(Runner(dsn, dsn))
        self.lists = Lists(Kept(dsn, Projections(database), runner))
        self.lists.views.facts.policy(PREFECTURE[:1] + "8", "lists.first_month", MONTHS[1])


def data_of(recorded: Recorded) -> dict[str, Any]:
    """A fact's data, as the ledger writes it."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(recorded.fact))
    return found
