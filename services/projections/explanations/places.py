"""What holds in a place: where a code is counted, the standard in force, the settings of policy.

The nearest enclosing area that has something in force wins; of several in one area, the latest
effective, then the later rank (Law 18: standards are the province's or the city's to set).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from projections.areas import DIGITS
from projections.explanations.assertions import FOLDER
from projections.projections import AsOf, Projections


class Ruling(NamedTuple):
    """What a fact of an area says from a month on, of a programme or a setting (`key`)."""

    area: str
    key: str
    effective: date
    ordinal: int
    fact: str
    said: Mapping[str, Any]


class InForce(NamedTuple):
    """What is in force, None when nothing is, and what a nearer area had and ended."""

    ruling: Ruling | None
    ended: list[Ruling]


@dataclass(frozen=True)
class Setting:
    """A setting of policy in a month: its value, and the fact that adopted it unless it is the default."""

    name: str
    value: Any
    found: InForce

    @property
    def facts(self) -> list[str]:
        """The facts that the value follows from."""
        adopted = [self.found.ruling.fact] if self.found.ruling else []
        return adopted + [ended.fact for ended in self.found.ended]

    @property
    def says(self) -> dict[str, Any]:
        """The setting as an explanation names it; `fact` and `area` null: the default holds."""
        ruling = self.found.ruling
        return {
            "setting": self.name,
            "value": self.value,
            "fact": ruling and ruling.fact,
            "area": ruling and ruling.area,
        }


class Places:
    """The facts of areas as known at a position, each area asked once."""

    def __init__(self, projections: Projections, as_of: AsOf) -> None:
        self._projections = projections
        self._position = as_of.position
        self._found: dict[tuple[str, str], list[Ruling]] = {}

    def counted_in(self, area: str, month: date) -> tuple[str, list[Ruling]]:
        """Return the code by which an area is counted in a month, and the replacements followed.

        Codes give way in the order of their months, the nearest enclosing one first; a wider code
        carries with it the codes inside. A code seen in the same month is not returned to.
        """
        since, seen, followed = date.min, [area], list[Ruling]()
        while (gave_way := self._gave_way(area, month, since)) is not None:
            target = _successor(gave_way, area)
            if gave_way.effective == since and target in seen:
                break
            seen = [*([area] if gave_way.effective > since else seen), target]
            area, since = target, gave_way.effective
            followed.append(gave_way)
        return area, followed

    def _gave_way(self, area: str, month: date, since: date) -> Ruling | None:
        rulings = self._of("replacements", area)
        for code in enclosing(area):
            found = _last_word(rulings, code, "", month)
            if found and found.effective >= since:
                return found
        return None

    def standard(self, area: str, programme: str, month: date) -> InForce:
        """Return the standard in force: there the programme's own before the unified one."""
        kinds = dict.fromkeys((programme, programme.partition(".")[0]))
        words = [(code, kind) for code in enclosing(area) for kind in kinds]
        return _in_force(self._of("standards", area), words, month)

    def setting(self, area: str, name: str, month: date) -> Setting:
        """Return a setting of policy: of the nearest area that has one, else the default."""
        words = [(code, name) for code in enclosing(area)]
        found = _in_force(self._of("policies", area), words, month)
        value = found.ruling.said["value"] if found.ruling else self._defaults[name]
        return Setting(name, value, found)

    def _of(self, text: str, area: str) -> list[Ruling]:
        if (text, area) not in self._found:
            asked = {"areas": list(enclosing(area)), "position": self._position}
            rows = self._projections.rows(FOLDER, text, asked)
            self._found[text, area] = [Ruling(**row) for row in rows]
        return self._found[text, area]

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        rows = self._projections.rows(FOLDER, "defaults", {})
        return {row["setting"]: row["value"] for row in rows}


def enclosing(area: str) -> Iterator[str]:
    """Yield a code and those around it, nearest first."""
    return (area[:digits] for digits in reversed(DIGITS) if digits <= len(area))


def _successor(gave_way: Ruling, area: str) -> str:
    successor: str = gave_way.said["successor"]
    kept = area[len(gave_way.area) :] if len(gave_way.area) == len(successor) else ""
    return successor + kept


def _in_force(rulings: Iterable[Ruling], words: Iterable[tuple[str, str]], month: date) -> InForce:
    ended: list[Ruling] = []
    for area, key in words:
        found = _last_word(rulings, area, key, month)
        if found and found.said["in_force"]:
            return InForce(found, ended)
        if found:
            ended.append(found)
    return InForce(None, ended)


def _last_word(rulings: Iterable[Ruling], area: str, key: str, month: date) -> Ruling | None:
    said = [r for r in rulings if (r.area, r.key) == (area, key) and r.effective <= month]
    return max(said, key=lambda ruling: ruling.ordinal, default=None)
