"""A server of a benchmark: `python -m tests.benchmarks.server durable|constant PORT`."""

from __future__ import annotations

import sys
from uuid import UUID

from fastapi import FastAPI

from assistance.serving import serve
from edge import problems
from ledger.answers import Accepted, RecordedFact
from ledger.app import build
from ledger.commands import Command
from ledger.errors import LedgerError
from ledger.http import CommandPaths
from ledger.settings import Settings
from ledger.writer import Writer

ANSWER = Accepted(
    UUID(int=1),
    1,
    1,
    [RecordedFact(f"{UUID(int=1)}:1", "assistance.HouseholdEnrolled.v1", "2022-06")],
)


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
