"""What is sent wrong gets its own problem, changes nothing, and is never repeated back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.http.running import (
    NDJSON,
    Running,
    enrolment,
    problem_of,
    reassessment,
    standard,
)

SECRET = "Zhang-San-140402199001011234"


@dataclass(frozen=True)
class Ground:
    """A household on record, at version 1."""

    running: Running
    household: UUID

    def reassess(self, body: Any = None, **how: Any) -> httpx.Response:
        """Reassess the household's income, at its version."""
        path = f"/v1/households/{self.household}/reassess-income"
        return self.running.post(path, body, **{"version": 1, **how})


@pytest.fixture(scope="module")
def household(running: Running) -> UUID:
    """A household on the roll, at version 1."""
    household = uuid4()
    assert running.enrol(household).status_code == 201
    return household


@pytest.fixture
def ground(running: Running, household: UUID) -> Iterator[Ground]:
    """The household; whatever the test sends, it changes nothing."""
    path = f"/v1/households/{household}"
    before = running.database.counts(), running.client.get(path).content
    yield Ground(running, household)
    assert (running.database.counts(), running.client.get(path).content) == before


def as_json(**changed: Any) -> bytes:
    return json.dumps(reassessment(**changed)).encode()


UNREADABLE = {
    "nothing": b"",
    "half an object": b'{"income_fen": 1',
    "two objects": b"{}{}",
    "single quotes": b"{'income_fen': 1}",
    "depth": b'{"a":' * 17 + b"1" + b"}" * 17,
    "more depth than a parser takes": b"[" * 60_000,
    "depth beside a text that never ends": b"[" * 17 + b'"' + b'\\"' * 30_000,
    "a key twice": as_json().replace(b"{", b'{"income_fen": 1, ', 1),
    "a key twice, once escaped": as_json().replace(b"{", b'{"\\u0069ncome_fen": 1, ', 1),
    "NUL": b'{"legal_basis": "\0"}',
    "escaped NUL": b'{"legal_basis": "\\u0000"}',
    "NaN": as_json().replace(b"20000", b"NaN"),
    "Infinity": as_json().replace(b"20000", b"-Infinity"),
    "a number of 5,000 digits": as_json().replace(b"20000", b"9" * 5_000),
    "half of a surrogate pair": as_json(reason="REASON").replace(b"REASON", b"\\ud800"),
    "bytes that are no UTF-8": as_json(reason="REASON").replace(b"REASON", b"\xff\xfe"),
    "UTF-16": json.dumps(reassessment()).encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + as_json(),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_cannot_be_read_is_a_400(ground: Ground, body: bytes) -> None:
    problem_of(ground.reassess(content=body), 400, "unreadable")


WRONG_SHAPES = {
    "float": ("/income_fen", as_json(income_fen=200.5)),
    "float without a fraction": ("/income_fen", as_json(income_fen=200.0)),
    "1e999": ("/income_fen", as_json().replace(b"20000", b"1e999")),
    "exponent": ("/income_fen", as_json().replace(b"20000", b"1e3")),
    "2**64": ("/income_fen", as_json(income_fen=2**64)),
    "negative": ("/income_fen", as_json(income_fen=-1)),
    "text for money": ("/income_fen", as_json(income_fen=SECRET)),
    "true for money": ("/income_fen", as_json(income_fen=True)),
    "null for money": ("/income_fen", as_json(income_fen=None)),
    "unknown field": ("", as_json(surname=SECRET)),
    "missing field": ("", b'{"decided_on": "2023-02-10", "effective": "2023-03"}'),
    "impossible day": ("/decided_on", as_json(decided_on="2023-02-30")),
    "day that is none": ("/decided_on", as_json(decided_on=SECRET)),
    "impossible month": ("/effective", as_json(effective="2023-13")),
    "month that is none": ("/effective", as_json(effective=SECRET)),
    "no object": ("", json.dumps([SECRET]).encode()),
    "null": ("", b"null"),
    "what the ledger sets": ("/actor", as_json(actor=SECRET)),
    "a spell": ("/spell", as_json(spell=2)),
    "a correction of what is no fact": ("/corrects", as_json(corrects=SECRET)),
}


@pytest.mark.parametrize(("pointer", "body"), WRONG_SHAPES.values(), ids=WRONG_SHAPES)
def test_a_wrong_shape_is_a_422_with_a_pointer(ground: Ground, pointer: str, body: bytes) -> None:
    answer = ground.reassess(content=body)
    problem = problem_of(answer, 422, "wrong-shape")
    [error] = problem["errors"]
    assert error["pointer"] == pointer
    assert error["detail"]
    assert SECRET not in answer.text


def test_an_unknown_field_is_not_named_unless_it_looks_like_one(ground: Ground) -> None:
    answer = ground.reassess(reassessment(**{SECRET: 1}))
    problem_of(answer, 422, "wrong-shape")
    assert SECRET not in answer.text


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_huge_body_is_a_413(ground: Ground, declared: bool) -> None:
    huge = b'{"legal_basis": "' + b"x" * 65_536 + b'"}'
    parts = iter([huge[:30_000], huge[30_000:]])
    answer = ground.reassess(content=huge if declared else parts)
    problem_of(answer, 413, "too-large")


def test_a_body_as_large_as_is_taken_is_read(ground: Ground) -> None:
    body = as_json()
    problem = problem_of(
        ground.reassess(content=body + b" " * (65_536 - len(body)), version=7), 412, "stale-version"
    )
    assert problem["version"] == 1


def test_an_endless_body_is_refused_before_it_has_come(ground: Ground) -> None:
    answer = ground.reassess(content=(b" " * 65_536 for _ in range(200)))
    problem_of(answer, 413, "too-large")


BAD_HEADERS: dict[str, tuple[str, dict[str, str | None]]] = {
    "no actor": ("X-Actor", {"X-Actor": None}),
    "empty actor": ("X-Actor", {"X-Actor": ""}),
    "long actor": ("X-Actor", {"X-Actor": "a" * 121}),
    "no key": ("Idempotency-Key", {"Idempotency-Key": None}),
    "unquoted key": ("Idempotency-Key", {"Idempotency-Key": "k-1"}),
    "empty key": ("Idempotency-Key", {"Idempotency-Key": '""'}),
    "long key": ("Idempotency-Key", {"Idempotency-Key": f'"{"k" * 201}"'}),
    "quote in a key": ("Idempotency-Key", {"Idempotency-Key": '"a"b"'}),
    "unquoted version": ("If-Match", {"If-Match": "1"}),
    "weak version": ("If-Match", {"If-Match": 'W/"1"'}),
    "any version": ("If-Match", {"If-Match": "*"}),
    "two versions": ("If-Match", {"If-Match": '"1", "2"'}),
    "huge version": ("If-Match", {"If-Match": f'"{"9" * 30}"'}),
}


@pytest.mark.parametrize(("header", "headers"), BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_a_missing_or_malformed_header_is_a_400(
    ground: Ground, header: str, headers: dict[str, str | None]
) -> None:
    answer = ground.reassess(reassessment(), headers=headers)
    assert problem_of(answer, 400, "bad-header")["header"] == header


def test_an_actor_beyond_ascii_is_a_400(ground: Ground) -> None:
    headers = [
        (b"X-Actor", "张三".encode()), (b"Idempotency-Key", b'"k"'), (b"If-Match", b'"1"'),
        (b"Content-Type", b"application/json"),
    ]  # fmt: skip
    path = f"/v1/households/{ground.household}/reassess-income"
    answer = ground.running.client.post(path, headers=headers, json=reassessment())
    assert problem_of(answer, 400, "bad-header")["header"] == "X-Actor"


def test_two_actors_are_a_400(ground: Ground) -> None:
    headers = [
        ("X-Actor", "one"), ("X-Actor", "two"), ("Idempotency-Key", '"k"'), ("If-Match", '"1"'),
        ("Content-Type", "application/json"),
    ]  # fmt: skip
    path = f"/v1/households/{ground.household}/reassess-income"
    answer = ground.running.client.post(path, headers=headers, json=reassessment())
    assert problem_of(answer, 400, "bad-header")["header"] == "X-Actor"


def test_a_change_without_a_version_is_a_428_that_names_it(ground: Ground) -> None:
    answer = ground.reassess(reassessment(), version=None)
    assert problem_of(answer, 428, "version-missing")["version"] == 1


def test_a_stale_version_is_a_412(ground: Ground) -> None:
    assert problem_of(ground.reassess(reassessment(), version=0), 412, "stale-version")


@pytest.mark.parametrize("given", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_is_a_415(ground: Ground, given: str | None) -> None:
    answer = ground.reassess(content=as_json(), headers={"Content-Type": given})
    problem_of(answer, 415, "wrong-media-type")


def test_a_body_may_say_its_charset(ground: Ground) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    answer = ground.reassess(content=as_json(), headers=headers, version=0)
    problem_of(answer, 412, "stale-version")


@pytest.mark.parametrize("query", ["dry_run=yes", "dryrun=true", "dry_run=true&x=1", SECRET])
def test_a_misspelled_dry_run_is_a_422_and_no_command(ground: Ground, query: str) -> None:
    path = f"/v1/households/{ground.household}/reassess-income?{query}"
    answer = ground.running.post(path, reassessment(), version=1)
    assert problem_of(answer, 422, "wrong-shape")["errors"][0]["in"] == "query"
    assert SECRET not in answer.text


def test_an_unknown_household_is_a_404_that_says_how_one_begins(ground: Ground) -> None:
    path = f"/v1/households/{uuid4()}/reassess-income"
    problem = problem_of(ground.running.post(path, reassessment()), 404, "not-found")
    assert "ReceiveApplication" in problem["detail"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/persons/{}/correct-person", {"identity_digest": "0" * 64}),
        ("/v1/grants/{}/complete-paperwork", {}),
    ],
)
def test_an_unknown_person_or_grant_is_a_404(ground: Ground, path: str, body: Any) -> None:
    answer = ground.running.post(path.format(uuid4()), {"decided_on": "2023-02-10", **body})
    problem_of(answer, 404, "not-found")


@pytest.mark.parametrize("named", ["x", "1", "00000000000000000000000000000000", "%00"])
def test_an_id_that_is_none_is_a_422(ground: Ground, named: str) -> None:
    path = f"/v1/households/{named}/reassess-income"
    answer = ground.running.post(path, reassessment(), version=1)
    assert problem_of(answer, 422, "wrong-shape")["errors"][0]["parameter"] == "subject"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/households/{}/enrol", "/v1/households/{}/EnrolHousehold", "/v1/households/{}/a/b",
        "/v1/persons/{}/enrol-household", "/v2/households/{}/enrol-household", "/nowhere",
        "/v1/households/{}/reassess-income/", "//v1/households/{}/reassess-income",
    ],
)  # fmt: skip
def test_an_unknown_command_or_path_is_a_404(ground: Ground, path: str) -> None:
    answer = ground.running.post(path.format(ground.household), reassessment(), version=1)
    problem_of(answer, 404, "no-such-path")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_wrong_method_is_a_405_that_names_the_right_one(ground: Ground, method: str) -> None:
    path = f"/v1/households/{ground.household}/reassess-income"
    answer = ground.running.client.request(method, path)
    problem_of(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "POST"


def test_a_wrong_method_on_a_question_is_a_405(ground: Ground) -> None:
    answer = ground.running.client.delete(f"/v1/households/{ground.household}")
    problem_of(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET"


def test_an_unknown_area_is_refused_with_a_way_out(ground: Ground) -> None:
    answer = ground.running.enrol(uuid4(), area="990000")
    problem = problem_of(answer, 409, "known-area")
    assert problem["rule"] == "known_area"
    assert problem["way_out"]


def test_an_area_that_is_no_code_is_a_422(ground: Ground) -> None:
    answer = ground.running.enrol(uuid4(), area=SECRET)
    assert problem_of(answer, 422, "wrong-shape")["errors"][0]["pointer"] == "/area"
    assert SECRET not in answer.text


def test_an_unknown_programme_is_a_422(ground: Ground) -> None:
    answer = ground.running.enrol(uuid4(), programme=SECRET)
    assert problem_of(answer, 422, "wrong-shape")["errors"][0]["pointer"] == "/programme"
    assert SECRET not in answer.text


def test_a_standard_for_another_area_than_the_paths_is_a_422(ground: Ground) -> None:
    answer = ground.running.post("/v1/areas/1404/adopt-standard", standard())
    assert problem_of(answer, 422, "wrong-shape")["errors"][0]["pointer"] == "/area"


def test_a_rule_that_refuses_names_itself_the_month_and_the_way_out(ground: Ground) -> None:
    person = uuid4()
    first = ground.running.post(
        f"/v1/households/{uuid4()}/enrol-household", enrolment(person), dry_run="true"
    )
    assert first.status_code == 200, "what is tried is possible by itself"
    twice = enrolment(members=[{"person": str(person), "role": "head"}] * 2)
    answer = ground.running.post(f"/v1/households/{uuid4()}/enrol-household", twice)
    problem = problem_of(answer, 409, "members-distinct")
    assert problem["rule"] == "members_distinct"
    assert problem["way_out"]
    early = problem_of(
        ground.reassess(reassessment(effective="2022-11", decided_on="2022-11-01")),
        409,
        "inside-spell",
    )
    assert early["month"] == "2022-11"


def test_a_decision_of_tomorrow_is_refused(ground: Ground) -> None:
    answer = ground.reassess(reassessment(decided_on="2099-01-01"))
    problem_of(answer, 409, "decided-in-future")


BAD_BATCHES: dict[str, tuple[int, str, dict[str, str], str]] = {
    "no type": (415, "wrong-media-type", {}, ""),
    "a form": (415, "wrong-media-type", {"Content-Type": "text/plain"}, ""),
    "parameters": (422, "wrong-shape", {"Content-Type": NDJSON}, "?dry_run=true"),
    "an empty actor": (400, "bad-header", {"Content-Type": NDJSON, "X-Actor": ""}, ""),
}


@pytest.mark.parametrize(
    ("status", "name", "headers", "query"), BAD_BATCHES.values(), ids=BAD_BATCHES
)
def test_a_batch_that_cannot_be_meant_is_refused_whole(
    ground: Ground, status: int, name: str, headers: dict[str, str], query: str
) -> None:
    path = f"/v1/households/{uuid4()}"
    line = {
        "command": "EnrolHousehold",
        "idempotency_key": "b",
        "actor": "a",
        "subject": path[-36:],
    }
    content = json.dumps({**line, "data": enrolment()})
    answer = ground.running.client.post(
        f"/v1/commands:batch{query}", headers=headers, content=content
    )
    problem_of(answer, status, name)


BAD_QUESTIONS = [
    ("/v1/facts/{}:99999999999999999999", 422, "wrong-shape"),
    ("/v1/facts/{}:0", 422, "wrong-shape"),
    ("/v1/facts/{}:9", 404, "not-found"),
    ("/v1/facts/x:1", 422, "wrong-shape"),
    ("/v1/grants/{}", 404, "not-found"),
    ("/v1/households/x", 422, "wrong-shape"),
    ("/v1/areas?prefix=%00", 422, "wrong-shape"),
    ("/v1/areas?prefix=%25", 422, "wrong-shape"),
    ("/v1/areas?after=x", 422, "wrong-shape"),
    ("/v1/areas?limit=1001", 422, "wrong-shape"),
    ("/v1/areas/99", 404, "not-found"),
    ("/v1/areas/x", 422, "wrong-shape"),
]


@pytest.mark.parametrize(("path", "status", "name"), BAD_QUESTIONS)
def test_a_bad_question_is_a_problem(ground: Ground, path: str, status: int, name: str) -> None:
    answer = ground.running.client.get(path.format(ground.household))
    problem = problem_of(answer, status, name)
    if status == 422:
        assert problem["errors"][0]["parameter"]
