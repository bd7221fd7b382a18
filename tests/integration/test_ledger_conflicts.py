"""Several processes write at once: each decides on what is stored, and one wins where one may."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from ledger.answers import Accepted, Outcome
from ledger.errors import Refused, StaleVersion, VersionMissing
from ledger.ledger import Ledger
from tests.ledger_database import (
    OTHER_TOWN,
    TOWN,
    WAIT_SECONDS,
    LedgerDatabase,
    accepted,
    adopt_standard,
    command,
    enrol,
    verify,
)
from tests.postgres import on_every_server

ROUNDS = 40


@pytest.fixture
def other(ledger_database: LedgerDatabase) -> Iterator[Ledger]:
    """The ledger of another process."""
    with ledger_database.ledger() as ledger:
        yield ledger


def covers(database: LedgerDatabase, person: UUID) -> int:
    [(count,)] = database.ask(
        "select count(*) from ledger.feed where stream = %s and type = %s",
        person,
        "assistance.CoverTaken.v1",
    )
    return int(count)


def assert_one_wins(outcomes: list[Outcome]) -> None:
    kinds = sorted(type(outcome).__name__ for outcome in outcomes)
    assert kinds == ["Accepted", "Refused"]
    [refused] = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert refused.rule == "one_basic_roll"


@on_every_server
def test_of_two_towns_enrolling_one_person_at_once_exactly_one_wins(
    ledger_database: LedgerDatabase, ledger: Ledger, other: Ledger
) -> None:
    ledger.process([adopt_standard()])
    person = uuid4()
    [[one], [two]] = ledger_database.race(
        (ledger, [enrol(person, area=TOWN)]), (other, [enrol(person, area=OTHER_TOWN)])
    )
    assert_one_wins([one, two])
    assert covers(ledger_database, person) == 1


@on_every_server
def test_two_towns_enrolling_the_same_persons_round_after_round_share_none(
    ledger_database: LedgerDatabase, ledger: Ledger, other: Ledger
) -> None:
    ledger.process([adopt_standard()])
    persons = [uuid4() for _ in range(ROUNDS)]
    round_begins = threading.Barrier(2)

    def town(ledger: Ledger, area: str) -> list[Outcome]:
        outcomes = []
        for person in persons:
            sent = enrol(person, uuid4(), area=area)
            round_begins.wait(WAIT_SECONDS)
            outcomes += ledger.process([sent])
        return outcomes

    with ThreadPoolExecutor(2) as pool:
        towns = [pool.submit(town, ledger, TOWN), pool.submit(town, other, OTHER_TOWN)]
        one, two = (each.result(WAIT_SECONDS) for each in towns)
    for pair in zip(one, two, strict=True):
        assert_one_wins(list(pair))
    assert [covers(ledger_database, person) for person in persons] == [1] * ROUNDS
    assert ledger_database.counts() == (1 + 3 * ROUNDS, 1 + ROUNDS)


def test_a_loser_among_many_commands_loses_alone(
    ledger_database: LedgerDatabase, ledger: Ledger, other: Ledger
) -> None:
    ledger.process([adopt_standard()])
    person = uuid4()
    [mine, [yours]] = ledger_database.race(
        (ledger, [enrol(uuid4()), enrol(person), enrol(uuid4())]), (other, [enrol(person)])
    )
    accepted(mine[0])
    accepted(mine[2])
    assert_one_wins([mine[1], yours])
    assert covers(ledger_database, person) == 1


@on_every_server
def test_two_processes_that_change_one_household_both_end_right(
    ledger_database: LedgerDatabase, ledger: Ledger, other: Ledger
) -> None:
    household = uuid4()
    ledger.process([adopt_standard(), enrol(household=household)])
    other.process([verify(household)])
    [[one], [two]] = ledger_database.race(
        (ledger, [verify(household, "2023-02-01")]), (other, [verify(household, "2023-02-02")])
    )
    assert sorted(accepted(outcome).version for outcome in (one, two)) == [3, 4]
    found = ledger_database.ask(
        "select array_agg(version order by position) from ledger.feed where stream = %s", household
    )
    assert found == [([1, 2, 3, 4],)]


def test_a_ledger_sees_what_another_recorded_since_it_looked_last(
    ledger: Ledger, other: Ledger
) -> None:
    household, person = uuid4(), uuid4()
    ledger.process([adopt_standard(), enrol(person, household=household)])
    leave = {
        "effective": "2023-06",
        "decided_on": "2023-05-10",
        "reason": "death",
        "legal_basis": "Law 14",
        "decided_by": "county",
        "migrated": True,
    }
    [refused] = ledger.process([enrol(person, effective="2023-08")])
    assert isinstance(refused, Refused)
    accepted(other.process([command("ExitHousehold", leave, household)])[0])
    accepted(ledger.process([enrol(person, effective="2023-08")])[0])


def test_a_stale_expected_version_is_refused_and_told_the_current_one(
    ledger_database: LedgerDatabase, ledger: Ledger, other: Ledger
) -> None:
    household = uuid4()
    ledger.process([verify(household)])
    accepted(other.process([verify(household, expected_version=1)])[0])
    [stale] = ledger.process([verify(household, expected_version=1)])
    assert isinstance(stale, StaleVersion)
    assert stale.extra == {"version": 2}
    assert ledger_database.counts() == (2, 2)


@on_every_server
def test_of_two_processes_that_expect_one_version_the_later_is_stale(
    ledger_database: LedgerDatabase, ledger: Ledger, other: Ledger
) -> None:
    household = uuid4()
    ledger.process([verify(household)])
    outcomes = ledger_database.race(
        (ledger, [verify(household, expected_version=1)]),
        (other, [verify(household, expected_version=1)]),
    )
    kinds = sorted(type(outcome).__name__ for [outcome] in outcomes)
    assert kinds == ["Accepted", "StaleVersion"]
    assert ledger_database.counts() == (2, 2)


def test_within_a_batch_the_version_counts_what_came_before_in_it(ledger: Ledger) -> None:
    household = uuid4()
    outcomes = ledger.process(
        [
            verify(household, expected_version=0),
            verify(household, expected_version=1),
            verify(household, expected_version=1),
        ]
    )
    assert [isinstance(outcome, Accepted) for outcome in outcomes] == [True, True, False]
    assert isinstance(outcomes[2], StaleVersion)


def test_a_version_that_is_required_must_be_named_once_the_subject_exists(ledger: Ledger) -> None:
    household = uuid4()
    accepted(ledger.process([verify(household, version_required=True)])[0])
    [missing] = ledger.process([verify(household, version_required=True)])
    assert isinstance(missing, VersionMissing)
    assert missing.extra == {"version": 1}
    named = verify(household, version_required=True, expected_version=1)
    assert accepted(ledger.process([named])[0]).version == 2
