"""Facts that are not recorded: read as strictly as the ledger would write them.

They come as a dry run of the ledger answers them, `{"id", "type", "data"}` in order. Each must fit the
contract of its type and follow the last fact recorded on its stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from edge.contracts import read_contract
from projections import catalogue
from projections.errors import BadParameter

MOST_FACTS = 1_000
MOST_ERRORS = 20

OF_DOCUMENTS = ("assistance.PaymentListFrozen.v1", "assistance.PaymentResultsRecorded.v1")
"""Facts that say what they say in a document, which is not stored before they are recorded."""

_POLICY = "assistance.PolicyAdopted.v1"
_ID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[1-9][0-9]{0,8}$(?!\n)"
SHAPE: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "maxItems": MOST_FACTS,
    "items": {
        "type": "object",
        "required": ["id", "type", "data"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "maxLength": 46, "pattern": _ID},
            "type": {"type": "string", "maxLength": 100},
            "effective": {"type": ["string", "null"]},
            "data": {"type": "object"},
        },
    },
}
"""A list of facts; `effective` stands beside the data in a dry run's answer, and is ignored."""


@dataclass(frozen=True)
class Hypothetical:
    """A fact that might be recorded next on its stream."""

    stream: UUID
    version: int
    type: str
    data: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The id that it would have."""
        return f"{self.stream}:{self.version}"

    @property
    def effective(self) -> str | None:
        """Its first month, YYYY-MM; None for facts of procedure."""
        found: str | None = self.data.get("effective")
        return found


def read(facts: object, pointer: str = "/facts") -> list[Hypothetical]:
    """Read facts; BadParameter names by JSON pointers what has the wrong shape.

    `errors` holds {pointer, detail}; a value is never repeated.
    """
    found = [*_errors(Draft202012Validator(SHAPE), facts, pointer)]
    if not found and isinstance(facts, Sequence):
        found = [e for n, fact in enumerate(facts) for e in _of_fact(fact, f"{pointer}/{n}")]
    if found or not isinstance(facts, Sequence):
        raise wrong(found)
    return [_hypothetical(fact) for fact in facts]


def wrong(errors: Sequence[Mapping[str, str]]) -> BadParameter:
    """Return the error of facts that are not as they must be."""
    listed = [dict(error) for error in errors[:MOST_ERRORS]]
    return BadParameter("The facts are not as they must be; `errors` says where.", errors=listed)


def shape_errors(schema: Mapping[str, Any], value: object) -> list[dict[str, str]]:
    """Return what of a value does not fit a schema, as {pointer, detail}."""
    return [*_errors(Draft202012Validator(schema), value, "")]


def _hypothetical(fact: Mapping[str, Any]) -> Hypothetical:
    stream, _, version = fact["id"].partition(":")
    return Hypothetical(UUID(stream), int(version), fact["type"], fact["data"])


def _of_fact(fact: Mapping[str, Any], pointer: str) -> Iterator[dict[str, str]]:
    type_ = fact["type"]
    if type_ not in catalogue.known_types():
        yield {"pointer": f"{pointer}/type", "detail": "Is no type of fact of this version"}
    elif type_ in OF_DOCUMENTS:
        detail = "Says what it says in a document; compute the list, or read the results"
        yield {"pointer": f"{pointer}/type", "detail": detail}
    else:
        found = [*_errors(_contract(type_), fact["data"], f"{pointer}/data")]
        yield from found
        if type_ == _POLICY and not found:
            yield from _of_setting(fact["data"], f"{pointer}/data")


def _of_setting(data: Mapping[str, Any], pointer: str) -> Iterator[dict[str, str]]:
    setting = data["setting"]
    if setting not in _settings()["settings"]:
        yield {"pointer": f"{pointer}/setting", "detail": "Is no policy setting"}
    else:
        yield from _errors(_value(setting), data["value"], f"{pointer}/value")


def _errors(
    validator: Draft202012Validator, value: object, pointer: str
) -> Iterator[dict[str, str]]:
    for error in sorted(validator.iter_errors(value), key=lambda e: [str(p) for p in e.path]):
        place = "".join(f"/{_escaped(part)}" for part in error.absolute_path)
        yield {"pointer": pointer + place, "detail": _said(error)}


def _said(error: ValidationError) -> str:
    """Say what is wrong without the value, which may be anything."""
    if error.validator == "required":
        present = error.instance if isinstance(error.instance, Mapping) else {}
        wanted = error.schema["required"] if isinstance(error.schema, Mapping) else []
        return "Lacks " + ", ".join(name for name in wanted if name not in present)
    if error.validator == "additionalProperties":
        return "Has a field that is none of this type's"
    return f"Does not fit: {error.validator}"


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


@cache
def _contract(type_: str) -> Draft202012Validator:
    name = type_.removeprefix("assistance.")
    schema = msgspec.json.decode(read_contract(f"facts/{name}.json"))
    return Draft202012Validator(schema, format_checker=FormatChecker())


@cache
def _settings() -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(catalogue.policy_settings())
    return found


@cache
def _value(setting: str) -> Draft202012Validator:
    contract = _settings()
    schema = {**contract["settings"][setting]["schema"], "amount": contract["amount"]}
    return Draft202012Validator(schema)
