"""Bad documents and requests: whatever comes, a problem says what and where, and nothing is taken."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from ledger.documents import MAX_DOCUMENT
from ledger.ids import PAYMENT_LISTS
from tests.http.payment_desk import MONTH, Desk, desk_of
from tests.http.running import NDJSON, PROBLEM, Running, enrolment, problem_of
from tests.ledger_database import COUNTY
from tests.payment_documents import line, list_document, references, reported, results_document

SECRET = "Zhang-San-140402199001011234"


@pytest.fixture
def desk(own: Running) -> Desk:
    """A desk of one test's own."""
    return desk_of(own)


@pytest.fixture(scope="module")
def shared(running: Running) -> Desk:
    """A desk that tests share, with a list that was approved."""
    desk = desk_of(running, version=1)
    desk.approved()
    return desk


@pytest.fixture
def unchanged(shared: Desk) -> Iterator[Desk]:
    """The shared desk; whatever the test sends changes nothing."""
    before = shared.on_record()
    yield shared
    assert shared.on_record() == before


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def twice(content: bytes) -> bytes:
    head, first, *_ = content.splitlines(keepends=True)
    end = b'{"lines":2,"total_fen":156000}\n'
    return head + first + first + end


BAD_DOCUMENTS: dict[str, tuple[Callable[[bytes], bytes], int]] = {
    "nothing": (lambda _: b"", 1),
    "a file cut in half": (cut, 2),
    "a file without its last line": (lambda c: b"".join(c.splitlines(keepends=True)[:-1]), 3),
    "a file without its last line end": (lambda c: c[:-1], 3),
    "a total that does not add up": (lambda c: c.replace(b"78000}\n", b"78001}\n"), 3),
    "a wrong number of lines": (lambda c: c.replace(b'"lines":1', b'"lines":2'), 3),
    "a line twice": (twice, 3),
    "a name in a line": (lambda c: c.replace(b"dibao.urban", SECRET.encode()), 2),
    "a wrong column": (lambda c: c.replace(b'"head"', b'"heads"'), 2),
    "a formula": (lambda c: c.replace(b'"dibao.urban"', b'"=1+1"'), 2),
    "spaces": (lambda c: c.replace(b'":', b'": '), 1),
    "carriage returns": (lambda c: c.replace(b"\n", b"\r\n"), 1),
    "a spreadsheet": (lambda _: b"PK\x03\x04" + b"\0" * 500, 1),
    "a mark in front": (lambda c: b"\xef\xbb\xbf" + c, 1),
    "more after the end": (lambda c: c + b"{}\n", 4),
}


@pytest.mark.parametrize(("spoil", "number"), BAD_DOCUMENTS.values(), ids=BAD_DOCUMENTS)
def test_a_bad_document_is_refused_with_its_line(
    unchanged: Desk, spoil: Callable[[bytes], bytes], number: int
) -> None:
    content = unchanged.document(line(uuid4(), {MONTH: 78_000}))
    assert spoil(content) != content
    answer = unchanged.send(spoil(content))
    [error] = problem_of(answer, 422, "wrong-shape")["errors"]
    assert error["line"] == number, error
    assert SECRET not in answer.text


BAD_RESULTS: dict[str, tuple[Callable[[str, UUID], bytes], int, str]] = {
    "results for an unknown line": (
        lambda one, _: results_document(UUID(one), reported(UUID(int=5), "succ", 1)),
        409, "known-line",
    ),
    "another amount": (
        lambda one, ref: results_document(UUID(one), reported(ref, "succ", 1)), 409, "line-amount",
    ),
    "returned and never paid": (
        lambda one, ref: results_document(UUID(one), reported(ref, "returned", 78_000)),
        409, "line-turn",
    ),
    "a reference id twice": (
        lambda one, ref: results_document(UUID(one), *[reported(ref, "succ", 78_000)] * 2),
        422, "wrong-shape",
    ),
    "of another list": (
        lambda _, ref: results_document(uuid4(), reported(ref, "succ", 78_000)), 422, "wrong-shape",
    ),
    "a list for results": (lambda *_: list_document(), 422, "wrong-shape"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "status", "name"), BAD_RESULTS.values(), ids=BAD_RESULTS)
def test_bad_results_are_refused_whole(
    desk: Desk, make: Callable[[str, UUID], bytes], status: int, name: str
) -> None:
    list_id, reference, version = desk.approved()
    before = desk.on_record()
    problem_of(desk.report(list_id, make(list_id, reference), version), status, name)
    assert desk.on_record() == before


def test_results_of_a_list_that_is_not_approved_or_not_there_are_refused(desk: Desk) -> None:
    taken = desk.frozen()
    [(reference, fen)] = references(UUID(taken["list"]), desk.document(lists_version=0))
    content = results_document(UUID(taken["list"]), reported(reference, "succ", fen))
    before = desk.on_record()
    problem_of(desk.report(taken["list"], content, 1), 409, "list-approved")
    nowhere = str(uuid4())
    answer = desk.report(nowhere, results_document(UUID(nowhere)), 0)
    problem_of(answer, 404, "not-found")
    assert desk.on_record() == before


BAD_REQUESTS: dict[str, tuple[dict[str, Any], int, str]] = {
    "no actor": ({"headers": {"X-Actor": None}}, 400, "bad-header"),
    "no key": ({"headers": {"Idempotency-Key": None}}, 400, "bad-header"),
    "a key without quotes": ({"headers": {"Idempotency-Key": "k"}}, 400, "bad-header"),
    "a weak version": ({"headers": {"If-Match": 'W/"1"'}}, 400, "bad-header"),
    "no version": ({"version": None}, 428, "version-missing"),
    "a digest that is none": ({"headers": {"Content-Digest": "sha-256=x"}}, 400, "bad-header"),
    "another digest": ({"headers": {"Content-Digest": "md5=:x:"}}, 400, "bad-header"),
    "JSON": ({"headers": {"Content-Type": "application/json"}}, 415, "wrong-media-type"),
    "no type": ({"headers": {"Content-Type": None}}, 415, "wrong-media-type"),
    "a form": ({"headers": {"Content-Type": "text/plain"}}, 415, "wrong-media-type"),
    "a list that is no id": ({"list": SECRET}, 422, "wrong-shape"),
    "a day that is none": ({"decided_on": "2023-02-30"}, 422, "wrong-shape"),
    "a day to come": ({"decided_on": "2099-01-01"}, 409, "decided-in-future"),
    "a misspelt parameter": ({"dryrun": "true"}, 422, "wrong-shape"),
}  # fmt: skip


@pytest.mark.parametrize(("how", "status", "name"), BAD_REQUESTS.values(), ids=BAD_REQUESTS)
def test_a_bad_request_is_refused(
    unchanged: Desk, how: dict[str, Any], status: int, name: str
) -> None:
    answer = unchanged.send(unchanged.document(line(uuid4(), {MONTH: 1})), **how)
    problem_of(answer, status, name)
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("path", "status", "name"),
    [
        ("/v1/payment-lists/00000000-0000-4000-8000-000000000000", 404, "not-found"),
        ("/v1/recoveries/00000000-0000-4000-8000-000000000000", 404, "not-found"),
        (f"/v1/payment-lists/{SECRET}", 404, "no-such-path"),
        (f"/v1/documents/{'0' * 64}", 404, "not-found"),
        ("/v1/documents/x", 422, "wrong-shape"),
    ],
)
def test_a_question_about_nothing_is_a_problem(
    unchanged: Desk, path: str, status: int, name: str
) -> None:
    answer = unchanged.running.client.get(path)
    assert answer.headers["content-type"] == PROBLEM
    problem_of(answer, status, name)


def test_a_list_larger_than_memory_keeps_is_frozen_whole(desk: Desk) -> None:
    content = desk.document(*(line(UUID(int=n), {MONTH: n}) for n in range(1, 12_000)))
    assert len(content) > 1 << 20
    chunks = (content[n : n + 9_999] for n in range(0, len(content), 9_999))
    answer = desk.send(chunks)
    assert answer.status_code == 201, answer.text
    stored = desk.running.client.get(f"/v1/documents/{answer.json()['document']}")
    assert stored.content == content


def test_a_body_that_says_that_it_is_too_large_is_not_read(unchanged: Desk) -> None:
    url = unchanged.running.client.base_url
    asked = (
        f"POST /v1/payment-lists HTTP/1.1\r\nHost: {url.host}\r\nContent-Type: {NDJSON}\r\n"
        f'X-Actor: clerk\r\nIdempotency-Key: "k"\r\nContent-Length: {MAX_DOCUMENT + 1}\r\n\r\n'
    )
    with socket.create_connection((url.host, url.port or 80), timeout=30) as connection:
        connection.sendall(asked.encode())
        answer = connection.recv(65_536).decode()
    assert answer.startswith("HTTP/1.1 413 ")
    assert "urn:assistance:problem:too-large" in answer


def test_a_body_that_grows_too_large_is_not_kept(
    unchanged: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.payment_months.http.MAX_DOCUMENT", 100)
    chunks = iter([b"x" * 99, b"x" * 99])
    problem_of(unchanged.send(chunks), 413, "too-large")


def test_nobody_takes_the_id_of_the_stream_of_lists(unchanged: Desk) -> None:
    body = enrolment(area=f"{COUNTY}001")
    answer = unchanged.running.post(f"/v1/households/{PAYMENT_LISTS}/enrol-household", body)
    problem_of(answer, 409, "one-subject-a-stream")
