"""Which chart a dashboard's panel is: one module for each kind."""

from __future__ import annotations

from collections.abc import Callable

from control.compile.superset.chart import Chart
from control.compile.superset.choropleth import choropleth
from control.compile.superset.curve import curve
from control.compile.superset.ranking import ranking
from control.compile.superset.scores import scores
from control.compile.superset.season import season
from control.compile.superset.trend import trend
from control.compile.superset.wide import Wide
from datasets.model.calendar_name import Calendar
from datasets.model.dashboard import Panel

CHARTS: dict[str, Callable[[Wide, Panel], Chart]] = {
    "trend": trend,
    "map": choropleth,
    "ranking": ranking,
    "scores": scores,
    "season": season,
    "curve": curve,
}
"""Of the kinds that show indicators; those that show rows (points, table) are made with their resource."""


def panel_chart(views: dict[Calendar, Wide], panel: Panel) -> Chart:
    """The chart of a panel that shows indicators. Raises KeyError for an indicator that has no view by that calendar."""
    name = panel.own_indicators[0]
    calendar = panel.calendar or next(c for c, wide in views.items() if name in wide.formulas and c == wide.formulas[name].calendars[0])
    return CHARTS[panel.kind](views[calendar], panel)
