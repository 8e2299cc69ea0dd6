"""Charts of a dashboard's panels over the wide views: tiles, rankings and maps, and trends beside them."""

from __future__ import annotations

from typing import Any

from control.compile.superset.chart import Chart, condition, having, in_period, query
from control.compile.superset.dataset import TIME_COLUMN
from control.compile.superset.indicator import (
    LEVEL_NAMES,
    UNIT_COLUMN,
    chart_key,
    grouped_by,
    heading_of,
    listed,
    narrowed_by,
    noun,
    of_measures,
)
from control.compile.superset.reach import reach
from control.compile.superset.trend import trend
from control.compile.superset.wide import (
    Wide,
    counted_parts,
    counted_title,
    denominator_name,
    indicator_description,
    numerator_name,
    target_name,
)
from datasets.model.calendar_name import Calendar
from datasets.model.dashboard import Panel
from datasets.model.formula import metric_name, target_metric
from datasets.model.indicator import Indicator, Target

TILE_HEIGHT = 40
RANKING_HEIGHT = 60
MAP_HEIGHT = 60
PHONE_TILE_HEIGHT = 31
PHONE_MAP_HEIGHT = 60
PHONE_RANKING_HEIGHT = 66

STATUSES = ("estimate", "preliminary", "official")
"""Least firm first."""
ROWS = 8000
"""That a map or a ranking asks for: all units over the periods that one may step back to."""


def figure_params(wide: Wide, name: str) -> dict[str, Any]:
    """What all of our chart types are told of an indicator."""
    indicator = wide.indicator(name)
    return {
        "calendar": wide.calendar.value,
        "decimals": indicator.decimals,
        "direction": indicator.direction,
        "indicator": f"{wide.contract.name}.{name}",
        "metric": metric_name(name),
        "status": status_of(wide, name),
        "unit": indicator.unit,
    }


def status_of(wide: Wide, name: str) -> str:
    """How firm an indicator's figures are: as the least firm of what they are made of."""
    return min((part.resource.status for part in wide.parts_of(name)), key=STATUSES.index)


def judged_params(wide: Wide, name: str) -> dict[str, Any]:
    """What a chart that holds an indicator against its target is told beside: the target, the amber band, and what is counted."""
    indicator, share = wide.indicator(name), wide.formulas[name].share
    last = last_target(indicator)
    params: dict[str, Any] = {
        "target_metric": target_name(name) if target_metric(indicator) is not None else None,
        "target_proposed": last is not None and last.basis.kind == "proposed",
    }
    if last is not None and last.amber is not None:
        params["amber"] = last.amber
    if share is None:
        return params
    if share.denominator is None:
        return {**params, "is_count": True}
    params |= {"numerator_metric": numerator_name(name), "denominator_metric": denominator_name(name), "scale": share.scale}
    for side, sql in (("numerator", share.numerator), ("denominator", share.denominator)):
        units = {part.unit for part in counted_parts(wide, name, sql)}
        params |= {f"{side}_title": counted_title(wide, name, sql), f"{side}_unit": units.pop() or "" if len(units) == 1 else ""}
    return params


def judged_metrics(wide: Wide, name: str) -> list[str]:
    """Metrics that such a chart asks for."""
    params = judged_params(wide, name)
    asked = (params.get(key) for key in ("target_metric", "numerator_metric", "denominator_metric"))
    return [metric_name(name), *(metric for metric in asked if metric)]


def last_target(indicator: Indicator) -> Target | None:
    """The province-wide target that was set last: what is said of a target (proposed, amber) is said of this one."""
    return max((t for t in indicator.targets if t.unit is None), key=lambda t: t.from_, default=None)


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


def ranking(wide: Wide, name: str, by: str, panel: Panel) -> Chart:
    """Units, agencies or other parts as bars for the last period, the worst first, or the highest when neither side is worse."""
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


def choropleth(wide: Wide, name: str, panel: Panel) -> Chart:
    """An indicator by unit on the map, the last period first."""
    indicator = wide.indicator(name)
    level = wide.level(name)
    filters = [of_measures(wide, [name]), in_period(reach(wide.calendar).map)]
    at_level = condition("unit_level", "==", level.value)
    metric = metric_name(name)
    return Chart(
        contract=wide.contract,
        key=chart_key(wide, "map", name, *([wide.calendar.value] if panel.calendar else [])),
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
        queries=(query(["unit_id", "unit_code", "unit_name", TIME_COLUMN], [metric], [*filters, at_level], ROWS, [(TIME_COLUMN, False)]),),
    )


def panel_chart(views: dict[Calendar, Wide], panel: Panel) -> Chart:
    """The chart of a trend, ranking or map. Raises KeyError for an indicator that has no view by that calendar."""
    name = panel.indicators[0]
    calendar = panel.calendar or next(c for c, wide in views.items() if name in wide.formulas and c == wide.formulas[name].calendars[0])
    wide = views[calendar]
    if panel.trend is not None:
        return trend(wide, panel.indicators, panel.by, panel)
    if panel.ranking is not None:
        return ranking(wide, name, panel.by or "unit", panel)
    return choropleth(wide, name, panel)
