"""What an accepted command is answered with: once decided, for ever the same."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import httpx

from tests.http.running import (
    WAIT_SECONDS,
    Running,
    enrolment,
    problem_of,
    reassessment,
    running_ledger,
    standard,
)
from tests.ledger_database import TOWN, LedgerDatabase

APPLICATION = {"area": TOWN, "channel": "counter", "decided_on": "2023-01-05"}


def test_an_accepted_command_says_what_was_recorded(running: Running) -> None:
    household, person = uuid4(), uuid4()
    path = f"/v1/households/{household}/enrol-household"
    answer = running.post(path, enrolment(person))
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    accepted = answer.json()
    assert accepted["subject"] == str(household)
    assert accepted["version"] == 1
    assert accepted["position"] == len(running.facts())
    assert [(fact["id"], fact["type"], fact["effective"]) for fact in accepted["facts"]] == [
        (f"{household}:1", "assistance.HouseholdEnrolled.v1", "2023-01"),
        (f"{person}:1", "assistance.CoverTaken.v1", "2023-01"),
    ]


def test_the_etag_of_a_subject_is_the_version_to_send_with_a_change(running: Running) -> None:
    household = uuid4()
    path = f"/v1/households/{household}"
    assert running.enrol(household).headers["etag"] == '"1"'
    got = running.client.get(path)
    assert got.headers["etag"] == '"1"'
    changed = running.post(
        f"{path}/reassess-income", reassessment(), headers={"If-Match": got.headers["etag"]}
    )
    assert changed.status_code == 201
    assert changed.headers["etag"] == running.client.get(path).headers["etag"] == '"2"'
    assert running.client.get(path).json() == {
        "subject": str(household), "version": 2, "position": changed.json()["position"],
    }  # fmt: skip


def test_an_area_has_a_version_before_and_after_its_first_standard(own: Running) -> None:
    none_yet = own.client.get("/v1/areas/140403")
    assert (none_yet.headers["etag"], none_yet.json()["position"]) == ('"0"', None)
    version = {"If-Match": none_yet.headers["etag"]}
    assert own.post("/v1/areas/140403/adopt-standard", standard(), headers=version).is_success
    assert own.client.get("/v1/areas/140403").headers["etag"] == '"1"'


def test_a_fact_is_given_as_it_is_stored(running: Running) -> None:
    household = uuid4()
    running.enrol(household)
    answer = running.client.get(f"/v1/facts/{household}:1")
    stored = running.database.ask(
        "select state from ledger.facts where originator_id = %s", household
    )
    assert stored == [(answer.content,)]
    assert answer.headers["ledger-fact-type"] == "assistance.HouseholdEnrolled.v1"


def test_areas_come_by_prefix_a_page_at_a_time(running: Running) -> None:
    first = running.client.get("/v1/areas", params={"prefix": "14", "limit": 3}).json()
    assert [area["code"] for area in first["areas"]] == ["14", "1404", "140403"]
    rest = running.client.get("/v1/areas", params={"prefix": "14", "after": first["next"]}).json()
    assert [area["code"] for area in rest["areas"]] == ["140403001", "140403002"]
    assert rest["next"] is None


def test_a_dry_run_answers_with_the_data_and_records_nothing(running: Running) -> None:
    household = uuid4()
    before = running.database.counts()
    path = f"/v1/households/{household}/enrol-household"
    tried = running.post(path, enrolment(), key="tried", dry_run="true")
    assert tried.status_code == 200
    assert tried.json()["position"] is None
    data = tried.json()["facts"][0]["data"]
    assert (data["effective"], data["actor"], data["spell"]) == ("2023-01", "decider-7", 1)
    assert running.database.counts() == before
    problem_of(running.client.get(f"/v1/households/{household}"), 404, "not-found")
    assert running.post(path, enrolment(), key="tried", dry_run="false").status_code == 201


def test_a_dry_run_is_refused_by_the_same_rules(running: Running) -> None:
    path = f"/v1/households/{uuid4()}/enrol-household"
    answer = running.post(path, enrolment(area="990000"), dry_run="true")
    problem_of(answer, 409, "known-area")


def test_the_same_key_and_body_get_the_first_answer_again(running: Running) -> None:
    household = uuid4()
    path, body = f"/v1/households/{household}/reassess-income", reassessment()
    running.enrol(household)
    first = running.post(path, body, key="again", version=1)
    later = running.post(path, reassessment(effective="2023-04"), version=2)
    assert (first.status_code, later.status_code) == (201, 201)
    before = running.database.counts()
    for version in (1, None, 9):
        again = running.post(path, body, key="again", version=version)
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["etag"] == first.headers["etag"]
    assert running.database.counts() == before


def test_a_key_belongs_to_its_actor(running: Running) -> None:
    one, other = uuid4(), uuid4()
    for actor, household in (("a", one), ("b", other)):
        path = f"/v1/households/{household}/enrol-household"
        assert running.post(path, enrolment(), key="shared", actor=actor).status_code == 201


def test_the_same_key_with_another_body_is_a_422(running: Running) -> None:
    household = uuid4()
    path = f"/v1/households/{household}/reassess-income"
    running.enrol(household)
    assert running.post(path, reassessment(), key="used", version=1).status_code == 201
    before = running.database.counts()
    other = running.post(path, reassessment(income_fen=1), key="used", version=2)
    problem_of(other, 422, "key-reused")
    assert running.database.counts() == before


def test_a_refusal_is_not_kept(running: Running) -> None:
    path = f"/v1/households/{uuid4()}/enrol-household"
    problem_of(running.post(path, enrolment(area="990000"), key="mended"), 409, "known-area")
    assert running.post(path, enrolment(), key="mended").status_code == 201


def test_the_first_answer_outlives_a_restart(own_database: LedgerDatabase) -> None:
    path, body = f"/v1/households/{uuid4()}/receive-application", APPLICATION
    with running_ledger(own_database) as running:
        first = running.post(path, body, key="kept")
        assert first.status_code == 201
    with running_ledger(own_database) as running:
        again = running.post(path, body, key="kept")
        assert (again.status_code, again.content) == (201, first.content)
        assert len(running.facts()) == 1


def test_a_command_that_is_still_running_is_a_409(own: Running) -> None:
    path, body = f"/v1/households/{uuid4()}/receive-application", APPLICATION
    with ThreadPoolExecutor(1) as pool:
        with own.database.appends_held():
            first = pool.submit(own.post, path, body, key="slow")
            own.database.wait_for_appends(1)
            problem_of(own.post(path, body, key="slow"), 409, "still-running")
        answer = first.result(WAIT_SECONDS)
    assert answer.status_code == 201
    assert own.post(path, body, key="slow").content == answer.content


def test_a_caller_who_hangs_up_gets_the_answer_by_asking_again(own: Running) -> None:
    path, body = f"/v1/households/{uuid4()}/receive-application", APPLICATION
    headers = {"X-Actor": "decider-7", "Idempotency-Key": '"left"'}
    with own.database.appends_held(), suppress(httpx.ReadTimeout):
        httpx.post(f"{own.client.base_url}{path}", headers=headers, json=body, timeout=0.5)
    answer = own.post(path, body, key="left")
    while answer.status_code == 409:
        answer = own.post(path, body, key="left")
    assert answer.status_code == 201
    assert len(own.facts()) == 1


def test_commands_sent_at_once_are_each_answered_with_their_own_facts(running: Running) -> None:
    households = [uuid4() for _ in range(60)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(running.enrol, households))
    assert {answer.status_code for answer in answers} == {201}
    assert [answer.json()["subject"] for answer in answers] == list(map(str, households))
    positions = [answer.json()["position"] for answer in answers]
    assert len(set(positions)) == len(households)
