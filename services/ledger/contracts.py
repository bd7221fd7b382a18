"""Writes contracts/facts, /commands and /signals, ledger.openapi.json and asyncapi.yaml, or checks them.

    python -m ledger.contracts            write every schema that has changed
    python -m ledger.contracts --check    write nothing; name what differs and exit 1
    python -m ledger.contracts --first-published FOLDER
                                          also keep there the shape of every contract that is new

The classes say what the ledger reads and stores; the schemas say the same to everybody else, so
they are derived and never written by hand. One part is written by hand and kept: the `examples` in
the file of a fact or a signal. One without an example is not written. The shapes of contracts as they
were first published are never written again: every later contract is held against them.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, cast

import msgspec
from msgspec import Struct, inspect

from edge.application import describe
from ledger import asyncapi, batch, openapi, reads
from ledger.additive import shape_of
from ledger.catalogue import WORDS
from ledger.commands import Envelope
from ledger.fact import BY_COMMAND, BY_TOPIC, RECORDED, FactType
from ledger.ledger import Ledger
from ledger.payment_months import http as payment_months
from ledger.signals.shapes import BY_SIGNAL, SignalType
from ledger.writer import Writer

Schema = dict[str, Any]

Kind = FactType | SignalType
"""What has a schema of its own, and an example in its file."""

CONTRACTS = Path(__file__).parents[2] / "contracts"
"""The folder of contracts in a checkout."""

OPENAPI = "ledger.openapi.json"
"""The document of the ledger's HTTP, under the folder of contracts."""

ASYNCAPI = "asyncapi.yaml"
"""The document of the topics, under the folder of contracts."""

MESSAGES = tuple(f"messages/{name}.v1.json" for name in ("DeadLetter", "Outcome", "Watermark"))
"""The schemas written by hand that the document of the topics refers to."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"

ALWAYS_STORED = ("actor", "command_id", "effective")
"""Fields that a caller may or must leave out, and that no stored fact lacks."""

# A format only annotates unless a validator is told otherwise; a pattern always refuses.
PATTERNS = {
    "date": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
    "uuid": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
}

STREAMS = {
    "ledger.cover": "018f3c2e-2b01-7c41-8a13-6e9f3a7b2001",
    "ledger.households": "018f3c2e-1a01-7b31-9c04-5d8e2f6a1001",
    "ledger.emergencies": "018f3c2e-4d01-7e61-8c31-801b5c9d4001",
    "ledger.alerts": "018f3c2e-3c01-7d51-9b21-7f0a4b8c3001",
}
"""The stream that the commands of the examples are about; an area's is derived from its code."""


def version_of(kind: Kind) -> str:
    """Return the version of a shape, the last part of its topic: `v1`."""
    return kind.topic.rpartition(".")[2]


def fact_urn(kind: FactType) -> str:
    """Return the `$id` of a fact's schema: stable, and naming no host."""
    return f"urn:assistance:facts:{kind.name}:{version_of(kind)}"


def command_urn(kind: FactType) -> str:
    """Return the `$id` of the schema of the command that asks for a fact."""
    return f"urn:assistance:commands:{kind.command}:{version_of(kind)}"


def fact_path(kind: FactType, root: Path) -> Path:
    """Return where a fact's schema is kept under `root`."""
    return root / "facts" / f"{kind.name}.{version_of(kind)}.json"


def command_path(kind: FactType, root: Path) -> Path:
    """Return where the schema of the command that asks for a fact is kept under `root`."""
    return root / "commands" / f"{kind.command}.{version_of(kind)}.json"


def signal_path(kind: SignalType, root: Path) -> Path:
    """Return where a signal's schema is kept under `root`."""
    return root / "signals" / f"{kind.name}.{version_of(kind)}.json"


def fact_schema(kind: FactType, examples: list[Schema]) -> Schema:
    """Return the JSON Schema of a fact as it is stored and published."""
    body, defs = _described(kind)
    stored = [name for name in ALWAYS_STORED if name in body["properties"]]
    for name in stored:
        body["properties"][name] = _present(body["properties"][name])
    required = {*body["required"], *stored}
    body["required"] = [name for name in body["properties"] if name in required]
    head = {"$schema": DIALECT, "$id": fact_urn(kind)}
    return {**head, **body, **_defs(defs), "examples": examples}


def signal_schema(kind: SignalType, examples: list[Schema]) -> Schema:
    """Return the JSON Schema of a signal as other departments send it."""
    body, defs = _described(kind)
    head = {"$schema": DIALECT, "$id": f"urn:assistance:signals:{kind.name}:{version_of(kind)}"}
    return {**head, **body, **_defs(defs), "examples": examples}


def command_schema(kind: FactType, examples: list[Schema]) -> Schema:
    """Return the JSON Schema of a command line: the envelope, and the fact less what is recorded.

    `examples` are the fact's; the command's own are derived from them.
    """
    body, defs = _described(kind)
    about = body.pop("description")
    for name in RECORDED:
        del body["properties"][name]
    body.pop("title")
    data = {"description": f"The fact {kind.name}, less what the ledger sets itself.", **body}
    command = {"description": "What is asked for.", "const": kind.command}
    envelope = _envelope()
    return {
        "$schema": DIALECT,
        "$id": command_urn(kind),
        "title": kind.command,
        "description": f"Asks for the fact {kind.name}. {about}",
        "type": "object",
        "properties": {"command": command, **envelope["properties"], "data": data},
        "required": envelope["required"],
        "additionalProperties": False,
        **_defs(defs),
        "examples": [_asked_for(kind, example) for example in examples],
    }


def _envelope() -> Schema:
    """Return the schema of a command line, less `command` and `data`: those differ by command."""
    _, components = msgspec.json.schema_components([Envelope])
    schema: Schema = _tightened(components[Envelope.__name__])
    for name in ("command", "data"):
        del schema["properties"][name]
    for name, about in schema["properties"].items():
        _describe(Envelope.__name__, name, about)
    return schema


def _asked_for(kind: FactType, fact: Schema) -> Schema:
    """Turn a fact's example into the command line that asks for it."""
    subject = STREAMS.get(".".join(kind.cls.__module__.split(".")[:2]))
    return {
        "command": kind.command,
        "idempotency_key": fact["command_id"],
        **({"subject": subject} if subject else {}),
        "actor": fact["actor"],
        "data": {name: value for name, value in fact.items() if name not in RECORDED},
    }


def _described(kind: Kind) -> tuple[Schema, dict[str, Schema]]:
    """Return the schema of a fact or a signal and those of the structs in it, every property described."""
    _, components = msgspec.json.schema_components([kind.cls])
    for name, schema in components.items():
        for field, property_schema in schema["properties"].items():
            _describe(name, field, property_schema)
    _name_keys(kind.cls, components[kind.name])
    tightened: dict[str, Schema] = _tightened(components)
    return tightened.pop(kind.name), tightened


def _describe(struct: str, field: str, schema: Schema) -> None:
    """Give a property the words of the catalogue where its type has none of its own."""
    own = schema.pop("description", None)
    words = WORDS.get(f"{struct}.{field}") or own or WORDS.get(field)
    rest = dict(schema)
    schema.clear()
    schema.update({"description": words} if words else {}, **rest)


def _wordless(kind: Kind) -> list[str]:
    """Name the properties of a fact or a signal, and of the structs in it, that nobody describes."""
    body, defs = _described(kind)
    return [
        f"{struct}.{field}"
        for struct, schema in {kind.name: body, **defs}.items()
        for field, property_schema in schema["properties"].items()
        if "description" not in property_schema
    ]


def _name_keys(cls: type[Struct], schema: Schema) -> None:
    """Say which keys a mapping takes: msgspec checks coded keys, its schema leaves them out."""
    info = inspect.type_info(cls)
    for field in info.fields if isinstance(info, inspect.StructType) else ():
        kind = field.type.type if isinstance(field.type, inspect.Metadata) else field.type
        if isinstance(kind, inspect.DictType) and isinstance(kind.key_type, inspect.LiteralType):
            keys = {"enum": sorted(map(str, kind.key_type.values))}
            schema["properties"][field.encode_name]["propertyNames"] = keys


def _tightened(node: Any) -> Any:
    """Add to every format the pattern that refuses what the decoder would not write."""
    if isinstance(node, list):
        return [_tightened(item) for item in node]
    if not isinstance(node, dict):
        return node
    pattern = PATTERNS.get(node["format"]) if isinstance(node.get("format"), str) else None
    inner = {key: _tightened(value) for key, value in node.items()}
    return {**inner, "pattern": pattern} if pattern else inner


def _present(schema: Schema) -> Schema:
    """Return a property's schema for a field that is always there: no default, never null."""
    given = {key: value for key, value in schema.items() if key not in ("default", "anyOf")}
    for choice in schema.get("anyOf", []):
        if choice != {"type": "null"}:
            given = {**choice, **given}
    return given if "pattern" in given else {**given, "minLength": 1}


def _defs(defs: dict[str, Schema]) -> Schema:
    return {"$defs": dict(sorted(defs.items()))} if defs else {}


def _examples(path: Path) -> list[Schema]:
    """Read the examples that a file keeps; none when there is no file yet."""
    kept = json.loads(path.read_bytes()).get("examples", []) if path.exists() else []
    return list(kept)


def _fault(kind: Kind, examples: list[Schema]) -> str | None:
    """Say why a schema cannot be written, or None when it can."""
    if wordless := _wordless(kind):
        return f"says nothing of {', '.join(wordless)}: give each a description in its Meta"
    if not examples:
        return "has no example: give its file one under `examples`"
    for example in examples:
        try:
            stored = msgspec.json.encode(msgspec.convert(example, kind.cls))
        except msgspec.ValidationError as refused:
            return f"has an example that the ledger cannot read: {refused}"
        if stored != msgspec.json.encode(example):
            return "has an example that is not as stored: default given, or another key order"
    return None


def as_bytes(schema: Schema) -> bytes:
    """Write a schema the one way that it is written, so that equal means equal bytes."""
    return (json.dumps(schema, indent=2, ensure_ascii=False) + "\n").encode()


def derive(root: Path) -> tuple[dict[Path, bytes], list[str]]:
    """Return every file that should be under `root` with its bytes, and what cannot be derived."""
    files, faults = _schemas(root)
    return files | ({} if faults else _documents(root, files)), faults


def _schemas(root: Path) -> tuple[dict[Path, bytes], list[str]]:
    files: dict[Path, bytes] = {}
    faults: list[str] = []
    kinds: list[Kind] = [*BY_TOPIC.values(), *BY_SIGNAL.values()]
    for kind in kinds:
        path = _path(kind, root)
        examples = _examples(path)
        if fault := _fault(kind, examples):
            faults.append(f"{path.relative_to(root)} {fault}")
        else:
            files |= _files_of(kind, root, examples)
    faults += [f"{name} is missing" for name in MESSAGES if not (root / name).exists()]
    return files, faults


def _documents(root: Path, files: dict[Path, bytes]) -> dict[Path, bytes]:
    """Return the documents over the schemas; that of the topics once its signals stand as derived."""
    made = {root / OPENAPI: as_bytes(_document(root, files))}
    signals = (signal_path(kind, root) for kind in BY_SIGNAL.values())
    if all(path.exists() and path.read_bytes() == files[path] for path in signals):
        made[root / ASYNCAPI] = asyncapi.as_yaml(asyncapi.document(root))
    return made


def _document(root: Path, files: dict[Path, bytes]) -> Schema:
    """Return the OpenAPI document; routes are described and not called, so they have no ledger."""
    schemas = {
        name: json.loads(files[command_path(kind, root)]) for name, kind in BY_COMMAND.items()
    }
    ledger, writer = cast("Ledger", None), cast("Writer", None)
    routers = batch.router(writer), payment_months.router(ledger, writer), reads.router(ledger)
    return describe(openapi.TITLE, openapi.ABOUT, routers, openapi.documented(schemas.__getitem__))


def _path(kind: Kind, root: Path) -> Path:
    return signal_path(kind, root) if isinstance(kind, SignalType) else fact_path(kind, root)


def _files_of(kind: Kind, root: Path, examples: list[Schema]) -> dict[Path, bytes]:
    if isinstance(kind, SignalType):
        return {signal_path(kind, root): as_bytes(signal_schema(kind, examples))}
    files = {fact_path(kind, root): as_bytes(fact_schema(kind, examples))}
    if kind.command:
        files[command_path(kind, root)] = as_bytes(command_schema(kind, examples))
    return files


def _orphans(root: Path) -> list[str]:
    """Name the schemas that no fact, no command and no signal stands behind."""
    kinds = BY_TOPIC.values()
    known = {fact_path(kind, root) for kind in kinds}
    known |= {command_path(kind, root) for kind in kinds if kind.command}
    known |= {signal_path(kind, root) for kind in BY_SIGNAL.values()}
    found = {*root.glob("facts/*"), *root.glob("commands/*"), *root.glob("signals/*")}
    return [
        f"{path.relative_to(root)} belongs to no {'signal' if path.parent.name == 'signals' else 'fact'}"
        for path in sorted(found - known)
    ]


def differences(root: Path) -> list[str]:
    """Say, a line each, how the contracts under `root` differ from the fact classes."""
    files, faults = derive(root)
    stale = [
        f"{path.relative_to(root)} {'differs' if path.exists() else 'is missing'}"
        for path, made in files.items()
        if not path.exists() or path.read_bytes() != made
    ]
    return [*faults, *stale, *_orphans(root)]


def write(root: Path) -> list[str]:
    """Write the schemas that have changed, and return what could not be written, a line each."""
    files, faults = _schemas(root)
    _save(files)
    if not faults:
        _save(_documents(root, files))
    return [*faults, *_orphans(root)]


def _save(files: dict[Path, bytes]) -> None:
    for path, made in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != made:
            path.write_bytes(made)


def keep_first_published(root: Path, folder: Path) -> None:
    """Keep in `folder` the shape of every contract under `root` that it does not have yet."""
    for path in sorted(root.glob("*/*.v*.json")):
        kept = folder / path.relative_to(root)
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(msgspec.json.encode(shape_of(json.loads(path.read_bytes()))) + b"\n")


def main(arguments: list[str] | None = None) -> int:
    """Write or check the contracts; return 0 when they say what the classes say, else 1."""
    parser = argparse.ArgumentParser(prog="python -m ledger.contracts", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--check", action="store_true", help="write nothing; name what differs")
    parser.add_argument("--root", type=Path, default=CONTRACTS, help="the folder of contracts")
    parser.add_argument(
        "--first-published", type=Path, help="keep the shapes of new contracts here"
    )
    asked = parser.parse_args(arguments)
    problems = differences(asked.root) if asked.check else write(asked.root)
    if asked.first_published and not (asked.check or problems):
        keep_first_published(asked.root, asked.first_published)
    for problem in problems:
        sys.stderr.write(f"contracts: {problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
