"""What is stored is what is published: plain JSON in one encoding, under explicit topics."""

import json
from uuid import uuid4

import msgspec

from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.store.mapper import UnknownFact, decode
from tests.ledger_database import LedgerDatabase, accepted, adopt_standard, enrol, verify
from tests.postgres import on_every_server


def record_by_hand(database: LedgerDatabase, stream: object, topic: str, state: str) -> None:
    """Store a fact that this version of the ledger did not write, as its owner."""
    with database.connect() as connection:
        connection.execute("set role ledger_owner")
        connection.execute(
            """insert into ledger.facts
               select %s, 1, %s, convert_to(%s, 'UTF8'),
                      coalesce(max(notification_id), 0) + 1, now() from ledger.facts""",
            (stream, topic, state),
        )


@on_every_server
def test_stored_bytes_are_the_canonical_bytes_of_the_fact(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    ledger.process([adopt_standard(), enrol(uuid4(), uuid4()), verify(uuid4())])
    stored = ledger_database.ask("select topic, state from ledger.facts order by notification_id")
    assert len(stored) == 5
    for topic, state in stored:
        assert state == msgspec.json.encode(decode(topic, state))


@on_every_server
def test_the_feed_shows_the_stored_bytes_as_json(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    person, sent = uuid4(), enrol(household=uuid4(), key="a key", area="140403002")
    ledger.process([adopt_standard(amount_fen=10**13, actor="办事员"), sent, verify(person)])
    with ledger_database.connect("projections_service") as connection:
        rows = connection.execute(
            "select position, stream, version, type, data, data::jsonb -> 'area' from ledger.feed "
            "order by position"
        ).fetchall()
    states = ledger_database.ask("select state from ledger.facts order by notification_id")
    assert [row[4].encode() for row in rows] == [state for (state,) in states]
    assert [row[0] for row in rows] == [1, 2, 3, 4]
    assert rows[1][1:4] == (sent.subject, 1, "assistance.HouseholdEnrolled.v1")
    assert rows[1][5] == "140403002"
    standard = json.loads(rows[0][4])
    assert (standard["amount_fen"], standard["actor"]) == (10**13, "办事员")


def test_a_fact_carries_its_actor_and_the_key_of_its_command(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    ledger.process([adopt_standard(), enrol(uuid4(), actor="decider-9", key="key 9")])
    found = ledger_database.ask(
        "select data::jsonb ->> 'actor', data::jsonb ->> 'command_id' from ledger.feed "
        "where position > 1"
    )
    assert found == [("decider-9", "key 9")] * 2


def test_an_unknown_type_is_named_and_stops_its_own_stream_alone(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    strange = uuid4()
    record_by_hand(ledger_database, strange, "assistance.HouseholdBlessed.v7", "{}")
    refused, recorded = ledger.process([verify(strange), verify(uuid4())])
    assert isinstance(refused, UnknownFact)
    assert "assistance.HouseholdBlessed.v7" in refused.detail
    accepted(recorded)


def test_a_shape_of_a_later_version_is_named_and_stops_its_own_stream_alone(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    later = '{"decided_on": "2023-01-01", "income_fen": 1, "a_field_of_later": "secret"}'
    strange = uuid4()
    record_by_hand(ledger_database, strange, "assistance.MeansVerified.v1", later)
    refused, recorded = ledger.process([verify(strange), verify(uuid4())])
    assert isinstance(refused, UnknownFact)
    assert "assistance.MeansVerified.v1 in a shape" in refused.detail
    assert "secret" not in refused.detail
    accepted(recorded)


def test_an_id_belongs_to_one_kind_of_subject(
    ledger_database: LedgerDatabase, ledger: Ledger
) -> None:
    household = uuid4()
    ledger.process([adopt_standard(), verify(household)])
    before = ledger_database.counts()
    for own_id in (household, uuid4()):
        alone = enrol(own_id, household=own_id)
        [refused] = ledger.process([alone])
        assert isinstance(refused, LedgerError)
        assert refused.extra["rule"] == "one_subject_a_stream"
    assert ledger_database.counts() == before


def test_a_person_looked_for_under_a_households_id_does_not_hide_the_household(
    ledger: Ledger, ledger_database: LedgerDatabase
) -> None:
    household = uuid4()
    ledger.process([adopt_standard(), verify(household)])
    with ledger_database.ledger() as another:
        refused, recorded = another.process([enrol(household), enrol(household=household)])
        assert isinstance(refused, LedgerError)
        assert accepted(recorded).version == 2
