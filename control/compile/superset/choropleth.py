"""Maps: an indicator by unit, in classes of colour."""

from __future__ import annotations

from control.compile.superset.chart import Chart, condition, in_period, query
from control.compile.superset.dataset import TIME_COLUMN
from control.compile.superset.figure import ROWS, figure_params
from control.compile.superset.indicator import (
    LEVEL_NAMES,
    UNIT_COLUMN,
    calendar_key,
    chart_key,
    heading_of,
    listed,
    narrowed_by,
    of_measures,
)
from control.compile.superset.reach import reach
from control.compile.superset.wide import Wide, firmness_name, indicator_description
from datasets.model.dashboard import Panel
from datasets.model.formula import metric_name

MAP_HEIGHT = 60
PHONE_MAP_HEIGHT = 60


def choropleth(wide: Wide, panel: Panel) -> Chart:
    """An indicator by unit on the map, the last period first."""
    name = panel.own_indicators[0]
    indicator = wide.indicator(name)
    level = wide.level(name)
    filters = [of_measures(wide, [name]), in_period(reach(wide.calendar).map)]
    at_level = condition("unit_level", "==", level.value)
    firmness = firmness_name(wide, name)
    metrics = [metric_name(name), *([firmness] if firmness else [])]
    return Chart(
        contract=wide.contract,
        key=chart_key(wide, "map", name, *calendar_key(wide, panel)),
        title=listed(wide, f"{indicator.title}: bản đồ"),
        heading=heading_of(
            panel, indicator.title if LEVEL_NAMES[level] in indicator.title else f"{indicator.title} theo {LEVEL_NAMES[level]}"
        ),
        dataset=wide.uuid,
        params={
            **figure_params(wide, name),
            "adhoc_filters": filters,
            "classes": 5,
            "level": level.value,
            "viz_type": "ioc_choropleth",
        },
        height=MAP_HEIGHT,
        phone_height=PHONE_MAP_HEIGHT,
        description=indicator_description(indicator),
        narrowed_by=narrowed_by(wide, [name]),
        emits=UNIT_COLUMN,
        queries=(query(["unit_id", "unit_code", "unit_name", TIME_COLUMN], metrics, [*filters, at_level], ROWS, [(TIME_COLUMN, False)]),),
    )
