"""What the library promises of an application holds on our recorder and our mapper."""

from datetime import date
from uuid import uuid4

import pytest

from ledger.cover.person import Person
from ledger.errors import LedgerError
from ledger.households.facts import MeansVerified
from ledger.households.household import Household
from ledger.ledger import Ledger
from ledger.store.recorder import CommandRow, VersionConflict
from tests.ledger_database import LedgerDatabase, accepted, adopt_standard, enrol, verify
from tests.postgres import on_every_server


def means(day: int) -> MeansVerified:
    return MeansVerified(decided_on=date(2023, 1, day), income_fen=100)


def test_the_repository_projects_a_household(ledger: Ledger) -> None:
    household, person = uuid4(), uuid4()
    for outcome in ledger.process(
        [adopt_standard(), verify(household), enrol(person, household=household)]
    ):
        accepted(outcome)
    found = ledger.repository.get(household, projector_func=Household.project)
    assert isinstance(found, Household)
    assert (found.id, found.version) == (household, 2)
    assert set(found.state_at("2023-01").covered) == {person}
    earlier = ledger.repository.get(household, version=1, projector_func=Household.project)
    assert isinstance(earlier, Household)
    assert earlier.version == 1


@on_every_server
def test_saving_two_streams_and_their_command_is_one_transaction(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    household, other = Household(uuid4()), Household(uuid4())
    household.trigger(means(1))
    household.trigger(means(2))
    other.trigger(means(3))
    row = CommandRow("decider-7", "a key", b"digest", household.id, 3)
    recordings = ledger.save(household, other, commands=[row])
    assert [recording.notification.id for recording in recordings] == [1, 2, 3]
    assert ledger_database.counts() == (3, 1)
    found = ledger.repository.get(other.id, projector_func=Household.project)
    assert isinstance(found, Household)
    assert found.facts == [means(3)]


def test_saving_a_stream_that_moved_on_is_a_conflict_and_saves_nothing(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    household = uuid4()
    accepted(ledger.process([verify(household)])[0])
    late, other = Household(household), Household(uuid4())
    late.trigger(means(1))
    other.trigger(means(2))
    with pytest.raises(VersionConflict):
        ledger.save(other, late)
    assert ledger_database.counts() == (1, 1)


def test_what_was_saved_through_the_library_is_decided_upon(ledger: Ledger) -> None:
    person = Person(uuid4())
    household = Household(uuid4())
    household.trigger(means(1))
    ledger.save(household)
    outcomes = ledger.process(
        [adopt_standard(), enrol(person.id, household=household.id, migrated=False)]
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, LedgerError)]
    assert accepted(outcomes[1]).version == 2


@on_every_server
def test_the_notification_log_has_every_fact_in_order(ledger: Ledger) -> None:
    ledger.process([adopt_standard(), enrol(uuid4(), uuid4()), verify(uuid4())])
    log = ledger.notification_log.select(start=1, limit=10)
    assert [notification.id for notification in log] == [1, 2, 3, 4, 5]
    assert [notification.topic.split(".")[1] for notification in log] == [
        "StandardAdopted",
        "HouseholdEnrolled",
        "CoverTaken",
        "CoverTaken",
        "MeansVerified",
    ]
    assert [n.id for n in ledger.notification_log.select(start=2, limit=2)] == [2, 3]
    assert ledger.recorder.max_notification_id() == 5
