"""The hard files that others left us: each is read as its manifest expects. Not run without the folder of real data."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ckan_harvesters.check import CheckedRows, check
from ckan_harvesters.decode import decode
from ckan_harvesters.decode.decoded import Decoded
from ckan_harvesters.errors import Refused
from datasets.model.contract import Resource
from tests.small_deliveries import AGENCIES, ROOT, UNITS, WHOLE, field, resource, texts

pytestmark = [pytest.mark.unit, pytest.mark.real]


@pytest.fixture
def hard(shared_data: Path) -> Path:
    """Folder of the hard files."""
    return shared_data / "hard-files"


def check_it(path: Path, to: Resource) -> CheckedRows:
    return check(decode(path, to), to, UNITS, AGENCIES, WHOLE, "40")


def refused(path: Path, to: Resource) -> Refused:
    with pytest.raises(Refused) as caught:
        check_it(path, to)
    return caught.value


def rejects(read: Decoded) -> list[tuple[int | None, str]]:
    return [(r.line, r.rule) for r in read.rejected]


def test_rows_of_other_lengths(hard: Path) -> None:
    bad = decode(hard / "ck_bad.csv", texts("column_a", "column_b", "column_c"))
    assert (bad.frame["line"].to_list(), rejects(bad)) == ([4], [(2, "row_cells"), (3, "row_cells")])
    errors = decode(hard / "fr_structure-errors.csv", texts("id", "name", "age"))
    assert (errors.frame.height, rejects(errors)) == (2, [(5, "row_cells")])


def test_a_date_like_number_stays_a_number(hard: Path) -> None:
    with (hard / "ck_date_like_number.csv").open(newline="", encoding="utf-8") as file:
        header = next(csv.reader(file))
    to = resource(*[field(name, "number", column=f"c{i}") for i, name in enumerate(header)], key=[header[0]])
    assert Decimal("4.5") in check_it(hard / "ck_date_like_number.csv", to).rows.row(0)


def test_null_bytes(hard: Path) -> None:
    read = decode(hard / "ck_null_byte.csv", texts("a", "b", "c"))
    assert (read.frame.height, rejects(read)) == (0, [(2, "null_byte")])


def test_encodings(hard: Path) -> None:
    big = decode(hard / "ck_test_utf16_big.csv", _like(hard / "ck_test_utf16_big.csv", "utf-16"))
    assert big.frame.height == 2
    marked = decode(hard / "fr_bom.csv", texts("id", "name"))
    assert (marked.headers["id"], marked.frame.height) == ("id", 2)
    little = decode(hard / "gen_vi_utf16le_bom_tab.csv", _like(hard / "gen_vi_utf16le_bom_tab.csv", "utf-16", "\t"))
    assert little.frame.height == 3


def _like(path: Path, encoding: str, delimiter: str = ",") -> Resource:
    """A resource of text fields with the file's own headers."""
    header = path.read_text(encoding=encoding).splitlines()[0].split(delimiter)
    return texts(*[h.strip('"') for h in header], encoding=encoding, dialect={"delimiter": delimiter})


def test_windows_1258_equals_unicode(hard: Path) -> None:
    names = ["Thành phố Vinh", "Huyện Nghĩa Đàn", "Thị xã Hoàng Mai"]
    old = texts("ma_huyen", "ten_huyen", "so_ho", encoding="windows-1258")
    assert decode(hard / "gen_vi_cp1258.csv", old).frame["ten_huyen"].to_list() == names
    assert refused(hard / "gen_vi_cp1258.csv", texts("ma_huyen", "ten_huyen", "so_ho")).params["seems"] == "windows-1258"
    decomposed = decode(hard / "gen_vi_nfd_bom.csv", texts("ma_huyen", "ten_huyen", "so_ho"))
    assert set(decomposed.frame["ten_huyen"].to_list()) <= set(names)


def test_refused_as_a_whole(hard: Path) -> None:
    assert refused(hard / "fr_duplicate-headers.csv", texts("id", "name", "age")).code == "duplicate_header"
    assert refused(hard / "fr_empty.csv", texts("id", "name")).code == "empty_file"
    assert refused(hard / "gen_html_as_csv.csv", texts("a", "b")).code == "html"
    assert refused(hard / "gen_truncated.csv", texts("a", "b", "c")).code == "truncated"
    assert refused(hard / "gen_zip_slip.zip", texts("a")).code == "not_a_workbook"
    assert refused(hard / "gen_pii.csv", texts("ho_ten", "so_ca")).code == "unknown_column"
    assert refused(hard / "me_null.csv", texts("a", "b", "c", "d")).code == "header_wrong"


def test_leading_zeros_are_kept(hard: Path) -> None:
    text = (hard / "fr_leading-zeros.csv").read_text(encoding="utf-8")
    read = decode(hard / "fr_leading-zeros.csv", texts(*text.splitlines()[0].split(",")))
    assert {"01", "002", "00003"} <= {cell for row in read.frame.iter_rows() for cell in row}


def test_dates(hard: Path) -> None:
    to = resource(field("ngay", "date", format="%d/%m/%Y"), field("gia_tri", "integer"), key=["ngay"])
    result = check_it(hard / "gen_dates_dmy.csv", to)
    assert result.rows["ngay"].to_list() == [date(2021, 6, 13), date(2021, 6, 5), date(2021, 5, 6)]
    assert [(r.line, r.rule) for r in result.rejected] == [(5, "type_date"), (6, "type_date"), (7, "date_not_in_calendar")]


def test_formulas_are_text(hard: Path) -> None:
    result = check_it(hard / "gen_formula.csv", resource(field("ten"), field("gia_tri", "integer"), key=["ten"]))
    assert result.rows["ten"].to_list() == ["=cmd|'/c calc'!A1", "+84912345678", "-5", "@SUM(1)", "\t=1+1"]


def test_vietnamese_numbers(hard: Path) -> None:
    vietnamese: dict[str, Any] = {"decimalChar": ",", "groupChar": "."}
    to = resource(
        field("huyen"), field("ty_dong", "number", **vietnamese), field("ty_le", "number", unit="%", **vietnamese),
        key=["huyen"], missing=["", "-", ".."], dialect={"delimiter": ";"},
    )  # fmt: skip
    rows = check_it(hard / "gen_vi_numbers.csv", to).rows
    assert rows["ty_dong"].to_list()[:2] == [Decimal("1234.56"), Decimal(1234)]
    assert rows["ty_le"].to_list() == [Decimal("12.5"), None, None]


def test_boston(hard: Path) -> None:
    path = hard / "qs_boston311-100-bad.tsv"
    read = decode(path, _like(path, "utf-8", "\t"))
    assert (read.frame.height, [r.rule for r in read.rejected]) == (99, ["row_cells"])


def test_workbooks(hard: Path) -> None:
    assert refused(hard / "fr_merged-cells.xlsx", texts("a", "b")).code == "header_wrong"
    sheets = [decode(hard / "fr_sheets.xlsx", texts("id", "name", dialect={"excel": {"sheet": f"Sheet{n}"}})) for n in (1, 2, 3)]
    assert [s.frame.row(0) for s in sheets] == [(2, "1", "london"), (2, "2", "paris"), (2, "3", "rome")]
    dated = resource(field("item"), field("date", "date", format="%d/%m/%Y"), key=["item"])
    result = check_it(hard / "qs_excel-1904-epoch.xlsx", dated)
    assert result.rows["date"].to_list() == [date(2024, 1, 15), date(2020, 7, 4)]


def test_a_workbook_of_100_mb_is_stopped_under_a_limit_of_memory(hard: Path) -> None:
    program = (
        "import resource, sys, pathlib; resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))\n"
        "sys.path[:0] = sys.argv[2:]\n"
        "from tests.small_deliveries import texts\nfrom ckan_harvesters.decode import decode\nfrom ckan_harvesters.errors import Refused\n"
        "try:\n    decode(pathlib.Path(sys.argv[1]), texts('a'))\nexcept Refused as refused:\n    print(refused.code)\n"
    )
    bomb = hard / "gen_xlsx_bomb_100MB.xlsx"
    here = [str(ROOT)]
    done = subprocess.run([sys.executable, "-c", program, str(bomb), *here], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "workbook_swollen", done.stderr
