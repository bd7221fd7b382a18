"""Payment lists on their way out: NDJSON, CSV, XLSX, G2P Connect, Payment Hub EE, GovStack.

    format = format_named("g2p")
    accounts = read_accounts(file)                       # for formats that move money
    exported = check(format, lines(), accounts, payer)   # before the sending is recorded
    for chunk in format.write(heading, lines(), accounts, payer): ...

No database is needed: the caller gives the lines, twice, in the list's order.
"""

from projections.payment_lists.exports.accounts import Accounts, read_accounts
from projections.payment_lists.exports.formats import (
    FORMATS,
    Exported,
    Format,
    check,
    format_named,
)
from projections.payment_lists.exports.lines import Heading, Line
from projections.payment_lists.exports.payer import Payer

__all__ = [
    "FORMATS",
    "Accounts",
    "Exported",
    "Format",
    "Heading",
    "Line",
    "Payer",
    "check",
    "format_named",
    "read_accounts",
]
