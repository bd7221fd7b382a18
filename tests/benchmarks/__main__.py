"""Run the measures: `python -m tests.benchmarks [--quick] [NAME ...]`; exits with 1 on a missed goal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import ExitStack

from tests.benchmarks.alternating import Comparison, run
from tests.benchmarks.cluster import Cluster, running
from tests.benchmarks.footprint import Footprint
from tests.benchmarks.importing import Importing
from tests.benchmarks.list_footprint import ListFootprint
from tests.benchmarks.listing import Listing
from tests.benchmarks.messaging import Messaging
from tests.benchmarks.projecting import Projecting
from tests.benchmarks.serving import Serving

GROUPS: dict[str, Callable[[Cluster, ExitStack], list[Comparison]]] = {
    "import": lambda cluster, stack: Importing(cluster, stack).comparisons(),
    "http": lambda cluster, stack: Serving(cluster, stack).comparisons(),
    "projections": lambda cluster, stack: Projecting(cluster, stack).comparisons(),
    "lists": lambda cluster, stack: Listing(cluster, stack).comparisons(),
    "list-footprint": lambda cluster, stack: ListFootprint(cluster, stack).comparisons(),
    "messaging": lambda cluster, stack: Messaging(cluster, stack).comparisons(),
    "footprint": lambda cluster, stack: Footprint(cluster, stack).comparisons(),
}


def main() -> int:
    """Print every comparison as it is done; 1 when a goal was missed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three repeats instead of five")
    parser.add_argument("names", nargs="*", help=f"which of {', '.join(GROUPS)}; all by default")
    options = parser.parse_args()
    missed = []
    with running() as cluster:
        for name in options.names or GROUPS:
            with ExitStack() as stack:
                for comparison in GROUPS[name](cluster, stack):
                    result = run(comparison, 3 if options.quick else 5)
                    print(result.told(), flush=True)
                    if not result.met:
                        missed.append(comparison.name)
    print(f"Missed: {', '.join(missed)}." if missed else "Every goal is met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
