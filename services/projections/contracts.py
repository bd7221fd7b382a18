"""Writes contracts/projections.openapi.json from the routes, or checks it.

python -m projections.contracts            write the document if it has changed
python -m projections.contracts --check    write nothing; exit 1 when it differs
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import cast

from edge.application import describe
from edge.contracts import contracts
from projections.projections import Projections
from projections.routes import ABOUT, TITLE, routers

NAME = "projections.openapi.json"


def document() -> bytes:
    """Return the OpenAPI document; routes are described and not called, so they have no database."""
    found = describe(TITLE, ABOUT, routers(cast("Projections", None)), {})
    return (json.dumps(found, indent=2, ensure_ascii=False) + "\n").encode()


def main(arguments: list[str] | None = None) -> int:
    """Write or check the document; return 0 when it says what the routes say, else 1."""
    parser = argparse.ArgumentParser(prog="python -m projections.contracts", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--check", action="store_true", help="write nothing; say what differs")
    parser.add_argument("--root", type=Path, default=contracts(), help="the folder of contracts")
    asked = parser.parse_args(arguments)
    path: Path = asked.root / NAME
    made = document()
    if path.exists() and path.read_bytes() == made:
        return 0
    if asked.check:
        sys.stderr.write(f"contracts: {NAME} {'differs' if path.exists() else 'is missing'}\n")
        return 1
    path.write_bytes(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
