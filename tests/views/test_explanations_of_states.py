"""Why a household's month stands as it does: roll, grace, deaths, places, and the facts that say so."""

from __future__ import annotations

from uuid import UUID

from tests.views.conftest import Views
from tests.views.explaining import explain, names, step, steps
from tests.views.facts import AREA, Facts, covered_members

COUNTY = AREA[:6]


def test_a_grace_period_says_which_income_it_puts_off(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    household = facts.enrolled(members=2, income=10_000)
    raised = facts.reassessed(household, "2023-02", 90_000)
    grace = facts.grace(household, "2023-02", "2023-05", raised)
    cut = facts.reassessed(household, "2023-03", 5_000)
    told = step(explain(views, household, "2023-02"), "income")
    assert told["says"]["income_fen"] == 10_000
    assert told["facts"] == [f"{household}:1", grace, raised]
    assert told["text"] == (
        "The household's counted income is 100.00 yuan a month, from January 2023 on. A grace period"
        " runs from February 2023 to May 2023; until then this income counts, not 900.00 yuan from"
        " February 2023 on."
    )
    assert step(explain(views, household, "2023-03"), "income")["says"] == {
        "income_fen": 5_000,
        "grace": {
            "from": "2023-02",
            "until": "2023-05",
            "put_off": [{"fact": raised, "income_fen": 90_000}],
        },
    }
    assert step(explain(views, household, "2023-03"), "income")["facts"] == [cut, grace, raised]
    ended = explain(views, household, "2023-06")
    assert ended.steps[0].says["reason"] == "grace_ended"
    assert ended.facts == [grace]


def test_a_grace_period_puts_off_a_tier_and_a_revoked_one_does_not(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 59_000, mode="tiered", tiers={"A": 59_000, "B": 43_000})
    household = facts.enrolled(tier="A")
    lowered = facts.change(household, "TierChanged", "2023-02", tier="B")
    grace = facts.grace(household, "2023-02", "2023-05", lowered)
    before = facts.position
    revoked = facts.change(household, "ExitRevoked", exit=grace, reason="error")
    told = step(explain(views, household, "2023-03", position=before), "tier")
    assert (told["says"]["tier"], told["facts"]) == ("A", [f"{household}:1", grace, lowered])
    assert "this tier counts, not tier B from February 2023 on" in told["text"]
    told = step(explain(views, household, "2023-03"), "tier")
    assert (told["says"]["tier"], told["facts"]) == ("B", [lowered, grace, revoked])
    assert "A grace period from February 2023 on was revoked." in told["text"]


def test_a_suspension_takes_everything_away_and_says_why(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    household = facts.enrolled()
    suspended = facts.change(household, "PaymentSuspended", "2023-02", reason="unreachable")
    resumed = facts.change(household, "PaymentResumed", "2023-03")
    told = step(explain(views, household, "2023-02"), "suspension")
    assert (told["adds"], told["fen"], told["facts"]) == (-60_000, 0, [suspended])
    assert "(reason: unreachable)" in told["text"]
    explained = explain(views, household, "2023-03")
    assert steps(explained, "suspension") == []
    assert resumed in step(explained, "roll")["facts"]
    assert "resumed from March 2023 on" in step(explained, "roll")["text"]


def test_the_dead_stay_in_the_income_test_until_the_income_is_assessed_anew(
    views: Views, facts: Facts
) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    persons = facts.persons(2)
    household = facts.enrolled(members=covered_members(persons), income=20_000)
    died = facts.of_member(household, "MemberDied", persons[1], "2023-02", died_on="2023-01-20")
    anew = facts.reassessed(household, "2023-04", 10_000)
    told = step(explain(views, household, "2023-03"), "members")
    assert (told["says"]["members"], told["says"]["covered"]) == (2, 1)
    assert "Member 2 died on 2023-01-20 and is no longer covered from February 2023" in told["text"]
    assert told["says"]["persons"][1]["facts"] == [f"{household}:1", died]
    told = step(explain(views, household, "2023-04"), "members")
    assert (told["says"]["members"], told["says"]["covered"]) == (1, 1)
    assert told["says"]["persons"][1]["facts"] == [f"{household}:1", died, anew]


def test_who_left_is_told_with_the_fact(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    persons = facts.persons(2)
    household = facts.enrolled(members=covered_members(persons))
    left = facts.of_member(
        household, "MemberLeft", persons[1], "2023-02", income_fen=0, reason="moved"
    )
    told = step(explain(views, household, "2023-02"), "members")
    assert told["says"]["gone"] == [{"person": str(persons[1]), "from": "2023-02", "facts": [left]}]
    assert left in told["facts"]


def test_the_steps_before_the_first_enrolment_and_after_the_exit_say_why(
    views: Views, facts: Facts
) -> None:
    household = facts.enrolled(effective="2023-02")
    exited = facts.exited(household, "2023-04", reason="income_above_standard")
    early, late = explain(views, household, "2023-01"), explain(views, household, "2023-05")
    assert names(early) == names(late) == ["roll", "entitled"]
    assert early.steps[0].says["why"] == "not_yet_enrolled"
    assert early.facts == [f"{household}:1"]
    assert late.steps[0].says == {
        "on_roll": False, "why": "exited", "reason": "income_above_standard", "since": "2023-04",
    }  # fmt: skip
    assert late.facts == [exited]
    assert late.steps[0].text == (
        "In May 2023 the household is on no roll: it left the roll from April 2023 on (reason: income"
        " above standard), so nothing is due."
    )


def test_an_exit_that_was_revoked_is_told_while_on_the_roll(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 60_000)
    household = facts.enrolled()
    exited = facts.exited(household, "2023-03")
    before = facts.position
    revoked = facts.change(household, "ExitRevoked", exit=exited, reason="error")
    assert explain(views, household, "2023-04", position=before).facts == [exited]
    told = step(explain(views, household, "2023-04"), "roll")
    assert told["facts"] == [f"{household}:1", exited, revoked]
    assert told["text"].endswith("An exit from March 2023 on was revoked.")


def test_a_revoked_enrolment_and_none_at_all_are_told(views: Views, facts: Facts) -> None:
    household = facts.enrolled()
    revoked = facts.change(
        household, "EnrolmentRevoked", enrolment=facts.last(household), reason="error"
    )
    explained = explain(views, household)
    assert explained.steps[0].says["why"] == "enrolment_revoked"
    assert explained.facts == [f"{household}:1", revoked]
    applied = UUID(int=7)
    facts.record(applied, "ApplicationReceived", area=AREA)
    explained = explain(views, applied)
    assert (explained.steps[0].says["why"], explained.facts) == ("never_enrolled", [])


def test_a_change_of_programme_is_told(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao", 60_000)
    household = facts.enrolled()
    changed = facts.change(household, "ProgrammeChanged", "2023-02", programme="dibao.rural")
    told = step(explain(views, household, "2023-02"), "roll")
    assert changed in told["facts"]
    assert "It came to this programme in February 2023." in told["text"]


def test_no_standard_in_force_is_told(views: Views, facts: Facts) -> None:
    explained = explain(views, facts.enrolled(members=2))
    assert names(explained) == ["roll", "area", "standard", "members", "entitled"]
    assert step(explained, "standard")["says"] == {"standard": None}


def test_a_standard_that_ended_uncovers_the_wider_areas_and_is_named(
    views: Views, facts: Facts
) -> None:
    wider = facts.standard("14", "dibao", 50_000)
    facts.standard(COUNTY, "dibao.urban", 60_000)
    ended = facts.of_area("StandardEnded", COUNTY, "2023-02", programme="dibao.urban")
    told = step(explain(views, facts.enrolled(), "2023-02"), "standard")
    assert told["facts"] == [wider, ended]
    assert "ended in February 2023, so it is passed over." in told["text"]


def test_a_setting_that_ended_uncovers_the_wider_areas_and_is_named(
    views: Views, facts: Facts
) -> None:
    facts.standard("14", "dibao", 50_001)
    wider = facts.policy("14", "rounding", "ceil_yuan")
    facts.policy(COUNTY, "rounding", "ceil_jiao")
    ended = facts.of_area("PolicyEnded", COUNTY, "2023-02", setting="rounding")
    told = step(explain(views, facts.enrolled(), "2023-02"), "rounding")
    assert (told["fen"], told["facts"]) == (50_100, [wider, ended])


def test_codes_that_gave_way_are_followed_one_by_one(views: Views, facts: Facts) -> None:
    facts.standard("140405", "dibao.urban", 70_000)
    household = facts.enrolled()
    gave_way = [
        facts.of_area("AreaReplaced", COUNTY, "2023-02", successor="140404"),
        facts.of_area("AreaReplaced", "140404001", "2023-03", successor="140405009"),
    ]
    told = step(explain(views, household, "2023-03"), "area")
    assert told["says"] == {"stood_in": AREA, "area": "140405009"}
    assert told["facts"] == [f"{household}:1", *gave_way]
    assert told["text"] == (
        "It stands in area 140403001; 140403 gave way to 140404 from February 2023 on and 140404001"
        " gave way to 140405009 from March 2023 on, so it is counted in area 140405009."
    )


def test_codes_that_give_way_to_each_other_in_one_month_are_followed_once(
    views: Views, facts: Facts
) -> None:
    household = facts.enrolled()
    facts.of_area("AreaReplaced", AREA, "2023-02", successor="140403002")
    facts.of_area("AreaReplaced", "140403002", "2023-02", successor=AREA)
    told = step(explain(views, household, "2023-02"), "area")
    assert told["says"]["area"] == "140403002"


def test_a_month_is_explained_as_known_at_a_position(views: Views, facts: Facts) -> None:
    facts.standard(COUNTY, "dibao.urban", 78_000)
    household = facts.enrolled()
    before = facts.position
    raised = facts.standard(COUNTY, "dibao.urban", 81_500, effective="2023-07")
    then, now = (
        explain(views, household, "2023-07", position=at) for at in (before, facts.position)
    )
    assert (then.entitled_fen, now.entitled_fen) == (78_000, 81_500)
    assert raised not in then.facts
    assert raised in now.facts
