"""Seasons: the years of an indicator over one another, from the first of January or from the lunar new year."""

from __future__ import annotations

from control.compile.superset.chart import Chart, having, in_period, query
from control.compile.superset.dataset import TIME_COLUMN
from control.compile.superset.figure import figure_params
from control.compile.superset.indicator import chart_key, heading_of, listed, narrowed_by, of_measures
from control.compile.superset.reach import since
from control.compile.superset.wide import CALENDAR_NAMES, Wide, indicator_description
from datasets.model.dashboard import Panel
from datasets.model.formula import metric_name

SEASON_HEIGHT = 46
PHONE_SEASON_HEIGHT = 46
YEARS = 4
PERIODS = 366 * YEARS


def season(wide: Wide, panel: Panel) -> Chart:
    """One indicator, a line for each year."""
    name, aligned = panel.own_indicators[0], panel.aligned or "year"
    indicator = wide.indicator(name)
    filters = [of_measures(wide, [name]), in_period(since(YEARS, "year")), having(f"({wide.formulas[name].metric}) IS NOT NULL")]
    title = indicator.short or indicator.title
    over = "so với Tết các năm" if aligned == "tet" else "so cùng kỳ các năm"
    return Chart(
        contract=wide.contract,
        key=chart_key(wide, "season", name, aligned, *([wide.calendar.value] if panel.calendar else [])),
        title=listed(wide, f"{indicator.title}: {over}, theo {CALENDAR_NAMES[wide.calendar]}"),
        heading=heading_of(panel, f"{title}: {over}"),
        dataset=wide.uuid,
        params={
            **figure_params(wide, name),
            "adhoc_filters": filters,
            "aligned": aligned,
            "row_limit": PERIODS,
            "viz_type": "ioc_season",
            "x_axis": TIME_COLUMN,
        },
        height=SEASON_HEIGHT,
        phone_height=PHONE_SEASON_HEIGHT,
        description=indicator_description(indicator),
        narrowed_by=narrowed_by(wide, [name]),
        queries=(query([TIME_COLUMN], [metric_name(name)], filters, PERIODS, [(TIME_COLUMN, False)]),),
    )
