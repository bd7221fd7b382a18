"""`assistance cells`: the same questions from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.command_line import CommandLine
from tests.views.conftest import SeveralCells
from tests.views.facts import covered_members, named

MONTHS = ("--from", "2023-01", "--to", "2023-06")
POSITIONS = "cell-1:4,cell-2:4,cell-3:4"


@pytest.fixture
def line(
    several: SeveralCells,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> CommandLine:
    """The command line over three cells: one person is covered in all, and each has an exit."""
    for cell in several.views:
        facts = several.facts(cell)
        facts.standard("14", "dibao", 70_000)
        facts.enrolled(members=covered_members([named("twice")]))
        facts.exited(facts.enrolled(), "2023-05", "employment")
    several.asked()
    monkeypatch.setenv("PROJECTIONS_CELLS", str(several.file(tmp_path)))
    return CommandLine(tmp_path, capsys)


def test_all_cells_are_asked_and_the_positions_said(line: CommandLine) -> None:
    listed = line("cells", "list", "--json")
    assert listed.rows == [{"cell": f"cell-{n}", "position": 4} for n in (1, 2, 3)]
    assert listed.err == f"As of --positions {POSITIONS}\n"
    [whole] = line("cells", "totals", *MONTHS, "--json").rows
    assert (whole["households"], whole["person_times"]) == (6, 30)
    of_cells = line("cells", "totals", *MONTHS, "--by", "cell", "--by", "month", "--json").rows
    assert sum(row["entitled_fen"] for row in of_cells) == whole["entitled_fen"]
    assert (of_cells[0]["cell"], of_cells[0]["month"]) == ("cell-1", "2023-01")
    left = line("cells", "exits", *MONTHS, "--json")
    assert {(row["cell"], row["month"]) for row in left.rows} == {
        (f"cell-{n}", "2023-05") for n in (1, 2, 3)
    }
    [counted] = line("cells", "exits", *MONTHS, "--counts", "--json").rows
    assert (counted["reason"], counted["exits"], counted["roll_households"]) == ("employment", 3, 6)
    leads = line("cells", "leads", *MONTHS, "--json").rows
    assert [(row["cell"], row["other_cell"]) for row in leads] == [
        ("cell-1", "cell-2"), ("cell-1", "cell-3"), ("cell-2", "cell-3"),
    ]  # fmt: skip
    again = line("cells", "exits", *MONTHS, "--positions", POSITIONS, "--json")
    assert again.out == left.out


def test_people_see_tables(line: CommandLine) -> None:
    assert "cell-2" in line("cells", "list").out
    assert "7,000.00" in line("cells", "totals", *MONTHS, "--by", "cell").out
    assert "employment" in line("cells", "exits", *MONTHS, "--limit", "2").out
    assert "Covered in two cells, 2023-01 to 2023-06" in line("cells", "leads", *MONTHS).out


def test_wrong_usage_and_a_missing_file_have_their_exit_codes(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = line("cells", "totals", "--positions", "cell-1:4")
    assert (said.code, "must name these cells" in said.err) == (2, True)
    assert line("cells", "totals", "--by", "reason").code == 2
    monkeypatch.delenv("PROJECTIONS_CELLS")
    said = line("cells", "list")
    assert (said.code, "PROJECTIONS_CELLS is missing" in said.err) == (3, True)
