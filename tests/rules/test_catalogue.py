"""Every command of the catalogue is accepted somewhere, and becomes the fact of its name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from ledger.fact import BY_COMMAND, BY_TOPIC
from tests.payment_documents import (
    digest_of,
    freeze_data,
    line,
    list_document,
    references,
    results_data,
    results_document,
)
from tests.rules.given import (
    ANN,
    BOB,
    CARL,
    DECISION,
    EXIT,
    HOME,
    MONTH,
    OTHER,
    OTHER_TOWN,
    THIRD,
    TOWN,
    Office,
    enrolment,
    member,
    named,
)
from tests.rules.payments import (
    DEBT,
    JULY,
    LIST,
    OTHER_DEBT,
    SECOND_LIST,
    THIRD_LIST,
    PayingOffice,
    order,
)

GRANT, ALERT, REFERRAL, NEW = map(named, ("grant", "alert", "referral", "new one"))
MIGRATED = {"migrated": True}
APPROVED_LIST, REPORTED_LIST = SECOND_LIST, THIRD_LIST
OF_HOME = line(HOME, {JULY: 78_000})
LIST_TO_FREEZE = list_document(kind="help_first", programme=None, lists_version=7)
RESULTS_TO_RECORD = results_document(APPROVED_LIST)
OF_BOB: dict[str, Any] = {"effective": MONTH, "person": BOB}

COMMANDS: dict[str, tuple[UUID | None, dict[str, Any]]] = {
    "AdoptStandard": (None, {
        "effective": MONTH, "area": TOWN, "programme": "tekun", "period": "year", "mode": "full",
        "amount_fen": 1, "adopted_by": "the government"}),
    "EndStandard": (None, {"effective": MONTH, "area": OTHER_TOWN, "programme": "dibao"}),
    "AdoptPolicy": (None, {
        "effective": MONTH, "area": TOWN, "setting": "grace.months", "value": 3}),
    "EndPolicy": (None, {"effective": MONTH, "area": OTHER_TOWN, "setting": "grace.months"}),
    "AdoptAreaGrant": (None, {
        "effective": MONTH, "area": TOWN, "head": "heating", "rolls": ["dibao"], "per": "person",
        "amount_fen": 1}),
    "ReplaceArea": (None, {"effective": MONTH, "area": TOWN, "successor": OTHER_TOWN}),
    "RegisterPerson": (NEW, {"identity_digest": "a" * 64}),
    "CorrectPerson": (CARL, {"identity_digest": "b" * 64}),
    "ReceiveApplication": (NEW, {"area": TOWN, "channel": "online"}),
    "AcceptApplication": (THIRD, {"relative_of_staff": True}),
    "VerifyMeans": (NEW, {"income_fen": 0}),
    "PostOpinion": (THIRD, {}),
    "RaiseObjection": (THIRD, {"ground": "has_a_car"}),
    "HoldAppraisal": (THIRD, {"outcome": "not_supported", "attended": 9}),
    "RefuseApplication": (THIRD, {"reason": "too_rich", **DECISION}),
    "WithdrawApplication": (THIRD, {}),
    "PublishDecision": (HOME, {"decision": f"{HOME}:2"}),
    "EnrolHousehold": (THIRD, enrolment([CARL])),
    "AddMember": (HOME, {"effective": MONTH, "member": member(CARL), "income_fen": 0}),
    "RemoveMember": (HOME, {**OF_BOB, "income_fen": 0, "reason": "married", **MIGRATED}),
    "RecordDeath": (HOME, {"person": BOB, "died_on": "2026-08-01"}),
    "StopMemberCover": (HOME, {**OF_BOB, "reason": "other", "legal_basis": "Law 48", **MIGRATED}),
    "RestoreMemberCover": (OTHER, {"effective": MONTH, "person": named("uncovered")}),
    "ChangeHead": (HOME, OF_BOB),
    "DesignatePayee": (HOME, {**OF_BOB, "account_digest": "a" * 64}),
    "ReassessIncome": (HOME, {"effective": MONTH, "income_fen": 0}),
    "ChangeTier": (HOME, {"effective": MONTH, "tier": "B"}),
    "ChangeProgramme": (HOME, {"effective": MONTH, "programme": "tekun", **DECISION}),
    "AssignSupplement": (HOME, {**OF_BOB, "supplement": "minor"}),
    "WithdrawSupplement": (HOME, {**OF_BOB, "supplement": "minor", "reason": "of_age", **MIGRATED}),
    "AssessSelfCare": (HOME, {**OF_BOB, "self_care": "partial"}),
    "ChangeCareForm": (HOME, {"effective": MONTH, "care_form": "institutional"}),
    "OfferWork": (HOME, {"person": BOB, "work": "street_cleaning"}),
    "RecordWorkRefusal": (HOME, {"person": BOB}),
    "CompleteReview": (HOME, {"outcome": "unchanged", "next_due": "2027-08"}),
    "SuspendPayment": (HOME, {
        "effective": MONTH, "reason": "x", "legal_basis": "Law 48", **MIGRATED}),
    "ResumePayment": (OTHER, {"effective": MONTH}),
    "HearOpinion": (HOME, {"intended": ["exit"], "manner": "heard"}),
    "ServeNotice": (HOME, {"decision": f"{HOME}:2"}),
    "StartGracePeriod": (HOME, {
        **OF_BOB, "until": MONTH, "defers": f"{HOME}:3", "decided_by": "county", **MIGRATED}),
    "ExitHousehold": (HOME, {**EXIT, **MIGRATED}),
    "RevokeExit": (OTHER, {"exit": f"{OTHER}:5", "reason": "appeal"}),
    "RevokeEnrolment": (HOME, {
        "enrolment": f"{HOME}:2", "reason": "forged", "legal_basis": "Law 60", **MIGRATED}),
    "LodgeAppeal": (HOME, {"decision": f"{HOME}:2", "body": "the county"}),
    "DecideAppeal": (HOME, {"appeal": f"{HOME}:4", "outcome": "varied"}),
    "MoveHousehold": (HOME, {"effective": MONTH, "area": OTHER_TOWN}),
    "SplitHousehold": (HOME, {
        "effective": MONTH, "new_household": NEW, "members": [member(BOB, "head")], "income_fen": 0,
        "new_income_fen": 0, **DECISION}),
    "MergeHouseholds": (HOME, {
        "effective": MONTH, "absorbed": OTHER, "members": [member(named("head"), "parent")],
        "income_fen": 0, **DECISION, **MIGRATED}),
    "AssignGrid": (HOME, {"effective": MONTH, "grid": "g-7", "responsible": "clerk-1"}),
    "RecordRecognition": (HOME, {
        "effective": MONTH, "recognition": "orphan", "area": TOWN, "persons": [BOB], **DECISION}),
    "EndRecognition": (OTHER, {"effective": MONTH, "recognition": "orphan", "reason": "of_age"}),
    "GrantEmergencyAid": (NEW, {
        "area": TOWN, "cause": "flood", "form": "kind", "amount_fen": 1, "level": "village"}),
    "EndEmergency": (GRANT, {}),
    "CompletePaperwork": (GRANT, {"household": HOME}),
    "GrantAidInstalment": (GRANT, {"form": "cash", "amount_fen": 1, "level": "town"}),
    "ConvertAidToEnrolment": (GRANT, {"household": HOME}),
    "FindAidUnjustified": (GRANT, {"ground": "no_need", "amount_fen": 1}),
    "GrantTemporaryAid": (NEW, {
        "area": TOWN, "type": "emergency", "cause": "other", "amount_fen": 1,
        "decided_by": "county"}),
    "GrantFuneralAid": (NEW, {
        "area": TOWN, "person": ANN, "died_on": "2026-08-01", "amount_fen": 1}),
    "RaiseAlert": (NEW, {
        "area": TOWN, "kind": "vehicle", "urgency": "normal", "source": "registry"}),
    "VisitHome": (ALERT, {"household": HOME, "found": "no_need"}),
    "ResolveAlert": (ALERT, {"outcome": "false_match"}),
    "MakeReferral": (NEW, {"household": HOME, "to": "housing", "need": "repair"}),
    "AnswerReferral": (REFERRAL, {"outcome": "helped"}),
    "ReportDepartmentAid": (NEW, {
        "household": HOME, "department": "education", "policy": "p", "month": MONTH, "quantity": 1,
        "unit": "fen"}),
    "DeliverService": (NEW, {
        "household": HOME, "kind": "points", "month": MONTH, "quantity": 1, "unit": "point"}),
    "ReceiveComplaint": (NEW, {"area": TOWN, "ground": "unfair", "channel": "telephone"}),
    "FreezePaymentList": (None, freeze_data(LIST_TO_FREEZE, NEW)),
    "ApprovePaymentList": (None, {
        "list": LIST, "document": digest_of(list_document(month=JULY))}),
    "RejectPaymentList": (None, {"list": LIST, "reason": "late_exits"}),
    "CancelPaymentList": (None, {"list": APPROVED_LIST, "reason": "wrong_account_file"}),
    "SendPaymentList": (None, {"list": APPROVED_LIST, "format": "csv"}),
    "RecordPaymentResults": (None, results_data(RESULTS_TO_RECORD)),
    "ClosePaymentLine": (None, {
        "list": REPORTED_LIST, "reference_id": references(REPORTED_LIST, list_document(OF_HOME))[0][0],
        "amount_fen": 78_000, "reason": "payee_died"}),
    "OrderRecovery": (None, order(OTHER_DEBT)),
    "ReceiveRecovery": (None, {"recovery": DEBT, "amount_fen": 1}),
    "WaiveRecovery": (None, {
        "recovery": DEBT, "amount_fen": 1, "reason": "no_means", "legal_basis": "Law 60"}),
}  # fmt: skip
"""For each command a subject and data with which the office below accepts it."""


def a_busy_office() -> Office:
    """Two households, an application, a grant, an alert, a referral; three lists and a recovery."""
    office = PayingOffice()
    office.adopt("dibao", "gap", 60_000, area=OTHER_TOWN)
    office.policy("grace.months", 3, area=OTHER_TOWN)
    office.given("RegisterPerson", CARL, identity_digest="a" * 64)
    bob = member(BOB, "child", supplements=["minor"])
    office.enrolled(HOME, [], members=[member(ANN, "head"), bob])
    office.given("ReassessIncome", HOME, effective="2026-08", income_fen=34_000)
    office.given("LodgeAppeal", HOME, decision=f"{HOME}:2", body="the county")
    uncovered = member(named("uncovered"), covered=False)
    office.enrolled(OTHER, [], members=[member(named("head"), "head"), uncovered])
    office.given(
        "RecordRecognition", OTHER, effective="2026-05", recognition="orphan", area=TOWN,
        persons=[named("head")], **DECISION,
    )  # fmt: skip
    office.given(
        "SuspendPayment",
        OTHER,
        effective="2026-06",
        reason="x",
        legal_basis="Law 48",
        migrated=True,
    )
    for subject, command in ((THIRD, "ReceiveApplication"), (GRANT, "GrantEmergencyAid"),
                             (ALERT, "RaiseAlert"), (REFERRAL, "MakeReferral")):  # fmt: skip
        office.given(command, subject, **COMMANDS[command][1])
    office.given("VerifyMeans", THIRD, income_fen=0, decided_on="2026-02-01")
    pay(office)
    return office


def pay(office: PayingOffice) -> None:
    """Freeze three lists, approve two, report a failure on one, and order a recovery: seven facts."""
    office.froze(LIST, month=JULY)
    for one in (APPROVED_LIST, REPORTED_LIST):
        office.froze(one, *([OF_HOME] if one is REPORTED_LIST else []), month=JULY)
        office.approved(one)
    office.reported(REPORTED_LIST, office.said(REPORTED_LIST, HOME, "rjct"))
    office.ordered()
    for document in (LIST_TO_FREEZE, RESULTS_TO_RECORD):
        office.documents.put(document)


@pytest.mark.parametrize("command", sorted(BY_COMMAND))
def test_each_command_is_accepted_and_becomes_its_fact(command: str) -> None:
    office = a_busy_office()
    if command == "RevokeExit":
        office.given("ExitHousehold", OTHER, **EXIT, migrated=True)
    subject, data = COMMANDS[command]
    fact = office.accepts(command, subject, **data)
    assert type(fact) is BY_COMMAND[command].cls


def test_each_fact_but_cover_has_a_command() -> None:
    without = {kind.name for kind in BY_TOPIC.values() if kind.command is None}
    assert without == {"CoverTaken", "CoverEnded"}
    assert set(COMMANDS) == set(BY_COMMAND)
