"""Every format carries the same lines, in the same order, and the same bytes each time."""

import csv
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from projections.errors import BadParameter, ProjectionError
from projections.payment_lists.exports import FORMATS, Line, check, format_named
from projections.payment_lists.exports.govstack import RequestIds
from tests.rules.exported import (
    ACCOUNTS,
    FIRST,
    GRANT,
    LINES,
    LIST,
    PAYER,
    accounts_for,
    exported,
    heading,
    household_line,
    many_lines,
)

Pair = tuple[str, int]


def fen_of(yuan: Any) -> int:
    fen = Decimal(str(yuan)) * 100
    assert fen == int(fen)
    return int(fen)


def pairs_of_ndjson(content: bytes, _: list[Line]) -> list[Pair]:
    lines = [json.loads(line) for line in content.splitlines()[1:-1]]
    return [(line["reference_id"], line["amount_fen"]) for line in lines]


def pairs_of_csv(content: bytes, _: list[Line]) -> list[Pair]:
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert all(fen_of(row["amount_yuan"]) == int(row["amount_fen"]) for row in rows)
    return [(row["reference_id"], int(row["amount_fen"])) for row in rows]


def pairs_of_xlsx(content: bytes, _: list[Line]) -> list[Pair]:
    rows = load_workbook(io.BytesIO(content), read_only=True)["Lines"].iter_rows(values_only=True)
    names = [str(name) for name in next(rows)]
    found = [dict(zip(names, row, strict=False)) for row in rows]
    return [(str(row["reference_id"]), fen_of(row["amount_yuan"])) for row in found]


def pairs_of_g2p(content: bytes, _: list[Line]) -> list[Pair]:
    messages = [json.loads(line) for line in content.splitlines()]
    found = [one for message in messages for one in message["message"]["disbursements"]]
    return [(one["reference_id"], fen_of(one["amount"])) for one in found]


def pairs_of_payment_hub(content: bytes, _: list[Line]) -> list[Pair]:
    rows = [line.split(",") for line in content.decode("ascii").splitlines()[1:]]
    return [(row[1], fen_of(row[7])) for row in rows]


def pairs_of_govstack(content: bytes, lines: list[Line]) -> list[Pair]:
    ids = RequestIds()
    known = {ids.of(line.reference_id): str(line.reference_id) for line in lines if line.amount_fen}
    found = json.loads(content, parse_float=Decimal)
    return [(known[one["requestId"]], fen_of(one["amount"])) for one in found]


PAIRS: dict[str, Callable[[bytes, list[Line]], list[Pair]]] = {
    "ndjson": pairs_of_ndjson,
    "csv": pairs_of_csv,
    "xlsx": pairs_of_xlsx,
    "g2p": pairs_of_g2p,
    "payment_hub": pairs_of_payment_hub,
    "govstack": pairs_of_govstack,
}


def test_there_are_six_formats_by_the_names_that_a_sending_records() -> None:
    assert list(FORMATS) == ["ndjson", "csv", "xlsx", "g2p", "payment_hub", "govstack"]
    assert [name for name in FORMATS if FORMATS[name].needs_accounts] == [
        "g2p",
        "payment_hub",
        "govstack",
    ]


@settings(deadline=None)
@given(
    amounts=st.lists(
        st.one_of(st.just(0), st.integers(1, 99_999), st.integers(1, 10**12)), max_size=30
    )
)
def test_every_format_carries_the_same_lines(amounts: list[int]) -> None:
    lines = [household_line(number, fen) for number, fen in enumerate(amounts)]
    listed = [(str(line.reference_id), line.amount_fen) for line in lines if line.amount_fen]
    accounts = accounts_for(range(len(lines)))
    for name, pairs in PAIRS.items():
        assert pairs(exported(name, lines, accounts), lines) == listed, name


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_list_gives_the_same_bytes(name: str) -> None:
    assert exported(name) == exported(name)


@pytest.mark.parametrize("name", FORMATS)
def test_a_list_without_lines_to_pay_can_be_exported(name: str) -> None:
    content = exported(name, [])
    assert PAIRS[name](content, []) == []


@pytest.mark.parametrize("name", FORMATS)
def test_lines_that_broke_off_do_not_pass_for_whole(name: str) -> None:
    stream = FORMATS[name].write(heading(), [FIRST], ACCOUNTS, PAYER)
    with pytest.raises(ProjectionError, match="not whole"):
        list(stream)


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_goes_out_in_chunks(name: str) -> None:
    lines = list(many_lines(2_000))
    chunks = list(FORMATS[name].write(heading(lines), lines, accounts_for(range(2_000)), PAYER))
    assert len(chunks) > 1
    assert {len(chunk) for chunk in chunks[:-1]} == {1 << 16}


@pytest.mark.parametrize("name", FORMATS)
def test_memory_does_not_grow_with_what_is_written(name: str) -> None:
    count = 20_000 if name != "xlsx" else 4_000
    head = replace(heading([household_line(0)]), lines=count, total_fen=count * 81_500)
    accounts = accounts_for(range(count))
    stream = FORMATS[name].write(head, many_lines(count), accounts, PAYER)
    tracemalloc.start()
    try:
        written = sum(len(chunk) for chunk in stream)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert written > 200_000
    assert peak < 4 << 20, f"{peak} bytes"


def test_the_check_counts_what_will_be_exported() -> None:
    assert check(FORMATS["csv"], LINES) == (2, 115_005)
    assert check(FORMATS["g2p"], LINES, ACCOUNTS, PAYER) == (2, 115_005)


def test_the_check_reads_lines_one_by_one() -> None:
    def lines() -> Iterator[Line]:
        yield from LINES

    assert check(FORMATS["govstack"], lines(), ACCOUNTS, PAYER).lines == 2


def test_a_format_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    assert format_named("g2p") is FORMATS["g2p"]
    with pytest.raises(BadParameter, match="ndjson, csv, xlsx, g2p, payment_hub, govstack"):
        format_named("pdf")


def test_a_file_is_named_for_its_month_area_list_and_format() -> None:
    assert FORMATS["g2p"].file_name(heading()) == f"2026-08-140403-{LIST}.g2p.ndjson"


def test_ndjson_has_a_heading_a_line_each_and_the_counts() -> None:
    assert exported("ndjson").decode() == (
        '{"document":"payment_list_export","list":"018f0000-0000-8000-8000-00000000000a",'
        '"kind":"monthly","area":"140403","programme":"dibao","month":"2026-08",'
        f'"digest":"{heading().document}","sent_at":"2026-08-14T01:30:00Z","sender":"cell-1"}}\n'
        '{"reference_id":"10000000-0000-8000-8000-000000000001",'
        '"household":"018f0000-0000-7000-8000-000000000001","head":"dibao.urban",'
        '"area":"140403001","payee":"018f0000-0000-7000-8000-0000000000a1","amount_fen":85000,'
        '"parts":[{"month":"2026-06","fen":-1500},{"month":"2026-07","fen":5000},'
        '{"month":"2026-08","fen":81500}]}\n'
        '{"reference_id":"30000000-0000-8000-8000-000000000003",'
        '"grant":"018f0000-0000-7000-8000-000000000003","head":"help_first","area":"140403002",'
        '"payee":"018f0000-0000-7000-8000-0000000000a3","amount_fen":30005,'
        '"parts":[{"month":"2026-08","fen":30005}],'
        '"reissues":"40000000-0000-8000-8000-000000000004"}\n'
        '{"lines":2,"total_fen":115005}\n'
    )


def test_a_grant_of_a_known_household_names_both() -> None:
    line = GRANT._replace(household=FIRST.household)
    said = json.loads(exported("ndjson", [line]).splitlines()[1])
    assert (said["grant"], said["household"]) == (str(GRANT.subject), str(FIRST.household))
