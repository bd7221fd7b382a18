"""A preview keeps nothing, and nobody waits for it longer than it takes."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest

from projections.errors import AlreadyRunning, Unreachable
from projections.previews import previews
from projections.previews.hypothetical import read
from projections.previews.previews import wanted
from projections.previews.trial import FAR, trying
from projections.runner import Runner
from tests.views.facts import Facts
from tests.views.lists import Lists
from tests.views.previewing import (
    EXIT,
    STANDARD,
    Fact,
    contents,
    facts,
    lists,
    next_fact,
    of_area,
    one,
    record,
)

__all__ = ["facts", "lists"]


def test_two_trials_at_once_do_not_meet(lists: Lists, facts: Facts) -> None:
    household, other = one(facts), one(facts)
    projections = lists.views.projections()
    standard = of_area(facts, "StandardAdopted", **STANDARD)
    exits = [next_fact(facts, each, "HouseholdExited", **EXIT) for each in (household, other)]
    with trying(projections, read([standard, exits[0]])) as trial:
        assert previews.preview(projections, [standard, exits[1]])["roll"]["after"] == {
            "households": 1, "persons": 1, "entitled_fen": 81_500,
        }  # fmt: skip
        assert trial.after.position > FAR


def test_the_runner_goes_on_while_a_trial_is_open(lists: Lists, facts: Facts) -> None:
    household, other = one(facts), one(facts)
    projections = lists.views.projections()
    standard = of_area(facts, "StandardAdopted", **STANDARD)
    exited = next_fact(facts, household, "HouseholdExited", **EXIT)
    with trying(projections, read([standard, exited])):
        record(facts, standard)
        facts.exited(other, "2026-07")
        lists.views.projections()
        assert projections.position() == facts.position
    assert previewed_alone(lists, next_fact(facts, household, "HouseholdExited", **EXIT)) == 81_500


def previewed_alone(lists: Lists, fact: Fact) -> int:
    found = previews.preview(lists.views.projections(), [fact], wanted(last="2026-07"))
    return int(found["households"][0]["months"][0]["fen_before"])


def test_the_runner_waits_for_a_trial_of_the_same_household_no_longer_than_it_takes(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    projections = lists.views.projections()
    exited = next_fact(facts, household, "HouseholdExited", **EXIT)
    record(facts, exited)
    facts.save()
    with free_runner(lists.views.dsn) as runner:
        thread = threading.Thread(target=runner.step)
        with trying(projections, read([exited])):
            thread.start()
            thread.join(0.3)
            assert thread.is_alive()
        thread.join(10)
        assert not thread.is_alive()
    assert projections.position() == facts.position


def free_runner(dsn: str) -> Runner:
    """A runner, once the lock of the one before is gone with its connection."""
    for _ in range(100):
        try:
            return Runner(dsn, dsn)
        except AlreadyRunning:
            time.sleep(0.05)
    raise AssertionError("another runner goes on")


def test_a_trial_gives_way_to_whoever_changes_the_same_household(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    projections = lists.views.projections()
    exited = next_fact(facts, household, "HouseholdExited", **EXIT)
    with psycopg.connect(lists.views.dsn) as busy:
        busy.execute("delete from register.kept_households")
        with pytest.raises(Unreachable):
            previews.preview(projections, [exited])
        busy.rollback()
    assert previews.preview(projections, [exited])["households_touched"] == 1


def test_a_trial_begins_again_when_the_household_changed_meanwhile(
    lists: Lists, facts: Facts
) -> None:
    household = one(facts)
    projections = lists.views.projections()
    exited = next_fact(facts, household, "HouseholdExited", **EXIT)
    with psycopg.connect(lists.views.dsn) as busy:
        busy.execute("delete from register.kept_households")
        release = threading.Timer(0.2, busy.commit)
        release.start()
        found = previews.preview(projections, [exited])
        release.join()
    assert found["households_touched"] == 1


def test_an_error_within_a_trial_leaves_nothing(lists: Lists, facts: Facts) -> None:
    household = one(facts)
    projections = lists.views.projections()
    held = contents(lists.views.dsn)
    exited = next_fact(facts, household, "HouseholdExited", **EXIT)
    with pytest.raises(RuntimeError, match="in between"), trying(projections, read([exited])):
        raise RuntimeError("in between")
    assert contents(lists.views.dsn) == held
    assert lists.views.entitled(household, "2026-07") == [78_000]
