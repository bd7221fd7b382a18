"""Each part in short, so that what `make faults` does at length is known to work."""

from __future__ import annotations

from tests.faults import kills, poison, repeats

SEED = 20260701


def test_what_was_acknowledged_survives_kills_of_everything() -> None:
    assert len(list(kills.run(4, SEED))) == 6


def test_what_is_delivered_again_while_groups_are_shared_out_changes_nothing() -> None:
    assert len(list(repeats.run(20, 2, SEED))) == 4


def test_poison_stops_nobody_and_is_told_truly() -> None:
    assert len(list(poison.run(2 * len(poison.KINDS), 20, SEED))) == 3
