"""The import: command lines from a file or standard input, streamed through the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from assistance import collecting
from ledger.answers import Accepted
from ledger.errors import Unprocessed
from ledger.ledger import Ledger
from ledger.lines import Verdict, decide_lines, verdict_line
from ledger.store.queries import query

Progress = Callable[[int], None]
"""Told how many lines were decided since it was told last."""


@dataclass
class Report:
    """What became of the lines of an import."""

    accepted: int = 0
    before: int = 0
    """Of the accepted, those that an earlier run had recorded."""
    rejected: int = 0
    facts: int = 0
    rejected_file: str | None = None


def import_lines(
    ledger: Ledger, source: BinaryIO, rejected: Path, actor: str | None, progress: Progress
) -> Report:
    """Decide every line of `source`; what is refused goes to the file `rejected`, with its reason.

    Running it again records nothing twice: lines that were accepted get their first answer.
    Raises Unprocessed when the ledger cannot write just now: what came before is recorded.
    """
    report = Report()
    head = last_position(ledger)
    rejected.unlink(missing_ok=True)
    with collecting.seldom():
        for verdicts in decide_lines(ledger, source, actor):
            _stop_at_an_outage(verdicts)
            refused = [verdict for verdict in verdicts if not _count(report, verdict, head)]
            if refused:
                report.rejected += len(refused)
                report.rejected_file = str(rejected)
                with rejected.open("ab") as file:
                    file.writelines(map(verdict_line, refused))
            progress(len(verdicts))
    return report


def _stop_at_an_outage(verdicts: list[Verdict]) -> None:
    """Stop where nothing was decided: those lines are not refused, and are not to be told so."""
    for verdict in verdicts:
        if isinstance(verdict.outcome, Unprocessed):
            raise Unprocessed(
                f"The ledger could not write line {verdict.number}. What came before is recorded: "
                "run the same import again, and it goes on from there."
            )


def _count(report: Report, verdict: Verdict, head: int) -> bool:
    outcome = verdict.outcome
    if not isinstance(outcome, Accepted):
        return False
    report.accepted += 1
    if (outcome.position or 0) <= head:
        report.before += 1
    else:
        report.facts += len(outcome.events)
    return True


def last_position(ledger: Ledger) -> int:
    """Return the position of the last fact recorded; 0 when there is none."""
    with ledger.datastore.get_connection() as conn:
        row = conn.execute(query("last_position")).fetchone()
    return int(row["last"]) if row else 0
