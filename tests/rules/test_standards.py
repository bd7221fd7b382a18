"""Standards and policies: what an area may adopt, and which one holds."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.ids import area_stream
from ledger.standards.facts import StandardAdopted
from ledger.world import World
from tests.rules.given import (
    ANN,
    AREAS,
    COUNTY,
    HOME,
    MONTH,
    OTHER_TOWN,
    PROVINCE,
    TOWN,
    TOWN_WITHOUT_STANDARD,
    Office,
    enrolment,
    named,
)

ADOPTED: dict[str, Any] = {
    "effective": "2018-01", "programme": "dibao", "period": "month", "mode": "gap",
    "amount_fen": 70_000, "adopted_by": "the government", "area": TOWN,
}  # fmt: skip


def in_force(office: Office, area: str, programme: str, month: str) -> int | None:
    world = World(office.streams, AREAS, office.today)
    found = world.standard(area, programme, month)
    return found.amount_fen if found else None


def setting(office: Office, area: str, name: str, month: str) -> Any:
    return World(office.streams, AREAS, office.today).policy(area, name, month)


def area_id(office: Office) -> str:
    """The id of the fact recorded last."""
    streams = [s for s in office.streams.by_id.values() if s.facts]
    found = [s for s in streams if isinstance(s.facts[-1], StandardAdopted)]
    return f"{found[-1].id}:{found[-1].version}"


def test_the_nearest_area_wins_then_the_specific_programme() -> None:
    office = Office(standards=False)
    office.adopt("dibao.urban", "gap", 1, area=PROVINCE)
    office.adopt("dibao", "gap", 2, area=COUNTY)
    assert in_force(office, TOWN, "dibao.urban", MONTH) == 2
    office.adopt("dibao.urban", "gap", 3, area=COUNTY)
    assert in_force(office, TOWN, "dibao.urban", MONTH) == 3
    assert in_force(office, TOWN, "dibao.rural", MONTH) == 2
    assert in_force(office, TOWN, "dibao", MONTH) == 2
    assert in_force(office, "140499", "dibao.urban", MONTH) == 1
    assert in_force(office, TOWN, "tekun", MONTH) is None


def test_of_several_the_latest_effective_wins_then_the_one_recorded_later() -> None:
    office = Office(standards=False)
    office.adopt("dibao", "gap", 2, effective="2023-07")
    office.adopt("dibao", "gap", 1, effective="2023-01")
    office.adopt("dibao", "gap", 3, effective="2023-07")
    amounts = [in_force(office, TOWN, "dibao", m) for m in ("2022-12", "2023-01", "2023-07")]
    assert amounts == [None, 1, 3]


def test_an_ended_standard_uncovers_the_wider_areas() -> None:
    office = Office(standards=False)
    office.adopt("dibao", "gap", 1, area=PROVINCE)
    office.adopt("dibao", "gap", 2, area=TOWN, effective="2023-01")
    end = {"area": TOWN, "programme": "dibao"}
    office.refuses("standard_to_end", "EndStandard", month="2022-12", **end, effective="2022-12")
    office.accepts("EndStandard", **end, effective="2024-01")
    amounts = [in_force(office, TOWN, "dibao", m) for m in ("2022-12", "2023-12", "2024-01")]
    assert amounts == [1, 2, 1]
    office.refuses("standard_to_end", "EndStandard", month="2024-02", **end, effective="2024-02")


def test_the_end_of_a_standard_is_corrected_to_a_later_month() -> None:
    office = Office(standards=False)
    office.adopt("dibao", "gap", 2, area=TOWN)
    end = {"area": TOWN, "programme": "dibao"}
    office.accepts("EndStandard", **end, effective="2024-01")
    [stream] = office.recorded()
    office.accepts("EndStandard", **end, effective="2024-03", corrects=f"{stream}:2")
    assert [in_force(office, TOWN, "dibao", m) for m in ("2024-02", "2024-03")] == [2, None]


def test_a_guideline_is_ended_as_a_guideline() -> None:
    office = Office(standards=False)
    office.adopt("dibao", "gap", 2, area=TOWN, kind="guideline")
    end = {"area": TOWN, "programme": "dibao", "effective": "2024-01"}
    office.refuses("standard_to_end", "EndStandard", month="2024-01", **end)
    office.accepts("EndStandard", **end, kind="guideline")
    office.refuses("guideline_to_end", "EndStandard", month="2024-01", **end, kind="guideline")


def test_a_standard_is_corrected_in_its_place() -> None:
    office = Office(standards=False)
    office.adopt("dibao", "gap", 2, area=TOWN)
    first = area_id(office)
    office.adopt("dibao", "gap", 3, area=TOWN)
    office.adopt("dibao", "gap", 4, area=TOWN, corrects=first)
    assert in_force(office, TOWN, "dibao", MONTH) == 3


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("standard_complete", {"mode": "tiered"}),
        ("standard_complete", {"tiers": {"A": 1}}),
        ("standard_mode", {"mode": "full"}),
        ("standard_mode", {"programme": "tekun.rural"}),
    ],
)
def test_dibao_is_gap_or_tiered_and_tekun_full(rule: str, wrong: dict[str, Any]) -> None:
    Office().refuses(rule, "AdoptStandard", month="2018-01", **ADOPTED | wrong)


def test_adopts_for_a_known_area_only() -> None:
    office = Office()
    office.refuses("known_area", "AdoptStandard", **ADOPTED | {"area": "99"})
    office.refuses(
        "known_area",
        "AdoptPolicy",
        area="99",
        setting="rounding",
        value="ceil_yuan",
        effective=MONTH,
    )


def test_codes_below_a_known_county_may_be_allowed() -> None:
    office = Office()
    strict = World(office.streams, AREAS, office.today)
    lenient = World(office.streams, AREAS, office.today, below_county=True)
    lenient.require_area("140403999")
    for world, code in ((strict, "140403999"), (lenient, "140499999"), (lenient, "1404")):
        with pytest.raises(Exception, match="is not known"):
            world.require_area(code)


def test_settings_inherit_singly_and_else_have_the_default() -> None:
    office = Office()
    assert setting(office, TOWN, "grace.months", MONTH) == 6
    office.policy("grace.months", 9, PROVINCE)
    office.policy("grace.months", 3, TOWN, effective="2026-10")
    office.policy("rounding", "ceil_yuan", TOWN)
    assert setting(office, TOWN, "grace.months", MONTH) == 9
    assert setting(office, TOWN, "grace.months", "2026-10") == 3
    office.accepts("EndPolicy", area=TOWN, setting="grace.months", effective="2026-11")
    assert setting(office, TOWN, "grace.months", "2026-11") == 9
    assert setting(office, TOWN, "rounding", MONTH) == "ceil_yuan"
    assert setting(office, TOWN, "supplement.minor", MONTH) is None
    office.refuses(
        "policy_to_end",
        "EndPolicy",
        month=MONTH,
        area=OTHER_TOWN,
        setting="rounding",
        effective=MONTH,
    )


@pytest.mark.parametrize(
    ("rule", "name", "value"),
    [
        ("known_setting", "no.such", 1),
        ("setting_shape", "grace.months", 0),
        ("setting_shape", "grace.months", 37),
        ("setting_shape", "grace.months", 2**64),
        ("setting_shape", "grace.months", True),
        ("setting_shape", "grace.months", "6"),
        ("setting_shape", "rounding", "down"),
        ("setting_shape", "work.refusals", 2),
        ("setting_shape", "decision.delegated_levels", ["county"]),
        ("setting_shape", "supplement.minor", {"bp": -1}),
        ("setting_shape", "supplement.minor", {"bp": 1, "fen": 1}),
    ],
)
def test_a_setting_is_a_known_one_with_a_value_of_its_shape(
    rule: str, name: str, value: Any
) -> None:
    Office().refuses(rule, "AdoptPolicy", area=TOWN, setting=name, value=value, effective=MONTH)


def test_a_household_in_a_code_that_gave_way_stands_under_the_successors_standard() -> None:
    office = Office(standards=False)
    office.adopt("dibao", "gap", 1, area="15")
    replaced = {"area": TOWN, "effective": "2024-01"}
    office.accepts("ReplaceArea", **replaced, successor=TOWN_WITHOUT_STANDARD)
    assert in_force(office, TOWN, "dibao", "2023-12") is None
    assert in_force(office, TOWN, "dibao", "2024-01") == 1
    office.refuses("known_area", "ReplaceArea", **replaced, successor="99")
    office.refuses("successor_differs", "ReplaceArea", **replaced, successor=TOWN)


def test_a_wider_code_that_gave_way_takes_along_the_codes_inside_it() -> None:
    office = Office(standards=False)
    office.adopt("dibao", "gap", 1, area="15")
    office.accepts("ReplaceArea", area=PROVINCE, successor="15", effective="2024-01")
    assert in_force(office, TOWN, "dibao", "2024-01") == 1


def test_codes_that_gave_way_to_each_other_come_to_an_end() -> None:
    office = Office(standards=False)
    office.adopt("dibao", "gap", 1, area=TOWN)
    office.adopt("dibao", "gap", 2, area=OTHER_TOWN)
    for since, area, successor in (
        ("2024-01", TOWN, OTHER_TOWN),
        ("2025-01", OTHER_TOWN, TOWN),
    ):
        office.accepts("ReplaceArea", area=area, successor=successor, effective=since)
    assert in_force(office, TOWN, "dibao", "2024-06") == 2
    assert in_force(office, TOWN, "dibao", "2025-06") == 1
    assert in_force(office, OTHER_TOWN, "dibao", "2025-06") == 1


def test_a_stream_belongs_to_one_kind_of_subject() -> None:
    office = Office()
    office.given("RegisterPerson", ANN, identity_digest="a" * 64)
    office.refuses("one_subject_a_stream", "VerifyMeans", ANN, income_fen=0)
    office.given("VerifyMeans", HOME, income_fen=0)
    office.refuses("one_subject_a_stream", "RegisterPerson", HOME, identity_digest="a" * 64)


@pytest.mark.parametrize("area", [PROVINCE, COUNTY, TOWN])
def test_nobody_takes_the_id_under_which_an_area_will_be_recorded(area: str) -> None:
    office = Office(standards=False)
    areas = area_stream(area)
    alert = {"area": TOWN, "kind": "grid_report", "urgency": "normal", "source": "grid"}
    office.refuses("one_subject_a_stream", "RaiseAlert", areas, **alert)
    office.refuses("one_subject_a_stream", "VerifyMeans", areas, income_fen=0)
    office.refuses("one_subject_a_stream", "RegisterPerson", areas, identity_digest="a" * 64)
    office.adopt("dibao", "gap", 70_000, area=OTHER_TOWN)
    office.given("VerifyMeans", HOME, income_fen=35_000, decided_on="2026-02-01")
    covered = enrolment([areas], area=OTHER_TOWN)
    office.refuses("one_subject_a_stream", "EnrolHousehold", HOME, **covered)
    office.adopt("dibao", "gap", 70_000, area=area)


def test_a_person_is_registered_once_and_then_corrected() -> None:
    office = Office()
    office.misses("CorrectPerson", ANN, identity_digest="b" * 64)
    first = office.given("RegisterPerson", ANN, identity_digest="a" * 64)
    office.refuses("registered_once", "RegisterPerson", ANN, identity_digest="a" * 64)
    office.accepts("CorrectPerson", ANN, identity_digest="b" * 64)
    corrected = office.accepts("RegisterPerson", ANN, identity_digest="c" * 64, corrects=first)
    assert corrected.rank == 1
    office.refuses(
        "names_a_fact", "RegisterPerson", ANN, identity_digest="c" * 64, corrects=f"{named('x')}:1"
    )


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ({"method": "gap"}, True),
        ({"method": "fixed", "fen": 30_000}, True),
        ({"method": "share", "bp": 8_000}, True),
        ({}, False),
        ({"method": "fixed"}, False),
        ({"method": "fixed", "fen": "many"}, False),
        ({"method": "fixed", "fen": -1}, False),
        ({"method": "fixed", "fen": 10**30}, False),
        ({"method": "share", "bp": "half"}, False),
        ({"method": "share", "bp": 1_000_001}, False),
        ({"method": "share", "fen": 1}, False),
        ({"method": "by hand"}, False),
    ],
)
def test_a_single_persons_amount_can_always_be_computed(
    value: dict[str, int | str], accepted: bool
) -> None:
    office = Office()
    policy: dict[str, Any] = {"area": COUNTY, "setting": "single_person.amount", "value": value}
    if accepted:
        office.accepts("AdoptPolicy", effective=MONTH, **policy)
    else:
        office.refuses("setting_shape", "AdoptPolicy", effective=MONTH, **policy)
