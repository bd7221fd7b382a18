"""The rules that refuse, gathered from the code that refuses: `Refused(rule, detail, way_out)`.

A rule's words are those of the error, its meaning that of the function in which it stands; what the
function finds out only when it runs is written as {name}.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ledger.households.rules import INTERIM_MEASURES, LAW

LEDGER = Path(__file__).parents[2] / "ledger"
_DAYS = {"LAW": LAW, "INTERIM_MEASURES": INTERIM_MEASURES}
_RULE = re.compile(r"[a-z{}]+(_[a-z]+)+|delegated|measured")
_LAW = re.compile(r"Law ([0-9]+)")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Refusal:
    """A rule: its meaning, what its errors say, its law, the day from which decisions meet it."""

    rule: str
    meanings: list[str] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    articles: set[str] = field(default_factory=set)
    since: set[str] = field(default_factory=set)


def refusals() -> list[Refusal]:
    """Return every rule by name, from all modules of the ledger."""
    found: dict[str, Refusal] = {}
    for path in sorted(LEDGER.rglob("*.py")):
        for function in _functions(ast.parse(path.read_text(encoding="utf-8"))):
            for rule, detail, way_out in _words(function):
                _add(found.setdefault(rule, Refusal(rule)), function, detail, way_out)
    return [found[rule] for rule in sorted(found)]


def _add(refusal: Refusal, function: Function, detail: str, way_out: str) -> None:
    meaning = " ".join((ast.get_docstring(function) or "").partition("\n\n")[0].split())
    if _is_rule(function, meaning) and meaning not in refusal.meanings:
        refusal.meanings.append(meaning)
    if (detail, way_out) not in refusal.said:
        refusal.said.append((detail, way_out))
    refusal.articles |= set(_LAW.findall(f"{meaning} {detail} {way_out}"))
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    refusal.since |= {_DAYS[name].isoformat() for name in names & _DAYS.keys()}


def _is_rule(function: Function, meaning: str) -> bool:
    """Tell whether a function stands for a rule, and does not refuse by the way."""
    private = function.name.startswith("_") or function.name == "decide"
    return bool(meaning) and not private and not meaning.startswith("Return")


def _functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _words(function: Function) -> Iterator[tuple[str, str, str]]:
    """Yield rule, detail and way out of each refusal in a function; not of functions inside it."""
    for node in _own_nodes(function):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Refused":
            parts = node.args[:3]
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            parts = node.value.elts
        if len(parts) == 3 and _RULE.fullmatch(text_of(parts[0])):
            rule, detail, way_out = map(text_of, parts)
            yield rule, detail, way_out


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        if not isinstance(node, Function):
            yield node
            waiting[:0] = ast.iter_child_nodes(node)


def text_of(node: ast.expr) -> str:
    """Return the text that an expression gives, with {name} for what is known only at run time."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(text_of, node.values))
    if isinstance(node, ast.FormattedValue):
        return text_of(node.value)
    return f"{{{_name_in(node)}}}"


def _name_in(node: ast.expr) -> str:
    """Return the last name in an expression that is not a function's."""
    called = {id(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
    named = [
        (part.end_lineno or 0, part.end_col_offset or 0, ast.unparse(part).rpartition(".")[2])
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute | ast.Name) and id(part) not in called
    ]
    return max(named)[2].strip("_") if named else "value"
