"""Curves: an indicator as columns over time, the last days shaded because reports of them are still coming in."""

from __future__ import annotations

from dataclasses import replace

from control.compile.superset.chart import Chart
from control.compile.superset.indicator import chart_key
from control.compile.superset.trend import trend
from control.compile.superset.wide import Wide
from datasets.model.dashboard import Panel


def curve(wide: Wide, panel: Panel) -> Chart:
    """Columns over time, stacked when they are for several parts."""
    name = panel.own_indicators[0]
    drawn = trend(wide, panel.model_copy(update={"curve": None, "shaded": None, "trend": name, "as_": "stacked"}))
    by = [panel.by] if panel.by else []
    return replace(drawn, key=chart_key(wide, "curve", name, *by, *([wide.calendar.value] if panel.calendar else [])))
