"""What answers about payment lists look like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

LIST_ID = "0192a1b0-0000-7000-8000-000000000001"
HOUSEHOLD = "018f4b5e-0000-7000-8000-000000000001"
DIGEST = "a0658776911821d2984a293737da7329700c27e34c38db5828a18e61668ced82"
REFERENCE = "5c1f0a62-6c1e-8d0a-9b0e-2f3f6f1f7c11"

ACCOUNTS = "person,account\n018f4b5e-0000-7000-8000-0000000000aa,6222000000000001\n"

EXPORTED = {
    "reference_id": REFERENCE, "household": HOUSEHOLD, "head": "dibao.urban", "area": "140403001",
    "payee": "018f4b5e-0000-7000-8000-0000000000aa", "amount_fen": 85_000,
    "parts": [{"month": "2026-07", "fen": 3_500}, {"month": "2026-08", "fen": 81_500}],
}  # fmt: skip
COMPUTED = {
    "position": 1204, "kind": "monthly", "area": "140403", "programme": None, "month": "2026-08",
    "calculation": 1, "lines": 2, "total_fen": 166_500, "document": DIGEST, "lists_version": 7,
}  # fmt: skip
LIST = {
    "list": LIST_ID, "kind": "monthly", "area": "140403", "programme": None, "month": "2026-08",
    "computed_at": 1190, "lists_version": 7, "calculation": 1, "document": DIGEST, "lines": 2,
    "total_fen": 166_500, "reissues": None, "area_grant": None, "frozen_by": "officer-3",
    "frozen_on": "2026-08-03", "approved_by": "officer-9", "sent_at": None, "sent_as": None,
    "status": "approved", "version": 9, "known_from": 1191, "computed_document": DIGEST, "agrees": True,
}  # fmt: skip
LINE = {
    "ordinal": 1, "reference_id": REFERENCE, "subject": HOUSEHOLD, "head": "dibao.urban",
    "area": "140403001", "amount_fen": 85_000, "state": "failed", "status": "rjct",
    "reason": "rjct.payee_fa.invalid", "reported_at": "2026-08-15T02:00:00Z", "closed_for": None,
}  # fmt: skip
VERIFICATION = {
    "position": 1204, "list": LIST_ID, "frozen": DIGEST, "computed": DIGEST, "agrees": True,
    "differences": [],
}  # fmt: skip
RECONCILIATION = {
    "list": LIST_ID, "kind": "monthly", "area": "140403", "programme": None, "month": "2026-08",
    "lines": 2, "listed_fen": 166_500, "paid": 1, "paid_fen": 81_500, "failed": 1, "failed_fen": 85_000,
    "returned": 0, "returned_fen": 0, "pending": 0, "pending_fen": 0, "closed": 0, "closed_fen": 0,
    "reissued": 1,
}  # fmt: skip
OVERPAYMENT = {
    "household": HOUSEHOLD, "area": "140403001", "programme": "dibao.urban", "month": "2026-07",
    "entitled_fen": 0, "listed_fen": 62_000, "ordered_fen": 0, "received_fen": 0, "overpaid_fen": 62_000,
}  # fmt: skip
RECOVERY = {
    "recovery": "0192a1b0-0000-7000-8000-0000000000aa", "household": HOUSEHOLD, "ground": "fraud",
    "legal_basis": "Law 71", "ordered_by": "officer-9", "ordered_on": "2026-09-02",
    "months": [{"month": "2026-07", "fen": 62_000}], "ordered_fen": 62_000, "received_fen": 30_000,
    "waived_fen": 0, "balance_fen": 32_000,
}  # fmt: skip


def of(answer: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """Return FastAPI's `responses` of a question with an example of its answer."""
    return {
        200: {"description": "The answer.", "content": {"application/json": {"example": answer}}}
    }
