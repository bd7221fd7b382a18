"""Memory of our Python processes while a list of 137,000 households is computed, frozen and exported."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.alternating import Comparison
from tests.benchmarks.cluster import Cluster
from tests.benchmarks.county import AREA, first_month, lines
from tests.benchmarks.footprint import LIMIT_MIB, PEAK

HOUSEHOLDS = 137_000
MONTH = "2023-09"
FORMATS = ("ndjson", "csv", "xlsx", "g2p", "payment_hub", "govstack")


class ListFootprint:
    """Runs the command line as an officer would, each step a process of its own, once."""

    def __init__(self, cluster: Cluster, stack: ExitStack) -> None:
        self._folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="assistance-bench-lists-"))
        )
        self.peaks: dict[str, float] = {}
        self._import()
        frozen = json.loads(
            self._run("freeze", "list", "freeze", "--area", AREA, "--month", MONTH, "--actor", "one",
                      "--decided-on", "2023-09-05", "--json")
        )  # fmt: skip
        self._lines, self._list = frozen["lines"], frozen["list"]
        self._run("approve", "list", "approve", self._list, "--actor", "another")
        self._export()

    def comparisons(self) -> list[Comparison]:
        """Return one comparison: the step that took most, and the others beside it."""
        told = ", ".join(f"{step} {mib:.0f}" for step, mib in self.peaks.items())
        return [
            Comparison(
                f"peak memory of any step of a list of {self._lines:,} lines", "MiB",
                lambda: max(self.peaks.values()), lambda: LIMIT_MIB, "fixed", 1.0,
                smaller_is_better=True, note=told,
            )
        ]  # fmt: skip

    def _import(self) -> None:
        county = self._folder / "county.ndjson"
        with county.open("wb") as target:
            target.write(first_month("p-1", MONTH))
            target.writelines(lines(HOUSEHOLDS))
        self._run("import", "import", str(county))

    def _export(self) -> None:
        document = self._folder / "list.ndjson"
        self._run("compute", "list", "compute", "--area", AREA, "--month", MONTH, "--position",
                  self._position(), "--out", str(document))  # fmt: skip
        accounts = self._folder / "accounts.csv"
        with document.open("rb") as read, accounts.open("w") as written:
            written.write("person,account\n")
            for n, line in enumerate(read):
                if payee := json.loads(line).get("payee"):
                    written.write(f"{payee},6222{n:012}\n")
        for name in FORMATS:
            to = self._folder / f"export.{name}"
            paid = ("--accounts", str(accounts), "--payer", "100200300")
            self._run(f"export {name}", "list", "export", self._list, "--format", name,
                      "--to", str(to), "--actor", "one", *paid)  # fmt: skip
            if to.stat().st_size < self._lines * 40:
                raise AssertionError(f"the export {name} has {to.stat().st_size} bytes")

    def _position(self) -> str:
        shown = json.loads(self._run("show", "list", "show", self._list, "--json"))
        return str(shown["computed_at"])

    def _run(self, step: str, *arguments: str) -> str:
        """Run a command; return its standard output, and keep its peak memory in MiB."""
        command = [sys.executable, "-c", PEAK, *arguments, "--data", str(self._folder / "data")]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise AssertionError(f"{step}: {done.stderr}")
        self.peaks[step] = int(done.stderr.split()[-1]) / 1024
        return done.stdout
