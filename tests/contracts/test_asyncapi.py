"""contracts/asyncapi.yaml: valid AsyncAPI 3.0.0, whole, and leading to schemas that there are.

`asyncapi-3.0.0.json` is the official schema with its bindings, unchanged, from version 6.11.1 of the
package @asyncapi/specs (copyright 2016-2025 AsyncAPI Initiative, Apache License 2.0).
"""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator
from jsonschema.exceptions import ValidationError

from edge.kafka import settings
from ledger import asyncapi, catalogue
from ledger.contracts import CONTRACTS
from ledger.fact import BY_COMMAND, BY_TOPIC

Json = dict[str, Any]

OFFICIAL = Draft7Validator(
    json.loads((Path(__file__).parent / "asyncapi-3.0.0.json").read_bytes()),
    format_checker=Draft7Validator.FORMAT_CHECKER,
)
DOCUMENT: Json = yaml.safe_load((CONTRACTS / "asyncapi.yaml").read_bytes())
MESSAGES: Json = DOCUMENT["components"]["messages"]
OURS = sorted(path.name for path in CONTRACTS.glob("messages/*"))


def references(node: Any) -> Iterator[str]:
    """Yield what every $ref of a document refers to."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)


def resolved(ref: str) -> Any:
    """Return what a reference of the document refers to; KeyError or an OSError when nothing."""
    file, _, pointer = ref.partition("#")
    found = json.loads((CONTRACTS / file).read_bytes()) if file else DOCUMENT
    for part in filter(None, pointer.split("/")):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def types_on(channel: str) -> set[str]:
    """Return the CloudEvents types of the messages of a channel."""
    messages = [resolved(one["$ref"]) for one in DOCUMENT["channels"][channel]["messages"].values()]
    return {message["name"] for message in messages}


def test_the_document_is_valid_asyncapi_3_0_0() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    OFFICIAL.validate(DOCUMENT)


def broken(*path: str, value: Any) -> Json:
    """Return the document with another value at a place."""
    document = copy.deepcopy(DOCUMENT)
    node = document
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = value
    return document


@pytest.mark.parametrize(
    "document",
    [
        broken("asyncapi", value="2.6.0"),
        broken("operations", "sendEvents", "action", value="publish"),
        broken("operations", "sendEvents", "channel", value="events"),
        broken("channels", "events", "topic", value="assistance.events.v1"),
        broken("channels", "events", "bindings", "kafka", "partitions", value=0),
        broken("channels", "events", "bindings", "kafka", "bindingVersion", value="9.9.9"),
        broken("components", "messages", "Watermark.v1", "headers", value=1),
        broken("components", "messages", "Watermark.v1", "bindings", "kafka", "topic", value="t"),
    ],
    ids=lambda _: "broken",
)
def test_a_broken_document_is_refused(document: Json) -> None:
    with pytest.raises(ValidationError):
        OFFICIAL.validate(document)


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    assert len(found) > len(BY_TOPIC) + len(BY_COMMAND)
    for ref in found:
        assert resolved(ref), ref


@pytest.mark.parametrize("ref", ["facts/Nothing.v1.json", "#/components/messages/Nothing"])
def test_a_reference_that_leads_nowhere_is_seen(ref: str) -> None:
    with pytest.raises((KeyError, OSError)):
        resolved(ref)


def test_the_kafka_bindings_are_of_version_0_5_0() -> None:
    parts = [*DOCUMENT["channels"].values(), *DOCUMENT["operations"].values(), *MESSAGES.values()]
    assert {part["bindings"]["kafka"]["bindingVersion"] for part in parts} == {"0.5.0"}


def test_there_is_a_channel_for_every_topic_and_an_operation_for_every_channel() -> None:
    topics = {channel["address"] for channel in DOCUMENT["channels"].values()}
    assert topics == {
        *(settings.EVENTS, settings.COMMANDS, settings.SIGNALS),
        *(settings.OUTCOMES, settings.DEAD_LETTERS),
    }
    done = {
        resolved(operation["channel"]["$ref"])["address"]: operation["action"]
        for operation in DOCUMENT["operations"].values()
    }
    assert done == {
        settings.EVENTS: "send",
        settings.COMMANDS: "receive",
        settings.SIGNALS: "receive",
        settings.OUTCOMES: "send",
        settings.DEAD_LETTERS: "send",
    }


def test_every_fact_has_a_message_with_its_type_and_its_schema() -> None:
    assert catalogue.MODULES
    assert types_on("events") == {*BY_TOPIC, "assistance.Watermark.v1"}
    for topic, kind in BY_TOPIC.items():
        message = MESSAGES[topic.removeprefix("assistance.")]
        schema = resolved(message["payload"]["schema"]["$ref"])
        fixed = message["headers"]["allOf"][1]["properties"]
        assert schema["title"] == kind.name
        assert fixed == {"ce_type": {"const": topic}, "ce_dataschema": {"const": schema["$id"]}}


def test_every_command_may_be_sent_in_its_one_message() -> None:
    message = MESSAGES["Command.v1"]
    refs = [choice["$ref"] for choice in message["payload"]["schema"]["oneOf"]]
    assert {resolved(ref)["title"] for ref in refs} == set(BY_COMMAND)
    types = message["headers"]["allOf"][1]["properties"]["ce_type"]["enum"]
    assert set(types) == {f"assistance.{name}.v1" for name in BY_COMMAND}


def test_every_signal_that_has_a_schema_has_a_message() -> None:
    found = {path.name.split(".")[0] for path in CONTRACTS.glob("signals/*.v1.json")}
    assert types_on("signals") == {f"assistance.{name}.v1" for name in found}


def test_a_new_signal_needs_its_schema_alone(tmp_path: Path) -> None:
    (tmp_path / "messages").symlink_to(CONTRACTS / "messages")
    (tmp_path / "signals").mkdir()
    schema = {"title": "RoofBlownOff", "description": "A roof is gone."}
    (tmp_path / "signals" / "RoofBlownOff.v1.json").write_text(json.dumps(schema))

    document = asyncapi.document(tmp_path)

    assert list(document["channels"]["signals"]["messages"]) == ["RoofBlownOff.v1"]
    message = document["components"]["messages"]["RoofBlownOff.v1"]
    assert message["name"] == "assistance.RoofBlownOff.v1"
    assert message["payload"]["schema"] == {"$ref": "signals/RoofBlownOff.v1.json"}
    OFFICIAL.validate(document)


def test_the_ledgers_own_messages_are_on_their_channels() -> None:
    assert types_on("outcomes") == {"assistance.Outcome.v1"}
    assert types_on("dead-letters") == {"assistance.DeadLetter.v1"}
    assert OURS == ["DeadLetter.v1.json", "Outcome.v1.json", "Watermark.v1.json"]


@pytest.mark.parametrize("name", OURS)
def test_a_message_of_the_ledger_is_described_and_has_an_example_that_satisfies_it(
    name: str,
) -> None:
    schema = json.loads((CONTRACTS / "messages" / name).read_bytes())
    stem = name.removesuffix(".v1.json")
    Draft202012Validator.check_schema(schema)
    assert (schema["$id"], schema["title"]) == (f"urn:assistance:messages:{stem}:v1", stem)
    for part in [schema, *schema.get("$defs", {}).values()]:
        assert all(about.get("description") for about in part["properties"].values())
    assert schema["examples"]
    for example in schema["examples"]:
        Draft202012Validator(schema).validate(example)


@pytest.mark.parametrize(
    ("name", "member"),
    [("DeadLetter", "value"), ("Outcome", "data"), ("Watermark", "source")],
)
def test_a_message_of_the_ledger_holds_nothing_else(name: str, member: str) -> None:
    schema = json.loads((CONTRACTS / "messages" / f"{name}.v1.json").read_bytes())
    spoilt = {**schema["examples"][0], member: "x"}
    assert not Draft202012Validator(schema).is_valid(spoilt)


def test_no_anchor_of_yaml_is_in_the_document() -> None:
    events = yaml.parse((CONTRACTS / "asyncapi.yaml").read_bytes(), Loader=yaml.SafeLoader)
    assert not any(isinstance(event, yaml.AliasEvent) for event in events)
