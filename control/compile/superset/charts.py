"""Superset's charts of a subsystem: where its figures come from, and for each resource trends of its sums and a table of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from control.compile.store.views import agency_titles
from control.compile.superset.chart import COLOURS, Chart, condition, in_period, lower_first, query
from control.compile.superset.dataset import TIME_COLUMN, shown_column
from control.compile.superset.datasets import (
    DELIVERY_COLUMN,
    SOURCE_TIME_COLUMN,
    SOURCE_UUID,
    TITLE_COLUMN,
    dataset_uuid,
    has_time,
    number_format,
    sum_metric,
    summed_fields,
)
from datasets.model.audience import readable_fields
from datasets.model.consistency_dashboard import PLACE
from datasets.model.contract import Calendar, Contract, ContractField, Resource

LINES_IN_A_TREND = 3
LEGEND_LETTERS = 72
"""Letters that a legend has room for when a trend is half as wide as a laptop's screen; a mark takes the room of LEGEND_MARK letters."""
LEGEND_MARK = 5
ROWS_ON_A_PAGE = 10
ROWS_OF_A_TABLE = 500
MOST_COLUMNS = 7
"""A table with so many columns fills more than half of a laptop's screen, and has no room for the sender's name."""
MOST_COLUMNS_OF_A_PAGE = 12
MOMENT_FORMAT = "%H:%M %d/%m/%Y"
TREND_HEIGHT = 44
TABLE_HEIGHT = 63
SOURCE_HEIGHT = 14
SOURCE_ROW_HEIGHT = 4
# On a phone headers of columns take more lines, and so do the titles of sources.
PHONE_TABLE_HEIGHT = 70
PHONE_LINE_HEIGHT = 2
PHONE_LINE_LETTERS = 11
PHONE_ROW_PADDING = 2

# ISO 8601 grain and d3 format of the axis. A sum over more than the resource's own calendar would add stocks of several days.
# Administrative periods begin within a month, and are told by their first day: the month of that day is another one.
GRAIN = {
    Calendar.DAY: ("P1D", "%d/%m/%Y"),
    Calendar.WEEK: ("P1W", "%d/%m/%Y"),
    Calendar.MONTH: ("P1M", "%m/%Y"),
    Calendar.ADMINISTRATIVE_MONTH: ("P1D", "%d/%m/%Y"),
    Calendar.QUARTER: ("P3M", "%m/%Y"),
    Calendar.ADMINISTRATIVE_QUARTER: ("P1D", "%d/%m/%Y"),
    Calendar.YEAR: ("P1Y", "%Y"),
    Calendar.ADMINISTRATIVE_YEAR: ("P1D", "%d/%m/%Y"),
    Calendar.SCHOOL_YEAR: ("P1Y", "%Y"),
}


def short_title(title: str) -> str:
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
        "adhoc_filters": [in_period()],
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
        contract=contract,
        key=key,
        title=f"{short_title(resource.title)}: {lower_first(_heading(fields))}",
        heading=_heading(fields),
        dataset=dataset_uuid(contract, resource),
        params=params,
        height=TREND_HEIGHT,
        narrowed_by=row_columns(resource),
        queries=(query([TIME_COLUMN], params["metrics"], params["adhoc_filters"], params["row_limit"]),),
    )


def _table_params(columns: list[str], formats: dict[str, str], order: tuple[str, bool] | None, page: int) -> dict[str, Any]:
    return {
        "adhoc_filters": [],
        "all_columns": columns,
        "allow_render_html": True,  # the links to deliveries
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


def row_columns(resource: Resource) -> frozenset[str]:
    """Columns of the view by which filters may narrow its rows."""
    fields = readable_fields(resource)
    place = {"unit_name"} if resource.unit_field else set()
    shown = {shown_column(f) for f in fields}
    return frozenset(
        {"agency_title", *place, *shown, *agency_titles(resource).values(), *(f.column for f in fields if f.type != "geojson")}
    )


def named_columns(resource: Resource, columns: Sequence[str]) -> list[str]:
    """What the table shows for the columns that a contract names, and the row's line in the file."""
    shown = {"unit": "unit_name", **{f.column: shown_column(f) for f in readable_fields(resource)}, **agency_titles(resource)}
    return [*(shown[column] for column in columns), DELIVERY_COLUMN]


def table_columns(resource: Resource, *, is_narrow: bool, without: str | None = None, first: str | None = None) -> list[str]:
    """Columns of the table: when, where, what it is about, the numbers, who sent it when several agencies do, and its line in the file.

    `without` is the column of a field that is left out, `first` that of one that must have room, if need be in the place of when.
    """
    when = [TIME_COLUMN] if has_time(resource) else []
    fields = [f for f in readable_fields(resource) if f.column != without]
    counted = {f.column for f in fields if f.type in ("integer", "number")}
    title_of = agency_titles(resource)
    shown = [
        title_of.get(f.column, shown_column(f))
        for f in fields
        if f.type != "geojson" and not (has_time(resource) and f.name == resource.delivery.column) and f.column not in counted
    ]
    numbers = [shown_column(f) for f in fields if f.column in counted and f.column not in PLACE]
    where = ["unit_name"] if resource.unit_field else []
    # What has no room is seen with Superset's drill to detail.
    most = MOST_COLUMNS - 1 if is_narrow else MOST_COLUMNS_OF_A_PAGE - 1
    columns = [*when, *where, *shown, *numbers][:most]
    if ordering := next((shown_column(f) for f in fields if f.column == first and shown_column(f) not in columns), None):
        columns = [ordering, *where, *shown, *numbers][:most]
    sender = ["agency_title"] if len(resource.publishers) > 1 and len(columns) < MOST_COLUMNS and not is_narrow else []
    return [*columns, *sender, DELIVERY_COLUMN]


def _newest_by(resource: Resource, shown: Sequence[str]) -> str:
    """The column by which the newest rows come first: that of the delivery when the contract shows it, so that readers see the order."""
    own = resource.schema_.field(resource.delivery.column).column if resource.delivery.column else TIME_COLUMN
    return own if own in shown else TIME_COLUMN


def table(
    contract: Contract,
    resource: Resource,
    *,
    is_narrow: bool = False,
    heading: str | None = None,
    empty: str | None = None,
    first: str | None = None,
    shown: Sequence[str] | None = None,
) -> Chart:
    """The rows of a resource, the newest first, or the lowest of a column; `empty`: only those without a value there.

    `shown`: the contract's columns that it shows; without them, those that have room.
    """
    formats = {f.column: number_format(f) for f in readable_fields(resource) if f.type == "number" or f.is_summable}
    # Beside another panel there is room for the day only.
    moments = [f.column for f in readable_fields(resource) if f.type == "datetime" and not is_narrow]
    order = (first, True) if first else (_newest_by(resource, shown or ()), False) if has_time(resource) else None
    # A column that is asked to be empty says nothing in any row.
    columns = named_columns(resource, shown) if shown else table_columns(resource, is_narrow=is_narrow, without=empty, first=first)
    params = _table_params(columns, formats, order, ROWS_ON_A_PAGE)
    params["column_config"] |= {column: {"d3TimeFormat": MOMENT_FORMAT} for column in moments}
    params["adhoc_filters"] = [*([in_period()] if has_time(resource) else []), *([condition(empty, "IS NULL", None)] if empty else [])]
    return Chart(
        contract=contract,
        key=f"{contract.view(resource)}_table",
        title=f"{short_title(resource.title)}: bảng số liệu",
        heading=heading or f"{short_title(resource.title)}: {ROWS_OF_A_TABLE} dòng mới nhất",
        dataset=dataset_uuid(contract, resource),
        params=params,
        height=TABLE_HEIGHT,
        phone_height=PHONE_TABLE_HEIGHT,
        description=resource.description,
        narrowed_by=row_columns(resource),
        queries=(query(columns, [], params["adhoc_filters"], ROWS_OF_A_TABLE, [order] if order else []),),
    )


def source_table(contract: Contract, resources: Sequence[Resource], *, is_open: bool = False) -> Chart:
    """Which datasets feed the dashboard: simulated or real, loaded when, in which edition."""
    taken = ["sources"] if any(resource.sources for resource in resources) else []
    columns = [TITLE_COLUMN, "note", *taken, SOURCE_TIME_COLUMN, "edition", "rows"]
    params = _table_params(columns, {"edition": ",d", "rows": ",d"}, (TITLE_COLUMN, True), 0)
    params["table_timestamp_format"] = MOMENT_FORMAT
    params["adhoc_filters"] = [condition("subsystem", "==", contract.name)]
    if is_open:
        params["adhoc_filters"].append(condition("dataset", "IN", [contract.dataset_name(resource) for resource in resources]))
    lines = [max(2, ceil(len(resource.title) / PHONE_LINE_LETTERS)) for resource in resources]
    height = SOURCE_HEIGHT + SOURCE_ROW_HEIGHT * len(resources)
    return Chart(
        contract=contract,
        key="open_source" if is_open else "source",
        title=f"{contract.title}: nguồn số liệu{' (công khai)' if is_open else ''}",
        heading="Nguồn số liệu",
        dataset=SOURCE_UUID,
        params=params,
        height=height,
        phone_height=SOURCE_HEIGHT + PHONE_LINE_HEIGHT * sum(lines) + PHONE_ROW_PADDING * len(lines),
        queries=(query(columns, [], params["adhoc_filters"], ROWS_OF_A_TABLE, [(TITLE_COLUMN, True)]),),
    )


def trends(contract: Contract, resource: Resource) -> list[Chart]:
    """Trends of a resource's sums; none when it has no time or nothing to sum."""
    groups = trend_groups(resource) if has_time(resource) else []
    return [trend(contract, resource, number, fields) for number, fields in enumerate(groups, 1)]
