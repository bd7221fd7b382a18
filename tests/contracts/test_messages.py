"""Messages as they lie on Kafka: golden ones of every type, read by the SDK of CloudEvents.

`golden/messages` holds a file for each type: topic, key, headers and value. Files are added, never
changed: whoever reads the topic from its start finds the oldest messages as they were sent.
"""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import yaml
from cloudevents.core.bindings.kafka import (
    KafkaMessage,
    from_kafka_event,
    to_binary_event,
    to_structured_event,
)
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator

from edge import cloud_events
from edge.kafka.producing import Outgoing
from edge.problems import describe
from ledger.answers import Answer
from ledger.answers import RecordedFact as AnsweredFact
from ledger.contracts import CONTRACTS
from ledger.errors import Malformed
from ledger.fact import BY_TOPIC
from ledger.relay.messages import (
    RecordedDeadLetter,
    RecordedFact,
    RecordedOutcome,
    of_dead_letter,
    of_fact,
    of_outcome,
    watermark,
)

Json = dict[str, Any]


class Golden(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message as it was sent once; of what goes to a partition outright, the key is null."""

    topic: str
    key: str | None
    headers: dict[str, str]
    value: str

    @property
    def type(self) -> str:
        """The type of the event."""
        return self.headers["ce_type"]

    @property
    def data(self) -> Json:
        """The value, read."""
        data: Json = json.loads(self.value)
        return data

    @property
    def sent(self) -> KafkaMessage:
        """The message as a client hands it over."""
        headers = {name: value.encode() for name, value in self.headers.items()}
        return KafkaMessage(headers, self.key and self.key.encode(), self.value.encode())


FOLDER = Path(__file__).parent / "golden"
GOLDEN = [
    msgspec.json.decode(path.read_bytes(), type=Golden)
    for path in sorted((FOLDER / "messages").glob("*.json"))
]
DOCUMENT: Json = yaml.safe_load((CONTRACTS / "asyncapi.yaml").read_bytes())
OURS = {f"assistance.{name}.v1" for name in ("DeadLetter", "Outcome", "Watermark")}

every_message = pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.type)


def golden_of(message: Outgoing) -> Golden:
    """Return a message as a golden one would be."""
    headers = {name: value.decode() for name, value in message.headers}
    assert len(headers) == len(message.headers)
    return Golden(message.topic, _text(message.key), headers, (message.value or b"").decode())


def _text(key: bytes | None) -> str | None:
    return None if key is None else key.decode()


def remade(golden: Golden) -> Golden:
    """Make a golden message anew from what the ledger keeps of it."""
    headers, data = golden.headers, golden.data
    source, time = headers["ce_source"], headers["ce_time"]
    position, value = int(headers["ce_sequence"]), golden.value.encode()
    if golden.type == "assistance.Watermark.v1":
        return golden_of(watermark(position, 3, source, time))
    if golden.type == "assistance.Outcome.v1":
        sender, answered = data["message"]["source"], data["message"]["id"]
        return golden_of(
            of_outcome(RecordedOutcome(position, sender, answered, time, value), source)
        )
    if golden.type == "assistance.DeadLetter.v1":
        rest = [data[name] for name in list(data) if name != "number"]
        return golden_of(of_dead_letter(RecordedDeadLetter(position, time, *rest), source))
    stream, _, version = headers["ce_id"].partition(":")
    fact = RecordedFact(position, stream, int(version), golden.type, time, value)
    return golden_of(of_fact(fact, source))


def message_of(golden: Golden) -> Json:
    """Return what the AsyncAPI document says of a golden message."""
    channel = next(c for c in DOCUMENT["channels"].values() if c["address"] == golden.topic)
    name = golden.type.removeprefix("assistance.")
    assert name in channel["messages"]
    message: Json = DOCUMENT["components"]["messages"][name]
    return message


def satisfies(schema: Json, value: Any) -> bool:
    """Whether a value satisfies a schema of the document; its references stay within it."""
    whole = {"components": DOCUMENT["components"], **schema}
    formats = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(whole, format_checker=formats).is_valid(value)


def test_every_type_that_is_sent_has_a_golden_message() -> None:
    lacking = {*BY_TOPIC, *OURS} - {golden.type for golden in GOLDEN}
    assert not lacking, "\n".join(map(message_to_add, sorted(lacking)))


@every_message
def test_a_golden_message_is_still_sent_so(golden: Golden) -> None:
    assert remade(golden) == golden


@every_message
def test_the_sdk_of_cloudevents_reads_a_message(golden: Golden) -> None:
    event = from_kafka_event(golden.sent)

    headers = golden.headers
    assert event.get_specversion() == "1.0"
    assert event.get_datacontenttype() == "application/json"
    assert (event.get_id(), event.get_type()) == (headers["ce_id"], golden.type)
    assert (event.get_source(), event.get_subject()) == ("cell-1", headers.get("ce_subject"))
    assert event.get_dataschema() == headers["ce_dataschema"]
    assert event.get_extension("partitionkey") == golden.key
    for name in ("sequence", "traceparent"):
        assert event.get_extension(name) == headers.get(f"ce_{name}")
    time = event.get_time()
    assert time is not None
    assert time.strftime("%Y-%m-%dT%H:%M:%S.%fZ") == headers["ce_time"]
    assert event.get_data() == golden.data


@every_message
def test_a_message_is_what_the_asyncapi_document_says(golden: Golden) -> None:
    message = message_of(golden)
    assert satisfies(message["headers"], golden.headers)
    assert satisfies(message["bindings"]["kafka"]["key"], golden.key)
    schema = json.loads((CONTRACTS / message["payload"]["schema"]["$ref"]).read_bytes())
    assert schema["$id"] == golden.headers["ce_dataschema"]
    Draft202012Validator(schema).validate(golden.data)


@every_message
def test_headers_that_say_less_or_something_else_are_not_what_the_document_says(
    golden: Golden,
) -> None:
    headers = message_of(golden)["headers"]
    for name in ("content-type", "ce_id", "ce_type", "ce_source", "ce_dataschema", "ce_sequence"):
        assert not satisfies(headers, {k: v for k, v in golden.headers.items() if k != name}), name
    assert not satisfies(headers, {**golden.headers, "ce_type": "assistance.Other.v1"})
    assert not satisfies(headers, {**golden.headers, "ce_specversion": "0.3"})


@every_message
def test_a_message_has_its_partition_key_for_its_key(golden: Golden) -> None:
    if "ce_partitionkey" in golden.headers:
        assert golden.key == golden.headers["ce_partitionkey"]
    if golden.type in BY_TOPIC:
        assert golden.key == golden.headers["ce_subject"] == golden.headers["ce_id"][:36]


@every_message
def test_our_own_reader_reads_what_the_sdk_sends_in_both_modes(golden: Golden) -> None:
    event = CloudEvent(
        {
            "id": golden.headers["ce_id"],
            "source": "medical-insurance",
            "type": golden.type,
            "datacontenttype": "application/json",
        },
        golden.data,
    )
    for sent in (to_binary_event(event), to_structured_event(event)):
        read = cloud_events.read(list(sent.headers.items()), sent.value)
        assert (read.id, read.source, read.type) == (
            golden.headers["ce_id"],
            "medical-insurance",
            golden.type,
        )
        assert json.loads(read.data) == golden.data


def part_of_outcome(name: str) -> Draft202012Validator:
    """Return the validator of a part of an outcome."""
    schema = json.loads((CONTRACTS / "messages" / "Outcome.v1.json").read_bytes())
    return Draft202012Validator({"$defs": schema["$defs"], "$ref": f"#/$defs/{name}"})


def test_an_answer_of_the_ledger_is_what_an_outcome_says_was_accepted() -> None:
    stream = UUID("018f3c2e-1a01-7b31-9c04-5d8e2f6a1001")
    facts = [
        AnsweredFact(f"{stream}:4", "assistance.IncomeReassessed.v1", "2023-03"),
        AnsweredFact(f"{stream}:5", "assistance.HomeVisited.v1", None),
    ]
    answer = msgspec.json.encode(Answer(stream, 5, 1204, facts))
    part_of_outcome("Accepted").validate(json.loads(answer))


def test_a_problem_of_the_ledger_is_what_an_outcome_says_of_a_refusal() -> None:
    refused = describe(Malformed("/tier: Expected `str`.", errors=[{"pointer": "/tier"}]))
    part_of_outcome("Problem").validate(refused)
    assert not part_of_outcome("Problem").is_valid({**refused, "type": "about:blank"})


def message_to_add(topic: str) -> str:
    """Return the file of a fact's type that has no golden message yet, made of its golden fact."""
    lines = (FOLDER / "facts.v1.ndjson").read_bytes().splitlines()
    for number, line in enumerate(lines, start=1):
        kind, _, data = line.partition(b',"data":')
        if json.loads(kind + b"}")["type"] == topic:
            stream, time = "018f3c2e-1a01-7b31-9c04-5d8e2f6a1001", "2023-02-01T08:30:00.012345Z"
            fact = RecordedFact(1200 + number, stream, number, topic, time, data[:-1])
            made = json.dumps(msgspec.to_builtins(golden_of(of_fact(fact, "cell-1"))), indent=2)
            return f"golden/messages/{topic.removeprefix('assistance.')}.json\n{made}"
    return f"{topic} has no golden fact"
