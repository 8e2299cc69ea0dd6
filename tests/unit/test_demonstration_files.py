"""Simulated files are written as a contract says that its departments write them: decode and check read back what was meant."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ckan_harvesters.check import check
from ckan_harvesters.decode import decode
from ckan_harvesters.delivery import scope_of
from datasets.demonstration.write import write_table
from datasets.model.calendar import ZONE
from datasets.model.contract import Resource
from datasets.model.reference import Reference, read_reference

pytestmark = pytest.mark.unit

AGENCY = "so-du-lich"
ROWS: list[dict[str, Any]] = [
    {"day": date(2026, 10, 1), "place": "Cửa Lò, phường Nghi Hương", "visits": 1_234_567, "spent": 1234.5, "seen": None},
    {
        "day": date(2026, 10, 2),
        "place": "Quế Phong; thác Sao Va",
        "visits": 12,
        "spent": None,
        "seen": datetime(2026, 10, 2, 8, 5, tzinfo=ZONE),
    },
]


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


def resource(path: str, **other: Any) -> Resource:
    number = other.pop("number", {})
    fields = [
        {"name": "Ngày", "column": "day", "title": "Ngày", "type": "date", "format": "%d/%m/%Y"},
        {"name": "Địa điểm", "column": "place", "title": "Địa điểm"},
        {"name": "Lượt khách", "column": "visits", "title": "Lượt khách", "type": "integer", **number},
        {"name": "Chi tiêu", "column": "spent", "title": "Chi tiêu", "type": "number", **number},
        {"name": "Lúc ghi", "column": "seen", "title": "Lúc ghi", "type": "datetime"},
    ]
    written = {
        "name": "visits",
        "path": path,
        "title": "Khách đến từng nơi",
        "titles": {"en": "Visits"},
        "publishers": [AGENCY],
        "steward": f"{AGENCY}/giam-doc",
        "access": "open",
        "legal_basis": "quy-che-ioc/dieu-12",
        "delivery": {"scope": "period", "calendar": "month", "column": "Ngày"},
        "obligation": {"calendar": "month", "due": "+5d 17:00"},
        "schema": {"fields": fields, "primaryKey": ["Ngày", "Địa điểm"], "missingValues": other.pop("missing", ["", "..", "-"])},
        **other,
    }
    return Resource.model_validate(written)


def read_back(path: Path, made: Resource, reference: Reference, period: str = "2026-10") -> list[dict[str, Any]]:
    scope = scope_of(made, AGENCY, period, "r1")
    result = check(decode(path, made), made, reference.unit_index, reference.agencies, scope, reference.province)
    assert result.rejected_rows == 0, result.rejected
    return result.rows.to_dicts()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("visits.csv", {}),
        ("visits.csv", {"dialect": {"delimiter": ";", "headerRows": [4]}, "number": {"decimalChar": ",", "groupChar": "."}}),
        ("visits.csv", {"encoding": "cp1258", "dialect": {"delimiter": ";"}, "number": {"decimalChar": ",", "groupChar": " "}}),
        ("visits.csv", {"encoding": "windows-1258"}),
        ("visits.csv", {"encoding": "utf-16"}),
        ("visits.xlsx", {"dialect": {"headerRows": [3], "excel": {"sheet": "Tháng"}}}),
        ("visits.xlsx", {"missing": [""]}),
    ],
)
def test_what_is_written_is_read_back(tmp_path: Path, reference: Reference, path: str, said: dict[str, Any]) -> None:
    made = resource(path, **said)
    write_table(tmp_path / path, made, ROWS)
    rows = read_back(tmp_path / path, made, reference)
    assert [{name: row[name] for name in ROWS[0]} for row in rows] == ROWS


def test_a_missing_value_has_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    write_table(path, resource("visits.csv"), ROWS)
    assert path.read_text().splitlines()[1].endswith(",1234567,1234.5,-")


def test_windows_1258_writes_tones_behind_their_letters(tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    write_table(path, resource("visits.csv", encoding="cp1258"), ROWS)
    assert "Quế Phong".encode() not in path.read_bytes()
    assert "Quê\u0301 Phong".encode("cp1258") in path.read_bytes()


def test_the_title_above_the_header_says_that_it_is_simulated(tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    write_table(path, resource("visits.csv", dialect={"headerRows": [3]}), ROWS)
    assert path.read_text().splitlines()[:2] == ["Khách đến từng nơi (số liệu mô phỏng)", ""]


def test_another_kind_of_file_is_not_simulated(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"only \.csv and \.xlsx"):
        write_table(tmp_path / "visits.json", resource("visits.json"), ROWS)


def test_a_limit_with_a_fraction_is_held_exactly(tmp_path: Path, reference: Reference) -> None:
    made = resource("visits.csv", number={"constraints": {"minimum": 11.9, "maximum": 106.2}}, allowed_reject_share=0.5)
    rows = [{**ROWS[0], "visits": 12, "spent": spent, "place": f"nơi {spent}"} for spent in (11.9, 106.2, 11.89, 106.21)]
    write_table(tmp_path / "visits.csv", made, rows)
    scope = scope_of(made, AGENCY, "2026-10", "r1")
    result = check(decode(tmp_path / "visits.csv", made), made, reference.unit_index, reference.agencies, scope, reference.province)
    assert [float(row["spent"]) for row in result.rows.to_dicts()] == [11.9, 106.2]
    assert {rejected.rule for rejected in result.rejected} == {"too_small", "too_large"}
