"""What the OpenAPI document says of documents, lists and recoveries."""

from __future__ import annotations

from typing import Any

from ledger.http import ACTOR, IF_MATCH, JSON, KEY, NDJSON
from ledger.openapi import PROBLEMS, answer

LIST_ID = "018f3c2e-5e01-7f71-8d41-912c6dae5001"
HOUSEHOLD = "018f3c2e-1a01-7b31-9c04-5d8e2f6a1001"
RECOVERY_ID = "018f3c2e-6f01-7081-8e51-a23d7ebf6001"
DIGEST = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
STREAM = "6f0f7a52-6a56-8c0e-9d0d-000000000000"

LIST_DOCUMENT = (
    '{"document":"payment_list","kind":"monthly","area":"140403","programme":"dibao",'
    '"month":"2026-08","position":1234,"lists_version":7,"calculation":1}\n'
    '{"household":"' + HOUSEHOLD + '","head":"dibao.urban","area":"140403001",'
    '"payee":"018f3c2e-2b01-7c41-8a13-6e9f3a7b2001","amount_fen":85000,'
    '"parts":[{"month":"2026-07","fen":3500},{"month":"2026-08","fen":81500}]}\n'
    '{"lines":1,"total_fen":85000}\n'
)
RESULTS_DOCUMENT = (
    '{"document":"payment_results","list":"' + LIST_ID + '"}\n'
    '{"reference_id":"6d2f6c2e-8f0b-8a4e-9a35-3d1f0e9b7c21","status":"rjct","amount_fen":85000,'
    '"at":"2026-08-15T02:00:00Z","reason":"rjct.payee_fa.invalid"}\n'
    '{"lines":1,"total_fen":85000}\n'
)

_TAKEN = {
    "list": LIST_ID, "version": 8, "position": 1240,
    "facts": [{"id": f"{STREAM}:8", "type": "assistance.PaymentListFrozen.v1", "effective": None}],
    "document": DIGEST, "lines": 1, "total_fen": 85000,
}  # fmt: skip
_LIST = {
    "list": LIST_ID, "kind": "monthly", "area": "140403", "programme": "dibao", "month": "2026-08",
    "document": DIGEST, "lines": 1, "total_fen": 85000, "reissues": None, "grant": None,
    "status": "approved", "sent": True, "results": [DIGEST], "closed_lines": 0, "version": 11,
    "position": 1302,
}  # fmt: skip
_RECOVERY = {
    "recovery": RECOVERY_ID, "household": HOUSEHOLD, "ground": "kept_after_decision",
    "status": "open", "ordered_fen": 124000, "received_fen": 30000, "waived_fen": 0,
    "balance_fen": 94000, "version": 14, "position": 1410,
}  # fmt: skip

_HEADERS = (
    (ACTOR, True, "The id of who acts.", "clerk-4"),
    (KEY, True, "A quoted string. The same key and document get the first answer again.", '"k-1"'),
    ("Content-Digest", False, "SHA-256 of the body (RFC 9530); another body is refused.",
     "sha-256=:X3C/GKCGAHAW6UiwSu07ghA6Nr6kF1W2zd+vEKzjxu8=:"),
)  # fmt: skip


def _taking(summary: str, about: str, operation: str, version: str, body: str) -> dict[str, Any]:
    """Return what FastAPI is told of a path that takes a document."""
    headers = (*_HEADERS, (IF_MATCH, False, version, '"7"'))
    content = {JSON: {"example": _TAKEN}}
    carries = {name: {"schema": {"type": "string"}} for name in ("ETag", "Location")}
    return {
        "summary": summary,
        "description": about,
        "operation_id": operation,
        "status_code": 201,
        "responses": {
            201: {"description": "Recorded.", "content": content, "headers": carries},
            200: {"description": "A dry run: nothing was recorded.",
                  "content": {JSON: {"example": {**_TAKEN, "position": None}}}},
            **{int(status): problem for status, problem in PROBLEMS.items()},
        },
        "openapi_extra": {
            "requestBody": {
                "required": True,
                "content": {NDJSON: {"schema": {"type": "string"}, "example": body}},
            },
            "parameters": [
                {"name": name, "in": "header", "required": required, "description": words,
                 "schema": {"type": "string"}, "example": given}
                for name, required, words, given in headers
            ],
        },
    }  # fmt: skip


FREEZE = _taking(
    "Freeze a list: its document is checked, stored and named by its digest",
    "The body is the document as the projections compute it, canonical NDJSON. A line that is not as "
    "it should be is refused with its number; a refusal stores nothing.",
    "FreezeFromDocument",
    "The version of the lists' stream that the computation saw: `lists_version` of the document.",
    LIST_DOCUMENT,
)
RESULTS = _taking(
    "Record what payment systems reported of a list's lines",
    "The body is a document of results, canonical NDJSON, lines in the order of their reference ids. "
    "A line that the list has not, or a status that cannot follow the last one, refuses it whole.",
    "RecordResultsFromDocument",
    "The list's version.",
    RESULTS_DOCUMENT,
)
LIST: dict[str, Any] = {
    "summary": "A payment list's standing and current version, as body and ETag",
    "responses": answer(_LIST, "ETag"),
    "operation_id": "GetPaymentList",
}
RECOVERY: dict[str, Any] = {
    "summary": "A recovery's balance and current version, as body and ETag",
    "responses": answer(_RECOVERY, "ETag"),
    "operation_id": "GetRecovery",
}
DOCUMENT: dict[str, Any] = {
    "summary": "A document on record, byte for byte",
    "responses": {
        200: {"description": "The document.", "content": {NDJSON: {"example": LIST_DOCUMENT}},
              "headers": {"ETag": {"schema": {"type": "string"}}}},
    },
    "operation_id": "GetDocument",
}  # fmt: skip
