"""A file of accounts is checked before the first byte is written, and no account is ever told."""

import io
from uuid import UUID

import pytest

from projections.errors import BadFile
from projections.payment_lists.exports import FORMATS, Accounts, check, read_accounts
from tests.rules.exported import ACCOUNTS, FIRST, LINES, PAYER, heading, many_lines, payee_of

ANN = "018f0000-0000-7000-8000-0000000000a1"
BEN = "018f0000-0000-7000-8000-0000000000a3"
SECRET = "6222029999999999"


def read(text: str) -> Accounts:
    return read_accounts(io.BytesIO(text.encode()))


def refused(content: str | bytes) -> BadFile:
    source = content.encode() if isinstance(content, str) else content
    with pytest.raises(BadFile) as error:
        read_accounts(io.BytesIO(source))
    assert error.value.status == 422
    assert SECRET not in f"{error.value.detail} {error.value.extra}"
    return error.value


def places(error: BadFile) -> list[int]:
    return [one["line"] for one in error.extra["errors"]]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_may_have_a_mark_either_line_end_quotes_and_blank_lines(mark: str, end: str) -> None:
    lines = [f"{mark}person,account", f'"{ANN}","1"', "", f"{BEN.upper()},account:2@bank.example"]
    accounts = read(end.join([*lines, ""]))
    assert len(accounts) == 2
    assert accounts.of(FIRST) == "1"
    assert UUID(BEN) in accounts


def test_one_account_may_serve_two_persons() -> None:
    assert len(read(f"person,account\n{ANN},1\n{BEN},1\n")) == 2


def test_accounts_do_not_show_in_a_log() -> None:
    assert repr(ACCOUNTS) == str(ACCOUNTS) == "Accounts(2 persons)"


@pytest.mark.parametrize(
    "first",
    [
        "account,person",
        "person;account",
        "person",
        "person,account,name",
        SECRET,
        '"person,account',
    ],
)
def test_other_columns_are_refused(first: str) -> None:
    error = refused(f"{first}\n{ANN},{SECRET}\n")
    assert error.extra["errors"] == [{"line": 1, "detail": "the columns must be person,account"}]


def test_an_empty_file_is_refused() -> None:
    assert "columns" in refused("").detail


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (f"{ANN},", "is empty"),
        (f"{ANN},=HYPERLINK({SECRET})", "formula"),
        (f"{ANN},+{SECRET}", "formula"),
        (f"{ANN},-{SECRET}", "formula"),
        (f"{ANN},@{SECRET}", "formula"),
        (f"{ANN},＝{SECRET}", "formula"),
        (f"{ANN},6222 0299", "letters, digits"),
        (f"{ANN},６２２２", "letters, digits"),
        (f'{ANN},"6222,0299"', "letters, digits"),
        (f"{ANN},{'6' * 100}", "letters, digits"),
        (f"{ANN},6.22203E+15", "shortened by a spreadsheet"),
        (f"{ANN},6E15", "shortened by a spreadsheet"),
        (f"{SECRET},{ANN}", "`person` is not the id"),
        (f"{{{ANN}}},1", "`person` is not the id"),
        (f"{ANN},1,{SECRET}", "must be 2 cells"),
        (f'{ANN},"{SECRET}', "must be 2 cells"),
        (ANN, "must be 2 cells"),
    ],
)
def test_a_row_that_is_wrong_is_refused_with_its_line(row: str, said: str) -> None:
    error = refused(f"person,account\n{BEN},1\n{row}\n")
    assert places(error) == [3]
    assert said in error.detail
    assert error.detail.startswith("Line 3: ")


def test_a_person_twice_is_refused_even_with_the_same_account() -> None:
    error = refused(f"person,account\n{ANN},{SECRET}\n{ANN},{SECRET}\n")
    assert places(error) == [3]
    assert ANN in error.detail
    assert "twice" in error.detail


def test_many_faults_are_counted_and_the_first_twenty_told() -> None:
    error = refused("person,account\n" + f"x,{SECRET}\n" * 50)
    assert places(error) == list(range(2, 22))
    assert "50 faults" in error.detail


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (f"person,account\n{ANN},{SECRET[:9]}".encode(), 2, "cut in half"),
        (f"person,account\n{ANN},\x001\n".encode(), 2, "NUL"),
        (f"person,account\n{ANN},".encode() + b"\xff\n", 2, "not UTF-8"),
        ("person,account\n".encode("utf-16"), 1, "NUL"),
        (f"person,account\n{ANN},{'1' * 600}\n".encode(), 2, "more than 512 bytes"),
        (f"person,account\n{ANN},1".encode() + b" " * 600, 2, "more than 512 bytes"),
        (b"person,account\n" + (b"x" * 511 + b"\n") * 32_768, 32_769, "16777216 bytes"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_line(
    content: bytes, line: int, said: str
) -> None:
    error = refused(content)
    assert places(error) == [line]
    assert said in error.detail


def test_payees_without_an_account_are_counted_and_the_first_named() -> None:
    with pytest.raises(BadFile) as error:
        check(FORMATS["g2p"], many_lines(25), Accounts({payee_of(0): SECRET}), PAYER)
    assert "in the file: 24." in error.value.detail
    assert error.value.extra["persons"] == [str(payee_of(number)) for number in range(1, 11)]
    assert SECRET not in error.value.detail


def test_a_payee_of_two_lines_is_missing_once() -> None:
    with pytest.raises(BadFile, match=r"in the file: 1\."):
        check(FORMATS["g2p"], [FIRST, FIRST], Accounts({}), PAYER)


def test_a_line_to_pay_whose_payee_nobody_knows_is_refused() -> None:
    with pytest.raises(BadFile) as error:
        check(FORMATS["govstack"], [FIRST._replace(payee=None)], ACCOUNTS, PAYER)
    assert error.value.extra["lines"] == [str(FIRST.reference_id)]


def test_a_line_of_zero_needs_no_account() -> None:
    assert check(FORMATS["payment_hub"], LINES, ACCOUNTS, PAYER).lines == 2


@pytest.mark.parametrize("name", ["ndjson", "csv", "xlsx"])
def test_a_format_for_reading_needs_no_accounts(name: str) -> None:
    assert check(FORMATS[name], LINES).lines == 2


def test_no_account_stands_in_a_format_for_reading() -> None:
    for name in ("ndjson", "csv"):
        content = b"".join(FORMATS[name].write(heading(), LINES, ACCOUNTS, PAYER))
        assert b"6222020000000001" not in content
