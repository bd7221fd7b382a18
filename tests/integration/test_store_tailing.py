"""Who tails the feed by `position > last` misses nothing, whoever writes meanwhile."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

from ledger.answers import Accepted
from tests.ledger_database import WAIT_SECONDS, LedgerDatabase, verify
from tests.postgres import on_every_server

WRITERS = 8
ROUNDS = 60

Row = tuple[Any, ...]


def write(database: LedgerDatabase, start: threading.Barrier, shared: UUID) -> int:
    """Record facts on streams of the writer's own and on a shared one; count those accepted."""
    facts = 0
    with database.ledger() as ledger:
        start.wait(WAIT_SECONDS)
        for number in range(ROUNDS):
            own = [verify(uuid4()) for _ in range(number % 3 + 1)]
            outcomes = ledger.process([*own, verify(shared)] if number % 5 == 0 else own)
            facts += sum(len(o.facts) for o in outcomes if isinstance(o, Accepted))
    return facts


def tail(database: LedgerDatabase, written: threading.Event) -> list[Row]:
    """Read what is newer than what was read last, until all is written and nothing is newer."""
    seen: list[Row] = []
    with database.connect("projections_service") as connection:
        while True:
            was_written = written.is_set()
            last = seen[-1][0] if seen else 0
            newer = connection.execute(
                "select position, stream, version, recorded_at from ledger.feed "
                "where position > %s order by position limit 20",
                (last,),
            ).fetchall()
            seen += newer
            if was_written and not newer:
                return seen


@on_every_server
def test_eight_writers_and_a_tailing_reader_miss_reorder_and_double_nothing(
    ledger_database: LedgerDatabase,
) -> None:
    shared, start, written = uuid4(), threading.Barrier(WRITERS + 1), threading.Event()
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reader = pool.submit(tail, ledger_database, written)
        writers = [pool.submit(write, ledger_database, start, shared) for _ in range(WRITERS)]
        start.wait(WAIT_SECONDS)
        total = sum(writer.result(WAIT_SECONDS) for writer in writers)
        written.set()
        seen = reader.result(WAIT_SECONDS)
    assert total == WRITERS * (sum(n % 3 + 1 for n in range(ROUNDS)) + ROUNDS // 5)
    assert [row[0] for row in seen] == list(range(1, total + 1))
    assert Counter(row[1:3] for row in seen) == Counter(
        (stream, version)
        for stream, facts in Counter(row[1] for row in seen).items()
        for version in range(1, facts + 1)
    )
    assert [row[2] for row in seen if row[1] == shared] == list(range(1, WRITERS * ROUNDS // 5 + 1))
    assert [row[3] for row in seen] == sorted(row[3] for row in seen)
