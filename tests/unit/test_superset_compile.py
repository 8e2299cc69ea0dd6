"""What a contract becomes in Superset's export format."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from control.compile.superset.apply import charts_of_dashboards, wanted_uuids
from control.compile.superset.bundle import OWN_FOLDERS, archive, digest, merged, write
from control.compile.superset.charts import LINES_IN_A_TREND
from control.compile.superset.dashboard import MOST_CHARTS, arrange, pages
from control.compile.superset.export import compile_contract, compile_superset, write_export
from control.compile.superset.grid import GRID_COLUMNS, widths
from datasets.model.contract import Contract
from datasets.model.dashboard import Dashboard
from datasets.model.read import read_all

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def contracts() -> list[Contract]:
    return read_all(ROOT / "datasets")


@pytest.fixture(scope="module")
def health(contracts: list[Contract]) -> Contract:
    return next(contract for contract in contracts if contract.name == "health")


def document(files: dict[str, str], path: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(files[path])
    return loaded


def changed(contract: Contract, **values: Any) -> Contract:
    raw = contract.model_dump(by_alias=True)
    resource = raw["resources"][0]
    for field in resource["schema"]["fields"]:
        field |= values.get(field["column"], {})
    return Contract.model_validate(raw)


def of_rows_only(contract: Contract) -> Contract:
    """The contract before anybody wrote measures, indicators and a dashboard into it."""
    return contract.model_copy(update={"measures": {}, "indicators": {}, "dashboard": Dashboard()})


def test_compiling_twice_gives_the_same_bytes(contracts: list[Contract]) -> None:
    first, second = merged(compile_superset(contracts)), merged(compile_superset(contracts))
    assert first == second
    assert archive(first) == archive(second)


def test_a_new_title_changes_texts_and_no_identifier(health: Contract) -> None:
    before = compile_contract(health)
    after = compile_contract(changed(health, new_cases={"title": "Số ca mắc mới"}))
    assert digest(before) != digest(after)
    assert wanted_uuids(before) == wanted_uuids(after)


def test_every_chart_stands_on_a_dashboard_of_its_export(contracts: list[Contract]) -> None:
    for contract in contracts:
        files = compile_contract(contract, contracts)
        shown = set().union(*charts_of_dashboards(files).values())
        assert shown == wanted_uuids(files)["chart"], contract.name


def test_every_chart_and_filter_reads_a_dataset_of_its_own_export(contracts: list[Contract]) -> None:
    for contract in contracts:
        files = compile_contract(contract, contracts)
        there = wanted_uuids(files)["dataset"]
        for path in files:
            if path.startswith("charts/"):
                assert document(files, path)["dataset_uuid"] in there, path
            if path.startswith("dashboards/"):
                for filter_ in document(files, path)["metadata"]["native_filter_configuration"]:
                    assert {target["datasetUuid"] for target in filter_["targets"] if target} <= there, path


def asked_of(params: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Columns and metrics that a chart's form names."""
    listed = [
        params.get("x_axis"),
        params.get("group"),
        *params.get("all_columns", []),
        *params.get("groupby", []),
        *params.get("groupby_b", []),
    ]
    columns = {c for c in listed if c} | {f["subject"] for f in params["adhoc_filters"] if f["clause"] == "WHERE"}
    if params["viz_type"] == "ioc_choropleth":
        columns |= {"unit_id", "unit_code", "unit_name", "unit_level", "period_starts"}
    named = [params.get("metric"), params.get("target_metric"), params.get("timeseries_limit_metric")]
    return columns, {m for m in [*named, *params.get("metrics", []), *params.get("metrics_b", [])] if isinstance(m, str)}


def test_charts_ask_only_for_columns_and_metrics_of_their_dataset(contracts: list[Contract]) -> None:
    for contract in contracts:
        files = compile_contract(contract, contracts)
        datasets = {d["uuid"]: d for p in files if p.startswith("datasets/") for d in [document(files, p)]}
        for path in [p for p in files if p.startswith("charts/")]:
            chart = document(files, path)
            dataset = datasets[chart["dataset_uuid"]]
            there = {c["column_name"] for c in dataset["columns"]}, {m["metric_name"] for m in dataset["metrics"]}
            columns, metrics = asked_of(chart["params"])
            assert columns <= there[0], path
            assert metrics <= there[1], path
            for query in json.loads(chart["query_context"])["queries"]:
                assert {*query["columns"], *(f["col"] for f in query["filters"])} <= there[0], path
                assert {m for m in query["metrics"] or [] if isinstance(m, str)} <= there[1], path


def test_every_column_has_a_vietnamese_name(contracts: list[Contract]) -> None:
    for contract in contracts:
        files = compile_contract(contract, contracts)
        for path in [p for p in files if p.startswith("datasets/")]:
            dataset = document(files, path)
            assert all(part["verbose_name"] for part in dataset["columns"] + dataset["metrics"]), path


def test_rows_of_the_dashboard_fill_the_grid(contracts: list[Contract]) -> None:
    for contract in contracts:
        files = compile_contract(contract, contracts)
        position = document(files, f"dashboards/{contract.pg_schema}.yaml")["position"]
        rows = [part for part in position.values() if isinstance(part, dict) and part["type"] == "ROW"]
        for row in rows:
            assert sum(position[child]["meta"]["width"] for child in row["children"]) == pytest.approx(GRID_COLUMNS), row["id"]
        placed = {child for part in position.values() if isinstance(part, dict) for child in part.get("children", [])}
        assert placed >= {name for name, part in position.items() if isinstance(part, dict) and part["type"] in ("CHART", "ROW")}


def test_widths_that_are_wanted_are_kept_and_the_rest_is_shared() -> None:
    assert widths([None, None, None]) == [4, 4, 4]
    assert widths([5, None]) == [5, 7]
    assert widths([None] * 5) == [2.4, 2.4, 2.4, 2.4, 2.4]
    assert widths([4, 4]) == [6, 6]
    assert widths([9, 9]) == [6, 6]


def test_rows_alone_give_a_dashboard_of_at_most_twelve_charts(contracts: list[Contract]) -> None:
    for contract in contracts:
        grid = arrange(pages(of_rows_only(contract))[0])
        assert 2 <= len(grid.charts) <= MOST_CHARTS, contract.name
        shown = contract.resources[: MOST_CHARTS - 1]  # beside the table of sources; what has no room is left out
        assert {f"{contract.view(r)}_table" for r in shown} <= {chart.key for chart in grid.charts}


def test_a_trend_of_rows_sums_only_what_may_be_summed(health: Contract) -> None:
    few = health.model_copy(update={"resources": health.resources[:4]})  # with more of them only tables have room
    files = compile_contract(of_rows_only(changed(few, deaths={"total": False})))
    metrics = {m for p in files if p.startswith("charts/health_cases_trend") for m in document(files, p)["params"]["metrics"]}
    assert metrics == {"sum_new_cases", "sum_severe_cases"}


def test_a_trend_of_rows_has_one_unit_of_measure_and_few_lines(contracts: list[Contract]) -> None:
    for contract in map(of_rows_only, contracts):
        unit_of = {f"sum_{f.column}": f.unit for r in contract.resources for f in r.schema_.fields}
        files = compile_contract(contract)
        for path in [p for p in files if p.startswith("charts/") and "_trend_" in p]:
            metrics = document(files, path)["params"]["metrics"]
            assert len(metrics) <= LINES_IN_A_TREND, path
            assert len({unit_of[m] for m in metrics}) == 1, path


def test_a_personal_column_is_not_in_the_export_of_a_shared_dataset(health: Contract) -> None:
    files = compile_contract(of_rows_only(changed(health, disease={"personal": "sensitive"})))
    columns = {c["column_name"] for c in document(files, "datasets/health/cases.yaml")["columns"]}
    assert "disease" not in columns
    assert "disease" not in document(files, "charts/health_cases_table.yaml")["params"]["all_columns"]


def test_the_export_holds_no_password(contracts: list[Contract]) -> None:
    uri = document(merged(compile_superset(contracts)), "databases/kho_toan_canh.yaml")["sqlalchemy_uri"]
    assert uri == "postgresql+psycopg2://aud_public@ioc-store:5432/ioc"


def test_sources_come_last_and_escape_the_filters(health: Contract) -> None:
    dashboard = document(compile_contract(health), "dashboards/health.yaml")
    last = dashboard["position"][dashboard["position"]["GRID_ID"]["children"][-1]]
    chart = dashboard["position"][last["children"][0]]["meta"]
    assert chart["sliceNameOverride"] == "Nguồn số liệu"
    for filter_ in dashboard["metadata"]["native_filter_configuration"]:
        assert chart["chartId"] in filter_["scope"]["excluded"]
    for configured in dashboard["metadata"]["chart_configuration"].values():
        assert chart["chartId"] in configured["crossFilters"]["scope"]["excluded"]


def test_two_exports_that_disagree_on_a_file_are_refused() -> None:
    with pytest.raises(ValueError, match=r"databases/x\.yaml differs"):
        merged({"a": {"databases/x.yaml": "1"}, "b": {"databases/x.yaml": "2"}})


def test_the_archive_has_one_folder_and_every_file(health: Contract) -> None:
    files = compile_contract(health)
    with zipfile.ZipFile(BytesIO(archive(files))) as opened:
        assert opened.namelist() == [f"export/{path}" for path in sorted(files)]
        assert opened.read("export/metadata.yaml").decode() == files["metadata.yaml"]


def test_writing_removes_what_is_no_longer_wanted(tmp_path: Path) -> None:
    assert write({"charts/a.yaml": "1", "charts/b.yaml": "2"}, tmp_path)
    assert write({"charts/a.yaml": "1"}, tmp_path) == [tmp_path / "charts/b.yaml"]
    assert write({"charts/a.yaml": "1"}, tmp_path) == []


def test_writing_leaves_hand_edits_alone(tmp_path: Path) -> None:
    edits, made = tmp_path / "edits.yaml", tmp_path / "hand-made" / "charts" / "mine.yaml"
    made.parent.mkdir(parents=True)
    edits.write_text("x")
    made.write_text("x")
    write({"charts/a.yaml": "1"}, tmp_path)
    assert edits.exists()
    assert made.exists()


def test_the_exports_in_the_repository_are_those_of_the_contracts(contracts: list[Contract], tmp_path: Path) -> None:
    """When this fails: `./ioc export`, or write_export(read_all(), Path("dashboards_export"))."""
    write_export(contracts, tmp_path)
    for contract in contracts:
        folder = ROOT / "dashboards_export" / contract.name
        wanted = {p.relative_to(tmp_path / contract.name): p.read_text() for p in (tmp_path / contract.name).rglob("*.yaml")}
        there = {p.relative_to(folder): p.read_text() for own in OWN_FOLDERS for p in (folder / own).rglob("*.yaml")}
        assert there | {Path("metadata.yaml"): (folder / "metadata.yaml").read_text()} == wanted, contract.name


def test_every_chart_has_a_height_for_phones(contracts: list[Contract]) -> None:
    for contract in contracts:
        for page in pages(contract, contracts):
            grid = arrange(page)
            for chart in grid.charts:
                meta = grid.components[f"CHART-{chart.key}"]["meta"]
                assert meta["phoneHeight"] >= (meta["height"] if chart.viz_type == "table" else 20), chart.key


def test_text_of_a_file_begins_no_tag_where_a_table_shows_links(contracts: list[Contract]) -> None:
    (documents,) = (contract for contract in contracts if contract.name == "documents")
    files = compile_contract(documents, contracts)
    dataset = document(files, "datasets/documents/incoming_documents.yaml")
    expressions = {column["column_name"]: column["expression"] for column in dataset["columns"]}
    assert expressions["subject"] == "replace(\"subject\", '<', '<' || chr(8203))"
    assert expressions["unit_name"] is None
    assert "/ioc/delivery/" in expressions["delivery_link"]


def test_moments_of_a_table_are_those_of_the_provinces_clock(contracts: list[Contract]) -> None:
    (documents,) = (contract for contract in contracts if contract.name == "documents")
    files = compile_contract(documents, contracts)
    columns = {one["column_name"]: one for one in document(files, "datasets/documents/incoming_documents.yaml")["columns"]}
    shown = document(files, "charts/documents_incoming_documents_table.yaml")["params"]["column_config"]
    assert columns["received_at"]["expression"] == "\"received_at\" AT TIME ZONE 'Asia/Ho_Chi_Minh'"
    assert columns["received_at"]["type"] == "TIMESTAMP"
    assert columns["due_date"]["expression"] is None
    assert shown["received_at"] == {"d3TimeFormat": "%H:%M %d/%m/%Y"}


def test_what_stands_for_codes_is_not_called_a_code(contracts: list[Contract]) -> None:
    (health,) = (contract for contract in contracts if contract.name == "health")
    columns = {one["column_name"]: one for one in document(compile_contract(health, contracts), "datasets/health/bed_days.yaml")["columns"]}
    assert (columns["facility"]["verbose_name"], columns["facility_label"]["verbose_name"]) == ("Mã cơ sở", "Cơ sở")
