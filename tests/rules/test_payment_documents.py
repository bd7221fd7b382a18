"""Documents of lists are read strictly: each bad line is named, with what is wrong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.documents import PART, inner, lines_of, parts
from ledger.errors import Malformed
from ledger.payment_months.canonical import MAX_LINE
from ledger.payment_months.list_document import decode_line, read_list_document, reference_of
from tests.payment_documents import (
    HEAD,
    Line,
    digest_of,
    ended,
    line,
    list_document,
    written,
)
from tests.rules.given import ANN, named

FIRST, SECOND, THIRD = (UUID(int=n) for n in (1, 2, 3))
LIST = named("list")
MONTH = "2026-08"
JULY = "2026-07"


def refuses(content: bytes, number: int, detail: str) -> None:
    """Expect a document to be refused for a line, and why; nothing of the line is repeated."""
    with pytest.raises(Malformed) as refused:
        read_list_document(BytesIO(content))
    [error] = refused.value.extra["errors"]
    assert error["line"] == number, error
    assert detail in error["detail"], error
    assert refused.value.detail == f"Line {number} of the document: {error['detail']}."
    assert refused.value.status == 422


def of_two(**changed: Any) -> list[Line]:
    """Two lines; the second with changes."""
    return [line(FIRST, {MONTH: 1}), {**line(SECOND, {JULY: 300, MONTH: 700}), **changed}]


def document_of(*lines: Line, **head: Any) -> bytes:
    """A list's document with its lines in the order given."""
    return ended({**HEAD, **head}, lines)


# What is good.


def test_a_document_is_known_by_its_digest_its_lines_and_their_sum() -> None:
    content = list_document(*of_two())
    found = read_list_document(BytesIO(content))
    assert found.digest == hashlib.sha256(content).hexdigest()
    assert (found.kind, found.lines, found.total_fen) == ("payment_list", 2, 1001)
    assert found.bytes == len(content)
    assert found.head == content.splitlines()[0]


def test_an_empty_list_is_a_list() -> None:
    assert read_list_document(BytesIO(list_document())).lines == 0


def test_the_example_of_the_format_is_read() -> None:
    content = (
        b'{"document":"payment_list","kind":"monthly","area":"140403","programme":"dibao",'
        b'"month":"2026-08","position":1234,"lists_version":7,"calculation":1}\n'
        b'{"household":"018f3c2e-1a01-7b31-9c04-5d8e2f6a1001","head":"dibao.urban",'
        b'"area":"140403001","payee":"018f3c2e-2b01-7c41-8a13-6e9f3a7b2001","amount_fen":85000,'
        b'"parts":[{"month":"2026-07","fen":3500},{"month":"2026-08","fen":81500}]}\n'
        b'{"lines":1,"total_fen":85000}\n'
    )
    assert read_list_document(BytesIO(content)).total_fen == 85_000


GOOD: dict[str, bytes] = {
    "an offset": list_document(line(FIRST, {JULY: -200, MONTH: 700})),
    "an offset to nothing": list_document(line(FIRST, {JULY: -700, MONTH: 700})),
    "two heads of a household": list_document(
        line(FIRST, {MONTH: 1}), line(FIRST, {MONTH: 1}, "tekun")
    ),
    "help-first": list_document(
        line(FIRST, {MONTH: 1}, "help_first", subject="grant"), kind="help_first", programme=None
    ),
    "temporary and funeral aid, of a household": list_document(
        line(FIRST, {MONTH: 1}, "temporary_aid", subject="grant"),
        {"grant": str(SECOND), "household": str(FIRST), **{
            key: value for key, value in line(SECOND, {MONTH: 1}, "funeral_aid").items()
            if key != "household"}},
        kind="temporary_aid", programme=None,
    ),
    "an area grant": list_document(
        line(FIRST, {MONTH: 1}, "festival"), kind="area_grant", grant=f"{ANN}:3"
    ),
    "a re-issue": list_document(
        line(FIRST, {MONTH: 1}, reissues=SECOND), kind="reissue", reissues=str(LIST)
    ),
    "a re-issue of grants": list_document(
        line(FIRST, {MONTH: 1}, "help_first", subject="grant", reissues=SECOND),
        kind="reissue", reissues=str(LIST),
    ),
}  # fmt: skip


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_every_kind_of_list_has_a_document(content: bytes) -> None:
    assert read_list_document(BytesIO(content)).digest == digest_of(content)


def test_a_reference_id_is_the_first_half_of_a_sha_256_as_uuid_8() -> None:
    read = decode_line(written([line(FIRST, {MONTH: 1})]).rstrip())
    hashed = hashlib.sha256(f"{LIST}:{FIRST}:dibao.urban".encode()).hexdigest()
    found = reference_of(LIST, read).hex
    assert (found[:12], found[13:16], found[17:]) == (hashed[:12], hashed[13:16], hashed[17:32])
    assert found[12] == "8"
    assert found[16] in "89ab"
    again = decode_line(written([line(FIRST, {MONTH: 1}, reissues=SECOND)]).rstrip())
    assert reference_of(LIST, again) != reference_of(LIST, read)
    assert (
        reference_of(LIST, again).hex[:12]
        == hashlib.sha256(f"{SECOND}:{LIST}".encode()).hexdigest()[:12]
    )


# A file cut in half, and other bytes that are no document.


def test_a_file_cut_at_a_line_end_is_refused_where_it_ends() -> None:
    content = list_document(*of_two())
    refuses(b"".join(content.splitlines(keepends=True)[:2]), 3, "cut off")


def test_a_file_cut_in_half_is_refused_anywhere() -> None:
    content = list_document(*of_two())
    for size in range(1, len(content)):
        with pytest.raises(Malformed, match=r"Line [1-4] of the document"):
            read_list_document(BytesIO(content[:size]))


@pytest.mark.parametrize(
    ("content", "number", "detail"),
    [
        (b"", 1, "empty"),
        (b"\xef\xbb\xbf" + list_document(), 1, "byte order mark"),
        (list_document().replace(b"\n", b"\r\n"), 1, "carriage return"),
        (b"\n" + list_document(), 1, "missing"),
        (list_document() + b"\n", 3, "after the last line"),
        (list_document() + list_document(), 3, "after the last line"),
        (b"%PDF-1.7\n", 1, "is no JSON"),
        (b"[]\n", 1, "Expected `object`"),
        (b"\xff\xfe\n", 1, "is not ASCII"),
        (list_document().replace(b"monthly", "月".encode()), 1, "is not ASCII"),
        (written([HEAD]) + b"x" * (MAX_LINE + 1) + b"\n", 2, f"more than {MAX_LINE} bytes"),
        (written([HEAD]) + b"[" * 60_000 + b"\n", 2, "Expected `object`"),
    ],
    ids=["empty", "bom", "crlf", "blank first", "blank last", "twice", "pdf", "array", "utf-16", "chinese",
         "long line", "deep line"],
)  # fmt: skip
def test_bytes_that_are_no_document_are_refused(content: bytes, number: int, detail: str) -> None:
    refuses(content, number, detail)


# Lines.


def test_a_line_twice_is_refused() -> None:
    twice = line(FIRST, {MONTH: 1})
    refuses(document_of(twice, twice), 3, "is there twice")


def test_lines_out_of_order_are_refused() -> None:
    refuses(document_of(*reversed(of_two())), 3, "out of order")
    one, other = line(FIRST, {MONTH: 1}, "tekun"), line(FIRST, {MONTH: 1}, "dibao")
    refuses(document_of(one, other), 3, "out of order")


CHANGED: dict[str, tuple[dict[str, Any], str]] = {
    "a sum that does not add up": ({"amount_fen": 999}, "is not the sum of its parts"),
    "an amount below zero": (
        {"amount_fen": -1, "parts": [{"month": MONTH, "fen": -1}]}, "/amount_fen"
    ),
    "an amount with a fraction": ({"amount_fen": 1000.0}, "/amount_fen"),
    "an amount as text": ({"amount_fen": "1000"}, "/amount_fen"),
    "an amount beyond all": ({"amount_fen": 10**30}, "/amount_fen"),
    "no parts": ({"parts": []}, "/parts"),
    "a month twice": ({"parts": [{"month": MONTH, "fen": 500}] * 2}, "do not ascend"),
    "months that descend": (
        {"parts": [{"month": MONTH, "fen": 500}, {"month": JULY, "fen": 500}]}, "do not ascend"
    ),
    "a month past the list's": (
        {"parts": [{"month": "2026-09", "fen": 1000}]}, "go past 2026-08"
    ),
    "a month that is none": ({"parts": [{"month": "2026-13", "fen": 1000}]}, "/parts/0/month"),
    "a part of nothing": (
        {"parts": [{"month": JULY, "fen": 0}, {"month": MONTH, "fen": 1000}]}, "no fen"
    ),
    "a head of another kind": ({"head": "help_first"}, "`head`"),
    "an unknown head": ({"head": "=cmd|x"}, "/head"),
    "an unknown field": ({"name": "x"}, "`name` is not in the schema"),
    "no area": ({"area": "14040"}, "/area"),
    "a re-issued line": ({"reissues": str(FIRST)}, "re-issue alone"),
    "an id in upper case": ({"household": str(ANN).upper()}, "canonical"),
    "no id": ({"household": "=HYPERLINK"}, "/household"),
    "a payee of null": ({"payee": None}, "canonical"),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "detail"), CHANGED.values(), ids=CHANGED)
def test_a_line_that_is_not_as_it_should_be_is_refused(
    changed: dict[str, Any], detail: str
) -> None:
    rows = of_two(**changed)
    end = {"lines": 2, "total_fen": 1001}
    refuses(written([HEAD, *rows, end]), 3, detail)


@pytest.mark.parametrize(
    "raw",
    [
        lambda raw: raw.replace(b'":', b'": '),
        lambda raw: b" " + raw,
        lambda raw: raw + b" ",
        lambda raw: raw.replace(b'"fen":1}', b'"fen":1,"fen":1}'),
        lambda raw: raw.replace(b'"fen":1}', b'"fen":1e0}'),
        lambda raw: raw.replace(b'"head"', b'"\\u0068ead"'),
    ],
    ids=["spaces", "space before", "space after", "key twice", "exponent", "escape"],
)
def test_a_line_that_would_be_written_otherwise_is_refused(raw: Callable[[bytes], bytes]) -> None:
    head, first, end = list_document(line(FIRST, {MONTH: 1})).splitlines()
    spoilt = raw(first)
    assert spoilt != first
    refuses(b"\n".join([head, spoilt, end, b""]), 2, "")


def test_keys_stand_in_one_order() -> None:
    first = line(FIRST, {MONTH: 1})
    refuses(document_of(dict(reversed(first.items()))), 2, "canonical")
    said = dict(reversed(HEAD.items()))
    refuses(ended(said, []), 1, "canonical")


@pytest.mark.parametrize("kind", ["help_first", "temporary_aid", "monthly", "area_grant"])
def test_lines_of_grants_stand_in_lists_of_grants_alone(kind: str) -> None:
    grants = kind in ("help_first", "temporary_aid")
    heads = {"monthly": "dibao", "area_grant": "heating"}
    wrong = line(
        FIRST, {MONTH: 1}, heads.get(kind, kind), subject="household" if grants else "grant"
    )
    grant = f"{ANN}:3" if kind == "area_grant" else None
    content = list_document(wrong, kind=kind, grant=grant)
    refuses(content, 2, "`grant` is required" if grants else "is of a grant")


def test_a_reissued_line_names_the_line_that_failed() -> None:
    content = list_document(line(FIRST, {MONTH: 1}), kind="reissue", reissues=str(LIST))
    refuses(content, 2, "`reissues` is required")


# First and last line.


HEADS: dict[str, tuple[dict[str, Any], str]] = {
    "another document": ({"document": "invoice"}, "/document"),
    "an unknown kind": ({"kind": "yearly"}, "/kind"),
    "no area": ({"area": "1404x3"}, "/area"),
    "no programme": ({"programme": "marginal"}, "/programme"),
    "no month": ({"month": "2026-00"}, "/month"),
    "a position below zero": ({"position": -1}, "/position"),
    "a version below zero": ({"lists_version": -1}, "/lists_version"),
    "no calculation": ({"calculation": 0}, "/calculation"),
    "a monthly list that re-issues": ({"reissues": str(LIST)}, "`reissues`"),
    "a monthly list of a grant": ({"grant": f"{ANN}:1"}, "`grant`"),
    "a re-issue of nothing": ({"kind": "reissue"}, "`reissues`"),
    "an area grant of nothing": ({"kind": "area_grant"}, "`grant`"),
}


@pytest.mark.parametrize(("changed", "detail"), HEADS.values(), ids=HEADS)
def test_a_first_line_that_is_not_as_it_should_be_is_refused(
    changed: dict[str, Any], detail: str
) -> None:
    content = ended({**HEAD, **changed}, [])
    with pytest.raises(Malformed) as refused:
        read_list_document(BytesIO(content))
    [error] = refused.value.extra["errors"]
    assert error["line"] == 1
    assert detail in error["detail"]


@pytest.mark.parametrize(
    ("end", "detail"),
    [
        ({"lines": 1, "total_fen": 1001}, "`lines` is not the number of lines, 2"),
        ({"lines": 2, "total_fen": 1000}, "`total_fen` is not the sum of the lines, 1001"),
        ({"lines": 2}, "`total_fen` is required"),
        ({"lines": 2, "total_fen": 1001, "more": 1}, "is not in the schema"),
        ({"lines": 2, "total_fen": 1001.0}, "/total_fen"),
    ],
)
def test_a_total_that_does_not_add_up_is_refused(end: dict[str, Any], detail: str) -> None:
    refuses(written([HEAD, *of_two(), end]), 4, detail)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_changed_byte_is_refused_or_gives_another_document(data: st.DataObject) -> None:
    content = bytearray(list_document(*of_two()))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255))
    try:
        found = read_list_document(BytesIO(bytes(content)))
    except Malformed as error:
        [problem] = error.extra["errors"]
        assert 1 <= problem["line"] <= 5
    else:
        assert found.digest == hashlib.sha256(content).hexdigest()


# Parts.


def test_a_document_is_cut_at_line_ends() -> None:
    content = list_document(*(line(UUID(int=n), {MONTH: n}) for n in range(1, 4000)))
    found = list(parts(BytesIO(content)))
    assert b"".join(found) == content
    assert len(found) > 2
    assert all(part.endswith(b"\n") and len(part) <= PART + MAX_LINE for part in found)
    assert list(lines_of(BytesIO(content))) == content.splitlines()[1:-1]


def test_what_stands_between_first_and_last_line_may_be_nothing() -> None:
    assert list(inner(iter([b"first", b"last"]))) == []
    assert list(inner(iter([]))) == []
    assert json.loads(list_document().splitlines()[-1]) == {"lines": 0, "total_fen": 0}
