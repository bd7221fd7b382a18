"""The routes of every question: a folder's http.py, wherever there is one."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from fastapi import APIRouter

from projections.cells.cells import Cells
from projections.projections import Projections

TITLE = "Assistance projections"
ABOUT = "Answers made from the ledger's facts, as of any month and as known at any instant."


def routers(projections: Projections, cells: Cells | None = None) -> Sequence[APIRouter]:
    """Return the routes of every question, in the order of their folders' names."""
    folders = sorted(path.parent.name for path in Path(__file__).parent.glob("*/http.py"))
    return [
        import_module(f"projections.{name}.http").router(cells if name == "cells" else projections)
        for name in folders
    ]
