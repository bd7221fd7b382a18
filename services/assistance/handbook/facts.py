"""Pages of the facts, and of the commands that ask for them, from contracts/."""

from __future__ import annotations

from typing import Any

import msgspec

from assistance.handbook.markdown import anchor, block, code, table
from assistance.handbook.shapes import shape
from edge.contracts import read_contract
from ledger.fact import BY_COMMAND, BY_TOPIC, RECORDED, FactType
from ledger.http import kebab
from ledger.subjects import AREA, SUBJECT_OF, SUBJECTS

Schema = dict[str, Any]

EVERY_FACT = ("decided_on", "actor", "command_id", "spell", "corrects", "rank", "migrated")
"""Fields that every fact has, described once."""


def fact_pages() -> dict[str, str]:
    """Return a page a subject, with every fact of its streams."""
    found: dict[str, str] = {}
    for subject in SUBJECTS:
        kinds = [kind for kind in BY_TOPIC.values() if SUBJECT_OF[kind.cls] is subject]
        themes: dict[str, list[FactType]] = {}
        for kind in kinds:
            themes.setdefault(_theme(kind), []).append(kind)
        body = "".join(_theme_section(name, kinds) for name, kinds in themes.items())
        name = f"facts/{subject.plural}.md"
        found[name] = f"# Facts: {_TITLES.get(subject.name, subject.plural)}\n\n{_COMMON}\n{body}"
    return found


_TITLES = {
    "area": "standards, policies and areas",
    "household": "households",
    "person": "persons and their cover",
    "grant": "help-first, temporary and funeral aid",
    "case": "alerts, visits, referrals and reports",
    "payment_list": "payment lists and their results",
    "recovery": "what was overpaid and is got back",
}

_COMMON = (
    "Each fact is shown with its type, the command that asks for it, its fields and an example as "
    "stored. Fields that every fact has (`decided_on`, `actor`, `command_id`, `spell`, `corrects`, "
    "`rank`, `migrated`) are described in [commands.md](../commands.md#fields-of-every-fact). A "
    "field that is not required may be absent; it then has its default. Money is in fen, months "
    "are `YYYY-MM`.\n"
)


def _theme(kind: FactType) -> str:
    return kind.cls.__module__.rpartition(".")[2]


def _theme_section(name: str, kinds: list[FactType]) -> str:
    title = "" if name == "facts" else f"## {name.capitalize()}\n\n"
    return title + "\n".join(_fact_section(kind) for kind in kinds)


def _fact_section(kind: FactType) -> str:
    schema: Schema = msgspec.json.decode(read_contract(f"facts/{kind.name}.v1.json"))
    asked = (
        f"`{kind.command}`, `{path_of(kind)}`"
        if kind.command
        else "none: the ledger records it by itself"
    )
    return (
        f"### {kind.name}\n\n{schema['description']}\n\n"
        f"Type `{kind.topic}`. Command: {asked}. Schema: `contracts/facts/{kind.name}.v1.json`.\n\n"
        f"{_fields(schema)}\n{_structs(schema)}{block(schema['examples'][0])}"
    )


def _structs(schema: Schema) -> str:
    return "".join(
        f"Each `{name}`: {struct.get('description', '')}\n\n{_fields(struct)}\n"
        for name, struct in schema.get("$defs", {}).items()
    )


def _fields(schema: Schema) -> str:
    own = {n: p for n, p in schema["properties"].items() if n not in EVERY_FACT}
    if not own:
        return "It has the fields of every fact only.\n"
    required = schema.get("required", [])
    return table(
        ("field", "shape", "required", "meaning"),
        [
            (
                code(name),
                shape(field),
                "yes" if name in required else "",
                field.get("description", ""),
            )
            for name, field in own.items()
        ],
    )


def path_of(kind: FactType) -> str:
    """Return the method and path of the command that asks for a fact."""
    subject = SUBJECT_OF[kind.cls]
    place = "{code}" if subject is AREA else "{id}"
    return f"POST /v1/{subject.plural}/{place}/{kebab(kind.command or '')}"


def commands_page() -> str:
    """Return the page of all commands: their envelope, their paths, the facts that they ask for."""
    schema: Schema = msgspec.json.decode(read_contract("commands/EnrolHousehold.v1.json"))
    envelope = {
        **schema,
        "properties": {n: p for n, p in schema["properties"].items() if n != "data"},
    }
    return (
        "# Commands\n\n"
        "A command asks for one fact. The same command comes as a line (import file, or "
        "`POST /v1/commands:batch`) or as a request of its own, in which path and headers carry "
        "what the line's envelope carries: `X-Actor`, `Idempotency-Key`, and `If-Match` for a "
        "subject that exists; `?dry_run=true` answers without recording.\n\n"
        f"## Envelope of a line\n\n{_fields(envelope)}"
        "| `data` | object | yes | The fact asked for, less what the ledger sets itself. |\n\n"
        f"{block(schema['examples'][0])}\n"
        f"## Fields of every fact\n\n{_every_fact()}\n"
        f"## All commands\n\n{_all_commands()}"
    )


def _every_fact() -> str:
    schema: Schema = msgspec.json.decode(read_contract("facts/HouseholdExited.v1.json"))
    return table(
        ("field", "shape", "set by", "meaning"),
        [
            (
                code(name),
                shape(schema["properties"][name]),
                "the ledger" if name in RECORDED else "the command",
                schema["properties"][name].get("description", ""),
            )
            for name in EVERY_FACT
        ],
    )


def _all_commands() -> str:
    return table(
        ("command", "path", "fact"),
        [
            (
                code(name),
                code(path_of(kind)),
                f"[{kind.name}](facts/{SUBJECT_OF[kind.cls].plural}.md#{anchor(kind.name)})",
            )
            for name, kind in sorted(BY_COMMAND.items())
        ],
    )
