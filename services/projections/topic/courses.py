"""The courses of all cells in one worker: which go on, and what of the topic is of none of them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from projections.topic.cells import Cell
from projections.topic.course import Course, Pace
from projections.topic.messages import Event

_log = logging.getLogger(__name__)


class Courses:
    """Every cell's course by its name, with what a membership sees of all of them."""

    def __init__(self, cells: Sequence[Cell], known: Collection[str], pace: Pace) -> None:
        self.of = {cell.name: Course(cell, pace) for cell in cells}
        self.known = frozenset(known)
        self.lag: Mapping[str, int] = {}
        self.assignments = 0
        """How often the group shared out its partitions anew."""
        self.strangers = Counter({"": 0})

    def up(self) -> list[Course]:
        """Return the courses of the cells that take part."""
        return [course for course in self.of.values() if course.up]

    def open(self) -> bool:
        """Try the cells that are not open; tell whether one is: else partitions are left to others."""
        for course in self.of.values():
            if course.due():
                with course.trying():
                    course.open()
        self.refuse_hopeless()
        return bool(self.up())

    def close(self) -> None:
        """Close every cell's database."""
        for course in self.of.values():
            course.close()

    def refuse_hopeless(self) -> None:
        """Raise what a cell met when all of them need people, and none is being tried again."""
        down = [one.trouble for one in self.of.values() if one.trouble and not one.up]
        if len(down) == len(self.of) and all(trouble.needs_people for trouble in down):
            raise down[0].error

    def give_up(self) -> None:
        """Raise an outage that a cell met, when none is up."""
        for one in self.of.values():
            if one.trouble and not one.trouble.needs_people:
                raise one.trouble.error

    def count_stranger(self, event: Event) -> None:
        """Count a message of a source that is no cell here, or that says of no cell that it is its own."""
        self.strangers[event.cell] += 1
        if event.wrong and not event.cell:
            _log.error("%s It names no cell, and was passed over.", event.wrong.detail)
