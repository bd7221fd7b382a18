"""Results files are read strictly, and become the canonical document whole or not at all."""

import hashlib
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistance.results import FORMATS, Result, document, read_results, write_document
from projections.errors import BadFile, BadParameter

LIST = UUID("018f0000-0000-8000-8000-00000000000a")
A, B, C, D = (f"{number}0000000-0000-8000-8000-000000000001" for number in (1, 2, 3, 4))
AT = datetime(2026, 8, 15, 2, tzinfo=UTC)
HEADER = "reference_id,status,amount,timestamp,reason\n"
AMOUNTS = {UUID(A): 85_000, UUID(B): 30_005, UUID(C): 1}


def read(text: str, format_: str, amounts: dict[UUID, int] | None = None) -> list[Result]:
    return list(read_results(io.BytesIO(text.encode()), format_, amounts))


def refused(content: str | bytes, format_: str, amounts: dict[UUID, int] | None = None) -> BadFile:
    source = content.encode() if isinstance(content, str) else content
    with pytest.raises(BadFile) as error:
        list(read_results(io.BytesIO(source), format_, amounts))
    return error.value


def message(*statuses: object) -> str:
    return json.dumps({"header": {}, "message": {"disbursements_status": statuses}}) + "\n"


def status(reference: str = A, said: str = "succ", **more: object) -> dict[str, object]:
    return {
        "reference_id": reference, "timestamp": "2026-08-15T10:00:00+08:00", "status": said, **more
    }  # fmt: skip


def test_there_are_three_formats() -> None:
    assert sorted(FORMATS) == ["csv", "g2p", "ndjson"]
    with pytest.raises(BadParameter, match="csv, g2p, ndjson"):
        read_results(io.BytesIO(), "xlsx")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_is_read_with_amounts_in_yuan(mark: str) -> None:
    text = (
        f"{mark}{HEADER}{A},succ,850.00,2026-08-15T10:00:00+08:00,accepted\r\n"
        f"{B},rjct,300.05,2026-08-15T02:00:00Z,rjct.payee_fa.invalid\r\n"
        f"{C},pdng,0.01,,\r\n{D},returned,1290.00,,account_closed\r\n"
    )
    assert read(text, "csv") == [
        Result(2, UUID(A), "succ", 85_000, AT),
        Result(3, UUID(B), "rjct", 30_005, AT, "rjct.payee_fa.invalid"),
        Result(4, UUID(C), "pdng", 1),
        Result(5, UUID(D), "returned", 129_000, None, "account_closed"),
    ]


@pytest.mark.parametrize(
    "amount",
    ["1e5", "1.234", "１２.００", "850", "850.0", "1,290.00", " 850.00", "850.00 ", "", "¥850.00",
     ".50", "0x10.00", "1_000.00", "NaN", "9999999999999.00", "999999999999.00"],
)  # fmt: skip
def test_an_amount_that_is_not_yuan_with_two_decimals_is_refused(amount: str) -> None:
    error = refused(f'{HEADER}{A},succ,"{amount}",,\n', "csv")
    assert error.extra["errors"][0]["line"] == 2
    assert "`amount`" in error.detail


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (f"{A},succ,-850.00,,", "formula"),
        (f"{A},succ,850.00,,=1+1", "formula"),
        (f"@{A},succ,850.00,,", "formula"),
        (f"{A},paid,850.00,,", "`status` must be one of succ, rjct, pdng, returned"),
        (f"{A},rcvd,850.00,,", "`status`"),
        (f"{A},SUCC,850.00,,", "`status`"),
        (f"{A[:-1]},succ,850.00,,", "`reference_id`"),
        (f"{A},succ,850.00,2026-08-15 02:00:00,", "`timestamp`"),
        (f"{A},succ,850.00,2026-08-15T02:00:00,", "`timestamp`"),
        (f"{A},succ,850.00,2026-13-15T02:00:00Z,", "`timestamp`"),
        (f"{A},succ,850.00,0001-01-01T00:00:00+08:00,", "`timestamp`"),
        (f"{A},rjct,850.00,,", "`reason`"),
        (f"{A},returned,850.00,,Closed account", "`reason`"),
        (f"{A},succ,850.00,", "5 cells"),
        (f"{A},succ,850.00,,,", "5 cells"),
    ],
)
def test_a_row_that_is_wrong_is_refused_with_its_line(row: str, said: str) -> None:
    error = refused(f"{HEADER}{B},succ,1.00,,\n{row}\n", "csv")
    assert [one["line"] for one in error.extra["errors"]] == [3]
    assert said in error.detail


@pytest.mark.parametrize(
    "first",
    ["reference_id,status,amount,timestamp", f"{A},succ,850.00,,", "", "Reference,a,b,c,d"],
)
def test_other_columns_are_refused(first: str) -> None:
    error = refused(f"{first}\n{A},succ,850.00,,\n", "csv")
    assert "columns" in error.detail


@pytest.mark.parametrize("format_", ["csv", "g2p", "ndjson"])
@pytest.mark.parametrize(
    ("broken", "said"),
    [(b"half of a line", "cut in half"), (b"\xff\n", "not UTF-8"), (b"\0\n", "NUL")],
)
def test_a_file_that_cannot_be_read_is_refused(format_: str, broken: bytes, said: str) -> None:
    before = HEADER.encode() if format_ == "csv" else message(status(amount="1.00")).encode()
    before = b"" if format_ == "ndjson" else before
    assert said in refused(before + broken, format_).detail


@pytest.mark.parametrize("format_", ["csv", "ndjson"])
def test_a_line_that_is_too_long_is_refused(format_: str) -> None:
    assert "4096 bytes" in refused(b"x" * 5_000 + b"\n", format_).detail


def test_g2p_messages_are_read_and_received_counts_as_pending() -> None:
    text = message(
        status(A, "succ"),
        status(B, "rjct", status_reason_code="rjct.payee_fa.invalid", amount="300.05"),
    ) + message(status(C, "rcvd"))
    assert read(text, "g2p", AMOUNTS) == [
        Result(1, UUID(A), "succ", 85_000, AT),
        Result(1, UUID(B), "rjct", 30_005, AT, "rjct.payee_fa.invalid"),
        Result(2, UUID(C), "pdng", 1, AT),
    ]


def test_a_g2p_status_may_stand_on_a_line_of_its_own() -> None:
    text = json.dumps(status(A, "pdng", amount="850.0")) + "\n"
    assert read(text, "g2p") == [Result(1, UUID(A), "pdng", 85_000, AT)]


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (status(said="returned"), "`status` must be one of rcvd, pdng, succ, rjct"),
        (status(said="rjct"), "`status_reason_code`"),
        (status(timestamp=None), "`timestamp`"),
        (status(D), f"{D} is not on the list"),
        (status(amount="850.01"), "another amount"),
        (status(amount="-850.00"), "`amount`"),
        (status(amount="8.5e2"), "`amount`"),
        (status(amount=850), "`amount`"),
        ({"status": "succ"}, "`reference_id`"),
        (7, "must be an object"),
    ],
)
def test_a_g2p_status_that_is_wrong_is_refused(one: object, said: str) -> None:
    error = refused(message(status(B)) + message(one), "g2p", AMOUNTS)
    assert [found["line"] for found in error.extra["errors"]] == [2]
    assert said in error.detail


def test_a_g2p_result_without_any_amount_is_refused() -> None:
    assert "has no amount" in refused(message(status()), "g2p").detail


@pytest.mark.parametrize(
    "line",
    ["no json", "[]", "{}", '{"message":{}}', '{"message":7}', "[" * 100_000,
     f'{{"reference_id":"{A}","reference_id":"{B}"}}', '{"x":NaN}', f'{{"x":{"9" * 5000}}}'],
)  # fmt: skip
def test_a_line_that_is_no_message_is_refused(line: str) -> None:
    assert refused(f"{line}\n", "g2p", AMOUNTS).detail.startswith("Line 1: the ")


def test_ndjson_is_read_with_or_without_heading_and_counts() -> None:
    lines = (
        f'{{"reference_id":"{A}","status":"succ","amount_fen":85000,"at":"2026-08-15T02:00:00Z"}}\n'
        f'{{"reference_id":"{B}","status":"returned","reason":"closed"}}\n'
    )
    head = f'{{"document":"payment_results","list":"{LIST}"}}\n'
    expected = [
        (UUID(A), "succ", 85_000, AT, None),
        (UUID(B), "returned", 30_005, None, "closed"),
    ]
    for text in (lines, head + lines + '{"lines":2,"total_fen":115005}\n'):
        assert [one[1:] for one in read(text, "ndjson", AMOUNTS)] == expected


@pytest.mark.parametrize("amount", ["85000.0", "8.5e4", "-1", '"85000"', "true", "1" + "0" * 14])
def test_an_ndjson_amount_must_be_an_integer_of_fen(amount: str) -> None:
    text = f'{{"reference_id":"{A}","status":"succ","amount_fen":{amount}}}\n'
    assert "`amount_fen`" in refused(text, "ndjson").detail


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ("", "cut in half"),
        ('{"lines":2,"total_fen":85000}\n', "do not add up"),
        ('{"lines":1,"total_fen":85001}\n', "do not add up"),
        ('{"lines":1,"total_fen":85000}\n{"lines":1,"total_fen":85000}\n', "after the one"),
    ],
)
def test_an_ndjson_document_that_does_not_add_up_is_refused(tail: str, said: str) -> None:
    text = (
        f'{{"document":"payment_results","list":"{LIST}"}}\n'
        f'{{"reference_id":"{A}","status":"succ","amount_fen":85000}}\n{tail}'
    )
    assert said in refused(text, "ndjson").detail


def test_another_document_is_refused() -> None:
    assert "not one of payment results" in refused('{"document":"payment_list"}\n', "ndjson").detail


def test_after_a_fault_nothing_more_is_yielded_but_further_faults_are_told() -> None:
    text = f"{HEADER}{A},succ,850.00,,\n{B},paid,1.00,,\n{C},succ,1.00,,\nx,succ,1.00,,\n"
    results = read_results(io.BytesIO(text.encode()), "csv")
    assert next(results).reference_id == UUID(A)
    with pytest.raises(BadFile) as error:
        next(results)
    assert [one["line"] for one in error.value.extra["errors"]] == [3, 5]


def written(results: Sequence[Result], lines: int | None = None, total: int | None = None) -> bytes:
    out = io.BytesIO()
    write_document(LIST, results, lines, total, out)
    return out.getvalue()


def test_the_document_is_sorted_and_counted() -> None:
    results = [
        Result(2, UUID(B), "rjct", 30_005, AT, "rjct.payee_fa.invalid"),
        Result(3, UUID(A), "succ", 85_000, AT),
        Result(4, UUID(C), "pdng", 1),
    ]
    out = io.BytesIO()
    said = write_document(LIST, results, 3, 115_006, out)
    assert out.getvalue().decode() == (
        f'{{"document":"payment_results","list":"{LIST}"}}\n'
        f'{{"reference_id":"{A}","status":"succ","amount_fen":85000,'
        '"at":"2026-08-15T02:00:00Z"}\n'
        f'{{"reference_id":"{B}","status":"rjct","amount_fen":30005,'
        '"at":"2026-08-15T02:00:00Z","reason":"rjct.payee_fa.invalid"}\n'
        f'{{"reference_id":"{C}","status":"pdng","amount_fen":1}}\n'
        '{"lines":3,"total_fen":115006}\n'
    )
    assert said == (3, 115_006, hashlib.sha256(out.getvalue()).hexdigest())


@given(st.permutations([Result(n, UUID(int=n), "succ", n * 100) for n in range(8)]))
def test_the_order_of_the_file_does_not_matter(results: list[Result]) -> None:
    assert written(results) == written(sorted(results))


def test_a_document_reads_back_as_what_was_written() -> None:
    results = [
        Result(2, UUID(A), "succ", 85_000, AT),
        Result(3, UUID(B), "returned", 30_005, None, "x"),
    ]
    assert read(written(results).decode(), "ndjson") == results


@pytest.mark.parametrize(
    ("results", "lines", "total", "said"),
    [
        ([Result(2, UUID(A), "succ", 1), Result(7, UUID(A), "pdng", 1)], None, None, "line 2 already"),
        ([Result(2, UUID(A), "succ", 1)], 2, None, "cover sheet says 2"),
        ([Result(2, UUID(A), "succ", 1)], 1, 2, "cover sheet says 2"),
        ([], 1, None, "cover sheet says 1"),
    ],
)  # fmt: skip
def test_results_that_do_not_add_up_leave_nothing_written(
    results: list[Result], lines: int | None, total: int | None, said: str
) -> None:
    out = io.BytesIO()
    with pytest.raises(BadFile, match=said):
        write_document(LIST, results, lines, total, out)
    assert out.getvalue() == b""


def test_a_document_holds_a_bounded_number_of_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MOST_RESULTS", 1)
    results = [Result(2, UUID(A), "succ", 1), Result(3, UUID(B), "succ", 1)]
    assert written(results[:1])
    with pytest.raises(BadFile, match="at most 1 results"):
        written(results)


def test_a_fault_in_the_file_leaves_nothing_written() -> None:
    source = io.BytesIO(f"{HEADER}{A},succ,850.00,,\n{B},succ,1e5,,\n".encode())
    out = io.BytesIO()
    with pytest.raises(BadFile, match="Line 3"):
        write_document(LIST, read_results(source, "csv"), 2, None, out)
    assert out.getvalue() == b""
