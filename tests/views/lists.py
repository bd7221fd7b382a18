"""Payment lists over the stand-in ledger: computed, frozen with their documents, reported on.

lists = Lists(views)
july = lists.freeze("1404", "2026-07")
lists.act(july, "PaymentListApproved")
assert lists.amounts(july) == {household: 78_000}
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

import psycopg

from projections.payment_lists import computing
from projections.payment_lists.computing import Asked
from tests.views.conftest import Views
from tests.views.facts import named

STREAM = named("payment lists")
Parts = dict[UUID, dict[str, int]]
"""By household or grant, and month: fen."""


class Lists:
    """Freezes what the projections compute, as the ledger would."""

    def __init__(self, views: Views) -> None:
        self.views = views
        self.documents: dict[UUID, bytes] = {}

    def compute(self, asked: Asked, position: int | None = None) -> bytes:
        """The document of a list, as known now or at a position."""
        projections = self.views.projections()
        as_of = projections.as_of(position=position)
        return b"".join(computing.document(projections, asked, as_of))

    def freeze(self, asked: Asked | str, month: str = "", programme: str | None = None) -> UUID:
        """Freeze a list, by default a month's for an area; return its id."""
        wanted = computing.monthly(asked, month, programme) if isinstance(asked, str) else asked
        return self.record_frozen(self.compute(wanted))

    def compute_document(self, area: str, month: str) -> bytes:
        """The document of a month's list, as known now."""
        return self.compute(computing.monthly(area, month))

    def record_frozen(self, made: bytes) -> UUID:
        """Record a list as frozen with a document, whatever it says; return the list's id."""
        head, end = json.loads(made.splitlines()[0]), json.loads(made.splitlines()[-1])
        head.pop("document")
        found = named(f"list {len(self.documents)}")
        self.documents[found] = made
        self.views.facts.record(
            STREAM, "PaymentListFrozen", list=str(found), **head, document=self.store(made),
            **end, actor="freezer",
        )  # fmt: skip
        return found

    def store(self, document: bytes) -> str:
        """Put a document where the projections read it, in parts of two lines; return its name."""
        digest, lines = hashlib.sha256(document).hexdigest(), document.splitlines(keepends=True)
        with psycopg.connect(self.views.dsn) as connection:
            for part, n in enumerate(range(0, len(lines), 2), 1):
                connection.execute(
                    "insert into ledger.document_parts values (%s, %s, %s) on conflict do nothing",
                    (digest, part, b"".join(lines[n : n + 2])),
                )
        return digest

    def act(self, found: UUID, name: str, **data: Any) -> str:
        """Record an act on a list: PaymentListApproved, PaymentListRejected, ..."""
        return self.views.facts.record(STREAM, name, list=str(found), **data)

    def report(self, found: UUID, *results: tuple[UUID, str]) -> str:
        """Record results: reference ids and statuses."""
        amounts = {row["reference_id"]: row["amount_fen"] for row in self.lines(found)}
        said = [
            {"reference_id": str(reference), "status": status, "amount_fen": amounts[reference]}
            | ({"reason": "rjct.payee_fa.invalid"} if status in ("rjct", "returned") else {})
            for reference, status in sorted(results)
        ]
        end = {"lines": len(said), "total_fen": sum(int(one["amount_fen"]) for one in said)}
        lines = [{"document": "payment_results", "list": str(found)}, *said, end]
        document = b"".join(
            json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines
        )
        return self.act(found, "PaymentResultsRecorded", document=self.store(document), **end)

    def lines(self, found: UUID) -> list[dict[str, Any]]:
        """The lines of a frozen list as the projections have them."""
        projections = self.views.projections()
        asked = {"list": found, "after": 0, "limit": None, "position": projections.position()}
        return projections.rows("payment_lists", "lines_of_list", asked)

    def parts(self, found: UUID) -> Parts:
        """What a list orders, by household and month."""
        return {row["subject"]: dict(row["parts"]) for row in self.lines(found)}

    def amounts(self, found: UUID) -> dict[UUID, int]:
        """What a list orders, by household."""
        return {row["subject"]: row["amount_fen"] for row in self.lines(found)}

    def order(self, household: UUID, parts: dict[str, int]) -> UUID:
        """Order a recovery; return its id."""
        recovery = named(f"recovery {self.views.facts.position}")
        self.views.facts.record(
            STREAM, "RecoveryOrdered", recovery=str(recovery), household=str(household), ground="fraud",
            legal_basis="Law 70", parts=[{"month": m, "fen": fen} for m, fen in parts.items()],
        )  # fmt: skip
        return recovery

    def receive(self, recovery: UUID, fen: int) -> str:
        """Record what came back."""
        return self.views.facts.record(
            STREAM, "RecoveryReceived", recovery=str(recovery), amount_fen=fen
        )

    def overpaid(self, area: str, month: str) -> Parts:
        """The candidates for recovery: by household and month what was overpaid."""
        projections = self.views.projections()
        found: Parts = {}
        asked = computing.monthly(area, month)
        for row in computing.overpayments(projections, asked, projections.as_of()):
            months = found.setdefault(row["household"], {})
            months[f"{row['month']:%Y-%m}"] = row["overpaid_fen"]
        return found
