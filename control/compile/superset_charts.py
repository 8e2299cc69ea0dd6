"""Superset's charts of a subsystem: where its figures come from, and for each resource trends of its sums and a table of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from control.compile.store_views import agency_titles
from control.compile.superset_bundle import VERSION, Files, identifier, text
from control.compile.superset_datasets import (
    SOURCE_TIME_COLUMN,
    SOURCE_UUID,
    TIME_COLUMN,
    dataset_uuid,
    has_time,
    number_format,
    sum_metric,
    summed_fields,
)
from datasets.model.audience import readable_fields
from datasets.model.contract import Calendar, Contract, ContractField, Resource

LINES_IN_A_TREND = 3
LEGEND_LETTERS = 72
"""Letters that a legend has room for when a trend is half as wide as a laptop's screen; a mark takes the room of LEGEND_MARK letters."""
LEGEND_MARK = 5
ROWS_ON_A_PAGE = 10
ROWS_OF_A_TABLE = 500
MOST_COLUMNS = 7
"""A table with so many columns needs the whole width of a laptop's screen, and has no room for the sender's name."""
COLOURS = "supersetColors"

# ISO 8601 grain and d3 format of the axis. A sum over more than the resource's own calendar would add stocks of several days.
GRAIN = {
    Calendar.DAY: ("P1D", "%d/%m/%Y"),
    Calendar.WEEK: ("P1W", "%d/%m/%Y"),
    Calendar.MONTH: ("P1M", "%m/%Y"),
    Calendar.ADMINISTRATIVE_MONTH: ("P1M", "%m/%Y"),
    Calendar.QUARTER: ("P3M", "%m/%Y"),
    Calendar.YEAR: ("P1Y", "%Y"),
    Calendar.SCHOOL_YEAR: ("P1Y", "%Y"),
}


@dataclass(frozen=True)
class Chart:
    """One chart, and how it is shown on its subsystem's dashboard."""

    key: str
    title: str
    """Name in Superset's list of charts."""
    heading: str
    """Name under the resource's own heading on the dashboard."""
    viz_type: str
    dataset: str
    """UUID."""
    params: dict[str, Any]
    uuid: str

    @property
    def path(self) -> str:
        return f"charts/{self.key}.yaml"


def in_any_period() -> dict[str, Any]:
    """The condition that a dashboard's time filter puts its range into."""
    return {
        "clause": "WHERE",
        "comparator": "No filter",
        "expressionType": "SIMPLE",
        "filterOptionName": "period",
        "operator": "TEMPORAL_RANGE",
        "subject": TIME_COLUMN,
    }


def lower_first(title: str) -> str:
    """The title as it stands inside a sentence: "Số ca nặng" becomes "số ca nặng"."""
    return title[:1].lower() + title[1:]


def _short(title: str) -> str:
    """The title without the parts that the dashboard's axes say anyway."""
    for ending in (" theo xã và ngày", " theo xã và tháng", " theo xã và mũi", " theo ngày", " theo tháng", " theo xã"):
        if title.endswith(ending):
            return title.removesuffix(ending)
    return title


def _fitting(fields: list[ContractField]) -> list[list[ContractField]]:
    """Groups in the fields' order whose names fit in one line of legend."""
    groups: list[list[ContractField]] = []
    for field in fields:
        longer = [*groups[-1], field] if groups else [field]
        fits = len(longer) <= LINES_IN_A_TREND and sum(len(f.title) + LEGEND_MARK for f in longer) <= LEGEND_LETTERS
        if groups and fits:
            groups[-1] = longer
        else:
            groups.append([field])
    return groups


def trend_groups(resource: Resource) -> list[list[ContractField]]:
    """Fields by trend: one unit of measure each, in the order of the file, and no more than a legend can name."""
    by_unit: dict[str | None, list[ContractField]] = {}
    for field in summed_fields(resource):
        by_unit.setdefault(field.unit, []).append(field)
    return [group for fields in by_unit.values() for group in _fitting(fields)]


def _heading(fields: list[ContractField]) -> str:
    names = [fields[0].title, *[lower_first(f.title) for f in fields[1:]]]
    text_ = ", ".join(names)
    if len(text_) <= 60 or len(names) < 3:
        return text_
    return f"{names[0]}, {names[1]}…"


def trend(contract: Contract, resource: Resource, number: int, fields: list[ContractField]) -> Chart:
    """Lines over time of the sums of these fields."""
    key = f"{contract.view(resource)}_trend_{number}"
    grain, axis = GRAIN[resource.obligation.calendar]
    unit = fields[0].unit
    params: dict[str, Any] = {
        "adhoc_filters": [in_any_period()],
        "color_scheme": COLOURS,
        "groupby": [],
        "legendOrientation": "top",
        "legendType": "plain",
        "markerEnabled": resource.obligation.calendar in (Calendar.YEAR, Calendar.QUARTER, Calendar.MONTH),
        "metrics": [sum_metric(field) for field in fields],
        "minorTicks": False,
        "only_total": True,
        "opacity": 0.2,
        "order_desc": True,
        "rich_tooltip": True,
        "row_limit": 10000,
        "seriesType": "line",
        "show_legend": len(fields) > 1,
        "sort_series_type": "sum",
        "time_grain_sqla": grain,
        "tooltipTimeFormat": axis,
        "truncateYAxis": False,
        "truncate_metric": True,
        "viz_type": "echarts_timeseries_line",
        "x_axis": TIME_COLUMN,
        "x_axis_time_format": axis,
        "x_axis_title": "",
        "y_axis_bounds": [0, None],
        "y_axis_format": ",.1~f",  # a small count would have the same whole number at several lines of the axis
        "y_axis_title": unit or "",
        "y_axis_title_margin": 15 if unit else 0,
        "y_axis_title_position": "Top",
    }
    return Chart(
        key=key,
        title=f"{_short(resource.title)}: {lower_first(_heading(fields))}",
        heading=_heading(fields),
        viz_type="echarts_timeseries_line",
        dataset=dataset_uuid(contract, resource),
        params=params,
        uuid=identifier("chart", contract.name, key),
    )


def _table_params(columns: list[str], formats: dict[str, str], order: tuple[str, bool] | None, page: int) -> dict[str, Any]:
    return {
        "adhoc_filters": [],
        "all_columns": columns,
        "allow_rearrange_columns": False,
        "color_pn": False,
        "column_config": {name: {"d3NumberFormat": value} for name, value in sorted(formats.items())},
        "groupby": [],
        "include_search": False,
        "metrics": [],
        "order_by_cols": [f'["{order[0]}", {str(order[1]).lower()}]'] if order else [],
        "page_length": page,
        "percent_metrics": [],
        "query_mode": "raw",
        "row_limit": ROWS_OF_A_TABLE,
        "server_pagination": False,  # it would add a search box that names columns by their codes
        "show_cell_bars": False,
        "table_timestamp_format": "%d/%m/%Y",
        "viz_type": "table",
    }


def stands_beside_trend(resource: Resource) -> bool:
    """Whether the table may share a row with the resource's only trend."""
    return has_time(resource) and len(trend_groups(resource)) == 1


def table_columns(resource: Resource) -> list[str]:
    """Columns of the table: when, where, what it is about, the numbers, and who sent it when several agencies do."""
    when = [TIME_COLUMN] if has_time(resource) else []
    counted = {f.column for f in readable_fields(resource) if f.type in ("integer", "number")}
    title_of = agency_titles(resource)
    shown = [
        title_of.get(f.column, f.column)
        for f in readable_fields(resource)
        if f.type != "geojson" and not (has_time(resource) and f.name == resource.delivery.column) and f.column not in counted
    ]
    numbers = [f.column for f in readable_fields(resource) if f.column in counted]
    where = ["unit_name"] if resource.unit_field else []
    columns = [*when, *where, *shown, *numbers]
    has_room = len(columns) < MOST_COLUMNS and not stands_beside_trend(resource)
    return [*columns, "agency_title"] if len(resource.publishers) > 1 and has_room else columns


def table(contract: Contract, resource: Resource) -> Chart:
    """The rows of a resource, the newest first."""
    key = f"{contract.view(resource)}_table"
    formats = {f.column: number_format(f) for f in readable_fields(resource) if f.type == "number" or f.is_summable}
    order = (TIME_COLUMN, False) if has_time(resource) else None
    params = _table_params(table_columns(resource), formats, order, ROWS_ON_A_PAGE)
    if has_time(resource):
        params["adhoc_filters"] = [in_any_period()]
    return Chart(
        key=key,
        title=f"{_short(resource.title)}: bảng số liệu",
        heading=f"Số liệu chi tiết, {ROWS_OF_A_TABLE} dòng mới nhất",
        viz_type="table",
        dataset=dataset_uuid(contract, resource),
        params=params,
        uuid=identifier("chart", contract.name, key),
    )


def source_table(contract: Contract) -> Chart:
    """Which datasets feed the dashboard: simulated or real, loaded when, in which edition."""
    key = f"{contract.pg_schema}_source"
    params = _table_params(["title", "note", SOURCE_TIME_COLUMN, "edition", "rows"], {"edition": ",d", "rows": ",d"}, ("title", True), 0)
    params["table_timestamp_format"] = "%H:%M %d/%m/%Y"
    params["adhoc_filters"] = [
        {
            "clause": "WHERE",
            "comparator": contract.name,
            "expressionType": "SIMPLE",
            "filterOptionName": "subsystem",
            "operator": "==",
            "subject": "subsystem",
        }
    ]
    return Chart(
        key=key,
        title=f"{contract.title}: nguồn số liệu",
        heading="Nguồn số liệu",
        viz_type="table",
        dataset=SOURCE_UUID,
        params=params,
        uuid=identifier("chart", contract.name, key),
    )


def resource_charts(contract: Contract, resource: Resource) -> tuple[list[Chart], Chart]:
    """Trends and table of one resource; no trend when it has no time or nothing to sum."""
    groups = trend_groups(resource) if has_time(resource) and summed_fields(resource) else []
    return [trend(contract, resource, number, fields) for number, fields in enumerate(groups, 1)], table(contract, resource)


def chart_file(chart: Chart) -> Files:
    """The chart in Superset's export format."""
    return {
        chart.path: text(
            {
                "cache_timeout": None,
                "certification_details": None,
                "certified_by": None,
                "dataset_uuid": chart.dataset,
                "description": None,
                "params": chart.params,
                "query_context": None,
                "slice_name": chart.title,
                "uuid": chart.uuid,
                "version": VERSION,
                "viz_type": chart.viz_type,
            }
        )
    }
