"""A history as lines that a clerk can read: date, what, why, amount in yuan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from projections.database import Row

_TOLD_ELSEWHERE = {
    *("decided_on", "actor", "command_id", "spell", "corrects", "rank", "migrated", "effective"),
    *("reason", "ground", "cause", "need", "legal_basis", "instrument", "verification"),
}
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SHORT = 8


def yuan(fen: int) -> str:
    """Write an amount of fen in yuan: 85400 is 854.00."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def tell(history: Mapping[str, Any]) -> Iterator[str]:
    """Yield a history's lines: the facts, then the spells, the monthly amounts and the chain."""
    yield f"Household {history['household']}"
    for fact in history["facts"]:
        yield _fact(fact)
    for spell in history["spells"]:
        yield _spell(spell)
    for span in history.get("amounts", ()):
        yield _span(span)
    for link in history.get("chain", ()):
        yield _link(link)


def _fact(fact: Row) -> str:
    since = f"from {fact['effective']}" if fact["effective"] else ""
    parts = [
        f"{fact['decided_on'] or '':10}  {since:12}  {_what(fact)}",
        *_why(fact),
        *_marks(fact),
        f"recorded {fact['recorded_at']:%Y-%m-%d}",
    ]
    return "; ".join(parts) + _led_to(fact)


def _what(fact: Row) -> str:
    name = _WORDS.sub(" ", fact["type"].split(".")[1]).capitalize()
    said = [_said(key, value) for key, value in fact["data"].items() if key not in _TOLD_ELSEWHERE]
    return f"{name}: {', '.join(said)}" if said else name


def _said(key: str, value: Any) -> str:
    if key.endswith("_fen"):
        return f"{_words(key[:-4])} {yuan(value)}"
    if isinstance(value, list):
        return (
            f"{_words(key)} {len(value)}" if key in _COUNTED else f"{_words(key)} {'+'.join(value)}"
        )
    if isinstance(value, dict):
        return " ".join(_said(inner, part) for inner, part in value.items())
    if isinstance(value, bool):
        return _words(key) if value else f"not {_words(key)}"
    return f"{_words(key)} {_shortened(str(value))}"


_COUNTED = ("members", "persons", "items", "deductions")
_UUID = re.compile(r"^([0-9a-f]{8})-[0-9a-f]{4}-")


def _shortened(value: str) -> str:
    """Ids by their last digits, which differ: the first ones tell a time. The JSON form has the whole."""
    return f"..{value[-_SHORT:]}" if _UUID.match(value) else value


def _words(key: str) -> str:
    return key.replace("_", " ")


def _why(fact: Row) -> Iterator[str]:
    reasons = (fact["reason"], fact["legal_basis"], fact["instrument"])
    said = [str(reason).replace("_", " ") for reason in reasons if reason]
    if said:
        yield "because " + ", ".join(said)
    if fact["actor"]:
        yield f"by {fact['actor']}"


def _marks(fact: Row) -> Iterator[str]:
    for mark in ("corrects", "corrected_by", "revoked_by"):
        if fact[mark]:
            yield f"{_words(mark)} fact {fact[mark].rpartition(':')[2]}"


def _led_to(fact: Row) -> str:
    told = ""
    for change in fact.get("changes", ()):
        before, after = change["entitled_before_fen"], change["entitled_after_fen"]
        if before != after:
            told += f"  ->  {yuan(after)} a month in {change['month']}, before {yuan(before)}"
    return told


def _spell(spell: Row) -> str:
    until = f"to {spell['to']}, {spell['exit_reason']}" if spell["to"] else "on the roll"
    grace = (
        f", grace {spell['grace_from']} to {spell['grace_until']}" if spell["grace_from"] else ""
    )
    return f"Spell {spell['spell']}: from {spell['from']}, {until}{grace}"


def _span(span: Row) -> str:
    until = f"up to {span['to']}" if span["to"] else "on"
    standard = (
        f"standard {yuan(span['standard_fen'])} a {span['period']}" if span["standard_fen"] else ""
    )
    facts = [
        f"{span['covered']} of {span['members']} covered",
        f"income {yuan(span['income_fen'])}",
        *([standard] if standard else ["no standard in force"]),
        *([f"tier {span['tier']}"] if span["tier"] else []),
        *(["suspended"] if span["suspended"] else []),
        *(["in grace"] if span["in_grace"] else []),
    ]
    amount = f"{yuan(span['entitled_fen'])} a month"
    return f"Amount from {span['from']} {until}: {amount} ({', '.join(facts)})"


def _link(link: Row) -> str:
    since = f" from {link['effective']}" if link["effective"] else ""
    return f"Chain: {link['household']} {_words(link['kind'])} {link['other']}{since}"
