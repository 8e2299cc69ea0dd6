"""Charts of indicators over time, with the line of the target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from control.compile.superset.chart import COLOURS, Chart, condition, having, in_period, lower_first, query
from control.compile.superset.dataset import TIME_COLUMN
from control.compile.superset.indicator import calendar_key, chart_key, grouped_by, heading_of, listed, narrowed_by, noun, of_measures
from control.compile.superset.reach import DAY, PLAIN_PERIODS, reach
from control.compile.superset.wide import CALENDAR_NAMES, TARGET, Wide, indicator_description
from datasets.model.calendar_name import Calendar
from datasets.model.dashboard import Panel
from datasets.model.formula import metric_name
from datasets.model.target import target_metric

TREND_HEIGHT = 46
LINES = 6
MOST_PARTS = 8
"""Parts that the contract names and that are all drawn: stacked columns without one of them would be too low."""
LINE_TYPE, COLUMN_TYPE = "echarts_timeseries_line", "echarts_timeseries_bar"
POINTS = 10_000
MIDDLE, LOW, HIGH = "__yhat", "__yhat_lower", "__yhat_upper"
"""Endings of names by which Superset's lines draw a band: those of its own forecasts."""
TARGET_COLOUR = "#b3261e"
FIGURE_COLOUR = "#1f5fa6"


def _trend_title(wide: Wide, names: Sequence[str], by: str | None) -> str:
    first, *others = [wide.indicator(name).title for name in names]
    title = ", ".join([first, *map(lower_first, others)]) if len(others) < 2 else f"{first} và {len(others)} chỉ số khác"
    if not by:
        return title
    return f"{title} theo {noun(wide, names[0], by)}" + ("" if _named_parts(wide, by) else f", {LINES} cao nhất")


def _named_parts(wide: Wide, by: str) -> list[str]:
    """Names of the parts in the contract's order, where it names them and all of them are drawn; otherwise none."""
    named = (wide.breakdown()[by].categories if by in wide.breakdown() else None) or []
    return [category.label for category in named] if len(named) <= MOST_PARTS else []


def trend(wide: Wide, panel: Panel) -> Chart:
    """Indicators of one unit of measure over time, as lines or columns; one alone with its target's line."""
    names, by = [*panel.own_indicators, *(panel.band or [])], panel.by
    parts = _named_parts(wide, by) if by else []
    indicator = wide.indicator(names[0])
    # The target is one of the whole: it is no line among the parts.
    target = _target_line(target_metric(indicator, wide.calendar)) if len(panel.own_indicators) == 1 and not by else None
    column = grouped_by(wide, by) if by else None
    filters = [of_measures(wide, names), in_period(_shown_period(wide, names))]
    if by == "unit":
        filters.append(condition("unit_level", "==", wide.level(names[0]).value))
    metrics: list[Any] = _interval(wide, panel) if panel.band else [metric_name(name) for name in names]
    if any(part.measure.as_of for name in names for part in wide.parts_of(name)):
        # A stock has rows of every period since it is known; those in which nothing else is known would only stretch the axis.
        filters.append(having(" OR ".join(f"({wide.formulas[name].metric}) IS NOT NULL" for name in names)))
    params = {
        **_lines(filters, metrics, [column] if column else [], len(parts)),
        **_axes(wide, indicator.unit, max(wide.indicator(name).decimals for name in names)),
        **_columns(panel),
        # For superset_ioc's static/charts/trend.js, which names periods, says when data are late, and keeps the order of age groups and
        # levels of schools, where Superset puts the largest first; another Superset passes over them.
        "calendar": wide.calendar.value,
        **({"parts": parts} if parts else {}),
        "indicators": [f"{wide.contract.name}.{name}" for name in panel.own_indicators],
        "show_legend": len(names) > 1 or bool(column) or bool(target),
        "viz_type": "mixed_timeseries" if target else LINE_TYPE if panel.as_ in (None, "lines") else COLUMN_TYPE,
    }
    asked = [query([TIME_COLUMN, *([column] if column else [])], metrics, filters, POINTS)]
    if target:
        second = _lines(filters, [target], [])
        params |= {f"{key}_b": second[key] for key in ("adhoc_filters", "groupby", "metrics", "row_limit", "truncate_metric", "order_desc")}
        params |= {"seriesTypeB": "line", "yAxisIndex": 0, "yAxisIndexB": 0, "markerEnabledB": False, "opacityB": 0}
        asked.append(query([TIME_COLUMN], [target], filters, POINTS))
    return Chart(
        contract=wide.contract,
        key=chart_key(wide, "trend", *names, *([by] if by else []), *calendar_key(wide, panel), *_drawn(panel)),
        title=listed(wide, f"{_trend_title(wide, names, by)}: diễn biến theo {CALENDAR_NAMES[wide.calendar]}"),
        heading=heading_of(panel, _trend_title(wide, names, by)),
        dataset=wide.uuid,
        params=params,
        height=TREND_HEIGHT,
        description=indicator_description(indicator) if len(names) == 1 else None,
        narrowed_by=narrowed_by(wide, names),
        emits=column,
        queries=tuple(asked),
    )


def _shown_period(wide: Wide, names: Sequence[str]) -> str:
    """Until the period that runs; stocks and what the clock alone changes stand within it too."""
    stands = all(part.measure.as_of or part.measure.tick for name in names for part in wide.parts_of(name))
    return reach(wide.calendar).trend if stands else reach(wide.calendar).finished


def _interval(wide: Wide, panel: Panel) -> list[Any]:
    """Metrics whose names Superset's own lines understand as a figure and the band of its interval."""
    low, high = panel.band or []
    title = wide.indicator(panel.own_indicators[0]).short or wide.indicator(panel.own_indicators[0]).title
    shown = [*((name, MIDDLE) for name in panel.own_indicators[:1]), (low, LOW), (high, HIGH)]
    return [sql_metric(wide.formulas[name].metric, f"{title}{ending}") for name, ending in shown]


def interval_colours(charts: Sequence[Chart]) -> dict[str, str]:
    """One colour for each figure with a band, its line, its ends and its name: of itself Superset takes several, and the legend another."""
    labels = [metric["label"] for chart in charts for metric in chart.params.get("metrics", ()) if isinstance(metric, dict)]
    titles = [label.removesuffix(MIDDLE) for label in labels if label.endswith(MIDDLE)]
    return {f"{title}{ending}": FIGURE_COLOUR for title in titles for ending in ("", MIDDLE, LOW, HIGH)}


def _drawn(panel: Panel) -> list[str]:
    """How it is drawn, as a part of its key, when it is not drawn as lines."""
    return [panel.as_] if panel.as_ not in (None, "lines") else []


def _columns(panel: Panel) -> dict[str, Any]:
    """What makes columns of lines: they begin at zero, or their heights could not be compared."""
    if not _drawn(panel):
        return {}
    return {
        "markerEnabled": False,
        "opacity": 1,
        "seriesType": "bar",
        "stack": "Stack" if panel.as_ == "stacked" else None,
        "truncateYAxis": False,
        "y_axis_bounds": [0, None],
    }


def _target_line(expression: str | None) -> dict[str, Any] | None:
    """The target's metric under a name that is short enough for a phone's legend."""
    if expression is None:
        return None
    return sql_metric(expression, TARGET)


def sql_metric(expression: str, label: str) -> dict[str, Any]:
    """A metric of one chart, under a name of its own."""
    named = "metric_target" if label == TARGET else f"metric_{label.rpartition('__')[2]}"
    return {"expressionType": "SQL", "hasCustomLabel": True, "label": label, "optionName": named, "sqlExpression": expression}


def _lines(filters: Sequence[dict[str, Any]], metrics: Sequence[Any], groups: Sequence[str], named: int = 0) -> dict[str, Any]:
    """What is asked for lines over time; of more groups than are `named`, those with the highest values."""
    return {
        "adhoc_filters": list(filters),
        "groupby": list(groups),
        **({"limit": max(named, LINES), "timeseries_limit_metric": metrics[0]} if groups else {}),
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
        "truncateYAxis": unit == "%",  # near the target the course of a share would be a flat line on an axis from 0
        "x_axis_time_format": axis,
        "x_axis_title": f"{name[:1].upper()}{name[1:]}" + (" (ngày đầu kỳ)" if wide.calendar not in PLAIN_PERIODS else ""),
        "x_axis_title_margin": 30,
        "y_axis_bounds": [None, None] if unit == "%" else [0, None],
        "y_axis_format": f",.{max(decimals, 1)}~f",
        "y_axis_title": unit,
        "y_axis_title_margin": 15,
        "y_axis_title_position": "Top",
    }
