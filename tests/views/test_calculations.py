"""Calculation 1 stays what it is: over fixed facts, a list of each kind has one digest for ever.

When a digest here changes, lists that were frozen no longer come out as they were: give the new
calculation the next number and keep the old one (docs/decisions/0030-calculations-have-numbers.md).
"""

from __future__ import annotations

import hashlib
from typing import Any

from projections.payment_lists import computing
from tests.views.conftest import Views
from tests.views.facts import named
from tests.views.lists import Lists

CITY, TOWN = "1404", "140403001"

MONTHLY = "c74b4beecb2a44f7ea3433badcb2dfa0ee02851f422e6382334ff00195778091"
HELP_FIRST = "d83cdba655bc85f0e2f48593d6e70651245115156caa90896a6eb37a58a19901"
TEMPORARY_AID = "8a23e8f9b30519d9816d0715b14434cad754d8b32fb585909124c39ed94dc5eb"
AREA_GRANT = "efc1f697e6070a466ca35fcf93d1f069f01f4e5eb870df542dae53eceac3c441"
REISSUE = "93edff03d42fd0faee146aa638d6148cf476f3513bd72dc008f6e0db0cc3e6eb"


def digest(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()


def settled(views: Views) -> Lists:
    """A city with a standard, supplements and offsets, and three households, one of which had a change."""
    facts = views.facts
    facts.standard(CITY, "dibao.urban", 78_050, effective="2025-01", period="month")
    facts.policy(CITY, "lists.first_month", "2026-06", effective="2025-01")
    facts.policy(CITY, "supplement.elderly", {"bp": 1_500}, effective="2025-01")
    facts.policy(CITY, "overpayments.offset_bp", 2_500, effective="2025-01")
    facts.policy(CITY, "rounding", "ceil_jiao", effective="2025-01")
    households = [
        facts.enrolled(members=n, income=31_007 * n, effective="2026-05", area=TOWN)
        for n in (1, 2, 3)
    ]
    lists = Lists(views)
    lists.freeze(CITY, "2026-06")
    facts.reassessed(households[0], "2026-06", 40_000)
    facts.reassessed(households[1], "2026-06", 20_000)
    return lists


def test_a_monthly_list_of_calculation_1(views: Views) -> None:
    lists = settled(views)
    july = lists.compute(computing.monthly(CITY, "2026-07"))
    assert computing.CALCULATION == 1
    assert digest(july) == MONTHLY, july.decode()


def test_lists_of_grants_of_calculation_1(views: Views) -> None:
    lists, facts = settled(views), views.facts
    aid: dict[str, Any] = {"area": TOWN, "cause": "fire", "decided_on": "2026-07-02"}
    facts.record(
        named("flood"), "EmergencyAidGranted", form="cash", amount_fen=50_000, level="town",
        persons=[str(named("somebody"))], **aid,
    )  # fmt: skip
    facts.record(
        named("illness"), "TemporaryAidGranted", type="expenditure", amount_fen=120_000,
        decided_by="county", **aid,
    )  # fmt: skip
    first = lists.compute(computing.of_grants("help_first", CITY, "2026-07"))
    second = lists.compute(computing.of_grants("temporary_aid", CITY, "2026-07"))
    assert digest(first) == HELP_FIRST, first.decode()
    assert digest(second) == TEMPORARY_AID, second.decode()


def test_an_area_grants_list_of_calculation_1(views: Views) -> None:
    lists = settled(views)
    grant = views.facts.of_area(
        "AreaGrantAdopted", CITY, "2026-07", head="festival", rolls=["dibao"], per="person",
        amount_fen=5_000,
    )  # fmt: skip
    projections = views.projections()
    asked = computing.of_area_grant(projections, None, grant, projections.as_of())
    document = lists.compute(asked)
    assert digest(document) == AREA_GRANT, document.decode()


def test_a_reissue_of_calculation_1(views: Views) -> None:
    lists = settled(views)
    july = lists.freeze(CITY, "2026-07")
    references = [row["reference_id"] for row in lists.lines(july)]
    lists.report(july, (references[0], "rjct"), (references[1], "succ"))
    projections = views.projections()
    document = lists.compute(computing.of_failed_lines(projections, july, projections.as_of()))
    assert digest(document) == REISSUE, document.decode()
