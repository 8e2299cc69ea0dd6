"""Real statistics, delivered in CKAN as an agency would, are answered by Superset with the known figures."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from control.apply import apply_all, read_contracts
from control.compile.superset.datasets import dataset_uuid
from control.steps import Steps
from datasets.model.contract import Contract
from datasets.model.reference import read_reference
from tests.running import Running
from tests.stack.real_contracts import PROVINCE_OF_SERIES, real_contract

pytestmark = [pytest.mark.stack, pytest.mark.real]

CHART_OF_DATASET = """
SELECT t.id, s.id, d.dashboard_id, s.viz_type
FROM tables t JOIN slices s ON s.datasource_id = t.id JOIN dashboard_slices d ON d.slice_id = s.id
WHERE t.uuid = %s
LIMIT 1
"""
NGHE_AN = {"col": "unit_code", "op": "==", "val": "40"}


@pytest.fixture(scope="module")
def contract(instance: Running, tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """The test's own contract, applied beside the project's."""
    brought = real_contract(tmp_path_factory.mktemp("contracts") / "real-statistics")
    contracts, reference = read_contracts()
    apply_all(instance.instance, instance.secrets, Steps(Console()), [*contracts, brought], reference)
    return brought


def long_covid(path: Path) -> Iterator[tuple[str, str, str]]:
    """(day, province code, cases) of each cell; the series is wide, with a column for each day and 296 empty cells."""
    with path.open(encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        days = [datetime.strptime(text, "%d/%m/%Y").strftime("%d/%m/%Y") for text in next(rows)[1:]]  # noqa: DTZ007 - dates without a zone
        for row in rows:
            for day, cell in zip(days, row[1:], strict=True):
                yield day, PROVINCE_OF_SERIES[int(row[0])], cell.strip().removesuffix(".0")


def province_key(name: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFD", name.lower().replace("đ", "d")) if c.isalpha() and c.isascii())
    return plain.removesuffix("province").removesuffix("city").replace("thuathienhue", "hue")


def long_tourism(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """(year, its first day, province code, billion VND as written) of each province; regions and the country are left out."""
    day = date(2015, 1, 1)
    codes = {province_key(unit.name_en): unit.code for unit in read_reference().units if unit.level == "province" and unit.is_valid(day)}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    years = rows[2][1:]
    for row in rows[3:]:
        code = codes.get(province_key(row[0])) if row else None
        if code is not None:
            yield from ((year, f"{year}-01-01", code, cell) for year, cell in zip(years, row[1:], strict=True))


def deliver(
    instance: Running, contract: Contract, resource: str, agency: str, rows: list[tuple[str, ...]], delimiter: str
) -> dict[str, Any]:
    """Delivers rows under the resource's header as the agency's editor; returns the final receipt."""
    found = contract.resource(resource)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow([field.name for field in found.schema_.fields])
    writer.writerows(rows)
    content = ("\ufeff" + buffer.getvalue()).encode()
    site = instance.ckan(instance.editor(agency).token)
    for earlier in site.call_action("package_show", {"id": contract.dataset_name(found)})["resources"]:
        site.call_action("resource_delete", {"id": earlier["id"]})
    made = site.call_action(
        "resource_create",
        {"package_id": contract.dataset_name(found), "agency": agency},
        files={"upload": (f"{resource}.csv", io.BytesIO(content))},
    )
    return instance.receipt(made["id"])


def chart_data(instance: Running, contract: Contract, resource: str, query: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows that Superset's chart data endpoint answers the leader."""
    session = instance.superset(instance.leader)
    uuid = dataset_uuid(contract, contract.resource(resource))
    with instance.superset_connection() as connection:
        row = connection.execute(CHART_OF_DATASET, (uuid,)).fetchone()
    assert row is not None, "the dataset has no chart on a dashboard of Superset's"
    dataset, chart, dashboard, viz_type = row
    body = {
        "datasource": {"id": dataset, "type": "table"},
        "queries": [{"row_limit": 1000, **query}],
        # A leader reads a dataset through a dashboard that is theirs.
        "form_data": {"slice_id": chart, "dashboardId": dashboard, "viz_type": viz_type},
        "result_format": "json",
        "result_type": "full",
    }
    answer = session.post(f"{instance.superset_url}/api/v1/chart/data", json=body, timeout=120)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["result"][0]["data"]
    return data


@pytest.fixture(scope="module")
def covid(instance: Running, contract: Contract, shared_data: Path) -> dict[str, Any]:
    rows = list(long_covid(shared_data / "statistics" / "covid_cases_63provinces_daily.csv"))
    assert len(rows) == 63 * 646
    return deliver(instance, contract, "covid-cases", "so-y-te", rows, ",")


def test_the_covid_series_is_accepted_whole(covid: dict[str, Any]) -> None:
    assert covid["state"] == "done"
    assert covid["rows_accepted"] == 63 * 646
    assert covid["rows_rejected"] == 0


@pytest.mark.parametrize(
    ("time_range", "cases"),
    [
        ("2021-01-01 : 2022-01-01", 7717),
        ("2021-08-01 : 2021-09-01", 1222),
        ("2021-12-01 : 2022-01-01", 3188),
        ("2020-03-01 : 2022-01-23", 11138),
    ],
)
def test_superset_answers_the_known_cases_of_nghe_an(
    instance: Running, contract: Contract, covid: dict[str, Any], time_range: str, cases: int
) -> None:
    query = {
        "metrics": ["sum_cases"],
        "columns": [],
        "filters": [NGHE_AN, {"col": "period_starts", "op": "TEMPORAL_RANGE", "val": time_range}],
    }
    [row] = chart_data(instance, contract, "covid-cases", query)
    assert row["sum_cases"] == cases


def test_superset_answers_the_highest_day(instance: Running, contract: Contract, covid: dict[str, Any]) -> None:
    query = {
        "metrics": ["sum_cases"],
        "columns": ["day"],
        "filters": [NGHE_AN, {"col": "cases", "op": "IS NOT NULL"}],
        "orderby": [["sum_cases", False]],
        "row_limit": 1,
    }
    [row] = chart_data(instance, contract, "covid-cases", query)
    assert row["sum_cases"] == 251
    assert datetime.fromtimestamp(row["day"] / 1000, tz=UTC).date().isoformat() == "2022-01-19"


def test_an_empty_cell_of_the_series_is_missing_and_not_zero(instance: Running, covid: dict[str, Any]) -> None:
    with instance.store() as connection:
        row = connection.execute("SELECT count(*) FILTER (WHERE cases IS NULL), count(*) FROM real_statistics.covid_cases").fetchone()
    assert row == (296, 63 * 646)


def test_the_national_tourism_table_gives_the_known_turnover(instance: Running, contract: Contract, shared_data: Path) -> None:
    rows = list(long_tourism(shared_data / "statistics" / "gso_tourism_turnover_by_province.csv"))
    receipt = deliver(instance, contract, "tourism-turnover", "cuc-thong-ke", rows, ";")
    assert receipt["state"] == "done", receipt
    query = {"metrics": ["sum_billion_vnd"], "columns": ["year"], "filters": [NGHE_AN, {"col": "year", "op": "==", "val": 2015}]}
    [row] = chart_data(instance, contract, "tourism-turnover", query)
    assert row["sum_billion_vnd"] == pytest.approx(53.1)
