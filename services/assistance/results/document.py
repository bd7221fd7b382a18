"""The canonical results document: sorted, counted, each line once; written when all of it is right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, BinaryIO, NamedTuple
from uuid import UUID

import msgspec

from assistance.results.result import Result
from projections.errors import BadFile
from projections.payment_lists.exports.given_files import Faults

MOST_RESULTS = 1_000_000
_ENCODER = msgspec.json.Encoder()


class Written(NamedTuple):
    """What was written: results, their sum in fen, and the SHA-256 of the document, 64 hex digits."""

    lines: int
    total_fen: int
    digest: str


def write_document(
    payment_list: UUID,
    results: Iterable[Result],
    lines_expected: int | None,
    total_expected_fen: int | None,
    out: BinaryIO,
) -> Written:
    """Write the document of a list's results, in order of reference id.

    The expected counts are those of the cover sheet that came with the file. Raises BadFile when a
    reference comes twice or the results do not add up to the cover sheet; `out` is then untouched.
    """
    ordered = _gathered(results)
    total = sum(one.amount_fen for one in ordered)
    _check_counts("lines", len(ordered), lines_expected)
    _check_counts("fen in all", total, total_expected_fen)
    digest = hashlib.sha256()
    for piece in _document(payment_list, ordered, total):
        digest.update(piece)
        out.write(piece)
    return Written(len(ordered), total, digest.hexdigest())


def _gathered(results: Iterable[Result]) -> list[Result]:
    found: list[Result] = []
    for one in results:
        found.append(one)
        if len(found) > MOST_RESULTS:
            raise BadFile(f"A document holds at most {MOST_RESULTS} results.")
    found.sort(key=lambda one: (one.reference_id.int, one.line))
    faults = Faults()
    for before, after in pairwise(found):
        if before.reference_id == after.reference_id:
            faults.add(
                after.line, f"line {after.reference_id} stands on line {before.line} already"
            )
    faults.refuse()
    return found


def _check_counts(what: str, found: int, expected: int | None) -> None:
    if expected is not None and found != expected:
        raise BadFile(
            f"The file has {found} {what}; the cover sheet says {expected}. It may be cut in half: "
            "nothing of it is taken."
        )


def _document(payment_list: UUID, results: list[Result], total: int) -> Iterator[bytes]:
    yield _line({"document": "payment_results", "list": payment_list})
    for one in results:
        said = {
            "reference_id": one.reference_id,
            "status": one.status,
            "amount_fen": one.amount_fen,
            "at": one.at,
            "reason": one.reason,
        }
        yield _line({key: value for key, value in said.items() if value is not None})
    yield _line({"lines": len(results), "total_fen": total})


def _line(value: dict[str, Any]) -> bytes:
    return _ENCODER.encode(value) + b"\n"
