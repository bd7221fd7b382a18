"""A county that lists from July 2026 on, over the command line."""

import hashlib
import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from tests.acceptance.command_line import CommandLine, Said

AREA = "140403"
JULY, AUGUST = "2026-07", "2026-08"
HOUSEHOLDS = 4
OCTETS = UUID("018f0000-0000-7000-8000-000000000000")


def named(name: str) -> str:
    """An id that follows from a name."""
    return str(uuid5(OCTETS, name))


HOME = [named(f"household {n}") for n in range(HOUSEHOLDS)]


def line(command: str, subject: str | None = None, /, **data: Any) -> bytes:
    """A command line under a key that follows from what it says."""
    key = hashlib.sha256(repr((command, subject, data)).encode()).hexdigest()
    envelope = {"command": command, "idempotency_key": key, "actor": "older-system", "data": data}
    return json.dumps(envelope | ({"subject": subject} if subject else {})).encode() + b"\n"


def standard(fen: int, effective: str, decided_on: str) -> bytes:
    """A standard per person and month, paid by the gap."""
    return line(
        "AdoptStandard", area=AREA, programme="dibao.urban", period="month", mode="gap",
        amount_fen=fen, effective=effective, decided_on=decided_on, adopted_by="the county",
    )  # fmt: skip


def ground() -> bytes:
    """A county that lists from July 2026 on, and households of one person without income."""
    policy = line(
        "AdoptPolicy", area=AREA, setting="lists.first_month", value=JULY, effective="2026-01",
        decided_on="2025-12-01",
    )  # fmt: skip
    homes = (
        line("EnrolHousehold", home, decided_on="2026-05-20", effective="2026-06",
             programme="dibao.urban", area=AREA, income_fen=0, decided_by="county", migrated=True,
             legal_basis="Law 18", members=[{"person": named(f"person {n}"), "role": "head"}])
        for n, home in enumerate(HOME)
    )  # fmt: skip
    return b"".join([standard(78_000, "2026-01", "2025-12-01"), policy, *homes])


class Cell:
    """The command line over a database with the ground in it, and a folder for files."""

    def __init__(self, assistance: CommandLine, folder: Path) -> None:
        self.assistance = assistance
        self.folder = folder

    def __call__(self, *arguments: str) -> Said:
        """Run a command; return its exit code and words."""
        return self.assistance(*arguments)

    def done(self, *arguments: str) -> Any:
        """Run a command that must succeed; return the object that --json writes."""
        said = self(*arguments, "--json")
        assert said.code == 0, said.err
        return said.rows[0] if said.rows else None

    def given(self, *lines: bytes) -> None:
        """Import command lines."""
        file = self.file("commands.ndjson", b"".join(lines))
        said = self("import", str(file))
        assert said.code == 0, said.err

    def file(self, name: str, content: bytes) -> Path:
        """Write a file that is given to a command."""
        path = self.folder / name
        path.write_bytes(content)
        return path

    def frozen(self, month: str = JULY) -> str:
        """Freeze a month's list; return its id."""
        found = self.done(
            "list", "freeze", "--area", AREA, "--month", month, "--actor", "clerk",
            "--decided-on", f"{month}-05",
        )  # fmt: skip
        return str(found["list"])

    def approved(self, month: str = JULY) -> str:
        """Freeze a month's list and have another officer approve it; return its id."""
        found = self.frozen(month)
        self.done("list", "approve", found, "--actor", "officer")
        return found

    def sent(self, month: str = JULY) -> str:
        """Freeze, approve and export a month's list; return its id."""
        found = self.approved(month)
        out = self.folder / f"{month}.csv"
        self.done("list", "export", found, "--format", "csv", "--to", str(out), "--actor", "clerk")
        return found

    def lines(self, found: str) -> list[dict[str, Any]]:
        """The lines of a list with their states."""
        return self("list", "lines", found, "--json").rows

    def report(self, found: str, *statuses: str) -> Said:
        """Record results of a list's first lines, in its order."""
        file = self.file("results.csv", results(self.lines(found), *statuses))
        return self("list", "results", found, str(file), "--format", "csv", "--actor", "bank")

    def reconciled(self, found: str) -> dict[str, Any]:
        """What became of a list, which must add up."""
        rows = self("list", "reconcile", "--json").rows
        row: dict[str, Any] = next(row for row in rows if row["list"] == found)
        states = ("paid", "failed", "returned", "pending", "closed")
        assert row["listed_fen"] == sum(row[f"{state}_fen"] for state in states)
        return row


def results(lines: list[dict[str, Any]], *statuses: str) -> bytes:
    """A file of results of a list's first lines."""
    rows = ["reference_id,status,amount,timestamp,reason"]
    for one, status in zip(lines, statuses, strict=False):
        amount = f"{one['amount_fen'] // 100}.{one['amount_fen'] % 100:02d}"
        reason = "rjct.payee_fa.invalid" if status in ("rjct", "returned") else ""
        rows.append(f"{one['reference_id']},{status},{amount},2026-07-10T02:00:00Z,{reason}")
    return "".join(f"{row}\n" for row in rows).encode()


def accounts(cell: Cell, persons: int = HOUSEHOLDS) -> str:
    """A file of accounts of the first persons."""
    rows = ["person,account", *(f"{named(f'person {n}')},62220000{n}" for n in range(persons))]
    return str(cell.file("accounts.csv", "".join(f"{row}\n" for row in rows).encode()))
