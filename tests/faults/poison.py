"""Poison: messages that nobody can read, among good ones; each in the dead letters with its true reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

import orjson

from edge.cloud_events import Headers
from edge.kafka.producing import Outgoing, Producer
from edge.kafka.settings import COMMANDS, DEAD_LETTERS, SIGNALS
from ledger.relay.tails import backlog
from tests.faults.acts import Act, headers, household, standard
from tests.faults.findings import all_accepted_once, first_outcomes
from tests.faults.ground import CELL, Ground, expect, ground, until
from tests.topic import event, on_topic, relaying, taking_in

SENDER = "registry"
SECRET = b"Li Lei 14040319"
"""What no reason and no message about a dead letter may say again."""

[GOOD, *_] = household(SENDER, 1_000_000, 0)
Poison = tuple[bytes | None, Headers]


def _changed(**fields: Any) -> bytes:
    return orjson.dumps({**orjson.loads(GOOD.value), **fields})


def _enrol(id_: str, value: bytes | None, **attributes: str) -> Poison:
    return value, event(id_, "EnrolHousehold", **attributes)


def _without(name: str, id_: str) -> Poison:
    return GOOD.value, [one for one in event(id_, "EnrolHousehold") if one[0] != name]


def _with(name: str, value: bytes, id_: str) -> Poison:
    kept = [one for one in event(id_, "EnrolHousehold") if one[0] != name]
    return GOOD.value, [*kept, (name, value)]


STRUCTURED: Headers = [("content-type", b"application/cloudevents+json")]
KINDS: dict[str, tuple[str, Callable[[str], Poison]]] = {
    "cut off": ("bad-json", lambda i: _enrol(i, GOOD.value[:-9])),
    "no UTF-8": ("bad-json", lambda i: _enrol(i, b'{"command": "\xff' + SECRET + b'"}')),
    "no value": ("bad-json", lambda i: _enrol(i, None)),
    "empty": ("bad-json", lambda i: _enrol(i, b"")),
    "too deep": ("bad-json", lambda i: _enrol(i, b"[" * 5_000 + b"]" * 5_000)),
    "a key twice": ("bad-json", lambda i: _enrol(i, GOOD.value[:-1] + b',"command":"EnrolHousehold"}')),
    "NUL in a text": ("bad-json", lambda i: _enrol(i, _changed(idempotency_key="a\0b"))),
    "an endless number": ("wrong-schema", lambda i: _enrol(i, GOOD.value.replace(b"30000", b"1e400"))),
    "a list": ("wrong-schema", lambda i: _enrol(i, b"[1, 2, 3]")),
    "no data": ("wrong-schema", lambda i: _enrol(i, _changed(data={}))),
    "an unknown field": ("wrong-schema", lambda i: _enrol(i, _changed(name=SECRET.decode()))),
    "another command": ("wrong-schema", lambda i: _enrol(i, _changed(command="ExitHousehold"))),
    "another actor": ("wrong-schema", lambda i: _enrol(i, _changed(actor="somebody"))),
    "no such type": ("unknown-type", lambda i: (GOOD.value, event(i, "EnrolEverybody"))),
    "another version": ("unknown-type", lambda i: _with("ce_type", b"assistance.EnrolHousehold.v9", i)),
    "too large": ("too-large", lambda i: _enrol(i, SECRET * 5_000)),
    "no headers": ("not-a-cloud-event", lambda i: (GOOD.value, [])),
    "no id": ("not-a-cloud-event", lambda i: _without("ce_id", i)),
    "no source": ("not-a-cloud-event", lambda i: _without("ce_source", i)),
    "no content type": ("not-a-cloud-event", lambda i: _without("content-type", i)),
    "a long id": ("not-a-cloud-event", lambda i: _enrol(i + "x" * 121, GOOD.value)),
    "NUL in the id": ("not-a-cloud-event", lambda i: _enrol(i + "\0", GOOD.value)),
    "NUL in the source": ("not-a-cloud-event", lambda i: _with("ce_source", b"regi\0stry", i)),
    "a header that is no UTF-8": ("not-a-cloud-event", lambda i: _with("ce_subject", b"\xff\xfe", i)),
    "structured, no UTF-8": ("not-a-cloud-event", lambda i: (
        b'{"specversion": "1.0", "id": "\xed\xa0\x80"}', STRUCTURED)),
    "structured, NUL in the id": ("not-a-cloud-event", lambda i: (
        b'{"specversion": "1.0", "id": "a\\u0000", "source": "registry", "type": "x", "data": {}}',
        STRUCTURED)),
    "an id twice": ("not-a-cloud-event", lambda i: (
        GOOD.value, [*event(i, "EnrolHousehold"), ("ce_id", b"another")])),
    "another specversion": ("not-a-cloud-event", lambda i: _with("ce_specversion", b"0.3", i)),
}  # fmt: skip


def run(poisoned: int, households: int, seed: int) -> Iterator[str]:
    """Yield what was counted, in lines; AssertionError says what was stuck, lost or told untruly."""
    with ground() as here:
        here.may_send(SENDER)
        chance = Random(seed)
        poison, truth = _poison(poisoned, chance)
        good = [standard(SENDER)]
        lives = [list(household(SENDER, n, 1)) for n in range(households)]
        with Producer(here.kafka) as producer, taking_in(here.ledger, here.kafka):
            producer.send([_good(good[0])]).wait()
            until(lambda: len(first_outcomes(here)) == 1, "the standard is not taken in")
            for some in _among(poison, lives, chance):
                producer.send(some).wait()
            good += [act for life in lives for act in life]
            until(lambda: _counted(here) == (len(good), poisoned), "the partitions are stuck")
        all_accepted_once(here, [act.id for act in good], letters=poisoned)
        yield f"{poisoned:,} poison messages among {len(good):,} good ones: all of these accepted, none stuck"
        yield from _told_truly(here, truth)


def _poison(number: int, chance: Random) -> tuple[list[Outgoing], dict[bytes, str]]:
    """Return messages of every kind and, by their keys, the reason that is true of each."""
    kinds = [*KINDS.values()]
    found, truth = [], {}
    for n in range(number):
        reason, make = kinds[n % len(kinds)]
        value, heads = make(f"poison-{n}")
        key = b"poison-%d" % n
        topic = SIGNALS if reason in _OF_BOTH and chance.random() < 0.2 else COMMANDS
        found.append(Outgoing(topic, key, value, heads, None))
        truth[key] = reason
    chance.shuffle(found)
    return found, truth


_OF_BOTH = ("not-a-cloud-event", "too-large")
"""Reasons that do not depend on which topic a message is on."""


def _among(
    poison: Sequence[Outgoing], lives: Sequence[Sequence[Act]], chance: Random
) -> Iterator[list[Outgoing]]:
    """Yield chunks of poison and good messages, each household's in order."""
    size = len(poison) // len(lives) + 1
    for n, life in enumerate(lives):
        some = list(poison[n * size : (n + 1) * size])
        for act in life:
            some.insert(chance.randint(0, len(some)), _good(act))
        keys = [one for one in some if one.key == life[0].key]
        yield _ordered(some, keys, life)


def _ordered(some: list[Outgoing], mine: Sequence[Outgoing], life: Sequence[Act]) -> list[Outgoing]:
    """Put the messages of a life, where they were dealt, into their order."""
    in_order = iter([_good(act) for act in life])
    return [next(in_order) if one in mine else one for one in some]


def _good(act: Act) -> Outgoing:
    return Outgoing(COMMANDS, act.key, act.value, headers(act, SENDER))


def _counted(here: Ground) -> tuple[int, int]:
    [row] = here.ledger.ask(
        "select (select count(*) from ledger.outcomes), (select count(*) from ledger.dead_letters)"
    )
    return row[0], row[1]


def _told_truly(here: Ground, truth: dict[bytes, str]) -> Iterator[str]:
    """Each is in the table with its reason, and on the topic without what it holds."""
    rows = here.ledger.ask("select key, reason, detail from ledger.dead_letters")
    found = {bytes(key): reason for key, reason, _ in rows}
    untrue = {key: reason for key, reason in found.items() if truth[key] != reason}
    expect(not untrue, f"{len(untrue)} have another reason: {dict([*untrue.items()][:3])}")
    expect(found.keys() == truth.keys(), "not every one is in the dead letters")
    with relaying(here.ledger, here.kafka, source=CELL):
        until(lambda: not any(backlog(here.ledger.dsn("ledger_service")).values()), "no relay")
    published = on_topic(here.kafka, DEAD_LETTERS)
    expect(len(published) == len(truth), f"{len(published)} are on the topic")
    said = b"".join(one.value or b"" for one in published) + repr(rows).encode()
    expect(SECRET not in said, "what a message holds was said again")
    reasons = Counter(orjson.loads(one.value or b"")["reason"] for one in published)
    yield f"dead letters by reason: {', '.join(f'{name} {n:,}' for name, n in sorted(reasons.items()))}"
    yield f"{len(published):,} on the topic of dead letters, nothing of what they hold"
