"""Tiles: one figure, read from afar."""

from __future__ import annotations

from control.compile.superset.chart import Chart, in_period
from control.compile.superset.dataset import TIME_COLUMN
from control.compile.superset.figure import judged_metrics, judged_params
from control.compile.superset.figure_chart import Asked, Frame, figure_chart
from control.compile.superset.indicator import of_measures
from control.compile.superset.reach import reach
from control.compile.superset.wide import Wide

TILE = Frame("tile", height=44, phone_height=33, rows=60)


def tile(wide: Wide, name: str) -> Chart:
    """The last value of an indicator, its period, target, change and course."""
    indicator = wide.indicator(name)
    filters = [of_measures(wide, [name]), in_period(reach(wide.calendar).tile)]
    return figure_chart(
        TILE,
        wide,
        name,
        Asked([TIME_COLUMN], judged_metrics(wide, name), filters),
        key=[],
        title=f"{indicator.title}: ô số",
        heading=indicator.short or indicator.title,
        told=judged_params(wide, name),
    )
