"""Real statistics, delivered in CKAN as an agency would, are answered by Superset with the known figures.

The national office's tables are delivered byte by byte as they are published; what they need of decoding stands in their contracts.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from control.apply import apply_all, read_contracts
from control.compile.superset.datasets import dataset_uuid
from control.steps import Steps
from datasets.model.contract import Contract
from tests.running import Running
from tests.stack.real_contracts import PROVINCE_OF_SERIES, real_contracts

pytestmark = [pytest.mark.stack, pytest.mark.real]

CHART_OF_DATASET = """
SELECT t.id, s.id, d.dashboard_id, s.viz_type
FROM tables t JOIN slices s ON s.datasource_id = t.id JOIN dashboard_slices d ON d.slice_id = s.id
WHERE t.uuid = %s
LIMIT 1
"""
NGHE_AN = {"col": "unit_code", "op": "==", "val": "40"}


@pytest.fixture(scope="module")
def brought(instance: Running) -> dict[str, Contract]:
    """The test's own contracts, applied beside the project's."""
    real = real_contracts()
    contracts, reference = read_contracts()
    apply_all(instance.instance, instance.secrets, Steps(Console()), [*contracts, *real], reference)
    return {contract.name: contract for contract in real}


@pytest.fixture(scope="module")
def contract(brought: dict[str, Contract]) -> Contract:
    return brought["real-statistics"]


def long_covid(path: Path) -> Iterator[tuple[str, str, str]]:
    """(day, province code, cases) of each cell; the series is wide, with a column for each day and 296 empty cells."""
    with path.open(encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        days = [datetime.strptime(text, "%d/%m/%Y").strftime("%d/%m/%Y") for text in next(rows)[1:]]  # noqa: DTZ007 - dates without a zone
        for row in rows:
            for day, cell in zip(days, row[1:], strict=True):
                yield day, PROVINCE_OF_SERIES[int(row[0])], cell.strip().removesuffix(".0")


def deliver(instance: Running, contract: Contract, resource: str, agency: str, content: bytes) -> dict[str, Any]:
    """Delivers a file as the agency's editor; returns the final receipt."""
    found = contract.resource(resource)
    site = instance.ckan(instance.editor(agency).token)
    for earlier in site.call_action("package_show", {"id": contract.dataset_name(found)})["resources"]:
        site.call_action("resource_delete", {"id": earlier["id"]})
    made = site.call_action(
        "resource_create",
        {"package_id": contract.dataset_name(found), "agency": agency},
        files={"upload": (f"{resource}.csv", io.BytesIO(content))},
    )
    return instance.receipt(made["id"])


def as_csv(header: list[str], rows: Sequence[tuple[str, ...]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows(rows)
    return ("\ufeff" + buffer.getvalue()).encode()


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
    header = [field.name for field in contract.resource("covid-cases").schema_.fields]
    return deliver(instance, contract, "covid-cases", "so-y-te", as_csv(header, rows))


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


def published(instance: Running, contract: Contract, resource: str, file: Path) -> dict[str, Any]:
    """Delivers a published table and gives the receipt, which says that the rows of regions and the country were left out."""
    receipt = deliver(instance, contract, resource, "cuc-thong-ke", file.read_bytes())
    (left_out,) = [p for p in receipt["problems"] if p["rule"] == "subtotals_left_out"]
    assert left_out["params"]["count"] == 7
    return receipt


def of_nghe_an(instance: Running, contract: Contract, resource: str, metric: str, columns: list[str], **equal: Any) -> list[dict[str, Any]]:
    filters = [NGHE_AN, *({"col": column, "op": "==", "val": value} for column, value in equal.items())]
    return chart_data(instance, contract, resource, {"metrics": [metric], "columns": columns, "filters": filters})


def test_the_national_tourism_table_gives_the_known_turnover(instance: Running, contract: Contract, shared_data: Path) -> None:
    receipt = published(instance, contract, "tourism-turnover", shared_data / "statistics" / "gso_tourism_turnover_by_province.csv")
    assert (receipt["state"], receipt["rows_accepted"], receipt["rows_rejected"]) == ("done", 296, 0)
    [row] = of_nghe_an(instance, contract, "tourism-turnover", "sum_billion_vnd", ["year"], year=2015)
    assert row["sum_billion_vnd"] == pytest.approx(53.1)


def test_the_national_table_of_schools_gives_the_known_number(instance: Running, contract: Contract, shared_data: Path) -> None:
    receipt = published(instance, contract, "schools", shared_data / "statistics" / "gso_schools_by_province.csv")
    # Hà Tây ended in 2008 and was no province on the day that the table's units are read.
    assert (receipt["state"], receipt["rows_accepted"], receipt["rows_rejected"]) == ("done_with_rejects", 5076, 36)
    rows = of_nghe_an(instance, contract, "schools", "sum_schools", ["year", "kind"], kind="Total")
    assert max((row["year"], row["sum_schools"]) for row in rows) == (2016, 1044)


def test_the_national_table_of_health_establishments_is_loaded_as_it_was_published(
    instance: Running, contract: Contract, shared_data: Path
) -> None:
    published(instance, contract, "health-establishments", shared_data / "statistics" / "gso_health_establishments_by_province.csv")
    rows = of_nghe_an(instance, contract, "health-establishments", "sum_establishments", ["year", "kind"])
    found = {(row["year"], row["kind"]): row["sum_establishments"] for row in rows}
    swapped = ("Regional polyclinic", "Sanatorium and rehabilitation hospital")
    assert [found[2015, kind] for kind in swapped] == [22, 1]
    assert [found[2016, kind] for kind in swapped] == [1, 9], "two columns of 2016 are swapped in the file"
    assert "đổi chỗ" in (contract.resource("health-establishments").description or "")


def test_a_table_in_latin_1_is_read_in_its_own_encoding(instance: Running, contract: Contract, shared_data: Path) -> None:
    receipt = published(instance, contract, "units-count", shared_data / "statistics" / "gso_admin_units_by_province_LATIN1.csv")
    assert (receipt["state"], receipt["rows_rejected"]) == ("done", 0)
    [row] = of_nghe_an(instance, contract, "units-count", "sum_units", ["year", "kind"], year=2016, kind="Communes")
    assert row["sum_units"] == 431


def test_a_preliminary_year_is_told_from_row_to_tile(instance: Running, brought: dict[str, Contract], shared_data: Path) -> None:
    contract = brought["real-poverty"]
    receipt = published(instance, contract, "poverty", shared_data / "statistics" / "gso_poverty_rate_by_province.csv")
    assert (receipt["state"], receipt["rows_accepted"], receipt["rows_rejected"]) == ("done_with_rejects", 503, 1)
    with instance.store() as connection:
        rows = connection.execute(
            "SELECT year, status, rate::float8 FROM real_poverty.poverty WHERE unit_code = '40' AND year >= 2015 ORDER BY year"
        ).fetchall()
        cells = connection.execute(
            "SELECT period, figure_status, poverty_rate::float8 FROM real_poverty.indicators_year "
            "WHERE unit_code = '40' AND period >= '2015' ORDER BY period"
        ).fetchall()
        source = connection.execute("SELECT note, sources FROM ledger.source WHERE dataset = 'real-poverty-poverty'").fetchone()
    assert rows == [(2015, "official", 12.3), (2016, "preliminary", 10.4)]
    assert cells == [("2015", "official", 12.3), ("2016", "preliminary", 10.4)]
    assert source == ("Số liệu thật", "Niên giám thống kê: tỷ lệ nghèo")
    dataset = instance.ckan(instance.editor("cuc-thong-ke").token).call_action("package_show", {"id": "real-poverty-poverty"})
    assert dataset["figure_status"] == "rows" and "Niên giám thống kê: tỷ lệ nghèo" in dataset["sources"]


TILE = """
SELECT s.id, s.params, d.dashboard_id, s.datasource_id FROM slices s JOIN dashboard_slices d ON d.slice_id = s.id
WHERE s.viz_type = 'ioc_tile' AND s.params LIKE '%%"real-poverty.poverty-share"%%' LIMIT 1
"""


def test_the_tile_asks_how_firm_its_figure_is_and_names_its_source(instance: Running, brought: dict[str, Contract]) -> None:
    with instance.superset_connection() as connection:
        row = connection.execute(TILE).fetchone()
    assert row is not None
    chart, params, dashboard, dataset = row[0], json.loads(row[1]), row[2], row[3]
    assert [source["vi"] for source in params["sources"]] == ["Niên giám thống kê: tỷ lệ nghèo"]
    metrics = [params["metric"], params["firmness_metric"]]
    body = {
        "datasource": {"id": dataset, "type": "table"},
        "queries": [{"row_limit": 60, "metrics": metrics, "columns": ["period_starts"], "filters": [NGHE_AN]}],
        "form_data": {"slice_id": chart, "dashboardId": dashboard, "viz_type": "ioc_tile"},
        "result_format": "json",
        "result_type": "full",
    }
    answer = instance.superset(instance.leader).post(f"{instance.superset_url}/api/v1/chart/data", json=body, timeout=120)
    assert answer.status_code == 200, answer.text
    found = {datetime.fromtimestamp(one["period_starts"] / 1000, tz=UTC).year: one for one in answer.json()["result"][0]["data"]}
    assert [(found[year][metrics[0]], found[year][metrics[1]]) for year in (2015, 2016)] == [(12.3, 3), (10.4, 2)]
