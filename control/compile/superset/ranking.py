"""Rankings: units, agencies or other parts as bars."""

from __future__ import annotations

from control.compile.superset.chart import Chart, condition, having, in_period, query
from control.compile.superset.dataset import TIME_COLUMN
from control.compile.superset.figure import ROWS, figure_params, judged_metrics, judged_params
from control.compile.superset.indicator import chart_key, grouped_by, heading_of, listed, narrowed_by, noun, of_measures
from control.compile.superset.reach import reach
from control.compile.superset.wide import Wide, indicator_description
from datasets.model.dashboard import Panel

RANKING_HEIGHT = 60
PHONE_RANKING_HEIGHT = 66


def ranking(wide: Wide, panel: Panel) -> Chart:
    """Units, agencies or other parts as bars for the last period, the worst first, or the highest when neither side is worse."""
    name, by = panel.own_indicators[0], panel.by or "unit"
    indicator = wide.indicator(name)
    column, what = grouped_by(wide, by), noun(wide, name, by)
    filters = [of_measures(wide, [name]), in_period(reach(wide.calendar).map), having(f"({wide.formulas[name].metric}) IS NOT NULL")]
    if by == "unit":
        filters.append(condition("unit_level", "==", wide.level(name).value))
    title = indicator.short or indicator.title
    return Chart(
        contract=wide.contract,
        key=chart_key(wide, "ranking", name, by, *([wide.calendar.value] if panel.calendar else [])),
        title=listed(wide, f"{indicator.title}: xếp hạng theo {what}"),
        heading=heading_of(panel, f"{title}: xếp hạng" if what in title else f"{title}: xếp hạng theo {what}"),
        dataset=wide.uuid,
        params={
            **figure_params(wide, name),
            **judged_params(wide, name),
            "adhoc_filters": filters,
            "group": column,
            "row_limit": ROWS,
            "viz_type": "ioc_ranking",
            "x_axis": TIME_COLUMN,
        },
        height=RANKING_HEIGHT,
        phone_height=PHONE_RANKING_HEIGHT,
        description=indicator_description(indicator),
        narrowed_by=narrowed_by(wide, [name]),
        emits=column,
        queries=(query([column, TIME_COLUMN], judged_metrics(wide, name), filters, ROWS, [(TIME_COLUMN, False)]),),
    )
