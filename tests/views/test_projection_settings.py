"""Settings of the projections: read once, refused in one line."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from projections.errors import CannotStart
from projections.settings import CellsSettings, Settings, asks_cells_alone, from_environment
from projections.topic.cells import Cell, read_cells


def test_the_feed_is_in_the_projections_database_unless_said_otherwise() -> None:
    assert from_environment({"PROJECTIONS_DSN": "a"}) == Settings(
        "a", "a", ZoneInfo("Asia/Shanghai")
    )


def test_every_setting_is_read() -> None:
    told = {
        "PROJECTIONS_DSN": "a",
        "FEED_DSN": "b",
        "ASSISTANCE_ZONE": "Europe/Vienna",
        "ASSISTANCE_WORKDAYS_FILE": "days.csv",
        "PROJECTIONS_BATCH": "7",
        "PROJECTIONS_CONNECTIONS": "3",
        "PROJECTIONS_WAIT_SECONDS": "0.5",
        "ASSISTANCE_SOURCE": "cell-7",
        "PROJECTIONS_CELLS": "cells.toml",
    }
    assert from_environment(told) == Settings(
        "a",
        "b",
        ZoneInfo("Europe/Vienna"),
        Path("days.csv"),
        7,
        3,
        0.5,
        "cell-7",
        CellsSettings(Path("cells.toml"), ZoneInfo("Europe/Vienna"), 3, 0.5),
    )


def test_who_has_cells_and_no_database_of_its_own_asks_cells_alone() -> None:
    assert asks_cells_alone({"PROJECTIONS_CELLS": "cells.toml"})
    assert not asks_cells_alone({"PROJECTIONS_CELLS": "cells.toml", "PROJECTIONS_DSN": "a"})
    assert not asks_cells_alone({})


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "PROJECTIONS_DSN is missing"),
        ({"ASSISTANCE_ZONE": "Moon/Base"}, "no zone of the tz database"),
        ({"ASSISTANCE_ZONE": "../etc/passwd"}, "no zone of the tz database"),
        ({"PROJECTIONS_BATCH": "many"}, "PROJECTIONS_BATCH must be a number from 1"),
        ({"PROJECTIONS_CONNECTIONS": "0"}, "PROJECTIONS_CONNECTIONS must be a number from 1"),
        ({"PROJECTIONS_WAIT_SECONDS": "nan"}, "PROJECTIONS_WAIT_SECONDS must be a number"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(told: dict[str, str], words: str) -> None:
    dsn = {"PROJECTIONS_DSN": "a"} if told else {}
    with pytest.raises(CannotStart, match=words) as refused:
        from_environment(dsn | told)
    assert "\n" not in refused.value.detail


CELL = "[[cells]]\nname = '{}'\nprojections_dsn = 'secret'\nledger_url = 'http://127.0.0.1:9'\n"


def test_cells_are_read_from_their_file(tmp_path: Path) -> None:
    (tmp_path / "cells.toml").write_text(CELL.format("cell-1") + CELL.format("//gov/loudi"))
    found = read_cells(tmp_path / "cells.toml")
    assert found[0] == Cell("cell-1", "secret", "http://127.0.0.1:9")
    assert [cell.name for cell in found] == ["cell-1", "//gov/loudi"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (None, "cannot be read"),
        ("cells = 7", "must hold"),
        ("[[cells]]\nname = 'cell-1'", "must hold"),
        ("", "at least one cell"),
        (CELL.format("cell-1") * 2, "none twice"),
        (CELL.format("cell 1"), "no spaces"),
        (CELL.format("cell-1,cell-2"), "no commas"),
        (CELL.format("娄底"), "ASCII"),
    ],
)
def test_a_file_of_cells_that_makes_no_sense_is_refused_without_its_dsns(
    tmp_path: Path, said: str | None, words: str
) -> None:
    file = tmp_path / "cells.toml"
    if said is not None:
        file.write_text(said)
    with pytest.raises(CannotStart, match=words) as refused:
        read_cells(file)
    assert "secret" not in refused.value.detail
