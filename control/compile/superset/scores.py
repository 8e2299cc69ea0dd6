"""Score lines: several indicators, a line each, against their targets."""

from __future__ import annotations

from typing import Any

from control.compile.superset.chart import Chart, in_period, query
from control.compile.superset.dataset import TIME_COLUMN
from control.compile.superset.figure import figure_params, judged_metrics, judged_params
from control.compile.superset.indicator import calendar_key, chart_key, heading_of, listed, narrowed_by, of_measures
from control.compile.superset.reach import reach
from control.compile.superset.wide import CALENDAR_NAMES, Wide
from datasets.model.dashboard import Panel

LINE_HEIGHT = 7
FRAME_HEIGHT = 12
PHONE_LINE_HEIGHT = 9
PERIODS = 60


def scores(wide: Wide, panel: Panel) -> Chart:
    """Indicators of one calendar, a line each: value, bar against its target, state in words, change."""
    names = panel.own_indicators
    filters = [of_measures(wide, names), in_period(reach(wide.calendar).tile)]
    metrics = list(dict.fromkeys(metric for name in names for metric in judged_metrics(wide, name)))
    return Chart(
        contract=wide.contract,
        key=chart_key(wide, "scores", *names, *calendar_key(wide, panel)),
        title=listed(wide, f"{heading_of(panel, _heading(wide))} ({wide.indicator(names[0]).title} và {len(names) - 1} chỉ số khác)"),
        heading=heading_of(panel, _heading(wide)),
        dataset=wide.uuid,
        params={
            "adhoc_filters": filters,
            "calendar": wide.calendar.value,
            "lines": [_line(wide, name) for name in names],
            "metrics": metrics,
            "row_limit": PERIODS,
            "viz_type": "ioc_scores",
            "x_axis": TIME_COLUMN,
        },
        height=FRAME_HEIGHT + LINE_HEIGHT * len(names),
        phone_height=FRAME_HEIGHT + PHONE_LINE_HEIGHT * len(names),
        narrowed_by=narrowed_by(wide, names),
        queries=(query([TIME_COLUMN], metrics, filters, PERIODS, [(TIME_COLUMN, False)]),),
    )


def _heading(wide: Wide) -> str:
    return f"So với mục tiêu theo {CALENDAR_NAMES[wide.calendar]}"


def _line(wide: Wide, name: str) -> dict[str, Any]:
    indicator = wide.indicator(name)
    return {**figure_params(wide, name), **judged_params(wide, name), "title": indicator.short or indicator.title}
