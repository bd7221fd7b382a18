"""Two lives in villages of Loudi, where the rural standard of 5,074.00 a year is published."""

from __future__ import annotations

from assistance.demo.procedure import ORDER_649_ENTRY
from assistance.demo.standards import LOUDI
from assistance.demo.telling import Life, act

OFFICE = f"bureau-{LOUDI}"
HILL_VILLAGE = "431321901901"
RIVER_TOWN = "431322901"
RIVER_VILLAGE = "431322901901"
FLOOD = "flood-2023-07"

_ILL = ["@person:husband", "@person:wife", "@person:daughter"]

LARGE_BILL = Life(
    name="large-medical-bill",
    title="A large medical bill in a village of Loudi",
    told=(
        "The medical insurance reports a large bill; two visitors come within three days; the "
        "family is enrolled, gets medical aid of nearly 30,000, and is referred to the medical "
        "insurance and to rural revitalisation. Assumed: the place, 29,860.00 as the aid, no "
        "counted income, so 3 x 5,074.00 / 12 = 1,268.50 a month (the standard is published)."
    ),
    since="2023-02",
    office=OFFICE,
    steps=(
        act(
            "2023-02-13",
            "alert",
            "RaiseAlert",
            area=HILL_VILLAGE,
            kind="large_medical_bill",
            urgency="high",
            person="@person:husband",
            amount_fen=86_400_00,
            source="medical_insurance",
        ),
        act(
            "2023-02-15",
            "alert",
            "VisitHome",
            found="needs_help",
            visitors=2,
        ),
        act(
            "2023-02-16",
            "household",
            "ReceiveApplication",
            area=HILL_VILLAGE,
            channel="proactive",
            applied_for="dibao.rural",
            persons=_ILL,
            grid=f"grid-{HILL_VILLAGE}",
            alert="@stream:alert",
        ),
        act("2023-02-17", "household", "AcceptApplication", clock="special"),
        act(
            "2023-02-27",
            "household",
            "VerifyMeans",
            label="verified",
            income_fen=0,
            items=[{"person": "@person:wife", "kind": "business", "fen": 950_00}],
            deductions=[{"kind": "medical", "fen": 1_400_00}],
            sources=["tax", "medical_insurance", "vehicles", "property"],
        ),
        act("2023-03-01", "household", "PostOpinion", days=7),
        act(
            "2023-03-10",
            "household",
            "EnrolHousehold",
            label="enrolled",
            effective="2023-04",
            programme="dibao.rural",
            area=HILL_VILLAGE,
            income_fen=0,
            members=[
                {
                    "person": "@person:husband",
                    "role": "head",
                    "supplements": ["seriously_ill"],
                },
                {"person": "@person:wife", "role": "spouse"},
                {"person": "@person:daughter", "role": "child"},
            ],
            decided_by="county",
            legal_basis=ORDER_649_ENTRY,
            verification="@fact:verified",
        ),
        act("2023-03-13", "household", "PublishDecision", decision="@fact:enrolled"),
        act(
            "2023-03-13",
            "insurance",
            "MakeReferral",
            household="@stream:household",
            person="@person:husband",
            to="medical_insurance",
            need="medical-aid",
            alert="@stream:alert",
        ),
        act(
            "2023-03-13",
            "revitalisation",
            "MakeReferral",
            household="@stream:household",
            to="rural_revitalisation",
            need="monitoring-against-poverty",
            alert="@stream:alert",
        ),
        act(
            "2023-03-20",
            "alert",
            "ResolveAlert",
            outcome="enrolled",
            household="@stream:household",
        ),
        act("2023-03-22", "insurance", "AnswerReferral", outcome="helped"),
        act(
            "2023-03-28",
            "revitalisation",
            "AnswerReferral",
            outcome="accepted",
            reason="watched-for-two-years",
        ),
        act(
            "2023-03-30",
            "medical-aid",
            "ReportDepartmentAid",
            household="@stream:household",
            person="@person:husband",
            department="medical_insurance",
            policy="medical-aid",
            month="2023-03",
            quantity=29_860_00,
            unit="fen",
            description="Aid towards the hospital bill; nearly 30,000 (exact amount assumed).",
        ),
        act(
            "2023-04-03",
            "household",
            "RecordRecognition",
            effective="2023-04",
            recognition="anti_poverty_monitored",
            area=HILL_VILLAGE,
            persons=_ILL,
            decided_by="county",
            legal_basis="Rules on monitoring against a return to poverty (assumed)",
        ),
        act(
            "2023-05-16",
            "saplings",
            "DeliverService",
            household="@stream:household",
            kind="goods",
            month="2023-05",
            quantity=60,
            unit="item",
            provider="rural_revitalisation",
        ),
    ),
)

_FLOODED = ["@person:grandmother", "@person:son", "@person:granddaughter"]

FLOODED = Life(
    name="flooded-village",
    title="A household of the flooded village",
    told=(
        "A flood takes a house. Goods come the same night and cash the next day, before anybody is "
        "registered; then money for the transition; of one flooded village 238 households were "
        "enrolled (published), this one among them. Assumed: place, dates and amounts of the aid, "
        "an income of 400.00, so (3 x 5,074.00 - 12 x 400.00) / 12 = 868.50 a month (the standard "
        "is published)."
    ),
    since="2023-07",
    office=OFFICE,
    steps=(
        act(
            "2023-07-03",
            "goods",
            "GrantEmergencyAid",
            area=RIVER_VILLAGE,
            cause="flood",
            form="kind",
            amount_fen=460_00,
            goods="Quilts, rice, oil, water for three persons",
            level="village",
            recipients=3,
            emergency=FLOOD,
        ),
        act(
            "2023-07-04",
            "cash",
            "GrantEmergencyAid",
            area=RIVER_VILLAGE,
            cause="flood",
            form="cash",
            amount_fen=1_200_00,
            level="town",
            recipients=3,
            emergency=FLOOD,
            justification="The house cannot be lived in; the goods last a week.",
            collective_decision="Minutes of the town's emergency meeting, 2023-07-04",
        ),
        act("2023-07-18", "goods", "EndEmergency"),
        act("2023-07-18", "cash", "EndEmergency"),
        act(
            "2023-07-20",
            "household",
            "ReceiveApplication",
            area=RIVER_VILLAGE,
            channel="proactive",
            applied_for="dibao.rural",
            persons=_FLOODED,
            grid=f"grid-{RIVER_VILLAGE}",
        ),
        act("2023-07-20", "household", "AcceptApplication"),
        act(
            "2023-07-26",
            "household",
            "VerifyMeans",
            label="verified",
            income_fen=400_00,
            items=[
                {"person": "@person:son", "kind": "business", "fen": 400_00},
                {"person": "@person:grandmother", "kind": "transfer", "fen": 113_00},
            ],
            deductions=[{"kind": "exempt_income", "fen": 113_00}],
            sources=["tax", "social_insurance", "vehicles", "property"],
        ),
        act(
            "2023-07-27",
            "goods",
            "CompletePaperwork",
            household="@stream:household",
            persons=_FLOODED,
            verification="@fact:verified",
        ),
        act(
            "2023-07-27",
            "cash",
            "CompletePaperwork",
            household="@stream:household",
            persons=_FLOODED,
            verification="@fact:verified",
        ),
        act(
            "2023-07-28",
            "cash",
            "GrantAidInstalment",
            form="cash",
            amount_fen=1_800_00,
            level="town",
            justification="Transition: rent for three months.",
            collective_decision="Minutes of the town's meeting, 2023-07-28",
        ),
        act("2023-07-31", "household", "PostOpinion", days=7),
        act(
            "2023-08-10",
            "household",
            "EnrolHousehold",
            label="enrolled",
            effective="2023-09",
            programme="dibao.rural",
            area=RIVER_VILLAGE,
            income_fen=400_00,
            members=[
                {"person": "@person:grandmother", "role": "head"},
                {"person": "@person:son", "role": "child"},
                {"person": "@person:granddaughter", "role": "grandchild"},
            ],
            decided_by="county",
            legal_basis=ORDER_649_ENTRY,
            verification="@fact:verified",
        ),
        act(
            "2023-08-10",
            "cash",
            "ConvertAidToEnrolment",
            household="@stream:household",
            enrolment="@fact:enrolled",
        ),
        act("2023-08-14", "household", "PublishDecision", decision="@fact:enrolled"),
        act(
            "2023-08-14",
            "housing",
            "MakeReferral",
            household="@stream:household",
            to="housing",
            need="rebuilding",
        ),
        act("2023-09-05", "housing", "AnswerReferral", outcome="accepted"),
        act(
            "2023-12-20",
            "rebuilding",
            "ReportDepartmentAid",
            household="@stream:household",
            department="housing",
            policy="dilapidated-house",
            month="2023-12",
            quantity=24_000_00,
            unit="fen",
            description="Towards a new house (assumed).",
        ),
    ),
)
