"""Tables as a statistics office publishes them: years across, totals between, names for codes, "Prel. 2016"."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from ckan_harvesters.check import check
from ckan_harvesters.decode import decode, frame
from ckan_harvesters.decode.decoded import LINES
from ckan_harvesters.errors import HeaderRefused
from datasets.model.contract import Resource
from datasets.model.messages import LANGUAGES, say
from datasets.model.reference import read_reference
from tests.small_deliveries import AGENCIES, UNITS, WHOLE, checked, decoded, field, problems, refusal, resource, texts

pytestmark = pytest.mark.unit

PLACE = field("Tỉnh", column="place", constraints={"required": True})
YEAR = field("năm", "year", column="year", constraints={"required": True})
ITEM = field("loại", column="kind", constraints={"required": True})
COUNT = field("số", "integer", column="schools", constraints={"minimum": 0})
MARKS = {"column": "độ chắc", "words": {"estimate": ["Ước tính"], "preliminary": ["Prel.", "Pre.", "Sơ bộ"]}}
STATUS = field("độ chắc", column="figure_status", within="năm")


def wide(*fields: dict[str, Any], headers: str = "{năm}", value: str = "số", **more: Any) -> Resource:
    named = {f["name"]: f for f in (PLACE, *fields)}
    key = ["Tỉnh", *[f["name"] for f in fields if f["name"] in headers]]
    return resource(*named.values(), key=key, wide={"headers": headers, "value": value}, missing=["", ".."], **more)


BY_YEAR = wide(YEAR, COUNT)
BY_ITEM = wide(YEAR, ITEM, COUNT, headers="{năm} {loại}")
MARKED = wide(YEAR, STATUS, COUNT, status=MARKS)


def stored(folder: Path, content: str | bytes, to: Resource, *columns: str) -> list[tuple[Any, ...]]:
    return checked(folder, content, to).rows.select(*columns).rows()


def test_a_column_for_each_year_becomes_rows(tmp_path: Path) -> None:
    content = "Tỉnh,2014,2015\nNghệ An,10,11\nHà Tĩnh,7,8\n"
    rows = [("Nghệ An", 2014, 10), ("Nghệ An", 2015, 11), ("Hà Tĩnh", 2014, 7), ("Hà Tĩnh", 2015, 8)]
    assert stored(tmp_path, content, BY_YEAR, "place", "year", "schools") == rows


def test_a_header_of_year_and_item_is_both(tmp_path: Path) -> None:
    content = "Tỉnh,2009 Towns,2009 Rural  districts,2010 Towns\nNghệ An,2,17,3\n"
    rows = [(2009, "Towns", 2), (2009, "Rural districts", 17), (2010, "Towns", 3)]
    assert stored(tmp_path, content, BY_ITEM, "year", "kind", "schools") == rows


def test_an_item_is_spelt_as_the_contract_spells_it_and_another_one_is_an_unknown_column(tmp_path: Path) -> None:
    items = wide(YEAR, {**ITEM, "constraints": {"required": True, "enum": ["Lower Secondary", "Secondary"]}}, COUNT, headers="{năm} {loại}")
    assert stored(tmp_path, "Tỉnh,2009 lower secondary\nNghệ An,2\n", items, "kind") == [("Lower Secondary",)]
    refused = refusal(tmp_path, "Tỉnh,2009 Secondary,2009 Secundary\nNghệ An,2,3\n", items)
    assert isinstance(refused, HeaderRefused)
    assert (refused.code, refused.params["columns"]) == ("unknown_column", "2009 Secundary")


def test_a_header_longer_than_any_item_is_no_wide_column(tmp_path: Path) -> None:
    free = wide(YEAR, ITEM, COUNT, headers="{loại} {năm}")
    refused = refusal(tmp_path, f"Tỉnh,Towns 2009,{'a ' * 200}2009\nNghệ An,2,3\n", free)
    assert refused.code == "unknown_column"


def test_a_cell_without_a_value_is_no_row_unless_it_must_have_one(tmp_path: Path) -> None:
    content = "Tỉnh,2014,2015\nNghệ An,..,11\nHà Tĩnh,7,\n"
    result = checked(tmp_path, content, BY_YEAR)
    assert result.rejected == [] and result.rows.select("place", "year").rows() == [("Nghệ An", 2015), ("Hà Tĩnh", 2014)]
    needed = wide(YEAR, {**COUNT, "constraints": {"required": True}})
    assert problems(checked(tmp_path, content, needed)) == [(2, "2014", "required"), (3, "2015", "required")]


def test_one_wrong_cell_is_told_by_its_line_and_column_and_the_others_of_its_line_load(tmp_path: Path) -> None:
    result = checked(tmp_path, "Title\n\nTỉnh;2014;2015\nNghệ An;10;x\n", wide(YEAR, COUNT, dialect={"delimiter": ";", "headerRows": [3]}))
    assert problems(result) == [(4, "2015", "type_integer")]
    assert (result.rows.height, result.rejected_rows) == (1, 1)


def test_what_is_wrong_with_a_line_is_told_once_though_all_its_cells_are_rejected(tmp_path: Path) -> None:
    units = wide({**PLACE, "refers": {"unit": "province", "by": "name", "at": "2015-12-31"}}, YEAR, COUNT)
    result = checked(tmp_path, "Tỉnh,2014,2015\nNghe An,1,2\nHa Tay,3,4\n", units)
    assert problems(result) == [(3, "Tỉnh", "unit_name_unknown")]
    assert (result.rows.height, result.rejected_rows) == (2, 2)


def test_a_line_that_comes_twice_is_told_by_its_physical_lines(tmp_path: Path) -> None:
    result = checked(tmp_path, "Tỉnh,2014,2015\nA,1,2\nA,3,4\n", BY_YEAR)
    assert [(r.line, r.column, r.rule, r.params["first_line"]) for r in result.rejected] == [
        (3, "2014", "duplicate_key", 2),
        (3, "2015", "duplicate_key", 2),
    ]


def test_days_across_are_read_by_the_format_of_their_field(tmp_path: Path) -> None:
    days = wide(field("ngày", "date", column="day", format="%d/%m/%Y", constraints={"required": True}), COUNT, headers="{ngày}")
    assert stored(tmp_path, "Tỉnh,1/8/2021,2/8/2021\nA,3,4\n", days, "day", "schools") == [(date(2021, 8, 1), 3), (date(2021, 8, 2), 4)]
    refused = refusal(tmp_path, "Tỉnh,2021.08.01\nA,3\n", days)
    assert (refused.code, refused.params["columns"]) == ("missing_column", "{ngày}")


def test_a_workbooks_numbers_and_days_are_headers_too(tmp_path: Path) -> None:
    number = field("số", "number", column="share", decimalChar=",")
    by_year = wide(YEAR, number, dialect={"headerRows": [3]})
    with pytest.raises(HeaderRefused) as caught:
        decode(workbook(tmp_path, datetime(2015, 1, 1)), by_year)  # noqa: DTZ001 - a cell has no zone
    assert caught.value.params["columns"] == "2015-01-01", "a day is no year"
    result = check(decode(workbook(tmp_path, 2015), by_year), by_year, UNITS, AGENCIES, WHOLE, "40")
    assert result.rows.select("year", "share").rows() == [(2014, Decimal("10.0")), (2015, Decimal("11.5"))]


def workbook(folder: Path, last: object) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Bảng 12"], [], ["Tỉnh", 2014, last], ["Nghệ An", 10, 11.5]):
        sheet.append(row)
    book.save(folder / "table.xlsx")
    return folder / "table.xlsx"


@pytest.mark.parametrize(
    ("header", "code", "columns"),
    [
        ("Tỉnh,năm", "missing_column", "{năm}"),
        ("Tỉnh", "missing_column", "{năm}"),
        ("2014,2015", "missing_column", "Tỉnh"),
        ("Tỉnh,2014,2014", "duplicate_header", "2014"),
        ("Tỉnh,2014,Ghi chú", "unknown_column", "Ghi chú"),
    ],
)
def test_a_header_that_is_not_the_contracts_is_refused(tmp_path: Path, header: str, code: str, columns: str) -> None:
    refused = refusal(tmp_path, header + "\n" + "1," * header.count(",") + "1\n", BY_YEAR)
    assert refused.code in (code, "header_wrong")
    if refused.code == code:
        assert refused.params["columns"] == columns


def test_a_year_that_stands_twice_under_two_marks_is_refused(tmp_path: Path) -> None:
    refused = refusal(tmp_path, "Tỉnh,2016,Prel. 2016\nA,1,2\n", MARKED)
    assert (refused.code, refused.params["columns"]) == ("duplicate_header", "Prel. 2016")


def test_a_wide_table_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "MOST_COLUMNS", 1)
    refused = refusal(tmp_path, "Tỉnh,2014,2015\nA,1,2\n", BY_YEAR)
    assert (refused.code, refused.params["columns"]) == ("wide_too_large", 1)


def test_subtotals_are_left_out_and_counted_once(tmp_path: Path) -> None:
    totals = wide(YEAR, COUNT, subtotals={"column": "Tỉnh", "values": ["CẢ NƯỚC", "Đồng bằng sông Hồng"]})
    result = checked(tmp_path, "Tỉnh,2014,2015\n cả nước,9,9\nĐồng bằng  sông Hồng,5,5\nNghệ An,1,2\n", totals)
    assert (result.rows.height, result.rejected_rows, result.rejected) == (2, 0, [])
    (warning,) = result.warnings
    assert (warning.rule, warning.line, warning.params) == ("subtotals_left_out", 2, {"count": 2, "lines": "2, 3"})
    words = say("rule.subtotals_left_out", "vi", value=warning.value, **warning.params)
    assert (
        words == "2 dòng tổng cộng (cả nước, Đồng bằng  sông Hồng; dòng 2, 3) được bỏ qua vì số liệu đã có ở các dòng khác. Không cần sửa."
    )


def test_subtotals_of_a_long_table_are_left_out_too(tmp_path: Path) -> None:
    long = texts("a", "b", subtotals={"column": "a", "values": ["Cộng"]})
    read = decoded(tmp_path, 'a,b\n1,2\nCộng,2\n"x",3\n', long)
    assert [read.frame.rows(), read.left_out[0].params["count"]] == [[(2, "1", "2"), (4, "x", "3")], 1]


@pytest.mark.parametrize(
    ("header", "year", "status"),
    [
        ("2016", 2016, "official"),
        ("Prel. 2016", 2016, "preliminary"),
        ("Pre. 2016", 2016, "preliminary"),
        ("Sơ bộ 2016", 2016, "preliminary"),
        ("2016 (sơ bộ)", 2016, "preliminary"),
        ("Ước tính 2016", 2016, "estimate"),
    ],
)
def test_a_year_across_may_have_a_mark(tmp_path: Path, header: str, year: int, status: str) -> None:
    assert stored(tmp_path, f"Tỉnh,{header}\nA,1\n", MARKED, "year", "figure_status") == [(year, status)]


def test_a_mark_that_the_contract_does_not_know_is_no_column(tmp_path: Path) -> None:
    refused = refusal(tmp_path, "Tỉnh,2015,Rev. 2016\nA,1,2\n", MARKED)
    assert (refused.code, refused.params["columns"]) == ("unknown_column", "Rev. 2016")


LONG = resource(YEAR, STATUS, COUNT, key=["năm"], status=MARKS)


@pytest.mark.parametrize(
    ("cell", "row", "problem"),
    [
        ("Sơ bộ 2016", (2016, "preliminary"), None),
        ("2016", (2016, "official"), None),
        ("Rev. 2016", None, (2, "năm", "status_unknown")),
        ("2016a7", None, (2, "năm", "type_year")),
    ],
)
def test_a_year_in_a_cell_may_have_a_mark(
    tmp_path: Path, cell: str, row: tuple[int, str] | None, problem: tuple[int, str, str] | None
) -> None:
    result = checked(tmp_path, f"năm,số\n{cell},1\n", LONG)
    assert result.rows.select("year", "figure_status").rows() == ([row] if row else [])
    assert problems(result) == ([problem] if problem else [])


def of_rows(**more: Any) -> Resource:
    column = {"column": "tt", "words": {"estimate": ["Ước tính"], "preliminary": ["Sơ bộ"], "official": ["Chính thức"]}}
    return resource(field("k"), field("tt", column="figure_status", **more), key=["k"], status=column)


def test_each_row_says_how_firm_it_is_and_an_empty_cell_is_official(tmp_path: Path) -> None:
    content = "k,tt\n1,ước tính\n2,Sơ bộ\n3,\n4,Chính thức\n5,preliminary\n"
    rows = ["estimate", "preliminary", "official", "official", "preliminary"]
    assert [status for (status,) in stored(tmp_path, content, of_rows(), "figure_status")] == rows


def test_a_status_that_must_be_there_and_one_that_nobody_knows_are_rejected(tmp_path: Path) -> None:
    result = checked(tmp_path, "k,tt\n1,\n2,gần đúng\n", of_rows(constraints={"required": True}))
    assert problems(result) == [(2, "tt", "required"), (3, "tt", "status_unknown")]
    assert say("rule.status_unknown", "vi", value="gần đúng", **result.rejected[1].params) == (
        "“gần đúng” không phải là mức độ tin cậy của số liệu đã thống nhất. "
        "Hãy viết một trong: Ước tính, Sơ bộ, Chính thức; để trống nếu là số chính thức."
    )


def test_vietnamese_words_of_a_status_are_understood_without_a_word_in_the_contract(tmp_path: Path) -> None:
    plain = resource(field("k"), field("tt", column="figure_status"), key=["k"], status={"column": "tt"})
    content = "k,tt\n1,Ước tính\n2,SƠ BỘ\n3,chính thức\n4,estimate\n5,gần đúng\n"
    result = checked(tmp_path, content, plain)
    assert result.rows["figure_status"].to_list() == ["estimate", "preliminary", "official", "estimate"]
    assert result.rejected[0].params == {"allowed": "Ước tính, Sơ bộ, Chính thức"}


def test_the_status_is_shown_in_words_without_a_word_in_the_contract() -> None:
    categories = of_rows().schema_.field("tt").categories or []
    assert [(c.value, c.label) for c in categories] == [("estimate", "Ước tính"), ("preliminary", "Sơ bộ"), ("official", "Chính thức")]


NAMED = resource(
    field("Tỉnh", column="place", refers={"unit": "province", "by": "name", "on": "ngày"}, constraints={"required": True}),
    field("ngày", "date", column="day", constraints={"required": True}),
    key=["Tỉnh", "ngày"],
)


@pytest.mark.parametrize(
    ("name", "day", "unit"),
    [
        ("Nghe An", "2015-12-31", "40.200401"),
        ("Tỉnh  Nghệ An", "2015-12-31", "40.200401"),
        ("Thua Thien-Hue", "2015-12-31", "46.200401"),
        ("TP.Ho Chi Minh", "2015-12-31", "79.200401"),
        ("Ho Chi Minh city", "2026-01-01", "79.202507"),
        ("Ba Ria - Vung Tau", "2015-12-31", "77.200401"),
        ("Bình Dinh", "2015-12-31", "52.200401"),
    ],
)
def test_provinces_are_known_by_their_names(tmp_path: Path, name: str, day: str, unit: str) -> None:
    path = tmp_path / "names.csv"
    path.write_text(f"Tỉnh,ngày\n{name},{day}\n")
    result = check(decode(path, NAMED), NAMED, read_reference().unit_index, AGENCIES, WHOLE, "40")
    assert [row[0] for row in result.rows.rows()] == [unit]


def test_a_name_of_another_day_of_none_and_of_several_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("xã,ngày\nNghe An,2026-01-01\nXã Nghi Phú,2026-01-01\nTân Sơn,2021-01-01\n")
    communes = resource(
        field("xã", column="place", refers={"unit": "commune", "by": "name", "on": "ngày"}, constraints={"required": True}),
        field("ngày", "date", column="day", constraints={"required": True}),
        key=["xã", "ngày"],
    )
    result = check(decode(path, communes), communes, read_reference().unit_index, AGENCIES, WHOLE, "40")
    found = {r.value: r for r in result.rejected}
    assert found["Nghe An"].rule == "unit_name_unknown"
    assert found["Xã Nghi Phú"].rule == "unit_name_not_valid_on"
    assert "đến trước ngày" in say("rule.unit_name_not_valid_on", "vi", value="Xã Nghi Phú", **spoken(found["Xã Nghi Phú"].params))
    assert [r.rule for r in result.rejected if r.value == "Tân Sơn"] == ["unit_name_ambiguous"]


def spoken(params: dict[str, Any], language: str = "vi") -> dict[str, Any]:
    return {name: value[language] if isinstance(value, dict) else value for name, value in params.items()}


@pytest.mark.parametrize(
    "rule", ["unit_name_unknown", "unit_name_not_valid_on", "unit_name_ambiguous", "status_unknown", "subtotals_left_out"]
)
def test_every_new_reason_has_words_in_each_language(rule: str) -> None:
    assert len({say(f"rule.{rule}", language) for language in LANGUAGES}) == len(LANGUAGES)


def test_a_million_lines_that_are_not_wide_keep_their_numbers(tmp_path: Path) -> None:
    """The number of a wide table's column is kept beside its line; a long table's line is never cut."""
    count = LINES + 5
    path = tmp_path / "long.csv"
    path.write_text("a\n" + "1\n" * count)
    read = decode(path, texts("a"))
    assert read.frame["line"].max() == count + 1
