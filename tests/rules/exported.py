"""Payment lists for the tests of exports: two lines to pay and one of zero, and as many as wanted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from projections.payment_lists.exports import FORMATS, Accounts, Heading, Line, Payer

LIST = UUID("018f0000-0000-8000-8000-00000000000a")
DIGEST = hashlib.sha256(b"a list").hexdigest()
SENT_AT = datetime(2026, 8, 14, 1, 30, tzinfo=UTC)
PAYER = Payer(account="1402000000000001", name="Civil affairs bureau", provider="bank.example")

FIRST = Line(
    reference_id=UUID("10000000-0000-8000-8000-000000000001"),
    subject=UUID("018f0000-0000-7000-8000-000000000001"),
    household=UUID("018f0000-0000-7000-8000-000000000001"),
    head="dibao.urban",
    area="140403001",
    payee=UUID("018f0000-0000-7000-8000-0000000000a1"),
    amount_fen=85_000,
    parts=(("2026-06", -1_500), ("2026-07", 5_000), ("2026-08", 81_500)),
)
NOTHING = Line(
    reference_id=UUID("20000000-0000-8000-8000-000000000002"),
    subject=UUID("018f0000-0000-7000-8000-000000000002"),
    household=UUID("018f0000-0000-7000-8000-000000000002"),
    head="dibao.urban",
    area="140403001",
    payee=None,
    amount_fen=0,
    parts=(("2026-07", -2_000), ("2026-08", 2_000)),
)
GRANT = Line(
    reference_id=UUID("30000000-0000-8000-8000-000000000003"),
    subject=UUID("018f0000-0000-7000-8000-000000000003"),
    household=None,
    head="help_first",
    area="140403002",
    payee=UUID("018f0000-0000-7000-8000-0000000000a3"),
    amount_fen=30_005,
    parts=(("2026-08", 30_005),),
    reissues=UUID("40000000-0000-8000-8000-000000000004"),
)
LINES = (FIRST, NOTHING, GRANT)
ACCOUNTS = Accounts(
    {
        UUID("018f0000-0000-7000-8000-0000000000a1"): "6222020000000001",
        UUID("018f0000-0000-7000-8000-0000000000a3"): "mobile:13900000000@wallet.example",
    }
)


def heading(lines: Sequence[Line] = LINES) -> Heading:
    """The heading of a list with these lines."""
    paid = [line for line in lines if line.amount_fen]
    return Heading(
        list=LIST,
        kind="monthly",
        area="140403",
        programme="dibao",
        month="2026-08",
        document=DIGEST,
        lines=len(paid),
        total_fen=sum(line.amount_fen for line in paid),
        sent_at=SENT_AT,
        sender="cell-1",
    )


def exported(
    name: str, lines: Sequence[Line] = LINES, accounts: Accounts = ACCOUNTS, payer: Payer = PAYER
) -> bytes:
    """The whole export in a format."""
    return b"".join(FORMATS[name].write(heading(lines), lines, accounts, payer))


def household_line(number: int, fen: int = 81_500) -> Line:
    """A household's line: another household for each number."""
    household = UUID(int=(0x018F << 112) | (7 << 76) | (2 << 62) | number)
    return Line(
        UUID(bytes=hashlib.sha256(household.bytes).digest()[:16]),
        household,
        household,
        "dibao.rural",
        "140403001",
        payee_of(number),
        fen,
        (("2026-08", fen),),
    )


def payee_of(number: int) -> UUID:
    """The payee of a household's line."""
    return UUID(int=(0x019A << 112) | (7 << 76) | (2 << 62) | number)


def accounts_for(numbers: Iterable[int]) -> Accounts:
    """An account for the payee of each line."""
    return Accounts({payee_of(number): f"6222{number:012d}" for number in numbers})


def many_lines(count: int) -> Iterator[Line]:
    """As many lines as wanted, made one by one."""
    return (household_line(number) for number in range(count))
