"""The AsyncAPI document of the topics: what is sent on each, what is read, with which headers and key.

Facts and commands come from their registers, signals from the schemas in contracts/signals, so that a
new one is in the document as soon as it is in the code. Payloads are the files of contracts/.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from edge.application import VERSION
from edge.kafka.settings import COMMANDS, DEAD_LETTERS, EVENTS, OUTCOMES, SIGNALS
from ledger.fact import BY_COMMAND, BY_TOPIC

Json = dict[str, Any]

DIALECT = "application/schema+json;version=2020-12"
"""The format of every payload's schema; the headers are in AsyncAPI's own."""

BINDING = {"bindingVersion": "0.5.0"}

ABOUT = (
    "CloudEvents 1.0 in binary mode: the value is the data, JSON in UTF-8, and the attributes are "
    "headers. What comes in may also be in structured mode. Delivery out is at least once and in "
    "order per key, with a `ce_id` that stays the same for ever; what comes in has its effect once, "
    "however often it is delivered. No message holds personal data. A place may put a prefix "
    "before the names of its topics."
)

TOPICS: dict[str, tuple[str, str]] = {
    "events": (EVENTS, "Every fact of every cell, and their watermarks; kept for ever."),
    "commands": (COMMANDS, "Other services ask for an act: any command that HTTP takes."),
    "signals": (SIGNALS, "Other departments report what may call for help, or end it."),
    "outcomes": (OUTCOMES, "What became of each command and signal, by its source and id."),
    "dead-letters": (
        DEAD_LETTERS,
        "Which messages could not be read, and why; never what they hold.",
    ),
}
"""The channels: the topic of each without a prefix, and what it is for."""

OPERATIONS = {
    "sendEvents": ("send", "events", "Publishes each fact once it is recorded."),
    "receiveCommands": ("receive", "commands", "Decides a command as if it had come by HTTP."),
    "receiveSignals": ("receive", "signals", "Turns a signal into what the area's rules say."),
    "sendOutcomes": ("send", "outcomes", "Answers each command and signal."),
    "sendDeadLetters": ("send", "dead-letters", "Tells of what could not be read."),
}
"""What a cell's ledger does: send or receive, on which channel, and in words."""

KEYS = {
    "Fact": "The stream's id: the facts of a stream are in one partition, in order.",
    "Watermark": "None: a watermark is sent to every partition.",
    "Command": "What the sender wants decided in order, best the subject's id.",
    "Signal": "What the sender wants treated in order, best the id of the person.",
    "Outcome": "The source of the message that was answered: a sender's outcomes are in one partition.",
    "DeadLetter": "The topic that the message came from.",
}
"""What the key of each kind of message is."""

_BASE: Json = {
    "content-type": {"description": "The media type of the value.", "const": "application/json"},
    "ce_specversion": {"description": "The version of CloudEvents.", "const": "1.0"},
    "ce_id": {"description": "The id; with ce_source it names the message.", "minLength": 1},
    "ce_type": {"description": "The type, which names the schema of the value.", "minLength": 1},
    "ce_source": {"description": "The cell or the service that sent it.", "minLength": 1},
    "ce_subject": {
        "description": "The id of a fact's stream; of an outcome, of the message that it is about.",
        "minLength": 1,
    },
    "ce_time": {"description": "When it was recorded: UTC, RFC 3339.", "format": "date-time"},
    "ce_dataschema": {"description": "The `$id` of the value's schema.", "format": "uri"},
    "ce_partitionkey": {"description": "The key of the message.", "minLength": 1},
    "ce_sequence": {
        "description": "The position in the log of the cell that it is from: of the ledger, for a fact.",
        "pattern": "^[0-9]+$",
    },
    "ce_cell": {
        "description": "Of what comes in: the cell that it is for, where several share the topics.",
        "minLength": 1,
    },
    "ce_traceparent": {
        "description": "The trace that the act belongs to, as W3C Trace Context writes it.",
        "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
    },
}
_ALWAYS = ["content-type", "ce_specversion", "ce_id", "ce_type", "ce_source"]
_SENT = ["ce_time", "ce_dataschema", "ce_sequence"]
_OF_A_FACT = ["ce_subject", "ce_partitionkey"]


def document(root: Path) -> Json:
    """Return the AsyncAPI 3.0.0 document; `root` holds messages/ and, where there are any, signals/."""
    messages = _messages(root)
    return {
        "asyncapi": "3.0.0",
        "id": "urn:assistance:ledger",
        "info": {"title": "Assistance ledger on Kafka", "version": VERSION, "description": ABOUT},
        "defaultContentType": "application/json",
        "servers": {"kafka": _server()},
        "channels": {name: _channel(name, messages[name]) for name in TOPICS},
        "operations": {name: _operation(name) for name in OPERATIONS},
        "components": {
            "messages": {name: made for part in messages.values() for name, made in part.items()},
            "schemas": _headers(),
        },
    }


def as_yaml(document: Json) -> bytes:
    """Write a document the one way that it is written, so that equal means equal bytes."""
    text: str = yaml.dump(
        document, Dumper=_InFull, sort_keys=False, allow_unicode=True, width=100, indent=2
    )
    return text.encode()


class _InFull(yaml.SafeDumper):
    """Writes what occurs twice twice: a reader need not know YAML's anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _server() -> Json:
    return {
        "host": "{servers}",
        "protocol": "kafka",
        "description": "The brokers of the place; the protocol may be secured by TLS and SASL.",
        "variables": {"servers": {"description": "host:port, several with commas."}},
    }


def _channel(name: str, messages: Json) -> Json:
    address, about = TOPICS[name]
    return {
        "address": address,
        "description": about,
        "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in messages},
        "bindings": {"kafka": {"topic": address, **BINDING}},
    }


def _operation(name: str) -> Json:
    action, channel, about = OPERATIONS[name]
    reply = {"reply": {"channel": {"$ref": "#/channels/outcomes"}}} if action == "receive" else {}
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": about,
        "bindings": {"kafka": BINDING},
        **reply,
    }


def _messages(root: Path) -> dict[str, Json]:
    """Return the messages of each channel by their names."""
    read = {path.stem: json.loads(path.read_bytes()) for path in root.glob("messages/*.v1.json")}
    signals = {path.stem: json.loads(path.read_bytes()) for path in root.glob("signals/*.v1.json")}
    return {
        "events": _facts() | _of_files("messages", "Watermark", read),
        "commands": {"Command.v1": _command()},
        "signals": {
            name: _message(_name(name), signals[name], f"signals/{name}.json", "Signal")
            for name in sorted(signals)
        },
        "outcomes": _of_files("messages", "Outcome", read),
        "dead-letters": _of_files("messages", "DeadLetter", read),
    }


def _name(stem: str) -> str:
    return stem.partition(".")[0]


def _of_files(folder: str, name: str, read: Json) -> Json:
    stem = f"{name}.v1"
    return {stem: _message(name, read[stem], f"{folder}/{stem}.json", name)}


def _facts() -> Json:
    """Return a message of every fact: its type and its schema are those of the register."""
    made = {}
    for topic in sorted(BY_TOPIC):
        kind, stem = BY_TOPIC[topic], topic.removeprefix("assistance.")
        urn = f"urn:assistance:facts:{stem.replace('.', ':')}"
        about = {"$id": urn, "description": (kind.cls.__doc__ or "").strip()}
        made[stem] = _message(kind.name, about, f"facts/{stem}.json", "Fact", topic)
    return made


def _message(name: str, about: Json, file: str, kind: str, topic: str | None = None) -> Json:
    """Return a message of one type, described by its schema and carried as that schema has it."""
    fixed = {"ce_type": {"const": topic or f"assistance.{name}.v1"}}
    if kind != "Signal":
        fixed["ce_dataschema"] = {"const": about["$id"]}
    return {
        "name": fixed["ce_type"]["const"],
        "title": name,
        "summary": about["description"],
        "contentType": "application/json",
        "headers": {"allOf": [_headers_of(kind), {"type": "object", "properties": fixed}]},
        "payload": {"schemaFormat": DIALECT, "schema": {"$ref": file}},
        "correlationId": _correlation(kind),
        "bindings": _key(kind),
    }


def _command() -> Json:
    """Return the one message of all commands: a command line, one of contracts/commands."""
    names = sorted(BY_COMMAND)
    types = {"ce_type": {"enum": [f"assistance.{name}.v1" for name in names]}}
    choice = [{"$ref": f"commands/{name}.v1.json"} for name in names]
    return {
        "name": "assistance.<Command>.v1",
        "title": "Command",
        "summary": "A command line. Its type names the command, as `command` does; the sending "
        "service, its source, is the actor.",
        "contentType": "application/json",
        "headers": {"allOf": [_headers_of("Command"), {"type": "object", "properties": types}]},
        "payload": {"schemaFormat": DIALECT, "schema": {"oneOf": choice}},
        "correlationId": _correlation("Command"),
        "bindings": _key("Command"),
    }


def _headers_of(kind: str) -> Json:
    name = {"Fact": "FactHeaders", "Command": "MessageHeaders", "Signal": "MessageHeaders"}
    return _schema(name.get(kind, "SentHeaders"))


def _schema(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _headers() -> Json:
    """Return the headers in binary mode: of every message, of what a ledger sends, and of a fact."""
    base = {name: {"type": "string", **about} for name, about in _BASE.items()}
    sent, of_fact = {"required": _SENT}, {"required": _OF_A_FACT}
    return {
        "MessageHeaders": {
            "description": "The attributes of CloudEvents, as UTF-8; those of any message.",
            "type": "object",
            "properties": base,
            "required": _ALWAYS,
        },
        "SentHeaders": {
            "description": "Those of what a cell's ledger sends.",
            "allOf": [_schema("MessageHeaders"), sent],
        },
        "FactHeaders": {
            "description": "Those of a fact, whose id is <stream>:<version>.",
            "allOf": [_schema("SentHeaders"), of_fact],
        },
    }


def _correlation(kind: str) -> Json:
    where = "$message.payload#/message/id" if kind == "Outcome" else "$message.header#/ce_id"
    return {"description": "The id of the message that is answered.", "location": where}


def _key(kind: str) -> Json:
    key: Json = {"description": KEYS[kind], "type": "null" if kind == "Watermark" else "string"}
    if kind == "Fact":
        key["format"] = "uuid"
    return {"kafka": {"key": key, **BINDING}}
