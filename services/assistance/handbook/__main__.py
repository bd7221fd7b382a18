"""Writes docs/reference, or checks it.

python -m assistance.handbook            write every page that has changed
python -m assistance.handbook --check    write nothing; name what differs and exit 1
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from assistance.handbook.pages import differences, write

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
"""The folder of the reference in a checkout."""


def main(arguments: list[str] | None = None) -> int:
    """Write or check the reference; return 0 when it says what the code says, else 1."""
    parser = argparse.ArgumentParser(prog="python -m assistance.handbook", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--check", action="store_true", help="write nothing; name what differs")
    parser.add_argument("--root", type=Path, default=REFERENCE, help="the folder of the reference")
    asked = parser.parse_args(arguments)
    if not asked.check:
        write(asked.root)
        return 0
    found = differences(asked.root)
    for difference in found:
        sys.stderr.write(f"reference: {difference}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
