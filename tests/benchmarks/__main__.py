"""Run the measures: `python -m tests.benchmarks [--quick] [NAME ...]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from tests.benchmarks.alternating import Comparison, run
from tests.benchmarks.cluster import Cluster, running
from tests.benchmarks.importing import Importing

GROUPS: dict[str, Callable[[Cluster], list[Comparison]]] = {
    "import": lambda cluster: Importing(cluster).comparisons(),
}


def main() -> int:
    """Print every comparison as it is done; 1 when a goal was missed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three repeats instead of five")
    parser.add_argument("names", nargs="*", choices=[[], *GROUPS], help="which groups; all by default")
    options = parser.parse_args()
    missed = []
    with running() as cluster:
        for name in options.names or GROUPS:
            for comparison in GROUPS[name](cluster):
                result = run(comparison, 3 if options.quick else 5)
                print(result.told(), flush=True)  # noqa: T201  printing is its purpose
                if not result.met:
                    missed.append(comparison.name)
    print(f"{len(missed)} goals missed: {', '.join(missed)}" if missed else "Every goal is met.")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
