"""G2P Connect, `disburse`: a message a line, each with a bounded number of disbursements.

Version 1.0.0 of the disburse interface. Signatures are the sender's: the field is left empty.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from projections.payment_lists.exports.accounts import Accounts
from projections.payment_lists.exports.lines import Heading, Line, instant_text, payable, yuan
from projections.payment_lists.exports.payer import Payer, Transfer, transfer
from projections.payment_lists.exports.streams import chunked, json_line

MOST_DISBURSEMENTS = 1_000
LOCALE = "zho"
"""ISO 639-3, as the interface's pattern wants it."""


def write(
    heading: Heading,
    lines: Iterable[Line],
    accounts: Accounts | None,
    payer: Payer | None,
    most: int = MOST_DISBURSEMENTS,
) -> Iterator[bytes]:
    """Return the messages in chunks, at most `most` disbursements each.

    Raises BadParameter without accounts or a payer.
    """
    return chunked(_messages(heading, lines, transfer(accounts, payer), most))


def message_id(payment_list: UUID, most: int, number: int) -> UUID:
    """Return a message's id, UUID version 8: a re-send of the same batch has the same."""
    seed = f"{payment_list}:g2p:{most}:{number}".encode("ascii")
    value = int.from_bytes(hashlib.sha256(seed).digest()[:16], "big")
    value &= ~(0xF000 << 64) & ~(0xC000 << 48)
    return UUID(int=value | (0x8000 << 64) | (0x8000 << 48))


def _messages(heading: Heading, lines: Iterable[Line], by: Transfer, most: int) -> Iterator[bytes]:
    waiting = payable(heading, lines)
    number = 0
    while batch := list(islice(waiting, most)):
        number += 1
        yield json_line(
            {
                "signature": "",
                "header": _header(heading, most, number, len(batch)),
                "message": {
                    "transaction_id": heading.list,
                    "disbursements": [_disbursement(heading, line, by) for line in batch],
                },
            }
        )


def _header(heading: Heading, most: int, number: int, count: int) -> dict[str, Any]:
    return {
        "version": "1.0.0",
        "message_id": message_id(heading.list, most, number),
        "message_ts": instant_text(heading.sent_at),
        "action": "disburse",
        "sender_id": heading.sender,
        "sender_uri": "",
        "receiver_id": "",
        "total_count": count,
        "is_msg_encrypted": False,
        "meta": {
            "list": heading.list,
            "digest": heading.document,
            "batch": number,
            "batches": -(-heading.lines // most),
        },
    }


def _disbursement(heading: Heading, line: Line, by: Transfer) -> dict[str, Any]:
    said = {
        "reference_id": line.reference_id,
        "payer_fa": by.address(by.payer.account),
        "payee_fa": by.address(by.payee(line)),
        "amount": yuan(line.amount_fen),
        "payer_name": by.payer.name or None,
        "note": f"{line.head} {heading.month}",
        "purpose": line.head,
        "instruction": f"list {heading.list}",
        "currency_code": "CNY",
        "locale": LOCALE,
    }
    return {key: value for key, value in said.items() if value is not None}
