"""The rules of area codes, and the areas that ship with the ledger."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import areas
from ledger.areas import LEVELS, AreaFileError, AreaLine, enclosing, lies_in, read_areas

SHIPPED = Path(areas.__file__).parent / "reference" / "areas-cn.csv"

codes = st.sampled_from(list(LEVELS)).flatmap(
    lambda length: st.text("0123456789", min_size=length, max_size=length)
)


def shipped() -> list[AreaLine]:
    with SHIPPED.open(encoding="utf-8", newline="") as lines:
        return list(read_areas(lines))


def refusal(*lines: str) -> AreaFileError:
    with pytest.raises(AreaFileError) as caught:
        list(read_areas(lines))
    return caught.value


@pytest.mark.parametrize("code", ["14", "1404", "140403", "140403001", "140403001002"])
def test_codes_of_the_five_lengths_are_area_codes(code: str) -> None:
    assert areas.is_area_code(code)


@pytest.mark.parametrize(
    "code",
    ["", "1", "140", "14040", "14040300", "1404030010023", "1a", " 1404", "14 4", "-1", "1.23"],
)
def test_other_texts_are_no_area_codes(code: str) -> None:
    assert not areas.is_area_code(code)


@pytest.mark.parametrize("code", ["１４", "١٤", "²²", "一四"])
def test_digits_of_other_scripts_are_no_area_codes(code: str) -> None:
    assert not areas.is_area_code(code)


def test_a_town_lies_in_its_county_prefecture_and_province_nearest_first() -> None:
    assert enclosing("140403001") == ("140403001", "140403", "1404", "14")


def test_a_village_lies_in_five_areas_and_a_province_in_itself_only() -> None:
    assert enclosing("140403001002") == ("140403001002", "140403001", "140403", "1404", "14")
    assert enclosing("14") == ("14",)


@given(codes)
def test_what_encloses_a_code_is_every_shorter_code_that_it_begins_with(code: str) -> None:
    # A definition by another road: cut the code at each length that a level has.
    cuts = [code[:length] for length in (12, 9, 6, 4, 2) if length <= len(code)]
    assert list(enclosing(code)) == cuts


@given(codes, codes)
def test_a_code_lies_in_exactly_what_encloses_it(code: str, other: str) -> None:
    assert lies_in(code, other) == (other in enclosing(code))
    assert all(lies_in(code, wider) for wider in enclosing(code))


def test_a_prefix_that_is_no_code_holds_nothing() -> None:
    assert not lies_in("140403", "")
    assert not lies_in("140403", "140")
    assert not lies_in("1404", "140403")


@given(st.text(max_size=14))
def test_only_area_codes_are_enclosed_and_have_a_level(text: str) -> None:
    if areas.is_area_code(text):
        assert areas.level(text) == LEVELS[len(text)]
        return
    for ask in (enclosing, areas.level):
        with pytest.raises(ValueError, match="is no area code: 2, 4, 6, 9 or 12 digits are"):
            ask(text)


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("14", "province"),
        ("1404", "prefecture"),
        ("140403", "county"),
        ("140403001", "town"),
        ("140403001002", "village"),
    ],
)
def test_the_length_of_a_code_says_its_level(code: str, level: str) -> None:
    assert areas.level(code) == level


def test_a_file_is_read_in_its_own_order_with_quotes_and_byte_order_mark() -> None:
    lines = ["\ufeffcode,name,kind\r\n", '1404," 长治市",prefecture\r\n', '14,"A, B",Land\r\n']
    assert list(read_areas(lines)) == [("1404", "长治市", "prefecture"), ("14", "A, B", "Land")]


def test_a_file_is_read_no_further_than_asked() -> None:
    lines = iter(["code,name,kind", "14,山西省,province", "1404,,prefecture"])
    assert next(read_areas(lines)) == AreaLine("14", "山西省", "province")
    assert next(lines) == "1404,,prefecture"


@pytest.mark.parametrize("header", ["", "code,name", "name,code,kind", "code;name;kind"])
def test_a_file_without_its_header_is_refused(header: str) -> None:
    assert refusal(header, "14,山西省,province").line == 1


def test_an_empty_file_is_refused() -> None:
    assert refusal().reason == "the header must be code,name,kind"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1404,长治市", "3 columns are due, found 2"),
        ("1404,长治市,prefecture,x", "3 columns are due, found 4"),
        ("", "3 columns are due, found 0"),
        ("140,长治市,prefecture", "the code '140' must have 2, 4, 6, 9 or 12 digits"),
        ("14O4,长治市,prefecture", "the code '14O4' must have 2, 4, 6, 9 or 12 digits"),
        ("14,山西省,province", "the code 14 came before"),
        ("1404,  ,prefecture", "the name of 1404 is empty"),
        ("1404,长治市,", "the kind of 1404 is empty"),
        ("1404,长治\x00市,prefecture", "the name of 1404 has a control character"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_what_is_wrong(line: str, reason: str) -> None:
    error = refusal("code,name,kind", "14,山西省,province", line)
    assert (error.line, error.reason) == (3, reason)
    assert str(error) == f"Line 3 of the file of areas: {reason}."


def test_an_open_quote_is_refused_as_no_csv() -> None:
    assert refusal("code,name,kind\n", '14,"山西省,province\n').reason.startswith("not CSV")


def test_shipped_areas_name_the_places_of_the_demo() -> None:
    known = {area.code: (area.name, area.kind) for area in shipped()}
    assert known["140403"] == ("潞州区", "county")
    assert known["419001"] == ("济源市", "county")
    assert known["4313"] == ("娄底市", "prefecture")
    assert known["14"] == ("山西省", "province")


def test_shipped_areas_are_the_whole_country_down_to_counties() -> None:
    kinds = [area.kind for area in shipped()]
    assert kinds.count("province") >= 31
    assert kinds.count("prefecture") >= 330
    assert kinds.count("county") >= 2_800


def test_shipped_areas_are_sorted_of_the_kind_of_their_length_and_without_orphans() -> None:
    read = shipped()
    known = {area.code for area in read}
    assert [area.code for area in read] == sorted(known)
    assert all(area.kind == areas.level(area.code) for area in read)
    assert [a.code for a in read if not known.issuperset(enclosing(a.code))] == []


def test_shipped_areas_are_plain_utf8_lines() -> None:
    content = SHIPPED.read_bytes()
    assert content.startswith(b"code,name,kind\n")
    assert content.endswith(b"\n")
    assert b"\r" not in content
