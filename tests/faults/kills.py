"""Kills: relay, inbound, workers and the broker are killed at random while producers send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import count
from random import Random
from threading import Event
from time import sleep

from ledger.relay.tails import backlog
from tests.faults import findings
from tests.faults.acts import Act, household, standard
from tests.faults.ground import Ground, expect, ground, until
from tests.faults.processes import Process
from tests.faults.sending import Sender

SENDERS = 8
REASSESSED = 6
AT_ONCE = 3
PACE_SECONDS = 0.15
BROKER = "broker"
WEIGHTS = {"relay": 3, "inbound": 3, "worker": 3, BROKER: 2}
WORDS = {
    "relay": ("ledger", "relay"),
    "inbound": ("ledger", "inbound"),
    "worker": ("projections", "run", "--source", "kafka"),
}


class Trial:
    """Two processes of each kind on a cell, the broker, and the chance that kills them."""

    def __init__(self, ground: Ground, chance: Random) -> None:
        self._ground = ground
        self._chance = chance
        self.killed: Counter[str] = Counter()
        self._processes = {
            kind: [ground.process(f"{kind}-{n}", *words) for n in (1, 2)]
            for kind, words in WORDS.items()
        }

    @property
    def processes(self) -> list[Process]:
        """All processes."""
        return [process for of_kind in self._processes.values() for process in of_kind]

    def kill_one(self) -> None:
        """After a moment kill one, and after another start it again; none may have ended by itself."""
        sleep(self._chance.uniform(0.2, 2.2))
        ended = [process.name for process in self.processes if not process.running]
        expect(not ended, f"{', '.join(ended)} ended by itself; see {self._ground.folder}")
        [kind] = self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        self.killed[kind] += 1
        if kind == BROKER:
            self._ground.broker.kill()
            sleep(self._chance.uniform(0.0, 1.0))
            self._ground.broker.start()
            return
        process = self._chance.choice(self._processes[kind])
        process.kill()
        sleep(self._chance.uniform(0.0, 0.5))
        process.start()


def run(kills: int, seed: int) -> Iterator[str]:
    """Yield what was counted, in lines; AssertionError says what was lost, doubled or out of order."""
    with ground() as here, ExitStack() as stack:
        trial = Trial(here, Random(seed))
        senders = _senders(here)
        ending = Event()
        threads = [
            Sender(here.kafka, name, _lives(name, ending), AT_ONCE, lambda: sleep(PACE_SECONDS))
            for name in senders
        ]
        for process in trial.processes:
            stack.enter_context(process)
        for thread in threads:
            thread.start()
        for _ in range(kills):
            trial.kill_one()
        ending.set()
        acknowledged = ["registry-standard", *_all_sent(threads)]
        yield f"{kills} kills (seed {seed}): {_told(trial.killed)}"
        _drain(here, acknowledged)
        stack.pop_all().close()
        yield from _found(here, acknowledged, sum(thread.sent for thread in threads))


def _senders(here: Ground) -> Sequence[str]:
    names = [f"sender-{n}" for n in range(1, SENDERS + 1)]
    here.may_send("registry", *names)
    first = Sender(here.kafka, "registry", [iter([standard("registry")])], 1, lambda: None)
    first.run()
    with here.process("inbound-0", *WORDS["inbound"]):
        until(lambda: bool(findings.first_outcomes(here)), "the standard is not taken in")
    return names


def _lives(sender: str, ending: Event) -> Iterator[Iterator[Act]]:
    for number in count(1):
        if ending.is_set():
            return
        yield household(sender, number, REASSESSED)


def _all_sent(threads: Sequence[Sender]) -> list[str]:
    for thread in threads:
        thread.join(120)
        expect(not thread.is_alive(), f"{thread.name} cannot send what it has to")
        expect(thread.failed is None, f"{thread.name} failed: {thread.failed}")
    return [one for thread in threads for one in thread.acknowledged]


def _drain(here: Ground, ids: Sequence[str]) -> None:
    """Wait until everything that was acknowledged is taken in, published and projected."""
    taken_in = "select count(distinct message_id) from ledger.outcomes"
    dsn = here.ledger.dsn("ledger_service")
    until(lambda: here.ledger.ask(taken_in)[0][0] >= len(ids), "not everything is taken in")
    until(lambda: not any(backlog(dsn).values()), "not everything is published")
    until(lambda: here.cell.reached() == here.cell.head(), "not everything is projected")


def _found(here: Ground, ids: Sequence[str], sent: int) -> Iterator[str]:
    findings.all_accepted_once(here, ids)
    yield f"{len(ids):,} commands acknowledged ({sent:,} sends), each accepted once, no dead letter"
    yield f"{findings.incomes_in_order(here):,} households, each with its facts in order"
    outcomes = findings.outcomes_published(here, ids)
    yield f"{outcomes:,} outcomes published, one or more for each command"
    topic = findings.topic_is_the_ledger(here)
    yield (
        f"{topic.facts:,} facts on the topic as stored, in order; {topic.repeated:,} repeated; "
        f"{topic.watermarks:,} watermarks, all true"
    )
    yield f"{findings.projections_are_clean(here)} tables equal to a rebuild from the feed and from the topic"


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(counts.items()))
