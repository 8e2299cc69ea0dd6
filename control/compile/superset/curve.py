"""Curves: an indicator as columns over time, the last days shaded because reports of them are still coming in."""

from __future__ import annotations

from control.compile.superset.chart import Chart, in_period, query
from control.compile.superset.dataset import TIME_COLUMN
from control.compile.superset.figure import figure_params
from control.compile.superset.indicator import chart_key, grouped_by, heading_of, listed, narrowed_by, noun, of_measures
from control.compile.superset.reach import reach
from control.compile.superset.wide import CALENDAR_NAMES, Wide, indicator_description
from datasets.model.dashboard import Panel

CURVE_HEIGHT = 60
PHONE_CURVE_HEIGHT = 54
ROWS = 10_000


def curve(wide: Wide, panel: Panel) -> Chart:
    """Columns over time, stacked when they are for several parts."""
    name = panel.own_indicators[0]
    indicator = wide.indicator(name)
    column = grouped_by(wide, panel.by) if panel.by else None
    filters = [of_measures(wide, [name]), in_period(reach(wide.calendar).trend)]
    what = f" theo {noun(wide, name, panel.by)}" if panel.by else ""
    params = figure_params(wide, name)
    asked = [TIME_COLUMN, *([column] if column else [])]
    return Chart(
        contract=wide.contract,
        key=chart_key(wide, "curve", name, *([panel.by] if panel.by else []), *([wide.calendar.value] if panel.calendar else [])),
        title=listed(wide, f"{indicator.title}{what}: đường cong theo {CALENDAR_NAMES[wide.calendar]}"),
        heading=heading_of(panel, f"{indicator.title}{what}"),
        dataset=wide.uuid,
        params={
            **params,
            "adhoc_filters": filters,
            **({"group": column} if column else {}),
            "row_limit": ROWS,
            "shaded": panel.shaded or 0,
            "viz_type": "ioc_curve",
            "x_axis": TIME_COLUMN,
        },
        height=CURVE_HEIGHT,
        phone_height=PHONE_CURVE_HEIGHT,
        description=indicator_description(indicator),
        narrowed_by=narrowed_by(wide, [name]),
        emits=column,
        queries=(query(asked, [params["metric"]], filters, ROWS, [(TIME_COLUMN, False)]),),
    )
