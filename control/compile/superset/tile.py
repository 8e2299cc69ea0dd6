"""Tiles: one figure, read from afar."""

from __future__ import annotations

from control.compile.superset.chart import Chart, in_period, query
from control.compile.superset.dataset import TIME_COLUMN
from control.compile.superset.figure import figure_params, judged_metrics, judged_params
from control.compile.superset.indicator import chart_key, listed, narrowed_by, of_measures
from control.compile.superset.reach import reach
from control.compile.superset.wide import Wide, indicator_description

TILE_HEIGHT = 44
PHONE_TILE_HEIGHT = 33


def tile(wide: Wide, name: str) -> Chart:
    """The last value of an indicator, its period, target, change and course."""
    indicator = wide.indicator(name)
    filters = [of_measures(wide, [name]), in_period(reach(wide.calendar).tile)]
    return Chart(
        contract=wide.contract,
        key=chart_key(wide, "tile", name),
        title=listed(wide, f"{indicator.title}: ô số"),
        heading=indicator.short or indicator.title,
        dataset=wide.uuid,
        params={
            **figure_params(wide, name),
            **judged_params(wide, name),
            "adhoc_filters": filters,
            "row_limit": 60,
            "viz_type": "ioc_tile",
            "x_axis": TIME_COLUMN,
        },
        height=TILE_HEIGHT,
        phone_height=PHONE_TILE_HEIGHT,
        description=indicator_description(indicator),
        narrowed_by=narrowed_by(wide, [name]),
        queries=(query([TIME_COLUMN], judged_metrics(wide, name), filters, 60, [(TIME_COLUMN, False)]),),
    )
