"""The runner and the rebuild: nothing lost, nothing double, whatever the batches and whoever else runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from projections import catalogue, rebuild
from projections.checksums import checksums
from projections.database import Database
from projections.errors import AlreadyRunning, BadParameter, NotInstalled, UnknownFactType
from projections.projections import Projections
from projections.rebuild import install
from projections.runner import Runner
from projections.totals import totals as questions
from tests.postgres import Server, on_every_server
from tests.views.conftest import Views
from tests.views.facts import AREA, DAY_ONE, Facts, covered_members, prepare_feed

COUNTY = AREA[:6]


def tell_some_lives(facts: Facts) -> None:
    """Facts of every kind that the register takes, with corrections and revocations."""
    first = facts.standard(COUNTY, "dibao.urban", 60_000)
    facts.standard(COUNTY, "dibao.urban", 61_000, corrects=first)
    facts.policy(COUNTY, "rounding", "ceil_jiao")
    facts.of_area("PolicyEnded", COUNTY, "2023-05", setting="rounding")
    facts.of_area("StandardEnded", COUNTY, "2024-01", programme="dibao.urban")
    facts.of_area("AreaReplaced", COUNTY, "2023-06", successor="140499")
    facts.of_area(
        "AreaGrantAdopted", COUNTY, "2023-01", head="festival", rolls=["dibao"], per="person",
        amount_fen=100,
    )  # fmt: skip
    for n in range(6):
        tell_a_life(facts, n)


def tell_a_life(facts: Facts, n: int) -> None:
    """An enrolment, changes, a correction of a correction, a grace period or an exit, revoked or not."""
    persons = facts.persons(3)
    household = facts.enrolled(
        members=covered_members(persons[:2], supplements=["elderly"], self_care="able"), income=n,
        tier="A", care_form="dispersed",
    )  # fmt: skip
    facts.record(persons[0], "PersonRegistered", identity_digest="0" * 64)
    facts.change(
        household, "PayeeDesignated", "2023-02", person=str(persons[1]), account_digest="0" * 64
    )
    referral = facts.person()
    facts.record(referral, "ReferralMade", household=str(household), to="housing", need="repair")
    for _ in range(2):
        facts.record(
            referral, "DepartmentAidReported", household=str(household), department="housing", policy="x",
            month="2023-01", quantity=1, unit="item",
        )  # fmt: skip
    one = facts.reassessed(household, "2023-02", 5_000)
    two = facts.reassessed(household, "2023-03", 6_000, corrects=one)
    facts.of_member(household, "MemberDied", persons[1], "2023-03", died_on="2023-02-01")
    facts.reassessed(household, "2023-03", 7_000 + n, corrects=two)
    facts.change(
        household, "RecognitionRecorded", "2023-01", recognition="rigid", area=AREA,
        persons=[str(p) for p in persons], until="2023-12",
    )  # fmt: skip
    facts.change(household, "PaymentSuspended", "2023-04", reason="x", legal_basis="x")
    end = (
        facts.grace(household, "2023-04", "2023-05", two)
        if n % 2
        else facts.exited(household, "2023-06")
    )
    if n % 3:
        facts.change(household, "ExitRevoked", exit=end, reason="appeal")


def sums(dsn: str) -> dict[str, str]:
    """The checksums of the live projections."""
    with psycopg.connect(dsn) as connection:
        return checksums(connection)


@on_every_server
@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_a_rebuild_equals_what_was_built_batch_by_batch(dsn: str, batch: int) -> None:
    facts = Facts(dsn)
    tell_some_lives(facts)
    facts.save()
    with Runner(dsn, dsn, batch=batch) as runner:
        assert runner.catch_up() == facts.position
    before = sums(dsn)
    assert rebuild.rebuild(dsn, dsn) == facts.position
    assert sums(dsn) == before
    assert before["register.facts"].startswith(f"{facts.position}:")
    empty = {name for name, value in before.items() if value.startswith("0:")}
    assert not {name for name in empty if name.startswith("register.")}


def test_what_one_append_recorded_is_never_taken_apart(dsn: str) -> None:
    facts = Facts(dsn)
    moments = [DAY_ONE + timedelta(minutes=n) for n in range(4)]
    ends = []
    for instant, persons in zip(moments, (1, 5, 2, 3), strict=True):
        for person in facts.persons(persons):
            facts.record(person, "PersonRegistered", at=instant, identity_digest="0" * 64)
        ends.append(facts.position)
    facts.save()
    with Runner(dsn, dsn, batch=2) as runner:
        reached = [runner.step().position for _ in range(3)]
    assert reached == [ends[1], ends[2], ends[3]]


def test_one_projection_is_rebuilt_alone(dsn: str) -> None:
    facts = Facts(dsn)
    tell_some_lives(facts)
    facts.save()
    with Runner(dsn, dsn) as runner:
        runner.catch_up()
    before = sums(dsn)
    for projection in catalogue.projections():
        rebuild.rebuild(dsn, dsn, [projection.name])
        assert sums(dsn) == before


def test_rebuilding_an_unknown_projection_names_the_known_ones(dsn: str) -> None:
    with pytest.raises(BadParameter, match="register"):
        rebuild.rebuild(dsn, dsn, ["no_such"])


def test_a_fact_of_an_unknown_type_stops_the_runner_with_everything_before_it_applied(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    household = facts.enrolled()
    facts.record(household, "HouseholdMovedToTheMoon")
    unknown = facts.position
    facts.reassessed(household, "2023-02", 10_000)
    facts.save()
    for _ in range(2):
        with (
            pytest.raises(UnknownFactType, match="HouseholdMovedToTheMoon") as stopped,
            Runner(views.dsn, views.dsn) as runner,
        ):
            runner.catch_up()
        assert stopped.value.position == unknown
        assert _reached(views.dsn) == unknown - 1
    upgraded = [*catalogue.known_types(), "assistance.HouseholdMovedToTheMoon.v1"]
    with Runner(views.dsn, views.dsn, known_types=upgraded) as runner:
        assert runner.catch_up() == facts.position
    assert views.entitled(household, "2023-01", "2023-02") == [60_000, 50_000]


def test_a_fact_of_an_unknown_type_keeps_out_what_was_recorded_with_it(dsn: str) -> None:
    facts = Facts(dsn)
    facts.record(facts.person(), "PersonRegistered", at=DAY_ONE, identity_digest="0" * 64)
    before, later = facts.position, DAY_ONE + timedelta(minutes=1)
    for kind in ("PersonRegistered", "PersonMovedToTheMoon", "PersonRegistered"):
        facts.record(facts.person(), kind, at=later, identity_digest="0" * 64)
    facts.save()
    for _ in range(2):
        with pytest.raises(UnknownFactType) as stopped, Runner(dsn, dsn) as runner:
            runner.catch_up()
        assert stopped.value.position == before + 2
        assert _reached(dsn) == before


def test_installing_over_a_feed_with_an_unknown_type_projects_what_is_before_it(
    server: Server,
) -> None:
    with server.fresh_database(prepare=prepare_feed) as dsn:
        facts = Facts(dsn)
        household = facts.enrolled()
        facts.record(household, "HouseholdMovedToTheMoon")
        facts.enrolled()
        facts.save()
        install(dsn, dsn)
        assert _reached(dsn) == 1
        with pytest.raises(UnknownFactType), Runner(dsn, dsn) as runner:
            runner.step()


def test_installing_over_an_old_ledger_projects_it_at_once(server: Server) -> None:
    with server.fresh_database(prepare=prepare_feed) as dsn:
        facts = Facts(dsn)
        tell_some_lives(facts)
        facts.save()
        install(dsn, dsn)
        assert _reached(dsn) == facts.position
        assert install(dsn, dsn) == []


def test_facts_come_from_another_database_too(server: Server) -> None:
    with (
        server.fresh_database(prepare=prepare_feed) as ledger,
        server.fresh_database() as dsn,
    ):
        facts = Facts(ledger)
        tell_some_lives(facts)
        facts.save()
        install(dsn, ledger)
        facts.enrolled()
        facts.save()
        with Runner(dsn, ledger) as runner:
            assert runner.catch_up() == facts.position
        assert _reached(dsn) == facts.position


def test_facts_arrive_whole_however_many_and_large_they_are(dsn: str) -> None:
    facts = Facts(dsn)
    household = facts.enrolled()
    text = "Zeichen, 字, \\ und\ttab\n" * 20
    for n in range(1_000):
        facts.reassessed(household, "2023-02", n, reason=text)
    facts.save()
    with Runner(dsn, dsn) as runner:
        runner.catch_up()
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "select count(*), min(data ->> 'reason'), max(data ->> 'reason'),"
            " sum((data ->> 'income_fen')::int)"
            " from register.facts where position > 1"
        ).fetchone()
    assert row == (1_000, text, text, sum(range(1_000)))


def test_only_one_runner_and_one_rebuild_at_a_time(dsn: str) -> None:
    with Runner(dsn, dsn), pytest.raises(AlreadyRunning):
        Runner(dsn, dsn)
    with Runner(dsn, dsn):
        pass
    with psycopg.connect(dsn) as other:
        other.execute("select pg_advisory_lock(%s)", (rebuild.REBUILD_LOCK,))
        with pytest.raises(AlreadyRunning):
            rebuild.rebuild(dsn, dsn)


def test_another_versions_projections_are_made_anew(dsn: str) -> None:
    facts = Facts(dsn)
    facts.enrolled()
    facts.save()
    with Runner(dsn, dsn) as runner:
        runner.catch_up()
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "update projections.positions set digest = 'old' where projection = 'register'"
        )
        connection.execute("truncate register.standings")
        connection.execute("insert into projections.positions values ('gone', 1, 'old')")
        connection.execute("create schema gone create table left_over (n int)")
    with pytest.raises(NotInstalled), Runner(dsn, dsn) as runner:
        runner.step()
    assert install(dsn, dsn) == ["register"]
    assert sums(dsn)["register.standings"].startswith("1:")
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select to_regnamespace('gone')").fetchone() == (None,)


def test_what_a_broken_rebuild_left_behind_is_cleared_away(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("create schema register_next create table facts (n int)")
        connection.execute("create schema register_old create table facts (n int)")
    before = sums(dsn)
    rebuild.rebuild(dsn, dsn)
    assert sums(dsn) == before
    with psycopg.connect(dsn) as connection:
        left = connection.execute(
            "select count(*) from pg_namespace where nspname ~ '_(next|old)$'"
        ).fetchone()
    assert left == (0,)


def test_a_batch_that_fails_leaves_no_trace_and_is_tried_again(dsn: str) -> None:
    facts = Facts(dsn)
    facts.enrolled()
    facts.save()
    with psycopg.connect(dsn) as connection:
        connection.execute("alter table register.suspensions rename to hidden")
    before = sums(dsn)
    with pytest.raises(psycopg.errors.UndefinedTable), Runner(dsn, dsn) as runner:
        runner.step()
    assert sums(dsn) == before
    assert _reached(dsn) == 0
    with psycopg.connect(dsn) as connection:
        connection.execute("alter table register.hidden rename to suspensions")
    with Runner(dsn, dsn) as runner:
        assert runner.catch_up() == 1


@pytest.fixture
def running(dsn: str) -> Iterator[Runner]:
    """A runner at work in a thread, stopped after the test."""
    stop = threading.Event()
    with Runner(dsn, dsn) as runner:
        thread = threading.Thread(target=runner.run, args=(stop,))
        thread.start()
        yield runner
        stop.set()
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.mark.usefixtures("running")
def test_a_running_runner_hears_of_new_facts_at_once(dsn: str) -> None:
    time.sleep(0.3)
    facts = Facts(dsn)
    facts.enrolled()
    started = time.monotonic()
    facts.save()
    with Database(dsn, connections=1) as database:
        Projections(database).wait_for(1)
    assert time.monotonic() - started < 0.8  # the fallback looks once a second


@pytest.mark.usefixtures("running")
def test_reading_and_projecting_go_on_while_everything_is_rebuilt(dsn: str) -> None:
    facts = Facts(dsn)
    facts.standard(COUNTY, "dibao.urban", 60_000)
    household = facts.enrolled()
    facts.save()
    with Database(dsn, connections=2) as database:
        projections = Projections(database, wait_seconds=5)
        reader = Reader(projections, household)
        projections.wait_for(facts.position)
        reader.start()
        for _ in range(3):
            for _ in range(20):
                facts.enrolled()
            facts.save()
            rebuild.rebuild(dsn, dsn)
        reader.stop()
        projections.wait_for(facts.position)
    before = sums(dsn)
    rebuild.rebuild(dsn, dsn)
    assert sums(dsn) == before
    assert len(reader.answers) > 5
    assert set(reader.answers) == {60_000}


class Reader(threading.Thread):
    """Asks the same question again and again."""

    def __init__(self, projections: Projections, household: Any) -> None:
        super().__init__()
        self._projections = projections
        self._household = household
        self._stopped = threading.Event()
        self.answers: list[object] = []

    def run(self) -> None:
        while not self._stopped.is_set():
            self.answers.append(self._ask())

    def _ask(self) -> object:
        try:
            scope = questions.scope("2023-01", "2023-01")
            as_of = self._projections.as_of()
            [line] = questions.lines_of_household(self._projections, self._household, scope, as_of)
            return line["entitled_fen"]
        except Exception as error:
            return error

    def stop(self) -> None:
        """Let the last question be answered."""
        self._stopped.set()
        self.join(timeout=10)


def _reached(dsn: str) -> int:
    with Database(dsn, connections=1) as database:
        return Projections(database).position()
