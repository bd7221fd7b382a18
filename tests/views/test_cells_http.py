"""GET /v1/cells and what is under it, as callers see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from projections import app
from projections.cells import http
from projections.cells.cells import Cells
from projections.errors import CannotStart
from projections.settings import CellsSettings, Settings
from projections.topic.cells import Cell
from tests.http.running import serving
from tests.views.asking import NDJSON, Routes
from tests.views.conftest import SeveralCells, Views
from tests.views.facts import covered_members, named

MONTHS: dict[str, Any] = {"from": "2023-01", "to": "2023-06"}
PROBLEM = "urn:assistance:problem:"


@pytest.fixture
def asking(several: SeveralCells) -> Routes:
    """Three cells: one person is covered in all of them, and each has an exit."""
    for cell in several.views:
        facts = several.facts(cell)
        facts.standard("14", "dibao", 70_000)
        facts.enrolled(members=covered_members([named("twice")]))
        facts.exited(facts.enrolled(), "2023-05", "employment")
    return Routes(http.router(several.asked()))


def body(asking: Routes, path: str, **parameters: Any) -> dict[str, Any]:
    answer = asking.get(path, **parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["Ledger-Positions"] == found["positions"]
    return found


def test_cells_are_listed_with_their_positions(asking: Routes) -> None:
    assert body(asking, "/v1/cells") == {
        "positions": "cell-1:4,cell-2:4,cell-3:4",
        "cells": [{"cell": f"cell-{n}", "position": 4} for n in (1, 2, 3)],
    }


def test_totals_say_as_of_which_positions_they_are(asking: Routes) -> None:
    found = body(asking, "/v1/cells/totals", **MONTHS)
    assert found == {
        "positions": "cell-1:4,cell-2:4,cell-3:4",
        **MONTHS,
        "totals": [
            {
                "cell": None, "month": None, "area": None, "programme": None, "households": 6,
                "persons": 6, "person_times": 30, "household_months": 30, "entitled_fen": 2_100_000,
                "listed_fen": 0, "paid_fen": 0,
            }
        ],
    }  # fmt: skip
    by = body(asking, "/v1/cells/totals", **MONTHS, by=["cell", "month"])["totals"]
    assert [(row["month"], row["cell"]) for row in by][:4] == [
        ("2023-01", "cell-1"), ("2023-01", "cell-2"), ("2023-01", "cell-3"), ("2023-02", "cell-1"),
    ]  # fmt: skip
    assert sum(row["entitled_fen"] for row in by) == 2_100_000


def test_asked_again_with_the_positions_the_bytes_are_the_same(
    asking: Routes, several: SeveralCells
) -> None:
    paths = [f"/v1/cells{part}" for part in ("", "/totals", "/exits", "/exits/counts", "/leads")]
    before = {path: asking.get(path, **MONTHS) for path in paths}
    for cell in several.views:
        facts = several.facts(cell)
        facts.exited(facts.enrolled(members=covered_members([named("later")])), "2023-03")
    several.asked()
    for path, answer in before.items():
        again = asking.get(path, **MONTHS, positions=answer.json()["positions"])
        assert again.content == answer.content
        assert asking.get(path, **MONTHS).content != answer.content


def test_exits_of_all_cells_come_in_pages_and_as_a_stream(asking: Routes) -> None:
    found = body(asking, "/v1/cells/exits", **MONTHS)["exits"]
    assert [(row["month"], row["reason"]) for row in found] == [("2023-05", "employment")] * 3
    assert {row["cell"] for row in found} == {"cell-1", "cell-2", "cell-3"}
    assert asking.all_pages("/v1/cells/exits", "exits", limit=1, **MONTHS) == found
    answer = asking.get("/v1/cells/exits", headers=NDJSON, **MONTHS)
    assert answer.headers["Ledger-Positions"] == "cell-1:4,cell-2:4,cell-3:4"
    assert [json.loads(line) for line in answer.content.splitlines()] == found
    assert body(asking, "/v1/cells/exits", **MONTHS, reason="death")["exits"] == []


def test_exits_are_counted_against_the_roll_of_all_cells(asking: Routes) -> None:
    [row] = body(asking, "/v1/cells/exits/counts", **MONTHS, by=["reason"])["counts"]
    assert (row["reason"], row["exits"], row["roll_households"]) == ("employment", 3, 27)
    assert row["rate"] == round(3 / 27, 6)


def test_leads_come_in_pages_and_as_a_stream(asking: Routes) -> None:
    found = body(asking, "/v1/cells/leads", **MONTHS)["leads"]
    assert [(row["cell"], row["other_cell"], row["month"], row["last_month"]) for row in found] == [
        ("cell-1", "cell-2", "2023-01", "2023-06"), ("cell-1", "cell-3", "2023-01", "2023-06"),
        ("cell-2", "cell-3", "2023-01", "2023-06"),
    ]  # fmt: skip
    assert {row["person"] for row in found} == {str(named("twice"))}
    assert asking.all_pages("/v1/cells/leads", "leads", limit=2, **MONTHS) == found
    answer = asking.get("/v1/cells/leads", headers=NDJSON, **MONTHS)
    assert [json.loads(line) for line in answer.content.splitlines()] == found


def test_a_page_is_as_of_the_positions_of_the_first(asking: Routes, several: SeveralCells) -> None:
    first = body(asking, "/v1/cells/exits", **MONTHS, limit=1)
    facts = several.facts("cell-3")
    facts.exited(facts.enrolled(), "2023-06")
    several.asked()
    second = body(asking, "/v1/cells/exits", **MONTHS, limit=1_000, cursor=first["next"])
    assert second["positions"] == first["positions"]
    assert len(second["exits"]) == 2


def test_what_cannot_be_asked_is_a_problem(asking: Routes) -> None:
    for path, asked in (
        ("", {"positions": "cell-1:4"}),
        ("", {"positions": "cell-1:4,cell-2:4,cell-3:4", "known_at": "2026-01-01T00:00:00Z"}),
        ("/totals", {"known_at": "yesterday"}),
        ("/totals", {"level": "town"}),
        ("/exits", {"reason": "boredom"}),
        ("/exits", {"cursor": "bm9uZQ"}),
        ("/leads", {"area": "14040"}),
    ):
        answer = asking.get(f"/v1/cells{path}", **{**MONTHS, **asked})
        assert (answer.status_code, answer.json()["type"]) == (422, PROBLEM + "bad-parameter")
        assert "Cell " not in answer.json()["detail"]


def test_a_cell_that_does_not_answer_is_named_in_the_problem(several: SeveralCells) -> None:
    away = Cell("cell-0", "host=127.0.0.1 port=9 dbname=nowhere", "")
    several.asked()
    with Cells([away, *several.listed], answer_seconds=0.5) as cells:
        for path in ("", "/totals", "/exits", "/leads"):
            answer = Routes(http.router(cells)).get(f"/v1/cells{path}", headers=NDJSON, **MONTHS)
            problem = answer.json()
            assert (answer.status_code, problem["cell"]) == (503, "cell-0")
            assert problem["type"] == PROBLEM + "unreachable"


def test_without_cells_the_answer_says_what_to_set() -> None:
    for path in ("", "/totals", "/exits", "/exits/counts", "/leads"):
        answer = Routes(http.router(None)).get(f"/v1/cells{path}", **MONTHS)
        assert (answer.status_code, answer.json()["type"]) == (404, PROBLEM + "no-cells")
        assert "PROJECTIONS_CELLS" in answer.json()["detail"]


def told_of(cells_file: Path) -> CellsSettings:
    return CellsSettings(cells_file, ZoneInfo("Asia/Shanghai"))


def of_one(view: Views, cells: CellsSettings | None) -> Settings:
    return Settings(view.dsn, view.dsn, ZoneInfo("Asia/Shanghai"), cells=cells)


def test_a_process_that_serves_one_cell_serves_all_that_it_is_told_of(
    several: SeveralCells, tmp_path: Path
) -> None:
    cells, one = several.asked(), several.views["cell-1"]
    with serving(app.build(of_one(one, told_of(several.file(tmp_path))))) as base:
        assert httpx.get(f"{base}/v1/cells").json()["positions"] == str(cells.as_of())
        assert httpx.get(f"{base}/v1/totals").json()["position"] == 0
    with serving(app.build(of_one(one, None))) as base:
        assert httpx.get(f"{base}/v1/cells").json()["type"] == PROBLEM + "no-cells"
    with pytest.raises(CannotStart, match=r"PROJECTIONS_CELLS: .* cannot be read"):
        app.build(of_one(one, told_of(tmp_path / "none.toml")))


def test_a_process_without_a_cell_of_its_own_serves_all_cells_alone(
    several: SeveralCells, tmp_path: Path
) -> None:
    cells = several.asked()
    with serving(app.build_for_cells(told_of(several.file(tmp_path)))) as base:
        assert httpx.get(f"{base}/v1/cells").json()["positions"] == str(cells.as_of())
        assert httpx.get(f"{base}/readyz").status_code == 200
        assert httpx.get(f"{base}/v1/totals").status_code == 404
        assert "/v1/cells/leads" in httpx.get(f"{base}/openapi.json").json()["paths"]
