"""Officers at their desks: every act on lists and recoveries, with what the rules say must come of it.

An act that a rule forbids is asked for as well: it has to be refused by that rule, and to change nothing.
What is accepted is written into the books; what a list says is compared with the model line by line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from ledger.answers import Accepted
from ledger.errors import LedgerError, Refused, StaleVersion, VersionMissing
from ledger.ids import PAYMENT_LISTS, fact_id
from ledger.payment_months import receiving
from ledger.payment_months.receiving import Sender, Taken
from projections.payment_lists.computing import Asked, monthly, of_failed_lines
from tests.integration.life import DECIDED
from tests.integration.payment_months_books import (
    NEXT,
    Books,
    Line,
    Listed,
    Parts,
    Recovery,
)
from tests.integration.payment_months_cell import Cell, Place, lines_of, ndjson
from tests.integration.payment_months_model import Model
from tests.ledger_database import command

FREEZER, APPROVER = "freezer-1", "approver-2"
CLOSING = {"reason": "payee_died"}
WAIVING = {"reason": "hardship", "legal_basis": "Law 70"}
GROUND = {"ground": "kept_after_decision", "legal_basis": "Law 70"}
Outcome = Taken | Accepted | LedgerError


class Office:
    """What is done about payments in one place, and its books."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.cell: Cell = place.cell
        self.books = Books()
        self.model = Model(place.roll, self.books, self.cell.first_said)

    # --- what every act shares

    def _send(self, name: str, data: dict[str, Any], version: int | None, actor: str) -> Outcome:
        said = {"decided_on": DECIDED, **data}
        return self.cell.send(command(name, said, expected_version=version, actor=actor))[0]

    def _sender(self, version: int, actor: str = FREEZER) -> Sender:
        return Sender(
            actor, str(self.place.new_id()), date.fromisoformat(DECIDED), version,
            version_required=True,
        )  # fmt: skip

    def _refused(self, act: Callable[[], Outcome], *rules: str) -> None:
        """Have an act refused by one of the rules, with nothing recorded or stored."""
        before = self.cell.counts()
        outcome = act()
        assert isinstance(outcome, LedgerError), f"accepted, against {rules}: {outcome}"
        rule = outcome.rule if isinstance(outcome, Refused) else outcome.name
        assert rule in rules, f"{rule} instead of {rules}: {outcome.detail}"
        assert self.cell.counts() == before

    def _accepted(self, outcome: Outcome) -> Taken | Accepted:
        assert not isinstance(outcome, LedgerError), getattr(outcome, "extra", outcome)
        return outcome

    # --- lists

    def asked(self, area: str, programme: str | None, month: str) -> Asked:
        """Ask for a month's list of an area."""
        return monthly(area, month, programme)

    def freeze(
        self,
        area: str,
        programme: str | None,
        month: str,
        meanwhile: Callable[[], None] | None = None,
    ) -> Listed | None:
        """Compute a month's list and freeze it; meanwhile something else may become known.

        Returns the list, or None where a rule forbids it.
        """
        position, document = self._computed(area, programme, month)
        if meanwhile:
            meanwhile()
        rule, list_id = self.model.may_freeze(area, programme, month), self.place.new_id()
        version = json.loads(document.splitlines()[0])["lists_version"]
        frozen = Listed(
            list_id, "monthly", area, programme, month, lines_of(document), document, version + 1,
            position,
        )  # fmt: skip
        if rule:
            self._refused(lambda: self._take(frozen, version), rule)
            return None
        self._keep(frozen, self._accepted(self._take(frozen, version)))
        self.cell.project()
        if meanwhile is None:
            self._nothing_is_left(area, programme, month)
        self.compare(area, programme, month)
        return frozen

    def _take(self, listed: Listed, version: int) -> Outcome:
        sender = self._sender(version)
        return self.cell.take(receiving.freeze, listed.document, sender, listed.id)

    def _keep(self, listed: Listed, taken: Taken | Accepted) -> None:
        assert isinstance(taken, Taken)
        assert taken.version == listed.version
        assert taken.document == hashlib.sha256(listed.document).hexdigest()
        assert taken.lines == len(listed.lines)
        assert taken.total_fen == sum(line.amount_fen for line in listed.lines)
        self.books.lists[listed.id] = listed

    def _computed(self, area: str, programme: str | None, month: str) -> tuple[int, bytes]:
        """Compute a list, compared with the model; return the position and the document."""
        position = self.cell.project()
        self.compare(area, programme, month)
        return position, self.cell.compute(self.asked(area, programme, month), position)

    def compare(self, area: str, programme: str | None, month: str) -> None:
        """The list as it is computed now, and the open candidates, are the model's."""
        asked = self.asked(area, programme, month)
        document = self.cell.compute(asked)
        lines, right = lines_of(document), self.model.lines(area, programme, month)
        assert lines == right, _unlike(lines, right)
        _check_frame(document, asked, right, self.cell)
        found, open_ = self.cell.overpaid(asked), self.model.candidates(area, programme, month)
        assert found == open_, f"candidates {found}, by the formula {open_}"

    def _nothing_is_left(self, area: str, programme: str | None, month: str) -> None:
        """What a list settled is not due again: no part above zero is open for who is on it."""
        left = lines_of(self.cell.compute(self.asked(area, programme, month)))
        assert left == [], f"still due after the list: {left}"

    def try_old_document(self, listed: Listed) -> None:
        """A document that did not see the last freeze or recovery is refused, whoever vouches for it."""
        again = self.cell.lists_version()
        other = Listed(**{**vars(listed), "id": self.place.new_id()})
        seen = json.loads(listed.document.splitlines()[0])["lists_version"]
        self._refused(lambda: self._take(other, seen), StaleVersion.name)
        self._refused(lambda: self._take(other, again), StaleVersion.name)

    def approve(self, listed: Listed) -> None:
        """Another officer approves a list by the digest that is computed again; its freezer may not."""
        computed = hashlib.sha256(self.again(listed)).hexdigest()
        data = {"list": str(listed.id), "document": computed}
        if listed.status == "frozen":
            self._refused(
                lambda: self._send("ApprovePaymentList", data, listed.version, FREEZER),
                "approved_by_another",
            )
            self._refused(
                lambda: self._send(
                    "ApprovePaymentList", {**data, "document": "0" * 64}, listed.version, APPROVER
                ),
                "approved_as_computed",
            )
        self._act(listed, "ApprovePaymentList", data, "approved", allowed=("frozen",))

    def reject(self, listed: Listed) -> None:
        """A frozen list counts as never listed from then on; another cannot be rejected."""
        data = {"list": str(listed.id), "reason": "error"}
        self._act(listed, "RejectPaymentList", data, "rejected", allowed=("frozen",))

    def cancel(self, listed: Listed) -> None:
        """An approved list that nobody was sent counts as never listed; a sent one stands."""
        data = {"list": str(listed.id), "reason": "error"}
        if listed.status == "approved" and (listed.sent or listed.results):
            act = "CancelPaymentList"
            self._refused(
                lambda: self._send(act, data, listed.version, APPROVER), "cancelled_unsent"
            )
        else:
            self._act(listed, "CancelPaymentList", data, "cancelled", allowed=("approved",))

    def send(self, listed: Listed) -> None:
        """An approved list is handed to a payment system."""
        data = {"list": str(listed.id), "format": "ndjson"}
        self._act(listed, "SendPaymentList", data, "approved", allowed=("approved",))
        listed.sent |= listed.status == "approved"

    def _act(
        self, listed: Listed, name: str, data: dict[str, Any], status: Any, allowed: tuple[str, ...]
    ) -> None:
        if listed.status not in allowed:
            rule = f"list_{allowed[0]}"
            self._refused(lambda: self._send(name, data, listed.version, APPROVER), rule)
            return
        stale = listed.version - 1
        self._refused(lambda: self._send(name, data, stale, APPROVER), StaleVersion.name)
        accepted = self._accepted(self._send(name, data, listed.version, APPROVER))
        listed.version, listed.status = accepted.version, status

    def again(self, listed: Listed) -> bytes:
        """Return a frozen list's document, computed again at its position."""
        if listed.reissues:
            as_of = self.cell.projections.as_of(position=listed.position)
            asked = of_failed_lines(self.cell.projections, listed.reissues, as_of)
        else:
            asked = self.asked(listed.area, listed.programme, listed.month)
        return self.cell.compute(asked, listed.position)

    # --- results

    def report(self, listed: Listed, reports: dict[UUID, str], off_by: int = 0) -> None:
        """A payment system reports on lines; what cannot follow refuses all of it."""
        lines = listed.by_reference
        said: list[dict[str, Any]] = [
            {"reference_id": str(reference), "status": status,
             "amount_fen": (lines[reference].amount_fen if reference in lines else 1) + off_by}
            | ({"reason": "rjct.payee_fa.invalid"} if status in ("rjct", "returned") else {})
            for reference, status in sorted(reports.items())
        ]  # fmt: skip
        end = {"lines": len(said), "total_fen": sum(line["amount_fen"] for line in said)}
        document = ndjson({"document": "payment_results", "list": str(listed.id)}, *said, end)
        rules = self._wrong_with(listed, reports, off_by)
        if rules:
            self._refused(lambda: self._take_results(listed, document), *rules)
            return
        stale = listed.version - 1
        self._refused(lambda: self._take_results(listed, document, stale), StaleVersion.name)
        listed.version = self._accepted(self._take_results(listed, document)).version
        listed.reported |= reports
        listed.results += 1

    def _take_results(self, listed: Listed, document: bytes, version: int = 0) -> Outcome:
        sender = self._sender(version or listed.version, "payments-3")
        return self.cell.take(receiving.record_results, document, sender, listed.id)

    def _wrong_with(self, listed: Listed, reports: dict[UUID, str], off_by: int) -> list[str]:
        """Return the rules that a report breaks."""
        if listed.status != "approved":
            return ["list_approved"]
        known, found = listed.by_reference, []
        if off_by and known.keys() & reports:
            found.append("line_amount")
        if set(reports) - known.keys():
            found.append("known_line")
        if any(s not in NEXT[listed.reported.get(r)] for r, s in reports.items()):
            found.append("line_turn")
        return found

    def reissue(self, failed: Listed) -> Listed | None:
        """Failed lines go on a list of their own: each as it was, once."""
        position = self.cell.project()
        as_of = self.cell.projections.as_of(position=position)
        asked = of_failed_lines(self.cell.projections, failed.id, as_of)
        document, version = self.cell.compute(asked, position), self.cell.lists_version()
        again = self.books.reissuable(failed)
        right = [line._replace(reissues=r) for r, line in again]
        right.sort(key=lambda line: (str(line.household), line.head))
        assert lines_of(document) == right, _unlike(lines_of(document), right)
        listed = Listed(
            self.place.new_id(), "reissue", failed.area, failed.programme, failed.month, right,
            document, version + 1, position, reissues=failed.id,
        )  # fmt: skip
        if failed.status != "approved" or not failed.failed():
            self._refused(lambda: self._take(listed, version), "list_approved", "failed_lines")
            return None
        self._keep(listed, self._accepted(self._take(listed, version)))
        self.cell.project()
        return listed

    def try_reissue_again(self, failed: Listed, reissued: Listed) -> None:
        """A document of lines that are on another list again, or closed, is refused."""
        version = self.cell.lists_version()
        head, *rest = reissued.document.splitlines(keepends=True)
        said = {**json.loads(head), "lists_version": version}
        document = ndjson(said) + b"".join(rest)
        other = Listed(**{**vars(reissued), "id": self.place.new_id(), "document": document})
        open_ = {reference for reference, _ in self.books.reissuable(failed)}
        if any(line.reissues not in open_ for line in reissued.lines):
            self._refused(lambda: self._take(other, version), "settled_once")

    def close(self, listed: Listed, reference: UUID) -> None:
        """A failed line is not paid again; only one that is neither closed nor re-issued."""
        line = listed.by_reference[reference]
        data = {
            "list": str(listed.id), "reference_id": str(reference),
            "amount_fen": line.amount_fen, **CLOSING,
        }  # fmt: skip
        if not line.amount_fen:
            return  # a line of nothing is not exported, so nobody reports on it
        name = "ClosePaymentLine"
        if listed.status != "approved" or reference not in dict(self.books.reissuable(listed)):
            rules = ("list_approved", "failed_line", "settled_once")
            self._refused(lambda: self._send(name, data, listed.version, APPROVER), *rules)
            return
        listed.version = self._accepted(self._send(name, data, listed.version, APPROVER)).version
        listed.closed.add(reference)

    # --- recoveries

    def order(self, household: UUID, parts: Parts) -> None:
        """A household has to pay back; the order names the version of all lists, as a freeze does."""
        version, found = self.cell.lists_version(), self.place.new_id()
        data = self._order(found, household, parts)
        if version:
            for other, error in ((version - 1, StaleVersion), (None, VersionMissing)):
                send = partial(self._send, "OrderRecovery", data, other, APPROVER)
                self._refused(send, error.name)
        accepted = self._accepted(self._send("OrderRecovery", data, version, APPROVER))
        self.books.recoveries[found] = Recovery(
            found, household, parts, accepted.version, fact_id(PAYMENT_LISTS, accepted.version)
        )

    def _order(self, recovery: UUID, household: UUID, parts: Parts) -> dict[str, Any]:
        said = [{"month": month, "fen": fen} for month, fen in sorted(parts.items())]
        position = self.cell.project()
        return {
            "recovery": str(recovery), "household": str(household), "parts": said,
            "position": position, **GROUND,
        }  # fmt: skip

    def correct_order(self, recovery: Recovery, parts: Parts) -> None:
        """An order was otherwise; never less than what came in and was waived."""
        data = self._order(recovery.id, recovery.household, parts) | {"corrects": recovery.order}
        settled = recovery.ordered_fen - recovery.balance_fen
        allowed = sum(parts.values()) >= settled
        if self._settle(recovery, "OrderRecovery", data, allowed):
            recovery.parts = parts

    def receive(self, recovery: Recovery, fen: int, corrects: str | None = None) -> None:
        """An instalment came in, or one was of another amount than recorded."""
        self._settled(recovery, recovery.receipts, "ReceiveRecovery", fen, corrects, {})

    def waive(self, recovery: Recovery, fen: int, corrects: str | None = None) -> None:
        """Part of it is not asked for any more."""
        self._settled(recovery, recovery.waivers, "WaiveRecovery", fen, corrects, WAIVING)

    def _settled(
        self,
        recovery: Recovery,
        kept: dict[str, int],
        name: str,
        fen: int,
        corrects: str | None,
        more: dict[str, str],
    ) -> None:
        data = {"recovery": str(recovery.id), "amount_fen": fen, **more}
        data |= {"corrects": corrects} if corrects else {}
        allowed = recovery.balance_fen + (kept[corrects] if corrects else 0) >= fen
        if self._settle(recovery, name, data, allowed):
            kept[corrects or fact_id(PAYMENT_LISTS, recovery.version)] = fen

    def _settle(self, recovery: Recovery, name: str, data: dict[str, Any], allowed: bool) -> bool:
        """Ask for an act on a recovery; tell whether it was accepted, as it has to be when allowed."""
        version = recovery.version
        if not allowed:
            rule = "recovery_within_order"
            self._refused(lambda: self._send(name, data, version, APPROVER), rule)
            return False
        stale = version - 1
        self._refused(lambda: self._send(name, data, stale, APPROVER), StaleVersion.name)
        recovery.version = self._accepted(self._send(name, data, version, APPROVER)).version
        return True


def _check_frame(document: bytes, asked: Asked, right: list[Line], cell: Cell) -> None:
    """The first and the last line say what was asked, and what the lines come to."""
    head, end = (json.loads(document.splitlines()[n]) for n in (0, -1))
    position = cell.projections.position()
    said = {
        "document": "payment_list", "kind": asked.kind, "area": asked.area,
        "programme": asked.programme, "month": f"{asked.month:%Y-%m}", "position": position,
        "lists_version": cell.lists_version(), "calculation": 1,
    }  # fmt: skip
    assert head == {name: value for name, value in said.items() if value is not None}
    assert end == {"lines": len(right), "total_fen": sum(line.amount_fen for line in right)}


def _unlike(found: list[Line], right: list[Line]) -> str:
    """Say which lines differ."""
    only = [line for line in found if line not in right]
    missing = [line for line in right if line not in found]
    return f"the document says {only}, the formula {missing}"
