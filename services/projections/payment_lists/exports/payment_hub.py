"""Payment Hub EE: its batch CSV. The hub cuts lines at commas and knows no quotes: no cell has either."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from projections.payment_lists.exports.accounts import Accounts
from projections.payment_lists.exports.lines import Heading, Line, payable, yuan
from projections.payment_lists.exports.payer import Payer, Transfer, transfer
from projections.payment_lists.exports.streams import chunked

HEADER = (
    "id,request_id,payment_mode,payer_identifier_type,payer_identifier,"
    "payee_identifier_type,payee_identifier,amount,currency,note"
)
IDENTIFIER_TYPE = "accountNumber"


def write(
    heading: Heading, lines: Iterable[Line], accounts: Accounts | None, payer: Payer | None
) -> Iterator[bytes]:
    """Return the file in chunks; ids count from 0, as the hub's own do.

    Raises BadParameter without accounts or a payer.
    """
    return chunked(_written(heading, lines, transfer(accounts, payer)))


def _written(heading: Heading, lines: Iterable[Line], by: Transfer) -> Iterator[bytes]:
    yield f"{HEADER}\n".encode()
    for number, line in enumerate(payable(heading, lines)):
        cells = (
            str(number),
            str(line.reference_id),
            by.payer.payment_mode,
            IDENTIFIER_TYPE,
            by.payer.account,
            IDENTIFIER_TYPE,
            by.payee(line),
            yuan(line.amount_fen),
            "CNY",
            f"{line.head} {heading.month}",
        )
        yield (",".join(cells) + "\n").encode()
