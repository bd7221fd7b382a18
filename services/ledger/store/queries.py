"""Named queries from a package's queries.sql: each begins with a line `-- name: <name>`."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import LiteralString, cast

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def query(name: str, package: str = "ledger.store") -> LiteralString:
    """Return a query of a package's queries.sql by its name; KeyError when there is none."""
    text = files(package).joinpath("queries.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    return cast("LiteralString", found[name].strip())  # the file is ours, not a caller's
