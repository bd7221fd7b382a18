"""XLSX for people: the columns of the CSV, amounts as numbers, texts as texts.

A workbook is a zip, whose directory comes last: it is written to a temporary file, row by row, and
handed out from there. No text becomes a formula or a link.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from projections.payment_lists.exports import tables
from projections.payment_lists.exports.accounts import Accounts
from projections.payment_lists.exports.lines import Heading, Line, instant_text, payable
from projections.payment_lists.exports.payer import Payer
from projections.payment_lists.exports.streams import CHUNK

MOST_LINES = 1_048_575
"""Lines a sheet: Excel's rows less the one with the names of the columns."""

_WIDTHS = {
    "reference_id": 38,
    "household": 38,
    "grant": 38,
    "payee": 38,
    "reissues": 38,
    "months": 50,
}
_WIDTH = 16


def write(
    heading: Heading,
    lines: Iterable[Line],
    accounts: Accounts | None = None,
    payer: Payer | None = None,
) -> Iterator[bytes]:
    """Yield the workbook in chunks; its temporary file is gone when the last is taken, or none is wanted.

    Sheets `Lines`, `Lines 2` and so on hold the lines, the sheet `List` what is said of them together.
    """
    with TemporaryDirectory(prefix="payment-list-") as folder:
        path = Path(folder) / "list.xlsx"
        fill(path, heading, payable(heading, lines))
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk


def fill(path: Path, heading: Heading, lines: Iterator[Line], most: int = MOST_LINES) -> None:
    """Write a workbook with at most `most` lines a sheet; the same list gives the same bytes."""
    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    with Workbook(str(path), options) as workbook:
        # Without this the moment of writing would stand in the file.
        workbook.set_properties({"created": heading.sent_at.astimezone(UTC).replace(tzinfo=None)})
        bold = workbook.add_format({"bold": True})
        yuan = workbook.add_format({"num_format": "#,##0.00"})
        sheet, row = _sheet(workbook, "Lines", bold), 0
        for number, line in enumerate(lines):
            if number and number % most == 0:
                sheet, row = _sheet(workbook, f"Lines {number // most + 1}", bold), 0
            row += 1
            _write_line(sheet, row, heading, line, yuan)
        _write_heading(workbook.add_worksheet("List"), heading, yuan)


def _sheet(workbook: Workbook, name: str, bold: Format) -> Worksheet:
    sheet = workbook.add_worksheet(name)
    for column, title in enumerate(tables.COLUMNS):
        sheet.set_column(column, column, _WIDTHS.get(title, _WIDTH))
        sheet.write_string(0, column, title, bold)
    sheet.freeze_panes(1, 0)
    return sheet


def _write_line(sheet: Worksheet, row: int, heading: Heading, line: Line, yuan: Format) -> None:
    before, amounts = tables.texts_before(line), tables.amounts(heading, line)
    _write_texts(sheet, row, 0, before)
    for column, fen in enumerate(amounts, len(before)):
        sheet.write_number(row, column, fen / 100, yuan)
    last = len(before) + len(amounts)
    sheet.write_number(row, last, line.amount_fen)
    _write_texts(sheet, row, last + 1, tables.texts_after(line))


def _write_texts(sheet: Worksheet, row: int, first: int, texts: Iterable[str]) -> None:
    for column, text in enumerate(texts, first):
        if text:
            sheet.write_string(row, column, text)


def _write_heading(sheet: Worksheet, heading: Heading, yuan: Format) -> None:
    texts = {
        "list": str(heading.list),
        "kind": heading.kind,
        "area": heading.area,
        "programme": heading.programme or "",
        "month": heading.month,
        "digest": heading.document,
        "sent_at": instant_text(heading.sent_at),
        "sender": heading.sender,
    }
    sheet.set_column(0, 0, _WIDTH)
    sheet.set_column(1, 1, 70)
    for row, (name, text) in enumerate(texts.items()):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, text)
    for row, (name, number) in enumerate(
        {"lines": heading.lines, "total_yuan": heading.total_fen / 100}.items(), len(texts)
    ):
        sheet.write_string(row, 0, name)
        sheet.write_number(row, 1, number, yuan if name == "total_yuan" else None)
