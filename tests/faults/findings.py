"""What must be found in the end, whatever was killed, repeated or poisoned on the way."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

import orjson

from edge.kafka.consuming import Message
from edge.kafka.settings import OUTCOMES, KafkaSettings
from projections.topic import rebuilding
from tests.faults.ground import Ground, expect
from tests.topic import facts, from_the_feed, header, on_topic

WATERMARK = "assistance.Watermark.v1"


class OnTopic(NamedTuple):
    """How many messages of which kind are on the events topic."""

    facts: int
    repeated: int
    watermarks: int


def first_outcomes(ground: Ground) -> dict[str, str]:
    """Return what each message became when it was taken in first."""
    rows = ground.ledger.ask(
        "select message_id, outcome from ledger.outcomes order by position desc"
    )
    return dict(rows)


def all_accepted_once(ground: Ground, ids: Collection[str], letters: int = 0) -> None:
    """Each was accepted, and recorded its fact once.

    Commands expect the version before them: one that was lost, came twice or too early was refused.
    """
    became = first_outcomes(ground)
    lost = [one for one in ids if one not in became]
    expect(not lost, f"{len(lost)} acknowledged commands were never taken in: {lost[:3]}")
    others = [(one, became[one]) for one in ids if became[one] != "accepted"]
    expect(not others, f"{len(others)} acknowledged commands were not accepted: {others[:3]}")
    [(recorded,)] = ground.ledger.ask("select count(*) from ledger.commands")
    expect(recorded == len(ids), f"{recorded} commands are on record, not {len(ids)}")
    [(found,)] = ground.ledger.ask("select count(*) from ledger.dead_letters")
    expect(found == letters, f"{found} messages went to the dead letters, not {letters}")


def incomes_in_order(ground: Ground) -> int:
    """Every household's incomes were recorded in the order in which they were sent; how many households."""
    rows = ground.ledger.ask(
        "select originator_id, convert_from(state, 'UTF8')::json ->> 'income_fen' from ledger.facts"
        " where topic in ('assistance.HouseholdEnrolled.v1', 'assistance.IncomeReassessed.v1')"
        " order by originator_id, originator_version"
    )
    of_each: dict[UUID, list[int]] = {}
    for household, income in rows:
        of_each.setdefault(household, []).append(int(income))
    wrong = [
        h for h, of_it in of_each.items() if of_it != [30000 + 100 * n for n in range(len(of_it))]
    ]
    expect(not wrong, f"{len(wrong)} households have their incomes in another order: {wrong[:3]}")
    return len(of_each)


def outcomes_published(ground: Ground, ids: Collection[str]) -> int:
    """Each message's outcome is on its topic; how many messages are there."""
    messages = on_topic(ground.kafka, OUTCOMES)
    told = {orjson.loads(message.value or b"")["message"]["id"] for message in messages}
    missing = [one for one in ids if one not in told]
    expect(not missing, f"{len(missing)} outcomes were not published: {missing[:3]}")
    return len(messages)


def topic_is_the_ledger(ground: Ground) -> OnTopic:
    """Every fact is on the topic as it is stored, none before the one before it, no watermark is untrue."""
    messages = on_topic(ground.kafka)
    stored = ground.ledger.ask(
        "select originator_id || ':' || originator_version, sha256(state) from ledger.facts"
    )
    found = {header(m, "ce_id"): sha256(m.value or b"").digest() for m in facts(messages)}
    missing = [name for name, digest in stored if found.get(name) != bytes(digest)]
    expect(not missing, f"{len(missing)} facts are not on the topic as stored: {missing[:3]}")
    expect(len(found) == len(stored), "facts are on the topic that are not in the ledger")
    _in_order(messages)
    of_facts = len(facts(messages))
    return OnTopic(len(stored), of_facts - len(stored), len(messages) - of_facts)


def _in_order(messages: Collection[Message]) -> None:
    """Look at what came first of each fact, partition by partition."""
    seen: dict[str, int] = {}
    told: dict[int, int] = {}
    for message in messages:
        partition, position = message.partition.number, int(header(message, "ce_sequence"))
        if header(message, "ce_type") == WATERMARK:
            told[partition] = max(told.get(partition, 0), position)
            continue
        stream, _, version = header(message, "ce_id").rpartition(":")
        if int(version) > seen.get(stream, 0):
            expect(int(version) == seen.get(stream, 0) + 1, f"{stream}:{version} came too early")
            expect(position > told.get(partition, 0), f"a watermark denied {stream}:{version}")
            seen[stream] = int(version)


def projections_are_clean(ground: Ground, topics: KafkaSettings | None = None) -> int:
    """The projections are, byte for byte, what rebuilds make of the feed and the topic; how many tables."""
    built = ground.cell.checksums()
    expect(built == from_the_feed(ground.cell, ground.server), "a rebuild from the feed differs")
    rebuilding.rebuild(ground.cell.cell, topics or ground.kafka)
    expect(built == ground.cell.checksums(), "a rebuild from the topic differs")
    return len(built)
