"""Given facts, when command, then facts or refusal: the ledger's rules without any I/O.

    office = Office()                                   # an area with standards, the law in force
    office.enrolled(HOME, [ANN, BOB])                   # given
    office.refuses("opinion_heard", "ExitHousehold", HOME, **EXIT)           # when, then
    office.heard(HOME, "exit")
    exited = office.accepts("ExitHousehold", HOME, **EXIT)

A command takes the path that it takes in the ledger: its data are read from JSON, decided by its
subject's verb, and taken back when refused. After each command the office asks what must always
hold: what is recorded can be read again, a refusal changes nothing, and the persons' covers are
those of the households' timelines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from io import BytesIO
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import force_setattr

from ledger.commands import check_body, read_command
from ledger.cover.person import Person, Span
from ledger.documents import Document, lines_of
from ledger.errors import LedgerError, NotFound, Refused
from ledger.fact import BY_COMMAND, Fact
from ledger.households.household import Household
from ledger.households.state import State
from ledger.ids import fact_id
from ledger.payment_months.list_document import read_list_document
from ledger.payment_months.results_document import read_results_document
from ledger.stream import Stream
from ledger.subjects import SUBJECT_OF
from ledger.world import S, World

_NAMES = UUID("00000000-0000-5000-8000-000000000000")

TODAY = date(2026, 11, 22)
DECIDED = "2026-08-10"
"""A day under the law."""
BEFORE_THE_LAW = "2026-06-30"
MONTH = "2026-09"
"""The month from which a decision of that day takes effect."""
SINCE = "2026-03"
"""The month from which households are enrolled, unless a test says otherwise."""

PROVINCE, COUNTY, TOWN = "14", "140403", "140403001"
OTHER_TOWN, OTHER_PROVINCE, TOWN_WITHOUT_STANDARD = "140403002", "15", "150102001"
AREAS = {PROVINCE, COUNTY, TOWN, OTHER_TOWN, OTHER_PROVINCE, TOWN_WITHOUT_STANDARD}


def named(name: str) -> UUID:
    """A stable id for a name."""
    return uuid5(_NAMES, name)


ANN, BOB, CARL, DORA, EVE = map(named, ("Ann", "Bob", "Carl", "Dora", "Eve"))
HOME, OTHER, THIRD = map(named, ("home", "other", "third"))

EXIT: dict[str, Any] = {
    "effective": MONTH,
    "reason": "income_above_standard",
    "legal_basis": "Law 48",
    "decided_by": "county",
}
DECISION: dict[str, Any] = {"legal_basis": "Law 18", "decided_by": "county"}


def member(person: UUID, role: str = "other", **more: Any) -> dict[str, Any]:
    """A member as commands list one; covered unless said otherwise."""
    return {"person": person, "role": role, **more}


def household_of(*persons: UUID) -> list[dict[str, Any]]:
    """Members of whom the first is the head."""
    return [member(p, "other" if n else "head") for n, p in enumerate(persons)]


class Streams:
    """Streams in memory: what the store is to the ledger."""

    def __init__(self) -> None:
        self.by_id: dict[UUID, Stream] = {}

    def get(self, cls: type[S], stream: UUID) -> S:
        """Return the stream, empty when nothing is recorded on it."""
        found = self.by_id.setdefault(stream, cls(stream))
        if isinstance(found, cls):
            return found
        if found.version:
            raise Refused("one_subject_a_stream", "The id is another subject's.", "Choose another.")
        made = self.by_id[stream] = cls(stream)
        return made


class StoredDocuments:
    """Documents in memory, each read as the ledger reads it before it is stored."""

    def __init__(self) -> None:
        self.by_digest: dict[str, tuple[Document, bytes]] = {}

    def put(self, content: bytes) -> str:
        """Store a document; return its digest."""
        is_list = content.startswith(b'{"document":"payment_list"')
        file = BytesIO(content)
        document = read_list_document(file) if is_list else read_results_document(file).document
        self.by_digest[document.digest] = document, content
        return document.digest

    def find(self, digest: str) -> Document | None:
        """Return a document on record, or None."""
        found = self.by_digest.get(digest)
        return found[0] if found else None

    def lines(self, digest: str) -> Iterator[bytes]:
        """Yield the lines of a document, without first and last."""
        return lines_of(BytesIO(self.by_digest[digest][1]))


class Office:
    """An authority at its desk: it sends commands, and a ledger in memory answers."""

    def __init__(self, *, standards: bool = True, today: date = TODAY) -> None:
        self.streams = Streams()
        self.documents = StoredDocuments()
        self.actor = "decider"
        self.today = today
        if standards:
            self.adopt("dibao", "gap", 70_000)
            self.adopt(
                "tekun", "full", 91_000, care={"able": 0, "partial": 20_000, "unable": 60_000}
            )

    def sends(self, command: str, subject: UUID | None, /, **data: Any) -> list[tuple[UUID, Fact]]:
        """Decide a command and return what it recorded; raises what the ledger answers instead."""
        body = msgspec.json.encode({"decided_on": DECIDED, **data})
        check_body(body)
        asked = read_command(command, body, key="key", actor=self.actor, subject=subject)
        world = World(self.streams, AREAS, self.today, actor=self.actor, documents=self.documents)
        kind = SUBJECT_OF[type(asked.fact)]
        try:
            stream = world.get(kind.stream, asked.subject or named("new"))
            world.refuse_future(asked.fact)
            kind.decide(stream, asked.fact, world)
        except LedgerError:
            world.rollback()
            raise
        recorded = [
            (stream.id, fact)
            for stream, mark in world.marks.items()
            for fact in stream.facts[mark:]
        ]
        for _, fact in recorded:
            force_setattr(fact, "actor", self.actor)
        return recorded

    def accepts(self, command: str, subject: UUID | None = None, /, **data: Any) -> Fact:
        """Expect a command to be accepted; return the fact that it asked for."""
        recorded = self.sends(command, subject, **data)
        assert recorded
        for _, fact in recorded:
            assert msgspec.json.decode(msgspec.json.encode(fact), type=type(fact)) == fact
        self.expect_covers_to_agree()
        return next(fact for _, fact in recorded if type(fact) is BY_COMMAND[command].cls)

    def given(self, command: str, subject: UUID | None = None, /, **data: Any) -> str:
        """Have a command accepted; return the id of the last fact of its subject's stream."""
        self.accepts(command, subject, **data)
        return self.last(subject) if subject else ""

    def refuses(
        self,
        rule: str,
        command: str,
        subject: UUID | None = None,
        more: dict[str, Any] | None = None,
        /,
        *,
        month: str | None = None,
        **data: Any,
    ) -> Refused:
        """Expect a refusal by a rule (in a month), and that nothing has changed."""
        error = self._answers_with(Refused, command, subject, {**(more or {}), **data})
        assert isinstance(error, Refused)
        assert (error.rule, error.month) == (rule, month), (error.rule, error.month, error.detail)
        assert len(error.detail) > 10
        assert len(error.way_out) > 10
        assert error.extra == {"rule": rule, "way_out": error.way_out, "month": month}
        return error

    def misses(self, command: str, subject: UUID | None = None, /, **data: Any) -> NotFound:
        """Expect the subject not to be there, and that nothing has changed."""
        error = self._answers_with(NotFound, command, subject, data)
        assert isinstance(error, NotFound)
        return error

    def _answers_with(
        self, kind: type[LedgerError], command: str, subject: UUID | None, data: dict[str, Any]
    ) -> LedgerError:
        before = self.recorded()
        try:
            self.sends(command, subject, **data)
        except kind as error:
            assert self.recorded() == before
            return error
        raise AssertionError(f"{command} was accepted")

    def recorded(self) -> dict[UUID, list[Fact]]:
        """Everything on record."""
        return {id_: list(s.facts) for id_, s in self.streams.by_id.items() if s.facts}

    def last(self, stream: UUID) -> str:
        """The id of a stream's last fact."""
        return fact_id(stream, self.streams.by_id[stream].version)

    # What must always hold.

    def households(self) -> Iterable[Household]:
        """Every household."""
        return [s for s in self.streams.by_id.values() if isinstance(s, Household)]

    def expect_covers_to_agree(self) -> None:
        """The persons' own streams say what the households' timelines say; no month is double."""
        said: dict[UUID, list[tuple[UUID, Span]]] = {}
        for household in self.households():
            for person, spans in household.covers().items():
                said.setdefault(person, []).extend((household.id, span) for span in spans)
        for stream in list(self.streams.by_id.values()):
            if isinstance(stream, Person):
                own = [(h, span) for h, spans in stream.spans().items() for span in spans]
                assert sorted(own, key=str) == sorted(said.pop(stream.id, []), key=str)
                self._expect_single_cover([span for _, span in own])
        assert not said

    def _expect_single_cover(self, spans: list[Span]) -> None:
        ordered = sorted(spans, key=lambda span: span[0])
        for (_, until), (since, _) in pairwise(ordered):
            assert until is not None
            assert until <= since

    # Common acts.

    def adopt(self, programme: str, mode: str, fen: int, area: str = PROVINCE, **more: Any) -> None:
        """Adopt a monthly standard from 2018 on, unless said otherwise."""
        usual = {"effective": "2018-01", "decided_on": "2018-01-02", "period": "month"}
        data = {**usual, "adopted_by": "the government", **more}
        self.accepts(
            "AdoptStandard", area=area, programme=programme, mode=mode, amount_fen=fen, **data
        )

    def policy(
        self, setting: str, value: Any, area: str = PROVINCE, effective: str = "2018-01"
    ) -> None:
        """Adopt a policy setting."""
        self.accepts(
            "AdoptPolicy", area=area, setting=setting, value=value, effective=effective,
            decided_on="2018-01-02",
        )  # fmt: skip

    def enrolled(self, household: UUID, persons: list[UUID], **more: Any) -> str:
        """Verify the means of a household and enrol it from SINCE on; return the enrolment's id."""
        self.accepts("VerifyMeans", household, income_fen=35_000, decided_on="2026-02-01")
        return self.given("EnrolHousehold", household, **enrolment(persons, **more))

    def heard(self, household: UUID, *intended: str, decided_on: str = "2026-08-01") -> str:
        """Hear a household."""
        return self.given(
            "HearOpinion", household, intended=intended, manner="heard", decided_on=decided_on
        )

    def state(self, household: UUID, month: str) -> State:
        """What holds for a household in a month."""
        return self.streams.get(Household, household).state_at(month)

    def covered(self, household: UUID, month: str) -> set[UUID]:
        """The persons whom a household's roll covers in a month."""
        return set(self.state(household, month).covered)


def enrolment(persons: list[UUID], **more: Any) -> dict[str, Any]:
    """The data of an enrolment; the first person is the head."""
    return {
        "decided_on": "2026-02-10",
        "effective": SINCE,
        "programme": "dibao.urban",
        "area": TOWN,
        "income_fen": 35_000,
        "members": household_of(*persons),
        **DECISION,
        **more,
    }
