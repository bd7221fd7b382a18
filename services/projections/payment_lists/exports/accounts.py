"""The accounts of payees, from a file that the caller gives: they are kept nowhere, and never told.

The file is CSV, UTF-8 with or without a mark, columns `person,account`. An account is what the payment
system knows the payee by: a number, or a financial address such as `account:6222…@bank`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO
from uuid import UUID

from projections.errors import BadFile
from projections.payment_lists.exports.given_files import Faults, Limits, rows
from projections.payment_lists.exports.lines import Line

COLUMNS = ("person", "account")
LIMITS = Limits(file=16 << 20, line=512)
TOLD = 10
"""How many persons or lines an error names."""

# No comma, quote or space: some payment systems cut their lines at every comma.
_ACCOUNT = re.compile(r"[0-9A-Za-z][0-9A-Za-z.:@_/-]{0,98}", re.ASCII)
_SHORTENED = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+?[0-9]{1,2}", re.ASCII)
_PERSON = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class Accounts:
    """Each person's account. One account may serve several persons: that is a lead, not an error."""

    __slots__ = ("_accounts",)

    def __init__(self, accounts: Mapping[UUID, str]) -> None:
        self._accounts = {person.bytes: account for person, account in accounts.items()}

    def __len__(self) -> int:
        return len(self._accounts)

    def __contains__(self, person: UUID) -> bool:
        return person.bytes in self._accounts

    def __repr__(self) -> str:
        return f"Accounts({len(self)} persons)"

    def of(self, line: Line) -> str:
        """Return the account to which a line is paid; BadFile when none is known."""
        account = None if line.payee is None else self._accounts.get(line.payee.bytes)
        if account is None:
            raise BadFile(f"Line {line.reference_id} has no payee with an account.")
        return account


def read_accounts(source: BinaryIO) -> Accounts:
    """Read a file of accounts.

    Raises BadFile with the lines that are wrong: other columns, a person twice, an account that is
    empty, malformed, begins like a formula or was shortened by a spreadsheet; or a file that is too
    large, cut off, or not UTF-8.
    """
    faults = Faults()
    found: dict[UUID, str] = {}
    for number, (written, account) in rows(source, COLUMNS, LIMITS, faults):
        person = UUID(written) if _PERSON.fullmatch(written) else None
        if person is None:
            faults.add(number, "`person` is not the id of a person")
        elif person in found:
            faults.add(number, f"person {person} stands in the file twice")
        elif wrong := what_is_wrong(account):
            faults.add(number, f"`account` {wrong}")
        else:
            found[person] = account
    faults.refuse()
    return Accounts(found)


def what_is_wrong(account: str) -> str | None:
    """Say why a text is no account, without repeating it; None when it is one."""
    if not account:
        return "is empty"
    if _SHORTENED.fullmatch(account):
        return "was shortened by a spreadsheet: format the column as text and enter it anew"
    if not _ACCOUNT.fullmatch(account):
        return "must be 1 to 99 letters, digits and . : @ _ / - and begin with a letter or digit"
    return None


@dataclass
class Gaps:
    """The payees whom a file of accounts lacks, gathered line by line."""

    accounts: Accounts
    unknown: list[UUID] = field(default_factory=list)
    missing: dict[UUID, None] = field(default_factory=dict)

    def note(self, line: Line) -> None:
        """Look whether a line can be paid into an account."""
        if line.payee is None:
            self.unknown.append(line.reference_id)
        elif line.payee not in self.accounts:
            self.missing[line.payee] = None

    def refuse(self) -> None:
        """Raise BadFile when there are gaps: how many, and the first persons or lines."""
        if self.unknown:
            raise BadFile(
                f"Lines without a payee who is known by id: {len(self.unknown)}. They cannot be paid "
                f"into an account; the first: {_told(self.unknown)}.",
                lines=[str(line) for line in self.unknown[:TOLD]],
            )
        if self.missing:
            raise BadFile(
                f"Payees without an account in the file: {len(self.missing)}. "
                f"The first: {_told(self.missing)}.",
                persons=[str(person) for person in islice(self.missing, TOLD)],
            )


def _told(ids: Iterable[UUID]) -> str:
    return ", ".join(map(str, islice(ids, TOLD)))
