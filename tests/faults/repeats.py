"""Repeats: every message is delivered one to five times, its copies anywhere behind it, while groups are
shared out anew: commands on their way in, facts on their way to the projections."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from operator import itemgetter
from random import Random
from time import sleep
from typing import Protocol, TypeVar

from edge.kafka.producing import Outgoing, Producer
from edge.kafka.settings import COMMANDS, EVENTS
from ledger.answers import Accepted
from ledger.commands import read_line
from ledger.relay.relay import WATERMARK_SECONDS
from ledger.relay.tails import backlog
from tests.faults import findings
from tests.faults.acts import Act, headers, household, standard
from tests.faults.findings import first_outcomes
from tests.faults.ground import CELL, PARTITIONS, Ground, expect, ground, until
from tests.ledger_database import LedgerDatabase, migrate_and_load_areas
from tests.topic import on_topic, relaying, taking_in, working

SENDER = "registry"
REASSESSED = 4
T = TypeVar("T")


class Member(Protocol):
    """A member of a group that says how often the group was shared out anew."""

    @property
    def assignments(self) -> int: ...


def run(households: int, rebalances: int, seed: int) -> Iterator[str]:
    """Yield what was counted, in lines; AssertionError says what differs from one delivery of each."""
    with ground() as here:
        chance = Random(seed)
        here.may_send(SENDER)
        acts = [list(household(SENDER, n, REASSESSED)) for n in range(households)]
        yield from _commands(here, acts, rebalances, chance)
        yield from _facts(here, rebalances, chance)


def _commands(
    here: Ground, acts: Sequence[Sequence[Act]], rebalances: int, chance: Random
) -> Iterator[str]:
    def strayed(one: Outgoing) -> Outgoing:
        """Whoever sends an enrolment again may have lost its key."""
        elsewhere = chance.randrange(PARTITIONS) if b"enrol" in dict(one.headers)["ce_id"] else None
        return one._replace(partition=elsewhere)

    copies = _copies([list(map(_message, of_one)) for of_one in acts], chance, strayed)
    ids = [f"{SENDER}-standard", *(act.id for of_one in acts for act in of_one)]
    with Producer(here.kafka) as producer, taking_in(here.ledger, here.kafka) as inbound:
        producer.send([_message(standard(SENDER))]).wait()
        until(lambda: len(first_outcomes(here)) == 1, "the standard is not taken in")
        others = partial(taking_in, here.ledger, here.kafka)
        shared_out = _send_while_sharing_out(producer, copies, inbound, others, rebalances)
        counting = "select count(*) from ledger.outcomes"
        wanted = len(copies) + 1
        until(lambda: here.ledger.ask(counting)[0][0] == wanted, "not every copy is answered")
    yield f"{len(ids):,} commands in {wanted:,} copies, all answered; {shared_out} rebalances of inbound"
    findings.all_accepted_once(here, ids)
    once = _delivered_once(here, acts)
    expect(_recorded(here.ledger) == once, "the facts differ from those of one delivery")
    yield f"{len(once):,} facts, byte for byte those of one delivery"


def _facts(here: Ground, rebalances: int, chance: Random) -> Iterator[str]:
    with relaying(here.ledger, here.kafka, source=CELL):
        until(lambda: not any(backlog(here.ledger.dsn("ledger_service")).values()), "no relay")
        sleep(2 * WATERMARK_SECONDS)
    by_partition: dict[int, list[Outgoing]] = {}
    for one in on_topic(here.kafka):
        number = one.partition.number
        heads = [(name, value or b"") for name, value in one.headers]
        again = Outgoing(EVENTS, one.key, one.value or b"", heads, number)
        by_partition.setdefault(number, []).append(again)
    copies = _copies(list(by_partition.values()), chance, lambda one: one)
    topics = here.topics()
    with Producer(topics) as producer, working([here.cell], topics) as worker:
        others = partial(working, [here.cell], topics)
        shared_out = _send_while_sharing_out(producer, copies, worker, others, rebalances)
        until(lambda: here.cell.reached() == here.cell.head(), "not everything is projected")
    events = sum(map(len, by_partition.values()))
    yield f"{events:,} events in {len(copies):,} copies; {shared_out} rebalances of workers"
    tables = findings.projections_are_clean(here, topics)
    yield f"{tables} tables equal to a rebuild from the feed and from the topic"


def _message(act: Act) -> Outgoing:
    return Outgoing(COMMANDS, act.key, act.value, headers(act, SENDER))


def _copies(lines: Sequence[Sequence[T]], chance: Random, strayed: Callable[[T], T]) -> list[T]:
    """Return one to five copies of each: the firsts in order of their line, the others anywhere behind."""
    placed: list[tuple[float, int, T]] = []
    for line in lines:
        firsts = sorted(chance.random() for _ in line)
        for first, one in zip(firsts, line, strict=True):
            placed.append((first, len(placed), one))
            for _ in range(chance.randrange(5)):
                placed.append((chance.uniform(first, 1.0), len(placed), strayed(one)))
    return [one for _, _, one in sorted(placed, key=itemgetter(0, 1))]


def _send_while_sharing_out(
    producer: Producer,
    copies: Sequence[Outgoing],
    member: Member,
    other: Callable[[], AbstractContextManager[Member]],
    rebalances: int,
) -> int:
    """Send a slice of the copies, let another join, send a slice, let it go: until all is sent; how often."""
    _until_shared_out(member, 0)
    begun = member.assignments
    size = len(copies) // rebalances + 1
    slices = iter([copies[n : n + size] for n in range(0, len(copies), size)])
    while (shared_out := member.assignments) < begun + rebalances:
        producer.send(next(slices, ())).wait()
        with other() as joined:
            _until_shared_out(joined, 0)
            _until_shared_out(member, shared_out)
            shared_out = member.assignments
            producer.send(next(slices, ())).wait()
        _until_shared_out(member, shared_out)
    for some in slices:
        producer.send(some).wait()
    return member.assignments - begun


def _until_shared_out(member: Member, before: int) -> None:
    until(lambda: member.assignments > before, "the group is not shared out anew")


def _delivered_once(here: Ground, acts: Sequence[Sequence[Act]]) -> dict[str, bytes]:
    """Return the facts of a ledger to which each was delivered once."""
    with here.server.fresh_database(prepare=migrate_and_load_areas) as dsn:
        database = LedgerDatabase(dsn)
        with database.ledger() as ledger:
            for act in [standard(SENDER), *(act for of_one in acts for act in of_one)]:
                [outcome] = ledger.process([read_line(act.value, actor=SENDER)])
                expect(isinstance(outcome, Accepted), f"{act.id} was refused")
        return _recorded(database)


def _recorded(database: LedgerDatabase) -> dict[str, bytes]:
    rows = database.ask(
        "select originator_id || ':' || originator_version || ' ' || topic, state from ledger.facts"
    )
    return {name: bytes(state) for name, state in rows}
