"""SQL from files: named texts, which may include one another.

A folder's .sql files hold texts under `-- name: <name>`. `{{name}}` puts another text of the same folder
in its place, `{{folder.name}}` one of another folder. Lines that are comments are left out, so that they
cost no time on the way.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent

_NAME = re.compile(r"^-- name: ([a-z_]+)\s*$", re.MULTILINE)
_INCLUDE = re.compile(r"\{\{(?:([a-z_]+)\.)?([a-z_]+)\}\}")
_COMMENT = re.compile(r"^\s*--.*\n?", re.MULTILINE)


@cache
def query(folder: str, name: str) -> bytes:
    """Return a named text of a folder, includes resolved; KeyError when there is none."""
    return _resolve(folder, name).encode()


def script(path: Path) -> bytes:
    """Return a whole file of statements, as psycopg runs it without parameters."""
    return path.read_bytes()


def included(folder: str, text: str) -> bytes:
    """Return a text with its includes resolved, as if it stood in a file of the folder."""
    return _including(folder, text).encode()


def _resolve(folder: str, name: str) -> str:
    texts = _texts(folder)
    if name not in texts:
        raise KeyError(f"no SQL text {name} in {folder or 'projections'}")
    return _including(folder, texts[name])


def _including(folder: str, text: str) -> str:
    def included(match: re.Match[str]) -> str:
        return _resolve(match[1] or folder, match[2])

    return _INCLUDE.sub(included, text)


@cache
def _texts(folder: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / folder).glob("*.sql")):
        parts = _NAME.split(path.read_text(encoding="utf-8"))
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            if name in texts:
                raise KeyError(f"two SQL texts are named {name} in {folder}")
            texts[name] = _COMMENT.sub("", text).strip()
    return texts
