"""GovStack payments, `POST /batchtransactions?type=raw`: one JSON array, an instruction a line."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any
from uuid import UUID

import msgspec

from projections.payment_lists.exports.accounts import Accounts
from projections.payment_lists.exports.lines import Heading, Line, payable, yuan
from projections.payment_lists.exports.payer import Payer, Transfer, transfer
from projections.payment_lists.exports.streams import chunked, json_text

REQUEST_ID_CHARACTERS = 16
"""The longest that the interface allows: 80 bits in base 32."""

PARTY_KEY = "accountNumber"
_DESCRIPTION_CHARACTERS = 50


class RequestIds:
    """Short ids for the lines of one list, each its own, the same whenever the list is sent."""

    def __init__(self, characters: int = REQUEST_ID_CHARACTERS) -> None:
        self._characters = characters
        self._taken: set[str] = set()

    def of(self, reference_id: UUID) -> str:
        """Return the id of the next line; one that an earlier line has is passed over."""
        for attempt in count():
            digest = hashlib.sha256(f"{reference_id}:{attempt}".encode("ascii")).digest()
            short = base64.b32encode(digest).decode().lower()[: self._characters]
            if short not in self._taken:
                break
        self._taken.add(short)
        return short


def write(
    heading: Heading, lines: Iterable[Line], accounts: Accounts | None, payer: Payer | None
) -> Iterator[bytes]:
    """Return the body in chunks; BadParameter without accounts or a payer."""
    return chunked(_written(heading, lines, transfer(accounts, payer)))


def _written(heading: Heading, lines: Iterable[Line], by: Transfer) -> Iterator[bytes]:
    before, ids = b"[\n", RequestIds()
    for line in payable(heading, lines):
        yield before + json_text(_instruction(heading, line, by, ids.of(line.reference_id)))
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def _instruction(heading: Heading, line: Line, by: Transfer, request_id: str) -> dict[str, Any]:
    return {
        "requestId": request_id,
        "creditParty": [{"key": PARTY_KEY, "value": by.payee(line)}],
        "debitParty": [{"key": PARTY_KEY, "value": by.payer.account}],
        "paymentMode": by.payer.payment_mode,
        # A number, as the interface wants it; written from fen, so that no float comes between.
        "amount": msgspec.Raw(yuan(line.amount_fen).encode()),
        "currency": "CNY",
        "descriptionText": f"{line.head} {heading.month}"[:_DESCRIPTION_CHARACTERS],
    }
