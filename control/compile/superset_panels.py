"""Charts of indicators: tiles, trends with the target's line, rankings and maps, over the wide views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from control.compile.superset_chart import ANY_TIME, COLOURS, Chart, condition, having, in_period, lower_first, query
from control.compile.superset_dataset import TIME_COLUMN
from control.compile.superset_wide import (
    CALENDAR_NAMES,
    Wide,
    indicator_description,
    indicator_format,
    shown_breakdown,
    target_name,
)
from datasets.model.calendar_name import Calendar
from datasets.model.dashboard import Panel
from datasets.model.formula import metric_name, target_metric
from datasets.model.table_schema import Level

TILE_HEIGHT = 28
TREND_HEIGHT = 46
RANKING_HEIGHT = 58
MAP_HEIGHT = 64
PHONE_TILE_HEIGHT = 24
PHONE_MAP_HEIGHT = 60

BARS = 15
LINES = 6
POINTS = 10_000
TARGET_COLOUR = "#b3261e"
DAY = "%d/%m/%Y"
UNIT_COLUMN = "unit_name"
AGENCY_COLUMN = "agency_title"
LEVEL_NAMES = {Level.COMMUNE: "xã, phường", Level.DISTRICT: "huyện", Level.PROVINCE: "tỉnh", Level.COUNTRY: "quốc gia"}


@dataclass(frozen=True)
class Reach:
    """How far back charts of a calendar look until somebody chooses a period."""

    tile: str
    trend: str
    map: str
    ranking: str
    ranking_words: str
    axis: str
    """d3 format of the time axis."""


REACH = {
    Calendar.DAY: Reach("Last 60 days", "Last 90 days", "Last 30 days", "Last 7 days", "7 ngày qua", "%d/%m"),
    Calendar.WEEK: Reach("Last 60 weeks", "Last 12 months", "Last 26 weeks", "Last 28 days", "4 tuần qua", DAY),
    Calendar.MONTH: Reach("Last 60 months", "Last 36 months", "Last 24 months", "Last 3 months", "3 tháng qua", "%m/%Y"),
    Calendar.ADMINISTRATIVE_MONTH: Reach("Last 60 months", "Last 36 months", "Last 24 months", "Last 3 months", "3 tháng qua", DAY),
    Calendar.QUARTER: Reach("Last 10 years", "Last 5 years", "Last 5 years", "Last 12 months", "4 quý qua", "%m/%Y"),
    Calendar.ADMINISTRATIVE_QUARTER: Reach("Last 10 years", "Last 5 years", "Last 5 years", "Last 12 months", "4 quý qua", DAY),
}
EVER = Reach(ANY_TIME, ANY_TIME, ANY_TIME, "Last 2 years", "2 năm qua", "%Y")


def reach(calendar: Calendar) -> Reach:
    return REACH.get(calendar, EVER)


def _measures(wide: Wide, names: Sequence[str]) -> dict[str, Any]:
    """Only these measures' rows are read: the store finds them by its index."""
    return condition("measure", "IN", wide.measures(names))


def _narrowed_by(wide: Wide, names: Sequence[str]) -> frozenset[str]:
    """Columns that every one of these indicators may be grouped by keep its figures meaningful when they filter it."""
    columns: set[str] = set()
    for by in set.intersection(*(set(wide.indicator(name).shown_by) for name in names)):
        if by == "unit":
            columns |= {UNIT_COLUMN} if all(wide.level(name) is not Level.PROVINCE for name in names) else set()
        elif by == "agency":
            columns.add(AGENCY_COLUMN)
        elif by in wide.breakdown():
            columns |= {by, shown_breakdown(wide, by)}
    return frozenset(columns)


def _grouped_by(wide: Wide, by: str) -> str:
    """The column that says in words what lines or bars are for."""
    return {"unit": UNIT_COLUMN, "agency": AGENCY_COLUMN}.get(by) or shown_breakdown(wide, by)


def _noun(wide: Wide, name: str, by: str) -> str:
    """What bars are for: "xã, phường", "cơ quan", "cơ sở"."""
    if by == "unit":
        return LEVEL_NAMES[wide.level(name)]
    if by == "agency":
        return "cơ quan"
    return lower_first(wide.breakdown()[by].title).removeprefix("mã ")


def _has_target(wide: Wide, name: str) -> bool:
    return target_metric(wide.indicator(name)) is not None


def _key(wide: Wide, kind: str, *parts: str) -> str:
    return "_".join([*(["open"] if wide.is_open else []), kind, *(part.replace("-", "_") for part in parts)])


def _listed(wide: Wide, title: str) -> str:
    """The title in Superset's list, where charts of everyone's dashboard stand beside the others."""
    return f"{title} (công khai)" if wide.is_open else title


def heading_of(panel: Panel, made: str) -> str:
    """The panel's own title, or the one that was made."""
    return panel.title or made


def tile(wide: Wide, name: str) -> Chart:
    """The last value of an indicator, its period, target, change and course."""
    indicator = wide.indicator(name)
    target = target_name(name) if _has_target(wide, name) else None
    filters = [_measures(wide, [name]), in_period(reach(wide.calendar).tile)]
    proposed = bool(indicator.targets) and all(t.basis.kind == "proposed" for t in indicator.targets)
    amber = next((t.amber for t in reversed(indicator.targets) if t.amber is not None), None)
    return Chart(
        contract=wide.contract,
        key=_key(wide, "tile", name),
        title=_listed(wide, f"{indicator.title}: ô số"),
        heading=indicator.short or indicator.title,
        dataset=wide.uuid,
        params={
            "adhoc_filters": filters,
            **({"amber": amber} if amber is not None else {}),
            "calendar": wide.calendar.value,
            "decimals": indicator.decimals,
            "direction": indicator.direction,
            "metric": metric_name(name),
            "row_limit": 60,
            "target_metric": target,
            "target_proposed": proposed,
            "unit": indicator.unit,
            "viz_type": "ioc_tile",
            "x_axis": TIME_COLUMN,
        },
        height=TILE_HEIGHT,
        phone_height=PHONE_TILE_HEIGHT,
        description=indicator_description(indicator),
        narrowed_by=_narrowed_by(wide, [name]),
        queries=(query([TIME_COLUMN], [metric_name(name), *([target] if target else [])], filters, 60, [(TIME_COLUMN, False)]),),
    )


def _trend_title(wide: Wide, names: Sequence[str], by: str | None) -> str:
    first, *others = [wide.indicator(name).title for name in names]
    title = ", ".join([first, *map(lower_first, others)])
    return f"{title} theo {_noun(wide, names[0], by)}, {LINES} cao nhất" if by else title


def trend(wide: Wide, names: Sequence[str], by: str | None, panel: Panel) -> Chart:
    """Indicators of one unit of measure over time; one alone with its target's line."""
    indicator = wide.indicator(names[0])
    target = target_name(names[0]) if len(names) == 1 and _has_target(wide, names[0]) else None
    column = _grouped_by(wide, by) if by else None
    filters = [_measures(wide, names), in_period(reach(wide.calendar).trend)]
    if by == "unit":
        filters.append(condition("unit_level", "==", wide.level(names[0]).value))
    metrics = [metric_name(name) for name in names]
    is_split = target is not None and column is not None
    params = {
        **_lines(filters, metrics if is_split or not target else [*metrics, target], [column] if column else []),
        **_axes(wide, indicator.unit, max(wide.indicator(name).decimals for name in names)),
        "show_legend": len(names) > 1 or bool(column) or bool(target),
        "viz_type": "mixed_timeseries" if is_split else "echarts_timeseries_line",
    }
    asked = [query([TIME_COLUMN, *([column] if column else [])], params["metrics"], filters, POINTS)]
    if is_split:
        second = _lines(filters, [str(target)], [])
        params |= {f"{key}_b": second[key] for key in ("adhoc_filters", "groupby", "metrics", "row_limit", "truncate_metric", "order_desc")}
        params |= {"seriesTypeB": "line", "yAxisIndex": 0, "yAxisIndexB": 0, "markerEnabledB": False, "opacityB": 0}
        asked.append(query([TIME_COLUMN], [str(target)], filters, POINTS))
    return Chart(
        contract=wide.contract,
        key=_key(wide, "trend", *names, *([by] if by else []), *([wide.calendar.value] if panel.calendar else [])),
        title=_listed(wide, f"{_trend_title(wide, names, by)}: diễn biến theo {CALENDAR_NAMES[wide.calendar]}"),
        heading=heading_of(panel, _trend_title(wide, names, by)),
        dataset=wide.uuid,
        params=params,
        height=TREND_HEIGHT,
        description=indicator_description(indicator) if len(names) == 1 else None,
        narrowed_by=_narrowed_by(wide, names),
        emits=column,
        queries=tuple(asked),
    )


def _lines(filters: Sequence[dict[str, Any]], metrics: Sequence[str], groups: Sequence[str]) -> dict[str, Any]:
    """What is asked for lines over time; of many groups, those with the highest values."""
    return {
        "adhoc_filters": list(filters),
        "groupby": list(groups),
        **({"limit": LINES, "timeseries_limit_metric": metrics[0]} if groups else {}),
        "metrics": list(metrics),
        "only_total": True,
        "order_desc": True,
        "row_limit": POINTS,
        "time_grain_sqla": None,  # the view's rows are of whole periods already
        "truncate_metric": True,
        "x_axis": TIME_COLUMN,
    }


def _axes(wide: Wide, unit: str, decimals: int) -> dict[str, Any]:
    axis = reach(wide.calendar).axis
    name = CALENDAR_NAMES[wide.calendar]
    return {
        "color_scheme": COLOURS,
        "legendOrientation": "top",
        "legendType": "plain",
        "markerEnabled": wide.calendar is not Calendar.DAY,
        "markerSize": 6,
        "minorTicks": False,
        "opacity": 0.2,
        "rich_tooltip": True,
        "seriesType": "line",
        "showTooltipTotal": False,
        "sort_series_type": "sum",
        "tooltipTimeFormat": DAY if wide.calendar in (Calendar.DAY, Calendar.WEEK) else axis,
        "truncateYAxis": False,
        "x_axis_time_format": axis,
        "x_axis_title": f"{name[:1].upper()}{name[1:]}" + (" (ngày đầu kỳ)" if axis == DAY else ""),
        "x_axis_title_margin": 30,
        "y_axis_bounds": [None, None],
        "y_axis_format": f",.{max(decimals, 1)}~f",
        "y_axis_title": unit,
        "y_axis_title_margin": 15,
        "y_axis_title_position": "Top",
    }


def ranking(wide: Wide, name: str, by: str, panel: Panel) -> Chart:
    """Units, agencies or other parts as bars, the worst first, or the highest when neither side is worse."""
    indicator = wide.indicator(name)
    column, metric = _grouped_by(wide, by), metric_name(name)
    is_rising = indicator.direction == "up"
    far = reach(wide.calendar)
    filters = [_measures(wide, [name]), in_period(far.ranking), having(f"({wide.formulas[name].metric}) IS NOT NULL")]
    if by == "unit":
        filters.append(condition("unit_level", "==", wide.level(name).value))
    side = "thấp nhất" if is_rising else "cao nhất"
    made = f"{indicator.short or indicator.title}: {BARS} {_noun(wide, name, by)} {side}, {far.ranking_words}"
    return Chart(
        contract=wide.contract,
        key=_key(wide, "ranking", name, by, *([wide.calendar.value] if panel.calendar else [])),
        title=_listed(wide, f"{indicator.title}: xếp hạng theo {_noun(wide, name, by)}"),
        heading=heading_of(panel, made),
        dataset=wide.uuid,
        params={
            "adhoc_filters": filters,
            "color_scheme": COLOURS,
            "groupby": [],
            "legendOrientation": "top",
            "metrics": [metric],
            "minorSplitLine": False,
            "only_total": True,
            "order_desc": not is_rising,
            "orientation": "horizontal",
            "rich_tooltip": True,
            "row_limit": BARS,
            "show_legend": False,
            "show_value": True,
            "showTooltipTotal": False,
            "sort_series_type": "sum",
            "timeseries_limit_metric": metric,
            "truncate_metric": True,
            "truncateYAxis": False,
            "viz_type": "echarts_timeseries_bar",
            "x_axis": column,
            "x_axis_sort": metric,
            "x_axis_sort_asc": is_rising,
            "x_axis_title": "",
            "y_axis_bounds": [0, None],
            "y_axis_format": indicator_format(indicator),
            "y_axis_title": indicator.unit,
            "y_axis_title_margin": 30,
            "y_axis_title_position": "Left",
        },
        height=RANKING_HEIGHT,
        description=indicator_description(indicator),
        narrowed_by=_narrowed_by(wide, [name]),
        emits=column,
        queries=(query([column], [metric], filters, BARS, [(metric, is_rising)]),),
    )


def choropleth(wide: Wide, name: str, panel: Panel) -> Chart:
    """An indicator by unit on the map, the last period first."""
    indicator = wide.indicator(name)
    level = wide.level(name)
    filters = [_measures(wide, [name]), in_period(reach(wide.calendar).map)]
    at_level = condition("unit_level", "==", level.value)
    metric = metric_name(name)
    return Chart(
        contract=wide.contract,
        key=_key(wide, "map", name, *([wide.calendar.value] if panel.calendar else [])),
        title=_listed(wide, f"{indicator.title}: bản đồ"),
        heading=heading_of(panel, f"{indicator.title} theo {LEVEL_NAMES[level]}"),
        dataset=wide.uuid,
        params={
            "adhoc_filters": filters,
            "calendar": wide.calendar.value,
            "classes": 5,
            "decimals": indicator.decimals,
            "direction": indicator.direction,
            "level": level.value,
            "metric": metric,
            "unit": indicator.unit,
            "viz_type": "ioc_choropleth",
        },
        height=MAP_HEIGHT,
        phone_height=PHONE_MAP_HEIGHT,
        description=indicator_description(indicator),
        narrowed_by=_narrowed_by(wide, [name]),
        emits=UNIT_COLUMN,
        queries=(query(["unit_id", "unit_code", "unit_name", TIME_COLUMN], [metric], [*filters, at_level], 8000, [(TIME_COLUMN, False)]),),
    )


def panel_chart(views: dict[Calendar, Wide], panel: Panel) -> Chart:
    """The chart of a trend, ranking or map. Raises KeyError for an indicator that has no view by that calendar."""
    name = panel.indicators[0]
    calendar = panel.calendar or next(c for c, wide in views.items() if name in wide.formulas and c == wide.formulas[name].calendars[0])
    wide = views[calendar]
    if panel.trend is not None:
        return trend(wide, panel.indicators, panel.by, panel)
    if panel.ranking is not None:
        return ranking(wide, name, panel.by or "unit", panel)
    return choropleth(wide, name, panel)
