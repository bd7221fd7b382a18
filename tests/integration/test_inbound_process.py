"""The inbound process in its group: where it begins, how it is shared out, and that nothing stops it."""

from __future__ import annotations

from contextlib import closing
from uuid import uuid4

import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from edge.kafka.consuming import Consumer
from edge.kafka.settings import COMMANDS, SIGNALS, KafkaSettings, connection_options
from ledger.inbound.inbound import Inbound
from tests.integration.test_inbound import EVERYTHING, GOOD, all_told, commands, inbound
from tests.ledger_database import LedgerDatabase
from tests.topic import event, may_send, send, send_all, taking_in, told, until

__all__ = ["inbound"]  # a fixture


class NotText(str):
    """A header's name as a client may write it that does not ask for UTF-8."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"\xff\xfe"


def test_a_headers_name_that_is_no_text_stops_nobody(
    ledger_database: LedgerDatabase, kafka: KafkaSettings, inbound: Inbound
) -> None:
    [(key, value, headers), *others] = commands()
    send(kafka, COMMANDS, (key, value, [(NotText("x"), b"1"), *headers]))
    all_told(ledger_database, 1)
    send(kafka, COMMANDS, *others)
    all_told(ledger_database, 3)
    assert {one["outcome"] for one in told(ledger_database).values()} == {"accepted"}


def test_who_comes_late_begins_where_the_topic_begins(
    ledger_database: LedgerDatabase, kafka: KafkaSettings
) -> None:
    may_send(ledger_database, EVERYTHING)
    everything = [(b"one key", value, headers) for _, value, headers in commands(reassessed=3)]
    send(kafka, COMMANDS, *everything[:3], *everything)
    with closing(KafkaAdminClient(**connection_options(kafka))) as admin:
        topic = kafka.topic(COMMANDS)
        admin.delete_records({TopicPartition(topic, n): 3 for n in _ends(kafka)})
    with taking_in(ledger_database, kafka) as inbound:
        all_told(ledger_database, 5)
        until(lambda: inbound.lag == {topic: 0, kafka.topic(SIGNALS): 0}, "something waits")
    assert {one["outcome"] for one in told(ledger_database).values()} == {"accepted"}


def _ends(kafka: KafkaSettings) -> list[int]:
    """The partitions of commands that have messages."""
    with Consumer(kafka, [COMMANDS], lambda _: {}) as consumer:
        return [p.number for p, end in consumer.ends(consumer.assigned()).items() if end]


def test_what_cannot_be_taken_in_is_told_as_waiting(
    ledger_database: LedgerDatabase, kafka: KafkaSettings
) -> None:
    may_send(ledger_database, EVERYTHING)
    with ledger_database.connect() as connection:
        connection.execute("alter function ledger.take_in rename to taken_away")
        connection.execute(
            "create function ledger.take_in(bytea, bytea, bytea, bytea, bytea, boolean[]) returns bigint"
            " language plpgsql as $$ begin raise exception 'full' using errcode = '53100'; end $$"
        )
        connection.execute("grant execute on all functions in schema ledger to ledger_service")
        with taking_in(ledger_database, kafka) as inbound:
            send(kafka, COMMANDS, *commands())
            until(lambda: sum(inbound.lag.values()) == 3, "nothing waits")
    assert ledger_database.counts() == (0, 0)


def test_a_group_is_shared_out_anew_without_losing_its_members(
    ledger_database: LedgerDatabase, kafka: KafkaSettings, caplog: pytest.LogCaptureFixture
) -> None:
    may_send(ledger_database, EVERYTHING)
    [first, *_] = commands()
    lives = [commands(number, 4)[1:] for number in range(1, 400)]
    with taking_in(ledger_database, kafka) as one:
        send(kafka, COMMANDS, first)
        all_told(ledger_database, 1)
        for lot in range(0, len(lives), 100):
            before = one.assignments
            send_all(kafka, [m for life in lives[lot : lot + 100] for m in life])
            with taking_in(ledger_database, kafka):
                until(lambda before=before: one.assignments > before, "nobody joined")  # type: ignore[misc]
        all_told(ledger_database, 1 + 5 * len(lives))
    assert "LeftBehind" not in caplog.text
    assert {found["outcome"] for found in told(ledger_database).values()} == {"accepted"}


def test_who_was_left_behind_records_nothing(
    ledger_database: LedgerDatabase, kafka: KafkaSettings
) -> None:
    may_send(ledger_database, EVERYTHING)
    with taking_in(ledger_database, kafka):
        send(kafka, COMMANDS, *commands())
        all_told(ledger_database, 3)
        # Somebody else took the next message of every partition in, as far as the offsets tell.
        with ledger_database.connect() as connection:
            connection.execute("update ledger.consumed_offsets set next_offset = next_offset + 1")
        key = uuid4()
        send(kafka, COMMANDS, *[
            (b"%d" % n, GOOD[1], event(f"{key}-{n}", "AdoptStandard")) for n in range(12)
        ])  # fmt: skip
        send(kafka, COMMANDS, *[
            (b"%d" % n, GOOD[1], event(f"late-{n}", "AdoptStandard")) for n in range(12)
        ])  # fmt: skip
        until(lambda: {f"late-{n}" for n in range(12)} <= told(ledger_database).keys(), "stuck")
    skipped = {f"{key}-{n}" for n in range(12)} - told(ledger_database).keys()
    partitions = ledger_database.ask("select count(*) from ledger.consumed_offsets")[0][0]
    assert 1 <= len(skipped) <= partitions
