"""The files: CSV, G2P Connect messages, and NDJSON in the shape of the canonical document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, BinaryIO, NoReturn
from uuid import UUID

from assistance.results import result
from assistance.results.result import ONE_OR_TWO_DECIMALS, TWO_DECIMALS, Result, Wrong
from projections.errors import BadParameter
from projections.payment_lists.exports.given_files import Faults, Limits, rows, text_lines

COLUMNS = ("reference_id", "status", "amount", "timestamp", "reason")
_FILE = 128 << 20
_LINE = Limits(file=_FILE, line=4 << 10)
_MESSAGE = Limits(file=_FILE, line=8 << 20)
_G2P_STATUSES = {"rcvd": "pdng", "pdng": "pdng", "succ": "succ", "rjct": "rjct"}

Amounts = Mapping[UUID, int] | None
Reader = Callable[[BinaryIO, Amounts, Faults], Iterator[Result]]


def read_results(source: BinaryIO, format_: str, amounts: Amounts = None) -> Iterator[Result]:
    """Yield what a file says of each line.

    `amounts` are the list's, fen by reference id: with them a reference that is not on the list, or
    another amount, is refused, and formats without an amount take it from there. After the first fault
    nothing more is yielded; the rest is read for further ones. Raises BadFile with each line and what is
    wrong in it, BadParameter for a format that is not one of FORMATS.
    """
    if format_ not in FORMATS:
        raise BadParameter(f"`format` must be one of {', '.join(FORMATS)}.", parameter="format")
    return _read(FORMATS[format_], source, amounts)


def _read(reader: Reader, source: BinaryIO, amounts: Amounts) -> Iterator[Result]:
    faults = Faults()
    for one in reader(source, amounts, faults):
        if not faults.count:
            yield one
    faults.refuse()


def _csv(source: BinaryIO, amounts: Amounts, faults: Faults) -> Iterator[Result]:
    for number, (reference, status, amount, timestamp, reason) in rows(
        source, COLUMNS, _LINE, faults
    ):
        try:
            line, said = result.reference(reference), result.status(status)
            yield Result(
                number,
                line,
                said,
                _as_listed(line, result.yuan(amount, TWO_DECIMALS), amounts),
                result.instant(timestamp, "timestamp") if timestamp else None,
                result.reason(reason, said),
            )
        except Wrong as wrong:
            faults.add(number, str(wrong))


def _g2p(source: BinaryIO, amounts: Amounts, faults: Faults) -> Iterator[Result]:
    for number, text in text_lines(source, _MESSAGE):
        try:
            for one in _disbursements(_object(text)):
                yield _of_disbursement(number, one, amounts)
        except Wrong as wrong:
            faults.add(number, str(wrong))


def _disbursements(message: dict[str, Any]) -> list[Any]:
    """Return the statuses in a message, or the one that stands for itself."""
    if "reference_id" in message:
        return [message]
    inner = message.get("message")
    found = inner.get("disbursements_status") if isinstance(inner, dict) else None
    if not isinstance(found, list):
        raise Wrong("the message has no disbursements_status")
    return found


def _of_disbursement(number: int, one: Any, amounts: Amounts) -> Result:
    if not isinstance(one, dict):
        raise Wrong("a disbursement's status must be an object")
    line = result.reference(one.get("reference_id"))
    said = result.status(one.get("status"), _G2P_STATUSES)
    amount = one.get("amount")
    return Result(
        number,
        line,
        said,
        _as_listed(
            line, None if amount is None else result.yuan(amount, ONE_OR_TWO_DECIMALS), amounts
        ),
        result.instant(one.get("timestamp"), "timestamp"),
        result.reason(one.get("status_reason_code"), said, "status_reason_code"),
    )


def _ndjson(source: BinaryIO, amounts: Amounts, faults: Faults) -> Iterator[Result]:
    count = total = 0
    head = end = 0
    for number, text in text_lines(source, _LINE):
        try:
            said = _object(text)
            if end:
                raise Wrong("there is a line after the one that counts them")
            if "document" in said and not (count or head):
                head = number
                _check_head(said)
            elif "total_fen" in said:
                end = number
                _check_end(said, count, total)
            else:
                one = _of_line(number, said, amounts)
                count, total = count + 1, total + one.amount_fen
                yield one
        except Wrong as wrong:
            faults.add(number, str(wrong))
    if head and not end:
        faults.add(
            number, "the line that counts the others is missing: the file may be cut in half"
        )


def _check_head(said: dict[str, Any]) -> None:
    if said["document"] != "payment_results":
        raise Wrong("the document is not one of payment results")


def _check_end(said: dict[str, Any], count: int, total: int) -> None:
    if (said.get("lines"), said["total_fen"]) != (count, total):
        raise Wrong(f"the counts do not add up: there were {count} lines, {total} fen")


def _of_line(number: int, one: dict[str, Any], amounts: Amounts) -> Result:
    line, said = result.reference(one.get("reference_id")), result.status(one.get("status"))
    amount = one.get("amount_fen")
    at = one.get("at")
    return Result(
        number,
        line,
        said,
        _as_listed(line, None if amount is None else result.fen(amount), amounts),
        None if at is None else result.instant(at, "at"),
        result.reason(one.get("reason"), said),
    )


def _as_listed(line: UUID, said: int | None, amounts: Amounts) -> int:
    """Return the amount of a line, in fen: what is said, which must be what is listed."""
    if amounts is None:
        if said is None:
            raise Wrong(f"line {line} has no amount, and the list's amounts are not given")
        return said
    listed = amounts.get(line)
    if listed is None:
        raise Wrong(f"line {line} is not on the list")
    if said is not None and said != listed:
        raise Wrong(f"line {line} has another amount on the list, {listed} fen")
    return listed


def _object(text: str) -> dict[str, Any]:
    try:
        found = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise Wrong("the line is no JSON, or names a key twice") from None
    if not isinstance(found, dict):
        raise Wrong("the line must be a JSON object")
    return found


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is named twice")
    return found


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no numbers")


# A number with a point or an exponent stays text: no amount is read from it.
_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=str, parse_constant=_no_number)

FORMATS: Mapping[str, Reader] = MappingProxyType({"csv": _csv, "g2p": _g2p, "ndjson": _ndjson})
