"""Seasons: the years of an indicator over one another, from the first of January or from the lunar new year."""

from __future__ import annotations

from control.compile.superset.chart import Chart, having, in_period
from control.compile.superset.dataset import TIME_COLUMN
from control.compile.superset.figure_chart import Asked, Frame, figure_chart
from control.compile.superset.indicator import calendar_key, heading_of, of_measures
from control.compile.superset.reach import since
from control.compile.superset.wide import CALENDAR_NAMES, Wide
from datasets.model.dashboard import Panel
from datasets.model.formula import metric_name

YEARS = 4
SEASON = Frame("season", height=46, phone_height=46, rows=366 * YEARS)


def season(wide: Wide, panel: Panel) -> Chart:
    """One indicator, a line for each year."""
    name, aligned = panel.own_indicators[0], panel.aligned or "year"
    indicator = wide.indicator(name)
    filters = [of_measures(wide, [name]), in_period(since(YEARS, "year")), having(f"({wide.formulas[name].metric}) IS NOT NULL")]
    title = indicator.short or indicator.title
    over = "so với Tết các năm" if aligned == "tet" else "so cùng kỳ các năm"
    return figure_chart(
        SEASON,
        wide,
        name,
        Asked([TIME_COLUMN], [metric_name(name)], filters),
        key=[aligned, *calendar_key(wide, panel)],
        title=f"{indicator.title}: {over}, theo {CALENDAR_NAMES[wide.calendar]}",
        heading=heading_of(panel, f"{title}: {over}"),
        told={"aligned": aligned},
    )
