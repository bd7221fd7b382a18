"""The database goes away: a problem that says when to come again, and one answer in the end."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic, sleep
from uuid import uuid4

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.http.running import WAIT_SECONDS, Running, problem_of
from tests.ledger_database import TOWN
from tests.postgres import EMBEDDED_18, Servers

APPLICATION = {"area": TOWN, "channel": "counter", "decided_on": "2023-01-05"}


@contextmanager
def database_away(servers: Servers, running: Running) -> Iterator[None]:
    """Let nobody into the ledger's database, and throw out who is in it."""
    name = str(conninfo_to_dict(running.database.superuser)["dbname"])
    allow = sql.SQL("alter database {} allow_connections {}")
    with psycopg.connect(servers[EMBEDDED_18].dsn("postgres"), autocommit=True) as admin:
        admin.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        try:
            cut(admin, name)
            yield
        finally:
            admin.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


def cut(admin: psycopg.Connection, name: str) -> None:
    """Cut every connection to a database."""
    admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
        " and pid <> pg_backend_pid()",
        (name,),
    )


def until_answered(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Ask until the answer is no 503."""
    deadline = monotonic() + WAIT_SECONDS
    while (answer := ask()).status_code == 503 and monotonic() < deadline:
        sleep(0.05)
    return answer


def test_a_connection_lost_during_a_command_is_a_503_and_a_retry_gets_one_answer(
    own: Running, servers: Servers
) -> None:
    path = f"/v1/households/{uuid4()}/receive-application"
    name = str(conninfo_to_dict(own.database.superuser)["dbname"])
    with ThreadPoolExecutor(1) as pool, own.database.appends_held():
        lost = pool.submit(own.post, path, APPLICATION, key="lost")
        own.database.wait_for_appends(1)
        with own.database.connect() as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = %s and usename = 'ledger_service'",
                (name,),
            )
        answer = lost.result(WAIT_SECONDS)
    problem_of(answer, 503, "unprocessed")
    assert int(answer.headers["retry-after"]) > 0
    first = until_answered(lambda: own.post(path, APPLICATION, key="lost"))
    assert first.status_code == 201
    assert own.post(path, APPLICATION, key="lost").content == first.content
    assert len(own.facts()) == 1


def test_without_its_database_the_ledger_lives_is_not_ready_and_recovers(
    own: Running, servers: Servers
) -> None:
    household = uuid4()
    path = f"/v1/households/{household}/receive-application"
    assert own.client.get("/readyz").text == "ready\n"
    with database_away(servers, own):
        assert own.client.get("/livez").text == "alive\n"
        assert own.client.get("/metrics").is_success
        not_ready = own.client.get("/readyz")
        problem_of(not_ready, 503, "not-ready")
        assert not_ready.headers["retry-after"]
        problem_of(own.post(path, APPLICATION, key="away"), 503, "unprocessed")
        question = own.client.get(f"/v1/households/{household}")
        problem_of(question, 503, "unreachable")
        assert question.headers["retry-after"]
    assert until_answered(lambda: own.post(path, APPLICATION, key="away")).status_code == 201
    assert own.client.get("/readyz").text == "ready\n"
    assert own.client.get(f"/v1/households/{household}").headers["etag"] == '"1"'


def test_a_schema_that_is_newer_than_the_code_makes_the_ledger_unready(own: Running) -> None:
    with own.database.connect() as admin:
        admin.execute(
            "insert into public.ledger_migrations (number, name, checksum)"
            " values (9999, '9999_later.sql', 'later')"
        )
    problem = problem_of(own.client.get("/readyz"), 503, "not-ready")
    assert "newer release" in problem["detail"]
