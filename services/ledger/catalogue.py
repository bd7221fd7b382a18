"""The whole catalogue of facts: importing this module registers every fact in `ledger.fact`.

It also keeps the words for fields whose type does not describe them, for the published schemas.
"""

from __future__ import annotations

import ledger.alerts.facts
import ledger.cover.facts
import ledger.emergencies.facts
import ledger.households.facts
import ledger.payment_months.facts
import ledger.standards.facts

__all__ = ["MODULES", "WORDS"]

MODULES = (
    ledger.standards.facts,
    ledger.cover.facts,
    ledger.households.facts,
    ledger.emergencies.facts,
    ledger.alerts.facts,
    ledger.payment_months.facts,
)
"""The modules of facts, by subject."""


WORDS: dict[str, str] = {
    "absorbed": "The other household's stream; it exits with the reason `merged`.",
    "alert": "The alert's stream.",
    "announced_on": "The day on which it was announced; may lie after `effective`.",
    "applied_for": "The roll or recognition applied for; left out when not yet known.",
    "appeal": "The appeal (a fact's id, AppealLodged).",
    "assets_within_limits": "Whether savings, vehicles and homes are within the local limits.",
    "attended": "How many neighbours took part.",
    "body": "The authority that the appeal is addressed to.",
    "care_form": "Where a tekun person is supported: in an institution or dispersed.",
    "cause": "What happened.",
    "channel": "The way by which it came in.",
    "collective_decision": "The record of the meeting.",
    "covered": "Paid for; when false, in the income test only.",
    "days": "How many days it was posted.",
    "decided_by": "The level of government that decided.",
    "decision": "The decision (a fact's id).",
    "deductions": "What is left out of the income, a line each.",
    "department": "The department that gave.",
    "description": "What was given, in words.",
    "died_on": "The day of death.",
    "employed_on": "The day on which the work began.",
    "enrolment": "The enrolment (a fact's id, HouseholdEnrolled).",
    "form": "In cash or in kind.",
    "found": "What the visitors found.",
    "goods": "What was given in kind, in words.",
    "grid": "The grid's code.",
    "ground": "The coded ground.",
    "head": "The head under which it is paid, never with dibao.",
    "household": "The household's stream.",
    "instrument": "The document's number.",
    "intended": "The decisions against the household on which it was heard.",
    "items": "The incomes found, a line each.",
    "justification": "Why the aid had to be given so; due above the level's ceiling.",
    "kind": "What kind it is.",
    "learned_on": "The day on which the authority learned of it.",
    "legal_basis": "The article or rule on which it rests.",
    "level": "The level that granted.",
    "manner": "How it was done.",
    "member": "The new member.",
    "members": "Everyone in the income test, covered or not.",
    "need": "The coded need.",
    "new_household": "The new household's stream.",
    "new_tier": "The tier of the new household, where the standard is tiered.",
    "next_due": "The month of the next review, YYYY-MM; left out, by policy review.months.",
    "offer": "The offer (a fact's id, WorkOffered).",
    "outcome": "What came of it.",
    "per": "Whether the amount is for each person or each household.",
    "person": "The person's random id.",
    "persons": "Those concerned, by their random ids.",
    "place": "Where it was posted.",
    "policy": "The code of the department's policy.",
    "programme": "The basic roll; `dibao` and `tekun` alone where urban and rural are unified.",
    "provider": "The code of who delivered it.",
    "quantity": "How much, in `unit`; money in fen.",
    "reason": "The coded reason.",
    "recipients": "How many persons were helped.",
    "recognition": "The recognition: specialised aid, no monthly cash.",
    "relative_of_staff": "Whether the applicant is related to staff who decide.",
    "role": "The place in the household; one member is its head.",
    "rolls": "The rolls and recognitions whose persons or households get it.",
    "self_care": "Self-care ability, on which the care allowance of tekun depends.",
    "setting": "A name of contracts/policy-settings.json.",
    "source": "The register or the grid that raised it.",
    "supplement": "The class of members for whom there is extra aid.",
    "supplements": "The classes of extra aid that the member belongs to.",
    "tier": "The tier's letter, where the standard is tiered.",
    "to": "The department or body that was asked.",
    "type": "Emergency or expenditure type.",
    "until": "The last day.",
    "urgency": "How soon somebody has to look.",
    "verification": "The check of income and assets (a fact's id, MeansVerified).",
    "visitors": "How many went.",
    "work": "The coded kind of work.",
    "AidConvertedToEnrolment.household": "The stream of the household that was enrolled.",
    "AreaGrantAdopted.amount_fen": "The amount of the month for each person or household, in fen.",
    "AreaReplaced.area": "The code that gave way.",
    "AreaReplaced.successor": "The code that holds from `effective` on.",
    "AppealLodged.decision": "The decision appealed against (a fact's id).",
    "CareFormChanged.care_form": "The form of support from `effective` on.",
    "Deduction.fen": "Fen a month.",
    "Deduction.kind": "Why it is left out.",
    "EnrolmentRevoked.enrolment": "The enrolment that is left out (a fact's id).",
    "ExitRevoked.exit": "The exit or grace period that is left out (a fact's id).",
    "Envelope.actor": "Who decided: the id of a member of staff or of a system, never a name. "
    "Required where nothing around the line says it.",
    "Envelope.expected_version": "The version of the subject's last fact that the caller saw, "
    "0 for none; left out, any.",
    "Envelope.idempotency_key": "Chosen by the caller; the same key and payload get the first "
    "answer again.",
    "Envelope.subject": "The stream that the command is about; left out, the ledger chooses a new "
    "one or derives it from the data (an area's).",
    "FuneralAidGranted.amount_fen": "The aid, in fen, once.",
    "HouseholdMoved.area": "The area from `effective` on.",
    "IncomeItem.fen": "Fen a month.",
    "IncomeItem.kind": "Where the income comes from.",
    "NoticeServed.decision": "The decision of which the household was told (a fact's id).",
    "PersonCorrected.identity_digest": "A keyed digest of the right identity, 64 hex digits.",
    "PersonRegistered.identity_digest": "A keyed digest of the identity, 64 hex digits.",
    "PayeeDesignated.account_digest": "A keyed digest of the account, 64 hex digits.",
    "TemporaryAidGranted.amount_fen": "The aid, in fen, once.",
    "AidInstalmentGranted.amount_fen": "Cash, or the value in kind, in fen, on top of the grant.",
}
"""A name alone (`person`) speaks for that field in every fact; `<Struct>.<field>` for one only, and
then stands before the type's own description."""
