"""The ledger's rules accept every command of the demo, and number its facts as foretold."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from uuid import UUID

from assistance.demo import AREAS_CSV, commands
from ledger.areas import read_areas
from ledger.commands import read_line
from ledger.stream import Stream
from ledger.subjects import SUBJECT_OF
from ledger.world import S, World

TODAY = date(2026, 11, 22)


class Remembered:
    """Streams in memory: what the store is to the ledger."""

    def __init__(self) -> None:
        self.streams: dict[tuple[type[Stream], UUID], Stream] = {}

    def get(self, cls: type[S], stream: UUID) -> S:
        """Return the stream, empty when nothing is recorded on it."""
        found = self.streams.setdefault((cls, stream), cls(stream))
        assert isinstance(found, cls)
        return found


def known_areas() -> set[str]:
    """Return the codes of the country's counties and of the demo's towns and villages."""
    country = files("ledger").joinpath("reference", "areas-cn.csv")
    texts = (country.read_text("utf-8"), AREAS_CSV.read_text("utf-8"))
    return {area.code for text in texts for area in read_areas(text.splitlines(keepends=True))}


def test_every_command_is_accepted_and_becomes_the_fact_that_was_foretold() -> None:
    remembered, areas = Remembered(), known_areas()
    for envelope in commands():
        command = read_line(json.dumps(envelope).encode())
        assert command.subject is not None
        subject = SUBJECT_OF[type(command.fact)]
        stream = remembered.get(subject.stream, command.subject)
        subject.decide(stream, command.fact, World(remembered, areas, TODAY))
        if "subject" in envelope:
            assert command.key == f"demo-{stream.id}-{stream.version}"
    assert 30_000 < sum(stream.version for stream in remembered.streams.values()) < 40_000
