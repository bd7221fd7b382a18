"""Of several cells that read the same topics exactly one takes a message in, or tells that nobody can."""

from __future__ import annotations

import pytest

from ledger.errors import CannotStart
from ledger.inbound.addressing import Addressing
from ledger.settings import Settings

THREE = ("cell-1", "cell-2", "cell-3")


def acts(addressing: Addressing, named: str | None) -> str:
    """What a cell does with a message that names a cell."""
    if addressing.for_another(named):
        return "passes over"
    return "takes in" if addressing.for_us(named) else "tells that nobody can"


@pytest.mark.parametrize(
    ("named", "does"),
    [
        (None, ["tells that nobody can", "passes over", "passes over"]),
        ("cell-1", ["takes in", "passes over", "passes over"]),
        ("cell-3", ["passes over", "passes over", "takes in"]),
        ("cell-4", ["tells that nobody can", "passes over", "passes over"]),
    ],
)
def test_one_of_three_cells_answers_for_a_message(named: str | None, does: list[str]) -> None:
    assert [acts(Addressing(own, THREE), named) for own in THREE] == does


@pytest.mark.parametrize("cells", [(), ("cell-1",)])
def test_a_cell_that_is_alone_need_not_be_named(cells: tuple[str, ...]) -> None:
    alone = Addressing("cell-1", cells)
    assert [acts(alone, named) for named in (None, "cell-1", "cell-2")] == [
        "takes in", "takes in", "tells that nobody can",
    ]  # fmt: skip


@pytest.mark.parametrize("cells", ["cell-2", "cell-1,cell-1"])
def test_the_cells_must_name_this_one_and_none_twice(cells: str) -> None:
    environment = {"LEDGER_DSN": "x", "ASSISTANCE_SOURCE": "cell-1", "ASSISTANCE_CELLS": cells}
    with pytest.raises(CannotStart, match="ASSISTANCE_CELLS"):
        Settings.read(environment)


def test_the_cells_are_read_in_the_order_given() -> None:
    environment = {"LEDGER_DSN": "x", "ASSISTANCE_SOURCE": "b", "ASSISTANCE_CELLS": " a, b "}
    assert Settings.read(environment).cells == ("a", "b")
