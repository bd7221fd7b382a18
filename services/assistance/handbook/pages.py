"""Which pages the reference has, and how they are written."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from assistance.handbook import command_line, environment, facts, http, leads, policies, problems
from assistance.handbook.markdown import table

Pages = dict[str, str]
"""Pages by their path under docs/reference."""


@cache
def pages() -> Pages:
    """Return every page of the reference."""
    written = {
        "command-line.md": command_line.page(),
        "http.md": http.page(),
        "commands.md": facts.commands_page(),
        **facts.fact_pages(),
        "problems.md": problems.page(),
        "leads.md": leads.page(),
        "policy-settings.md": policies.page(),
        "environment.md": environment.page(),
    }
    return {"README.md": _contents(written), **written}


def write(root: Path) -> None:
    """Write the pages that have changed, and remove pages that nothing stands behind."""
    for path in _orphans(root):
        path.unlink()
    for name, text in pages().items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def differences(root: Path) -> list[str]:
    """Say, a line each, how the pages under `root` differ from what would be written."""
    stale = [
        f"{name} {'differs' if (root / name).exists() else 'is missing'}"
        for name, text in pages().items()
        if not (root / name).exists() or (root / name).read_text(encoding="utf-8") != text
    ]
    orphans = [f"{path.relative_to(root)} is written by nobody" for path in _orphans(root)]
    return stale + orphans


def _orphans(root: Path) -> list[Path]:
    known = {root / name for name in pages()}
    return sorted(path for path in root.rglob("*.md") if path not in known)


def _contents(written: Pages) -> str:
    rows = [(f"[{name}]({name})", _title(text)) for name, text in written.items()]
    return (
        "# Reference\n\n"
        "Every page here is written by `make contracts` from the contracts and the code; a test "
        "fails when one differs. What the words mean is in [the "
        "explanation](../explanation/README.md).\n\n"
        f"{table(('page', 'what it lists'), rows)}"
    )


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")
