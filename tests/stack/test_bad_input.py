"""What is wrong in a delivered file: rows rejected with their reasons, or the file refused and the edition before still served.

Each file comes in through CKAN as its agency's editor hands it in, and the editor reads on its page, in Vietnamese, what to do.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from datasets.model.contract import Contract
from tests.running import Running
from tests.stack.deliveries import (
    BED_DAYS,
    BED_HEADER,
    COMMUNE,
    OPEN,
    WINDOWS,
    Editor,
    bed_file,
    bed_rows,
    counts,
    fetch,
    windows_1258,
    workbook_bomb,
)

pytestmark = pytest.mark.stack

Editors = Callable[[str, str], Editor]
HOSPITAL = "so-y-te"
STANDING_DAY = "01/06/2020"
STANDING_PERIOD = "2020-06-01"
BED_ROWS = "SELECT facility, beds_available, load_id, line FROM health.bed_days WHERE day = to_date(%s, 'DD/MM/YYYY') ORDER BY facility"


def beds_of(instance: Running, day: str) -> list[tuple[Any, ...]]:
    """Rows that the store's view of bed days shows for a day (dd/mm/yyyy), with the load and the line they came by."""
    return fetch(instance, BED_ROWS, day)


@dataclass
class Standing:
    """A delivery that was accepted, and what the store shows of it, while bad files come in its place."""

    editor: Editor
    delivery: str
    edition: int
    rows: list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def standing(instance: Running, editors: Editors) -> Standing:
    editor = editors(HOSPITAL, BED_DAYS)
    delivery = editor.deliver(bed_file(bed_rows(STANDING_DAY)), STANDING_PERIOD)
    receipt = editor.receipt(delivery)
    assert (receipt["state"], receipt["rows_accepted"]) == ("done", 40), receipt
    return Standing(editor, delivery, receipt["edition"], beds_of(instance, STANDING_DAY))


@dataclass(frozen=True)
class Refusal:
    """A file that is refused as a whole: the reason's code and what the editor reads."""

    file: bytes
    code: str
    says: tuple[str, ...]


GOOD = bed_rows(STANDING_DAY)
REFUSED = {
    "wrong header": Refusal(
        bed_file(GOOD, "a;b;c;d;e;f"),
        "header_wrong",
        ("Dòng tiêu đề (dòng 1) không đúng", "Tệp có: a, b, c, d, e, f", "Hãy sửa dòng tiêu đề"),
    ),
    "missing column": Refusal(
        bed_file([row.rpartition(";")[0] for row in GOOD], BED_HEADER.rpartition(";")[0]),
        "missing_column",
        ("Tệp thiếu cột: giuong_su_dung", "Hãy thêm cột còn thiếu rồi nộp lại"),
    ),
    "column of no contract": Refusal(
        bed_file([f"{row};x" for row in GOOD], f"{BED_HEADER};ho_ten"),
        "unknown_column",
        ("cột ngoài hợp đồng dữ liệu: ho_ten", "hãy xóa các cột này"),
    ),
    "another delimiter": Refusal(
        bed_file(GOOD).replace(b";", b","), "delimiter_wrong", ("Các cột cách nhau bằng “,”, cần “;”", "Hãy xuất lại với dấu phân cách")
    ),
    "empty file": Refusal(b"", "empty_file", ("Tệp trống. Hãy xuất lại",)),
    "blank file": Refusal(b"\xef\xbb\xbf\r\n\r\n", "empty_file", ("Tệp trống. Hãy xuất lại",)),
    "HTML instead of CSV": Refusal(
        "<!DOCTYPE html>\n<html><body>Đăng nhập</body></html>".encode(), "html", ("Tệp là một trang web", "Hãy tải lại tệp từ phần mềm gốc")
    ),
    "Windows-1258 under a contract of UTF-8": Refusal(
        windows_1258(bed_file(GOOD).decode().replace("thuong", "thường")),
        "encoding",
        ("cần utf-8, tệp có vẻ là windows-1258", "Lưu thành → “CSV UTF-8”"),
    ),
    "truncated in a row": Refusal(bed_file(GOOD)[:-9], "truncated", ("Tệp bị cắt giữa chừng: đến dòng 41", "Hãy xuất lại cả tệp rồi nộp")),
    "truncated in a quoted cell": Refusal(
        bed_file([*GOOD[:20], f'{STANDING_DAY};{COMMUNE};"90021']), "truncated", ("Tệp bị cắt giữa chừng: đến dòng 22",)
    ),
    "truncated in a letter": Refusal(
        bed_file(GOOD) + f"{STANDING_DAY};{COMMUNE};90099;thườ".encode()[:-1], "truncated", ("Tệp bị cắt giữa chừng: đến dòng 42",)
    ),
    "workbook that is a zip bomb": Refusal(workbook_bomb(), "workbook_swollen", ("Bảng tính phình ra quá lớn khi mở", "hoặc nộp dạng CSV")),
    "workbook cut in the middle": Refusal(
        workbook_bomb(1)[:600], "not_a_workbook", ("Tệp không phải là bảng tính XLSX đọc được", "lưu lại thành .xlsx")
    ),
    "PDF": Refusal(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "not_a_table", ("Hãy nộp tệp CSV hoặc XLSX",)),
    "too many bad rows": Refusal(
        bed_file([*GOOD[:30], *(row.replace(COMMUNE, "99999") for row in GOOD[30:])]),
        "too_many_bad",
        ("10 trong 40 dòng sai (25 %), quá mức cho phép 5 %", "Hãy sửa theo danh sách lỗi rồi nộp lại"),
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_file_leaves_the_edition_before_and_says_what_to_do(instance: Running, standing: Standing, case: Refusal) -> None:
    standing.editor.replace(standing.delivery, case.file, "so-lieu.csv")
    receipt = standing.editor.receipt(standing.delivery)
    assert (receipt["state"], receipt["refused_code"], receipt["edition"]) == ("refused", case.code, None), receipt
    assert beds_of(instance, STANDING_DAY) == standing.rows, "the figures of before are served, by the load of before"
    page = standing.editor.page(standing.delivery)
    assert page.language == "vi"
    assert "Không tiếp nhận" in page.text
    assert "số liệu nộp trước đó vẫn có hiệu lực" in page.text
    for words in case.says:
        assert words in page.text


def test_a_refused_file_with_bad_rows_lists_them_on_the_page(standing: Standing) -> None:
    standing.editor.replace(standing.delivery, REFUSED["too many bad rows"].file)
    assert standing.editor.receipt(standing.delivery)["problems_total"] == 10
    problems = standing.editor.page(standing.delivery).problems
    assert [line for line, *_ in problems] == [str(line) for line in range(32, 42)]
    assert {(column, value) for _, column, value, _ in problems} == {("ma_xa", "99999")}


def test_a_good_file_after_a_refused_one_is_the_next_edition(instance: Running, editors: Editors) -> None:
    editor = editors(HOSPITAL, BED_DAYS)
    delivery = editor.deliver(b"", "2020-06-02")
    assert editor.receipt(delivery)["refused_code"] == "empty_file"
    assert beds_of(instance, "02/06/2020") == []
    editor.replace(delivery, bed_file(bed_rows("02/06/2020")))
    assert editor.receipt(delivery)["state"] == "done"
    assert len(beds_of(instance, "02/06/2020")) == 40


class _Zeros(io.RawIOBase):
    """The body of an upload of so many bytes that nobody has to hold: what comes before the file, zeros, what comes after it."""

    def __init__(self, before: bytes, size: int, after: bytes) -> None:
        self.parts: list[io.BytesIO | int] = [io.BytesIO(before), size, io.BytesIO(after)]
        self.length = len(before) + size + len(after)

    def __len__(self) -> int:
        return self.length

    def read(self, size: int = -1) -> bytes:
        size = 1024**2 if size < 0 else size
        while self.parts:
            part = self.parts[0]
            if isinstance(part, io.BytesIO):
                if block := part.read(size):
                    return block
            elif part > 0:
                self.parts[0] = part - min(size, part)
                return bytes(min(size, part))
            self.parts.pop(0)
        return b""


def test_an_oversized_file_is_stopped_at_the_door(instance: Running, standing: Standing) -> None:
    receipt = standing.editor.receipt(standing.delivery)
    before = (
        f'--line\r\nContent-Disposition: form-data; name="id"\r\n\r\n{standing.delivery}\r\n'
        '--line\r\nContent-Disposition: form-data; name="upload"; filename="to.csv"\r\nContent-Type: text/csv\r\n\r\n'
    )
    answer = requests.post(
        f"{instance.ckan_url}/api/3/action/resource_patch",
        data=_Zeros(before.encode(), 201 * 1024**2, b"\r\n--line--\r\n"),
        headers={"Authorization": standing.editor.token, "Content-Type": "multipart/form-data; boundary=line"},
        timeout=300,
    )
    assert answer.status_code == 409, answer.text[:300]
    assert answer.json()["error"]["upload"] == ["Tệp lớn hơn 200 MB. Hãy chia theo kỳ hoặc nộp dạng CSV."]
    assert standing.editor.receipt(standing.delivery) == receipt, "the file of before keeps its receipt"
    assert "to.csv" not in standing.editor.call("resource_show", {"id": standing.delivery})["url"]
    assert beds_of(instance, STANDING_DAY) == standing.rows


@dataclass(frozen=True)
class Rejection:
    """One bad row among good ones, made of the good row at its place: its rule, its column, its value, what the editor reads."""

    of: Callable[[str], str]
    rule: str
    column: str | None
    value: str
    says: tuple[str, ...]
    file: Callable[[list[str]], bytes] = bed_file


REJECTED = {
    "31 June": Rejection(
        lambda row: row.replace("/06/2019", "/06/2019", 1).replace(row[:2], "31", 1),
        "date_not_in_calendar",
        "ngay",
        "31/06/2019",
        ("Ngày 31/06/2019 không có trong lịch: tháng 6 năm 2019 chỉ có 30 ngày", "Hãy sửa thành ngày đúng, dạng ngày/tháng/năm"),
    ),
    "month 13": Rejection(
        lambda row: row.replace("/06/", "/13/", 1), "month_not_in_calendar", "ngay", "{day}/13/2019", ("không có tháng 13",)
    ),
    "text in a number": Rejection(
        lambda row: row.replace(";100;", ";mười hai;"),
        "type_integer",
        "giuong_thuc_ke",
        "mười hai",
        ("“mười hai” không phải là số nguyên", "Hãy viết chỉ bằng chữ số"),
    ),
    "unknown commune": Rejection(
        lambda row: row.replace(COMMUNE, "99999"),
        "unit_unknown",
        "ma_xa",
        "99999",
        ("Không có đơn vị hành chính nào (cấp xã, phường, thị trấn) mang mã “99999”", "Hãy tra lại mã"),
    ),
    "day of another period": Rejection(
        lambda row: row.replace("/06/", "/07/", 1),
        "outside_period",
        "ngay",
        "{day}/07/2019",
        ("nằm ngoài kỳ 2019-06-{day} của lần nộp này", "Hãy bỏ dòng này, hoặc nộp nó vào đúng kỳ"),
    ),
    "duplicate key": Rejection(
        lambda row: row.replace("90011", "90010"),
        "duplicate_key",
        None,
        "2019-06-{day} | 90010 | thuong",
        ("trùng khóa", "với dòng 11", "Hãy giữ một dòng, xóa dòng kia"),
    ),
    "row with more cells": Rejection(
        lambda row: row + ";1",
        "row_cells",
        None,
        "{day}/06/2019;16663;90011;thuong;100;90;1",
        ("Dòng có 7 ô, cần 6 ô", "Hãy kiểm tra dấu phân cách"),
    ),
    "NUL byte": Rejection(
        lambda row: row.replace("90011", "900\x0011"),
        "null_byte",
        None,
        "{day}/06/2019;16663;900␀11;thuong;100;90",
        ("ký tự rỗng (NUL)", "Hãy xuất lại tệp"),
    ),
    "empty cell that is required": Rejection(
        lambda row: row.replace(";100;", ";;"),
        "required",
        "giuong_thuc_ke",
        "",
        ("Cột “giuong_thuc_ke” để trống. Hãy điền giá trị",),
    ),
    "negative number": Rejection(
        lambda row: row.replace(";100;", ";-5;"),
        "too_small",
        "giuong_thuc_ke",
        "-5",
        ("-5 nhỏ hơn mức thấp nhất được phép là 0",),
    ),
}


@pytest.mark.parametrize(("number", "name"), list(enumerate(REJECTED, start=11)), ids=REJECTED.keys())
def test_a_bad_row_is_rejected_with_its_reason_and_the_others_are_taken(
    instance: Running, editors: Editors, number: int, name: str
) -> None:
    case, editor, day = REJECTED[name], editors(HOSPITAL, BED_DAYS), f"{number}/06/2019"
    rows = bed_rows(day)
    rows[10] = case.of(rows[10])
    delivery = editor.deliver(bed_file(rows), f"2019-06-{number}")
    receipt = editor.receipt(delivery)
    assert (receipt["state"], receipt["rows_accepted"], receipt["rows_rejected"]) == ("done_with_rejects", 39, 1), receipt
    [problem] = receipt["problems"]
    assert (problem["line"], problem["column"], problem["rule"]) == (12, case.column, case.rule)
    assert [facility for facility, *_ in beds_of(instance, day)] == [str(90001 + n) for n in range(40) if n != 10]
    page = editor.page(delivery)
    assert (page.language, "Đã tiếp nhận, có dòng bị loại" in page.text) == ("vi", True)
    [(line, column, value, why)] = page.problems
    assert (line, column, value) == ("12", case.column or "", case.value.format(day=number))
    for words in case.says:
        assert words.format(day=number) in why
    kept = fetch(instance, "SELECT line, rule FROM ledger.rejected_row WHERE load_id = %s", receipt["load_id"])
    assert kept == [(12, case.rule)]


NOTES = ("Thường xuyên, phường Vinh Lộc", "Đề nghị bổ sung: ngưỡng 5 %")


def test_windows_1258_is_read_as_its_contract_declares_it(instance: Running, trials: Contract, editors: Editors) -> None:
    editor = editors(HOSPITAL, WINDOWS)
    rows = [(f"0{n}/03/2020", n, note) for n, note in enumerate(NOTES, start=1)]
    delivery = editor.deliver(windows_1258(counts(*rows).decode()), "2020-03")
    receipt = editor.receipt(delivery)
    assert (receipt["state"], receipt["rows_accepted"]) == ("done", 2), receipt
    query = "SELECT note FROM delivery_trials.windows_counts WHERE day BETWEEN '2020-03-01' AND '2020-03-31' ORDER BY day"
    assert [note for (note,) in fetch(instance, query)] == list(NOTES), "as one letter each, like all text of the store"


def test_utf_8_under_a_contract_of_windows_1258_is_refused(instance: Running, trials: Contract, editors: Editors) -> None:
    editor = editors(HOSPITAL, WINDOWS)
    delivery = editor.deliver(counts(("01/04/2020", 1, NOTES[0])), "2020-04")
    receipt = editor.receipt(delivery)
    assert (receipt["state"], receipt["refused_code"]) == ("refused", "encoding"), receipt
    page = editor.page(delivery)
    assert "cần windows-1258, tệp có vẻ là utf-8" in page.text
    assert fetch(instance, "SELECT 1 FROM delivery_trials.windows_counts WHERE day = '2020-04-01'") == []


def test_windows_1258_under_a_contract_of_utf_8_is_refused(instance: Running, trials: Contract, editors: Editors) -> None:
    editor = editors(HOSPITAL, OPEN)
    delivery = editor.deliver(windows_1258(counts(("01/04/2020", 1, NOTES[0])).decode()), "2020-04")
    receipt = editor.receipt(delivery)
    assert (receipt["state"], receipt["refused_code"], receipt["params"]["line"]) == ("refused", "encoding", 2), receipt
    assert "Bảng mã của tệp không đúng: cần utf-8, tệp có vẻ là windows-1258 (dòng 2)" in editor.page(delivery).text
