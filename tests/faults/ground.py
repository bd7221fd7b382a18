"""Where faults are tried: a cell on a broker of its own, and whatever runs on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from deploy.kafka.broker import Broker
from edge.kafka.settings import KafkaSettings
from ledger.inbound.senders import Right
from projections.topic import rebuilding
from projections.topic.cells import Cell
from tests import topic
from tests.faults.processes import Process
from tests.kafka import own_broker, with_topics
from tests.ledger_database import LedgerDatabase, migrate_and_load_areas
from tests.postgres import EMBEDDED_18, Server, Servers
from tests.topic import TopicCell, environment_of, may_send, write_cells

CELL = "cell-9"
PARTITIONS = 6
DRAIN_SECONDS = 300


def expect(holds: bool, words: str) -> None:
    """Raise AssertionError with these words unless something holds: also where Python strips `assert`."""
    if not holds:
        raise AssertionError(words)


until = partial(topic.until, seconds=DRAIN_SECONDS)
"""Waits until something is true; AssertionError with the given words when it takes too long."""


@dataclass(frozen=True)
class Ground:
    """A cell: its ledger, its projections, its topics, and a folder for files and logs."""

    broker: Broker
    kafka: KafkaSettings
    server: Server
    ledger: LedgerDatabase
    cell: TopicCell
    folder: Path

    def process(self, name: str, *words: str) -> Process:
        """A process of the product on this cell, not started yet."""
        told = {
            **environment_of(self.ledger, self.kafka),
            "ASSISTANCE_SOURCE": CELL,
            "PROJECTIONS_CELLS": str(self.folder / "cells.toml"),
        }
        return Process(name, words, told, self.folder / f"{name}.log")

    def may_send(self, *senders: str) -> None:
        """Let senders send every command and signal for every area."""
        rights = [Right(one, kind, "*", "") for one in senders for kind in ("command", "signal")]
        may_send(self.ledger, *rights)

    def topics(self) -> KafkaSettings:
        """Make topics under another prefix."""
        return with_topics(self.broker.servers, events=PARTITIONS, commands=PARTITIONS)


@contextmanager
def ground() -> Iterator[Ground]:
    """Make it, and take it all away at the end; what the processes said is left when something failed."""
    folder = Path(mkdtemp(prefix="assistance-faults-"))
    with ExitStack() as stack:
        broker = stack.enter_context(own_broker())
        server = stack.enter_context(Servers())[EMBEDDED_18]
        fresh = server.fresh_database
        ledger = LedgerDatabase(stack.enter_context(fresh(prepare=migrate_and_load_areas)))
        cell = Cell(CELL, stack.enter_context(fresh()), "http://127.0.0.1:9")
        kafka = with_topics(broker.servers, events=PARTITIONS, commands=PARTITIONS)
        write_cells(folder / "cells.toml", [cell])
        rebuilding.install(cell, kafka)
        yield Ground(broker, kafka, server, ledger, TopicCell(ledger, cell), folder)
    rmtree(folder)
