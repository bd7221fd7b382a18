"""Markdown as the reference needs it: tables, code, and words that cannot break either."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a vertical bar or line break in a cell is written so that the cell holds."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(map(cell, line))} |\n" for line in lines)


def cell(words: str) -> str:
    """Return words as one cell of a table; outside of code no bracket is taken for a tag."""
    line = re.sub(r"\s*\n\s*", " ", words.strip()).replace("|", "\\|")
    parts = re.split(r"(`[^`]*`)", line)
    return "".join(part if n % 2 else part.replace("<", "&lt;") for n, part in enumerate(parts))


def code(word: object) -> str:
    """Return a word as code."""
    return f"`{word}`"


def block(value: Any, language: str = "json") -> str:
    """Return a value as a block of JSON, or a text as a block of its language."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return f"```{language}\n{text}\n```\n"


def anchor(heading: str) -> str:
    """Return the anchor that renderers give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
