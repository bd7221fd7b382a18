"""What a decision may look at beyond its own stream: other streams, known areas, the day.

Time, standards and policies are passed in, so that rules are tested without I/O.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from typing import Any, Protocol, TypeVar
from uuid import UUID

from ledger.areas import enclosing
from ledger.cover.person import Person
from ledger.documents import Checked, Document, Documents, NoDocuments
from ledger.errors import NotFound, Refused
from ledger.fact import Fact
from ledger.households.household import Household
from ledger.ids import area_stream
from ledger.programmes import scheme
from ledger.standards.area import Area
from ledger.standards.facts import StandardAdopted
from ledger.standards.settings import default_of
from ledger.stream import Stream

S = TypeVar("S", bound=Stream)


class Streams(Protocol):
    """Where streams come from: the store, or a dictionary in tests."""

    def get(self, cls: type[S], stream: UUID) -> S:
        """Return the stream, empty when nothing is recorded on it."""


class World:
    """One command's view; it remembers what it handed out, so that a refusal can be taken back."""

    def __init__(
        self,
        streams: Streams,
        known_areas: Container[str],
        today: date,
        below_county: bool = False,
        *,
        actor: str = "",
        documents: Documents | None = None,
        checked: Checked | None = None,
    ) -> None:
        self._streams = streams
        self._known_areas = known_areas
        self._below_county = below_county
        self._checked = checked
        self.today = today
        self.actor = actor
        self.documents: Documents = documents or NoDocuments()
        self.marks: dict[Stream, int] = {}

    def get(self, cls: type[S], stream: UUID) -> S:
        """Return a stream that the command may change.

        Raises Refused (one_subject_a_stream) when the id is another subject's, or a reserved one: who
        took the id of an area before its standards are recorded would shut the area out for good.
        """
        if not cls.may_have(stream):
            raise Refused(
                "one_subject_a_stream",
                f"{stream} is an id under which an area or the payment lists are recorded.",
                "Give every household, person, grant and case a random id of its own.",
            )
        found = self._streams.get(cls, stream)
        self.marks.setdefault(found, found.version)
        return found

    def changed(self) -> list[Stream]:
        """Return the streams on which this command triggered facts."""
        return [stream for stream, version in self.marks.items() if stream.version > version]

    def rollback(self) -> None:
        """Take back everything that this command triggered."""
        for stream in self.changed():
            stream.rollback(self.marks[stream])

    def refuse_future(self, fact: Fact) -> None:
        """Nobody decides tomorrow: refuse a decided_on after today."""
        if fact.decided_on > self.today:
            raise Refused(
                "decided_in_future",
                f"decided_on {fact.decided_on} is after today, {self.today}.",
                "Send the command on the day of the decision, or mend the date.",
            )

    def document(self, digest: str, kind: str) -> Document:
        """Return a document of a kind; Refused (document_on_record) when there is none of this name."""
        found = self.documents.find(digest)
        if found is None or found.kind != kind:
            raise Refused(
                "document_on_record",
                f"No document of kind {kind} has the digest {digest}.",
                "Send the document itself: its command is recorded with it.",
            )
        return found

    def was_checked(self, digest: str, version: int) -> bool:
        """Tell whether a document's lines were checked against what is on record at a version."""
        return self._checked == (digest, version)

    def household(self, stream: UUID) -> Household:
        """Return a household that must be there; NotFound otherwise."""
        found = self.get(Household, stream)
        if not found.version:
            raise NotFound(
                f"There is no household {stream}. Its first command is ReceiveApplication or "
                "EnrolHousehold."
            )
        return found

    def person(self, person: UUID) -> Person:
        """Return a person's stream, empty when nothing is known of them."""
        return self.get(Person, person)

    def standard(self, area: str, programme: str, month: str) -> StandardAdopted | None:
        """Return the standard in force: nearest area first, then the specific programme."""
        unified = scheme(programme)
        for stream in self._enclosing(area, month):
            found = stream.standard(programme, month) or stream.standard(unified, month)
            if found:
                return found
        return None

    def policy(self, area: str, setting: str, month: str) -> Any:
        """Return a setting's value in force: nearest area's, else the default (may be None)."""
        for stream in self._enclosing(area, month):
            found = stream.policy(setting, month)
            if found:
                return found.value
        return default_of(setting)

    def counted_as(self, area: str, month: str) -> str:
        """Return the code under which an area is counted in a month: its own, or what it gave way to."""
        return self._placed(area, month)[0]

    def _enclosing(self, area: str, month: str) -> list[Area]:
        """Return the areas around one, nearest first, where it is counted in the month."""
        return self._placed(area, month)[1]

    def _placed(self, area: str, month: str) -> tuple[str, list[Area]]:
        seen, since = {area}, ""
        while True:
            areas = [self._streams.get(Area, area_stream(code)) for code in enclosing(area)]
            moved = _gave_way(area, areas, month, since)
            if moved is None or (moved[0] == since and moved[1] in seen):
                return area, areas
            if moved[0] > since:
                seen = {area}
            since, area = moved
            seen.add(area)

    def require_area(self, code: str) -> None:
        """Refuse a code that no file of areas has named; a known county may have more below it."""
        if code in self._known_areas or (self._below_county and self._known_county(code)):
            return
        raise Refused(
            "known_area",
            f"Area {code} is not known.",
            "Load its file with `assistance areas load FILE`, or allow codes below known counties "
            "by setting.",
        )

    def _known_county(self, code: str) -> bool:
        return len(code) > 6 and code[:6] in self._known_areas


def _gave_way(area: str, areas: list[Area], month: str, since: str) -> tuple[str, str] | None:
    """Return the month and the code to which an area, or a wider one around it, gave way.

    Only what held from `since` on counts: codes follow each other in the order of their months.
    """
    for code, stream in zip(enclosing(area), areas, strict=True):
        found = stream.gave_way(month)
        if found and found.effective >= since:
            kept = area[len(code) :] if len(found.successor) == len(code) else ""
            return found.effective, found.successor + kept
    return None
