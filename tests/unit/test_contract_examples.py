"""`ioc check` reads each dataset's example as the harvest would: what would be rejected is named with line, column and what to write."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter
from typer.testing import CliRunner

from control.cli import app
from control.examples import LISTED, check_examples
from control.new import new_contract
from datasets.model.problem import ContractError
from datasets.model.read import DATASETS, read_all, read_contract
from datasets.model.reference import Reference, read_reference

pytestmark = pytest.mark.unit

CONTRACT = """\
$schema: https://datapackage.org/profiles/2.0/datapackage.json
name: visits
version: 1.0.0
title: Lượt khám
titles: {en: Visits}
subsystem: {order: 98, owner: so-y-te}
resources:
  - name: visits
    path: examples/visits.csv
    title: Lượt khám
    titles: {en: Visits}
    publishers: [so-y-te]
    steward: so-y-te/thu-truong
    access: shared
    legal_basis: quy-che-ioc/dieu-12
    delivery: {scope: period, calendar: month, column: ngay}
    obligation: {calendar: month, due: "+5d 17:00"}
    schema:
      fields:
        - {name: ngay, column: day, title: Ngày, type: date, format: "%d/%m/%Y", constraints: {required: true}}
        - {name: ma_tinh, column: province, title: Mã tỉnh, type: string, refers: {unit: province, on: ngay}, constraints: {required: true}}
        - {name: khoa, column: ward, title: Khoa, constraints: {required: true, enum: [Nội, Ngoại]}}
        - {name: luot, column: visits, title: Lượt khám, type: integer, constraints: {minimum: 0}}
      primaryKey: [ngay, ma_tinh, khoa]
    checks:
      - {name: many, rule: visits < 900, level: warn, say: {vi: Nhiều bất thường, en: Unusually many, fr: Beaucoup}}
measures:
  visits: {of: visits, value: SUM(visits), unit: lượt, calendar: month, over_time: sum, over_units: sum}
indicators:
  visits-total: {title: Lượt khám, titles: {en: Visits}, unit: lượt, value: visits, direction: up, method: {vi: Tổng số lượt., en: Sum.}}
dashboard: {first_row: [visits-total]}
"""
HEADER = "ngay,ma_tinh,khoa,luot\n"
GOOD = "01/08/2021,40,Nội,12\n02/08/2021,40,Nội,13\n"


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "visits"
    (home / "examples").mkdir(parents=True)
    (home / "datapackage.yaml").write_text(CONTRACT, encoding="utf-8")
    return home


def problems(folder: Path, reference: Reference, rows: str, header: str = HEADER) -> list[str]:
    """What the check says of an example with these rows, from its file's name on."""
    (folder / "examples" / "visits.csv").write_text(header + rows, encoding="utf-8")
    found = check_examples([read_contract(folder, reference)], reference).problems
    return [str(problem).partition("examples/")[2] for problem in found]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("03/08/2021,40,Nội,nhiều", 'visits.csv:4: luot: “nhiều” is not a whole number. Write digits only, like 1250.'),
        ("03/08/2021,40,Nội,1.250", "“1.250” is not a whole number. Write digits only, like 1250."),
        ("2021-08-03,40,Nội,1", "visits.csv:4: ngay: “2021-08-03” is not a date as it should be written. Write it as day/month/year"),
        ("2021-08-03,40,Nội,1", "For example: 03/08/2021"),
        ("03/08/2021,99,Nội,1", "visits.csv:4: ma_tinh: No administrative unit (level: province) has the code “99”."),
        ("03/08/2021,40,ngoai,1", "visits.csv:4: khoa: “ngoai” is not in the list of the column “khoa”. Choose one of: Nội, Ngoại."),
        ("03/08/2021,40,Nội,-1", "visits.csv:4: luot: -1 is below the lowest value allowed, 0."),
        ("03/08/2021,40,,1", "visits.csv:4: khoa: The column “khoa” is empty. Fill it in. For example: Nội"),
        ("02/08/2021,40,Nội,1", "visits.csv:4: This line has the same key"),
        ("03/09/2021,40,Nội,1", "visits.csv:4: ngay: 03/09/2021 lies outside the period 2021-08 of this delivery"),
        ("03/08/2021,40,Nội", "visits.csv:4: The line has 3 cells, 4 are needed."),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_with_its_line_column_and_value(folder: Path, reference: Reference, row: str, said: str) -> None:
    (told,) = problems(folder, reference, f"{GOOD}{row}\n")
    assert said in told


def test_a_right_example_is_silent_in_any_month(folder: Path, reference: Reference) -> None:
    assert problems(folder, reference, GOOD) == []


@pytest.mark.parametrize(
    ("header", "rows", "said"),
    [
        ("ngay,ma_tinh,khoa,so\n", GOOD, "visits.csv: Columns are missing: luot."),
        ("ngay;ma_tinh;khoa;luot\n", GOOD, "visits.csv: Columns are separated by “;”, “,” is needed."),
        ("", "", "visits.csv: The file is empty."),
    ],
)
def test_a_file_that_would_be_refused_says_why(folder: Path, reference: Reference, header: str, rows: str, said: str) -> None:
    (told,) = problems(folder, reference, rows, header)
    assert told.startswith(said)


def test_of_many_problems_the_first_are_listed_and_the_others_counted(folder: Path, reference: Reference) -> None:
    told = problems(folder, reference, "".join(f"{n % 28 + 1:02}/08/2021,40,Khoa {n},{n}\n" for n in range(LISTED + 7)))
    assert len(told) == LISTED + 1
    assert told[-1] == "visits.csv: 7 more problems like these"


def test_the_command_fails_on_a_wrong_example_and_shows_what_is_only_a_warning(folder: Path) -> None:
    (folder / "examples" / "visits.csv").write_text(f"{HEADER}01/08/2021,40,Nội,950\n", encoding="utf-8")
    passed = CliRunner().invoke(app, ["check", str(folder)])
    assert passed.exit_code == 0, passed.output
    assert "visits.csv:2" in passed.output.replace("\n", "")
    assert "the line is kept" in passed.output
    (folder / "examples" / "visits.csv").write_text(f"{HEADER}01/08/2021,40,Nội,x\n", encoding="utf-8")
    failed = CliRunner().invoke(app, ["check", str(folder)])
    assert failed.exit_code == 1
    assert isinstance(failed.exception, ContractError)
    assert [(problem.line, problem.key, problem.value) for problem in failed.exception.problems] == [(2, "luot", "x")]


def test_days_on_which_there_was_no_province_are_told_without_a_trace(folder: Path, reference: Reference) -> None:
    lines = [line for line in CONTRACT.splitlines(keepends=True) if "name: ma_tinh" not in line]
    (folder / "datapackage.yaml").write_text("".join(lines).replace("ma_tinh, ", ""), encoding="utf-8")
    (folder / "examples" / "visits.csv").write_text("ngay,khoa,luot\n01/08/1621,Nội,1\n", encoding="utf-8")
    found = check_examples([read_contract(folder, reference)], reference).problems
    assert [problem.key for problem in found] == ["resources[visits]"]
    assert "has no unit on the days" in found[0].message


def test_the_examples_that_are_shipped_pass_maps_and_workbooks_among_them(reference: Reference) -> None:
    contracts = read_all(DATASETS, reference=reference)
    found = check_examples(contracts, reference)
    assert (found.problems, found.warnings) == ([], [])


def test_a_map_names_the_feature(tmp_path: Path, reference: Reference) -> None:
    home = tmp_path / "administration"
    shutil.copytree(DATASETS / "administration", home)
    path = home / "examples" / "administrative-boundaries.geojson"
    text = path.read_text(encoding="utf-8")
    contract = read_contract(home, reference)
    path.write_text(text[: len(text) // 2], encoding="utf-8")
    (told,) = check_examples([contract], reference).problems
    assert "no readable GeoJSON" in told.message


def test_a_first_contract_has_in_its_example_only_rows_that_it_takes(tmp_path: Path, reference: Reference) -> None:
    sample = tmp_path / "nuoc.csv"
    sample.write_text(
        "Ngày;Mã xã;Sản lượng (m3)\n" + "".join(f"{n:02}/11/2026;17011;{n}\n" for n in range(1, 10)) + "10/11/2026;16663;5\n",
        encoding="utf-8",
    )
    made = new_contract("water", sample, reference, root=tmp_path / "contracts", agency="so-xay-dung")
    assert check_examples([made.contract], reference).problems == []
    text = (made.folder / made.contract.resources[0].path).read_text(encoding="utf-8-sig")
    assert "09/11/2026" in text
    assert "16663" not in text
    assert any("1 of the sample's first 10 rows" in warning for warning in made.warnings)


def test_so_does_a_first_contract_of_a_workbook(tmp_path: Path, reference: Reference) -> None:
    sample = tmp_path / "nuoc.xlsx"
    with xlsxwriter.Workbook(str(sample)) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ["Ngày", "Mã xã", "Sản lượng (m3)"])
        for n in range(1, 11):
            sheet.write_datetime(n, 0, datetime(2026, 11, n), day)  # noqa: DTZ001 - a day
            sheet.write_string(n, 1, "17011" if n < 10 else "16663")
            sheet.write_number(n, 2, n)
    made = new_contract("water", sample, reference, root=tmp_path / "contracts", agency="so-xay-dung")
    assert check_examples([made.contract], reference).problems == []
    assert any("1 of the sample's first 10 rows" in warning for warning in made.warnings)
