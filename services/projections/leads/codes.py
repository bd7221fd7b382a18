"""The codes of leads: stable names, what each means, and the reason that a row of it gives.

A reason is a sentence with the row's figures in it; figures named `_fen` are written in yuan.
The SQL text of a lead has the code's name.
"""

from __future__ import annotations

from typing import NamedTuple


class Lead(NamedTuple):
    """One kind of lead."""

    code: str
    title: str
    question: str
    rule: str
    reason: str
    whole_cell: bool = False
    """Whether households outside of the area asked for must be looked at, too."""


_LEFT = "Who left, when, why, on what basis, heard and notified?"
_AFTER = "Who was paid after death, exit or imprisonment?"
_TWICE = "Who is covered twice, or on dibao beside tekun or an orphan's allowance?"
_CHECKED = "Who was enrolled unchecked or checked late?"
_OVERDUE = "Which reviews and decisions are overdue?"
_HELP = "Which help-first aid is without paperwork, at the ceiling, or several on one day?"
_MATCHED = "Whose vehicle, company, second home, pension, wage or public pay was matched?"
_MISSED = "Who was missed?"
_TOLD = "Which decisions were not published, which notices not served?"
_STANDARDS = "Which standards are below a guideline, and tekun below its ratio?"
_PATTERNS = "Which amounts are identical across a village, which decisions bunched on a day?"
_BACKDATED = "Which acts are backdated?"
_PAID = "What did each household get, and was it paid once and in time?"

CHECKED = "Interim Measures on Social Assistance (2014): every aid must be checked"
HELP_FIRST = "Law 50: help first, the paperwork follows"
ONE_ROLL = "One live basic roll per person"

EXITS = (
    Lead(
        "exit_unheard", "Exit without a hearing", _LEFT, "Law 48",
        "Left from {month} ({reason}), decided on {decided_on}: neither heard nor invited before.",
    ),
    Lead(
        "reduction_unheard", "Reduction without a hearing", _LEFT, "Law 48",
        "Reduced from {month} ({reduction}), decided on {decided_on}: neither heard nor invited "
        "before.",
    ),
    Lead(
        "exit_not_notified", "Exit without a notice", _TOLD, "Law 48",
        "Left from {month} ({reason}); {days} days after the decision of {decided_on} no notice "
        "is served.",
    ),
    Lead(
        "reduction_not_notified", "Reduction without a notice", _TOLD, "Law 48",
        "Reduced from {month} ({reduction}); {days} days after the decision of {decided_on} "
        "no notice is served.",
    ),
    Lead(
        "exit_not_published", "Exit not published", _TOLD, "Decisions are published",
        "Left from {month} ({reason}); {days} days after the decision of {decided_on} it is not "
        "published.",
    ),
    Lead(
        "enrolment_not_published", "Enrolment not published", _TOLD, "Decisions are published",
        "On the roll from {month}; {days} days after the decision of {decided_on} it is not "
        "published.",
    ),
    Lead(
        "stopped_late", "Exit decided when months were paid already", _AFTER,
        "An exit is effective from the first month not paid",
        "Not due from {month} ({reason}), decided on {decided_on}; months that may have been "
        "paid: {months}.",
    ),
    Lead(
        "death_learned_late", "Death learned of late", _AFTER, "Cover ends with the month of death",
        "Died on {died_on}, learned of on {learned_on}, {days} days later.",
    ),
    Lead(
        "on_roll_without_covered", "On a roll with nobody left to cover", _AFTER,
        "Cover ends with the month of death",
        "On the roll of {programme} with no living covered member; deaths on record: {deaths}.",
    ),
    Lead(
        "returned_soon", "Returned soon after an exit", "Who returned, and how soon?",
        "An exit follows a change that lasts",
        "Left from {left} ({reason}), back from {month}; months between: {months}.",
    ),
)  # fmt: skip

COVER = (
    Lead(
        "covered_twice", "Covered by several households", _TWICE, ONE_ROLL,
        "Covered by {households} households at once ({programmes}).", whole_cell=True,
    ),
    Lead(
        "dibao_beside_tekun", "On dibao beside tekun", _TWICE, ONE_ROLL,
        "Covered by tekun in household {other}, and a member ({covered}) of a dibao household.",
        whole_cell=True,
    ),
    Lead(
        "roll_beside_orphan", "On a roll beside an orphan's recognition", _TWICE,
        "An orphan's allowance replaces the basic roll",
        "Covered by {programme} and recognised as {recognition}.", whole_cell=True,
    ),
    Lead(
        "base_zero", "On a roll with an amount of zero", "Why that fen?", "Law 18",
        "{covered} covered of {members}, income {income_fen} a month against a standard of "
        "{standard_fen} a {period}: nothing is due.",
    ),
    Lead(
        "no_rate", "On a roll without a rate", "Why that fen?", "Law 18",
        "Nothing says the amount: programme {programme}, tier {tier}, standard {standard}.",
    ),
    Lead(
        "care_unassessed", "Full care without an assessment", "Who gets full care unassessed?",
        "Self-care ability is assessed",
        "Full care since the decision of {said_on}, and no assessment on record.",
    ),
    Lead(
        "shared_payee", "One account for many households",
        "Which payee account serves many households?", "Aid is paid to the household",
        "The account {account}… receives {entitled_fen} a month for {households} households.",
    ),
    Lead(
        "relative_of_staff", "Relative of staff on a roll", "Who is a relative of staff?",
        "Relatives of staff are recorded and looked at",
        "Accepted on {accepted_on} as a relative of staff; {entitled_fen} this month.",
    ),
)  # fmt: skip

CHECKS = (
    Lead(
        "enrolled_unchecked", "Enrolled unchecked", _CHECKED, CHECKED,
        "Enrolled from {month}, decided on {decided_on}: no verification is on record.",
    ),
    Lead(
        "checked_late", "Checked after the decision", _CHECKED, CHECKED,
        "Decided on {decided_on}, checked on {checked_on}, {days} days later.",
    ),
    Lead(
        "assets_over_limits", "On a roll with assets over the limits", _CHECKED, "Law 18",
        "The last check, of {checked_on}, found assets over the limits; {entitled_fen} this month.",
    ),
    Lead(
        "review_overdue", "Review overdue", _OVERDUE, "Policy review.months",
        "Last looked at on {last_on}; the review was due on {due_on}, {days} days ago ({months} "
        "months).",
    ),
    Lead(
        "decision_overdue", "Decision overdue", _OVERDUE, "Policy deadline.*_working_days",
        "Accepted on {accepted_on}, undecided after {working_days} working days ({clock}: {term}).",
    ),
    Lead(
        "decision_late", "Decided after the deadline", _OVERDUE, "Policy deadline.*_working_days",
        "Accepted on {accepted_on}, decided on {decided_on} after {working_days} working days "
        "({clock}: {term}).",
    ),
    Lead(
        "recorded_late", "Recorded long after the decision", _BACKDATED,
        "Decisions are recorded when they are made",
        "Recorded late: {acts}, one of them {days} days after its decision.",
    ),
    Lead(
        "effective_long_before", "Effective long before the decision", _BACKDATED,
        "Decisions are made when they take effect",
        "Reaching back: {acts}, the first to {month}, the farthest {months} months before its "
        "decision.",
    ),
    Lead(
        "migrated_without_procedure", "Migrated without its procedure", _CHECKED,
        "What procedure lacks of an older system's decisions is a lead",
        "Decisions of the older system: {decisions}; what they lack: {lacks}.",
    ),
)  # fmt: skip

HELP = (
    Lead(
        "paperwork_overdue", "Help-first paperwork overdue", _HELP, HELP_FIRST,
        "The emergency ended on {ended_on}, paperwork for {amount_fen} was due on {due_on}: "
        "{overdue_working_days} working days overdue.",
    ),
    Lead(
        "emergency_too_long", "Emergency that does not end", _HELP,
        "Policy help_first.emergency_days",
        "Granted {amount_fen} on {granted_on}; the emergency has gone on for {days} days ({term} "
        "are usual).",
    ),
    Lead(
        "above_ceiling_unjustified", "Above the ceiling, not justified", _HELP,
        "Policy help_first.ceiling_fen.*: a justification and a collective decision are due",
        "{given_fen} given by the {level} against a ceiling of {ceiling_fen}: no {missing} on "
        "record.",
    ),
    Lead(
        "above_ceiling", "Above the ceiling, justified", _HELP, "Policy help_first.ceiling_fen.*",
        "{given_fen} given by the {level} against a ceiling of {ceiling_fen}, by collective "
        "decision.",
    ),
    Lead(
        "just_under_ceiling", "Just under the ceiling", _HELP, "Policy help_first.ceiling_fen.*",
        "{given_fen} given by the {level}: {share_percent} % of the ceiling of {ceiling_fen}.",
    ),
    Lead(
        "several_on_one_day", "Several grants on one day", _HELP, HELP_FIRST,
        "{grants} grants on {granted_on}, {amount_fen} together.",
    ),
    Lead(
        "again_while_due", "Again for the same cause while paperwork is due", _HELP, HELP_FIRST,
        "{amount_fen} on {granted_on} for {cause}, {justified}, "
        "while the paperwork for the grant of {earlier_on} was due.",
    ),
)  # fmt: skip

WARNINGS = (
    Lead(
        "death_match_on_roll", "Matched as dead, still on a roll", _AFTER,
        "Cover ends with the month of death",
        "Matched as dead on {raised_on}, {days} days ago, and still on the roll of {programme}.",
    ),
    Lead(
        "imprisonment_on_roll", "Matched as imprisoned, still covered", _AFTER,
        "Who is imprisoned is not covered",
        "Matched as imprisoned on {raised_on} (outcome: {outcome}), and still on the roll of "
        "{programme}.",
    ),
    Lead(
        "means_match_on_roll", "Means matched, nobody looked, on a roll", _MATCHED, CHECKED,
        "The match ({kind}) of {raised_on} is unresolved after {days} days, on the roll of "
        "{programme}.",
    ),
    Lead(
        "alert_unresolved", "Alert unresolved", _MISSED, "Law 39",
        "The {urgency} alert ({kind}) of {raised_on} is unresolved after {days} days and "
        "{visits} visits.",
    ),
    Lead(
        "referral_unanswered", "Referral unanswered", _MISSED, "Law 39",
        "Referred to {department} ({need}) on {made_on}: no answer after {days} days.",
    ),
    Lead(
        "disabled_not_enrolled", "Severely disabled marginal member not enrolled", _MISSED,
        "Law 21",
        "In a marginal household and severely disabled (by {known_by}) since {since}: not "
        "covered alone.",
        whole_cell=True,
    ),
)  # fmt: skip

PATTERNS = (
    Lead(
        "identical_amounts", "Identical amounts across a village", _PATTERNS, "Law 18",
        "{households} households of {members} members, {covered} covered, each with "
        "{entitled_fen}.",
    ),
    Lead(
        "exits_bunched", "Exits bunched on one day", _PATTERNS, "Each case is decided by itself",
        "{exits} exits decided on {decided_on}; the average of {days} days with exits is "
        "{average}.",
    ),
    Lead(
        "enrolments_bunched", "Enrolments bunched on one day", _PATTERNS,
        "Each case is decided by itself",
        "{enrolments} enrolments decided on {decided_on}; the average of {days} days with any is "
        "{average}.",
    ),
    Lead(
        "standard_below_guideline", "Standard below the guideline", _STANDARDS, "Law 18",
        "{programme}: {amount_fen} a {period}, guideline {guideline_fen} a {guideline_period}.",
    ),
    Lead(
        "tekun_below_ratio", "Tekun below its ratio to dibao", _STANDARDS, "Policy tekun.ratio_bp",
        "{programme}: {amount_fen} a {period}; {ratio} x dibao's {dibao_fen} a {dibao_period} "
        "is {wanted_fen} a {period}.",
    ),
)  # fmt: skip

PAYMENTS = (
    Lead(
        "list_disputed", "List that comes out otherwise", _PAID,
        "A list follows from the facts, byte for byte",
        "The list of {month}, frozen as {frozen}…, comes out as {computed}… when it is computed "
        "again.",
    ),
    Lead(
        "list_overdue", "Month without a list", "Which lists are overdue?",
        "Policy lists.first_month",
        "{month} has ended, and {households} households on a roll are on no list that counts for "
        "it; lists are due from {first} on.",
    ),
    Lead(
        "frozen_not_approved", "List that nobody approved", "Which lists are overdue?",
        "Another officer approves what was frozen",
        "The list of {month} ({lines} lines, {total_fen}), frozen on {frozen_on} by {frozen_by}, "
        "is not approved after {days} days.",
    ),
    Lead(
        "standard_not_paid_out", "Standard not paid out",
        "Which change of a standard was not paid out?", "Arrears of a late standard are listed",
        "{programme}: {amount_fen} a {period} from {month}, decided on {decided_on}; {households} "
        "households were listed before it was known, and on no list in the {days} days since.",
    ),
    Lead(
        "result_missing", "Sent and not heard of", _PAID, "Payment systems report on every line",
        "Of the list of {month}, sent on {sent_on}, {missing} lines ({missing_fen}) have no result "
        "after {days} days.",
    ),
    Lead(
        "failed_not_reissued", "Failed, neither issued again nor closed", _PAID,
        "A failed line is issued again or closed",
        "{amount_fen} on the list of {month} failed on {failed_on} ({reason}); after {days} days "
        "it is neither issued again nor closed.",
    ),
    Lead(
        "paid_after_death", "Paid after a death", _AFTER, "Cover ends with the month of death",
        "{amount_fen} for {month}, reported as paid on {paid_on}: {finding} on {died_on}.",
    ),
    Lead(
        "paid_twice", "Paid by a line and by its repetition", _PAID, "A line is paid once",
        "{amount_fen} on the list of {month} was paid {times} times, the last reported on "
        "{paid_on}.",
    ),
    Lead(
        "recovery_above_listed", "More ordered back than was listed",
        "What is being got back that was never given?", "Law 71",
        "{ordered_fen} is ordered back for {month}, the last on {ordered_on}; lists that count "
        "ordered {listed_fen}.",
    ),
)  # fmt: skip

LEADS: dict[str, Lead] = {
    lead.code: lead for lead in (*EXITS, *COVER, *CHECKS, *HELP, *WARNINGS, *PATTERNS, *PAYMENTS)
}
