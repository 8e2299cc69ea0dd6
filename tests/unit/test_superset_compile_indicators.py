"""What the indicators and the declared dashboard of a contract become in Superset's export format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from control.compile.store.wide import wides
from control.compile.superset.apply import wanted_uuids
from control.compile.superset.export import compile_contract
from datasets.model.calendar_name import Calendar
from datasets.model.contract import Contract
from datasets.model.indicator import Target
from datasets.model.read import read_all
from tests.unit.indicator_contract import compiled, contract_with, filtered_by_a_click_on, filters_of, of_dashboard

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shipped() -> list[Contract]:
    return read_all(ROOT / "datasets")


def document(files: dict[str, str], path: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(files[path])
    return loaded


def chart(files: dict[str, str], key: str) -> dict[str, Any]:
    return document(files, f"charts/clinic_{key}.yaml")


def columns_of(dataset: dict[str, Any]) -> set[str]:
    return {c["column_name"] for c in dataset["columns"] if c["expression"] is None}


def test_every_wide_dataset_has_only_columns_of_its_view(shipped: list[Contract]) -> None:
    for contract in shipped:
        files = compile_contract(contract, shipped)
        views = {wide.name: wide for wide in wides(contract, shipped)}
        for path in [p for p in files if Path(p).name.startswith("indicators_")]:
            assert columns_of(document(files, path)) <= set(views[Path(path).stem].columns), path


def test_no_chart_asks_for_two_metrics_of_one_name(shipped: list[Contract]) -> None:
    """Superset refuses such a question, and answers by these names."""
    for contract in shipped:
        files = compile_contract(contract, shipped)
        named: dict[str, dict[str, str]] = {}
        for path in [p for p in files if p.startswith("datasets/")]:
            dataset = document(files, path)
            named[dataset["uuid"]] = {m["metric_name"]: m["verbose_name"] or m["metric_name"] for m in dataset["metrics"]}
        for path in [p for p in files if p.startswith("charts/")]:
            made = document(files, path)
            asked = [m for m in made["params"].get("metrics", []) if isinstance(m, str)]
            labels = [named[made["dataset_uuid"]][metric] for metric in asked]
            assert len(set(labels)) == len(labels), f"{contract.name} {path}: {labels}"


def test_an_indicator_is_a_metric_with_its_method_and_its_unit() -> None:
    dataset = document(compiled(), "datasets/clinic/indicators_day.yaml")
    (metric,) = [m for m in dataset["metrics"] if m["metric_name"] == "occupancy"]
    assert metric["verbose_name"] == "Công suất"
    assert "SUM" in metric["expression"]
    assert metric["d3format"] == ",.1f"
    assert metric["description"].startswith("Công suất. Giường dùng chia giường có. Đơn vị tính: %.")
    assert "English: Occupancy" in metric["description"]


def test_a_tile_says_that_a_target_is_proposed_when_the_one_set_last_is() -> None:
    contract = contract_with()
    indicator = contract.indicators["occupancy"]
    decided = chart(compile_contract(contract), "tile_occupancy")["params"]
    assert (decided["target_proposed"], decided["amber"]) == (False, 80)
    later = {"value": 90, "from": "2027-01-01", "basis": {"kind": "proposed"}}
    indicator.targets.append(Target.model_validate(later))
    proposed = chart(compile_contract(contract), "tile_occupancy")["params"]
    assert proposed["target_proposed"] and "amber" not in proposed


def test_a_target_is_a_metric_that_follows_its_validity() -> None:
    dataset = document(compiled(), "datasets/clinic/indicators_day.yaml")
    (target,) = [m for m in dataset["metrics"] if m["metric_name"] == "target_occupancy"]
    assert "DATE '2026-01-01'" in target["expression"]
    assert target["verbose_name"] == "Mục tiêu: công suất"
    assert target["description"] == "Căn cứ: quyet-dinh-1/dieu-2"


def test_a_measure_has_a_sum_that_adds_as_it_does() -> None:
    dataset = document(compiled(), "datasets/clinic/indicators_day.yaml")
    expressions = {m["metric_name"]: m["expression"] for m in dataset["metrics"]}
    assert expressions["sum_occupied"] == 'SUM("occupied")'
    assert expressions["sum_staff"] == 'measure.sum_of_last("staff", period_starts)'


def test_the_first_row_has_a_tile_for_each_indicator() -> None:
    files = compiled()
    position = document(files, "dashboards/clinic.yaml")["position"]
    first = position[position["GRID_ID"]["children"][0]]
    tiles = [chart(files, name.removeprefix("CHART-")) for name in first["children"]]
    assert [t["viz_type"] for t in tiles] == ["ioc_tile", "ioc_tile"]
    params = tiles[0]["params"]
    assert (params["metric"], params["target_metric"], params["x_axis"]) == ("occupancy", "target_occupancy", "period_starts")
    assert (params["calendar"], params["unit"], params["direction"], params["decimals"], params["amber"]) == ("day", "%", "down", 1, 80)
    assert tiles[1]["params"]["target_metric"] is None


def test_a_trend_of_one_indicator_has_its_target_s_line() -> None:
    params = chart(compiled(), "trend_occupancy")["params"]
    assert params["viz_type"] == "mixed_timeseries"
    assert params["metrics"] == ["occupancy"]
    (target,) = params["metrics_b"]
    assert (target["label"], target["sqlExpression"]) == ("Mục tiêu", "CASE WHEN MAX(period_starts) >= DATE '2026-01-01' THEN 85 END")
    assert params["y_axis_title"] == "%"
    assert params["y_axis_format"] == ",.1~f"


def test_a_trend_names_what_our_module_writes_its_axis_and_its_reason_from() -> None:
    for key in ("trend_occupancy", "trend_occupancy_ward"):
        params = chart(compiled(), key)["params"]
        assert (params["indicators"], params["calendar"]) == (["clinic.occupancy"], "day"), key


def test_a_trend_of_a_rate_over_a_stock_begins_where_there_is_a_value() -> None:
    raw = contract_with().model_dump(by_alias=True)
    raw["measures"]["staff"] |= {"calendar": "year", "as_of": True}
    raw["dashboard"]["rows"][0].append({"trend": "beds-per-staff"})
    files = compile_contract(Contract.model_validate(raw))
    (having,) = [f for f in chart(files, "trend_beds_per_staff")["params"]["adhoc_filters"] if f["clause"] == "HAVING"]
    assert having["sqlExpression"].endswith("IS NOT NULL")


def test_a_trend_by_part_has_the_parts_names_alone_in_its_legend() -> None:
    """The target is one of the whole, and beside its line Superset would write the indicator's name before each part's."""
    made = chart(compiled(), "trend_occupancy_ward")
    params = made["params"]
    assert (params["viz_type"], params["truncate_metric"]) == ("echarts_timeseries_line", True)
    assert (params["metrics"], params["groupby"]) == (["occupancy"], ["ward_label"])
    assert params["limit"] > 0
    assert params["parts"] == ["Khoa thường", "Hồi sức 'tích cực'"], "in the contract's order, not by size"
    assert "cao nhất" not in made["slice_name"], "both wards are shown"


def test_a_trend_ends_before_the_period_that_runs_unless_it_stands() -> None:
    """A week of two days would end each line in a fall that is none."""
    raw = contract_with().model_dump(by_alias=True)
    for name in ("occupied", "available"):
        raw["measures"][name]["also"] = ["week"]
    raw["indicators"]["occupancy"]["calendars"] = ["week"]
    weekly = chart(compile_contract(Contract.model_validate(raw)), "trend_occupancy")["params"]["adhoc_filters"]
    assert [one["comparator"] for one in weekly if one.get("operator") == "TEMPORAL_RANGE"] == [
        "DATEADD(DATETIME('today'), -12, month) : DATETRUNC(DATETIME('today'), week)"
    ]
    for name in ("occupied", "available"):
        raw["measures"][name] |= {"tick": "hour", "over_time": "last"}
    standing = chart(compile_contract(Contract.model_validate(raw)), "trend_occupancy")["params"]["adhoc_filters"]
    assert any(str(one.get("comparator")).endswith("DATEADD(DATETIME('today'), 1, day)") for one in standing)


def test_a_ranking_is_of_the_last_period_with_its_target() -> None:
    files = compiled()
    down, up = chart(files, "ranking_occupancy_ward")["params"], chart(files, "ranking_beds_per_staff_unit")["params"]
    assert (down["viz_type"], down["group"], down["direction"], down["target_metric"]) == (
        "ioc_ranking",
        "ward_label",
        "down",
        "target_occupancy",
    )
    assert (up["group"], up["direction"], up["target_metric"]) == ("unit_name", "up", None)
    heading = next(p["meta"] for p in of_dashboard(files) if p["id"] == "CHART-ranking_beds_per_staff_unit")["sliceNameOverride"]
    assert heading == "Giường trên nhân viên: xếp hạng theo xã, phường"


def test_a_ranking_by_unit_leaves_the_province_out_and_one_without_value_too() -> None:
    params = chart(compiled(), "ranking_beds_per_staff_unit")["params"]
    simple = {(f.get("subject"), f.get("operator"), str(f.get("comparator"))) for f in params["adhoc_filters"]}
    assert ("unit_level", "==", "commune") in simple
    assert any(f["clause"] == "HAVING" and f["sqlExpression"].endswith("IS NOT NULL") for f in params["adhoc_filters"])


def test_a_map_names_level_and_classes() -> None:
    params = chart(compiled(), "map_occupancy")["params"]
    assert params["viz_type"] == "ioc_choropleth"
    assert (params["metric"], params["level"], params["classes"], params["calendar"]) == ("occupancy", "commune", 5, "day")


def test_charts_of_indicators_ask_for_their_measures_only_and_never_for_a_granularity() -> None:
    files = compiled()
    for path in [p for p in files if "/clinic_t" in p or "/clinic_map" in p or "/clinic_ranking" in p]:
        params = document(files, path)["params"]
        (of,) = [f for f in params["adhoc_filters"] if f.get("subject") == "measure"]
        assert of["operator"] == "IN", path
        assert set(of["comparator"]) <= {"clinic.occupied", "clinic.available", "clinic.staff", "clinic.secret"}
        assert "granularity_sqla" not in params, path


def test_charts_look_back_from_the_end_of_today() -> None:
    """ "Last 30 days" would end before today's figures begin."""
    for key in ("tile_occupancy", "trend_occupancy", "map_occupancy", "ranking_occupancy_ward"):
        (period,) = [f["comparator"] for f in chart(compiled(), key)["params"]["adhoc_filters"] if f.get("subject") == "period_starts"]
        assert period.endswith(" : DATEADD(DATETIME('today'), 1, day)"), key


def test_values_with_categories_are_shown_by_their_labels() -> None:
    files = compiled()
    for path in ("datasets/clinic/beds.yaml", "datasets/clinic/indicators_day.yaml"):
        (label,) = [c for c in document(files, path)["columns"] if c["column_name"] == "ward_label"]
        assert (
            label["expression"]
            == """CASE "ward"::text WHEN 'thuong' THEN 'Khoa thường' WHEN 'hoi-suc' THEN 'Hồi sức ''tích cực''' ELSE "ward"::text END"""
        )
    columns = chart(files, "beds_table")["params"]["all_columns"]
    assert "ward_label" in columns
    assert "ward" not in columns


def test_a_filter_of_the_unit_reaches_only_what_is_counted_by_unit() -> None:
    excluded = filters_of(compiled(), "unit")
    assert excluded == {"trend_secret_share", "tile_secret_share", "source"}


def test_a_filter_of_the_agency_reaches_tables_and_indicators_shown_by_agency() -> None:
    files = compiled()
    narrowed = {p["id"].removeprefix("CHART-") for p in of_dashboard(files)} - filters_of(files, "agency")
    assert narrowed == {"beds_table", "staff_table", "ranking_beds_per_staff_unit", "tile_secret_share", "trend_secret_share"}


def test_a_click_on_a_ward_filters_what_is_broken_down_by_ward_and_nothing_else() -> None:
    assert filtered_by_a_click_on(compiled(), "ranking_occupancy_ward") == {
        "tile_occupancy",
        "trend_occupancy",
        "trend_occupancy_ward",
        "map_occupancy",
        "beds_table",
    }


def test_a_click_on_a_tile_filters_nothing() -> None:
    assert filtered_by_a_click_on(compiled(), "tile_occupancy") == set()


def test_everyones_dashboard_holds_only_what_is_open() -> None:
    files = compiled(is_open=True)
    assert document(files, "dashboards/clinic_open.yaml")["slug"] == "clinic-open"
    assert document(files, "dashboards/clinic_open.yaml")["dashboard_title"] == "Phòng khám · công khai"
    keys = {p["id"].removeprefix("CHART-") for p in of_dashboard(files, "clinic_open")}
    assert not any("secret" in key for key in keys)
    assert "staff_table" not in keys, "the table of a shared dataset is not everyone's"
    open_uuids = {document(files, p)["uuid"] for p in files if p.startswith("datasets/") and p.endswith("__open.yaml")}
    beds = document(files, "datasets/clinic/beds.yaml")["uuid"]
    source = document(files, "datasets/ledger/source.yaml")["uuid"]
    read = {chart(files, key)["dataset_uuid"] for key in keys}
    assert read <= open_uuids | {beds, source}
    metrics = {m["metric_name"] for m in document(files, "datasets/clinic/indicators_day__open.yaml")["metrics"]}
    assert metrics == {"occupancy", "occupancy__numerator", "occupancy__denominator", "target_occupancy", "sum_occupied", "sum_available"}


def test_without_the_word_open_there_is_no_dashboard_for_everyone() -> None:
    files = compiled()
    assert len(wanted_uuids(files)["dashboard"]) == 1
    assert not any(path.endswith("__open.yaml") for path in files)


def test_indicators_without_a_dashboard_are_shown_at_once() -> None:
    contract = contract_with()
    files = compile_contract(Contract.model_validate({**contract.model_dump(by_alias=True), "dashboard": {}}))
    keys = {p["id"].removeprefix("CHART-") for p in of_dashboard(files)}
    assert {"tile_occupancy", "trend_occupancy", "tile_beds_per_staff", "beds_table", "staff_table", "source"} <= keys


@pytest.mark.parametrize("calendar", Calendar)
def test_a_dataset_that_is_owed_by_any_calendar_has_trends_of_its_sums(calendar: Calendar) -> None:
    content = {**contract_with().model_dump(by_alias=True), "indicators": {}, "measures": {}, "dashboard": {}}
    for resource in content["resources"]:
        resource["obligation"]["calendar"] = calendar
    params = chart(compile_contract(Contract.model_validate(content)), "beds_trend_1")["params"]
    is_administrative = calendar.value.startswith("administrative")
    assert (params["time_grain_sqla"] == "P1D") == (is_administrative or calendar is Calendar.DAY)


def board_of(*panels: dict[str, Any]) -> Contract:
    """The contract with a dashboard of these panels alone."""
    return contract_with(first_row=[], rows=[[panel] for panel in panels])


def test_scores_ask_once_for_all_of_their_lines_and_tell_each_by_its_own_target() -> None:
    files = compile_contract(board_of({"scores": ["occupancy", "beds-per-staff"]}))
    made = chart(files, "scores_occupancy_beds_per_staff")
    lines = made["params"]["lines"]
    assert made["viz_type"] == "ioc_scores"
    assert [(one["metric"], one.get("target_metric"), one["decimals"]) for one in lines] == [
        ("occupancy", "target_occupancy", 1),
        ("beds_per_staff", None, 2),
    ]
    asked = {one[key] for one in lines for key in ("metric", "target_metric", "numerator_metric", "denominator_metric") if one.get(key)}
    assert set(made["params"]["metrics"]) == asked


def test_a_table_of_what_is_open_begins_with_what_was_due_first() -> None:
    made = chart(compile_contract(board_of({"table": "beds", "empty": "occupied", "first": "available"})), "beds_table")
    asked = {(c["subject"], c["operator"]) for c in made["params"]["adhoc_filters"]}

    assert made["params"]["order_by_cols"] == ['["available", true]']
    assert ("occupied", "IS NULL") in asked
    assert "occupied" not in made["params"]["all_columns"], "it would be empty in every row"
    assert "occupied" in chart(compiled(), "beds_table")["params"]["all_columns"]


def test_a_table_shows_the_columns_that_the_contract_names_in_their_order() -> None:
    made = chart(compile_contract(board_of({"table": "beds", "columns": ["available", "unit", "ward"]})), "beds_table")
    assert made["params"]["all_columns"] == ["available", "unit_name", "ward_label", "delivery_link"]
    assert yaml.safe_load(made["query_context"])["queries"][0]["columns"] == made["params"]["all_columns"]


def test_a_season_looks_back_over_years_whatever_other_charts_of_its_calendar_do() -> None:
    files = compile_contract(board_of({"season": "occupancy"}, {"season": "occupancy", "aligned": "tet"}))
    year, tet = chart(files, "season_occupancy_year"), chart(files, "season_occupancy_tet")
    assert (year["viz_type"], year["params"]["aligned"], tet["params"]["aligned"]) == ("ioc_season", "year", "tet")
    assert any("-4, year" in str(one.get("comparator")) for one in year["params"]["adhoc_filters"])


def test_columns_begin_at_zero_and_are_stacked_when_the_contract_says_so() -> None:
    files = compile_contract(board_of({"trend": "secret-share", "as": "columns"}, {"trend": "occupancy", "by": "ward", "as": "stacked"}))
    side, stacked = chart(files, "trend_secret_share_columns")["params"], chart(files, "trend_occupancy_ward_stacked")["params"]
    assert (side["viz_type"], side["y_axis_bounds"], side["stack"]) == ("echarts_timeseries_bar", [0, None], None)
    assert (stacked["seriesType"], stacked["stack"], stacked["truncateYAxis"]) == ("bar", "Stack", False)


def test_a_row_and_a_source_lead_to_the_portal_wherever_the_dashboard_is_imported() -> None:
    files = compiled()
    rows = document(files, "datasets/clinic/beds.yaml")
    (link,) = [column for column in rows["columns"] if column["column_name"] == "delivery_link"]
    assert link["expression"].startswith("'<a href=\"/ioc/delivery/load/' || load_id")
    assert chart(files, "beds_table")["params"]["all_columns"][-1] == "delivery_link"
    assert chart(files, "source")["params"]["all_columns"][0] == "title_link"
