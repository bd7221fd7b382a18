"""Payments over the command line: lists sent, reported on, followed up, corrected, got back."""

import csv
import io
import json
from typing import Any

import openpyxl
import pytest

from tests.acceptance.payment_cell import (
    AREA,
    AUGUST,
    HOME,
    HOUSEHOLDS,
    JULY,
    Cell,
    accounts,
    line,
    named,
    results,
    standard,
)

pytestmark = pytest.mark.timeout(240)

FORMATS = ("ndjson", "csv", "xlsx", "g2p", "payment_hub", "govstack")


def payments(format_name: str, content: bytes) -> list[tuple[str, str]]:
    """Read an export back: for each line its reference id and its yuan."""
    if format_name == "ndjson":
        lines = [json.loads(text) for text in content.splitlines()[1:-1]]
        return [(one["reference_id"], f"{one['amount_fen'] / 100:.2f}") for one in lines]
    if format_name == "g2p":
        (message,) = map(json.loads, content.splitlines())
        sent = message["message"]["disbursements"]
        return [(one["reference_id"], one["amount"]) for one in sent]
    if format_name == "govstack":  # a line has an id of its own there
        return [(one["requestId"], f"{one['amount']:.2f}") for one in json.loads(content)]
    if format_name == "xlsx":
        rows = openpyxl.load_workbook(io.BytesIO(content))["Lines"].iter_rows(values_only=True)
        named_, *others = ([str(value) for value in row] for row in rows)
    else:
        named_, *others = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    reference = named_.index("request_id" if format_name == "payment_hub" else "reference_id")
    amount = named_.index("amount" if format_name == "payment_hub" else "amount_yuan")
    return [(row[reference], f"{float(row[amount]):.2f}") for row in others]


def test_a_list_leaves_in_every_format_with_the_same_lines(cell: Cell) -> None:
    found = cell.approved()
    pay = ("--accounts", accounts(cell), "--payer", "14040300001", "--provider", "bank.example")
    listed = [(row["reference_id"], "780.00") for row in cell.lines(found)]
    for name in FORMATS:
        out = cell.folder / f"july.{name}"
        sent = cell.done(
            "list", "export", found, "--format", name, "--to", str(out), "--actor", "clerk", *pay
        )
        assert (sent["lines"], sent["total_fen"]) == (HOUSEHOLDS, HOUSEHOLDS * 78_000)
        read = payments(name, out.read_bytes())
        if name == "govstack":
            assert [amount for _, amount in read] == [amount for _, amount in listed]
        else:
            assert read == listed


def test_a_list_sent_again_is_the_same_bytes(cell: Cell) -> None:
    found = cell.sent()
    again = cell.folder / "again.csv"
    version = cell.done("list", "show", found)["version"]
    cell.done("list", "export", found, "--format", "csv", "--to", str(again), "--actor", "other")
    assert again.read_bytes() == (cell.folder / f"{JULY}.csv").read_bytes()
    assert cell.done("list", "show", found)["version"] == version + 1


def test_nothing_is_sent_or_written_when_a_payee_has_no_account(cell: Cell) -> None:
    found = cell.approved()
    out = cell.folder / "july.g2p"
    asked = ("list", "export", found, "--format", "g2p", "--to", str(out), "--actor", "clerk")
    said = cell(*asked, "--accounts", accounts(cell, HOUSEHOLDS - 1), "--payer", "14040300001")
    assert said.code == 2
    assert named(f"person {HOUSEHOLDS - 1}") in said.err
    assert cell(*asked).code == 2
    assert cell.done("list", "show", found)["status"] == "approved"
    assert {path.suffix for path in cell.folder.iterdir()} == {".ndjson", ".csv"}


def test_nothing_is_sent_into_a_folder_that_is_not_there(cell: Cell) -> None:
    found = cell.approved()
    nowhere = str(cell.folder / "nowhere" / "july.csv")
    said = cell("list", "export", found, "--format", "csv", "--to", nowhere, "--actor", "clerk")
    assert said.code == 2
    assert cell.done("list", "show", found)["status"] == "approved"


def test_a_list_that_is_not_approved_is_not_sent(cell: Cell) -> None:
    found = cell.frozen()
    out = cell.folder / "july.csv"
    said = cell("list", "export", found, "--format", "csv", "--to", str(out), "--actor", "clerk")
    assert said.code == 4
    assert "approved" in said.err
    assert not out.exists()


def test_of_half_a_file_of_results_nothing_is_taken(cell: Cell) -> None:
    found = cell.sent()
    whole = results(cell.lines(found), "succ", "succ", "succ", "succ")
    asked = ("list", "results", found, "--format", "csv", "--actor", "bank", "--json")
    half = cell.file("half.csv", b"".join(whole.splitlines(keepends=True)[:3]))
    said = cell(*asked, str(half), "--lines", "4", "--total", "3120.00")
    assert said.code == 2
    assert "cut in half" in said.err
    cut = cell.file("cut.csv", whole[:-20])
    assert cell(*asked, str(cut)).code == 2
    assert cell.reconciled(found)["pending"] == HOUSEHOLDS
    full = cell.file("whole.csv", whole)
    assert cell(*asked, str(full), "--lines", "4", "--total", "3120.00").rows[0]["succ"] == 4


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda whole: whole.replace(b"780.00", b"780.01", 1), "another amount"),
        (lambda whole: whole + whole.splitlines(keepends=True)[1], "stands on line 2 already"),
        (lambda whole: whole.replace(b"status", b"state"), "columns"),
        (lambda whole: whole.replace(b"succ", b"=1+1", 1), "formula"),
    ],
    ids=["another amount", "a line twice", "a wrong column", "a formula"],
)
def test_a_file_of_results_that_is_wrong_is_refused_with_its_line(
    cell: Cell, wrong: Any, says: str
) -> None:
    found = cell.sent()
    file = cell.file("wrong.csv", wrong(results(cell.lines(found), "succ", "succ")))
    said = cell("list", "results", found, str(file), "--format", "csv", "--actor", "bank")
    assert said.code == 2
    assert "Line " in said.err
    assert says in said.err
    assert cell.reconciled(found)["pending"] == HOUSEHOLDS


def test_results_of_a_list_that_is_not_approved_are_refused(cell: Cell) -> None:
    found = cell.frozen()
    said = cell.report(found, "succ")
    assert said.code == 4
    assert "list_approved" in said.err


def test_a_failed_line_is_closed_once_and_then_not_issued_again(cell: Cell) -> None:
    found = cell.sent()
    assert cell.report(found, "rjct", "succ").code == 0
    failed, paid = (row["reference_id"] for row in cell.lines(found)[:2])
    why = ("--reason", "payee_died", "--actor", "clerk")
    assert cell("list", "close", found, paid, *why).code == 4
    assert cell("list", "close", found, named("no line"), *why).code == 6
    assert cell("list", "close", found, failed, "--reason", "tired", "--actor", "clerk").code == 2
    assert cell("list", "close", found, failed, *why).code == 0
    assert cell("list", "close", found, failed, *why).code == 4
    closed = cell("list", "lines", found, "--state", "closed", "--json").rows
    assert [row["closed_for"] for row in closed] == ["payee_died"]
    assert cell.reconciled(found)["closed_fen"] == 78_000
    again = ("list", "compute", "--kind", "reissue", "--reissues", found)
    assert cell.done(*again)["lines"] == 0


def test_a_late_standard_is_paid_as_arrears_and_explained(cell: Cell) -> None:
    july = cell.sent()
    cell.given(standard(81_500, JULY, "2026-07-11"))
    august = cell.sent(AUGUST)
    (first, *_) = cell.lines(august)
    assert first["amount_fen"] == 81_500 + 3_500
    line_ = ("--list", august, "--reference", first["reference_id"])
    told = cell("explain", *line_)
    assert "35.00" in told.out
    assert cell("explain", *line_, "--json").rows[0]["amount_fen"] == 85_000
    of_household = cell("explain", first["subject"], "--list", august, "--json").rows
    assert of_household[0]["reference_id"] == first["reference_id"]
    month = cell("explain", first["subject"], "--month", JULY, "--json").rows[0]
    assert month["entitled_fen"] == 81_500
    assert cell("explain").code == 2
    compared = cell.done("compare", july, august)
    assert compared["after"]["total_fen"] == HOUSEHOLDS * 85_000
    assert compared["unexplained"] == 0
    assert cell("compare", july, august).code == 0


def test_what_a_late_exit_leaves_overpaid_is_ordered_back_and_comes_in(cell: Cell) -> None:
    cell.sent()
    cell.given(
        line("HearOpinion", HOME[0], decided_on="2026-07-28", intended=["exit"], manner="heard"),
        line("ExitHousehold", HOME[0], decided_on="2026-08-03", effective=JULY,
             reason="employment", legal_basis="Law 48", decided_by="county"),
    )  # fmt: skip
    candidates = cell("overpayments", "--area", AREA, "--month", AUGUST, "--json").rows
    assert [(row["household"], row["overpaid_fen"]) for row in candidates] == [(HOME[0], 78_000)]
    why = ("--ground", "other", "--note", "paid in good faith", "--legal-basis", "Law 48")
    order = ("recovery", "order", HOME[0], *why, "--area", AREA, "--month", AUGUST, "--actor", "o")
    found = cell.done(*order)["recovery"]
    assert cell("overpayments", "--area", AREA, "--month", AUGUST, "--json").rows == []
    assert cell(*order).code == 6
    cell.done("recovery", "receive", found, "--amount", "300.00", "--actor", "clerk")
    more = ("recovery", "receive", found, "--amount", "480.01", "--actor", "clerk")
    assert "recovery_within_order" in cell(*more).err
    basis = ("--reason", "hardship", "--legal-basis", "Law 70")
    cell.done("recovery", "waive", found, "--amount", "80", *basis, "--actor", "officer")
    (row,) = cell("recovery", "list", "--json").rows
    assert (row["received_fen"], row["waived_fen"], row["balance_fen"]) == (30_000, 8_000, 40_000)


def test_a_recovery_ordered_under_the_same_key_gets_its_first_answer(cell: Cell) -> None:
    cell.sent()
    order = (
        "recovery", "order", HOME[0], "--ground", "fraud", "--legal-basis", "Law 71", "--part",
        f"{JULY}=100.50", "--actor", "officer", "--key", "first",
    )  # fmt: skip
    first = cell.done(*order)
    cell.sent(AUGUST)
    assert cell.done(*order) == first
    assert [row["ordered_fen"] for row in cell("recovery", "list", "--json").rows] == [10_050]


def test_a_preview_says_what_commands_would_change_and_records_nothing(cell: Cell) -> None:
    cell.sent()
    late = cell.file("standard.ndjson", standard(81_500, JULY, "2026-07-11"))
    roll = cell.done("preview", str(late))["roll"]
    assert (roll["gain"], roll["change_fen"]) == (HOUSEHOLDS, HOUSEHOLDS * 3_500)
    assert "140.00 yuan a month: 4 households gain" in cell("preview", str(late)).err
    income = line("ReassessIncome", HOME[0], decided_on="2026-07-20", effective=JULY,
                  income_fen=10_000, reason="yearly_review")  # fmt: skip
    hearing = line("HearOpinion", HOME[0], decided_on="2026-07-15", intended=["higher_income"],
                   manner="heard")  # fmt: skip
    higher = cell.file("income.ndjson", income)
    refused = cell("preview", str(higher))
    assert (refused.code, "Command 1" in refused.err) == (4, True)
    cell.given(hearing)
    (one,) = cell.done("preview", str(higher), "--to", AUGUST)["households"]
    assert [(row["month"], row["fen_after"]) for row in one["open_parts"]] == [
        (JULY, -10_000),
        (AUGUST, 68_000),
    ]
    assert f"{JULY}  {AUGUST}  780.00" in cell("preview", str(higher), "--to", AUGUST).out
    assert cell("overpayments", "--area", AREA, "--month", AUGUST, "--json").rows == []
    assert cell("preview", "no-such-file").code == 2
    assert cell("preview", str(higher), "--by", "street").code == 2
