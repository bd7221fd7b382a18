"""The demo's month's end: lists frozen, approved, exported, reported on, followed up, and shown.

Every act has a fixed key, so that a second run records nothing and shows the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from assistance.demo import month_end as plan
from assistance.demo.month_end import AGAIN, BANK, CLERK, NOVEMBER, OCTOBER, OFFICER, ListPlan
from assistance.payment_months import approving, freezing, recovering, reporting, sending
from assistance.payment_months.freezing import Ask
from assistance.payment_months.open_cell import OpenCell
from assistance.payment_months.recovering import Order
from assistance.payment_months.sending import whole_file
from assistance.showing import OUT, plain, show
from ledger.answers import Accepted
from ledger.payment_months.receiving import Sender
from projections.explanations.lines import explain_line
from projections.payment_lists import computing, lists
from projections.payment_lists.exports import Accounts, Line, Payer
from projections.projections import month_text

Statuses = Iterable[tuple[Line, str]]
"""Lines, and what the bank reports of each."""

TOLD = (
    "\nThe month's end: Luzhou's lists of October and November 2023, after the months that it published.\n"
    "All of it is assumed: which payments failed, two exits learned of late, and a standard of 720.00\n"
    "announced on 8 November from October on."
)
COLUMNS = (
    "what", "lines", "listed_fen", "arrears_fen", "paid_fen", "failed_fen", "returned_fen",
    "pending_fen", "closed_fen", "reissued",
)  # fmt: skip


def run(both: OpenCell, folder: Path) -> None:
    """Take Luzhou through two months' ends; exports go to the folder. A second time nothing changes."""
    _act(both, OFFICER, "first-month", "2023-09-12", "AdoptPolicy", plan.first_month())
    _pay(both, folder, OCTOBER, _monthly(OCTOBER.month))
    _october_results(both)
    _pay(both, folder, AGAIN, _failed_lines_of(OCTOBER.list))
    _report(
        both, AGAIN, "results", AGAIN.reported_on, ((one, "succ") for one in _lines(both, AGAIN))
    )
    _learn_late(both)
    _pay(both, folder, NOVEMBER, _monthly(NOVEMBER.month))
    reported = ((one, plan.november_status(n)) for n, one in enumerate(_lines(both, NOVEMBER)))
    _report(both, NOVEMBER, "results", NOVEMBER.reported_on, reported)
    _get_back(both)


def _by(actor: str, what: str, day: str) -> Sender:
    return Sender(actor, f"demo-month-end-{what}", date.fromisoformat(day))


def _known(both: OpenCell, by: Sender) -> bool:
    return both.ledger.accepted_fact(by.actor, by.key) is not None


def _act(
    both: OpenCell, actor: str, what: str, day: str, command: str, data: dict[str, Any],
    subject: UUID | None = None,
) -> Accepted:  # fmt: skip
    return both.record(command, data, _by(actor, what, day), subject)


def _monthly(month: str) -> Ask:
    return lambda _projections, _as_of: computing.monthly(plan.AREA, month)


def _failed_lines_of(failed: UUID) -> Ask:
    return lambda projections, as_of: computing.of_failed_lines(projections, failed, as_of)


def _lines(both: OpenCell, one: ListPlan) -> Iterator[Line]:
    return reporting.listed(both, one.list)


def _pay(both: OpenCell, folder: Path, one: ListPlan, ask: Ask) -> None:
    """Freeze a list, have another officer approve it, and write it for the bank."""
    by = _by(CLERK, f"{one.name}-freeze", one.frozen_on)
    if not _known(both, by):
        freezing.freeze(both, ask, by, one.list)
    by = _by(OFFICER, f"{one.name}-approve", one.approved_on)
    if not _known(both, by):
        approving.approve(both, one.list, by)
    by, file = _by(CLERK, f"{one.name}-send", one.sent_on), folder / one.file
    if not (file.exists() and _known(both, by)):
        payees = [line.payee for line in _lines(both, one) if line.payee]
        accounts = Accounts({payee: plan.account_of(payee) for payee in payees})
        payer = Payer(plan.PAYER_ACCOUNT, "Luzhou civil affairs", plan.PROVIDER)
        with whole_file(file) as out:
            sending.export(both, one.list, "g2p", out, by, accounts, payer)


def _october_results(both: OpenCell) -> None:
    """The bank reports; then again, of what was pending and of one payment that came back."""
    first = [(one, plan.october_status(n)) for n, one in enumerate(_lines(both, OCTOBER))]
    _report(both, OCTOBER, "results", OCTOBER.reported_on, first)
    later = [(one, "succ") for one, status in first if status == "pdng"]
    later += [(one, "returned") for one, status in first[:1] if status == "succ"]
    _report(both, OCTOBER, "later-results", "2023-10-23", later)
    settled = next(one for one, status in first if status == "rjct")
    by = _by(CLERK, "october-close", "2023-10-24")
    if not _known(both, by):
        note = "paid in cash at the town's counter"
        reporting.close(both, OCTOBER.list, settled.reference_id, "settled_otherwise", note, by)


def _report(both: OpenCell, one: ListPlan, what: str, day: str, said: Statuses) -> None:
    """Record a file of results as the bank gives it."""
    by = _by(BANK, f"{one.name}-{what}", day)
    if not _known(both, by):
        rows = ["reference_id,status,amount,timestamp,reason\n", *(_row(*s, day) for s in said)]
        reporting.record_results(both, one.list, BytesIO("".join(rows).encode()), "csv", by)


def _row(line: Line, status: str, day: str) -> str:
    whole, rest = divmod(line.amount_fen, 100)
    reason = {"rjct": "rjct.payee_fa.invalid", "returned": "account_closed"}.get(status, "")
    return f"{line.reference_id},{status},{whole}.{rest:02d},{day}T02:00:00Z,{reason}\n"


def _learn_late(both: OpenCell) -> None:
    """In November a death and a job become known, both of September, and the higher standard."""
    dead, employed = _late(both)
    said = {
        "person": dead.payee,
        "effective": "2023-10",
        "died_on": "2023-09-21",
        "learned_on": "2023-11-02",
    }
    _act(both, CLERK, "death", "2023-11-02", "RecordDeath", said, dead.household)
    _act(both, CLERK, "death-exit", "2023-11-02", "ExitHousehold", plan.exit_from_october("death"),
         dead.household)  # fmt: skip
    heard = {"intended": ["exit"], "manner": "heard"}
    _act(both, CLERK, "job-heard", "2023-10-30", "HearOpinion", heard, employed.household)
    left = _act(both, CLERK, "job-exit", "2023-11-03", "ExitHousehold",
                plan.exit_from_october("employment"), employed.household)  # fmt: skip
    served = {"decision": f"{employed.household}:{left.version}", "manner": "in_person"}
    _act(both, CLERK, "job-notice", "2023-11-06", "ServeNotice", served, employed.household)
    for said in plan.late_standards():
        _act(both, OFFICER, f"{said['programme']}-standard", "2023-11-08", "AdoptStandard", said)


def _late(both: OpenCell) -> tuple[Line, Line]:
    """Return October's lines of the two who should not have had one: persons alone, both paid."""
    paid = (
        line
        for n, line in enumerate(_lines(both, OCTOBER))
        if n and plan.october_status(n) == "succ"
        and line.head == "dibao.urban" and line.amount_fen == plan.ONE_PERSON
    )  # fmt: skip
    return next(paid), next(paid)


def _get_back(both: OpenCell) -> None:
    """What was paid after the death is ordered back, and some of it comes in."""
    dead, _ = _late(both)
    if dead.household is None:
        raise TypeError("a monthly list has a household on every line")
    by = _by(OFFICER, "order", "2023-11-20")
    if not _known(both, by):
        why = Order(dead.household, "paid_after_death", plan.RECOVERED_BY)
        recovering.order(both, why, {OCTOBER.month: dead.amount_fen}, by, plan.RECOVERY)
    received = {"recovery": plan.RECOVERY, "amount_fen": plan.RECEIVED}
    _act(both, CLERK, "instalment", "2023-11-28", "ReceiveRecovery", received)


def show_all(both: OpenCell, *, json: bool) -> bool:
    """Show what became of each list, who owes what, and why one line is what it is.

    True when each list is paid, failed, returned, pending or closed to the fen.
    """
    rows = list(_rows(both))
    if json:
        show(rows, json=True)
    else:
        OUT.print(TOLD)
        show(
            rows, json=False, title="\nLuzhou, lists of October and November 2023", columns=COLUMNS
        )
        _show_overpaid(both)
        _show_line(both)
    return all(row["equal"] for row in rows)


def _rows(both: OpenCell) -> Iterator[dict[str, Any]]:
    """Yield each list with what became of it; `equal` says that it adds up."""
    names = {OCTOBER.list: "October", AGAIN.list: "October, what failed", NOVEMBER.list: "November"}
    for row in lists.reconciliations(both.projections, both.now(), area=plan.AREA):
        if row["list"] in names:
            became = ("paid_fen", "failed_fen", "returned_fen", "pending_fen", "closed_fen")
            yield {
                "place": "Luzhou district, month's ends", "what": names[row["list"]], **plain(row),
                "arrears_fen": _arrears(both, row["list"], month_text(row["month"])),
                "equal": row["listed_fen"] == sum(row[name] for name in became),
            }  # fmt: skip


def _arrears(both: OpenCell, found: UUID, month: str) -> int:
    """Return what a list orders for months before its own, in fen."""
    lines = reporting.listed(both, found)
    return sum(fen for line in lines for of, fen in line.parts if of < month)


def _show_overpaid(both: OpenCell) -> None:
    """Show who was paid for months that were not due: what is ordered back, and who is a candidate."""
    as_of = both.now()
    asked = computing.monthly(plan.AREA, NOVEMBER.month)
    rows = map(plain, computing.overpayments(both.projections, asked, as_of))
    show(rows, json=False, title="\nOverpaid, and nobody has decided on it",
         columns=("household", "month", "entitled_fen", "listed_fen", "overpaid_fen"))  # fmt: skip
    ordered = lists.recoveries(both.projections, as_of)
    show((row for row in ordered if row["recovery"] == plan.RECOVERY), json=False,
         title="\nOrdered back",
         columns=("household", "ground", "ordered_fen", "received_fen", "balance_fen"))  # fmt: skip


def _show_line(both: OpenCell) -> None:
    """Explain the first line of November that carries arrears."""
    line = next(line for line in _lines(both, NOVEMBER) if len(line.parts) > 1)
    OUT.print("\n[bold]Why November's first line with arrears is what it is[/bold]")
    told = explain_line(both.projections, NOVEMBER.list, line.reference_id, both.now())
    for words in told.lines():
        OUT.print(f"  {words}", markup=False)
