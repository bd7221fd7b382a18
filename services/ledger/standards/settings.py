"""The policy settings that a place may adopt: their shapes and defaults, read from the contract."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from edge.contracts import read_contract
from ledger.errors import Refused


@cache
def _contract() -> dict[str, Any]:
    contract: dict[str, Any] = orjson.loads(read_contract("policy-settings.json"))
    return contract


@cache
def _validator(setting: str) -> Draft202012Validator:
    contract = _contract()
    return Draft202012Validator(
        {**contract["settings"][setting]["schema"], "amount": contract["amount"]}
    )


def default_of(setting: str) -> Any:
    """Return what holds where no enclosing area has a setting; None: the rule is silent."""
    return _contract()["settings"][setting]["default"]


def check_setting(setting: str, value: object) -> None:
    """Refuse a setting that does not exist, or a value of another shape than its schema's."""
    if setting not in _contract()["settings"]:
        known = ", ".join(sorted(_contract()["settings"]))
        raise Refused(
            "known_setting", f"There is no policy setting `{setting}`.", f"Use one of: {known}."
        )
    error = best_match(_validator(setting).iter_errors(value))
    if error is not None:
        wanted = _contract()["settings"][setting]["description"]
        raise Refused("setting_shape", f"The value of `{setting}` has the wrong shape.", wanted)
