"""Two lives in Jiyuan, where dibao is tiered and unified for town and country."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from assistance.demo.procedure import ORDER_649_ENTRY
from assistance.demo.published import JIYUAN
from assistance.demo.telling import Life, Step, act

OFFICE = f"bureau-{JIYUAN}"
TOWN = "419001903"
VILLAGE = "419001903902"
OTHER_VILLAGE = "419001907901"


def account(label: str) -> str:
    """Return the digest of an invented account; no real one exists behind it."""
    return sha256(f"demo account {label}".encode()).hexdigest()


def _review(year: int, outcome: str = "unchanged") -> Step:
    """Return the yearly re-check of an autumn."""
    due = f"{year + 1}-10"
    return act(f"{year}-10-12", "household", "CompleteReview", outcome=outcome, next_due=due)


def _round(year: int) -> tuple[Step, Step]:
    """Return a spring round: somebody looked, on a stream of its own; the visit was a service."""
    visit: dict[str, Any] = {"household": "@stream:household", "found": "no_need", "visitors": 2}
    service: dict[str, Any] = {
        "household": "@stream:household",
        "kind": "visit",
        "month": f"{year}-04",
        "quantity": 1,
        "unit": "item",
        "provider": "village_committee",
    }
    return (
        act(f"{year}-04-18", f"round-{year}", "VisitHome", **visit),
        act(f"{year}-04-18", f"service-{year}", "DeliverService", **service),
    )


_FAMILY: list[dict[str, Any]] = [
    {"person": "@person:mother", "role": "head"},
    {"person": "@person:grandmother", "role": "parent"},
    {"person": "@person:son", "role": "child"},
]

TIER_B_FAMILY = Life(
    name="tier-b-family",
    title="A tier-B family of three in Jiyuan",
    told=(
        "A mother, her own mother and a schoolboy: tier B, 3 x 430.00 = 1,290.00 a month from "
        "2018-11 (published). They are one of the 5,567 households of 2021. Assumed: everything "
        "but tier, size and amount; that tier B stays at 430.00 from 2021."
    ),
    since="2018-09",
    office=OFFICE,
    steps=(
        act(
            "2018-09-18",
            "household",
            "ReceiveApplication",
            area=VILLAGE,
            channel="counter",
            applied_for="dibao",
            persons=["@person:mother", "@person:grandmother", "@person:son"],
        ),
        act("2018-09-19", "household", "AcceptApplication"),
        act(
            "2018-09-28",
            "household",
            "VerifyMeans",
            label="verified",
            income_fen=260_00,
            items=[
                {"person": "@person:mother", "kind": "wage", "fen": 500_00},
                {"person": "@person:grandmother", "kind": "transfer", "fen": 103_00},
            ],
            deductions=[
                {"kind": "exempt_income", "fen": 103_00},
                {"kind": "work_cost", "fen": 240_00},
            ],
            sources=["tax", "social_insurance", "vehicles", "property"],
        ),
        act("2018-10-08", "household", "PostOpinion", days=7, place="village noticeboard"),
        act(
            "2018-10-22",
            "household",
            "EnrolHousehold",
            label="enrolled",
            effective="2018-11",
            programme="dibao",
            area=VILLAGE,
            income_fen=260_00,
            tier="B",
            members=_FAMILY,
            decided_by="county",
            legal_basis=ORDER_649_ENTRY,
            verification="@fact:verified",
        ),
        act("2018-10-24", "household", "PublishDecision", decision="@fact:enrolled"),
        act(
            "2018-10-25",
            "household",
            "DesignatePayee",
            effective="2018-11",
            person="@person:mother",
            account_digest=account("mother"),
        ),
        act(
            "2018-11-05",
            "household",
            "AssignGrid",
            effective="2018-11",
            grid=f"grid-{VILLAGE}",
            responsible="grid-head-12",
        ),
        *_round(2019),
        _review(2019),
        *_round(2020),
        _review(2020),
        act(
            "2020-12-08",
            "education",
            "ReportDepartmentAid",
            household="@stream:household",
            person="@person:son",
            department="education",
            policy="boarding-subsidy",
            month="2020-12",
            quantity=625_00,
            unit="fen",
            description="Half a year's subsidy for boarders (assumed).",
        ),
        *_round(2021),
        _review(2021),
        act(
            "2022-02-16",
            "household",
            "AssignGrid",
            effective="2022-03",
            grid=f"grid-{VILLAGE}",
            responsible="grid-head-31",
        ),
        *_round(2022),
        _review(2022),
    ),
)

_STROKE_PERSONS = ["@person:father", "@person:wife", "@person:daughter", "@person:grandfather"]

AFTER_A_STROKE = Life(
    name="after-a-stroke",
    title="A stroke in Jiyuan: help first, paperwork afterwards, enrolment",
    told=(
        "The father has a stroke; the town gives 1,500.00 at once to a family that is on no list, "
        "the emergency ends when he leaves the hospital, the paperwork follows, and the family is "
        "enrolled: 1,360.00 a month (published). Assumed: four persons in tier C at 340.00, the "
        "dates, the aid's amount."
    ),
    since="2022-03",
    office=OFFICE,
    steps=(
        act(
            "2022-03-05",
            "grant",
            "GrantEmergencyAid",
            area=TOWN,
            cause="illness",
            form="cash",
            amount_fen=1_500_00,
            level="town",
            recipients=4,
            justification="Stroke; deposit for the hospital was due the same night.",
        ),
        act(
            "2022-03-07",
            "alert",
            "RaiseAlert",
            area=OTHER_VILLAGE,
            kind="large_medical_bill",
            urgency="urgent",
            amount_fen=42_300_00,
            source="medical_insurance",
        ),
        act("2022-03-09", "alert", "VisitHome", found="needs_help", visitors=2),
        act("2022-03-25", "grant", "EndEmergency"),
        act(
            "2022-03-28",
            "household",
            "ReceiveApplication",
            area=OTHER_VILLAGE,
            channel="proactive",
            applied_for="dibao",
            persons=_STROKE_PERSONS,
            grid=f"grid-{OTHER_VILLAGE}",
            alert="@stream:alert",
        ),
        act("2022-03-29", "household", "AcceptApplication"),
        act(
            "2022-04-06",
            "household",
            "VerifyMeans",
            label="verified",
            income_fen=860_00,
            items=[
                {"person": "@person:wife", "kind": "wage", "fen": 1_400_00},
                {"person": "@person:grandfather", "kind": "transfer", "fen": 108_00},
            ],
            deductions=[
                {"kind": "exempt_income", "fen": 108_00},
                {"kind": "medical", "fen": 540_00},
            ],
            sources=["tax", "social_insurance", "medical_insurance", "property"],
        ),
        act(
            "2022-04-07",
            "grant",
            "CompletePaperwork",
            household="@stream:household",
            persons=_STROKE_PERSONS,
            verification="@fact:verified",
        ),
        act("2022-04-11", "household", "PostOpinion", days=7),
        act(
            "2022-04-22",
            "household",
            "EnrolHousehold",
            label="enrolled",
            effective="2022-05",
            programme="dibao",
            area=OTHER_VILLAGE,
            income_fen=860_00,
            tier="C",
            members=[
                {"person": "@person:father", "role": "head"},
                {"person": "@person:wife", "role": "spouse"},
                {"person": "@person:daughter", "role": "child"},
                {"person": "@person:grandfather", "role": "parent"},
            ],
            decided_by="county",
            legal_basis=ORDER_649_ENTRY,
            verification="@fact:verified",
        ),
        act(
            "2022-04-22",
            "grant",
            "ConvertAidToEnrolment",
            household="@stream:household",
            enrolment="@fact:enrolled",
        ),
        act(
            "2022-04-24", "alert", "ResolveAlert", outcome="enrolled", household="@stream:household"
        ),
        act("2022-04-25", "household", "PublishDecision", decision="@fact:enrolled"),
        act("2022-04-26", "household", "ChangeHead", effective="2022-05", person="@person:wife"),
        act(
            "2022-05-06",
            "household",
            "AssignGrid",
            effective="2022-05",
            grid=f"grid-{OTHER_VILLAGE}",
            responsible="grid-head-7",
        ),
        act(
            "2022-06-15",
            "rehabilitation",
            "DeliverService",
            household="@stream:household",
            person="@person:father",
            kind="rehabilitation",
            month="2022-06",
            quantity=12,
            unit="hour",
            provider="town_hospital",
        ),
        act("2023-04-20", "household", "CompleteReview", outcome="unchanged", next_due="2024-04"),
    ),
)
