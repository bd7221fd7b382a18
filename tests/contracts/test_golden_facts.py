"""Facts as they were stored once: every later version of the code reads and keeps each byte.

`golden/facts.v1.ndjson` holds a line for each: its type, and its data as stored. Lines are added,
never changed. A failure here means that a change is not additive: it needs a `.v2` and an upcaster.
"""

import json
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from ledger import catalogue
from ledger.contracts import CONTRACTS
from ledger.fact import BY_TOPIC, Fact


class Golden(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fact as stored: its topic, and its bytes."""

    type: str
    data: msgspec.Raw


LINES = (Path(__file__).parent / "golden" / "facts.v1.ndjson").read_bytes().splitlines()
GOLDEN = [msgspec.json.decode(line, type=Golden) for line in LINES]

every_line = pytest.mark.parametrize(
    "golden", GOLDEN, ids=[f"{number}-{line.type}" for number, line in enumerate(GOLDEN, start=1)]
)


@every_line
def test_a_golden_fact_is_read_and_kept_to_the_byte(golden: Golden) -> None:
    cls = BY_TOPIC[golden.type].cls
    assert msgspec.json.encode(msgspec.json.decode(golden.data, type=cls)) == bytes(golden.data)


@every_line
def test_a_golden_fact_satisfies_todays_schema(golden: Golden) -> None:
    name = BY_TOPIC[golden.type].name
    schema = json.loads((CONTRACTS / "facts" / f"{name}.v1.json").read_bytes())
    checks = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    checks.validate(json.loads(bytes(golden.data)))


def test_every_fact_has_a_golden_line() -> None:
    assert catalogue.MODULES
    lacking = set(BY_TOPIC) - {golden.type for golden in GOLDEN}
    assert not lacking, "\n".join(line_to_add(topic) for topic in sorted(lacking))


def test_every_field_of_a_fact_is_in_a_golden_line() -> None:
    shared = set(Fact.__struct_fields__)
    unseen = {}
    for topic, kind in BY_TOPIC.items():
        seen = [json.loads(bytes(golden.data)) for golden in GOLDEN if golden.type == topic]
        fields = set(kind.cls.__struct_fields__) - shared
        unseen[topic] = fields - {name for data in seen for name in data}
    assert {topic: fields for topic, fields in unseen.items() if fields} == {}


def test_every_field_that_all_facts_share_is_in_a_golden_line() -> None:
    seen = {name for golden in GOLDEN for name in json.loads(bytes(golden.data))}
    assert set(Fact.__struct_fields__) - seen == set()


def line_to_add(topic: str) -> str:
    """Return the golden line of a fact that has none yet: its example, as stored."""
    schema = json.loads((CONTRACTS / "facts" / f"{BY_TOPIC[topic].name}.v1.json").read_bytes())
    line = {"type": topic, "data": schema["examples"][0]}
    return msgspec.json.encode(line).decode()
