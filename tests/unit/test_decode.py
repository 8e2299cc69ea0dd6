"""A file is read as its contract says, or refused with what to do; nothing is guessed."""

from __future__ import annotations

import io
import subprocess
import sys
import unicodedata
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from ckan_harvesters.decode import decode, workbook
from ckan_harvesters.errors import MASK, Refused
from tests.small_deliveries import BEDS, BEDS_HEADER, ROOT, decoded, field, refusal, resource, texts

pytestmark = pytest.mark.unit

ABC = texts("a", "b", "c")


def test_columns_may_come_in_any_order_and_headers_differ_in_case_and_blanks(tmp_path: Path) -> None:
    read = decoded(tmp_path, " C ,A,b\r\n3,1,2\r\n", ABC)
    assert read.frame.to_dicts() == [{"line": 2, "a": "1", "b": "2", "c": "3"}]
    assert read.headers == {"a": "A", "b": "b", "c": "C"}


def test_lines_are_physical_when_a_quoted_cell_holds_a_line_break(tmp_path: Path) -> None:
    read = decoded(tmp_path, 'a,b,c\n1,"two\nlines",3\n\n4,5,6\n', ABC)
    assert read.frame["line"].to_list() == [2, 5]
    assert read.frame["b"][0] == "two\nlines"


@pytest.mark.parametrize("quoted", ["x", '"x"'])
def test_rows_with_too_many_or_too_few_cells_are_rejected_and_blank_ones_dropped(tmp_path: Path, quoted: str) -> None:
    read = decoded(tmp_path, f"a,b,c\n1,2,3,4\n1,2\n,,\n \n{quoted},2,3\n", ABC)
    assert [(r.line, r.rule, r.params) for r in read.rejected] == [
        (2, "row_cells", {"found": 4, "expected": 3}),
        (3, "row_cells", {"found": 2, "expected": 3}),
    ]
    assert read.frame.rows() == [(6, "x", "2", "3")]


def test_a_null_byte_rejects_its_row(tmp_path: Path) -> None:
    read = decoded(tmp_path, b"a,b,c\n\x00,2,3\n4,5,6\n", ABC)
    assert [(r.line, r.rule, r.value) for r in read.rejected] == [(2, "null_byte", "␀,2,3")]
    assert read.frame["line"].to_list() == [3]


def test_a_rejected_row_is_masked_where_a_field_is_personal(tmp_path: Path) -> None:
    people = resource(field("name", personal="basic"), field("n"), key=["name"])
    read = decoded(tmp_path, "name,n\nAn,1,2\nBinh,1\n", people)
    assert [r.value for r in read.rejected] == [MASK]


def test_broken_quotes_reject_the_lines_they_took(tmp_path: Path) -> None:
    read = decoded(tmp_path, 'a,b,c\n1,"x"y,3\n4,5,6\n', ABC)
    assert [(r.line, r.rule, r.params["last_line"]) for r in read.rejected] == [(2, "row_quotes", 2)]
    assert read.frame["line"].to_list() == [3]


@pytest.mark.parametrize("ends", ['4,5,"unterminated\n', "4,5"])
def test_a_file_that_stops_in_the_middle_is_refused(tmp_path: Path, ends: str) -> None:
    refused = refusal(tmp_path, "a,b,c\n1,2,3\n" + ends, ABC)
    assert (refused.code, refused.params["line"]) == ("truncated", 3)


def test_a_file_that_stops_inside_a_letter_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a,b,c\n1,2,Đ".encode()[:-1], ABC).code == "truncated"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b" \r\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content, ABC).code == "empty_file"


def test_a_web_page_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "\n <!DOCTYPE html><html><body>502</body></html>", ABC).code == "html"


def test_a_wrong_header_names_what_was_found_and_what_was_expected(tmp_path: Path) -> None:
    refused = refusal(tmp_path, "x,y,z\n1,2,3\n", ABC)
    assert (refused.code, refused.params["found"], refused.params["expected"]) == ("header_wrong", "x, y, z", "a, b, c")


@pytest.mark.parametrize(
    ("header", "code", "columns"),
    [
        ("a,b", "missing_column", "c"),
        ("a,b,c,cccd", "unknown_column", "cccd"),
        ("a,b,c,A", "duplicate_header", "a"),
    ],
)
def test_missing_unknown_and_repeated_columns_are_refused_by_name(tmp_path: Path, header: str, code: str, columns: str) -> None:
    refused = refusal(tmp_path, f"{header}\n{','.join('1' for _ in header.split(','))}\n", ABC)
    assert (refused.code, refused.params["columns"]) == (code, columns)


def test_another_delimiter_is_named(tmp_path: Path) -> None:
    refused = refusal(tmp_path, BEDS_HEADER.replace(";", ","), BEDS)
    assert (refused.code, refused.params["found"], refused.params["expected"]) == ("delimiter_wrong", ",", ";")


def test_columns_without_header_may_only_be_empty(tmp_path: Path) -> None:
    assert decoded(tmp_path, "a,b,c,,\n1,2,3,,\n", ABC).frame.height == 1
    refused = refusal(tmp_path, "a,b,c,\n1,2,3,secret\n", ABC)
    assert (refused.code, refused.params) == ("unnamed_column", {"position": 4, "line": 2})


def test_the_header_may_stand_below_a_title(tmp_path: Path) -> None:
    below = texts("a", "b", dialect={"headerRows": [3], "delimiter": ";"})
    for title in ("Title", '"Title; quoted"'):
        assert decoded(tmp_path, f"{title}\n\na;b\n1;2\n", below).frame.rows() == [(4, "1", "2")]
    assert refusal(tmp_path, "a;b\n", below).code == "header_wrong"


def test_a_byte_order_mark_is_not_part_of_the_first_header(tmp_path: Path) -> None:
    assert decoded(tmp_path, b"\xef\xbb\xbfa,b,c\n1,2,3\n", ABC).headers["a"] == "a"


VIETNAMESE = "a,b,c\n1,Thành phố Vinh,Huyện Nghĩa Đàn\n"


def windows_1258(text: str) -> bytes:
    """As Windows writes it: base letters of the code page, tone marks after them."""
    out = bytearray()
    for letter in text:
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            tone = next(p for p in parts if p in "\u0300\u0301\u0303\u0309\u0323")
            out += (unicodedata.normalize("NFC", parts.replace(tone, "")) + tone).encode("cp1258")
    return bytes(out)


def test_windows_1258_is_read_where_the_contract_declares_it(tmp_path: Path) -> None:
    read = decoded(tmp_path, windows_1258(VIETNAMESE), texts("a", "b", "c", encoding="windows-1258"))
    assert read.frame.row(0) == (2, "1", "Thành phố Vinh", "Huyện Nghĩa Đàn")


def test_windows_1258_is_refused_by_name_where_the_contract_declares_utf_8(tmp_path: Path) -> None:
    refused = refusal(tmp_path, windows_1258(VIETNAMESE), ABC)
    assert (refused.code, refused.params) == ("encoding", {"declared": "utf-8", "seems": "windows-1258", "line": 2})


def test_utf_8_is_not_read_as_windows_1258(tmp_path: Path) -> None:
    refused = refusal(tmp_path, VIETNAMESE, texts("a", "b", "c", encoding="windows-1258"))
    assert (refused.code, refused.params["seems"]) == ("encoding", "utf-8")


def test_utf_16_is_read_by_contract_only(tmp_path: Path) -> None:
    sixteen = VIETNAMESE.replace(",", "\t").encode("utf-16")
    read = decoded(tmp_path, sixteen, texts("a", "b", "c", encoding="utf-16", dialect={"delimiter": "\t"}))
    assert read.frame.row(0)[2] == "Thành phố Vinh"
    assert refusal(tmp_path, sixteen, ABC).params["seems"] == "utf-16"


def test_decomposed_letters_become_composed_ones(tmp_path: Path) -> None:
    read = decoded(tmp_path, unicodedata.normalize("NFD", VIETNAMESE), ABC)
    assert read.frame["b"][0] == "Thành phố Vinh"


def test_a_pdf_and_an_old_workbook_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"%PDF-1.7\n", ABC).code == "not_a_table"
    assert refusal(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ABC).code == "old_workbook"


# Workbooks


def xlsx(folder: Path, *sheets: tuple[str, list[list[object]]]) -> Path:
    """A workbook with these sheets."""
    book: Any = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / "delivery.xlsx"
    book.save(path)
    return path


TYPED = resource(
    field("d", "date", format="%d/%m/%Y"),
    field("n", "integer"),
    field("x", "number", decimalChar=","),
    field("t"),
    key=["d"],
)


def test_cells_of_a_workbook_are_written_as_the_contract_writes_them(tmp_path: Path) -> None:
    path = xlsx(tmp_path, ("S", [["d", "n", "x", "t"], [date(2021, 6, 5), 12.0, 0.1 + 0.2, "00123"], [], ["31/06/2021", 1e15, 1234.5, 7]]))
    read = decode(path, TYPED)
    assert read.frame.rows() == [(2, "05/06/2021", "12", "0,3", "00123"), (4, "31/06/2021", "1000000000000000", "1234,5", "7")]


def test_a_time_in_a_date_column_is_not_dropped(tmp_path: Path) -> None:
    path = xlsx(tmp_path, ("S", [["d", "n", "x", "t"], [datetime(2021, 6, 5, 16, 30), 1, 2, ""]]))  # noqa: DTZ001
    assert decode(path, TYPED).frame["d"][0] == "2021-06-05T16:30:00"


def test_the_contract_chooses_the_sheet(tmp_path: Path) -> None:
    path = xlsx(tmp_path, ("one", [["a"], ["1"]]), ("two", [["a"], ["2"]]))
    assert decode(path, texts("a")).frame["a"].to_list() == ["1"]
    assert decode(path, texts("a", dialect={"excel": {"sheet": "two"}})).frame["a"].to_list() == ["2"]
    with pytest.raises(Refused) as caught:
        decode(path, texts("a", dialect={"excel": {"sheet": "three"}}))
    assert (caught.value.code, caught.value.params["found"]) == ("sheet_missing", "one, two")


def test_leading_empty_rows_and_columns_keep_their_place(tmp_path: Path) -> None:
    path = xlsx(tmp_path, ("S", [[], [], ["a"], ["1"]]))
    assert decode(path, texts("a", dialect={"headerRows": [3]})).frame.rows() == [(4, "1")]


def test_an_empty_workbook_and_a_zip_that_is_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="empty_file"):
        decode(xlsx(tmp_path, ("S", [])), ABC)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("../outside.csv", "a,b,c\n1,2,3\n")
    assert refusal(tmp_path, archive.getvalue(), ABC).code == "not_a_workbook"


def test_a_workbook_that_unpacks_to_too_much_is_stopped_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = xlsx(tmp_path, ("S", [["a"], ["1"]]))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b"0" * (30 * 1024 * 1024))
    monkeypatch.setattr(workbook, "read_apart", lambda *_: pytest.fail("the parser was started"))
    with pytest.raises(Refused) as caught:
        decode(path, texts("a"))
    assert caught.value.code == "workbook_swollen"


def test_a_sheet_that_pretends_to_be_huge_ends_its_reader_and_not_the_worker(tmp_path: Path) -> None:
    book: Any = Workbook()
    book.active["A1"] = "a"
    book.active["XFD1048576"] = "far"
    path = tmp_path / "wide.xlsx"
    book.save(path)
    with pytest.raises(Refused) as caught:
        decode(path, texts("a"))
    assert caught.value.code == "workbook_swollen"


def test_the_process_that_reads_a_sheet_loads_nothing_of_what_only_the_worker_needs() -> None:
    asked = "import sys, ckan_harvesters.decode.sheet\nprint(sorted({'polars', 'pydantic', 'numpy'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]", "it starts once for each workbook, and these take ten times as long as its own work"


def test_error_cells_and_formulas_never_computed_do_not_pass_as_empty(tmp_path: Path) -> None:
    book: Any = Workbook()
    for row in (["d", "n", "x", "t"], [date(2021, 6, 5), "#N/A", "=1+1", "a & b"], [date(2021, 6, 6), 3, 4, None]):
        book.active.append(row)
    book.active["B2"].data_type = "e"
    path = tmp_path / "f.xlsx"
    book.save(path)
    assert decode(path, TYPED).frame.rows() == [(2, "05/06/2021", "#N/A", "=1+1", "a & b"), (3, "06/06/2021", "3", "4", "")]


def test_formulas_give_their_stored_values(tmp_path: Path) -> None:
    path = xlsx(tmp_path, ("S", [["d", "n", "x", "t"], [date(2021, 6, 5), 7, "=3/2", "x"]]))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"<f>3/2</f><v />", b"<f>3/2</f><v>1.5</v>").replace(b"<f>3/2</f><v></v>", b"<f>3/2</f><v>1.5</v>")
    assert b"<v>1.5</v>" in parts[sheet]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert decode(path, TYPED).frame["x"].to_list() == ["1,5"]
