"""The page of problems: every error of both services and every rule that refuses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

import edge.problems
import ledger
import projections
from assistance.handbook.markdown import code, table
from assistance.handbook.refusals import Refusal, refusals
from edge.problems import URN
from ledger.errors import CannotStart as LedgerCannotStart
from ledger.errors import LedgerError, Refused
from ledger.ledger import CONFLICTS
from projections.errors import CannotStart as ProjectionsCannotStart
from projections.errors import ProjectionError

Errors = type[LedgerError] | type[ProjectionError]
_NAME = re.compile(r"[a-z]+(-[a-z]+)*")


def page() -> str:
    """Return the page of every problem, and of every rule with its way out and its law."""
    header = ("type", "status", "title", "meaning")
    ledger_errors = _tree(ledger, LedgerError, Refused, LedgerCannotStart, *CONFLICTS)
    projection_errors = _tree(projections, ProjectionError, ProjectionsCannotStart)
    rules = "".join(map(_section, refusals()))
    return (
        "# Problems\n\n"
        "Every answer that is not 2xx is `application/problem+json` (RFC 9457) with `type`, "
        "`title`, `status` and `detail`; a line that an import or a batch rejects carries the same "
        f"object. Types are stable names that begin with `{URN}`, to be compared, not opened. A "
        f"malformed body adds `errors[]` with JSON pointers. The value of a personal field is "
        f"never repeated.\n\n"
        f"## Of the ledger\n\n{table(header, ledger_errors)}\n"
        f"## Of the projections\n\n{table(header, projection_errors)}\n"
        f"## Of both, at the edge of HTTP\n\n{table(('type', 'title'), _of_the_edge())}\n"
        "A process that cannot start says why in one line on standard error and exits with 3.\n\n"
        "## Rules that refuse\n\n"
        "A rule that says no answers 409 with a type of its own, `rule`, mostly `month` (in which "
        "it breaks) and `way_out`. In the words below, `{name}` stands for what the error fills "
        "in. A rule that holds by the day of decision is not asked of facts decided before that "
        f"day, nor of facts marked `migrated`; all others hold always.\n{rules}"
    )


def _tree(package: ModuleType, root: Errors, *left_out: type) -> Iterator[tuple[str, ...]]:
    """Yield the errors of a package's tree that HTTP can answer with, by their names."""
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        import_module(module.name)
    found = {cls for cls in _below(root) if cls.__module__.startswith(f"{package.__name__}.")}
    for cls in sorted(found - set(left_out), key=lambda cls: cls.name):
        words = " ".join((cls.__doc__ or "").partition("\n\n")[0].split())
        yield code(URN + cls.name), str(cls.status), cls.title, words


def _below(root: Errors) -> Iterator[Errors]:
    yield root
    for cls in root.__subclasses__():
        yield from _below(cls)


def _of_the_edge() -> list[tuple[str, str]]:
    """Return the problems that the edge itself answers with, as its modules name them."""
    found: dict[str, str] = {}
    for path in sorted(Path(edge.problems.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found |= _named(node)
    return sorted((code(URN + name), title) for name, title in found.items())


def _named(node: ast.AST) -> dict[str, str]:
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "plain":
        status, name, title = (
            part.value if isinstance(part, ast.Constant) else None for part in node.args[:3]
        )
        return {str(name): str(title)} if status and name else {}
    if isinstance(node, ast.Dict):
        words = [
            v.value for v in node.values if isinstance(v, ast.Constant) and isinstance(v.value, str)
        ]
        keys = [k.value for k in node.keys if isinstance(k, ast.Constant)]
        if keys and all(isinstance(key, int) for key in keys) and all(map(_NAME.fullmatch, words)):
            return dict.fromkeys(words, "The request cannot be answered")
    return {}


def _section(refusal: Refusal) -> str:
    name = refusal.rule.replace("_", "-")
    notes = [f"`{URN}{name}`"]
    if refusal.since:
        notes.append(f"holds for decisions from {' or '.join(sorted(refusal.since))} on")
    if refusal.articles:
        notes.append("Law " + ", ".join(sorted(refusal.articles, key=int)))
    # Several functions mean several things; then the errors' own words say more.
    meaning = f"{refusal.meanings[0]}\n\n" if len(refusal.meanings) == 1 else ""
    return (
        f"\n### {name}\n\n{meaning}{'; '.join(notes)}.\n\n"
        f"{table(('what the error says', 'the way out'), refusal.said)}"
    )
