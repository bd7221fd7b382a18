"""The command line in a test's own process, over one data folder."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from assistance.cli import main


@dataclass
class Said:
    """What the command line answered."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The lines of JSON that --json writes."""
        return [orjson.loads(line) for line in self.out.splitlines()]


class CommandLine:
    """Runs `assistance` in this process, over one data folder."""

    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Said:
        """Run a command and return its exit code and words."""
        self._capsys.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["assistance", *arguments])
            patch.setenv("ASSISTANCE_DATA", str(self.data))
            code = _exit_code()
        out, err = self._capsys.readouterr()
        return Said(code, out, err)


def _exit_code() -> int:
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0
