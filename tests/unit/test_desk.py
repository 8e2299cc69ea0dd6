"""The desk's side of a check: rows of a form as a file, corrected examples, the template and the rejected rows as workbooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from ckan_harvesters.applied import Places, Terms
from ckan_harvesters.decode import decode
from ckan_harvesters.decode.stamp import Stamp, stamp_of
from ckan_harvesters.desk.asked import Asked
from ckan_harvesters.desk.examine import Examined, examine
from ckan_harvesters.desk.laid import laid_long
from ckan_harvesters.desk.rejected_book import write_rejected
from ckan_harvesters.desk.template_book import Codes, write_template
from ckan_harvesters.desk.template_csv import template_csv
from ckan_harvesters.desk.written import write_rows
from ckan_harvesters.errors import MASK
from datasets.model.contract import Contract, Level, Resource
from datasets.model.unit import UnitIndex
from tests.small_deliveries import AGENCIES, BEDS, BEDS_HEADER, DAY, UNITS, field, resource, written

pytestmark = pytest.mark.unit

PERIOD = "2025-08-04"
PROVINCE = next(u for u in UNITS if u.code == "40")
INSIDE = UnitIndex(replace(u, parent=PROVINCE.unit_id) if u.level is Level.COMMUNE else u for u in UNITS)
PLACES = Places(INSIDE, frozenset(AGENCIES), "40")
WARDS = [{"value": "thuong", "label": "Khoa thường"}, {"value": "hoi-suc", "label": "Hồi sức tích cực"}]
DAILY = resource(
    field("ngay", "date", column="day", format="%d/%m/%Y", constraints={"required": True}),
    field("ma_xa", column="unit", refers={"unit": "commune", "on": "ngay"}, constraints={"required": True}),
    field("khoa", column="ward", constraints={"required": True, "enum": ["thuong", "hoi-suc"]}, categories=WARDS),
    field("giuong", "integer", column="beds", constraints={"required": True, "minimum": 0, "maximum": 2000}),
    field("ti_le", "number", column="rate", decimalChar=","),
    key=["ngay", "ma_xa", "khoa"],
    dialect={"delimiter": ";"},
    delivery={"scope": "period", "calendar": "day", "column": "ngay"},
    allowed_reject_share=0.1,
)
HEADER = ["ngay", "ma_xa", "khoa", "giuong", "ti_le"]


def contract_of(one: Resource) -> Contract:
    made = Contract.model_construct(name="clinic", version="1.2.0", resources=[one])
    made._source = b"contract"
    return made


def asked() -> Asked:
    return Asked("clinic-beds", "so-y-te", PERIOD, Terms(contract_of(DAILY), DAILY))


def examined(path: Path, to: Resource = DAILY, period: str | None = PERIOD) -> Examined:
    return examine(path, to, "so-y-te", period, PLACES)


def of_rows(folder: Path, *rows: list[str]) -> dict[str, Any]:
    """The answer about rows of a form."""
    made = write_rows(HEADER, rows, DAILY)
    return examine(written(folder, made.data), DAILY, "so-y-te", PERIOD, PLACES, made.rows).answer


def template(folder: Path, fill: Callable[[Worksheet], None] | None = None, language: str = "vi") -> Path:
    """The template, filled in by a program that writes workbooks as a spreadsheet does."""
    path = folder / "template.xlsx"
    units = {"ma_xa": [["16681", "Phường Thành Vinh"]]}
    labels = {"khoa": [[w["value"], w["label"]] for w in WARDS]}
    write_template(path, asked(), laid_long(DAILY), DAY, Codes(units, labels), "Sở Y tế", language)
    if fill is not None:
        book = openpyxl.load_workbook(path)
        fill(book.worksheets[0])
        book.save(path)
    return path


def test_rows_of_a_form_become_a_file_that_reads_back_cell_by_cell(tmp_path: Path) -> None:
    rows = [["04/08/2025", "16681", 'a;"b"', "1", "0,5"], ["", " ", "", "", ""], ["04/08/2025", "00123", "hai\ndòng", "2", ""]]
    made = write_rows(HEADER, rows, DAILY)
    read = decode(written(tmp_path, made.data), DAILY)
    assert read.frame.select(HEADER).rows() == [tuple(rows[0]), tuple(rows[2])]
    assert [made.rows[line] for line in read.frame["line"]] == [1, 3]


def test_a_contract_in_an_old_encoding_gets_a_file_that_loses_no_letter(tmp_path: Path) -> None:
    old = DAILY.model_copy(update={"encoding": "windows-1252"})
    made = write_rows(HEADER, [["04/08/2025", "16681", "Khoa Nội tổng hợp – ướt", "1", ""]], old)
    assert decode(written(tmp_path, made.data), old).frame["khoa"].to_list() == ["Khoa Nội tổng hợp – ướt"]


def test_problems_of_a_form_name_its_rows(tmp_path: Path) -> None:
    good = ["04/08/2025", "16681", "thuong", "12", "0,5"]
    answer = of_rows(tmp_path, good, ["", "", "", "", ""], [*good[:3], "x", ""], good)
    assert [(p["line"], p["field"], p["rule"]) for p in answer["problems"]] == [(3, "giuong", "type_integer"), (4, None, "duplicate_key")]
    assert answer["problems"][1]["params"]["first_line"] == 1


@pytest.mark.parametrize(
    ("place", "value", "example"),
    [
        (0, "2025-08-04", "04/08/2025"),
        (0, "4-8-2025", "04/08/2025"),
        (0, "31/06/2025", "30/06/2025"),
        (0, "hôm nay", "04/08/2025"),
        (1, "Thành Vinh", "16681"),
        (1, "phường thành vinh", "16681"),
        (1, "99999", "16681"),
        (2, "Hồi sức tích cực", "hoi-suc"),
        (2, "THUONG", "thuong"),
        (2, "", "thuong"),
        (3, "1.200", "1200"),
        (3, "12 giường", "12"),
        (3, "mười hai", "12"),
        (3, "-5", "0"),
        (3, "2001", "2000"),
        (4, "0.75", "0,75"),
        (4, "1 250,50 %", "1250,5"),
    ],
)
def test_a_problem_shows_a_value_that_would_be_right(place: int, value: str, example: str, tmp_path: Path) -> None:
    row = ["04/08/2025", "16681", "thuong", "12", "0,5"]
    row[place] = value
    problem = next(p for p in of_rows(tmp_path, row)["problems"] if p["field"] == HEADER[place])
    assert problem["example"] == example
    row[place] = example
    left = [p["rule"] for p in of_rows(tmp_path, row)["problems"] if p["rule"] != "outside_period"]
    assert left == []


def test_a_personal_value_is_masked_and_no_example_is_made_of_it(tmp_path: Path) -> None:
    to = resource(field("ma", column="code"), field("so", "integer", column="number", personal="basic"), key=["ma"])
    answer = examine(written(tmp_path, "ma,so\na,0912 345 678 x\n"), to, "so-y-te", None, PLACES).answer
    assert [(p["value"], p["example"]) for p in answer["problems"]] == [(MASK, "12")]


def test_most_rows_bad_is_refused_with_the_first_problems_and_their_number(tmp_path: Path) -> None:
    lines = [f"04/08/2025;16681;thuong;{'x' if n % 10 else n};" for n in range(5000)]
    answer = examined(written(tmp_path, ";".join(HEADER) + "\n" + "\n".join(lines) + "\n")).answer
    assert (answer["state"], answer["refused_code"]) == ("refused", "too_many_bad")
    assert (answer["rows"], len(answer["problems"])) == (5000, 1000)
    assert answer["problems_total"] >= 4500


def test_rows_of_another_period_are_refused_by_the_name_of_that_period(tmp_path: Path) -> None:
    text = ";".join(HEADER) + "\n03/08/2025;16681;thuong;1;\n03/08/2025;16681;hoi-suc;1;\n"
    answer = examined(written(tmp_path, text)).answer
    assert (answer["refused_code"], answer["params"]["found"], answer["params"]["period"]) == ("other_period", "2025-08-03", PERIOD)
    assert [p["line"] for p in answer["problems"]] == [2, 3]


def test_one_row_of_another_period_is_only_rejected(tmp_path: Path) -> None:
    rows = "".join(f"{d}/08/2025;16681;{w};1;\n" for d, w in (("04", "thuong"), ("04", "hoi-suc"), ("03", "thuong")))
    answer = examined(written(tmp_path, ";".join(HEADER) + "\n" + rows), DAILY.model_copy(update={"allowed_reject_share": 1.0})).answer
    assert (answer["state"], answer["accepted"], [p["rule"] for p in answer["problems"]]) == ("ok_with_rejects", 2, ["outside_period"])


def test_the_text_template_is_the_header_that_the_contract_asks_for(tmp_path: Path) -> None:
    data = template_csv(DAILY, laid_long(DAILY))
    assert data.startswith(b"\xef\xbb\xbf")
    filled = data + b"04/08/2025;16681;thuong;1;\r\n"
    assert examined(written(tmp_path, filled)).answer["state"] == "ok"


def append(sheet: Worksheet) -> None:
    from datetime import date

    sheet.append([date(2025, 8, 4), "16681", "thuong", 12, 0.5])
    sheet.append([date(2025, 8, 4), "16681", "hoi-suc", 3, None])


@pytest.mark.parametrize("language", ["vi", "en", "fr"])
def test_a_template_filled_in_is_read_without_loss_and_its_example_left_out(language: str, tmp_path: Path) -> None:
    found = examined(template(tmp_path, append, language))
    assert (found.answer["state"], found.answer["accepted"]) == ("ok", 2)
    assert found.decoded is not None
    assert found.decoded.frame.select(HEADER).rows()[1:] == [
        ("04/08/2025", "16681", "thuong", "12", "0,5"),
        ("04/08/2025", "16681", "hoi-suc", "3", ""),
    ]
    assert [w["rule"] for w in found.answer["warnings"]] == ["example_left_out"]
    assert found.stamp == Stamp("clinic-beds", contract_of(DAILY).sha256)


def test_a_template_explains_its_columns_and_offers_lists(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(template(tmp_path)).worksheets[0]
    assert [c.value for c in sheet[1]] == HEADER
    assert all(c.comment and "Bắt buộc" in c.comment.text for c in sheet[1])
    assert sheet.freeze_panes == "A2"
    rules = {str(rule.sqref): (rule.type, rule.formula1) for rule in sheet.data_validations.dataValidation}
    assert rules["B3:B5001"] == ("list", "'Mã đơn vị'!$A$2:$A$2")
    assert rules["C3:C5001"] == ("list", '"thuong,hoi-suc"')
    assert rules["D3:D5001"][0] == "whole"
    assert rules["A3:A5001"][0] == "date"


def test_a_template_sent_as_it_was_downloaded_says_so(tmp_path: Path) -> None:
    assert examined(template(tmp_path)).answer["refused_code"] == "only_example"


def test_an_example_row_that_was_written_over_is_rejected_not_lost(tmp_path: Path) -> None:
    def over(sheet: Worksheet) -> None:
        append(sheet)
        sheet["D2"] = 77

    answer = examined(template(tmp_path, over), DAILY.model_copy(update={"allowed_reject_share": 1.0})).answer
    assert [(p["line"], p["rule"], p["params"]["marker"]) for p in answer["problems"]] == [(2, "example_row", "(ví dụ)")]


def bad_file(folder: Path) -> Path:
    rows = ["04/08/2025;16681;thuong;=1+1;", "04/08/2025;16681;hoi-suc;3;", "04/08/2025;16681;lạ;@SUM(A1);", "04/08/2025;16681;thuong"]
    return written(folder, ";".join(HEADER) + "\n" + "\n".join(rows) + "\n")


def test_rejected_rows_come_back_marked_as_text_and_nothing_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "rejected.xlsx"
    assert write_rejected(path, examined(bad_file(tmp_path)), contract_of(DAILY), DAILY, "vi")
    sheet = openpyxl.load_workbook(path).worksheets[0]
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=2)]
    assert rows[0][0] == "04/08/2025;16681;thuong"
    assert [row[3] for row in rows[1:]] == ["=1+1", "@SUM(A1)", "3"]
    assert {c.data_type for row in sheet.iter_rows(min_row=2) for c in row if c.value is not None} == {"s"}
    comment = sheet["D3"].comment
    assert comment is not None and "không phải là số nguyên" in comment.text
    assert sheet["C5"].comment is None


def test_rejected_rows_corrected_are_a_whole_delivery(tmp_path: Path) -> None:
    path = tmp_path / "rejected.xlsx"
    write_rejected(path, examined(bad_file(tmp_path)), contract_of(DAILY), DAILY, "vi")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    sheet.delete_rows(2)
    sheet["D2"], sheet["C3"], sheet["D3"] = 5, "thuong", 6
    sheet.delete_rows(3)
    book.save(path)
    assert (examined(path).answer["state"], examined(path).answer["accepted"]) == ("ok", 2)


def test_a_workbook_of_rejected_rows_alone_is_marked_as_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckan_harvesters.desk.rejected_book.MOST_ROWS", 2)
    path = tmp_path / "rejected.xlsx"
    write_rejected(path, examined(bad_file(tmp_path)), contract_of(DAILY), DAILY, "vi")
    stamp = stamp_of(path)
    assert stamp is not None and stamp.is_part
    assert openpyxl.load_workbook(path).worksheets[0].max_row == 4


def test_a_file_without_a_wrong_row_has_no_workbook_of_them(tmp_path: Path) -> None:
    found = examined(written(tmp_path, BEDS_HEADER + "04/08/2025;16681;BV1;20;15\n"), BEDS, None)
    assert not write_rejected(tmp_path / "none.xlsx", found, contract_of(BEDS), BEDS, "vi")
    assert not write_rejected(tmp_path / "none.xlsx", replace(found, decoded=None), contract_of(BEDS), BEDS, "vi")
