"""Documents of payment lists and of their results, written as the format has them.

document = list_document(line(HOME, {"2026-08": 81_500}), month="2026-08")
results = results_document(LIST, reported(reference, "succ", 81_500))
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from ledger.payment_months.list_document import decode_line, reference_of

HEAD: dict[str, Any] = {
    "document": "payment_list",
    "kind": "monthly",
    "area": "140403",
    "programme": "dibao",
    "month": "2026-08",
    "position": 12,
    "lists_version": 0,
    "calculation": 1,
}

Line = dict[str, Any]


def line(
    household: UUID,
    parts: Mapping[str, int],
    head: str = "dibao.urban",
    *,
    subject: str = "household",
    reissues: UUID | None = None,
    **more: Any,
) -> Line:
    """A line: of a household, or with `subject="grant"` of a grant."""
    end = {} if reissues is None else {"reissues": str(reissues)}
    return {
        subject: str(household),
        "head": head,
        "area": "140403001",
        **more,
        "amount_fen": sum(parts.values()),
        "parts": [{"month": month, "fen": fen} for month, fen in parts.items()],
        **end,
    }


def written(rows: Iterable[Any]) -> bytes:
    """Rows as canonical NDJSON."""
    return b"".join(
        json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode() + b"\n" for row in rows
    )


def ended(head: Mapping[str, Any], lines: Iterable[Line]) -> bytes:
    """A document with the last line that is due."""
    rows = list(lines)
    end = {"lines": len(rows), "total_fen": sum(row["amount_fen"] for row in rows)}
    return written([head, *rows, end])


def list_document(*lines: Line, **head: Any) -> bytes:
    """A list's document, its lines put in order; what of the head is None is left out."""
    said = {key: value for key, value in {**HEAD, **head}.items() if value is not None}
    ordered = sorted(lines, key=lambda one: (one.get("grant") or one["household"], one["head"]))
    return ended(said, ordered)


def reported(
    reference: UUID, status: str, amount_fen: int, at: str | None = None, **more: Any
) -> Line:
    """What was reported of a line; with a reason where it failed."""
    failed = {"reason": "rjct.payee_fa.invalid"} if status in ("rjct", "returned") else {}
    when = {} if at is None else {"at": at}
    said = {"reference_id": str(reference), "status": status, "amount_fen": amount_fen}
    return {**said, **when, **failed, **more}


def results_document(list_id: UUID, *lines: Line) -> bytes:
    """A document of results, its lines put in order."""
    head = {"document": "payment_results", "list": str(list_id)}
    return ended(head, sorted(lines, key=lambda one: str(one["reference_id"])))


def references(list_id: UUID, document: bytes) -> list[tuple[UUID, int]]:
    """The reference ids of a list's lines with their amounts, in the document's order."""
    lines = [decode_line(raw) for raw in document.splitlines()[1:-1]]
    return [(reference_of(list_id, one), one.amount_fen) for one in lines]


def digest_of(document: bytes) -> str:
    """The name of a document."""
    return hashlib.sha256(document).hexdigest()


def totals(document: bytes) -> dict[str, Any]:
    """What a command says of a document: its name, the number of its lines and their sum."""
    return {"document": digest_of(document), **json.loads(document.splitlines()[-1])}


def freeze_data(document: bytes, list_id: UUID, **more: Any) -> dict[str, Any]:
    """The data of FreezePaymentList for a document."""
    head = json.loads(document.splitlines()[0])
    del head["document"]
    return {"list": str(list_id), **head, **totals(document), **more}


def results_data(document: bytes, **more: Any) -> dict[str, Any]:
    """The data of RecordPaymentResults for a document."""
    head, *rows, _ = map(json.loads, document.splitlines())
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["status"]] = counts.get(row["status"], 0) + 1
        fen = f"{row['status']}_fen"
        counts[fen] = counts.get(fen, 0) + row["amount_fen"]
    return {"list": head["list"], **totals(document), **counts, **more}
