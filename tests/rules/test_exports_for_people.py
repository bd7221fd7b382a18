"""CSV and XLSX: what a clerk opens in a spreadsheet; nothing in it becomes a formula."""

import io
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from projections.payment_lists.exports import FORMATS, Line, spreadsheet
from projections.payment_lists.exports.comma_separated import neutral
from tests.rules.exported import FIRST, GRANT, LINES, exported, heading, many_lines


def test_csv_has_a_mark_and_rfc_4180_lines_with_yuan_and_fen() -> None:
    assert exported("csv") == (
        b"\xef\xbb\xbf"
        b"reference_id,household,grant,head,area,payee,"
        b"amount_yuan,this_month_yuan,arrears_yuan,offset_yuan,amount_fen,months,reissues\r\n"
        b"10000000-0000-8000-8000-000000000001,018f0000-0000-7000-8000-000000000001,,dibao.urban,"
        b"140403001,018f0000-0000-7000-8000-0000000000a1,850.00,815.00,50.00,-15.00,85000,"
        b"2026-06: -15.00; 2026-07: 50.00; 2026-08: 815.00,\r\n"
        b"30000000-0000-8000-8000-000000000003,,018f0000-0000-7000-8000-000000000003,help_first,"
        b"140403002,018f0000-0000-7000-8000-0000000000a3,300.05,300.05,0.00,0.00,30005,"
        b"2026-08: 300.05,40000000-0000-8000-8000-000000000004\r\n"
    )


def test_the_month_arrears_and_offsets_come_to_the_amount() -> None:
    rows = [line.split(",") for line in exported("csv").decode().splitlines()[1:]]
    for row in rows:
        amount, *parts = (int(cell.replace(".", "")) for cell in row[6:10])
        assert amount == sum(parts) == int(row[10])


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1"]
)
def test_a_text_cell_that_begins_like_a_formula_is_neutralised(text: str) -> None:
    assert neutral(text) == f"'{text}"
    content = exported("csv", [FIRST._replace(head=text)]).decode("utf-8-sig")
    assert f"'{text}" in content


@pytest.mark.parametrize("text", ["", "dibao.urban", "140403001", "a=1", "'"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text


def test_a_cell_with_a_comma_or_a_quote_is_quoted() -> None:
    assert '"a,""b"""' in exported("csv", [FIRST._replace(head='a,"b"')]).decode()


def test_a_workbook_holds_texts_as_text_and_amounts_as_numbers() -> None:
    sheet = load_workbook(io.BytesIO(exported("xlsx")))["Lines"]
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]][:2] == ["reference_id", "household"]
    assert [cell.value for cell in rows[1]] == [
        str(FIRST.reference_id), str(FIRST.household), None, "dibao.urban", "140403001",
        str(FIRST.payee), 850, 815, 50, -15, 85_000,
        "2026-06: -15.00; 2026-07: 50.00; 2026-08: 815.00", None,
    ]  # fmt: skip
    assert [cell.data_type for cell in rows[2][6:11]] == ["n"] * 5
    assert {cell.number_format for cell in rows[2][6:10]} == {"#,##0.00"}
    assert len(rows) == 3


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "https://bank.example/", "internal:List!A1"])
def test_no_text_of_a_workbook_becomes_a_formula_or_a_link(text: str) -> None:
    content = exported("xlsx", [FIRST._replace(head=text)])
    cell = load_workbook(io.BytesIO(content))["Lines"]["D2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_a_workbook_says_of_which_list_it_is_and_when_it_was_sent() -> None:
    book = load_workbook(io.BytesIO(exported("xlsx")))
    said = {row[0]: row[1] for row in book["List"].iter_rows(values_only=True)}
    assert said == {
        "list": str(heading().list),
        "kind": "monthly",
        "area": "140403",
        "programme": "dibao",
        "month": "2026-08",
        "digest": heading().document,
        "sent_at": "2026-08-14T01:30:00Z",
        "sender": "cell-1",
        "lines": 2,
        "total_yuan": 1150.05,
    }
    # Not the moment of writing: the same list gives the same bytes tomorrow.
    assert book.properties.created == book.properties.modified == datetime(2026, 8, 14, 1, 30)  # noqa: DTZ001


def test_lines_over_a_sheet_go_on_in_the_next(tmp_path: Path) -> None:
    assert spreadsheet.MOST_LINES + 1 == 2**20
    path = tmp_path / "list.xlsx"
    spreadsheet.fill(path, heading(), many_lines(5), most=2)
    book = load_workbook(path)
    assert book.sheetnames == ["Lines", "Lines 2", "Lines 3", "List"]
    assert [book[name].max_row for name in book.sheetnames[:3]] == [3, 3, 2]
    assert book["Lines 3"]["A1"].value == "reference_id"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which temporary files are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_no_temporary_file_stays_when_all_was_taken(temporary: Path) -> None:
    stream = FORMATS["xlsx"].write(heading(), LINES, None, None)
    next(stream)
    assert list(temporary.rglob("list.xlsx"))
    list(stream)
    assert not list(temporary.iterdir())


def test_no_temporary_file_stays_when_the_reader_goes_away(temporary: Path) -> None:
    stream = FORMATS["xlsx"].write(heading(), LINES, None, None)
    next(stream)
    del stream
    assert not list(temporary.iterdir())


def test_no_temporary_file_stays_when_the_lines_break_off(temporary: Path) -> None:
    def broken() -> Iterator[Line]:
        yield GRANT
        raise ConnectionError

    with pytest.raises(ConnectionError):
        list(FORMATS["xlsx"].write(heading(), broken(), None, None))
    assert not list(temporary.iterdir())
