"""Commands are read strictly: what cannot be meant is refused, and nothing submitted is echoed."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ledger.commands import MAX_BODY, Command, read_line
from ledger.errors import LedgerError, Malformed, TooLarge, Unreadable
from ledger.ids import area_stream
from ledger.standards.facts import StandardAdopted
from tests.rules.given import ANN, HOME, TOWN, enrolment, named

STANDARD: dict[str, Any] = {
    "decided_on": "2023-01-01", "effective": "2023-01", "area": TOWN, "programme": "dibao",
    "period": "month", "mode": "tiered", "amount_fen": 70_000, "adopted_by": "the government",
    "tiers": {"A": 70_000},
}  # fmt: skip
PRIVATE = "Zhang-San-140402199001011234"


def line(command: str = "AdoptStandard", data: Any = STANDARD, **envelope: Any) -> str:
    """A command line."""
    given = {"command": command, "idempotency_key": "key-1", "actor": "decider", "data": data}
    return json.dumps({**given, **envelope}, default=str)


def standard(**changed: Any) -> str:
    return line(data=STANDARD | changed)


def refused(kind: type[LedgerError], body: str | bytes, actor: str | None = None) -> LedgerError:
    """Expect a body to be refused; return the error."""
    with pytest.raises(LedgerError) as caught:
        read_line(body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body, actor)
    assert type(caught.value) is kind
    return caught.value


def pointer(body: str) -> str:
    """Where a body has the wrong shape."""
    error = refused(Malformed, body)
    [problem] = error.extra["errors"]
    assert problem["detail"]
    return str(problem["pointer"])


def test_reads_a_command_with_its_key_actor_and_subject() -> None:
    body = line("EnrolHousehold", enrolment([ANN]), subject=HOME, expected_version=3)
    command = read_line(body.encode())
    assert isinstance(command, Command)
    assert (command.name, command.key, command.actor) == ("EnrolHousehold", "key-1", "decider")
    assert (command.subject, command.expected_version) == (HOME, 3)


def test_the_subject_of_an_areas_command_follows_from_its_area() -> None:
    command = read_line(standard().encode())
    assert isinstance(command.fact, StandardAdopted)
    assert command.subject == area_stream(TOWN)
    elsewhere = read_line(line(subject=named("x")).encode())
    assert elsewhere.subject == area_stream(TOWN)


def test_the_same_data_in_another_order_are_the_same_payload() -> None:
    one = read_line(standard().encode()).payload
    turned = dict(reversed(STANDARD.items()))
    assert read_line(line(data=turned).encode()).payload == one
    assert read_line(standard(amount_fen=1).encode()).payload != one


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "nonsense",
        '{"command": }',
        line() + line(),
        line()[:-1],
        standard().replace("70000", "NaN"),
        standard().replace("70000", "+7"),
        standard().replace("70000", "1" + "0" * 5_000),
    ],
)
def test_refuses_what_is_no_json(body: str) -> None:
    refused(Unreadable, body)


def test_refuses_a_body_of_seventy_kilobytes() -> None:
    body = standard(adopted_by="x" * 70_000)
    error = refused(TooLarge, body)
    assert str(MAX_BODY) in error.detail
    assert error.status == 413


@pytest.mark.parametrize("depth", [17, 100, 5_000])
def test_refuses_deep_nesting(depth: int) -> None:
    nested = standard().replace("70000", "[" * depth + "]" * depth)
    refused(Unreadable, nested)
    objects = standard().replace("70000", '{"a":' * depth + "1" + "}" * depth)
    refused(Unreadable, objects)


def test_brackets_in_a_text_are_no_nesting() -> None:
    read_line(standard(adopted_by="[{" * 100 + '\\"[').encode())


def test_refuses_a_string_without_an_end_as_fast_as_anything() -> None:
    started = time.monotonic()
    refused(Unreadable, b"[" * 17 + b'"' + b'\\"' * 32_000)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "body",
    [
        line()[:-1] + ', "command": "EndStandard"}',
        standard().replace('"area"', '"programme": "tekun", "area"'),
        standard().replace('"A": 70000', '"A": 1, "A": 70000'),
        standard().replace('"A": 70000', '"A": 1, "\\u0041": 70000'),
    ],
)
def test_refuses_a_key_named_twice_in_one_object(body: str) -> None:
    assert "twice" in refused(Unreadable, body).detail


def test_refuses_nul_raw_and_escaped() -> None:
    for nul in ("\0", "\\u0000"):
        refused(Unreadable, standard().replace("the government", f"the{nul}government"))


@pytest.mark.parametrize("lone", ["\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud800x"])
def test_refuses_lone_surrogates(lone: str) -> None:
    refused(Unreadable, standard().replace("the government", lone))
    refused(Unreadable, line().replace("key-1", lone))
    refused(Unreadable, line().replace("decider", lone))
    refused(Unreadable, standard().replace('"adopted_by"', f'"{lone}"'))


@pytest.mark.parametrize("raw", [b"\xed\xa0\x80", b"\xff", b"\xc0\xaf", b"\xe4\xb8"])
def test_refuses_what_is_no_utf8(raw: bytes) -> None:
    refused(Unreadable, standard().encode().replace(b"the government", raw))


def test_takes_any_character_that_postgresql_takes() -> None:
    command = read_line(standard().replace("the government", "\\ud83d\\ude00 市民政局").encode())
    assert isinstance(command.fact, StandardAdopted)
    assert command.fact.adopted_by == "\N{GRINNING FACE} 市民政局"


def test_refuses_another_encoding() -> None:
    refused(Unreadable, standard().encode("utf-16"))
    refused(Unreadable, b"\xef\xbb\xbf" + standard().encode())


@pytest.mark.parametrize(
    "amount",
    ["70000.0", "7e4", "1e999", "-1", "-0.5", str(2**64), str(2**63), str(10**13 + 1),
     '"70000"', "true", "null", "[1]"],
)  # fmt: skip
def test_money_is_a_whole_number_of_fen_within_reason(amount: str) -> None:
    body = standard().replace('"amount_fen": 70000', f'"amount_fen": {amount}')
    assert pointer(body) == "/data/amount_fen"


def test_money_may_be_nothing_and_a_hundred_billion_yuan() -> None:
    for amount in (0, 10**13):
        read_line(standard(amount_fen=amount).encode())


@pytest.mark.parametrize(
    "month",
    [
        "2023-13",
        "2023-00",
        "2023-1",
        "2023-01\n",
        "2023-01-01",
        "202301",
        "1899-12",
        "2100-01",
        202301,
    ],
)
def test_a_month_is_one(month: Any) -> None:
    assert pointer(standard(effective=month)) == "/data/effective"


@pytest.mark.parametrize(
    "day",
    [
        "2023-02-30",
        "2023-13-01",
        "2023-1-1",
        "01.02.2023",
        "2023-01-01T00:00:00Z",
        "2023-01-01\n",
        1,
    ],
)
def test_a_day_is_one_of_the_calendar(day: Any) -> None:
    assert pointer(standard(decided_on=day)) == "/data/decided_on"


@pytest.mark.parametrize("area", ["1", "140", "14040", "1404030", "14\n", "１４", "abc", "", 14])
def test_an_area_is_a_code_of_the_right_length(area: Any) -> None:
    assert pointer(standard(area=area)) == "/data/area"


@pytest.mark.parametrize("id_", ["", "Ann", "018f", 7, None, f"{ANN}:1"])
def test_a_person_is_named_by_an_id(id_: Any) -> None:
    data = enrolment([ANN])
    data["members"][0]["person"] = id_
    assert pointer(line("EnrolHousehold", data)) == "/data/members/0/person"


@pytest.mark.parametrize(
    "named_fact",
    ["1", f"{HOME}", f"{HOME}:0", f"{HOME}:-1", f"{HOME}:1\n", f"{HOME}:1234567890", "x:1"],
)
def test_a_facts_id_is_a_stream_and_a_version(named_fact: str) -> None:
    data = {"decided_on": "2026-08-10", "exit": named_fact, "reason": "appeal"}
    assert pointer(line("RevokeExit", data)) == "/data/exit"


@pytest.mark.parametrize(
    ("where", "body"),
    [
        ("/data", standard(unknown=1)),
        ("/data/members/1", line("EnrolHousehold", enrolment(
            [], members=[{"person": ANN, "role": "head"},
                         {"person": ANN, "role": "child", "age": 7}]))),
        ("", line(extra=1)),
    ],
)  # fmt: skip
def test_refuses_unknown_fields(where: str, body: str) -> None:
    assert pointer(body) == where


def test_refuses_an_unknown_command() -> None:
    for unknown in ("Enrol", "HouseholdEnrolled", "TakeCover", "", "A" * 9_000):
        assert pointer(line(unknown)) == "/command"


@pytest.mark.parametrize(
    ("name", "value"),
    [("actor", "me"), ("command_id", "k"), ("spell", 1), ("rank", 1), ("rank", 0)],
)
def test_refuses_fields_that_the_ledger_alone_sets(name: str, value: Any) -> None:
    assert pointer(standard(**{name: value})) == f"/data/{name}"


@pytest.mark.parametrize("missing", ["decided_on", "effective", "area", "amount_fen", "adopted_by"])
def test_what_a_fact_needs_is_there(missing: str) -> None:
    data = {name: value for name, value in STANDARD.items() if name != missing}
    assert pointer(line(data=data)) == "/data"


@pytest.mark.parametrize("missing", ["command", "idempotency_key", "data"])
def test_what_an_envelope_needs_is_there(missing: str) -> None:
    envelope = json.loads(line())
    del envelope[missing]
    assert pointer(json.dumps(envelope)) == ""


def test_the_actor_comes_from_the_line_or_from_around_it() -> None:
    envelope = json.loads(line())
    del envelope["actor"]
    body = json.dumps(envelope)
    assert pointer(body) == "/actor"
    assert read_line(body.encode(), "header").actor == "header"
    assert read_line(line().encode(), "header").actor == "decider"


@pytest.mark.parametrize(
    ("where", "body"),
    [
        ("", "[]"),
        ("", "7"),
        ("", "null"),
        ("/data", line(data="text")),
        ("/data", line(data=None)),
        ("/data", line(data=[])),
        ("/subject", line(subject="me")),
        ("/expected_version", line(expected_version=-1)),
        ("/expected_version", line(expected_version=1.5)),
        ("/idempotency_key", line(idempotency_key="")),
        ("/idempotency_key", line(idempotency_key="k" * 201)),
        ("/actor", line(actor="")),
        ("/data/tiers", standard(tiers={"A": -1})),
        ("/data/tiers", standard(tiers={"AAA": 1})),
        ("/data/tiers", standard(tiers={"a": 1})),
        ("/data/by_care_form", standard(by_care_form={"home": 1})),
        ("/data/programme", standard(programme="dibao.suburban")),
        ("/data/members", line("EnrolHousehold", enrolment([], members=[]))),
        ("/data/members", line("EnrolHousehold", enrolment([ANN] * 51))),
        ("/data/members/1/role",
         line("EnrolHousehold", enrolment([], members=[{"person": ANN, "role": "head"},
                                                       {"person": ANN, "role": "king"}]))),
        ("/data/members/0/supplements/1",
         line("EnrolHousehold", enrolment(
             [], members=[{"person": ANN, "role": "head", "supplements": ["minor", "tall"]}]))),
    ],
)  # fmt: skip
def test_a_pointer_says_where_the_shape_is_wrong(where: str, body: str) -> None:
    assert pointer(body) == where


@pytest.mark.parametrize(
    "body",
    [
        standard(programme=PRIVATE),
        standard(effective=PRIVATE),
        standard(decided_on=PRIVATE),
        standard(area=PRIVATE),
        standard(amount_fen=PRIVATE),
        standard(tiers={PRIVATE: 1}),
        standard(actor=PRIVATE),
        standard(corrects=PRIVATE),
        standard(by_care_form={PRIVATE: 1}),
        line(subject=PRIVATE),
        line(data=PRIVATE),
        line("EnrolHousehold", enrolment([], members=[{"person": PRIVATE, "role": PRIVATE}])),
        line("EnrolHousehold", enrolment([], members=[{"person": ANN, "role": PRIVATE}])),
        line("RegisterPerson", {"decided_on": "2026-08-10", "identity_digest": PRIVATE}),
        standard(adopted_by=PRIVATE)[:-3],
        standard(adopted_by=PRIVATE).replace(PRIVATE, PRIVATE + "\\ud800"),
    ],
)
def test_no_submitted_value_is_echoed(body: str) -> None:
    with pytest.raises(LedgerError) as caught:
        read_line(body.encode())
    assert PRIVATE not in f"{caught.value} {caught.value.detail} {caught.value.extra}"
