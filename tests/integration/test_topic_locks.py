"""Who applies, who refreshes and who swaps: nobody keeps another out for ever, nobody stops another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest

from ledger.ledger import Ledger
from projections import locks, rebuild
from projections.register import intervals
from projections.topic.folding import hold
from tests.integration.test_relay import some_facts
from tests.ledger_database import LedgerDatabase
from tests.postgres import Server

CHANGED = """
delete from register.intervals; delete from register.kept_households;
insert into register.changed_households
select stream from register.facts where type = 'assistance.HouseholdEnrolled.v1' on conflict do nothing
"""
Turn = Callable[[psycopg.Connection[Any]], object]


@pytest.fixture
def installed(ledger_database: LedgerDatabase, ledger: Ledger, server: Server) -> Iterator[str]:
    """Projections that some facts made."""
    some_facts(ledger, 5)
    with server.fresh_database() as dsn:
        rebuild.install(dsn, ledger_database.superuser)
        yield dsn


@contextmanager
def taking_turns(dsn: str, turns: Sequence[Turn]) -> Iterator[list[str]]:
    """Each in a thread, again and again, until the end; yields what went wrong."""
    stop, wrong = threading.Event(), list[str]()

    def again_and_again(turn: Turn) -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not stop.is_set():
                try:
                    turn(connection)
                except psycopg.Error as error:
                    wrong.append(type(error).__name__)

    threads = [threading.Thread(target=again_and_again, args=(turn,)) for turn in turns]
    for thread in threads:
        thread.start()
    try:
        yield wrong
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def apply_for(seconds: float) -> Turn:
    """A turn of a worker: it holds the schemas for so long."""

    def turn(connection: psycopg.Connection[Any]) -> None:
        with connection.transaction():
            hold(connection)
            sleep(seconds)

    return turn


def refresh(connection: psycopg.Connection[Any]) -> None:
    """A turn of who makes intervals, of households that changed."""
    connection.execute(CHANGED)
    intervals.refresh(connection)


def test_overlapping_workers_do_not_keep_out_the_swap_of_a_rebuild(installed: str) -> None:
    with (
        taking_turns(installed, [apply_for(0.1), apply_for(0.13), apply_for(0.17)]),
        psycopg.connect(installed, autocommit=True) as connection,
    ):
        sleep(0.5)
        connection.execute("set lock_timeout = '5s'")
        for _ in range(3):
            asked = monotonic()
            with connection.transaction():
                locks.alone(connection)
            assert monotonic() - asked < 2


def test_overlapping_workers_do_not_keep_out_who_makes_intervals(installed: str) -> None:
    done: list[float] = []

    def note(connection: psycopg.Connection[Any]) -> None:
        refresh(connection)
        done.append(monotonic())

    with taking_turns(installed, [apply_for(0.1), apply_for(0.13), apply_for(0.17), note]) as wrong:
        sleep(4)
    assert len(done) > 5
    assert not wrong


def test_who_makes_intervals_and_workers_do_not_stop_each_other(installed: str) -> None:
    with psycopg.connect(installed, autocommit=True) as connection:
        # Rows lie in the order in which they were last written, not in that of their names.
        connection.execute(
            "update projections.positions set position = position where projection = 'household_histories'"
        )
    turns = [apply_for(0), apply_for(0), refresh]
    with taking_turns(installed, turns) as wrong:
        sleep(5)
    assert not wrong
