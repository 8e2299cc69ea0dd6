"""Rankings: units, agencies or other parts as bars."""

from __future__ import annotations

from control.compile.superset.chart import Chart, condition, having, in_period
from control.compile.superset.dataset import TIME_COLUMN
from control.compile.superset.figure import ROWS, judged_metrics, judged_params
from control.compile.superset.figure_chart import Asked, Frame, figure_chart
from control.compile.superset.indicator import calendar_key, grouped_by, heading_of, noun, of_measures
from control.compile.superset.reach import reach
from control.compile.superset.wide import Wide
from datasets.model.dashboard import Panel

RANKING = Frame("ranking", height=60, phone_height=66, rows=ROWS)


def ranking(wide: Wide, panel: Panel) -> Chart:
    """Units, agencies or other parts as bars for the last period, the worst first, or the highest when neither side is worse."""
    name, by = panel.own_indicators[0], panel.by or "unit"
    indicator = wide.indicator(name)
    column, what = grouped_by(wide, by), noun(wide, name, by)
    filters = [of_measures(wide, [name]), in_period(reach(wide.calendar).map), having(f"({wide.formulas[name].metric}) IS NOT NULL")]
    if by == "unit":
        filters.append(condition("unit_level", "==", wide.level(name).value))
    title = indicator.short or indicator.title
    return figure_chart(
        RANKING,
        wide,
        name,
        Asked([column, TIME_COLUMN], judged_metrics(wide, name), filters),
        key=[by, *calendar_key(wide, panel)],
        title=f"{indicator.title}: xếp hạng theo {what}",
        heading=heading_of(panel, f"{title}: xếp hạng" if what in title else f"{title}: xếp hạng theo {what}"),
        told={**judged_params(wide, name), "group": column},
        emits=column,
    )
