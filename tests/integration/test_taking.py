"""Taking messages in, on a real database: races, faults, ids used again, dead letters taken up again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any
from uuid import uuid4

import orjson
import pytest
from msgspec.structs import replace

from edge.cloud_events import Headers
from edge.kafka.consuming import Message, Partition
from edge.kafka.settings import COMMANDS
from ledger.errors import NotAllowed, Refused
from ledger.inbound.addressing import Addressing
from ledger.inbound.dead_letters import DeadLetters
from ledger.inbound.reading import Taken, read_message
from ledger.inbound.senders import Right
from ledger.inbound.taking import Contended, Taker
from ledger.ledger import Ledger
from ledger.store.recorder import VersionConflict
from tests.faults.acts import Act, headers, household, standard
from tests.ledger_database import (
    OTHER_TOWN,
    TOWN,
    LedgerDatabase,
    accepted,
    adopt_standard,
    command,
    enrol,
)
from tests.topic import may_send, told

SENDER = "registry"
EVERYTHING = Right(SENDER, "command", "*", "")
PLACE = Partition(COMMANDS, 0)
STANDARD = standard(SENDER)
ENROLS, REASSESSES = household(SENDER, 1, 1)


def message(act: Act, offset: int, id_: str | None = None, partition: Partition = PLACE) -> Taken:
    """An act as it lies in its partition, under another id if one is given, and was read."""
    heads = headers(act._replace(id=id_ or act.id), SENDER)
    return read(act.value, heads, offset, partition)


def read(
    value: bytes, heads: Sequence[tuple[str, bytes | None]], offset: int = 0,
    partition: Partition = PLACE,
) -> Taken:  # fmt: skip
    return read_message(Message(partition, offset, b"k", value, heads), Addressing("cell-9"))


@pytest.fixture
def taker(ledger_database: LedgerDatabase, ledger: Ledger) -> Taker:
    """Who takes in everything from the registry; its standard is there."""
    may_send(ledger_database, EVERYTHING)
    found = Taker(ledger)
    found.load_senders()
    found.take([message(STANDARD, 0)], {PLACE: 0})
    return found


def outcomes(database: LedgerDatabase) -> dict[str, str]:
    """What each message became last."""
    return {name: one["outcome"] for name, one in told(database).items()}


def losing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, races: int) -> None:
    """Let others be first on the stream, so many times."""
    append = ledger.ledger_recorder.append
    left = iter(range(races))

    def late(*given: Any, **named: Any) -> Any:
        if given[0] and next(left, None) is not None:
            raise VersionConflict("Another was first.")
        return append(*given, **named)

    monkeypatch.setattr(ledger.ledger_recorder, "append", late)


def failing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let recording facts fail until what is returned is called."""
    append = ledger.ledger_recorder.append

    def faulty(*given: Any, **named: Any) -> Any:
        if given[0]:
            raise RuntimeError("a fault")
        return append(*given, **named)

    monkeypatch.setattr(ledger.ledger_recorder, "append", faulty)
    return lambda: monkeypatch.setattr(ledger.ledger_recorder, "append", append)


def test_who_loses_a_race_again_and_again_is_not_taken_for_a_fault(
    ledger_database: LedgerDatabase, ledger: Ledger, taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    losing(ledger, monkeypatch, 6)
    assert taker.take([message(ENROLS, 1)], {PLACE: 1})["accepted"] == 1
    losing(ledger, monkeypatch, 100)
    with pytest.raises(Contended):
        taker.take([message(REASSESSES, 2)], {PLACE: 2})
    assert ledger_database.ask("select count(*) from ledger.dead_letters") == [(0,)]
    assert ledger_database.ask("select next_offset from ledger.consumed_offsets") == [(2,)]


def test_one_message_in_two_partitions_is_answered_once_and_told_again(
    ledger_database: LedgerDatabase,
) -> None:
    may_send(ledger_database, Right(SENDER, "command", "AdoptStandard", "99"))
    other = Partition(COMMANDS, 1)
    with ledger_database.ledger() as one, ledger_database.ledger() as two:
        takers = [Taker(one), Taker(two)]
        for taker in takers:
            taker.load_senders()
        with ThreadPoolExecutor(2) as pool:
            with ledger_database.connect() as holder, holder.transaction():
                holder.execute("lock table ledger.outcomes in exclusive mode")
                taking = [
                    pool.submit(taker.take, [message(STANDARD, 0, partition=p)], {p: 0})
                    for taker, p in zip(takers, (PLACE, other), strict=True)
                ]
                sleep(0.5)
            became = [one.result(20) for one in taking]
    assert sorted(word for each in became for word, n in each.items() if n) == [
        "duplicate", "refused",
    ]  # fmt: skip
    assert ledger_database.ask("select count(*) from ledger.dead_letters") == [(0,)]


def test_a_key_that_was_refused_and_then_accepted_is_no_duplicate(
    ledger_database: LedgerDatabase, taker: Taker
) -> None:
    early, late = message(REASSESSES, 1), message(REASSESSES, 3, "again")
    taker.take([early, message(ENROLS, 2), late], {PLACE: 1})
    assert outcomes(ledger_database) == {
        STANDARD.id: "accepted", REASSESSES.id: "refused", ENROLS.id: "accepted", "again": "accepted",
    }  # fmt: skip


@pytest.mark.parametrize("at_once", [True, False])
def test_an_id_that_is_used_for_another_message_is_refused(
    ledger_database: LedgerDatabase, taker: Taker, at_once: bool
) -> None:
    first, other = message(ENROLS, 1), message(REASSESSES, 2, ENROLS.id)
    if at_once:
        taker.take([first, other], {PLACE: 1})
    else:
        taker.take([first], {PLACE: 1})
        taker.take([other], {PLACE: 2})
    assert outcomes(ledger_database)[ENROLS.id] == "refused"
    problem = told(ledger_database)[ENROLS.id]["problem"]
    assert problem["type"] == "urn:assistance:problem:key-reused"
    assert taker.take([message(ENROLS, 3)], {PLACE: 3})["duplicate"] == 1


def test_the_same_message_written_otherwise_is_the_same(
    ledger_database: LedgerDatabase, taker: Taker
) -> None:
    taker.take([message(ENROLS, 1)], {PLACE: 1})
    otherwise = ENROLS._replace(
        value=orjson.dumps(orjson.loads(ENROLS.value), option=orjson.OPT_INDENT_2)
    )
    assert taker.take([message(otherwise, 2)], {PLACE: 2})["duplicate"] == 1


def test_a_dead_letter_at_which_the_ledger_still_fails_stays_open(
    ledger_database: LedgerDatabase, ledger: Ledger, taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    mend = failing(ledger, monkeypatch)
    assert taker.take([message(ENROLS, 1)], {PLACE: 1})["dead_letter"] == 1
    letters = DeadLetters(ledger)
    with pytest.raises(Refused, match="still fails"):
        letters.retry(1, "clerk-1", "it may work by now")
    assert [one["number"] for one in letters.listed()] == [1]
    mend()
    assert letters.retry(1, "clerk-1", "mended") == "accepted"
    assert [act["outcome"] for act in letters.show(1)["acts"]] == ["accepted"]


def test_a_dead_letter_is_dealt_with_once_by_whomever(
    ledger_database: LedgerDatabase, ledger: Ledger, taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    mend = failing(ledger, monkeypatch)
    taker.take([message(ENROLS, 1)], {PLACE: 1})
    mend()
    with ledger_database.ledger() as other:
        late = DeadLetters(other)
        # The other has looked already, and found it open.
        monkeypatch.setattr(late, "_refuse_done", lambda found: None)
        DeadLetters(ledger).discard(1, "clerk-1", "sent again")
        monkeypatch.setattr(late, "_refuse_done", DeadLetters(other)._refuse_done)
        with pytest.raises(Refused, match="was discarded by clerk-1"):
            late.retry(1, "clerk-2", "once more")
    assert ledger_database.ask("select act from ledger.dead_letter_acts") == [("discarded",)]
    assert ENROLS.id not in told(ledger_database)


def test_a_dead_letter_whose_header_has_no_value_can_be_shown(ledger: Ledger, taker: Taker) -> None:
    taker.take([read(b"{", [("x", None), ("y", b"\xff")])], {})
    assert DeadLetters(ledger).show(1)["headers"] == {"x": None, "y": "\N{REPLACEMENT CHARACTER}"}


NUL: Headers = [("content-type", b"application/cloudevents+json")]


@pytest.mark.parametrize(
    ("value", "heads", "named"),
    [
        (b"{}", headers(STANDARD._replace(id="a\0b"), SENDER), (SENDER, None)),
        (STANDARD.value, headers(STANDARD, "regi\0stry"), (None, STANDARD.id)),
        (
            b'{"specversion": "1.0", "id": "a\\u0000b", "source": "s", "type": "t"}',
            NUL,
            (None, None),
        ),
        (b'{"specversion": "1.0", "id": "\xff", "source": "s", "type": "t"}', NUL, (None, None)),
    ],
)
def test_what_postgresql_cannot_keep_as_text_is_no_event(
    ledger_database: LedgerDatabase, taker: Taker, value: bytes, heads: Headers,
    named: tuple[str | None, str | None],
) -> None:  # fmt: skip
    assert taker.take([read(value, heads, 1)], {PLACE: 1})["dead_letter"] == 1
    asked = ledger_database.ask("select reason, source, message_id from ledger.dead_letters")
    assert asked == [("not-a-cloud-event", *named)]


def test_a_message_that_names_no_cell_that_there_is_goes_to_the_dead_letters(
    ledger_database: LedgerDatabase, taker: Taker
) -> None:
    heads = [*headers(ENROLS, SENDER), ("ce_cell", b"cell-8")]
    taker.take([read(ENROLS.value, heads, 1)], {PLACE: 1})
    asked = ledger_database.ask("select reason, source, message_id from ledger.dead_letters")
    assert asked == [("no-such-cell", SENDER, ENROLS.id)]


def test_a_sender_reaches_no_household_of_another_area_by_a_merger(ledger: Ledger) -> None:
    ours, theirs, person = uuid4(), uuid4(), uuid4()
    for outcome in ledger.process(
        [adopt_standard(), enrol(household=ours), enrol(person, household=theirs, area=OTHER_TOWN)]
    ):
        accepted(outcome)
    merge = {
        "effective": "2024-06", "decided_on": "2024-05-20", "absorbed": str(theirs), "income_fen": 0,
        "members": [{"person": str(person), "role": "other"}], "decided_by": "county",
        "legal_basis": "Law 18", "migrated": True,
    }  # fmt: skip
    asked = command("MergeHouseholds", merge, ours, expected_version=1)
    [refused] = ledger.process([replace(asked, areas=(TOWN,))])
    assert isinstance(refused, NotAllowed)
    [outcome] = ledger.process([replace(asked, areas=(TOWN, OTHER_TOWN))])
    accepted(outcome)
