"""An accepted command is answered once and for all; a refused one is decided anew."""

from uuid import uuid4

import msgspec
import pytest
from msgspec.structs import replace

from ledger.answers import Accepted, Outcome
from ledger.commands import Command
from ledger.errors import KeyReused, Refused
from ledger.ledger import Ledger
from tests.ledger_database import (
    LedgerDatabase,
    accepted,
    adopt_standard,
    enrol,
    verify,
)
from tests.postgres import on_every_server

HOUSEHOLD, HEAD, CHILD = uuid4(), uuid4(), uuid4()


def enrolment() -> Command:
    """The same enrolment, read anew each time as from a caller who sends it again."""
    return enrol(HEAD, CHILD, household=HOUSEHOLD, key="key-1")


def answered(outcome: Outcome) -> bytes:
    return msgspec.json.encode(accepted(outcome).written)


@on_every_server
def test_the_same_key_gets_the_same_bytes_after_later_facts_and_a_restart(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    _, first = ledger.process([adopt_standard(), enrolment()])
    ledger.process([verify(HOUSEHOLD), verify(uuid4()), adopt_standard(80000)])
    before = ledger_database.counts()
    [again] = ledger.process([enrolment()])
    with ledger_database.ledger() as restarted:
        [after_restart] = restarted.process([enrolment()])
    assert answered(first) == answered(again) == answered(after_restart)
    assert ledger_database.counts() == before


def test_the_same_key_is_answered_though_the_version_it_named_is_stale_by_now(
    ledger: Ledger,
) -> None:
    household = uuid4()
    ledger.process([verify(household)])
    sent = verify(household, key="key", expected_version=1)
    first, again = ledger.process([sent])[0], ledger.process([sent])[0]
    assert answered(first) == answered(again)


def test_a_command_without_a_subject_gets_the_same_new_subject_again(ledger: Ledger) -> None:
    ledger.process([adopt_standard()])
    sent = replace(enrol(key="key"), subject=None)
    first, again = ledger.process([sent])[0], ledger.process([sent])[0]
    assert answered(first) == answered(again)


@pytest.mark.parametrize(
    "changed",
    [
        verify(HOUSEHOLD, decided_on="2023-01-06", key="key"),
        verify(uuid4(), key="key"),
        enrol(key="key"),
    ],
    ids=["another day", "another subject", "another command"],
)
def test_the_same_key_with_another_payload_is_refused(
    ledger_database: LedgerDatabase, ledger: Ledger, changed: Command
) -> None:
    accepted(ledger.process([verify(HOUSEHOLD, key="key")])[0])
    [outcome] = ledger.process([changed])
    assert isinstance(outcome, KeyReused)
    assert ledger_database.counts() == (1, 1)


def test_a_refused_command_is_decided_anew_under_its_key(ledger: Ledger) -> None:
    [refused] = ledger.process([enrolment()])
    assert isinstance(refused, Refused)
    assert refused.rule == "standard_in_force"
    ledger.process([adopt_standard()])
    accepted(ledger.process([enrolment()])[0])


def test_a_refused_commands_key_is_free_for_another_payload(ledger: Ledger) -> None:
    [refused] = ledger.process([enrol(key="key")])
    assert isinstance(refused, Refused)
    accepted(ledger.process([verify(uuid4(), key="key")])[0])


def test_the_same_key_twice_in_one_batch_is_recorded_once(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    household = uuid4()
    first, again, other = ledger.process(
        [
            verify(household, key="key"),
            verify(household, key="key"),
            verify(household, key="key", decided_on="2023-01-06"),
        ]
    )
    assert answered(first) == answered(again)
    assert isinstance(other, KeyReused)
    assert ledger_database.counts() == (1, 1)


def test_a_key_refused_and_then_accepted_in_one_batch_is_recorded_once(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    refused, _, recorded, again = ledger.process(
        [enrolment(), adopt_standard(), enrolment(), enrolment()]
    )
    assert isinstance(refused, Refused)
    assert answered(recorded) == answered(again)
    assert ledger_database.counts() == (4, 2)


def test_two_actors_may_use_one_key(ledger_database: LedgerDatabase, ledger: Ledger) -> None:
    household = uuid4()
    mine = verify(household, key="key", actor="decider-7")
    yours = verify(household, key="key", actor="decider-8")
    outcomes = ledger.process([mine, yours])
    assert [accepted(outcome).version for outcome in outcomes] == [1, 2]
    again = ledger.process([yours, mine])
    assert [accepted(outcome).version for outcome in again] == [2, 1]
    assert ledger_database.counts() == (2, 2)


@on_every_server
def test_two_processes_with_one_key_record_once_and_answer_alike(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    household = uuid4()
    with ledger_database.ledger() as other:
        [[one], [two]] = ledger_database.race(
            (ledger, [verify(household, key="key")]), (other, [verify(household, key="key")])
        )
    assert answered(one) == answered(two)
    assert ledger_database.counts() == (1, 1)


def test_two_processes_with_one_key_and_no_subject_record_once_and_answer_alike(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    # The subjects differ, so that only the command's own key can tell.
    sent = replace(verify(uuid4(), key="key"), subject=None)
    with ledger_database.ledger() as other:
        [[one], [two]] = ledger_database.race((ledger, [sent]), (other, [sent]))
    assert answered(one) == answered(two)
    assert ledger_database.counts() == (1, 1)


def test_a_dry_run_records_nothing_and_shows_what_would_be(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    ledger.process([adopt_standard()])
    tried = accepted(ledger.process([replace(enrolment(), dry_run=True)])[0])
    assert ledger_database.counts() == (1, 1)
    done = accepted(ledger.process([enrolment()])[0])
    assert tried.position is None
    assert (tried.subject, tried.version) == (done.subject, done.version)
    assert [fact.id for fact in tried.facts] == [fact.id for fact in done.facts]
    assert [fact.data is None for fact in (*tried.facts, *done.facts)] == [False] * 3 + [True] * 3


def test_a_dry_run_does_not_disturb_what_follows_it_in_its_batch(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    person, first, second = uuid4(), uuid4(), uuid4()
    ledger.process([adopt_standard()])
    outcomes = ledger.process(
        [
            enrol(person, household=first, dry_run=True),
            enrol(person, household=second),
            enrol(person, household=first, dry_run=True),
            verify(first),
        ]
    )
    assert isinstance(outcomes[0], Accepted)
    assert isinstance(outcomes[2], Refused)
    assert [accepted(outcomes[n]).version for n in (1, 3)] == [1, 1]
    assert ledger_database.counts() == (4, 3)


def test_a_dry_run_is_no_repetition_of_a_command_with_its_key(ledger: Ledger) -> None:
    ledger.process([adopt_standard()])
    asked = verify(uuid4(), key="k-1")
    recorded, tried = map(accepted, ledger.process([asked, replace(asked, dry_run=True)]))
    assert recorded.position is not None
    assert (tried.version, tried.position) == (recorded.version + 1, None)


def test_a_dry_run_that_is_refused_says_so_and_records_nothing(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    [outcome] = ledger.process([enrol(dry_run=True)])
    assert isinstance(outcome, Refused)
    assert ledger_database.counts() == (0, 0)
