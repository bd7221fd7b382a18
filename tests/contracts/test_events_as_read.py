"""Messages of the events topic as the projections read them: whose they are, and what is in the way."""

from __future__ import annotations

from typing import Any

import pytest

from edge.kafka.consuming import Message, Partition
from edge.kafka.settings import EVENTS
from projections.errors import UnknownFactType
from projections.topic.messages import Event, FactRow, Unreadable, known_part, read, read_all

HEADERS: dict[str, Any] = {
    "ce_source": b"cell-9", "ce_type": b"assistance.HouseholdEnrolled.v1", "ce_id": b"stream:2",
    "ce_sequence": b"7", "ce_time": b"2026-01-01T00:00:00Z",
}  # fmt: skip


def message(offset: int = 0, **changed: Any) -> Message:
    headers = [*{**HEADERS, **changed}.items()]
    return Message(Partition(EVENTS, 0), offset, b"key", b"{}", headers)


def test_a_fact_is_read_from_its_headers() -> None:
    row = FactRow(7, "stream", 2, "assistance.HouseholdEnrolled.v1", "2026-01-01T00:00:00Z", "{}")
    assert read(message()) == Event("cell-9", 0, row, 0)


def test_headers_of_others_may_be_anything() -> None:
    assert read(message(x=None, traceparent=b"\xff")).fact
    assert read(message(ce_subject=None)).fact


@pytest.mark.parametrize("name", ["ce_type", "ce_id", "ce_sequence", "ce_time"])
@pytest.mark.parametrize("value", [None, b"\xff"])
def test_a_header_of_ours_that_cannot_be_read_is_of_the_cell_that_is_named(
    name: str, value: Any
) -> None:
    with pytest.raises(Unreadable) as refused:
        read(message(0, **{name: value}))
    assert refused.value.cell == "cell-9"


@pytest.mark.parametrize("value", [None, b"\xff"])
def test_a_message_without_a_source_names_no_cell(value: bytes | None) -> None:
    [event] = read_all([message(ce_source=value)])
    assert event.wrong
    assert event.cell == ""


def test_what_comes_before_an_obstacle_can_be_applied() -> None:
    events = [*read_all([message(3), message(4, ce_type=b"assistance.New.v1"), message(5)])]
    before, obstacle = known_part(events, {"assistance.HouseholdEnrolled.v1"})
    assert [one.offset for one in before] == [3]
    assert obstacle
    assert obstacle.offset == 4
    assert isinstance(obstacle.error, UnknownFactType)
