"""Which cell a message is for, where several cells read the same topics: one takes it in, never none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ledger.settings import Settings


class Addressing(NamedTuple):
    """This cell and all that share the topics, in the same order for each of them; none: it is alone."""

    own: str
    cells: Sequence[str] = ()

    @property
    def first(self) -> bool:
        """Whether this is the cell that answers for what is for no cell."""
        return not self.cells or self.cells[0] == self.own

    def for_us(self, named: str | None) -> bool:
        """Tell whether a message with this `ce_cell` is ours; a cell that is alone need not be named."""
        return named == self.own or (named is None and len(self.cells) < 2)

    def for_another(self, named: str | None) -> bool:
        """Tell whether another cell takes it in: the one it names, or the first for what names none."""
        return not self.for_us(named) and (named in self.cells or not self.first)


def addressing(settings: Settings) -> Addressing:
    """Return how messages are addressed to the cell of some settings."""
    return Addressing(settings.source, settings.cells)
