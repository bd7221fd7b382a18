"""A server of a benchmark: `python -m tests.benchmarks.server durable|constant PORT`."""

from __future__ import annotations

import sys
from datetime import date
from uuid import UUID

from fastapi import FastAPI

from assistance.serving import serve
from edge import problems
from ledger.answers import Accepted
from ledger.app import build
from ledger.commands import Command
from ledger.errors import LedgerError
from ledger.households.facts import HouseholdEnrolled
from ledger.http import CommandPaths
from ledger.settings import Settings
from ledger.stream import Event
from ledger.writer import Writer

ENROLLED = HouseholdEnrolled(
    decided_on=date(2022, 6, 15),
    effective="2022-06",
    programme="dibao.urban",
    area="140403",
    income_fen=0,
    members=[],
    decided_by="county",
    legal_basis="Interim Measures 11",
)
ANSWER = Accepted(UUID(int=1), [Event(UUID(int=1), 1, ENROLLED)], 1)


class ConstantWriter(Writer):
    """Answers every command with the same words, deciding and storing nothing."""

    def __init__(self) -> None:
        """Make a writer without a ledger."""

    async def submit(self, command: Command) -> Accepted:
        """Return the constant."""
        return ANSWER


def constant() -> FastAPI:
    """Return the ledger's own routes, reading and checking every body, over the constant reply."""
    app = FastAPI()
    problems.install(app, LedgerError)
    app.router.routes.append(CommandPaths(ConstantWriter()))
    return app


if __name__ == "__main__":
    kind, port = sys.argv[1:]
    serve(constant() if kind == "constant" else build(Settings.read()), "127.0.0.1", int(port))
