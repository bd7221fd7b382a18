"""Who pays, and how a payment system is told: for the formats that move money."""

from __future__ import annotations

import re
from dataclasses import dataclass

from projections.errors import BadParameter
from projections.payment_lists.exports.accounts import Accounts, what_is_wrong
from projections.payment_lists.exports.lines import Line

_CODE = re.compile(r"[0-9A-Za-z_.-]{1,20}", re.ASCII)
_PROVIDER = re.compile(r"[0-9A-Za-z.-]{1,60}", re.ASCII)
_NAME_MOST = 99


@dataclass(frozen=True)
class Payer:
    """The account that is debited, and what goes with it.

    account       the payer's account, or its financial address
    name          the account's name, for people; may be empty
    provider      for G2P Connect, who holds the accounts that name no one: `account:<account>@<provider>`
    payment_mode  how the payment system is to pay, one of the modes set up there
    """

    account: str = ""
    name: str = ""
    provider: str = ""
    payment_mode: str = "closedloop"


@dataclass(frozen=True)
class Transfer:
    """From whom the lines of a list are paid, and into which accounts."""

    payer: Payer
    accounts: Accounts

    def address(self, account: str) -> str:
        """Return an account as a financial address; one that names its provider stays as it is."""
        if "@" in account or not self.payer.provider:
            return account
        kind = "" if ":" in account else "account:"
        return f"{kind}{account}@{self.payer.provider}"

    def payee(self, line: Line) -> str:
        """Return the account into which a line is paid."""
        return self.accounts.of(line)


def transfer(accounts: Accounts | None, payer: Payer | None) -> Transfer:
    """Return both together; BadParameter when one is missing or makes no sense."""
    if accounts is None:
        raise BadParameter("This format needs the payees' accounts.", parameter="accounts")
    if payer is None or not payer.account:
        raise BadParameter("This format needs the payer's account.", parameter="payer_account")
    if wrong := what_is_wrong(payer.account):
        raise BadParameter(f"The payer's account {wrong}.", parameter="payer_account")
    if len(payer.name) > _NAME_MOST or not (payer.name.isprintable()):
        raise BadParameter(
            f"The payer's name has at most {_NAME_MOST} characters, all printable.",
            parameter="payer_name",
        )
    if payer.provider and not _PROVIDER.fullmatch(payer.provider):
        raise BadParameter(
            "The provider must be 1 to 60 letters, digits, dots and dashes.", parameter="provider"
        )
    if not _CODE.fullmatch(payer.payment_mode):
        raise BadParameter(
            "The payment mode must be 1 to 20 letters, digits and _ . -", parameter="payment_mode"
        )
    return Transfer(payer, accounts)
