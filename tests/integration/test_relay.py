"""The relay on a real broker and a real database: what is recorded is on the topic, in order, by its id."""

from __future__ import annotations

from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen
from uuid import UUID, uuid4

import pytest

from deploy.kafka.broker import Broker
from edge.kafka.settings import KafkaSettings
from edge.metrics_server import serving
from edge.settings import Metrics
from ledger.ledger import Ledger
from ledger.relay import relay, tails
from ledger.relay.tails import backlog
from tests.faults.processes import Process
from tests.kafka import with_topics
from tests.ledger_database import LedgerDatabase, accepted, adopt_standard, enrol, verify
from tests.topic import (
    WAIT_SECONDS,
    caught_up,
    environment_of,
    facts,
    header,
    on_topic,
    relaying,
)


def some_facts(ledger: Ledger, households: int) -> list[UUID]:
    """A standard, and households that are enrolled and verified; their ids."""
    ids = [uuid4() for _ in range(households)]
    outcomes = ledger.process(
        [adopt_standard(), *(enrol(household=h) for h in ids), *(verify(h) for h in ids)]
    )
    for outcome in outcomes:
        accepted(outcome)
    return ids


def test_every_fact_is_on_the_topic_as_it_is_stored(
    ledger_database: LedgerDatabase, ledger: Ledger, kafka: KafkaSettings
) -> None:
    some_facts(ledger, 3)
    with relaying(ledger_database, kafka):
        caught_up(ledger_database)
        messages = facts(on_topic(kafka))
    stored = ledger_database.ask(
        "select originator_id, originator_version, topic, state, notification_id from ledger.facts"
    )
    found = sorted(
        (UUID(header(m, "ce_subject")), int(header(m, "ce_id").rpartition(":")[2]),
         header(m, "ce_type"), m.value, int(header(m, "ce_sequence")))
        for m in messages
    )  # fmt: skip
    assert found == sorted((i, v, t, bytes(s), p) for i, v, t, s, p in stored)


def test_a_message_is_a_binary_cloud_event_whose_key_is_the_stream(
    ledger_database: LedgerDatabase, ledger: Ledger, kafka: KafkaSettings
) -> None:
    [household] = some_facts(ledger, 1)
    with relaying(ledger_database, kafka):
        caught_up(ledger_database)
        [enrolled] = [
            m for m in on_topic(kafka) if header(m, "ce_type") == "assistance.HouseholdEnrolled.v1"
        ]
    headers = {name: (value or b"").decode() for name, value in enrolled.headers}
    assert headers.pop("ce_time").endswith("Z")
    assert headers.pop("ce_traceparent")[:3] == "00-"
    assert int(headers.pop("ce_sequence")) > 1
    assert headers == {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": f"{household}:1",
        "ce_type": "assistance.HouseholdEnrolled.v1",
        "ce_source": "cell-9",
        "ce_subject": str(household),
        "ce_dataschema": "urn:assistance:facts:HouseholdEnrolled:v1",
        "ce_partitionkey": str(household),
    }
    assert enrolled.key == str(household).encode()


def test_every_partition_is_told_the_position_below_which_nothing_more_comes(
    ledger_database: LedgerDatabase, ledger: Ledger, kafka: KafkaSettings
) -> None:
    some_facts(ledger, 3)
    with relaying(ledger_database, kafka):
        caught_up(ledger_database)
        sleep(0.3)
        messages = on_topic(kafka)
    [(head,)] = ledger_database.ask("select max(notification_id) from ledger.facts")
    last = {m.partition.number: m for m in messages}
    assert {n: m.value for n, m in last.items()} == dict.fromkeys(
        range(3), b'{"position":%d}' % head
    )


def test_no_watermark_stands_within_what_one_append_recorded(
    ledger_database: LedgerDatabase,
    ledger: Ledger,
    kafka: KafkaSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tails, "MOST", 7)  # so that chunks end in the midst of appends
    monkeypatch.setattr(relay, "WATERMARK_SECONDS", 0.0)
    for households in (5, 1, 8):
        some_facts(ledger, households)
    with relaying(ledger_database, kafka):
        caught_up(ledger_database)
        sleep(0.3)
        messages = on_topic(kafka)
    moments = ledger_database.ask(
        "select max(notification_id) from ledger.facts group by recorded_at"
    )
    told = {
        int(header(m, "ce_sequence"))
        for m in messages
        if header(m, "ce_type") == "assistance.Watermark.v1"
    }
    assert len(moments) >= 3
    assert told <= {end for (end,) in moments}
    assert max(told) == max(end for (end,) in moments)


def test_a_relay_goes_on_where_the_last_one_noted(
    ledger_database: LedgerDatabase, ledger: Ledger, kafka: KafkaSettings
) -> None:
    [household] = some_facts(ledger, 1)
    with relaying(ledger_database, kafka):
        caught_up(ledger_database)
    accepted(*ledger.process([verify(household, decided_on="2023-01-06")]))
    with relaying(ledger_database, kafka):
        caught_up(ledger_database)
    ids = [header(m, "ce_id") for m in facts(on_topic(kafka)) if m.key == str(household).encode()]
    assert ids == [f"{household}:{n}" for n in (1, 2, 3)]


def test_one_relay_leads_and_another_takes_over_in_seconds(
    ledger_database: LedgerDatabase, ledger: Ledger, kafka: KafkaSettings
) -> None:
    with relaying(ledger_database, kafka) as standby:
        with relaying(ledger_database, kafka) as other:
            deadline = monotonic() + WAIT_SECONDS
            while not (standby.leads or other.leads):
                assert monotonic() < deadline
                sleep(0.02)
            sleep(1.5)
            assert standby.leads + other.leads == 1
        began = monotonic()
        some_facts(ledger, 1)
        caught_up(ledger_database)
        assert standby.leads
        assert monotonic() - began < 5


def test_without_kafka_commands_go_on_and_the_relay_catches_up(
    ledger_database: LedgerDatabase, ledger: Ledger, own_broker: Broker, tmp_path: Path
) -> None:
    kafka = with_topics(own_broker.servers)
    with Process(
        "relay", ["ledger", "relay"], environment_of(ledger_database, kafka), tmp_path / "log"
    ):
        some_facts(ledger, 1)
        caught_up(ledger_database)
        own_broker.kill()
        some = uuid4()
        accepted(*ledger.process([enrol(household=some)]))
        assert backlog(ledger_database.dsn("ledger_service"))["facts"] >= 1
        own_broker.restart()
        caught_up(ledger_database)
    deadline = monotonic() + WAIT_SECONDS
    while f"{some}:1" not in {header(m, "ce_id") for m in facts(on_topic(kafka))}:
        assert monotonic() < deadline, "what was noted as published is not on the topic"


def test_a_relay_says_what_it_published_and_what_waits(
    ledger_database: LedgerDatabase, ledger: Ledger, kafka: KafkaSettings
) -> None:
    some_facts(ledger, 2)
    with relaying(ledger_database, kafka) as relay:
        caught_up(ledger_database)
        with serving(Metrics(port=0), relay.not_ready, relay.measures) as port:
            said = urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
            ready = urlopen(f"http://127.0.0.1:{port}/readyz").read()
    [(facts_recorded,)] = ledger_database.ask("select count(*) from ledger.facts")
    assert f'relay_published_total{{tail="facts"}} {facts_recorded}\n' in said
    assert 'relay_backlog{tail="facts"} 0\n' in said
    assert "relay_active 1\n" in said
    assert ready == b"ready\n"
