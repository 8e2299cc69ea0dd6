"""Curves: an indicator as columns over time, the last days shaded because reports of them are still coming in."""

from __future__ import annotations

from control.compile.superset.chart import Chart, in_period
from control.compile.superset.dataset import TIME_COLUMN
from control.compile.superset.figure_chart import Asked, Frame, figure_chart
from control.compile.superset.indicator import calendar_key, grouped_by, heading_of, noun, of_measures
from control.compile.superset.reach import reach
from control.compile.superset.wide import CALENDAR_NAMES, Wide
from datasets.model.dashboard import Panel
from datasets.model.formula import metric_name

CURVE = Frame("curve", height=60, phone_height=54, rows=10_000)


def curve(wide: Wide, panel: Panel) -> Chart:
    """Columns over time, stacked when they are for several parts."""
    name = panel.own_indicators[0]
    indicator = wide.indicator(name)
    column = grouped_by(wide, panel.by) if panel.by else None
    filters = [of_measures(wide, [name]), in_period(reach(wide.calendar).trend)]
    what = f" theo {noun(wide, name, panel.by)}" if panel.by else ""
    return figure_chart(
        CURVE,
        wide,
        name,
        Asked([TIME_COLUMN, *([column] if column else [])], [metric_name(name)], filters),
        key=[*([panel.by] if panel.by else []), *calendar_key(wide, panel)],
        title=f"{indicator.title}{what}: đường cong theo {CALENDAR_NAMES[wide.calendar]}",
        heading=heading_of(panel, f"{indicator.title}{what}"),
        told={"shaded": panel.shaded or 0, **({"group": column} if column else {})},
        emits=column,
    )
