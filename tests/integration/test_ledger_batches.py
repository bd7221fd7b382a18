"""In a batch each command stands for itself: what one is refused, or breaks, is not the others'."""

import logging
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from ledger.answers import Accepted
from ledger.errors import LedgerError, Refused
from ledger.households import decide
from ledger.households.facts import MeansVerified
from ledger.households.household import Household
from ledger.ledger import Ledger
from ledger.world import World
from tests.ledger_database import LedgerDatabase, accepted, adopt_standard, enrol, verify
from tests.postgres import on_every_server

SECRET = "what nobody outside should read"


def assert_fault_without_details(outcome: object) -> None:
    assert type(outcome) is LedgerError
    assert outcome.status == 500
    assert outcome.extra == {}
    assert outcome.detail == "The command met a fault of the ledger; nothing was recorded."


def streams_on_record(database: LedgerDatabase) -> set[UUID]:
    return {stream for (stream,) in database.ask("select originator_id from ledger.facts")}


@on_every_server
def test_of_a_batch_what_is_refused_leaves_nothing_and_the_rest_is_recorded(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    person, refused_one, first, second = uuid4(), uuid4(), uuid4(), uuid4()
    outcomes = ledger.process(
        [
            adopt_standard(),
            enrol(person, household=first),
            enrol(uuid4(), person, uuid4(), household=refused_one),
            enrol(uuid4(), household=second),
            verify(refused_one),
        ]
    )
    assert [isinstance(outcome, Accepted) for outcome in outcomes] == [
        *(True, True, False, True, True)
    ]
    assert isinstance(outcomes[2], Refused)
    assert [accepted(outcomes[n]).position for n in (0, 1, 3, 4)] == [1, 3, 5, 6]
    assert accepted(outcomes[4]).version == 1
    assert ledger_database.counts() == (6, 4)


def test_a_refusal_late_in_a_verb_takes_back_what_it_had_triggered(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    # The household and its first two members are triggered before the third is found covered.
    free, also_free, taken = uuid4(), uuid4(), uuid4()
    ledger.process([adopt_standard(), enrol(taken)])
    before = ledger_database.counts()
    refused, recorded = ledger.process([enrol(free, also_free, taken), enrol(free, also_free)])
    assert isinstance(refused, Refused)
    accepted(recorded)
    assert ledger_database.counts() == (before[0] + 3, before[1] + 1)


def test_an_empty_batch_is_answered_with_nothing(ledger: Ledger) -> None:
    assert ledger.process([]) == []


def test_a_batch_of_refusals_records_nothing(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    outcomes = ledger.process([enrol(), enrol()])
    assert all(isinstance(outcome, Refused) for outcome in outcomes)
    assert ledger_database.counts() == (0, 0)


def test_later_commands_of_a_batch_see_earlier_ones(ledger: Ledger) -> None:
    household = uuid4()
    outcomes = ledger.process(
        [adopt_standard(), verify(household), enrol(household=household, migrated=False)]
    )
    assert [accepted(outcome).version for outcome in outcomes] == [1, 1, 2]


@on_every_server
def test_a_fault_in_one_verb_leaves_the_other_commands_intact(
    ledger_database: LedgerDatabase,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = uuid4()

    def rule(household: Household, fact: MeansVerified, world: World) -> None:
        if household.id == broken:
            raise ZeroDivisionError(SECRET)

    monkeypatch.setattr(decide, "RULES", {MeansVerified: (rule,)})
    before, after = uuid4(), uuid4()
    with caplog.at_level(logging.ERROR):
        outcomes = ledger.process([verify(before), verify(broken), verify(after)])
    assert_fault_without_details(outcomes[1])
    accepted(outcomes[0])
    accepted(outcomes[2])
    assert streams_on_record(ledger_database) == {before, after}
    assert SECRET in caplog.text  # the operator is told


def test_a_command_that_met_a_fault_is_decided_anew_under_its_key(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rule(household: Household, fact: MeansVerified, world: World) -> None:
        raise ZeroDivisionError

    household = uuid4()
    with monkeypatch.context() as broken:
        broken.setattr(decide, "RULES", {MeansVerified: (rule,)})
        assert_fault_without_details(ledger.process([verify(household, key="key")])[0])
    assert accepted(ledger.process([verify(household, key="key")])[0]).version == 1


@on_every_server
def test_a_command_that_the_database_cannot_take_fails_alone(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    # A NUL gets past no edge; should it, PostgreSQL's text cannot hold it.
    unstorable = replace(verify(uuid4()), actor="some\0body")
    outcomes = ledger.process([verify(uuid4()), unstorable, verify(uuid4())])
    assert_fault_without_details(outcomes[1])
    assert [accepted(outcomes[n]).position for n in (0, 2)] == [1, 2]
    assert ledger_database.counts() == (2, 2)


@on_every_server
def test_facts_that_the_database_refused_are_not_decided_upon(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    household = uuid4()
    ledger.process([verify(household)])
    with ledger_database.connect() as connection:
        connection.execute("""
            create function public.break() returns trigger language plpgsql
            as $$ begin raise exception 'a fault'; end $$;
            create trigger broken before insert on ledger.facts execute function public.break()""")
        assert_fault_without_details(ledger.process([verify(household), verify(household)])[0])
        connection.execute("drop trigger broken on ledger.facts")
    assert accepted(ledger.process([verify(household, expected_version=1)])[0]).version == 2
