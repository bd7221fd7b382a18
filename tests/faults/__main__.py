"""Run the parts: `python -m tests.faults [--seed N] [PART ...]`; exits with 1 when one fails."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from random import randrange
from time import perf_counter

from tests.faults import kills, poison, repeats

PARTS: dict[str, Callable[[argparse.Namespace], Iterator[str]]] = {
    "kills": lambda asked: kills.run(asked.kills, asked.seed),
    "repeats": lambda asked: repeats.run(HOUSEHOLDS, asked.rebalances, asked.seed),
    "poison": lambda asked: poison.run(asked.poison, HOUSEHOLDS, asked.seed),
}
HOUSEHOLDS = 500


def main() -> int:
    """Print what each part counted; 1 when something was lost, doubled or out of order."""
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--rebalances", type=int, default=50, help="of inbound, and of workers")
    parser.add_argument("--poison", type=int, default=10_000, help="messages")
    parser.add_argument("--seed", type=int, default=randrange(1_000_000))
    parser.add_argument("parts", nargs="*", help=f"which of {', '.join(PARTS)}; all by default")
    asked = parser.parse_args()
    failed = [name for name in asked.parts or PARTS if not _holds(name, asked)]
    print(f"Failed: {', '.join(failed)}." if failed else "Everything holds.")
    return 1 if failed else 0


def _holds(name: str, asked: argparse.Namespace) -> bool:
    print(name, flush=True)
    began = perf_counter()
    try:
        for line in PARTS[name](asked):
            print(f"  {line}", flush=True)
    except AssertionError as error:
        print(f"  FAILED: {error}")
        return False
    print(f"  {perf_counter() - began:.0f} s")
    return True


if __name__ == "__main__":
    sys.exit(main())
