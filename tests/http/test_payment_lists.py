"""Documents of lists and results over HTTP: one request each, whole or not at all, once."""

from __future__ import annotations

import base64
import hashlib
import json
from uuid import UUID, uuid4

import pytest

from ledger.ids import PAYMENT_LISTS
from tests.http.payment_desk import DECIDED, MONTH, Desk, desk_of
from tests.http.running import NDJSON, Running, problem_of, standard
from tests.ledger_database import COUNTY
from tests.payment_documents import (
    digest_of,
    freeze_data,
    line,
    reported,
    results_document,
)


@pytest.fixture
def desk(own: Running) -> Desk:
    """A desk of one test's own."""
    return desk_of(own)


# Freezing.


def test_a_list_is_frozen_from_its_document(desk: Desk) -> None:
    list_id, content = str(uuid4()), desk.document()
    answer = desk.send(content, list=list_id)
    assert answer.status_code == 201, answer.text
    assert answer.json() == {
        "list": list_id,
        "version": 1,
        "position": 2,
        "facts": [
            {
                "id": f"{PAYMENT_LISTS}:1",
                "type": "assistance.PaymentListFrozen.v1",
                "effective": None,
            }
        ],
        "document": digest_of(content),
        "lines": 1,
        "total_fen": 78_000,
    }
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == f"/v1/payment-lists/{list_id}"


def test_a_frozen_list_and_its_document_can_be_asked_for(desk: Desk) -> None:
    content = desk.document()
    answer = desk.send(content)
    listed = desk.running.client.get(answer.headers["location"])
    assert listed.headers["etag"] == '"1"'
    found = listed.json()
    assert (found["status"], found["sent"], found["version"]) == ("frozen", False, 1)
    assert (found["position"], found["document"]) == (2, digest_of(content))
    stored = desk.running.client.get(f"/v1/documents/{found['document']}")
    assert stored.content == content
    assert stored.headers["content-type"] == NDJSON
    assert stored.headers["etag"] == f'"{digest_of(content)}"'


def test_the_same_key_and_document_get_the_first_answer(desk: Desk) -> None:
    content = desk.document()
    first = desk.send(content, key="k-1")
    before = desk.on_record()
    again = desk.send(content, key="k-1", version=0)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["etag"] == first.headers["etag"]
    other_day = desk.send(content, key="k-1", decided_on="2023-08-04")
    problem_of(other_day, 422, "key-reused")
    other = desk.send(
        desk.document(line(uuid4(), {MONTH: 1}), lists_version=0), key="k-1", version=0
    )
    problem_of(other, 422, "key-reused")
    assert desk.on_record() == before


def test_a_list_frozen_today_has_its_first_answer_without_a_day(desk: Desk) -> None:
    content = desk.document()
    first = desk.send(content, key="k-1", decided_on=None)
    assert desk.send(content, key="k-1", decided_on=None, version=0).content == first.content


def test_what_was_refused_may_be_sent_again_with_its_key(desk: Desk) -> None:
    early = desk.document(line(desk.household, {"2023-07": 1}), month="2023-07")
    problem_of(desk.send(early, key="k-1"), 409, "first-listed-month")
    assert desk.send(desk.document(), key="k-1").status_code == 201


def test_a_trial_answers_and_records_nothing(desk: Desk) -> None:
    before = desk.on_record()
    answer = desk.send(desk.document(), dry_run="true")
    assert answer.status_code == 200
    body = answer.json()
    assert body["position"] is None
    assert body["facts"][0]["data"]["total_fen"] == 78_000
    assert desk.on_record() == before


def test_the_second_of_two_officers_is_told_that_the_lists_moved_on(desk: Desk) -> None:
    stale = desk.document(line(uuid4(), {MONTH: 1}))
    desk.frozen()
    before = desk.on_record()
    problem = problem_of(desk.send(stale, version=0), 412, "stale-version")
    assert problem["version"] == 1
    problem_of(desk.send(stale, version=1), 412, "stale-version")
    problem_of(desk.send(stale, version=None), 428, "version-missing")
    assert desk.on_record() == before


def test_a_body_is_what_its_content_digest_names(desk: Desk) -> None:
    content = desk.document()
    said = base64.b64encode(hashlib.sha256(content).digest()).decode()
    before = desk.on_record()
    cut = desk.document(line(uuid4(), {MONTH: 1}))
    refused = desk.send(cut, headers={"Content-Digest": f"sha-256=:{said}:"})
    assert problem_of(refused, 422, "wrong-shape")["errors"][0]["parameter"] == "Content-Digest"
    assert desk.on_record() == before
    for header in (f"sha-512=:{said}:, sha-256=:{said}:", f"sha-256=:{said}:"):
        answer = desk.send(content, headers={"Content-Digest": header}, key="k-1", version=0)
        assert answer.status_code == 201, answer.text


def test_two_officers_freeze_and_approve(desk: Desk) -> None:
    taken = desk.frozen()
    by_clerk = desk.running.post(
        f"/v1/payment-lists/{taken['list']}/approve-payment-list",
        {"list": taken["list"], "decided_on": DECIDED, "document": taken["document"]},
        version=1,
        actor="clerk",
    )
    problem = problem_of(by_clerk, 409, "approved-by-another")
    assert (problem["rule"], problem["month"]) == ("approved_by_another", MONTH)
    wrong = desk.act(taken["list"], "approve-payment-list", 1, document="0" * 64)
    problem_of(wrong, 409, "approved-as-computed")
    stale = desk.act(taken["list"], "approve-payment-list", 2, document=taken["document"])
    problem_of(stale, 412, "stale-version")
    answer = desk.act(taken["list"], "approve-payment-list", 1, document=taken["document"])
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"2"'


def test_an_act_needs_only_its_own_lists_version(desk: Desk) -> None:
    first = desk.frozen()
    second = desk.send(desk.document(line(uuid4(), {MONTH: 1}))).json()
    assert (first["version"], second["version"]) == (1, 2)
    answer = desk.act(first["list"], "reject-payment-list", 1, reason="wrong")
    assert answer.json()["version"] == 3
    problem_of(
        desk.act(second["list"], "reject-payment-list", 3, reason="wrong"), 412, "stale-version"
    )
    assert desk.act(second["list"], "reject-payment-list", 2, reason="wrong").status_code == 201


def test_a_path_and_its_body_name_the_same_list(desk: Desk) -> None:
    taken = desk.frozen()
    path = f"/v1/payment-lists/{uuid4()}/reject-payment-list"
    body = {"list": taken["list"], "decided_on": DECIDED, "reason": "wrong"}
    answer = desk.running.post(path, body, version=1)
    assert problem_of(answer, 422, "wrong-shape")["errors"][0]["pointer"] == "/list"


def test_a_document_on_record_is_frozen_by_an_ordinary_command_or_a_batch(desk: Desk) -> None:
    content = desk.document()
    taken = desk.send(content).json()
    desk.act(taken["list"], "reject-payment-list", 1, reason="wrong")
    again = str(uuid4())
    data = freeze_data(content, UUID(again), decided_on=DECIDED)
    stale = desk.running.post(f"/v1/payment-lists/{again}/freeze-payment-list", data, version=2)
    problem_of(stale, 412, "stale-version")
    envelope = {"command": "FreezePaymentList", "idempotency_key": "b-1", "data": data}
    unknown = {**data, "document": "0" * 64}
    batch = b"".join(
        json.dumps(one).encode() + b"\n"
        for one in (
            {**envelope, "expected_version": 2},
            {**envelope, "idempotency_key": "b-2", "data": unknown},
        )
    )
    answer = desk.running.client.post(
        "/v1/commands:batch", content=batch, headers={"Content-Type": NDJSON, "X-Actor": "clerk"}
    )
    verdicts = [json.loads(row)["problem"]["type"] for row in answer.text.splitlines()]
    assert [name.rpartition(":")[2] for name in verdicts] == ["stale-version", "document-on-record"]


# Results.


def test_results_are_recorded_from_their_document(desk: Desk) -> None:
    list_id, reference, version = desk.approved()
    content = results_document(UUID(list_id), reported(reference, "rjct", 78_000))
    answer = desk.report(list_id, content, version)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["list"], body["version"], body["document"]) == (list_id, 3, digest_of(content))
    assert answer.headers["location"] == f"/v1/documents/{digest_of(content)}"
    assert desk.running.client.get(answer.headers["location"]).content == content
    fact = desk.running.client.get(f"/v1/facts/{body['facts'][0]['id']}").json()
    assert (fact["rjct"], fact["rjct_fen"], fact["lines"]) == (1, 78_000, 1)
    listed = desk.running.client.get(f"/v1/payment-lists/{list_id}").json()
    assert (listed["status"], listed["results"]) == ("approved", [digest_of(content)])


def test_results_sent_again_get_the_first_answer(desk: Desk) -> None:
    list_id, reference, version = desk.approved()
    content = results_document(UUID(list_id), reported(reference, "succ", 78_000))
    first = desk.report(list_id, content, version, key="r-1")
    again = desk.report(list_id, content, version, key="r-1")
    assert (again.status_code, again.content) == (201, first.content)
    problem_of(desk.report(list_id, content, version), 412, "stale-version")
    problem_of(desk.report(list_id, content, None), 428, "version-missing")
    assert desk.report(list_id, content, 3).status_code == 201, "the same again changes nothing"


def test_a_failed_line_is_reissued_and_the_next_refused(desk: Desk) -> None:
    list_id, reference, version = desk.approved()
    content = results_document(UUID(list_id), reported(reference, "rjct", 78_000))
    assert desk.report(list_id, content, version).status_code == 201
    again = line(desk.household, {MONTH: 78_000}, reissues=reference)
    head = {"kind": "reissue", "reissues": list_id}
    assert desk.send(desk.document(again, **head)).status_code == 201
    problem_of(desk.send(desk.document(again, **head)), 409, "settled-once")
    close = {"reference_id": str(reference), "amount_fen": 78_000, "reason": "payee_died"}
    problem_of(desk.act(list_id, "close-payment-line", 3, **close), 409, "settled-once")


# Recoveries.


def test_a_recovery_is_ordered_on_the_whole_stream_and_received_on_its_own(desk: Desk) -> None:
    household, recovery = uuid4(), str(uuid4())
    area = f"/v1/areas/{COUNTY}"
    assert desk.running.post(f"{area}/adopt-standard", standard(), version=1).status_code == 201
    assert desk.running.enrol(household, area=f"{COUNTY}001").status_code == 201
    desk.frozen()
    order = {
        "recovery": recovery, "household": str(household), "ground": "fraud",
        "legal_basis": "Law 60", "parts": [{"month": MONTH, "fen": 62_000}], "position": 5,
        "decided_on": "2023-09-01",
    }  # fmt: skip
    path = f"/v1/recoveries/{recovery}"
    problem_of(desk.running.post(f"{path}/order-recovery", order), 428, "version-missing")
    problem_of(desk.running.post(f"{path}/order-recovery", order, version=0), 412, "stale-version")
    assert desk.running.post(f"{path}/order-recovery", order, version=1).status_code == 201
    received = {"recovery": recovery, "amount_fen": 30_000, "decided_on": "2023-09-10"}
    desk.version = 2
    desk.send(desk.document(line(uuid4(), {MONTH: 1})))
    answer = desk.running.post(f"{path}/receive-recovery", received, version=2)
    assert answer.status_code == 201, answer.text
    found = desk.running.client.get(path)
    assert found.headers["etag"] == '"4"'
    body = found.json()
    assert (body["ordered_fen"], body["received_fen"], body["balance_fen"]) == (
        62_000,
        30_000,
        32_000,
    )
    assert (body["status"], body["version"], body["household"]) == ("open", 4, str(household))
