"""The append: positions without gaps, instants that never go back, all or nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from ledger.ledger import Ledger
from ledger.store.recorder import CommandRow, RepeatedCommand, VersionConflict
from tests.ledger_database import LedgerDatabase, accepted, verify
from tests.postgres import on_every_server

pytestmark = on_every_server

POSITIONS = "select array_agg(notification_id order by notification_id) from ledger.facts"


def events(stream: UUID, *versions: int) -> list[StoredEvent]:
    return [
        StoredEvent(
            originator_id=stream,
            originator_version=version,
            topic="assistance.MeansVerified.v1",
            state=b'{"decided_on":"2023-01-05","income_fen":1}',
        )
        for version in versions
    ]


def row(key: str, facts: int = 1, actor: str = "decider-7") -> CommandRow:
    return CommandRow(actor, key, b"digest", uuid4(), facts)


def append(ledger: Ledger, stored: Sequence[StoredEvent], *commands: CommandRow) -> Sequence[int]:
    return ledger.ledger_recorder.insert_events(stored, commands=commands)


def test_positions_follow_each_other(ledger: Ledger) -> None:
    assert list(append(ledger, events(uuid4(), 1, 2))) == [1, 2]
    assert list(append(ledger, events(uuid4(), 1))) == [3]
    assert append(ledger, []) == []


def test_a_failed_transaction_leaves_no_gap(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    stream = uuid4()
    append(ledger, events(stream, 1))
    for _ in range(3):
        with pytest.raises(VersionConflict):
            append(ledger, [*events(uuid4(), 1), *events(stream, 1)])
    assert list(append(ledger, events(stream, 2))) == [2]
    assert ledger_database.ask(POSITIONS) == [([1, 2],)]


def test_a_version_conflict_and_a_repeated_command_are_told_apart(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    stream = uuid4()
    append(ledger, events(stream, 1), row("key"))
    with pytest.raises(VersionConflict):
        append(ledger, events(stream, 1), row("another key"))
    with pytest.raises(RepeatedCommand):
        append(ledger, events(stream, 2), row("key"))
    assert ledger_database.counts() == (1, 1)
    append(ledger, events(stream, 2), row("key", actor="decider-8"))
    assert ledger_database.counts() == (2, 2)


def test_facts_and_their_commands_come_from_one_transaction(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    append(ledger, events(uuid4(), 1, 2, 3), row("one", 1), row("two", 2))
    append(ledger, events(uuid4(), 1), row("three", 1))
    found = ledger_database.ask("""
        select c.idempotency_key, c.first_position, c.last_position,
               bool_and(f.xmin = c.xmin), array_agg(f.notification_id order by f.notification_id)
        from ledger.commands c
        join ledger.facts f on f.notification_id between c.first_position and c.last_position
        group by 1, 2, 3 order by 2""")
    assert found == [
        ("one", 1, 1, True, [1]),
        ("two", 2, 3, True, [2, 3]),
        ("three", 4, 4, True, [4]),
    ]


def test_facts_of_one_append_share_their_instant_and_the_database_sets_it(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    append(ledger, events(uuid4(), 1, 2))
    [(instant,)] = ledger_database.ask("select distinct recorded_at from ledger.facts")
    assert before < instant < datetime.now(UTC) + timedelta(seconds=5)


def test_recorded_at_never_goes_back_though_the_clock_does(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    future = datetime.now(UTC) + timedelta(days=400)
    with ledger_database.connect() as connection:
        connection.execute("set role ledger_owner")
        connection.execute(
            "insert into ledger.facts values (%s, 1, 'assistance.MeansVerified.v1', '{}', 1, %s)",
            (uuid4(), future),
        )
    assert list(append(ledger, events(uuid4(), 1, 2))) == [2, 3]
    accepted(ledger.process([verify(uuid4())])[0])
    found = ledger_database.ask("select recorded_at from ledger.facts order by notification_id")
    assert found == [(future,)] * 4


def test_a_listener_is_told_of_an_append_after_its_commit(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    with ledger_database.connect("projections_service") as listener:
        listener.execute("listen facts")
        append(ledger, events(uuid4(), 1))
        told = list(listener.notifies(timeout=10, stop_after=1))
        assert [notice.channel for notice in told] == ["facts"]
        assert listener.execute("select count(*) from ledger.feed").fetchone() == (1,)


def test_nobody_is_told_of_an_append_that_failed(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    stream = uuid4()
    append(ledger, events(stream, 1))
    with ledger_database.connect("projections_service") as listener:
        listener.execute("listen facts")
        with pytest.raises(VersionConflict):
            append(ledger, events(stream, 1))
        assert list(listener.notifies(timeout=0.2)) == []


def test_an_append_of_thousands_is_one_call(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    stored = [event for _ in range(3000) for event in events(uuid4(), 1)]
    assert append(ledger, stored) == range(1, 3001)
    assert ledger_database.counts() == (3000, 0)


@pytest.mark.parametrize(
    ("versions", "topics"), [("{1,2}", "{a,b}"), ("{0}", "{a}"), ("{1}", "{null}")]
)
def test_arrays_that_do_not_fit_are_refused_whole(
    ledger_database: LedgerDatabase, versions: str, topics: str
) -> None:
    with (
        ledger_database.connect("ledger_service") as connection,
        pytest.raises(psycopg.IntegrityError),
    ):
        connection.execute(
            """select ledger.append(array[gen_random_uuid()], %s, %s, '{"{}"}',
                                    '{}', '{}', '{}', '{}', '{}')""",
            (versions, topics),
        )
    assert ledger_database.counts() == (0, 0)
