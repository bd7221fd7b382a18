"""Memory of our Python processes whatever the size of the input, and CPU of an idle product."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.alternating import Comparison
from tests.benchmarks.cluster import Cluster
from tests.benchmarks.county import lines
from tests.benchmarks.serving import free_port

LARGE, SMALL = 40_000, 4_000
LIMIT_MIB = 300.0
IDLE_SECONDS = 10.0
# The high-water mark of this program alone: ru_maxrss would begin with that of the process that started it.
PEAK = (
    "import pathlib, re, sys; from assistance.cli import main\n"
    "try:\n    main()\nfinally:\n"
    "    status = pathlib.Path('/proc/self/status').read_text()\n"
    "    print(re.search(r'VmHWM:\\s+([0-9]+)', status)[1], file=sys.stderr)"
)


class Footprint:
    """Runs the command line as a user would, in data folders of its own."""

    def __init__(self, cluster: Cluster, stack: ExitStack) -> None:
        self._folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="assistance-bench-home-"))
        )
        self._numbers = iter(range(1000))
        for size in (LARGE, SMALL):
            with self._file(size).open("wb") as target:
                target.writelines(lines(size))

    def comparisons(self) -> list[Comparison]:
        """Return the comparisons with fixed limits; the limits are constants, not measures."""
        return [
            Comparison(
                f"peak memory of an import of {LARGE:,} households", "MiB", lambda: self._import(LARGE),
                lambda: LIMIT_MIB, "fixed", 1.0, smaller_is_better=True,
                note=f"{SMALL:,} households: {self._import(SMALL):.0f} MiB",
            ),
            Comparison(
                "CPU of the idle product", "%", self._idle, lambda: 1.0, "fixed, of one core", 1.0,
                smaller_is_better=True, note=f"over {IDLE_SECONDS:g} s",
            ),
        ]  # fmt: skip

    def _file(self, size: int) -> Path:
        return self._folder / f"county-{size}.ndjson"

    def _import(self, size: int) -> float:
        data = self._folder / f"data-{next(self._numbers)}"
        command = [
            sys.executable,
            "-c",
            PEAK,
            "import",
            str(self._file(size)),
            "--data",
            str(data),
        ]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return int(done.stderr.split()[-1]) / 1024

    def _idle(self) -> float:
        data = self._folder / "idle"
        command = [
            sys.executable,
            "-m",
            "assistance.cli",
            "serve",
            "--data",
            str(data),
            "--port",
            str(free_port()),
        ]
        process = subprocess.Popen(command)
        try:
            time.sleep(6)
            before = _cpu(process.pid)
            time.sleep(IDLE_SECONDS)
            return (_cpu(process.pid) - before) / IDLE_SECONDS * 100
        finally:
            process.terminate()
            process.wait()


def _cpu(pid: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
