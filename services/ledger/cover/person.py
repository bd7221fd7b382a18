"""A person's own small stream: in which months which household's roll covers them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from uuid import UUID

from ledger.cover.facts import CoverEnded, CoverTaken, PersonRegistered
from ledger.errors import Refused
from ledger.programmes import Programme
from ledger.stream import Stream

Span = tuple[str, str | None]
Toggle = tuple[str, bool]
FOREVER = "9999-12"


def _holds(toggles: Sequence[Toggle], month: str) -> bool:
    """Tell whether the last toggle at or before a month is on; toggles are in order."""
    on = False
    for since, value in toggles:
        if since > month:
            break
        on = value
    return on


def _overlap(one: Span, other: Span) -> str | None:
    """Return the first month that two spans share, or None."""
    start = max(one[0], other[0])
    return start if start < min(one[1] or FOREVER, other[1] or FOREVER) else None


class Person(Stream):
    """One person: one live basic roll in any month (dibao or tekun)."""

    @property
    def registered(self) -> bool:
        """Whether an identity stands behind the id."""
        return any(isinstance(fact, PersonRegistered) for fact in self.facts)

    def toggles(self) -> dict[UUID, list[Toggle]]:
        """Return cover taken (True) or ended (False) by household, by (effective, version)."""
        found: dict[UUID, list[tuple[str, int, bool]]] = {}
        for version, fact in enumerate(self.facts, 1):
            if isinstance(fact, CoverTaken | CoverEnded):
                taken = isinstance(fact, CoverTaken)
                found.setdefault(fact.household, []).append((fact.effective, version, taken))
        return {h: [(month, on) for month, _, on in sorted(ts)] for h, ts in found.items()}

    def spans(self) -> dict[UUID, list[Span]]:
        """Return the covered months by household, as spans."""
        result: dict[UUID, list[Span]] = {}
        for household, toggles in self.toggles().items():
            spans = result.setdefault(household, [])
            since: str | None = None
            for month in sorted({m for m, _ in toggles}):
                on = _holds(toggles, month)
                if on and since is None:
                    since = month
                elif not on and since is not None:
                    spans.append((since, month))
                    since = None
            if since is not None:
                spans.append((since, None))
        return result

    def keep(
        self,
        household: UUID,
        spans: Sequence[Span],
        programme_at: Callable[[str, bool], Programme],
        decided_on: date,
        spell: int | None,
    ) -> None:
        """Make the months that a household's roll covers equal to `spans`, by the fewest facts.

        `programme_at` says, by month, which programme's cover is taken (True) or ended (False).
        Raises Refused (one_basic_roll) when another household's roll covers one of the months.
        """
        if not self.facts and len(spans) == 1 and spans[0][1] is None:
            month = spans[0][0]
            self._toggle(CoverTaken, month, household, programme_at(month, True), decided_on, spell)
            return
        self._refuse_overlap(household, spans)
        toggles = list(self.toggles().get(household, ()))
        wanted = [
            t for since, to in spans for t in ((since, True), *(((to, False),) if to else ()))
        ]
        for month in sorted({m for m, _ in (*toggles, *wanted)}):
            on = _holds(wanted, month)
            if on != _holds(toggles, month):
                kind = CoverTaken if on else CoverEnded
                self._toggle(kind, month, household, programme_at(month, on), decided_on, spell)
                toggles = sorted((*toggles, (month, on)), key=lambda toggle: toggle[0])

    def _toggle(
        self,
        kind: type[CoverTaken | CoverEnded],
        month: str,
        household: UUID,
        programme: Programme,
        decided_on: date,
        spell: int | None,
    ) -> None:
        self.trigger(
            kind(
                decided_on=decided_on,
                effective=month,
                spell=spell,
                household=household,
                programme=programme,
            )
        )

    def _refuse_overlap(self, household: UUID, spans: Iterable[Span]) -> None:
        if not self.facts:
            return
        wanted = list(spans)
        for other, taken in self.spans().items():
            if other == household:
                continue
            for month in (_overlap(a, b) for a in wanted for b in taken):
                if month:
                    raise Refused(
                        "one_basic_roll",
                        f"Person {self.id} is covered by household {other} in {month}: "
                        "one live basic roll per person.",
                        "End that cover first (exit, or remove the member), or leave them out.",
                        month,
                    )
