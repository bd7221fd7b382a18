"""Commands from Kafka: each has its effects once, whatever is delivered, and every message gets an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from edge.cloud_events import Headers
from edge.kafka.settings import (
    COMMANDS,
    DEAD_LETTERS,
    OUTCOMES,
    SIGNALS,
    KafkaSettings,
)
from ledger.errors import NotFound, Refused
from ledger.inbound.dead_letters import DeadLetters
from ledger.inbound.inbound import Inbound
from ledger.inbound.senders import Right
from ledger.ledger import Ledger
from tests.faults.acts import household, standard
from tests.ledger_database import (
    COUNTY,
    OTHER_TOWN,
    TOWN,
    LedgerDatabase,
    accepted,
    adopt_standard,
    command,
    enrol,
)
from tests.topic import (
    event,
    header,
    may_send,
    on_topic,
    relaying,
    send,
    taking_in,
    told,
    until,
)

EVERYTHING = Right("registry", "command", "*", "")
Sent = tuple[bytes, bytes, Headers]


@pytest.fixture
def inbound(ledger_database: LedgerDatabase, kafka: KafkaSettings) -> Iterator[Inbound]:
    """An inbound process that takes everything from the registry."""
    may_send(ledger_database, EVERYTHING)
    with taking_in(ledger_database, kafka) as running:
        yield running


def commands(number: int = 1, reassessed: int = 1) -> list[Sent]:
    """A standard, and a household that is enrolled and reassessed."""
    acts = [standard("registry"), *household("registry", number, reassessed)]
    return [(act.key, act.value, event(act.id, act.type.split(".")[1])) for act in acts]


def changed(value: bytes, **fields: Any) -> bytes:
    """A command line with other fields."""
    return orjson.dumps({**orjson.loads(value), **fields})


def buried(database: LedgerDatabase) -> list[tuple[Any, ...]]:
    """The dead letters' reasons, in order."""
    return database.ask(
        "select reason, source, message_id from ledger.dead_letters order by number"
    )


def all_told(database: LedgerDatabase, wanted: int) -> None:
    """Wait until so many messages have an answer, dead letters counted."""
    counting = (
        "select (select count(*) from ledger.outcomes) + (select count(*) from ledger.dead_letters)"
    )
    until(lambda: database.ask(counting)[0][0] >= wanted, f"{wanted} messages are not taken in")


def test_a_command_is_recorded_with_the_sender_as_its_actor(
    ledger_database: LedgerDatabase, kafka: KafkaSettings, inbound: Inbound
) -> None:
    send(kafka, COMMANDS, *commands())
    all_told(ledger_database, 3)
    assert {one["outcome"] for one in told(ledger_database).values()} == {"accepted"}
    [(actors,)] = ledger_database.ask("select array_agg(distinct actor) from ledger.commands")
    assert actors == ["registry"]
    positions = [one["accepted"]["position"] for one in told(ledger_database).values()]
    assert max(positions) == ledger_database.ask("select max(position) from ledger.feed")[0][0]


def test_what_is_delivered_again_is_recorded_once_and_told_as_a_duplicate(
    ledger_database: LedgerDatabase, kafka: KafkaSettings, inbound: Inbound
) -> None:
    first = commands()
    send(kafka, COMMANDS, *first)
    all_told(ledger_database, 3)
    recorded = ledger_database.counts()
    before = told(ledger_database)
    send(kafka, COMMANDS, *first, *first)
    all_told(ledger_database, 9)
    assert ledger_database.counts() == recorded
    assert told(ledger_database) == {
        name: {**one, "outcome": "duplicate"} for name, one in before.items()
    }


def test_a_command_under_a_new_id_and_a_key_that_was_accepted_is_a_duplicate_too(
    ledger_database: LedgerDatabase, kafka: KafkaSettings, inbound: Inbound
) -> None:
    [(key, value, _), *_] = commands()
    send(kafka, COMMANDS, (key, value, event("a", "AdoptStandard")))
    all_told(ledger_database, 1)
    send(kafka, COMMANDS, (key, value, event("b", "AdoptStandard")))
    all_told(ledger_database, 2)
    assert told(ledger_database)["b"]["outcome"] == "duplicate"
    assert told(ledger_database)["b"]["accepted"] == told(ledger_database)["a"]["accepted"]


def test_what_a_rule_refuses_is_told_with_its_problem(
    ledger_database: LedgerDatabase, kafka: KafkaSettings, inbound: Inbound
) -> None:
    [first, (key, value, headers), *_] = commands()
    subject = orjson.loads(value)["subject"]
    twice = changed(value, idempotency_key="other", expected_version=1)
    send(kafka, COMMANDS, first)
    all_told(ledger_database, 1)
    send(kafka, COMMANDS, (key, value, headers), (key, twice, event("again", "EnrolHousehold")))
    all_told(ledger_database, 3)
    again = told(ledger_database)["again"]
    assert (again["outcome"], again["accepted"], again["problem"]["status"]) == (
        "refused",
        None,
        409,
    )
    assert ledger_database.ask(
        "select count(*) from ledger.feed where stream = %s", UUID(subject)
    ) == [(1,)]


def test_outcomes_are_published_to_their_sender(
    ledger_database: LedgerDatabase, kafka: KafkaSettings, inbound: Inbound
) -> None:
    send(kafka, COMMANDS, *commands())
    with relaying(ledger_database, kafka):
        until(lambda: len(on_topic(kafka, OUTCOMES)) == 3, "the outcomes are not published")
    messages = on_topic(kafka, OUTCOMES)
    assert {m.key for m in messages} == {b"registry"}
    assert {header(m, "ce_type") for m in messages} == {"assistance.Outcome.v1"}
    assert [orjson.loads(m.value or b"") for m in messages] == list(told(ledger_database).values())


RIGHTS = {
    "no right at all": ([], {"refused"}),
    "another command": ([Right("registry", "command", "ExitHousehold", "")], {"refused"}),
    "another sender": ([Right("other", "command", "*", "")], {"refused"}),
    "a signal of the name": ([Right("registry", "signal", "EnrolHousehold", "")], {"refused"}),
    "another town": ([Right("registry", "command", "*", OTHER_TOWN)], {"refused"}),
    "the town": ([Right("registry", "command", "EnrolHousehold", TOWN),
                  Right("registry", "command", "ReassessIncome", TOWN)], {"accepted"}),
    "the county": ([Right("registry", "command", "*", COUNTY)], {"accepted"}),
}  # fmt: skip


@pytest.mark.parametrize(("rights", "outcome"), RIGHTS.values(), ids=RIGHTS)
def test_a_table_says_who_may_send_what_for_which_areas(
    ledger_database: LedgerDatabase,
    ledger: Ledger,
    kafka: KafkaSettings,
    rights: list[Right],
    outcome: set[str],
) -> None:
    ledger.process([adopt_standard()])
    recorded = ledger_database.counts()
    may_send(ledger_database, *rights)
    with taking_in(ledger_database, kafka):
        send(kafka, COMMANDS, *commands()[1:])
        all_told(ledger_database, 2)
    found = told(ledger_database).values()
    assert {one["outcome"] for one in found} == outcome
    if outcome == {"refused"}:
        assert "not-allowed" in {one["problem"]["type"].rpartition(":")[2] for one in found}
        assert ledger_database.counts() == recorded


GOOD = commands()[0]
POISON = {
    "bad JSON": ((b"k", b'{"command": ', event("1", "AdoptStandard")), "bad-json", "1"),
    "no UTF-8": ((b"k", b'"\xff"', event("2", "AdoptStandard")), "bad-json", "2"),
    "another type": ((b"k", GOOD[1], event("3", "AdoptSomething")), "unknown-type", "3"),
    "another version": ((b"k", GOOD[1], [("content-type", b"application/json"),
        ("ce_specversion", b"1.0"), ("ce_id", b"4"), ("ce_source", b"registry"),
        ("ce_type", b"assistance.AdoptStandard.v2")]), "unknown-type", "4"),
    "wrong schema": ((b"k", changed(GOOD[1], data={}), event("5", "AdoptStandard")), "wrong-schema", "5"),
    "another command": ((b"k", GOOD[1], event("6", "EndStandard")), "wrong-schema", "6"),
    "another actor": ((b"k", changed(GOOD[1], actor="somebody"), event("7", "AdoptStandard")),
                      "wrong-schema", "7"),
    "too large": ((b"k", b" " * 70_000, event("8", "AdoptStandard")), "too-large", "8"),
    "no headers": ((b"k", GOOD[1], []), "not-a-cloud-event", None),
    "no id": ((b"k", GOOD[1], event("", "AdoptStandard")), "not-a-cloud-event", None),
    "long id": ((b"k", GOOD[1], event("i" * 121, "AdoptStandard")), "not-a-cloud-event", None),
    "no value": ((b"k", b"", event("9", "AdoptStandard")), "bad-json", "9"),
}  # fmt: skip


def test_what_cannot_be_read_goes_to_the_dead_letters_and_the_partition_moves_on(
    ledger_database: LedgerDatabase, kafka: KafkaSettings, inbound: Inbound
) -> None:
    poison = [message for message, _, _ in POISON.values()]
    send(kafka, COMMANDS, *poison, *((b"k", v, h) for _, v, h in commands()))
    all_told(ledger_database, len(POISON) + 3)
    assert buried(ledger_database) == [
        (reason, "registry" if message[2] else None, name)
        for message, reason, name in POISON.values()
    ]
    assert {one["outcome"] for one in told(ledger_database).values()} == {"accepted"}


def test_a_dead_letter_is_published_without_what_it_holds(
    ledger_database: LedgerDatabase, kafka: KafkaSettings, inbound: Inbound
) -> None:
    send(kafka, COMMANDS, (b"k", b'{"name": "Li Lei"', event("secret", "EnrolHousehold")))
    with relaying(ledger_database, kafka):
        until(lambda: bool(on_topic(kafka, DEAD_LETTERS)), "the dead letter is not published")
    [message] = on_topic(kafka, DEAD_LETTERS)
    said = orjson.loads(message.value or b"")
    assert (said["reason"], said["source"], said["id"], said["bytes"]) == (
        "bad-json", "registry", "secret", 17,
    )  # fmt: skip
    assert b"Li Lei" not in (message.value or b"")


def test_a_dead_letter_is_retried_once_with_an_actor_and_a_reason(
    ledger_database: LedgerDatabase, kafka: KafkaSettings, inbound: Inbound, ledger: Ledger
) -> None:
    broken = changed(commands()[0][1], data={})
    send(kafka, COMMANDS, (b"k", broken, event("1", "AdoptStandard")))
    send(kafka, COMMANDS, (b"k", b"", event("2", "AdoptStandard")))
    all_told(ledger_database, 2)
    letters = DeadLetters(ledger)
    assert [one["reason"] for one in letters.listed()] == ["wrong-schema", "bad-json"]

    with pytest.raises(Refused, match="still cannot be read"):
        letters.retry(1, "clerk-1", "the schema was mended")
    letters.discard(1, "clerk-1", "its sender sends it anew")
    with pytest.raises(Refused, match="was discarded by clerk-1"):
        letters.retry(1, "clerk-1", "once more")
    with pytest.raises(NotFound):
        letters.show(3)
    assert [one["number"] for one in letters.listed()] == [2]
    assert [act["reason"] for act in letters.show(1)["acts"]] == ["its sender sends it anew"]


def test_a_message_at_which_the_ledger_failed_can_be_retried(
    ledger_database: LedgerDatabase, kafka: KafkaSettings, ledger: Ledger
) -> None:
    may_send(ledger_database, EVERYTHING)
    ledger.process([adopt_standard()])
    with ledger_database.connect() as connection:
        connection.execute(
            "alter table ledger.facts add constraint no_fourth check (originator_version <> 4)"
        )
        with taking_in(ledger_database, kafka):
            send(kafka, COMMANDS, *commands(reassessed=3)[1:])
            all_told(ledger_database, 4)
        assert buried(ledger_database) == [("fault", "registry", "registry-1-income-3")]
        assert [one["outcome"] for one in told(ledger_database).values()] == ["accepted"] * 3
        connection.execute("alter table ledger.facts drop constraint no_fourth")
    assert DeadLetters(ledger).retry(1, "clerk-1", "the constraint is gone") == "accepted"
    assert told(ledger_database)["registry-1-income-3"]["outcome"] == "accepted"
    assert DeadLetters(ledger).listed() == []


def test_a_message_for_another_cell_is_passed_over(
    ledger_database: LedgerDatabase, kafka: KafkaSettings
) -> None:
    may_send(ledger_database, EVERYTHING)
    [(key, value, _), *_] = commands()
    with taking_in(ledger_database, kafka, cells=("cell-8", "cell-9")):
        send(
            kafka, COMMANDS,
            (key, value, event("theirs", "AdoptStandard", cell="cell-8")),
            (key, value, event("ours", "AdoptStandard", cell="cell-9")),
        )  # fmt: skip
        all_told(ledger_database, 1)
    assert list(told(ledger_database)) == ["ours"]
    assert buried(ledger_database) == []


def signal(name: str, message: str, **data: Any) -> Sent:
    """A signal from the registry about the town, under a reference of its own."""
    common = {
        "area": TOWN,
        "occurred_on": "2026-08-20",
        "reported_on": "2026-08-28",
        "reference": message,
    }
    value = orjson.dumps({**common, **data})
    return b"signal", value, event(message, name)


def test_a_rule_makes_of_a_signal_an_alert_a_line_or_nothing_and_says_which(
    ledger_database: LedgerDatabase, kafka: KafkaSettings, ledger: Ledger
) -> None:
    household, person = uuid4(), uuid4()
    for outcome in ledger.process([adopt_standard(), enrol(person, household=household)]):
        accepted(outcome)
    may_send(ledger_database, Right("registry", "signal", "*", COUNTY))
    with taking_in(ledger_database, kafka):
        send(
            kafka, SIGNALS,
            signal("MedicalBillReported", "large", person=str(person), amount_fen=9_000_000),
            signal("MedicalBillReported", "small", person=str(person), amount_fen=100),
            signal("DepartmentAidGiven", "aid", person=str(person), department="medical_insurance",
                   policy="medical_aid", month="2026-08", quantity=300_000, unit="fen"),
            signal("MedicalBillReported", "elsewhere", area="150102", person=str(person), amount_fen=1),
            signal("SomethingReported", "unknown"),
            signal("DeathRegistered", "wrong", person=1),
        )  # fmt: skip
        all_told(ledger_database, 6)
    found = told(ledger_database)
    assert {name: one["signal"]["became"] for name, one in found.items() if "signal" in one} == {
        "large": "alert", "small": "nothing", "aid": "assistance_list_line",
    }  # fmt: skip
    assert found["small"]["accepted"] is None
    assert found["elsewhere"]["problem"]["type"].endswith(":not-allowed")
    assert [row[0] for row in buried(ledger_database)] == ["unknown-type", "wrong-schema"]
    types = {fact["type"] for name in ("large", "aid") for fact in found[name]["accepted"]["facts"]}
    assert types == {"assistance.AlertRaised.v1", "assistance.DepartmentAidReported.v1"}


def test_an_area_decides_what_becomes_of_a_signal(
    ledger_database: LedgerDatabase, kafka: KafkaSettings, ledger: Ledger
) -> None:
    policy = {
        "area": COUNTY, "setting": "signals.medical_bill_reported", "value": {"becomes": "nothing"},
        "effective": "2026-01", "decided_on": "2025-12-01",
    }  # fmt: skip
    accepted(*ledger.process([command("AdoptPolicy", policy)]))
    may_send(ledger_database, Right("registry", "signal", "*", ""))
    with taking_in(ledger_database, kafka):
        send(
            kafka,
            SIGNALS,
            signal("MedicalBillReported", "1", person=str(uuid4()), amount_fen=10**8),
        )
        all_told(ledger_database, 1)
    assert told(ledger_database)["1"]["signal"]["became"] == "nothing"
