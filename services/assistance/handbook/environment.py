"""The page of environment variables, from the modules that read them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from assistance.handbook.markdown import code, table

SERVICES = Path(__file__).parents[2]
_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
_LEAD = re.compile(r"^\s*(?:[a-z_]+\s+)?([A-Z][A-Z0-9_]+)(?:=(\w+))?:?\s+(.+)$")


def page() -> str:
    """Return the page of every variable: who reads it, what it means."""
    rows = [
        (code(name), ", ".join(sorted(readers)), _meaning(name))
        for name, readers in variables().items()
    ]
    return (
        "# Environment variables\n\n"
        "Read once, when a process starts. With none of them set, `assistance` runs on the "
        "embedded PostgreSQL of its data folder and fills in both DSNs by itself. With "
        "`LEDGER_DSN` set, no embedded server is started; `PROJECTIONS_DSN` is then the same "
        "database unless it is set too.\n\n"
        f"{table(('variable', 'read by', 'meaning'), rows)}"
    )


def variables() -> dict[str, set[str]]:
    """Return every variable that a settings module names, with the packages that read it."""
    found: dict[str, set[str]] = {}
    for path in sorted(SERVICES.rglob("settings.py")):
        for name in _named(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(name, set()).add(path.relative_to(SERVICES).parts[0])
    return dict(sorted(found.items()))


def _named(tree: ast.Module) -> Iterator[str]:
    """Yield the constants that are a variable's name and nothing else."""
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, str) and _NAME.fullmatch(value):
            yield value


def _meaning(name: str) -> str:
    """Return what the settings modules say of a variable; KeyError when none says anything."""
    said = [
        words
        for path in sorted(SERVICES.rglob("settings.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        for found, words in [_said(line)]
        if found == name
    ]
    said = said or [_refused(name)]
    return "; ".join(dict.fromkeys(said))


def _said(line: str) -> tuple[str, str]:
    found = _LEAD.match(line)
    if found is None:
        return "", ""
    name, value, words = found.groups()
    return name, f"{code(value)}: {words}" if value else words


def _refused(name: str) -> str:
    """Return the words of the function that looks at a variable only to refuse it."""
    for path in sorted(SERVICES.rglob("settings.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("refuse"):
                continue
            if name in set(_named(ast.Module([node], []))):
                return (ast.get_docstring(node) or "").partition("\n")[0]
    raise KeyError(name)
