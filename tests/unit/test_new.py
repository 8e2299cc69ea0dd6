"""`ioc new`: a first contract from a sample, which passes the check as it is written and asks for what only a person knows."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from typer.testing import CliRunner

from ckan_harvesters.check import check
from ckan_harvesters.decode import decode
from ckan_harvesters.delivery import DeliveryScope
from control.cli import app
from control.new import Drafted, new_contract
from control.steps import StepFailed
from datasets.model.contract import Calendar, ContractField, Resource, Scope
from datasets.model.period import bounds, period_of
from datasets.model.reference import Reference, read_reference

pytestmark = pytest.mark.unit

WATER = """\
Báo cáo cấp nước tháng 11;;;;;;
Ngày;Mã xã;Loại nguồn;Sản lượng (m3);Tỷ lệ đạt (%);Số hộ;Ghi chú
01/11/2026;17011;Nước mặt;1.250,5;98,5;1.200;
02/11/2026;17011;Nước mặt;1.310;97,25;1.201;
13/11/2026;17011;Nước mặt;1.000;99;1.203;
13/11/2026;17011;Nước ngầm;1.000;99;1.203;
01/11/2026;17170;Nước ngầm;800;99;310;
02/11/2026;17170;Nước ngầm;-;99;312;đo lại
13/11/2026;17170;Nước mặt;820,25;99;312;
14/11/2026;17170;Nước ngầm;800;99;312;
"""


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


@pytest.fixture
def draft(tmp_path: Path, reference: Reference) -> Any:
    """Writes a sample and makes the contract of it."""

    def make(content: str | bytes, name: str = "Cap nuoc.csv", **more: Any) -> Drafted:
        sample = tmp_path / name
        sample.write_bytes(content.encode() if isinstance(content, str) else content)
        return new_contract("water", sample, reference, root=tmp_path / "contracts", **{"agency": "so-xay-dung", **more})

    return make


def windows_1258(text: str) -> bytes:
    """Text as a Vietnamese Windows program of old writes it: a letter, then its tone by itself."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    written = []
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        base = unicodedata.normalize("NFC", "".join(p for p in parts if p not in tones))
        written.append(base + "".join(p for p in parts if p in tones))
    return "".join(written).encode("cp1258")


def field(made: Drafted, header: str) -> ContractField:
    return made.contract.resources[0].schema_.field(header)


def accepted(made: Drafted, reference: Reference, day: date = date(2026, 11, 1)) -> int:
    """Rows of the example that the harvest itself would load; none may be rejected."""
    resource: Resource = made.contract.resources[0]
    scope = DeliveryScope("so-xay-dung")
    if resource.delivery.scope is Scope.PERIOD:
        calendar = resource.delivery.calendar or Calendar.MONTH
        scope = DeliveryScope("so-xay-dung", period_of(calendar, day), *bounds(calendar, period_of(calendar, day)))
    decoded = decode(made.folder / resource.path, resource)
    result = check(decoded, resource, reference.unit_index, set(reference.agencies), scope, reference.province)
    assert result.rejected == []
    return result.rows.height


def test_types_decimal_comma_thousands_missing_values_and_the_key_are_read_from_the_sample(draft: Any, reference: Reference) -> None:
    made = draft(WATER)
    resource = made.contract.resources[0]
    assert (resource.dialect.delimiter, resource.dialect.header_row, resource.encoding) == (";", 2, "utf-8")
    assert [(f.name, f.type) for f in resource.schema_.fields] == [
        ("Ngày", "date"), ("Mã xã", "string"), ("Loại nguồn", "string"), ("Sản lượng (m3)", "number"), ("Tỷ lệ đạt (%)", "number"),
        ("Số hộ", "integer"), ("Ghi chú", "string"),
    ]  # fmt: skip
    assert field(made, "Ngày").format == "%d/%m/%Y"
    amount = field(made, "Sản lượng (m3)")
    assert (amount.column, amount.title, amount.unit, amount.decimalChar, amount.groupChar) == ("san_luong", "Sản lượng", "m3", ",", ".")
    assert not amount.constraints.required
    assert field(made, "Số hộ").groupChar == "."
    assert not field(made, "Tỷ lệ đạt (%)").total
    assert field(made, "Loại nguồn").constraints.enum == ["Nước mặt", "Nước ngầm"]
    assert resource.schema_.missingValues == ["", "-"]
    assert resource.schema_.primaryKey == ["Ngày", "Mã xã", "Loại nguồn"]
    assert accepted(made, reference) == 8


def test_codes_of_units_are_recognised_and_the_delivery_is_the_period_that_holds_the_sample(draft: Any) -> None:
    made = draft(WATER)
    refers = field(made, "Mã xã").refers
    assert refers is not None
    assert (refers.unit, refers.on) == ("commune", "Ngày")
    delivery = made.contract.resources[0].delivery
    assert (delivery.scope, delivery.calendar, delivery.column) == ("period", "month", "Ngày")


def test_numbers_that_add_up_become_measures_with_one_indicator_and_a_dashboard(draft: Any) -> None:
    contract = draft(WATER).contract
    assert sorted(contract.measures) == ["san_luong", "so_ho"]
    assert list(contract.indicators) == ["san-luong-total"]
    assert contract.dashboard.first_row == ["san-luong-total"]


def test_what_a_person_has_to_decide_is_marked_and_the_command_says_how_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOC_CONTRACTS", str(tmp_path))
    sample = tmp_path / "nuoc.csv"
    sample.write_text(WATER)
    run = CliRunner().invoke(app, ["new", "water", "--from", str(sample), "--agency", "so-xay-dung", "--title", "Cấp nước"])
    assert run.exit_code == 0, run.output
    text = (tmp_path / "water" / "datapackage.yaml").read_text()
    assert f"{text.count('# decide:')} lines" in run.output
    assert "title: Cấp nước" in text
    again = CliRunner().invoke(app, ["check"])
    assert again.exit_code == 0, again.output
    assert "water 1.0.0" in again.output


def test_nothing_is_overwritten(draft: Any) -> None:
    made = draft(WATER)
    before = (made.folder / "datapackage.yaml").read_bytes()
    with pytest.raises(StepFailed, match="is there already"):
        draft(WATER)
    assert (made.folder / "datapackage.yaml").read_bytes() == before


def test_what_looks_personal_is_flagged_warned_of_and_not_copied(draft: Any, reference: Reference) -> None:
    made = draft(
        "Ngày,Họ tên,Số CCCD,Ngày sinh,Điện thoại,Số tiền (đồng)\n"
        "14/11/2026,Nguyễn Văn A,040085001234,13/05/1985,0912345678,120000\n"
        "14/11/2026,Trần Thị B,040190005678,20/11/1990,0987654321,95000\n"
    )
    names = ["Họ tên", "Số CCCD", "Ngày sinh", "Điện thoại"]
    assert [f.name for f in made.contract.resources[0].schema_.fields if f.personal == "basic"] == names
    assert made.contract.resources[0].access_class == "restricted"
    assert any("look personal" in warning and "Số CCCD" in warning for warning in made.warnings)
    copied = (made.folder / made.contract.resources[0].path).read_text()
    assert not any(secret in copied for secret in ("Nguyễn", "040085001234", "13/05/1985", "0912345678"))
    assert accepted(made, reference, date(2026, 11, 14)) == 2


def test_a_workbook_is_read_as_the_harvest_reads_it(draft: Any, tmp_path: Path, reference: Reference) -> None:
    source = tmp_path / "so lieu.xlsx"
    with xlsxwriter.Workbook(str(source)) as book:
        sheet, day = book.add_worksheet("Tháng 11"), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ["Biểu số 3"])
        sheet.write_row(2, 0, ["Ngày", "Mã cơ quan", "Tiếp nhận", "Điểm"])
        for row, (agency, files, mark) in enumerate([("so-y-te", 12, 4.5), ("so-xay-dung", 7, 3.25)], start=3):
            sheet.write_datetime(row, 0, datetime(2026, 11, 20), day)  # noqa: DTZ001 - a workbook's days have no zone
            sheet.write_row(row, 1, [agency, files, mark])
    made = draft(source.read_bytes(), "so lieu.xlsx")
    resource = made.contract.resources[0]
    assert resource.dialect.header_row == 3
    assert [f.type for f in resource.schema_.fields] == ["date", "string", "integer", "number"]
    office = field(made, "Mã cơ quan").refers
    assert office is not None
    assert office.agency
    assert not field(made, "Điểm").total
    assert accepted(made, reference, date(2026, 11, 20)) == 2


def test_an_old_windows_encoding_is_named_and_the_example_still_reads(draft: Any, reference: Reference) -> None:
    text = "ngày;ghi chú;số lượng\n14/11/2026;đã sửa đường ống ở xã;3\n15/11/2026;chưa;4\n"
    made = draft(windows_1258(text))
    assert made.contract.resources[0].encoding == "windows-1258"
    assert accepted(made, reference, date(2026, 11, 14)) == 2


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1.234", "2.500"], ("integer", ",", ".")),
        (["1,5", "2,25"], ("number", ",", None)),
        (["1.5", "2.25"], ("number", ".", None)),
        (["1.234.567,5", "12"], ("number", ",", ".")),
        (["007", "12"], ("string", ".", None)),
        (["12", "nhiều"], ("string", ".", None)),
        (["12", "-3"], ("integer", ".", None)),
    ],
)
def test_a_type_holds_for_every_value_or_the_column_stays_text(values: list[str], expected: tuple[str, str, str | None]) -> None:
    from control.new.sample_values import guess

    found = guess(values, "so lieu")
    assert (found.type, found.decimal, found.group) == expected


@pytest.mark.parametrize("content", ["", "chỉ một dòng\n", "ngay;so\n"])
def test_a_sample_without_rows_is_refused_in_words(draft: Any, content: str) -> None:
    with pytest.raises(StepFailed):
        draft(content)


def test_only_tables_are_read(draft: Any) -> None:
    with pytest.raises(StepFailed, match=r"give a \.csv or an \.xlsx|no sample"):
        draft("x", "so-lieu.pdf")
