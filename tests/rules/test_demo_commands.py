"""The demo's commands can be imported: shapes, order, ids, and what procedure asks for."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from functools import lru_cache
from random import Random
from typing import Any

import msgspec
import pytest

import ledger.catalogue
from assistance.demo import AREAS_CSV, LIVES, commands, life
from assistance.demo.rolls import Draft, settle_person_times
from assistance.demo.solve import apportion, coins_for, sizes
from assistance.demo.telling import Life, act, tell
from ledger.areas import read_areas
from ledger.fact import BY_COMMAND, RECORDED

assert ledger.catalogue.MODULES


@lru_cache(maxsize=1)
def envelopes() -> list[dict[str, Any]]:
    """Generate the commands once."""
    return list(commands())


def by_stream() -> dict[str, list[dict[str, Any]]]:
    """Return each stream's commands, in order; those on areas are left out."""
    found = defaultdict(list)
    for envelope in envelopes():
        if "subject" in envelope:
            found[envelope["subject"]].append(envelope)
    return found


def test_every_command_decodes_into_its_fact() -> None:
    for envelope in envelopes():
        fact = BY_COMMAND[envelope["command"]].cls
        line = msgspec.json.encode(envelope["data"])
        assert isinstance(msgspec.json.decode(line, type=fact), fact)


def test_no_command_sets_what_the_ledger_alone_sets() -> None:
    for envelope in envelopes():
        assert not set(RECORDED) & set(envelope["data"])


def test_an_envelope_has_the_parts_of_a_command_line_and_no_others() -> None:
    parts = {"command", "idempotency_key", "actor", "data"}
    for envelope in envelopes():
        assert set(envelope) - {"subject"} == parts
        assert ("subject" in envelope) == (
            envelope["command"] not in ("AdoptStandard", "AdoptPolicy")
        )


def test_generation_is_deterministic_byte_for_byte() -> None:
    assert json.dumps(list(commands())) == json.dumps(envelopes())


def test_generation_takes_less_than_two_seconds() -> None:
    started = time.perf_counter()
    assert sum(1 for _ in commands()) > 15_000
    assert time.perf_counter() - started < 2


def test_idempotency_keys_differ() -> None:
    keys = Counter(envelope["idempotency_key"] for envelope in envelopes())
    assert keys.most_common(1)[0][1] == 1


def test_a_streams_commands_come_in_the_order_in_which_they_were_decided() -> None:
    for stream, told in by_stream().items():
        days = [envelope["data"]["decided_on"] for envelope in told]
        assert days == sorted(days)
        # The key ends in the version of the fact that the command becomes.
        keys = [envelope["idempotency_key"] for envelope in told]
        assert keys == [f"demo-{stream}-{n}" for n in range(1, len(told) + 1)]


def test_every_fact_named_was_recorded_before_it_is_named() -> None:
    kinds = {
        "verification": "VerifyMeans",
        "defers": "ReassessIncome",
        "enrolment": "EnrolHousehold",
    }
    written: dict[str, str] = {}
    versions: Counter[str] = Counter()
    for envelope in envelopes():
        for field in ("verification", "decision", "defers", "enrolment"):
            named = envelope["data"].get(field)
            if named:
                assert written[named] == kinds.get(field, written[named])
        stream = envelope.get("subject", "")
        versions[stream] += 1
        written[f"{stream}:{versions[stream]}"] = envelope["command"]


def test_every_area_below_a_county_is_in_the_file_of_areas() -> None:
    with AREAS_CSV.open(encoding="utf-8", newline="") as lines:
        areas = {area.code: area for area in read_areas(lines)}
    assert all("(assumed)" in area.name for area in areas.values())
    used = {envelope["data"].get("area", "") for envelope in envelopes()}
    assert {code for code in used if len(code) > 6} <= set(areas)


def test_what_was_not_published_is_labelled_assumed_in_the_standard_itself() -> None:
    adopted = [e["data"] for e in envelopes() if e["command"] == "AdoptStandard"]
    luzhou = [data for data in adopted if data["area"] == "140403"]
    assert luzhou
    assert all("assumed" in data["adopted_by"] for data in luzhou)
    assert all("assumed" in str(data) for data in adopted)


def test_migrated_enrolments_come_before_2023_and_others_have_a_verification() -> None:
    for envelope in envelopes():
        if envelope["command"] == "EnrolHousehold":
            data = envelope["data"]
            assert data.get("migrated") or data["verification"]
            assert not data.get("migrated") or data["effective"] < "2023-01"


def reductions(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a stream's exits and lost members, but for deaths, own wishes and migrated ones."""
    return [
        envelope["data"]
        for envelope in told
        if envelope["command"] in ("ExitHousehold", "RemoveMember")
        and envelope["data"]["reason"] not in ("death", "voluntary")
        and not envelope["data"].get("migrated")
    ]


def test_every_reduction_is_heard_on_or_before_the_day_of_its_decision() -> None:
    seen = 0
    for told in by_stream().values():
        heard = [e["data"]["decided_on"] for e in told if e["command"] == "HearOpinion"]
        for data in reductions(told):
            seen += 1
            assert any(day <= data["decided_on"] for day in heard)
    assert seen > 300


def test_some_notices_are_missing_so_that_the_audit_finds_something() -> None:
    streams = [told for told in by_stream().values() if reductions(told)]
    unserved = [t for t in streams if not any(e["command"] == "ServeNotice" for e in t)]
    assert 5 < len(unserved) < len(streams) // 10


def test_a_person_belongs_to_one_household() -> None:
    homes: dict[str, set[str]] = defaultdict(set)
    for envelope in envelopes():
        if envelope["command"] == "EnrolHousehold":
            for member in envelope["data"]["members"]:
                homes[member["person"]].add(envelope["subject"])
    assert all(len(streams) == 1 for streams in homes.values())


def test_households_have_one_head_and_one_to_six_members() -> None:
    for envelope in envelopes():
        if envelope["command"] == "EnrolHousehold":
            roles = [member["role"] for member in envelope["data"]["members"]]
            assert 1 <= len(roles) <= 6
            assert roles.count("head") == 1


def test_counted_income_is_what_items_less_deductions_give() -> None:
    for envelope in envelopes():
        data = envelope["data"]
        if data.get("items"):
            items = sum(item["fen"] for item in data["items"])
            less = sum(item["fen"] for item in data.get("deductions", []))
            assert data["income_fen"] == max(0, items - less)


def test_six_lives_are_told_and_found_by_name() -> None:
    assert [told.household for told in LIVES] == [life(told.name) for told in LIVES]
    assert len({told.household for told in LIVES}) == 6
    assert all("ssumed" in told.told for told in LIVES)


def test_an_unknown_life_is_not_found() -> None:
    with pytest.raises(KeyError):
        life("nobody")


def test_a_step_cannot_name_a_fact_that_is_not_told_before_it() -> None:
    step = act("2023-01-01", "household", "PublishDecision", decision="@fact:enrolled")
    with pytest.raises(KeyError):
        list(tell(Life("x", "x", "x", "2023-01", "x", (step,))))


def test_sizes_sum_to_the_persons_and_refuse_what_does_not_fit() -> None:
    found = sizes(Random(1), 10, 25)
    assert (len(found), sum(found)) == (10, 25)
    with pytest.raises(ValueError, match="do not fit"):
        sizes(Random(1), 10, 61)


def test_shares_sum_to_the_whole() -> None:
    assert sum(apportion(1000, [1.0, 2.5, 0.3, 7.7])) == 1000


def test_coins_sum_to_the_amount_or_say_that_none_do() -> None:
    assert sorted(coins_for(14, [9, 5])) == [5, 9]
    with pytest.raises(ValueError, match="no sum"):
        coins_for(7, [4, 6])


def test_person_times_out_of_reach_are_an_error() -> None:
    draft = Draft("x", "dibao.urban", "migrated", first=1, last=4, size=1, size_after=1)
    settle_person_times([draft], 8)
    assert draft.last == 8
    with pytest.raises(ValueError, match="left over"):
        settle_person_times([draft], 10)
